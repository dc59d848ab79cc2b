#pragma once

#include "tile_server/mvt_geometry.hpp"
#include "tile_server/store/packed_tree.hpp"

#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tile_server {

/// EPSG:3857 on a grid of 2^32 steps around the world: 9.3 mm, a 64th of a tile unit at zoom 14.
inline constexpr double kGridStep_m = gis_core::kMercatorHalfWidth_m / 2147483648.0;

inline std::int32_t to_grid(double metres) { return static_cast<std::int32_t>(std::clamp(std::round(metres / kGridStep_m), -2147483648.0, 2147483647.0)); }

/// Lines or polygons on the grid as numbers, part after part: how many positions it has (below zero: a hole of the polygon
/// before it), then x and y of each. A ring's last position is its first.
using GridShape = std::vector<std::int32_t>;
using GridShapeView = std::span<std::int32_t const>;

/// From WKB in EPSG:3857: (multi-)linestrings or polygons. \throws gis_core::Error(internal) for anything else.
GridShape to_grid_shape(std::string_view wkb);
GridBox box_of(GridShapeView shape);
/// What has to be known of an outline before it is drawn.
struct ShapeSize {
    GridBox box;
    std::int32_t x = 0, y = 0;  // its first corner
    std::uint32_t numbers = 0;  // that it is made of; none: it is empty
};
ShapeSize measure(GridShapeView shape);
/// True when polygons and a box have a point in common; boxes around long thin polygons have far more.
bool reaches(GridShapeView polygons, GridBox const& box);
/// Clipped to the tile and its buffer, on whole tile units, rings closed and wound as MVT 2.1 asks (exterior positive area, y down),
/// valid. on_grid: every corner lies on the tile grid of that zoom (stored levels), so a shared border stays one line for both
/// neighbours.
TileGeometry to_tile_geometry(GeometryKind kind, GridShapeView shape, gis_core::TileId tile, bool on_grid);

}  // namespace tile_server
