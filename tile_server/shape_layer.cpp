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
    int step;  // the first whose side is longer than the longer side of its box
    std::size_t bytes;
};

/// Polygons of one value of merge_by whose first corner lies in the tile: those that are counted in it.
struct Group {
    std::string_view value;
    struct Member {
        std::size_t row;
        int step;
        int x, y;  // its first corner, in tile units
    };
    std::vector<Member> members{};
};

struct Extents {
    std::vector<Extent> all;    // in the order of the rows
    std::vector<Group> groups;  // in the order of their values
};

/// Of what reaches into the tile and its buffer. What does not may change without the tile being made anew: it must not count for the budget.
Extents extents_of(gis_core::TileId tile, ShapeRows const& rows) {
    auto const bounds = tile.bounds();
    auto const unit = (bounds.east - bounds.west) / kExtent, buffer = kBuffer * unit;
    GridBox const area{to_grid(bounds.west - buffer), to_grid(bounds.south - buffer), to_grid(bounds.east + buffer), to_grid(bounds.north + buffer)};
    std::array<double, kSteps> sides{};  // of the steps, on the grid
    for (int step = 0; step < kSteps; ++step) sides[static_cast<std::size_t>(step)] = side_of(step) * unit / kGridStep_m;
    Extents out;
    out.all.reserve(rows.size);
    for (std::size_t row = 0; row < rows.size; ++row) {
        auto const [box, grid_x, grid_y, numbers] = rows.measure(row);
        if (numbers == 0) continue;
        if (!area.holds(box) && !reaches(rows.shape(row).outline, area)) continue;
        auto const side = static_cast<double>(std::max(std::int64_t{box.east} - box.west, std::int64_t{box.north} - box.south));
        auto const step = static_cast<int>(std::upper_bound(sides.begin(), sides.end(), side) - sides.begin());
        out.all.push_back({row, step, kFeatureBytes + kPositionBytes * numbers / 2});
        auto const x = (grid_x * kGridStep_m - bounds.west) / unit, y = (bounds.north - grid_y * kGridStep_m) / unit;
        if (x < 0 || y < 0 || x >= kExtent || y >= kExtent) continue;
        auto const number = rows.merge_by(row);
        if (number >= out.groups.size()) out.groups.resize(number + 1);
        out.groups[number].members.push_back({row, step, static_cast<int>(x), static_cast<int>(y)});
    }
    for (std::uint32_t number = 0; number < out.groups.size(); ++number) out.groups[number].value = rows.merge_values[number];
    std::sort(out.groups.begin(), out.groups.end(), [](Group const& a, Group const& b) { return a.value < b.value; });
    return out;
}

/// Draws what has to be merged for the layer to keep to its budget, and says up to which step that is.
int add_merged(Layer const& layer, Extents const& extents, ShapeRows const& rows, MvtLayer& out) {
    std::array<std::size_t, kSteps + 1> bytes{};
    for (auto const& one : extents.all) bytes[static_cast<std::size_t>(one.step)] += one.bytes;
    auto alone = std::accumulate(bytes.begin(), bytes.end(), std::size_t{0});
    for (int step = 0;; ++step) {
        alone -= bytes[static_cast<std::size_t>(step)];
        if (alone > kLayerBytes / 8 * 7 && step < kSteps) continue;  // room for the squares
        CellMask mask{std::min(kExtent, static_cast<int>(std::bit_floor(static_cast<unsigned>(side_of(step)))))};
        auto const mark = [&](Group const& group) {
            mask.clear();
            bool has_any = false;
            for (auto const& member : group.members) {
                if (member.step > step) continue;
                mask.mark(member.x, member.y);
                has_any = true;
            }
            return has_any;
        };
        auto least = alone;
        for (auto const& group : extents.groups) least += mark(group) ? kFeatureBytes + kPositionBytes * mask.corners() : 0;
        if (least > kLayerBytes && step < kSteps) continue;
        std::vector<TileGeometry> outlines;
        auto total = alone;
        for (auto const& group : extents.groups) {
            outlines.push_back(mark(group) ? mask.outline() : TileGeometry{});
            total += outlines.back().commands.empty() ? 0 : kFeatureBytes + outlines.back().commands.size() * 3 / 2;
        }
        if (total > kLayerBytes && step < kSteps) continue;
        for (std::size_t i = 0; i < outlines.size(); ++i) {
            std::int64_t count = 0;
            double sum = 0;
            for (auto const& member : extents.groups[i].members) {
                if (member.step > step) continue;
                ++count;
                if (rows.merge_sum) sum += rows.merge_sum(member.row);
            }
            std::vector<MvtLayer::Tag> tags{{layer.merge_by, extents.groups[i].value}, {"feature_count", count}};
            if (!layer.merge_sum.empty()) tags.push_back({layer.merge_sum, std::round(sum * 100) / 100});
            out.add_feature(std::nullopt, outlines[i], tags);
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
        for (auto const& one : extents.all) {
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
