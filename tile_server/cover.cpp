#include "tile_server/cover.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tile_server {

using gis_core::TileId;

Cover Cover::parse(std::optional<std::string> const& text) {
    Cover out;
    if (!text) {
        out.whole = true;
        return out;
    }
    char const* at = text->data();
    char const* const end = at + text->size();
    while (at < end) {
        std::uint32_t cell = 0;
        auto const [next, error] = std::from_chars(at, end, cell);
        if (error == std::errc{}) out.cells.push_back(cell);
        at = error == std::errc{} ? next : at + 1;
    }
    std::sort(out.cells.begin(), out.cells.end());
    return out;
}

bool Cover::touches(TileId tile, double margin) const {
    if (whole) return true;
    auto const scale = std::ldexp(1.0, kZoom - tile.z);  // cells along a tile
    auto const first = [&](std::uint32_t i) { return std::floor((i - margin) * scale); };
    auto const last = [&](std::uint32_t i) { return std::ceil((i + 1 + margin) * scale) - 1; };
    auto const west = first(tile.x), east = last(tile.x), north = first(tile.y), south = last(tile.y);
    return std::any_of(cells.begin(), cells.end(), [&](std::uint32_t cell) {
        double const x = cell >> 14U, y = cell & 16383U;
        return x >= west && x <= east && y >= north && y <= south;
    });
}

std::vector<TileId> Cover::tiles_at(std::uint8_t zoom, double margin) const {
    std::vector<TileId> out;
    auto const scale = std::ldexp(1.0, kZoom - zoom);
    auto const most = std::ldexp(1.0, zoom) - 1;
    for (auto const cell : cells) {
        double const x = cell >> 14U, y = cell & 16383U;
        auto const clamp = [most](double value) { return static_cast<std::uint32_t>(std::clamp(value, 0.0, most)); };
        auto const west = clamp(std::floor(x / scale - margin)), east = clamp(std::ceil((x + 1) / scale + margin) - 1);
        auto const north = clamp(std::floor(y / scale - margin)), south = clamp(std::ceil((y + 1) / scale + margin) - 1);
        for (auto column = west; column <= east; ++column) {
            for (auto row = north; row <= south; ++row) out.push_back({zoom, column, row});
        }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::vector<TileId> Cover::summary(std::size_t most) const {
    for (std::uint8_t zoom = kZoom; zoom > 0; --zoom) {
        auto out = tiles_at(zoom, 0);
        if (out.size() <= most) return out;
    }
    return {{0, 0, 0}};
}

}  // namespace tile_server
