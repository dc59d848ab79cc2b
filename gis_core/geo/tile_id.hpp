#pragma once

#include "gis_core/geo/lon_lat.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gis_core {

/// A tile of the WebMercatorQuad set (OGC 17-083r4 Annex D.1): row 0 is the north edge (XYZ, not TMS).
struct TileId {
    static constexpr std::uint8_t kMaxZoom = 24;
    std::uint8_t z = 0;
    std::uint32_t x = 0, y = 0;

    /// Parses the three numbers of a URL. Empty when malformed (a sign, a leading zero, a blank) or outside the
    /// matrix of its zoom, so that every TileId made from input is a tile that exists.
    static std::optional<TileId> parse(std::string_view z, std::string_view x, std::string_view y);
    /// The tile of zoom z that holds a position (latitudes past ±85.05 clamp to the edge rows).
    static TileId containing(LonLat position, std::uint8_t zoom);
    /// Ground covered in EPSG:3857 metres, without buffer.
    MercatorBox bounds() const noexcept;
    /// The tile of a lower zoom that contains this one. \pre zoom <= z
    TileId ancestor(std::uint8_t zoom) const noexcept { return {zoom, x >> (z - zoom), y >> (z - zoom)}; }
    /// "12/3251/1802"
    std::string path() const;
    auto operator<=>(TileId const&) const = default;
};

/// Half the width of the EPSG:3857 square in metres: pi times the semi-major axis 6378137.
inline constexpr double kMercatorHalfWidth_m = 20037508.342789244;

}  // namespace gis_core
