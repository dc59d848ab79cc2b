// Tiles of any matrix set, and filtered ones: PostGIS encodes them.
#include "gis_core/cql2/sql.hpp"
#include "gis_core/layers/queryables.hpp"
#include "tile_server/sql/statements.hpp"
#include "tile_server/tags.hpp"
#include "tile_server/template.hpp"
#include "tile_server/vector_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/binarystring>
#include <pqxx/prepared_statement>

namespace tile_server {

using gis_core::Date;
using gis_core::db::Session;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

struct VectorSource::Grid {
    gis_core::TileMatrixSet const& set;
    gis_core::TileId tile;
    gis_core::MercatorBox search;
    gis_core::cql2::Node const* filter;

    int web_zoom() const { return set.web_zoom(tile.z); }
    /// $1 to $9 of every grid statement.
    std::vector<std::string> values(Layer const& layer) const {
        auto const box = set.bounds(tile);
        std::vector<std::string> out;
        for (double const number : {box.west, box.south, box.east, box.north, search.west, search.south, search.east, search.north})
            out.push_back(fmt::format("{}", number));
        out.push_back(layer.id);
        return out;
    }
    /// " AND (…)", its values put behind the others.
    std::string condition(Layer const& layer, std::vector<std::string>& values) const {
        return filter == nullptr ? std::string{} : " AND (" + gis_core::cql2::to_sql(*filter, gis_core::layers::queryables(layer, "v"), values) + ")";
    }
};

namespace {

std::string encoded(pqxx::transaction_base& tx, std::string const& text, std::vector<std::string> const& values) {
    auto const rows = tx.exec_params(text, pqxx::prepare::make_dynamic_params(values));
    pqxx::binarystring const bytes{rows[0][0]};
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

std::string columns_of(std::vector<gis_core::layers::Attribute const*> const& columns) {
    std::string out;
    for (auto const* column : columns) out += ", v." + column->name;
    return out;
}

void set_day(pqxx::transaction_base& tx, Date day) { tx.exec_params("SELECT set_config('ocopmap.at', $1, true)", day.iso()); }

}  // namespace

std::string VectorSource::render_grid(gis_core::TileMatrixSet const& set, std::vector<Layer const*> const& layers, gis_core::TileId tile,
                                      gis_core::MercatorBox const& search, Date at, gis_core::cql2::Node const* filter) {
    Grid const grid{set, tile, search, filter};
    std::string out;
    pool_.read("", [&](pqxx::transaction_base& tx, Session& session) {
        for (auto const* layer : layers) {
            if (grid.web_zoom() < layer->min_zoom || grid.web_zoom() > layer->max_zoom) continue;
            set_day(tx, at);
            switch (layer->kind) {
            case LayerKind::units: out += grid_units(tx, session, grid, *layer, at); break;
            case LayerKind::polygons:
            case LayerKind::lines: out += grid_shapes(tx, grid, *layer); break;
            case LayerKind::points: out += grid_points(tx, grid, *layer); break;
            }
        }
    });
    return out;
}

std::string VectorSource::grid_units(pqxx::transaction_base& tx, Session& session, Grid const& grid, Layer const& layer, Date at) {
    auto const reference = reference_day(tx, session, layer, at);
    auto const has_figures = layer.find_attribute("products") != nullptr;
    std::vector<std::int64_t> units;
    std::vector<int> products, producers;
    if (has_figures) {
        for (auto const& [unit, figure] : *figures(tx, session, layer.level, at, reference))
            units.push_back(unit), products.push_back(figure.products), producers.push_back(figure.producers);
    }
    set_day(tx, reference);
    auto values = grid.values(layer);
    for (auto&& value :
         {layer.level, std::to_string(grid.web_zoom()), std::string{reference == at ? "true" : "false"}, fmt::format("{{{}}}", fmt::join(units, ",")),
          fmt::format("{{{}}}", fmt::join(products, ",")), fmt::format("{{{}}}", fmt::join(producers, ","))})
        values.push_back(value);
    auto const filter = grid.condition(layer, values);
    return encoded(tx,
                   fill(sql::grid_units.text, {{"{key}", layer.key},
                                               {"{geometry}", layer.geometry_column_3857},
                                               {"{view}", layer.view},
                                               {"{srid}", std::to_string(grid.set.crs->srid)},
                                               {"{columns}", columns_of(queries_.at(layer.id).columns)},
                                               {"{figures}", has_figures ? ", coalesce(c.products, 0) AS products, coalesce(c.producers, 0) AS producers" : ""},
                                               {"{filter}", filter}}),
                   values);
}

std::string VectorSource::grid_shapes(pqxx::transaction_base& tx, Grid const& grid, Layer const& layer) {
    auto const is_coarse = grid.web_zoom() <= layer.coarse_zoom && !layer.coarse_column.empty();
    auto values = grid.values(layer);
    auto const filter = grid.condition(layer, values);
    return encoded(tx,
                   fill(sql::grid_shapes.text, {{"{key}", layer.key},
                                                {"{geometry}", is_coarse ? layer.coarse_column : layer.geometry_column_3857},
                                                {"{view}", layer.view},
                                                {"{tile_view}", layer.tile_view},
                                                {"{srid}", std::to_string(grid.set.crs->srid)},
                                                {"{columns}", columns_of(queries_.at(layer.id).columns)},
                                                {"{filter}", filter}}),
                   values);
}

std::string VectorSource::grid_points(pqxx::transaction_base& tx, Grid const& grid, Layer const& layer) {
    auto const& set = grid.set;
    auto const number = [](auto value) { return fmt::format("{}", value); };
    auto values = grid.values(layer);
    for (auto&& value : {number(set.west), number(set.north), number(set.cell_size_of(grid.tile.z) * set.kTileCells / kCells), number(grid.tile.x * kCells),
                         number(grid.tile.y * kCells), number(kCells), std::string{grid.web_zoom() < layer.max_zoom ? "true" : "false"}})
        values.push_back(value);
    auto const filter = grid.condition(layer, values);
    std::string counts, cells;
    if (layer.counts_by_star) {
        for (auto const& [name, condition] : kCounted) {
            counts += fmt::format(", count(*) FILTER (WHERE {}) AS {}", condition, name);
            cells += fmt::format(", CASE WHEN cell.n > 1 THEN nullif(cell.{0}, 0) END AS {0}", name);
        }
        counts += ", round(avg(star), 2)::float8 AS star_mean";
        cells += ", CASE WHEN cell.n > 1 THEN cell.star_mean END AS star_mean";
    }
    return encoded(tx,
                   fill(sql::grid_points.text, {{"{key}", layer.key},
                                                {"{geometry}", layer.geometry_column_3857},
                                                {"{source}", filter.empty() ? layer.tile_view : layer.view},
                                                {"{view}", layer.view},
                                                {"{srid}", std::to_string(set.crs->srid)},
                                                {"{counted}", layer.counts_by_star ? ", v.star, v.class_code" : ""},
                                                {"{counts}", counts},
                                                {"{cells}", cells},
                                                {"{columns}", columns_of(queries_.at(layer.id).columns)},
                                                {"{filter}", filter}}),
                   values);
}

}  // namespace tile_server
