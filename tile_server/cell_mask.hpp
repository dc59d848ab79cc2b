#pragma once

#include "tile_server/mvt_geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tile_server {

/// Squares of a tile, and their outline: what shapes too small to be told apart stand on.
class CellMask {
public:
    /// \pre side, in tile units, divides kExtent
    explicit CellMask(int side);

    /// Marks the square of a place within the tile.
    void mark(int x_units, int y_units);
    /// Of the outline: what it will cost, before it is made.
    std::size_t corners() const;
    /// Polygons of the squares that share a side, valid and wound as MVT 2.1 asks.
    TileGeometry outline() const;
    /// None is marked any more.
    void clear();

private:
    // A bit a square, line after line, with a line and a column of unmarked ones around the tile's: each has eight neighbours.
    int side_;
    std::size_t words_;  // in a line
    std::vector<std::uint64_t> bits_;
    std::size_t top_, bottom_;  // marked lines; top_ > bottom_: none
};

}  // namespace tile_server
