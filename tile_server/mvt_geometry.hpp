#pragma once

#include "gis_core/geo/tile_id.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tile_server {

/// Tile units along one side of a tile (MVT 2.1 §4.3.1), and how far polygons and lines reach over its edge.
inline constexpr int kExtent = 4096, kBuffer = 64;
/// The buffer in tiles, and a little more for rounding: how far from a tile a change may still show in it.
inline constexpr double kBufferMargin = double{kBuffer + 2} / kExtent;

/// Values of MVT's enum GeomType.
enum class GeometryKind : std::uint8_t { point = 1, line = 2, polygon = 3 };

/// A feature's geometry as the command integers of MVT 2.1 §4.3; empty when nothing of it is left in the tile.
struct TileGeometry {
    GeometryKind kind = GeometryKind::point;
    std::vector<std::uint32_t> commands;
};

/// WKB in EPSG:3857 → clipped to the tile and its buffer, on whole tile units, rings closed and wound as MVT 2.1 asks
/// (exterior positive area, y down), valid. on_grid: every vertex already lies on the tile grid of that zoom (stored
/// levels), so a shared border stays one line for both neighbours.
/// \throws gis_core::Error(internal) for WKB that is none.
TileGeometry to_tile_geometry(std::string_view wkb, gis_core::TileId tile, bool on_grid);

/// A point, clamped into the tile.
TileGeometry to_tile_point(double x_m, double y_m, gis_core::TileId tile);

}  // namespace tile_server
