#include "tile_server/point_layer.hpp"

#include "tile_server/shape_layer.hpp"
#include "tile_server/tags.hpp"

#include <algorithm>
#include <cmath>

namespace tile_server {

using gis_core::layers::Layer;

namespace {

constexpr std::size_t kPointBytes = 110;  // of a product with its names, before compression, as measured
constexpr std::size_t kMostFeatures = kLayerBytes / kPointBytes;

struct Placed {
    std::uint32_t cell;
    std::size_t row;
};

/// The rows by the cells of a grid, so many along the tile.
std::vector<Placed> placed(gis_core::TileId tile, PointRows const& rows, int across) {
    auto const bounds = tile.bounds();
    auto const side = (bounds.east - bounds.west) / across;
    std::vector<Placed> out;
    out.reserve(rows.size);
    for (std::size_t row = 0; row < rows.size; ++row) {
        auto const [x, y] = rows.place(row);
        auto const cell = [&](double metres) { return std::clamp(static_cast<int>(std::floor(metres / side)), 0, across - 1); };
        out.push_back({static_cast<std::uint32_t>(cell(bounds.north - y) * across + cell(x - bounds.west)), row});
    }
    std::stable_sort(out.begin(), out.end(), [](Placed const& a, Placed const& b) { return a.cell < b.cell; });
    return out;
}

std::size_t cells_in(std::vector<Placed> const& sorted) {
    std::size_t out = sorted.empty() ? 0 : 1;
    for (std::size_t i = 1; i < sorted.size(); ++i) out += sorted[i].cell != sorted[i - 1].cell;
    return out;
}

}  // namespace

void draw_points(Layer const& layer, gis_core::TileId tile, PointRows const& rows, MvtLayer& out) {
    std::vector<MvtLayer::Tag> tags;
    auto const add = [&](std::size_t row) {
        tags.clear();
        rows.add_tags(row, tags);
        auto const [x, y] = rows.place(row);
        out.add_feature(rows.key(row), to_tile_point(x, y, tile), tags);
    };
    if (rows.size <= kMostFeatures) {
        for (std::size_t row = 0; row < rows.size; ++row) add(row);
        return;
    }
    auto across = kExtent;
    auto sorted = placed(tile, rows, across);
    while (cells_in(sorted) > kMostFeatures && across > kCells) sorted = placed(tile, rows, across /= 2);
    for (std::size_t first = 0, end = 0; first < sorted.size(); first = end) {
        for (end = first; end < sorted.size() && sorted[end].cell == sorted[first].cell;) ++end;
        if (end == first + 1) {
            add(sorted[first].row);
            continue;
        }
        Counts counts{static_cast<std::int64_t>(end - first), {}};
        double x = 0, y = 0;
        for (auto i = first; i < end; ++i) {
            auto const place = rows.place(sorted[i].row);
            x += place.first;
            y += place.second;
            if (layer.counts_by_star) counts.add(rows.star(sorted[i].row), rows.class_code(sorted[i].row));
        }
        tags.clear();
        add_counts(layer, counts, tags);
        tags.push_back({"cells", std::int64_t{across}});
        auto const n = static_cast<double>(counts.rows);
        out.add_feature(std::nullopt, to_tile_point(x / n, y / n, tile), tags);
    }
}

}  // namespace tile_server
