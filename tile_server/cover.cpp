#include "tile_server/cover.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace tile_server {

using gis_core::TileId;

namespace {

/// What is drawn from a generalised outline may lie beside the record's, which the cover is made of: by so many tile units where
/// outlines are made for each zoom (4 and 1 of rounding, on top of the same at the next zoom), and at the zooms of one coarse copy by its tolerance (60 m, less
/// than a part of a cell).
constexpr double kStray_tiles = 10.0 / 4096;
constexpr int kLastCoarseZoom = 10;

/// Both in parts of a cell from the north-west corner of the matrix, half-open.
struct Box {
    double west, north, east, south;
};

Box box_of(Cover::Cell const& cell) {
    double const x = (cell.tile >> 14U) * double{Cover::kParts}, y = (cell.tile & 16383U) * double{Cover::kParts};
    return {x + cell.west, y + cell.north, x + cell.east + 1, y + cell.south + 1};
}

/// A tile of that zoom is so many parts wide, and shows what lies so many parts beside it.
struct Reach {
    double side, beside;
    Reach(std::uint8_t zoom, double margin) : side{std::ldexp(Cover::kParts, Cover::kZoom - zoom)}, beside{0} {
        if (margin > 0) beside = (margin + kStray_tiles) * side + (zoom <= kLastCoarseZoom ? 1 : 0);
    }
    bool shows(double column, double row, Cover::Cell const& cell) const {
        auto const box = box_of(cell);
        Box const tile{column * side, row * side, (column + 1) * side, (row + 1) * side};
        if (box.west >= tile.east + beside || box.east <= tile.west - beside || box.north >= tile.south + beside || box.south <= tile.north - beside)
            return false;
        if (beside > 1) return true;  // further than what counts as near a corner
        double const x = (cell.tile >> 14U) * double{Cover::kParts}, y = (cell.tile & 16383U) * double{Cover::kParts};
        bool const is_west = tile.east <= x, is_east = tile.west >= x + Cover::kParts, is_north = tile.south <= y, is_south = tile.north >= y + Cover::kParts;
        if (!(is_west || is_east) || !(is_north || is_south)) return true;
        return (cell.corners & (is_north ? (is_west ? 1U : 2U) : (is_west ? 4U : 8U))) != 0;
    }
};

}  // namespace

Cover Cover::parse(std::optional<std::string> const& text) {
    Cover out;
    if (!text) {
        out.whole = true;
        return out;
    }
    char const* at = text->data();
    char const* const end = at + text->size();
    while (at < end) {
        std::uint64_t cell = 0;
        auto const [next, error] = std::from_chars(at, end, cell);
        auto const bits = [&](unsigned shift) { return static_cast<std::uint8_t>(cell >> shift & 15U); };
        if (error == std::errc{}) out.cells.emplace_back(static_cast<std::uint32_t>(cell >> 20U), bits(12), bits(8), bits(4), bits(0), bits(16));
        at = error == std::errc{} ? next : at + 1;
    }
    std::sort(out.cells.begin(), out.cells.end());
    return out;
}

void Cover::add(Cover const& other) {
    whole = whole || other.whole;
    if (whole) {
        cells.clear();
        return;
    }
    std::vector<Cell> both;
    both.reserve(cells.size() + other.cells.size());
    std::merge(cells.begin(), cells.end(), other.cells.begin(), other.cells.end(), std::back_inserter(both));
    cells.clear();
    for (auto const& cell : both) {
        if (cells.empty() || cells.back().tile != cell.tile) {
            cells.push_back(cell);
            continue;
        }
        auto& last = cells.back();
        last = {cell.tile,
                std::min(last.west, cell.west),
                std::min(last.north, cell.north),
                std::max(last.east, cell.east),
                std::max(last.south, cell.south),
                static_cast<std::uint8_t>(last.corners | cell.corners)};
    }
}

bool Cover::touches(TileId tile, double margin) const {
    if (whole) return true;
    Reach const reach{tile.z, margin};
    return std::any_of(cells.begin(), cells.end(), [&](Cell const& cell) { return reach.shows(tile.x, tile.y, cell); });
}

std::vector<TileId> Cover::tiles_at(std::uint8_t zoom, double margin) const {
    std::vector<TileId> out;
    Reach const reach{zoom, margin};
    auto const most = std::ldexp(1.0, zoom) - 1;
    auto const clamp = [most](double value) { return static_cast<std::uint32_t>(std::clamp(value, 0.0, most)); };
    for (auto const& cell : cells) {
        auto const box = box_of(cell);
        auto const west = clamp(std::floor((box.west - reach.beside) / reach.side)), east = clamp(std::ceil((box.east + reach.beside) / reach.side) - 1);
        auto const north = clamp(std::floor((box.north - reach.beside) / reach.side)), south = clamp(std::ceil((box.south + reach.beside) / reach.side) - 1);
        for (auto column = west; column <= east; ++column) {
            for (auto row = north; row <= south; ++row) {
                if (reach.shows(column, row, cell)) out.push_back({zoom, column, row});
            }
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
