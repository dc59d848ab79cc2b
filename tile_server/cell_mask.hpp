#pragma once

#include "tile_server/mvt_geometry.hpp"

#include <bit>
#include <cstdint>
#include <vector>

namespace tile_server {

/// Squares of a tile, and their outline: what shapes too small to be told apart stand on.
class CellMask {
public:
    /// \pre side, in tile units, divides kExtent
    explicit CellMask(int side) : side_{side}, shift_{std::countr_zero(static_cast<unsigned>(kExtent / side))} {}

    /// Marks the square of a place within the tile.
    void mark(int x_units, int y_units) { marked_.push_back(index(x_units / side_, y_units / side_)); }
    /// Polygons of the squares that share a side, valid and wound as MVT 2.1 asks. Call once.
    TileGeometry outline();

private:
    std::uint32_t index(int x, int y) const { return static_cast<std::uint32_t>((y << shift_) + x); }

    int side_, shift_;  // 2^shift_ squares stand along the tile
    std::vector<std::uint32_t> marked_;
};

}  // namespace tile_server
