#include "tile_server/vector_source.hpp"

#include "gis_core/error.hpp"
#include "tile_server/filter.hpp"
#include "tile_server/sql/statements.hpp"
#include "tile_server/store/draw.hpp"
#include "tile_server/store/layer_store.hpp"
#include "tile_server/tags.hpp"
#include "tile_server/template.hpp"
#include "tile_server/tile_rows.hpp"
#include "tile_server/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace tile_server {

using gis_core::Date;
using gis_core::TileId;
using gis_core::db::Session;
using gis_core::layers::Attribute;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

namespace {

/// Points are planned for each tile: a generic plan would read the whole layer. Units are few, planning them costs more
/// than reading them.
void set_at(pqxx::transaction_base& tx, Date at, bool plans_each = false) {
    tx.exec_params("SELECT set_config('ocopmap.at', $1, true), set_config('plan_cache_mode', $2, true)", at.iso(),
                   plans_each ? "force_custom_plan" : "force_generic_plan");
}

gis_core::MercatorBox with_buffer(TileId tile) {
    auto const box = tile.bounds();
    auto const margin = (box.east - box.west) * kBuffer / kExtent;
    return {box.west - margin, box.south - margin, box.east + margin, box.north + margin};
}

}  // namespace

VectorSource::VectorSource(gis_core::db::Pool& pool, gis_core::layers::Catalogue const& catalogue, LayerStore const& store) : pool_{pool}, store_{store} {
    for (auto const& layer : catalogue.layers()) {
        auto& queries = queries_[layer.id];
        auto const counting = counting_columns(layer);
        for (auto const& attribute : layer.attributes) {
            if (attribute.is_in_tiles && !attribute.is_derived) queries.columns.push_back(&attribute);
        }
        auto const columns = names_of(queries.columns);
        auto const query = [&](char const* suffix, char const* text, std::string const& view, std::string const& geometry, char const* rows) {
            // The views of shapes have no more than tiles need: a filter looks at the record's row beside them.
            auto const is_beside = std::string_view{rows} == "filtered";
            auto const filled = [&](std::string const& filter, std::string const& tile_view) {
                return fill(text, {{"{filter}", filter},
                                   {"{view}", view},
                                   {"{record}", layer.view},
                                   {"{key}", layer.key},
                                   {"{geometry}", geometry},
                                   {"{tile_view}", tile_view},
                                   {"{columns}", columns},
                                   {"{counted}", layer.counts_by_star ? ", t.star, t.class_code" : ""},
                                   {"{counts}", counting.first},
                                   {"{cells}", counting.second}});
            };
            return Query{"tile_" + layer.id + suffix, filled("", layer.tile_view), filled(is_beside ? sql::tile_filter.text : " AND {condition}", layer.view),
                         rows};
        };
        switch (layer.kind) {
        case LayerKind::units: queries.all = query("", sql::tile_units.text, layer.view, layer.geometry_column_3857, "v"); break;
        case LayerKind::points:
            queries.all = query("", sql::tile_points.text, layer.view, layer.geometry_column_3857, "v");
            queries.clusters = query("_clusters", sql::tile_clusters.text, layer.view, layer.geometry_column_3857, "t");
            break;
        case LayerKind::polygons:
        case LayerKind::lines:
            queries.all = query("", sql::tile_shapes.text, layer.tile_view, layer.geometry_column_3857, "filtered");
            if (!layer.coarse_column.empty()) queries.coarse = query("_coarse", sql::tile_shapes.text, layer.tile_view, layer.coarse_column, "filtered");
            break;
        }
    }
}

std::string VectorSource::render(std::vector<Layer const*> const& layers, TileId tile, Date at, Filter const* filter,
                                 std::function<void()> const& between_layers) {
    struct Part {
        Layer const* layer;
        std::shared_ptr<LayerVersion const> version;  // what the store has of it
        Date day;                                     // that is shown
        UnitTags units;
    };
    std::vector<Part> parts;
    for (auto const* layer : layers) {
        if (!layer->covers(tile)) continue;
        Part part{layer, store_.find(*layer, tile), at, {}};
        if (part.version && layer->kind == LayerKind::units) {
            part.day = shown_day(*layer, spans_of(*part.version), at);
            part.units.in_force = part.day == at;
            if (layer->find_attribute("products") != nullptr && !(part.units.figures = store_.figures().count(layer->level, at, part.day)))
                part.version = nullptr;
        }
        parts.push_back(std::move(part));
    }
    std::string out;
    auto const draw_all = [&](pqxx::transaction_base* tx, Session* session) {
        for (auto const& part : parts) {
            if (between_layers) between_layers();
            trace::PartTimer const timer{part.layer->id, part.version != nullptr, out};
            if (part.version) draw(*part.version, tile, part.day, filter, part.units, out);
            else add_layer(*tx, *session, *part.layer, tile, at, filter, out);
        }
    };
    if (std::all_of(parts.begin(), parts.end(), [](Part const& part) { return part.version != nullptr; })) {
        draw_all(nullptr, nullptr);
    } else {
        pool_.read("", [&](pqxx::transaction_base& tx, Session& session) { draw_all(&tx, &session); });
    }
    return out;
}

void VectorSource::add_layer(Transaction& tx, Session& session, Layer const& layer, TileId tile, Date at, Filter const* filter, std::string& out) {
    if (layer.kind != LayerKind::units) set_at(tx, at, true);
    switch (layer.kind) {
    case LayerKind::units: add_units(tx, session, layer, tile, at, filter, out); break;
    case LayerKind::polygons:
    case LayerKind::lines: add_shapes(tx, session, layer, tile, filter, out); break;
    case LayerKind::points: add_points(tx, session, layer, tile, filter, out); break;
    }
}

template <typename... Values>
pqxx::result VectorSource::run(Transaction& tx, Session& session, Layer const& layer, Query const& query, Filter const* filter, Values... values) {
    trace::StageTimer const timer{trace::Stage::search};
    if (filter == nullptr) {
        session.prepare({query.name.c_str(), query.text.c_str()});
        return tx.exec_prepared(query.name, values...);
    }
    std::vector<std::string> all{pqxx::to_string(values)...};
    auto const condition = filter->to_sql(layer, query.rows, all);
    return tx.exec_params(fill(query.filtered, {{"{condition}", condition}}), pqxx::prepare::make_dynamic_params(all));
}

void VectorSource::add_units(Transaction& tx, Session& session, Layer const& layer, TileId tile, Date at, Filter const* filter, std::string& out) {
    auto const reference = reference_day(tx, session, layer, at);
    auto const has_figures = layer.find_attribute("products") != nullptr;
    auto const counted = has_figures ? figures(tx, session, layer.level, at, reference) : nullptr;
    auto const& queries = queries_.at(layer.id);
    auto const box = with_buffer(tile);
    auto const rows = [&] {
        trace::StageTimer const timer{trace::Stage::search};
        if (filter != nullptr) {
            set_at(tx, reference, true);
            return run(tx, session, layer, queries.all, filter, layer.level, int{tile.z}, box.west, box.south, box.east, box.north);
        }
        session.prepare({queries.all.name.c_str(), queries.all.text.c_str()});
        session.connection().prepare_now(queries.all.name);  // libpqxx waits for exec_prepared otherwise
        // The date and the query in one message: a round trip is a good part of a small tile.
        return tx.exec(
            fmt::format("SELECT set_config('ocopmap.at', '{}', true), set_config('plan_cache_mode', 'force_generic_plan', true); EXECUTE {}({}, {}, "
                        "{:.6f}, {:.6f}, {:.6f}, {:.6f})",
                        reference.iso(), queries.all.name, tx.quote(layer.level), tile.z, box.west, box.south, box.east, box.north));
    }();
    UnitTags const tags{reference == at, counted};
    draw_shape_rows(layer, tile, rows, queries.columns, &tags, out);
}

void VectorSource::add_shapes(Transaction& tx, Session& session, Layer const& layer, TileId tile, Filter const* filter, std::string& out) {
    auto const& queries = queries_.at(layer.id);
    auto const& query = tile.z <= layer.coarse_zoom && !layer.coarse_column.empty() ? queries.coarse : queries.all;
    auto const box = with_buffer(tile);
    draw_shape_rows(layer, tile, run(tx, session, layer, query, filter, box.west, box.south, box.east, box.north), queries.columns, nullptr, out);
}

void VectorSource::add_points(Transaction& tx, Session& session, Layer const& layer, TileId tile, Filter const* filter, std::string& out) {
    auto const& queries = queries_.at(layer.id);
    auto const clusters = tile.z < layer.max_zoom;
    auto const box = with_buffer(tile);
    auto const size = 2 * gis_core::kMercatorHalfWidth_m / static_cast<double>(std::uint32_t{1} << tile.z);
    auto const x = static_cast<int>(tile.x), y = static_cast<int>(tile.y);
    auto const rows =
        clusters ? run(tx, session, layer, queries.clusters, filter, size / kCells, x * kCells, y * kCells, kCells, box.west, box.south, box.east, box.north)
                 : run(tx, session, layer, queries.all, filter, size, x, y, box.west, box.south, box.east, box.north);
    draw_point_rows(
        layer, tile, rows, queries.columns, clusters,
        [](double x_m, double y_m) {
            return std::pair{x_m, y_m};
        },
        out);
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

std::vector<VectorSource::Span> VectorSource::spans_of(LayerVersion const& version) {
    std::vector<Span> out;
    for (auto const& span : version.spans) {
        out.push_back({day_of(span.since), span.until == kForEver ? std::nullopt : std::optional{day_of(span.until - 1)}});
    }
    return out;
}

Date VectorSource::shown_day(Layer const& layer, std::vector<Span> const& spans, Date at) {
    if (!layer.shows_former || spans.empty() || !spans.back().last || *spans.back().last >= at) return at;
    return *spans.back().last;
}

Date VectorSource::reference_day(pqxx::transaction_base& tx, Session& session, Layer const& layer, Date at) {
    return layer.shows_former ? shown_day(layer, frames(tx, session, layer.level), at) : at;
}

void VectorSource::check_date(std::vector<Layer const*> const& layers, Date at) {
    for (auto const* layer : layers) {
        if (layer->kind != LayerKind::units) continue;
        std::vector<Span> spans;
        if (auto const version = store_.find(*layer)) spans = spans_of(*version);
        else spans = pool_.read("", [&](pqxx::transaction_base& tx, Session& session) { return frames(tx, session, layer->level); });
        if (!spans.empty()) check_date(*layer, spans, at);
    }
}

void VectorSource::check_date(Layer const& layer, std::vector<Span> const& spans, Date at) {
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
    if (found || (before != nullptr && after == nullptr && layer.shows_former)) return;
    auto const name = [](Span const& span) {
        return span.last ? fmt::format("{} to {}", span.first.iso(), span.last->iso()) : fmt::format("from {}", span.first.iso());
    };
    auto nearest = before != nullptr ? name(*before) : std::string{};
    if (after != nullptr) nearest += (nearest.empty() ? "" : ", ") + name(*after);
    throw gis_core::Error{gis_core::ErrorKind::not_found,
                          fmt::format("no boundaries of {} are known for {}; the nearest dates are {}", layer.id, at.iso(), nearest),
                          {{"at", at.iso(), nearest}}};
}

std::shared_ptr<Figures const> VectorSource::figures(pqxx::transaction_base& tx, Session& session, std::string const& level, Date at, Date reference) {
    auto const& store = store_.figures();
    auto const changes = store.changes();
    if (auto known = store.count(level, at, reference)) return known;
    session.prepare(sql::tile_figures);
    set_at(tx, at);
    auto counted = std::make_shared<Figures>();
    for (auto const& row : tx.exec_prepared(sql::tile_figures.name, level, reference.iso())) {
        if (!row[0].is_null()) (*counted)[row[0].as<std::int64_t>()] = {row[1].as<int>(), row[2].as<int>()};
    }
    store.keep(level, at, reference, changes, counted);
    return counted;
}

}  // namespace tile_server
