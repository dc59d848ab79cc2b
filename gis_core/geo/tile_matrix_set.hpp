#pragma once

#include "gis_core/crs/map_projection.hpp"
#include "gis_core/geo/tile_id.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core {

/// A tile matrix set (OGC 17-083r4) whose matrices halve the cell of the one before; tiles are 256 cells wide. Row 0 is north.
struct TileMatrixSet {
    std::string id;   // "WebMercatorQuad"
    std::string uri;  // where OGC keeps it; empty for ours
    std::string title_vi, title_en;
    crs::ReferenceSystem const* crs;
    double west, north;           // the corner of origin
    double cell_size;             // of matrix 0, in units of the CRS
    std::uint32_t columns, rows;  // of matrix 0
    int max_level;

    static constexpr int kTileCells = 256;
    double cell_size_of(int level) const;
    double scale_denominator(int level) const { return cell_size_of(level) * crs->metres_per_unit() / 0.00028; }
    std::uint32_t columns_of(int level) const { return columns << level; }
    std::uint32_t rows_of(int level) const { return rows << level; }
    crs::MapBox bounds(TileId tile) const;
    /// The zoom of WebMercatorQuad whose cells are about as large: it decides what of a layer stands in a tile.
    int web_zoom(int level) const;
    /// Level, row, column as an address writes them. \throws Error(not_found) when the set has no such tile.
    TileId parse(std::string_view level, std::string_view row, std::string_view column) const;

    struct Limits {
        int level;
        std::uint32_t min_row, max_row, min_column, max_column;
        bool hold(TileId tile) const { return tile.y >= min_row && tile.y <= max_row && tile.x >= min_column && tile.x <= max_column; }
    };
    /// The tiles of each level that touch the box, for levels whose web_zoom lies between the two.
    std::vector<Limits> limits(LonLatBox const& box, int min_web_zoom, int max_web_zoom) const;
};

/// WebMercatorQuad, WorldCRS84Quad, and for VN-2000 / TM-3 105-45 and 105-30: VN2000TM3-10545Quad, VN2000TM3-10530Quad. The latter two
/// reach from the equator to 2,936 km north, half of that to each side of their meridian: one tile at level 0, 1:10,000 at level 12.
std::vector<TileMatrixSet> const& tile_matrix_sets();
/// \throws Error(not_found) naming what there is.
TileMatrixSet const& find_tile_matrix_set(std::string_view id);

/// The smallest tile of WebMercatorQuad that holds a box.
TileId enclosing_tile(LonLatBox const& box);

}  // namespace gis_core
