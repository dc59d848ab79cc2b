#pragma once

#include "gis_core/geo/tile_id.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "tile_server/store/draw.hpp"

#include <pqxx/result>

#include <functional>
#include <string>
#include <utility>
#include <vector>

/// Rows that the record answered with, drawn as a layer of a tile and appended to it if anything of them stands there.
namespace tile_server {

using Columns = std::vector<gis_core::layers::Attribute const*>;

/// Of key, outline as WKB in EPSG:3857, whether that lies on the tile's grid, and the columns. units: nullptr for other layers.
void draw_shape_rows(gis_core::layers::Layer const& layer, gis_core::TileId tile, pqxx::result const& rows, Columns const& columns, UnitTags const* units,
                     std::string& out);

/// Of key, x, y, count and the columns; clusters have what kCounted names between the two. place_of: x and y in EPSG:3857.
void draw_point_rows(gis_core::layers::Layer const& layer, gis_core::TileId tile, pqxx::result const& rows, Columns const& columns, bool are_clusters,
                     std::function<std::pair<double, double>(double, double)> const& place_of, std::string& out);

/// ", v.name, v.crop …", in statements.
std::string names_of(Columns const& columns);
/// ", count(*) FILTER (WHERE star = 3) AS star_3 …" and ", cell.star_3 …": what kCounted names, in statements of clusters.
std::pair<std::string, std::string> counting_columns(gis_core::layers::Layer const& layer);

}  // namespace tile_server
