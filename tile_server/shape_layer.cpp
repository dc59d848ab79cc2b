#include "tile_server/shape_layer.hpp"

#include "tile_server/cell_mask.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

namespace tile_server {

using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

namespace {

/// What is shorter is always merged, in tile units: a pixel of a tile drawn at 1,024.
constexpr int kLeastSide = 4;
// Bytes before compression, as measured over tiles of zones: of a feature without its outline, and of a position.
constexpr std::size_t kFeatureBytes = 40, kPositionBytes = 3;

/// The sides below which polygons may be merged: 4, 6, 8, 12, 16 … and one that merges all.
int side_of(int step) {
    auto const power = kLeastSide << (step / 2);
    return step % 2 == 0 ? power : power / 2 * 3;
}
constexpr int kSteps = 19;

struct Extent {
    std::size_t row;
    int step;     // the first whose side is longer than the longer side of its box
    double x, y;  // its first corner, in tile units
    std::size_t bytes;
};

/// Of what reaches into the tile and its buffer. What does not may change without the tile being made anew: it must not count for the budget.
std::vector<Extent> extents_of(gis_core::TileId tile, ShapeRows const& rows) {
    auto const bounds = tile.bounds();
    auto const unit = (bounds.east - bounds.west) / kExtent, buffer = kBuffer * unit;
    GridBox const area{to_grid(bounds.west - buffer), to_grid(bounds.south - buffer), to_grid(bounds.east + buffer), to_grid(bounds.north + buffer)};
    std::vector<Extent> out;
    out.reserve(rows.size);
    for (std::size_t row = 0; row < rows.size; ++row) {
        auto const outline = rows.shape(row).outline;
        if (outline.empty()) continue;
        auto const box = rows.box(row);
        if (!area.holds(box) && !reaches(outline, area)) continue;
        auto const west = box.west * kGridStep_m, south = box.south * kGridStep_m, east = box.east * kGridStep_m, north = box.north * kGridStep_m;
        auto const side = std::max(east - west, north - south) / unit;
        int step = 0;
        while (step < kSteps && side >= side_of(step)) ++step;
        auto const x = outline[1] * kGridStep_m, y = outline[2] * kGridStep_m;
        out.push_back({row, step, (x - bounds.west) / unit, (bounds.north - y) / unit, kFeatureBytes + kPositionBytes * outline.size() / 2});
    }
    return out;
}

/// Polygons of one value of merge_by, as one feature.
struct Group {
    std::string_view value;
    CellMask mask;
    std::int64_t count = 0;
    double sum = 0;
    TileGeometry outline{};
};

/// Those of a step and below.
std::vector<Group> merged(std::vector<Extent> const& extents, int step, ShapeRows const& rows) {
    auto const cell = std::min(kExtent, static_cast<int>(std::bit_floor(static_cast<unsigned>(side_of(step)))));
    std::vector<Group> out;
    for (auto const& one : extents) {
        if (one.step > step || one.x < 0 || one.y < 0 || one.x >= kExtent || one.y >= kExtent) continue;  // counted in another tile
        auto const value = rows.merge_by(one.row);
        auto group = std::find_if(out.begin(), out.end(), [&](Group const& there) { return there.value == value; });
        if (group == out.end()) group = out.insert(out.end(), {value, CellMask{cell}});
        group->mask.mark(static_cast<int>(one.x), static_cast<int>(one.y));
        ++group->count;
        if (rows.merge_sum) group->sum += rows.merge_sum(one.row);
    }
    std::sort(out.begin(), out.end(), [](Group const& a, Group const& b) { return a.value < b.value; });
    for (auto& group : out) group.outline = group.mask.outline();
    return out;
}

/// Draws what has to be merged for the layer to keep to its budget, and says up to which step that is.
int add_merged(Layer const& layer, std::vector<Extent> const& extents, ShapeRows const& rows, MvtLayer& out) {
    std::array<std::size_t, kSteps + 1> bytes{};
    for (auto const& one : extents) bytes[static_cast<std::size_t>(one.step)] += one.bytes;
    auto alone = std::accumulate(bytes.begin(), bytes.end(), std::size_t{0});
    for (int step = 0;; ++step) {
        alone -= bytes[static_cast<std::size_t>(step)];
        if (alone > kLayerBytes / 8 * 7 && step < kSteps) continue;  // room for the squares
        auto groups = merged(extents, step, rows);
        auto total = alone;
        for (auto const& group : groups) total += kFeatureBytes + group.outline.commands.size() * 3 / 2;
        if (total > kLayerBytes && step < kSteps) continue;
        for (auto const& group : groups) {
            std::vector<MvtLayer::Tag> tags{{layer.merge_by, group.value}, {"feature_count", group.count}};
            if (!layer.merge_sum.empty()) tags.push_back({layer.merge_sum, std::round(group.sum * 100) / 100});
            out.add_feature(std::nullopt, group.outline, tags);
        }
        return step;
    }
}

}  // namespace

void draw_shapes(Layer const& layer, gis_core::TileId tile, ShapeRows const& rows, MvtLayer& out) {
    auto const kind = layer.kind == LayerKind::lines ? GeometryKind::line : GeometryKind::polygon;
    std::vector<std::pair<std::uint64_t, std::size_t>> shown;  // rows, by their keys
    shown.reserve(rows.size);
    if (layer.merge_by.empty()) {
        for (std::size_t row = 0; row < rows.size; ++row) shown.emplace_back(rows.key(row), row);
    } else {
        auto const extents = extents_of(tile, rows);
        auto const step = add_merged(layer, extents, rows, out);
        for (auto const& one : extents) {
            if (one.step > step) shown.emplace_back(rows.key(one.row), one.row);
        }
    }
    std::sort(shown.begin(), shown.end());
    std::vector<MvtLayer::Tag> tags;
    for (auto const& [key, row] : shown) {
        auto const [outline, on_grid] = rows.shape(row);
        auto const geometry = to_tile_geometry(kind, outline, tile, on_grid);
        if (geometry.commands.empty()) continue;  // nothing of it is left here
        tags.clear();
        rows.add_tags(row, tags);
        out.add_feature(key, geometry, tags);
    }
}

}  // namespace tile_server
