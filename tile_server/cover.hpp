#pragma once

#include "gis_core/geo/tile_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tile_server {

/// Ground that a change touched: tiles of zoom 14, sorted, as x * 16384 + y. whole: the layer everywhere.
struct Cover {
    static constexpr int kZoom = 14;
    bool whole = false;
    std::vector<std::uint32_t> cells;

    /// Parses tile.change.cover: "{1,2}"; absent means whole.
    static Cover parse(std::optional<std::string> const& text);
    /// True when a cell touches the tile or lies within `margin` of it, in tiles of its zoom (what is drawn over an edge).
    bool touches(gis_core::TileId tile, double margin) const;
    /// The tiles of a zoom up to 14 that a cell touches, within the margin.
    std::vector<gis_core::TileId> tiles_at(std::uint8_t zoom, double margin) const;
    /// At most `most` tiles that together hold all cells: cells, or tiles further up.
    std::vector<gis_core::TileId> summary(std::size_t most) const;
};

}  // namespace tile_server
