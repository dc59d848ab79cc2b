#include "tile_server/vector_source.hpp"

#include "gis_core/error.hpp"
#include "tile_server/mvt_writer.hpp"
#include "tile_server/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/binarystring>

#include <algorithm>
#include <cstring>

namespace tile_server {

using gis_core::Date;
using gis_core::TileId;
using gis_core::db::Session;
using gis_core::layers::Attribute;
using gis_core::layers::AttributeType;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

namespace {

/// Cells along one side of a tile: a cluster stands for 32 pixels of a tile drawn at 512.
constexpr int kCells = 16;

std::string fill(std::string text, std::initializer_list<std::pair<char const*, std::string>> const& values) {
    for (auto const& [name, value] : values) {
        for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) text.replace(at, std::strlen(name), value);
    }
    return text;
}

/// Points are planned for each tile: a generic plan would read the whole layer. Units are few, planning them costs more
/// than reading them.
void set_at(pqxx::transaction_base& tx, Date at, bool plans_each = false) {
    tx.exec_params("SELECT set_config('ocopmap.at', $1, true), set_config('plan_cache_mode', $2, true)", at.iso(),
                   plans_each ? "force_custom_plan" : "force_generic_plan");
}

std::optional<MvtValue> value_of(pqxx::field const& field, AttributeType type) {
    if (field.is_null()) return std::nullopt;
    switch (type) {
    case AttributeType::integer: return MvtValue{field.as<std::int64_t>()};
    case AttributeType::number: return MvtValue{field.as<double>()};
    case AttributeType::boolean: return MvtValue{field.as<bool>()};
    case AttributeType::text:
    case AttributeType::date: break;
    }
    return MvtValue{std::string{field.c_str(), field.size()}};
}

void add_tags(pqxx::row const& row, int first, std::vector<Attribute const*> const& columns, std::vector<MvtLayer::Tag>& tags) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (auto value = value_of(row[first + static_cast<int>(i)], columns[i]->type)) tags.push_back({columns[i]->name, std::move(*value)});
    }
}

gis_core::MercatorBox with_buffer(TileId tile) {
    auto const box = tile.bounds();
    auto const margin = (box.east - box.west) * kBuffer / kExtent;
    return {box.west - margin, box.south - margin, box.east + margin, box.north + margin};
}

}  // namespace

VectorSource::VectorSource(gis_core::db::Pool& pool, gis_core::layers::Catalogue const& catalogue) : pool_{pool} {
    for (auto const& layer : catalogue.layers()) {
        auto& queries = queries_[layer.id];
        std::string columns;
        for (auto const& attribute : layer.attributes) {
            if (!attribute.is_in_tiles || attribute.is_derived) continue;
            columns += ", v." + attribute.name;
            queries.columns.push_back(&attribute);
        }
        auto const filled = [&](char const* text, std::string const& view, std::string const& geometry) {
            return fill(text, {{"{key}", layer.key},
                               {"{geometry}", geometry},
                               {"{view}", view},
                               {"{tile_view}", layer.tile_view},
                               {"{columns}", columns},
                               {"{star}", layer.counts_by_star ? "t.star" : "NULL::int"}});
        };
        queries.name = "tile_" + layer.id;
        switch (layer.kind) {
        case LayerKind::units: queries.text = filled(sql::tile_units.text, layer.view, layer.geometry_column_3857); break;
        case LayerKind::points:
            queries.text = filled(sql::tile_points.text, layer.view, layer.geometry_column_3857);
            queries.cluster_name = queries.name + "_clusters";
            queries.cluster_text = filled(sql::tile_clusters.text, layer.view, layer.geometry_column_3857);
            break;
        case LayerKind::polygons:
        case LayerKind::lines:
            queries.text = filled(sql::tile_shapes.text, layer.tile_view, layer.geometry_column_3857);
            queries.coarse_name = queries.name + "_coarse";
            if (!layer.coarse_column.empty()) queries.coarse_text = filled(sql::tile_shapes.text, layer.tile_view, layer.coarse_column);
            break;
        }
    }
}

std::string VectorSource::render(std::vector<Layer const*> const& layers, TileId tile, Date at) {
    std::string out;
    pool_.read("", [&](pqxx::transaction_base& tx, Session& session) {
        for (auto const* layer : layers) {
            if (!layer->covers(tile)) continue;
            if (layer->kind != LayerKind::units) set_at(tx, at, true);
            switch (layer->kind) {
            case LayerKind::units: add_units(tx, session, *layer, tile, at, out); break;
            case LayerKind::polygons:
            case LayerKind::lines: add_shapes(tx, session, *layer, tile, out); break;
            case LayerKind::points: add_points(tx, session, *layer, tile, out); break;
            }
        }
    });
    return out;
}

void VectorSource::add_units(pqxx::transaction_base& tx, Session& session, Layer const& layer, TileId tile, Date at, std::string& out) {
    auto const reference = reference_day(tx, session, layer, at);
    auto const has_figures = layer.find_attribute("products") != nullptr;
    auto const counted = has_figures ? figures(tx, session, layer.level, at, reference) : nullptr;
    auto const& queries = queries_.at(layer.id);
    session.prepare({queries.name.c_str(), queries.text.c_str()});
    session.connection().prepare_now(queries.name);  // libpqxx waits for exec_prepared otherwise
    auto const box = with_buffer(tile);
    // The date and the query in one message: a round trip is a good part of a small tile.
    auto const rows =
        tx.exec(fmt::format("SELECT set_config('ocopmap.at', '{}', true), set_config('plan_cache_mode', 'force_generic_plan', true); EXECUTE {}({}, {}, "
                            "{:.6f}, {:.6f}, {:.6f}, {:.6f})",
                            reference.iso(), queries.name, tx.quote(layer.level), tile.z, box.west, box.south, box.east, box.north));
    MvtLayer tile_layer{layer.id};
    std::vector<MvtLayer::Tag> tags;
    for (auto const& row : rows) {
        auto const key = row[0].as<std::int64_t>();
        pqxx::binarystring const wkb{row[1]};
        tags.clear();
        add_tags(row, 3, queries.columns, tags);
        if (layer.find_attribute("in_force") != nullptr) tags.push_back({"in_force", reference == at});
        if (has_figures) {
            auto const found = counted->find(key);
            auto const figure = found == counted->end() ? Figure{} : found->second;
            tags.push_back({"products", std::int64_t{figure.products}});
            tags.push_back({"producers", std::int64_t{figure.producers}});
        }
        tile_layer.add_feature(static_cast<std::uint64_t>(key),
                               to_tile_geometry({reinterpret_cast<char const*>(wkb.data()), wkb.size()}, tile, row[2].as<bool>()), tags);
    }
    if (!tile_layer.is_empty()) tile_layer.write_to(out);
}

void VectorSource::add_shapes(pqxx::transaction_base& tx, Session& session, Layer const& layer, TileId tile, std::string& out) {
    auto const& queries = queries_.at(layer.id);
    auto const is_coarse = tile.z <= layer.coarse_zoom && !queries.coarse_text.empty();
    auto const& name = is_coarse ? queries.coarse_name : queries.name;
    session.prepare({name.c_str(), (is_coarse ? queries.coarse_text : queries.text).c_str()});
    auto const box = with_buffer(tile);
    MvtLayer tile_layer{layer.id};
    std::vector<MvtLayer::Tag> tags;
    for (auto const& row : tx.exec_prepared(name, box.west, box.south, box.east, box.north)) {
        if (row[1].is_null()) continue;
        pqxx::binarystring const wkb{row[1]};
        tags.clear();
        add_tags(row, 3, queries.columns, tags);
        tile_layer.add_feature(row[0].as<std::uint64_t>(), to_tile_geometry({reinterpret_cast<char const*>(wkb.data()), wkb.size()}, tile, false), tags);
    }
    if (!tile_layer.is_empty()) tile_layer.write_to(out);
}

void VectorSource::add_points(pqxx::transaction_base& tx, Session& session, Layer const& layer, TileId tile, std::string& out) {
    auto const& queries = queries_.at(layer.id);
    auto const clusters = tile.z < layer.max_zoom;
    auto const& name = clusters ? queries.cluster_name : queries.name;
    session.prepare({name.c_str(), (clusters ? queries.cluster_text : queries.text).c_str()});
    auto const box = with_buffer(tile);
    auto const size = 2 * gis_core::kMercatorHalfWidth_m / static_cast<double>(std::uint32_t{1} << tile.z);
    auto const x = static_cast<int>(tile.x), y = static_cast<int>(tile.y);
    auto const rows = clusters ? tx.exec_prepared(name, size / kCells, x * kCells, y * kCells, kCells, box.west, box.south, box.east, box.north)
                               : tx.exec_prepared(name, size, x, y, box.west, box.south, box.east, box.north);
    MvtLayer tile_layer{layer.id};
    std::vector<MvtLayer::Tag> tags;
    for (auto const& row : rows) {
        tags.clear();
        auto const count = row[3].as<std::int64_t>();
        std::optional<std::uint64_t> id;
        if (count > 1) {
            tags.push_back({"point_count", count});
            if (layer.counts_by_star) {
                tags.push_back({"star_3", row[4].as<std::int64_t>()});
                tags.push_back({"star_4", row[5].as<std::int64_t>()});
                tags.push_back({"star_5", row[6].as<std::int64_t>()});
            }
        } else {
            id = row[0].as<std::uint64_t>();
            add_tags(row, 7, queries.columns, tags);
        }
        tile_layer.add_feature(id, to_tile_point(row[1].as<double>(), row[2].as<double>(), tile), tags);
    }
    if (!tile_layer.is_empty()) tile_layer.write_to(out);
}

std::vector<VectorSource::Span> VectorSource::frames(pqxx::transaction_base& tx, Session& session, std::string const& level) {
    session.prepare(sql::tile_frames);
    std::vector<Span> out;
    for (auto const& row : tx.exec_prepared(sql::tile_frames.name, level)) {
        auto const first = Date::parse(row[0].as<std::string>());
        if (!first) continue;
        out.push_back({*first, row[1].is_null() ? std::nullopt : Date::parse(row[1].as<std::string>())});
    }
    return out;
}

Date VectorSource::reference_day(pqxx::transaction_base& tx, Session& session, Layer const& layer, Date at) {
    if (!layer.shows_former) return at;
    auto const spans = frames(tx, session, layer.level);
    if (spans.empty() || !spans.back().last || *spans.back().last >= at) return at;
    return *spans.back().last;
}

void VectorSource::check_date(std::vector<Layer const*> const& layers, Date at) {
    pool_.read("", [&](pqxx::transaction_base& tx, Session& session) {
        for (auto const* layer : layers) {
            if (layer->kind != LayerKind::units) continue;
            auto const spans = frames(tx, session, layer->level);
            if (spans.empty()) continue;
            Span const* before = nullptr;
            Span const* after = nullptr;
            bool found = false;
            for (auto const& span : spans) {
                if (span.first > at) {
                    after = &span;
                    break;
                }
                before = &span;
                found = !span.last || *span.last >= at;
            }
            if (found || (before != nullptr && after == nullptr && layer->shows_former)) continue;
            auto const name = [](Span const& span) {
                return span.last ? fmt::format("{} to {}", span.first.iso(), span.last->iso()) : fmt::format("from {}", span.first.iso());
            };
            auto nearest = before != nullptr ? name(*before) : std::string{};
            if (after != nullptr) nearest += (nearest.empty() ? "" : ", ") + name(*after);
            throw gis_core::Error{gis_core::ErrorKind::not_found,
                                  fmt::format("no boundaries of {} are known for {}; the nearest dates are {}", layer->id, at.iso(), nearest),
                                  {{"at", at.iso(), nearest}}};
        }
    });
}

std::shared_ptr<VectorSource::Figures const> VectorSource::figures(pqxx::transaction_base& tx, Session& session, std::string const& level, Date at,
                                                                   Date reference) {
    auto const name = fmt::format("{} {} {}", level, at.iso(), reference.iso());
    std::uint64_t version = 0;
    {
        std::lock_guard lock{mutex_};
        if (auto const found = figures_.find(name); found != figures_.end()) return found->second;
        version = version_;
    }
    session.prepare(sql::tile_figures);
    set_at(tx, at);
    auto counted = std::make_shared<Figures>();
    for (auto const& row : tx.exec_prepared(sql::tile_figures.name, level, reference.iso())) {
        if (!row[0].is_null()) (*counted)[row[0].as<std::int64_t>()] = {row[1].as<int>(), row[2].as<int>()};
    }
    std::lock_guard lock{mutex_};
    if (version == version_) {
        if (figures_.size() > 200) figures_.clear();
        figures_[name] = counted;
    }
    return counted;
}

void VectorSource::forget_figures() {
    std::lock_guard lock{mutex_};
    ++version_;
    figures_.clear();
}

}  // namespace tile_server
