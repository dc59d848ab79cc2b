#pragma once

#include "tile_server/mvt_geometry.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tile_server {

/// Squares of a tile, and their outline: what shapes too small to be told apart stand on.
class CellMask {
public:
    /// \pre side, in tile units, divides kExtent
    explicit CellMask(int side) : side_{side}, across_{kExtent / side}, cells_(static_cast<std::size_t>(across_) * static_cast<std::size_t>(across_)) {}

    /// Marks the square of a place within the tile.
    void mark(int x_units, int y_units) {
        auto const x = x_units / side_, y = y_units / side_;
        cells_[index(x, y)] |= kMarked;
        west_ = std::min(west_, x);
        east_ = std::max(east_, x);
        north_ = std::min(north_, y);
        south_ = std::max(south_, y);
    }
    /// Polygons of the squares that share a side, valid and wound as MVT 2.1 asks. Call once.
    TileGeometry outline();

private:
    static constexpr std::uint8_t kMarked = 1;  // the bits above: sides that stand in a ring
    std::size_t index(int x, int y) const { return static_cast<std::size_t>(y) * static_cast<std::size_t>(across_) + static_cast<std::size_t>(x); }
    bool is_marked(int x, int y) const { return x >= 0 && y >= 0 && x < across_ && y < across_ && (cells_[index(x, y)] & kMarked) != 0; }

    int side_, across_;
    int west_ = kExtent, north_ = kExtent, east_ = -1, south_ = -1;  // of the squares that are marked
    std::vector<std::uint8_t> cells_;
};

}  // namespace tile_server
