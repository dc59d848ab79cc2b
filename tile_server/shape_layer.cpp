#include "tile_server/shape_layer.hpp"

#include "tile_server/cell_mask.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>

namespace tile_server {

using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

namespace {

/// What is shorter is always merged, in tile units: a pixel of a tile drawn at 1,024.
constexpr int kLeastSide = 4;
// Bytes before compression, as measured over tiles of zones: of a feature without its outline, and of a position.
constexpr std::size_t kFeatureBytes = 40, kPositionBytes = 3;

struct Extent {
    std::size_t row;
    double side, x, y;  // in tile units: the longer side of its box, and the middle of that
    std::size_t bytes;
};

std::vector<Extent> extents_of(gis_core::TileId tile, ShapeRows const& rows) {
    auto const bounds = tile.bounds();
    auto const unit = (bounds.east - bounds.west) / kExtent;
    std::vector<Extent> out;
    out.reserve(rows.size);
    for (std::size_t row = 0; row < rows.size; ++row) {
        auto const outline = rows.shape(row).outline;
        if (outline.empty()) continue;
        auto const box = box_of(outline);
        auto const west = box.west * kGridStep_m, south = box.south * kGridStep_m, east = box.east * kGridStep_m, north = box.north * kGridStep_m;
        out.push_back({row, std::max(east - west, north - south) / unit, ((west + east) / 2 - bounds.west) / unit, (bounds.north - (south + north) / 2) / unit,
                       kFeatureBytes + kPositionBytes * outline.size() / 2});
    }
    return out;
}

/// Polygons of one value of merge_by, as one feature.
struct Group {
    CellMask mask;
    std::int64_t count = 0;
    double sum = 0;
    TileGeometry outline{};
};
using Groups = std::map<std::string_view, Group>;

/// Those shorter than the side.
Groups merged(std::vector<Extent> const& by_side, int side, ShapeRows const& rows) {
    Groups out;
    for (auto const& one : by_side) {
        if (one.side >= side) break;
        if (one.x < 0 || one.y < 0 || one.x >= kExtent || one.y >= kExtent) continue;  // counted in another tile
        auto const value = rows.merge_by(one.row);
        auto const found = out.find(value);
        auto& group = found != out.end()
                          ? found->second
                          : out.emplace(value, Group{CellMask{std::min(kExtent, static_cast<int>(std::bit_floor(static_cast<unsigned>(side))))}}).first->second;
        group.mask.mark(static_cast<int>(one.x), static_cast<int>(one.y));
        ++group.count;
        if (rows.merge_sum) group.sum += rows.merge_sum(one.row);
    }
    for (auto& [value, group] : out) group.outline = group.mask.outline();
    return out;
}

/// Draws what has to be merged for the layer to keep to its budget, and says which side is too short to be drawn for itself.
int add_merged(Layer const& layer, std::vector<Extent> const& by_side, ShapeRows const& rows, MvtLayer& out) {
    auto alone = std::accumulate(by_side.begin(), by_side.end(), std::size_t{0}, [](std::size_t sum, Extent const& one) { return sum + one.bytes; });
    auto next = by_side.begin();
    for (int side = kLeastSide;; side += (side & (side - 1)) == 0 ? side / 2 : side / 3) {  // 4, 6, 8, 12, 16 …
        for (; next != by_side.end() && next->side < side; ++next) alone -= next->bytes;
        if (alone > kLayerBytes) continue;
        auto groups = merged(by_side, side, rows);
        auto bytes = alone;
        for (auto const& [value, group] : groups) bytes += kFeatureBytes + group.outline.commands.size() * 3 / 2;
        if (bytes > kLayerBytes && side < kExtent / 8) continue;
        for (auto const& [value, group] : groups) {
            std::vector<MvtLayer::Tag> tags{{layer.merge_by, std::string{value}}, {"feature_count", group.count}};
            if (!layer.merge_sum.empty()) tags.push_back({layer.merge_sum, std::round(group.sum * 100) / 100});
            out.add_feature(std::nullopt, group.outline, tags);
        }
        return side;
    }
}

}  // namespace

void draw_shapes(Layer const& layer, gis_core::TileId tile, ShapeRows const& rows, MvtLayer& out) {
    auto const kind = layer.kind == LayerKind::lines ? GeometryKind::line : GeometryKind::polygon;
    auto shown = extents_of(tile, rows);
    if (!layer.merge_by.empty()) {
        std::stable_sort(shown.begin(), shown.end(), [](Extent const& a, Extent const& b) { return a.side < b.side; });
        auto const side = add_merged(layer, shown, rows, out);
        std::erase_if(shown, [&](Extent const& one) { return one.side < side; });
        std::sort(shown.begin(), shown.end(), [](Extent const& a, Extent const& b) { return a.row < b.row; });
    }
    std::vector<MvtLayer::Tag> tags;
    for (auto const& one : shown) {
        auto const [outline, on_grid] = rows.shape(one.row);
        auto const geometry = to_tile_geometry(kind, outline, tile, on_grid);
        if (geometry.commands.empty()) continue;
        tags.clear();
        rows.add_tags(one.row, tags);
        out.add_feature(rows.key(one.row), geometry, tags);
    }
}

}  // namespace tile_server
