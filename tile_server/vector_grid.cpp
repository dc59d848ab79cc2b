// Tiles of any matrix set: PostGIS brings the rows into its system, and they are drawn as if the tile were one of WebMercatorQuad.
#include "gis_core/cql2/sql.hpp"
#include "gis_core/layers/queryables.hpp"
#include "tile_server/sql/statements.hpp"
#include "tile_server/tags.hpp"
#include "tile_server/template.hpp"
#include "tile_server/tile_rows.hpp"
#include "tile_server/vector_source.hpp"

#include <fmt/format.h>
#include <pqxx/prepared_statement>

namespace tile_server {

using gis_core::Date;
using gis_core::TileId;
using gis_core::db::Session;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

struct VectorSource::Grid {
    gis_core::TileMatrixSet const& set;
    TileId tile;
    gis_core::MercatorBox search;
    gis_core::cql2::Node const* filter;

    Grid(gis_core::TileMatrixSet const& of_set, TileId its_tile, gis_core::MercatorBox const& its_search, gis_core::cql2::Node const* its_filter)
        : set{of_set}, tile{its_tile}, search{its_search}, filter{its_filter}, box_{set.bounds(tile)} {
        // As large as it is, and in the middle: whatever reaches beyond it has room on the grid of shapes.
        auto const zoom = static_cast<std::uint8_t>(web_zoom());
        auto const middle = (std::uint32_t{1} << zoom) / 2;
        drawn_as = {zoom, middle, middle};
        auto const bounds = drawn_as.bounds();
        scale_ = (bounds.east - bounds.west) / box_.width();
        shift_x_ = bounds.west - box_.west * scale_;
        shift_y_ = bounds.south - box_.south * scale_;
    }

    TileId drawn_as;
    int web_zoom() const { return set.web_zoom(tile.z); }
    double side() const { return set.cell_size_of(tile.z) * gis_core::TileMatrixSet::kTileCells; }
    /// A place of the set's system where the tile that it is drawn as has it, in C++ and in SQL.
    std::pair<double, double> placed(double x, double y) const { return {x * scale_ + shift_x_, y * scale_ + shift_y_}; }
    std::string placed(std::string const& geometry) const {
        return fmt::format("ST_Affine(ST_Transform({}, {}), {}, 0, 0, {}, {}, {})", geometry, set.crs->srid, scale_, scale_, shift_x_, shift_y_);
    }
    /// The statement's values so far: $1 to $4 of every one.
    std::vector<std::string> values() const {
        std::vector<std::string> out;
        for (double const number : {search.west, search.south, search.east, search.north}) out.push_back(fmt::format("{}", number));
        return out;
    }
    /// " AND (…)", its values put behind the others.
    std::string condition(Layer const& layer, std::vector<std::string>& values) const {
        return filter == nullptr ? std::string{} : " AND (" + gis_core::cql2::to_sql(*filter, gis_core::layers::queryables(layer, "v"), values) + ")";
    }

private:
    gis_core::crs::MapBox box_;
    double scale_ = 1, shift_x_ = 0, shift_y_ = 0;
};

namespace {

pqxx::result rows_of(pqxx::transaction_base& tx, std::string const& text, std::vector<std::string> const& values) {
    return tx.exec_params(text, pqxx::prepare::make_dynamic_params(values));
}

void set_day(pqxx::transaction_base& tx, Date day) { tx.exec_params("SELECT set_config('ocopmap.at', $1, true)", day.iso()); }

}  // namespace

std::string VectorSource::render_grid(gis_core::TileMatrixSet const& set, std::vector<Layer const*> const& layers, TileId tile,
                                      gis_core::MercatorBox const& search, Date at, gis_core::cql2::Node const* filter) {
    Grid const grid{set, tile, search, filter};
    std::string out;
    pool_.read("", [&](pqxx::transaction_base& tx, Session& session) {
        for (auto const* layer : layers) {
            if (grid.web_zoom() < layer->min_zoom || grid.web_zoom() > layer->max_zoom) continue;
            set_day(tx, at);
            switch (layer->kind) {
            case LayerKind::units: add_grid_units(tx, session, grid, *layer, at, out); break;
            case LayerKind::polygons:
            case LayerKind::lines: add_grid_shapes(tx, grid, *layer, out); break;
            case LayerKind::points: add_grid_points(tx, grid, *layer, out); break;
            }
        }
    });
    return out;
}

void VectorSource::add_grid_units(pqxx::transaction_base& tx, Session& session, Grid const& grid, Layer const& layer, Date at, std::string& out) {
    auto const reference = reference_day(tx, session, layer, at);
    UnitTags units{reference == at, nullptr};
    if (layer.find_attribute("products") != nullptr) units.figures = figures(tx, session, layer.level, at, reference);
    set_day(tx, reference);
    auto values = grid.values();
    values.push_back(layer.level);
    values.push_back(std::to_string(grid.web_zoom()));
    auto const filter = grid.condition(layer, values);
    auto const& columns = queries_.at(layer.id).columns;
    auto const rows = rows_of(tx,
                              fill(sql::grid_units.text, {{"{placed}", grid.placed(fmt::format("coalesce(l.geom, v.{})", layer.geometry_column_3857))},
                                                          {"{key}", layer.key},
                                                          {"{geometry}", layer.geometry_column_3857},
                                                          {"{view}", layer.view},
                                                          {"{columns}", names_of(columns)},
                                                          {"{filter}", filter}}),
                              values);
    draw_shape_rows(layer, grid.drawn_as, rows, columns, &units, out);
}

void VectorSource::add_grid_shapes(pqxx::transaction_base& tx, Grid const& grid, Layer const& layer, std::string& out) {
    auto const is_coarse = grid.web_zoom() <= layer.coarse_zoom && !layer.coarse_column.empty();
    auto const& geometry = is_coarse ? layer.coarse_column : layer.geometry_column_3857;
    auto values = grid.values();
    auto const filter = grid.condition(layer, values);
    auto const& columns = queries_.at(layer.id).columns;
    auto const rows = rows_of(tx,
                              fill(sql::grid_shapes.text, {{"{placed}", grid.placed("t." + geometry)},
                                                           {"{key}", layer.key},
                                                           {"{geometry}", geometry},
                                                           {"{view}", layer.view},
                                                           {"{tile_view}", layer.tile_view},
                                                           {"{columns}", names_of(columns)},
                                                           {"{filter}", filter}}),
                              values);
    draw_shape_rows(layer, grid.drawn_as, rows, columns, nullptr, out);
}

void VectorSource::add_grid_points(pqxx::transaction_base& tx, Grid const& grid, Layer const& layer, std::string& out) {
    auto const are_clusters = grid.web_zoom() < layer.max_zoom;
    auto const along = are_clusters ? kCells : 1;
    auto values = grid.values();
    for (auto const number : {grid.set.west, grid.set.north, grid.side() / along}) values.push_back(fmt::format("{}", number));
    for (auto const number : {grid.tile.x, grid.tile.y}) values.push_back(fmt::format("{}", number * static_cast<std::uint32_t>(along)));
    if (are_clusters) values.push_back(std::to_string(along));
    auto const filter = grid.condition(layer, values);
    auto const [counts, cells] = counting_columns(layer);
    auto const& columns = queries_.at(layer.id).columns;
    auto const rows =
        rows_of(tx,
                fill(are_clusters ? sql::grid_clusters.text : sql::grid_points.text, {{"{key}", layer.key},
                                                                                      {"{geometry}", layer.geometry_column_3857},
                                                                                      {"{source}", filter.empty() ? layer.tile_view : layer.view},
                                                                                      {"{view}", layer.view},
                                                                                      {"{srid}", std::to_string(grid.set.crs->srid)},
                                                                                      {"{counted}", layer.counts_by_star ? ", v.star, v.class_code" : ""},
                                                                                      {"{counts}", counts},
                                                                                      {"{cells}", cells},
                                                                                      {"{columns}", names_of(columns)},
                                                                                      {"{filter}", filter}}),
                values);
    draw_point_rows(
        layer, grid.drawn_as, rows, columns, are_clusters, [&](double x, double y) { return grid.placed(x, y); }, out);
}

}  // namespace tile_server
