#include "gis_core/geo/tile_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

namespace gis_core {
namespace {

std::optional<std::uint32_t> parse_number(std::string_view text) {
    if (text.empty() || text.size() > 8 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    std::uint32_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<TileId> TileId::parse(std::string_view z, std::string_view x, std::string_view y) {
    auto const zoom = parse_number(z), column = parse_number(x), row = parse_number(y);
    if (!zoom || !column || !row || *zoom > kMaxZoom) return std::nullopt;
    auto const width = std::uint32_t{1} << *zoom;
    if (*column >= width || *row >= width) return std::nullopt;
    return TileId{static_cast<std::uint8_t>(*zoom), *column, *row};
}

TileId TileId::containing(LonLat position, std::uint8_t zoom) {
    auto const width = static_cast<double>(std::uint32_t{1} << zoom);
    auto const latitude = position.lat * std::numbers::pi / 180;
    auto const column = (position.lon + 180) / 360 * width;
    auto const row = (1 - std::asinh(std::tan(latitude)) / std::numbers::pi) / 2 * width;
    auto const clamp = [width](double value) { return static_cast<std::uint32_t>(std::clamp(std::floor(value), 0.0, width - 1)); };
    return {zoom, clamp(column), clamp(row)};
}

MercatorBox TileId::bounds() const noexcept {
    auto const size = 2 * kMercatorHalfWidth_m / static_cast<double>(std::uint32_t{1} << z);
    auto const west = -kMercatorHalfWidth_m + x * size, north = kMercatorHalfWidth_m - y * size;
    return {west, north - size, west + size, north};
}

std::string TileId::path() const { return fmt::format("{}/{}/{}", z, x, y); }

}  // namespace gis_core
