#include "tile_server/store/layer_store.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"
#include "tile_server/sql/statements.hpp"
#include "tile_server/store/day_cells.hpp"
#include "tile_server/store/snapshot.hpp"
#include "tile_server/tags.hpp"
#include "tile_server/template.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>
#include <pqxx/binarystring>
#include <pqxx/transaction>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace tile_server {

using namespace std::chrono_literals;
using gis_core::MercatorBox;
using gis_core::TileId;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;
using Clock = std::chrono::steady_clock;

namespace {

/// Changes that wait are gathered; from so many cells on the whole layer is read.
constexpr std::size_t kMostCells = 1000;
/// What is read again, as so many boxes at most.
constexpr std::size_t kMostBoxes = 32;
constexpr auto kFiles = 30s;           // between writings of files
constexpr char const* kUnknown = "0";  // a position before any
constexpr auto kIdle = 10s;            // then the connection is closed

/// No room in the budget.
struct TooLarge {};

void add(Cover& to, Cover const& cover) {
    to.whole = to.whole || cover.whole || to.cells.size() + cover.cells.size() > kMostCells;
    if (to.whole) to.cells.clear();
    else to.cells.insert(to.cells.end(), cover.cells.begin(), cover.cells.end());
}

bool is_empty(Cover const& cover) { return !cover.whole && cover.cells.empty(); }

MercatorBox grown(MercatorBox const& box, double metres) { return {box.west - metres, box.south - metres, box.east + metres, box.north + metres}; }

std::string statement_for(Layer const& layer) {
    std::string columns, levels, pivot;
    for (auto const* attribute : columns_of(layer)) columns += ", v." + attribute->name;
    auto const is_units = layer.kind == LayerKind::units;
    if (is_units) {
        for (int zoom = layer.min_zoom; zoom <= layer.max_zoom; ++zoom) {
            levels += fmt::format(", l.z{}", zoom);
            pivot += fmt::format("{}(array_agg(ST_AsBinary(l.geom)) FILTER (WHERE l.zoom = {}))[1] AS z{}", pivot.empty() ? "" : ", ", zoom, zoom);
        }
    } else if (!layer.coarse_column.empty()) {
        levels = fmt::format(", ST_AsBinary(t.{})", layer.coarse_column);
    }
    auto const day = [&](std::string const& column, char const* open) {
        if (is_units) return column.empty() ? fmt::format("DATE '{}'", open) : fmt::format("coalesce(v.{}, '{}')", column, open);
        return column.empty() ? std::string{"NULL::int"} : fmt::format("CASE WHEN isfinite(v.{0}) THEN v.{0} - DATE '1970-01-01' END", column);
    };
    auto const has_versions = !layer.version_view.empty();
    auto const& text = layer.kind == LayerKind::points ? sql::store_points.text : is_units ? sql::store_units.text : sql::store_shapes.text;
    return fill(text, {{"{key}", layer.key},
                       {"{geometry}", layer.geometry_column_3857},
                       {"{record}", layer.geometry_column},
                       {"{versions}", has_versions ? layer.version_view : layer.view},
                       {"{tile_view}", has_versions ? layer.version_view : layer.tile_view},
                       {"{since}", day(layer.since_column, "-infinity")},
                       {"{until}", day(layer.until_column, "infinity")},
                       {"{levels}", levels},
                       {"{pivot}", pivot},
                       {"{columns}", columns}});
}

std::string bytes_of(pqxx::field const& field) {
    if (field.is_null()) return {};
    pqxx::binarystring const bytes{field};
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

StoredRow to_row(pqxx::row const& row, Layer const& layer, std::vector<gis_core::layers::Attribute const*> const& columns) {
    StoredRow out;
    out.key = row[0].as<std::int64_t>();
    out.since = row[1].as<DayNumber>(kAlways);
    out.until = row[2].as<DayNumber>(kForEver);
    int first = 7;
    if (layer.kind == LayerKind::points) {
        out.x_m = row[3].as<double>();
        out.y_m = row[4].as<double>();
        out.lon = row[5].as<double>();
        out.lat = row[6].as<double>();
    } else {
        out.wkb = bytes_of(row[3]);
        auto const levels = static_cast<int>(levels_of(layer));
        for (int level = 0; level < levels; ++level) {
            auto const wkb = bytes_of(row[4 + level]);
            out.shapes.push_back(wkb.empty() ? GridShape{} : to_grid_shape(wkb));
        }
        first = 4 + levels;
    }
    for (std::size_t i = 0; i < columns.size(); ++i) out.values.push_back(value_of(row[first + static_cast<int>(i)], columns[i]->type));
    return out;
}

}  // namespace

LayerStore::LayerStore(Config config, gis_core::layers::Catalogue const& catalogue) : config_{std::move(config)}, figures_{config_.conninfo} {
    for (auto const& layer : catalogue.layers()) {
        auto& held = held_.emplace_back(std::make_unique<Held>(layer));
        held->statement = statement_for(layer);
        held->made_of = held->statement;
        for (auto const* attribute : columns_of(layer)) held->made_of += fmt::format("\n{} {}", attribute->name, to_string(attribute->type));
        if (config_.folder.empty()) continue;
        held->file = config_.folder / (layer.id + ".snapshot");
        if (std::filesystem::exists(held->file)) held->saved_at = kUnknown;
    }
}

LayerStore::~LayerStore() { stop(); }

void LayerStore::start() {
    figures_.start();
    for (auto& held : held_) held->thread = std::thread{[this, &held] { keep(*held); }};
    if (!config_.folder.empty()) files_thread_ = std::thread{[this] { keep_files(); }};
}

void LayerStore::stop() {
    stopping_ = true;
    figures_.stop();
    { std::lock_guard lock{files_mutex_}; }
    files_wake_.notify_all();
    if (files_thread_.joinable()) files_thread_.join();
    for (auto& held : held_) {
        {
            std::lock_guard lock{held->mutex};  // whoever looks before waiting sees it
        }
        held->wake.notify_all();
        if (held->thread.joinable()) held->thread.join();
    }
}

LayerStore::Held const* LayerStore::held(Layer const& layer) const {
    auto const found = std::find_if(held_.begin(), held_.end(), [&](auto const& held) { return &held->layer == &layer; });
    return found == held_.end() ? nullptr : found->get();
}

std::shared_ptr<LayerVersion const> LayerStore::find(Layer const& layer, TileId tile) const {
    auto const* const held = this->held(layer);
    if (held == nullptr) return nullptr;
    auto const margin = layer.kind == LayerKind::points ? 0 : kBufferMargin;
    std::lock_guard lock{held->mutex};
    if (held->is_from_file && !is_followed_) return nullptr;  // it may have changed since it was written
    return held->waiting.touches(tile, margin) || held->reading.touches(tile, margin) ? nullptr : held->version;
}

std::shared_ptr<LayerVersion const> LayerStore::find(Layer const& layer) const {
    auto const* const held = this->held(layer);
    if (held == nullptr) return nullptr;
    std::lock_guard lock{held->mutex};
    if (held->is_from_file && !is_followed_) return nullptr;
    return is_empty(held->waiting) && is_empty(held->reading) ? held->version : nullptr;
}

void LayerStore::touch(std::string const& layer, std::string const& table, Cover const& cover) {
    for (auto const& held : held_) {
        if (held->layer.id != layer) continue;
        if (held->layer.find_attribute("products") != nullptr) figures_.touch();
        auto const& depends = held->layer.depends;
        if (std::any_of(depends.begin(), depends.end(), [&](auto const& one) { return one.table == table && one.is_derived; })) continue;
        std::lock_guard lock{held->mutex};
        add(held->waiting, cover);
        held->wake.notify_one();
    }
}

void LayerStore::touch_everything() {
    for (auto const& held : held_) touch(held->layer.id, {}, Cover{true, {}});
}

bool LayerStore::is_settled() const {
    return figures_.is_settled() && std::all_of(held_.begin(), held_.end(), [&](auto const& held) {
               std::lock_guard lock{held->mutex};
               return is_empty(held->waiting) && is_empty(held->reading);
           });
}

void LayerStore::keep(Held& held) {
    auto const begun = Clock::now();
    if (auto version = held.file.empty() ? nullptr : read_snapshot(held.file, held.made_of, held.layer)) {
        try {
            charge(held, version->bytes());
            std::lock_guard lock{held.mutex};
            held.saved = version->number;
            held.version = std::move(version);
            held.is_from_file = true;
            held.is_unread = false;
            held.read_at = Clock::now();
            held.load_s = std::chrono::duration<double>(held.read_at - begun).count();
            gis_core::log::info("layer store: {} rows of {} from its file in {:.2f} s", held.version->rows(), held.layer.id, held.load_s);
        } catch (TooLarge const&) {
            gis_core::log::warn("layer store: the file of {} does not fit into {} MB", held.layer.id, config_.bytes >> 20U);
        }
    }
    std::optional<pqxx::connection> connection;
    auto idle_since = Clock::now();
    auto pause = 250ms;
    while (!stopping_) {
        Cover cover;
        {
            std::unique_lock lock{held.mutex};
            held.wake.wait_for(lock, 1s, [&] { return stopping_ || held.is_unread || !is_empty(held.waiting); });
            if (held.is_unread) add(held.waiting, {true, {}});
            held.reading = std::exchange(held.waiting, {});
            cover = held.reading;
        }
        if (is_empty(cover)) {
            if (connection && Clock::now() - idle_since > kIdle) connection.reset();
            continue;
        }
        try {
            if (!connection) {
                connection.emplace(config_.conninfo);
                connection->set_variable("application_name", "'ocopmap-tiles store'");
            }
            refresh(held, *connection, cover);
            pause = 250ms;
        } catch (std::exception const& error) {
            connection.reset();
            gis_core::log::warn("layer store, {}: {}; trying again", held.layer.id, error.what());
            std::unique_lock lock{held.mutex};
            add(held.waiting, std::exchange(held.reading, {}));
            held.wake.wait_for(lock, pause, [&] { return stopping_.load(); });
            pause = std::min<std::chrono::milliseconds>(pause * 2, 8000ms);
        }
        idle_since = Clock::now();
    }
}

void LayerStore::refresh(Held& held, pqxx::connection& connection, Cover const& cover) {
    auto const begun = Clock::now();
    auto const put = [&](std::shared_ptr<LayerVersion const> version, bool is_done) {
        std::lock_guard lock{held.mutex};
        std::swap(held.version, version);  // the old one goes after the lock
        if (!is_done) return;
        held.is_unread = false;
        held.reading = {};
        held.read_at = Clock::now();
        if (cover.whole) held.load_s = std::chrono::duration<double>(held.read_at - begun).count();
    };
    auto const number = held.version ? held.version->number : 0;
    try {
        if (cover.whole) {
            put(nullptr, false);  // nobody is given it any more: make room first
            held.is_from_file = false;
            charge(held, 0);
            constexpr double kWorld = 2 * gis_core::kMercatorHalfWidth_m;
            auto const base = read(held, connection, {{-kWorld, -kWorld, kWorld, kWorld}});
            auto const version = std::make_shared<LayerVersion>(LayerVersion::whole(number + 1, base));
            charge(held, version->bytes());
            put(version, true);
            gis_core::log::info("layer store: {} rows of {}, {:.1f} MB in {:.2f} s", base->size(), held.layer.id, static_cast<double>(version->bytes()) / 1e6,
                                held.load_s);
        } else if (held.version) {
            // The record is asked for a little more ground than is dropped here: its boxes are rounded.
            std::vector<MercatorBox> asked;
            std::vector<GridBox> dropped;
            for (auto const& tile : cover.summary(kMostBoxes)) {
                asked.push_back(grown(tile.bounds(), 2));
                auto const box = grown(tile.bounds(), 1);
                dropped.push_back({to_grid(box.west), to_grid(box.south), to_grid(box.east), to_grid(box.north)});
            }
            // A change of an outline covers only what differs: a unit that lost its part there does not touch the ground any more.
            if (held.layer.kind == LayerKind::units) {
                for (auto const& box : held.version->boxes_of_rows(dropped)) {
                    asked.push_back(grown({box.west * kGridStep_m, box.south * kGridStep_m, box.east * kGridStep_m, box.north * kGridStep_m}, 1));
                }
            }
            auto const fresh = read(held, connection, asked);
            auto const version = std::make_shared<LayerVersion>(held.version->with(dropped, *fresh));
            charge(held, version->bytes());
            put(version, true);
        } else {
            put(nullptr, true);  // not held
        }
    } catch (TooLarge const&) {
        put(nullptr, true);
        charge(held, 0);
        gis_core::log::warn("layer store: {} does not fit into {} MB and is served from the database", held.layer.id, config_.bytes >> 20U);
    }
}

std::shared_ptr<Segment> LayerStore::read(Held& held, pqxx::connection& connection, std::vector<MercatorBox> const& boxes) {
    std::array<std::vector<double>, 4> sides;
    for (auto const& box : boxes) {
        sides[0].push_back(box.west);
        sides[1].push_back(box.south);
        sides[2].push_back(box.east);
        sides[3].push_back(box.north);
    }
    auto const text = [](std::vector<double> const& numbers) { return fmt::format("{{{}}}", fmt::join(numbers, ",")); };
    pqxx::transaction<pqxx::repeatable_read, pqxx::read_only> tx{connection};
    tx.exec("SELECT set_config('cursor_tuple_fraction', '1', true)");
    auto const declare = "DECLARE store_rows NO SCROLL CURSOR FOR " + held.statement;
    if (held.layer.kind == LayerKind::units) tx.exec_params(declare, text(sides[0]), text(sides[1]), text(sides[2]), text(sides[3]), held.layer.level);
    else tx.exec_params(declare, text(sides[0]), text(sides[1]), text(sides[2]), text(sides[3]));
    auto const columns = columns_of(held.layer);
    auto out = std::make_shared<Segment>(held.layer);
    auto const kept = held.version ? held.version->bytes() : 0;
    std::set<std::pair<std::int64_t, std::string>> seen;  // versions, by the day of their beginning
    while (true) {
        auto const rows = tx.exec("FETCH 2000 FROM store_rows");
        for (auto const& row : rows) {
            if (boxes.size() == 1 || seen.emplace(row[0].as<std::int64_t>(), row[1].c_str()).second) out->add(to_row(row, held.layer, columns));
        }
        charge(held, kept + out->bytes());
        if (rows.empty() || stopping_) break;
    }
    out->close();
    return out;
}

/// \throws TooLarge when the budget has no room for it; what was charged before stays then.
void LayerStore::charge(Held& held, std::uint64_t bytes) {
    auto const beside = bytes_beside_rows();
    auto used = used_.load();
    do {
        if (bytes > held.charged && used - held.charged + bytes + beside > config_.bytes) throw TooLarge{};
    } while (!used_.compare_exchange_weak(used, used - held.charged + bytes));
    held.charged = bytes;
}

/// Of figures and of sums of days: small beside the rows, and made when they are asked for.
std::uint64_t LayerStore::bytes_beside_rows() const {
    auto out = figures_.bytes();
    for (auto const& held : held_) {
        std::shared_ptr<LayerVersion const> version;
        {
            std::lock_guard lock{held->mutex};
            version = held->version;
        }
        if (version) out += bytes_of(*version->days);
    }
    return out;
}

void LayerStore::follow(std::string const& from, std::string const& to) {
    std::lock_guard lock{files_mutex_};
    if (!is_followed_) {
        for (auto const& held : held_) {
            if (held->saved_at == kUnknown) held->saved_at = from;
        }
        is_followed_ = true;
    }
    position_ = to;
}

std::string LayerStore::oldest_needed(std::string const& position) const {
    std::lock_guard lock{files_mutex_};
    auto out = position;
    for (auto const& held : held_) {
        if (!held->saved_at.empty() && std::stoull(held->saved_at) < std::stoull(out)) out = held->saved_at;
    }
    return out;
}

void LayerStore::keep_files() {
    std::unique_lock lock{files_mutex_};
    while (!files_wake_.wait_for(lock, kFiles, [this] { return stopping_.load(); })) {
        lock.unlock();
        save();
        lock.lock();
    }
}

void LayerStore::save() {
    std::string position;
    {
        std::lock_guard lock{files_mutex_};
        position = position_;
    }
    if (position.empty()) return;  // nobody follows the record's changes
    bool is_written = false;
    for (auto const& held : held_) {
        if (held->file.empty()) continue;
        std::shared_ptr<LayerVersion const> version;
        {
            std::lock_guard lock{held->mutex};
            // What was touched up to the position has been read by now, or the file has to wait.
            if (held->is_unread || !is_empty(held->waiting) || !is_empty(held->reading)) continue;
            version = held->version;
        }
        auto saved_at = position;
        try {
            if (!version) {  // it does not fit
                std::filesystem::remove(held->file);
                saved_at.clear();
            } else if (held->saved != version->number) {
                write_snapshot(held->file, held->made_of, *version);
                held->saved = version->number;
                is_written = true;
            }
        } catch (std::exception const& error) {
            gis_core::log::warn("layer store: {}", error.what());
            std::error_code ignored;
            std::filesystem::remove(held->file, ignored);
            held->saved = 0;
            saved_at = ignored ? kUnknown : "";
        }
        std::lock_guard lock{files_mutex_};
        held->saved_at = saved_at;
    }
    if (is_written) ::malloc_trim(0);  // what reading and former versions took goes back to the system
}

std::string LayerStore::metrics() const {
    std::string rows = "# TYPE ocopmap_store_rows gauge\n", bytes = "# TYPE ocopmap_store_bytes gauge\n", version = "# TYPE ocopmap_store_version gauge\n",
                age = "# TYPE ocopmap_store_age_seconds gauge\n", load = "# TYPE ocopmap_store_load_seconds gauge\n",
                file = "# TYPE ocopmap_store_from_file gauge\n";
    for (auto const& held : held_) {
        std::shared_ptr<LayerVersion const> now;
        double seconds = 0, load_s = 0;
        bool is_from_file = false;
        {
            std::lock_guard lock{held->mutex};
            now = held->version;
            seconds = std::chrono::duration<double>(Clock::now() - held->read_at).count();
            load_s = held->load_s;
            is_from_file = held->is_from_file;
        }
        if (!now) continue;
        auto const& id = held->layer.id;
        rows += fmt::format("ocopmap_store_rows{{layer=\"{}\"}} {}\n", id, now->rows());
        bytes += fmt::format("ocopmap_store_bytes{{layer=\"{}\"}} {}\n", id, now->bytes());
        version += fmt::format("ocopmap_store_version{{layer=\"{}\"}} {}\n", id, now->number);
        age += fmt::format("ocopmap_store_age_seconds{{layer=\"{}\"}} {:.1f}\n", id, seconds);
        file += fmt::format("ocopmap_store_from_file{{layer=\"{}\"}} {:d}\n", id, is_from_file);
        load += fmt::format("ocopmap_store_load_seconds{{layer=\"{}\"}} {:.3f}\n", id, load_s);
    }
    return rows + bytes + version + age + load + file +
           fmt::format("# TYPE ocopmap_store_beside_rows_bytes gauge\nocopmap_store_beside_rows_bytes {}\n", bytes_beside_rows());
}

}  // namespace tile_server
