#pragma once

#include "gis_core/geo/tile_id.hpp"

#include <cstdint>
#include <utility>
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

/// Polygons on whole tile units, each an outer ring and then its holes, which are valid together.
struct TilePolygons {
    struct Ring {
        std::size_t end;  // of its corners; they begin where those of the ring before end, and the first one is not repeated
        bool is_hole;
    };
    std::vector<std::pair<std::int32_t, std::int32_t>> corners;
    std::vector<Ring> rings;
    void clear() {
        corners.clear();
        rings.clear();
    }
};
/// Rings are wound here.
TileGeometry to_tile_polygons(TilePolygons const& polygons);

/// A point, clamped into the tile.
TileGeometry to_tile_point(double x_m, double y_m, gis_core::TileId tile);

}  // namespace tile_server
