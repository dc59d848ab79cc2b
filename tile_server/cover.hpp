#pragma once

#include "gis_core/geo/tile_id.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tile_server {

/// Ground that a change touched: tiles of zoom 14, sorted, each with the part of it that holds the change. whole: the layer everywhere.
struct Cover {
    static constexpr int kZoom = 14;
    static constexpr int kParts = 16;  // along a cell

    /// A tile of zoom 14 as x * 16384 + y, a box of its parts, both ends included, and the corners of the tile that the change comes near, as
    /// tile.cover_of() tells them.
    struct Cell {
        Cell(std::uint32_t id) : tile{id} {}
        Cell(std::uint32_t id, std::uint8_t west_, std::uint8_t north_, std::uint8_t east_, std::uint8_t south_, std::uint8_t corners_ = 15)
            : tile{id}, west{west_}, north{north_}, east{east_}, south{south_}, corners{corners_} {}
        std::uint32_t tile;
        std::uint8_t west = 0, north = 0, east = kParts - 1, south = kParts - 1, corners = 15;
        auto operator<=>(Cell const&) const = default;
    };
    bool whole = false;
    std::vector<Cell> cells;

    /// Parses tile.change.cover: "{1,2}", as tile.cover_of() makes it; absent means whole.
    static Cover parse(std::optional<std::string> const& text);
    /// Takes in another change of the same layer.
    void add(Cover const& other);
    /// True when the change touches the tile or lies within `margin` of it, in tiles of its zoom (what is drawn over an edge).
    bool touches(gis_core::TileId tile, double margin) const;
    /// The tiles of a zoom up to 14 that the change touches, within the margin.
    std::vector<gis_core::TileId> tiles_at(std::uint8_t zoom, double margin) const;
    /// At most `most` tiles that together hold all cells: cells, or tiles further up.
    std::vector<gis_core::TileId> summary(std::size_t most) const;
};

}  // namespace tile_server
