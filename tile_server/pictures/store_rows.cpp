#include "tile_server/pictures/store_rows.hpp"

#include "gis_core/cql2/geos.hpp"
#include "gis_core/error.hpp"
#include "tile_server/pictures/sql/statements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <tuple>

namespace tile_server {
namespace {

using gis_core::Date;
using gis_core::MercatorBox;
using gis_core::layers::LayerKind;

constexpr std::array kUnits{"provinces", "districts", "communes"};
constexpr std::array kLayers{"rivers", "shoreline", "zones", "producers", "sales_points", "products"};

GridBox grid_box(MercatorBox const& box) { return {to_grid(box.west), to_grid(box.south), to_grid(box.east), to_grid(box.north)}; }

std::string_view text_of(Column const& column, std::uint32_t row) {
    auto const number = column.text_number(row);
    return number < column.texts().size() ? column.texts()[number] : std::string_view{};
}

double number_in(Column const& column, std::uint32_t row) {
    auto const value = column.in_tile(row);
    if (!value) return 0;
    if (auto const* whole = std::get_if<std::int64_t>(&*value)) return static_cast<double>(*whole);
    return std::get<double>(*value);
}

/// WKB in EPSG:3857 of outlines on the grid.
class WkbWriter {
public:
    explicit WkbWriter(bool are_lines) : are_lines_{are_lines} {
        begin(are_lines ? 5 : 6);
        count_at_ = bytes_.size();
        put(std::uint32_t{0});
    }
    /// is_clockwise: rings are turned, exteriors clockwise and holes the other way; else they stay as they are.
    void add(GridShapeView shape, bool is_clockwise = false) {
        std::size_t rings_at = 0;
        std::uint32_t rings = 0;
        for (std::size_t i = 0; i < shape.size();) {
            bool const is_hole = shape[i] < 0;
            auto const count = static_cast<std::size_t>(std::abs(shape[i]));
            auto const ring = shape.subspan(i + 1, 2 * count);
            i += 1 + 2 * count;
            if (!is_hole) {
                ++parts_;
                begin(are_lines_ ? 2 : 3);
                rings_at = bytes_.size();
                rings = 0;
                if (!are_lines_) put(std::uint32_t{0});
            }
            if (!are_lines_) {
                ++rings;
                std::memcpy(bytes_.data() + rings_at, &rings, sizeof rings);
            }
            put(static_cast<std::uint32_t>(count));
            put_positions(ring, is_clockwise && is_ring_clockwise(ring) == is_hole);
        }
    }
    bool is_empty() const { return parts_ == 0; }
    std::string take() {
        std::memcpy(bytes_.data() + count_at_, &parts_, sizeof parts_);
        return std::move(bytes_);
    }

private:
    void begin(std::uint32_t type) {
        put(std::uint8_t{1});  // little-endian
        put(type);
    }
    template <typename Value>
    void put(Value value) {
        bytes_.append(reinterpret_cast<char const*>(&value), sizeof value);
    }
    void put_positions(GridShapeView ring, bool is_turned) {
        auto const count = ring.size() / 2;
        auto const at = bytes_.size();
        bytes_.resize(at + 16 * count);
        auto* out = bytes_.data() + at;
        for (std::size_t n = 0; n < count; ++n) {
            auto const i = 2 * (is_turned ? count - 1 - n : n);
            double const position[] = {ring[i] * kGridStep_m, ring[i + 1] * kGridStep_m};
            std::memcpy(out, position, sizeof position);
            out += sizeof position;
        }
    }
    static bool is_ring_clockwise(GridShapeView ring) {
        double twice = 0;
        double const x0 = ring[0], y0 = ring[1];
        for (std::size_t i = 0; i + 3 < ring.size(); i += 2) {
            twice += (ring[i] - x0) * (ring[i + 3] - y0) - (ring[i + 2] - x0) * (ring[i + 1] - y0);
        }
        return twice < 0;
    }

    bool are_lines_;
    std::string bytes_;
    std::size_t count_at_ = 0;
    std::uint32_t parts_ = 0;
};

std::string wkb_of(GridShapeView shape, bool is_line = false) {
    WkbWriter writer{is_line};
    writer.add(shape);
    return writer.take();
}

/// A row of a version, in the order of its key.
struct Found {
    std::int64_t key;
    Segment const* segment;
    std::uint32_t row;
};

std::vector<Found> search(LayerVersion const& version, MercatorBox const& box, DayNumber day) {
    std::vector<Found> out;
    version.search(grid_box(box), day, [&](Segment const& segment, std::uint32_t row) { out.push_back({segment.key(row), &segment, row}); });
    std::sort(out.begin(), out.end(), [](Found const& a, Found const& b) { return a.key < b.key; });
    return out;
}

constexpr double kWorld = gis_core::kMercatorHalfWidth_m;
constexpr MercatorBox kEverywhere{-kWorld, -kWorld, kWorld, kWorld};

}  // namespace

class StoreRows::Rows : public SceneRows {
public:
    Rows(StoreRows& source, Versions versions, Date day, std::map<std::string, Date> days, std::shared_ptr<UnitFigures const> figures)
        : source_{source}, versions_{std::move(versions)}, day_{day}, days_{std::move(days)}, figures_{std::move(figures)} {}

    UnitRows units(std::string const& level, MercatorBox const& box, int outline_zoom) override {
        auto const& version = *versions_.at(level == "province" ? "provinces" : level + "s");
        UnitRows out{level, {}, false, {}};
        auto const shown = days_.find(level);
        if (shown == days_.end()) return out;
        out.day = shown->second.iso();
        out.is_former = shown->second != day_;
        auto const& layer = version.layer();
        auto const name = column_number(layer, "name"), short_name = column_number(layer, "short_name");
        auto const level_number = outline_zoom > layer.max_zoom ? 0 : level_for(layer, outline_zoom);
        auto const places = source_.label_places(version);
        auto const near = grid_box(box);
        for (auto const& [key, segment, row] : search(version, kEverywhere, number_of(shown->second))) {
            auto& unit = out.units.emplace_back();
            unit.key = key;
            unit.name = text_of(segment->column(name), row);
            unit.short_name = text_of(segment->column(short_name), row);
            if (auto const place = places->find(key); place != places->end()) unit.has_label = true, unit.x = place->second.x, unit.y = place->second.y;
            auto const record = segment->shape(row, 0);
            auto const extent = box_of(record);
            unit.width_m = (static_cast<double>(extent.east) - extent.west) * kGridStep_m;
            if (!extent.touches(near)) continue;
            auto const outline = segment->shape(row, level_number);
            unit.outline = wkb_of(outline.empty() ? record : outline);
        }
        return out;
    }
    std::vector<std::string> former_lines(UnitRows const& level, int outline_zoom) override {
        return source_.former_lines(*versions_.at(level.level + "s"), level.day, outline_zoom);
    }
    std::shared_ptr<UnitFigures const> figures(UnitRows const&, std::string const&) override { return figures_; }
    ContextLines lines(MercatorBox const& box) override {
        auto const of = [&](char const* layer) {
            std::vector<std::string> out;
            for (auto const& [key, segment, row] : search(*versions_.at(layer), box, number_of(day_))) out.push_back(wkb_of(segment->shape(row, 0), true));
            return out;
        };
        return {of("rivers"), of("shoreline")};
    }
    std::vector<Shape> small_zones(MercatorBox const& box, double area_ha, bool are_coarse) override {
        auto const& version = *versions_.at("zones");
        auto const crop = column_number(version.layer(), "crop"), area = column_number(version.layer(), "area_ha");
        std::map<std::string, WkbWriter> by_crop;
        for (auto const& [key, segment, row] : search(version, box, number_of(day_))) {
            if (number_in(segment->column(area), row) >= area_ha) continue;
            by_crop.try_emplace(std::string{text_of(segment->column(crop), row)}, false).first->second.add(segment->shape(row, are_coarse ? 1 : 0), true);
        }
        std::vector<Shape> out;
        for (auto& [name, outlines] : by_crop) out.push_back({outlines.take(), std::nullopt, false, name, true});
        return out;
    }
    std::vector<ZoneRow> zones(MercatorBox const& box, double area_ha, bool with_names) override {
        auto const& version = *versions_.at("zones");
        auto const crop = column_number(version.layer(), "crop"), area = column_number(version.layer(), "area_ha"), name = column_number(version.layer(), "name");
        auto const found = search(version, box, number_of(day_));
        std::vector<ZoneRow> out;
        std::map<Segment const*, std::pair<std::vector<std::uint32_t>, std::vector<std::size_t>>> wanted;  // rows of a segment, and where they stand in out
        for (auto const& [key, segment, row] : found) {
            auto const size = number_in(segment->column(area), row);
            if (size < area_ha && !with_names) continue;
            if (with_names) {
                auto& [rows, places] = wanted[segment];
                rows.push_back(row);
                places.push_back(out.size());
            }
            out.push_back({key, std::string{text_of(segment->column(name), row)}, std::string{text_of(segment->column(crop), row)}, size,
                           size < area_ha ? std::string{} : wkb_of(segment->shape(row, 0)), 0, 0});
        }
        for (auto const& [segment, rows] : wanted) {
            auto const points = source_.points_inside(segment == version.base.get() ? version.base : version.delta, rows.first);
            for (std::size_t i = 0; i < points.size(); ++i) out[rows.second[i]].x = points[i].x, out[rows.second[i]].y = points[i].y;
        }
        return out;
    }
    std::vector<Marker> places(MercatorBox const& box) override {
        std::vector<Marker> out;
        for (auto const& [layer, icon] : {std::pair{"producers", "producer"}, {"sales_points", "sales-point"}}) {
            versions_.at(layer)->search(grid_box(box), number_of(day_), [&, icon = icon](Segment const& segment, std::uint32_t row) {
                out.push_back({segment.point(row).x_m, segment.point(row).y_m, 1, 0, icon});
            });
        }
        std::sort(out.begin(), out.end(), [](Marker const& a, Marker const& b) { return std::tie(b.y, a.x, a.icon) < std::tie(a.y, b.x, b.icon); });
        return out;
    }
    std::vector<ProductCell> products(MercatorBox const& box, double cell_m) override {
        auto const& version = *versions_.at("products");
        auto const star = column_number(version.layer(), "star"), name = column_number(version.layer(), "name");
        struct Cell {
            std::int64_t count = 0, key = std::numeric_limits<std::int64_t>::max();
            double x = 0, y = 0;
            int star = 0;
            Segment const* segment = nullptr;
            std::uint32_t row = 0;
        };
        auto const first_x = std::llround(box.west / cell_m), first_y = std::llround(box.south / cell_m);
        auto const columns = static_cast<std::size_t>(std::llround(box.east / cell_m) - first_x),
                   rows = static_cast<std::size_t>(std::llround(box.north / cell_m) - first_y);
        std::vector<Cell> cells(columns * rows);
        version.search(grid_box(box), number_of(day_), [&](Segment const& segment, std::uint32_t row) {
            auto const& point = segment.point(row);
            if (point.x_m < box.west || point.x_m >= box.east || point.y_m < box.south || point.y_m >= box.north) return;
            auto const x = static_cast<std::size_t>(std::floor(point.x_m / cell_m) - static_cast<double>(first_x));
            auto const y = static_cast<std::size_t>(std::floor(point.y_m / cell_m) - static_cast<double>(first_y));
            if (x >= columns || y >= rows) return;
            auto& cell = cells[y * columns + x];
            ++cell.count;
            cell.x += point.x_m;
            cell.y += point.y_m;
            cell.star = std::max(cell.star, static_cast<int>(number_in(segment.column(star), row)));
            if (segment.key(row) < cell.key) cell.key = segment.key(row), cell.segment = &segment, cell.row = row;
        });
        std::vector<ProductCell> out;
        for (auto y = rows; y-- > 0;) {
            for (std::size_t x = 0; x < columns; ++x) {
                auto const& cell = cells[y * columns + x];
                if (cell.count == 0) continue;
                auto const n = static_cast<double>(cell.count);
                out.push_back({{cell.x / n, cell.y / n, cell.count, cell.star, {}},
                               cell.count == 1 ? std::string{text_of(cell.segment->column(name), cell.row)} : std::string{}});
            }
        }
        return out;
    }

private:
    StoreRows& source_;
    Versions versions_;
    Date day_;
    std::map<std::string, Date> days_;  // whose units stand for a level
    std::shared_ptr<UnitFigures const> figures_;
};

std::unique_ptr<SceneRows> StoreRows::rows(MercatorBox const& box, Date day, std::string const& coloured, std::string const& measure) {
    Versions versions;
    std::map<std::string, Date> days;
    for (auto const* id : kUnits) {
        auto const& layer = *catalogue_.find_list(id).front();
        auto const version = store_.find(layer);  // names make room for each other everywhere
        if (!version) return nullptr;
        // The day itself, or the last one the level had.
        auto const wanted = number_of(day);
        for (auto const& span : version->spans) {
            if (span.since <= wanted && wanted < span.until) days[layer.level] = day;
            else if (span.until <= wanted && &span == &version->spans.back()) days[layer.level] = day_of(span.until - 1);
        }
        if (coloured == id && !days.contains(layer.level)) return nullptr;
        if (coloured == id && days.at(layer.level) != day && !layer.shows_former) return nullptr;
        versions.emplace(id, version);
    }
    // Tiles that are not much smaller than the box.
    auto const side = std::max(box.east - box.west, box.north - box.south);
    auto const zoom = static_cast<std::uint8_t>(std::clamp(std::floor(std::log2(2 * kWorld / side)), 0.0, 14.0));
    auto const number = [&](double along) {
        auto const count = static_cast<double>(1U << zoom);
        return static_cast<std::uint32_t>(std::clamp(std::floor((along + kWorld) / (2 * kWorld) * count), 0.0, count - 1));
    };
    for (auto const* id : kLayers) {
        auto const& layer = *catalogue_.find_list(id).front();
        std::shared_ptr<LayerVersion const> version;
        for (auto x = number(box.west); x <= number(box.east); ++x) {
            for (auto y = number(-box.north); y <= number(-box.south); ++y) {
                if (!(version = store_.find(layer, {zoom, x, y}))) return nullptr;
            }
        }
        versions.emplace(id, version);
    }
    if (measure != "products" && measure != "producers") return nullptr;
    auto const& level = catalogue_.find_list(coloured).front()->level;
    auto const counted = store_.figures().count(level, day, days.at(level));
    if (!counted) return nullptr;
    auto figures = std::make_shared<UnitFigures>();
    for (auto const& [unit, figure] : *counted) figures->emplace_hint(figures->end(), unit, measure == "products" ? figure.products : figure.producers);
    return std::make_unique<Rows>(*this, std::move(versions), day, std::move(days), std::move(figures));
}

std::shared_ptr<StoreRows::Places const> StoreRows::label_places(LayerVersion const& units) {
    auto const& level = units.layer().level;
    {
        std::lock_guard const lock{mutex_};
        if (auto const found = places_.find(level); found != places_.end() && found->second.first == units.number) return found->second.second;
    }
    auto places = std::make_shared<Places>();
    pool_.read("", [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        session.prepare(sql::picture_labels);
        for (auto const& row : tx.exec_prepared(sql::picture_labels.name, level))
            places->emplace(row[0].as<std::int64_t>(), Place{row[1].as<double>(), row[2].as<double>()});
    });
    std::lock_guard const lock{mutex_};
    places_[level] = {units.number, places};
    return places;
}

std::vector<std::string> StoreRows::former_lines(LayerVersion const& units, std::string const& day, int outline_zoom) {
    auto const& level = units.layer().level;
    auto const name = fmt::format("{} {} {}", level, day, outline_zoom);
    {
        std::lock_guard const lock{mutex_};
        if (auto const found = former_lines_.find(name); found != former_lines_.end() && found->second.first == units.number) return found->second.second;
    }
    auto lines = pool_.read("", [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        return rows_of_record(tx, session)->former_lines({level, day, true, {}}, outline_zoom);
    });
    std::lock_guard const lock{mutex_};
    former_lines_[name] = {units.number, lines};
    return lines;
}

std::vector<StoreRows::Place> StoreRows::points_inside(std::shared_ptr<Segment const> const& zones, std::vector<std::uint32_t> const& rows) {
    std::lock_guard const lock{inside_mutex_};
    std::erase_if(inside_, [](auto const& one) { return one.second.segment.expired(); });
    auto& known = inside_[zones.get()];
    known.segment = zones;
    known.points.resize(zones->size(), {std::nan(""), std::nan("")});
    std::vector<Place> out;
    gis_core::cql2::Geos geos;
    for (auto const row : rows) {
        auto& place = known.points[row];
        if (std::isnan(place.x)) {
            auto const shape = geos.from_wkb(wkb_of(zones->shape(row, 0)));
            gis_core::cql2::Geos::Shape const point{GEOSPointOnSurface_r(geos.context(), shape.get()), {geos.context()}};
            if (!point || GEOSGeomGetX_r(geos.context(), point.get(), &place.x) != 1 || GEOSGeomGetY_r(geos.context(), point.get(), &place.y) != 1) {
                place = {std::nan(""), std::nan("")};
                throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("zone {} has no point inside: {}", zones->key(row), geos.message())};
            }
        }
        out.push_back(place);
    }
    return out;
}

}  // namespace tile_server
