#pragma once

#include "gis_core/geo/tile_id.hpp"

#include <algorithm>
#include <cstdint>

namespace gis_core {

/// The tiles of a zoom that a box in degrees touches.
struct TileRange {
    TileId first, last;  // north-west and south-east

    static TileRange of(LonLatBox const& box, std::uint8_t zoom) {
        return {TileId::containing({box.west, box.north}, zoom), TileId::containing({box.east, box.south}, zoom)};
    }
    bool contains(TileId tile) const noexcept { return tile.x >= first.x && tile.x <= last.x && tile.y >= first.y && tile.y <= last.y; }
    std::uint64_t size() const noexcept { return std::uint64_t{last.x - first.x + 1} * (last.y - first.y + 1); }
    /// Those that lie in the tile of a lower zoom.
    std::uint64_t size_below(TileId above) const noexcept {
        auto const shift = first.z - above.z;
        auto const along = [&](std::uint32_t from, std::uint32_t to, std::uint32_t number) -> std::uint64_t {
            auto const low = std::max<std::uint64_t>(from, std::uint64_t{number} << shift);
            auto const high = std::min<std::uint64_t>(to, ((std::uint64_t{number} + 1) << shift) - 1);
            return high < low ? 0 : high - low + 1;
        };
        return along(first.x, last.x, above.x) * along(first.y, last.y, above.y);
    }
};

}  // namespace gis_core
