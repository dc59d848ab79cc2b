#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tile_server {

/// A box on the grid of EPSG:3857 (grid_shape.hpp), edges included.
struct GridBox {
    std::int32_t west = 0, south = 0, east = 0, north = 0;
    bool touches(GridBox const& other) const noexcept { return west <= other.east && other.west <= east && south <= other.north && other.south <= north; }
    bool holds(GridBox const& other) const noexcept { return west <= other.west && other.east <= east && south <= other.south && other.north <= north; }
    void add(GridBox const& other) noexcept {
        west = std::min(west, other.west);
        south = std::min(south, other.south);
        east = std::max(east, other.east);
        north = std::max(north, other.north);
    }
};

/// Numbers of the boxes in the order in which a Hilbert curve comes by their middles: neighbours on the ground are neighbours in it.
std::vector<std::uint32_t> hilbert_order(std::vector<GridBox> const& boxes);

/// An R-tree that is built once: boxes as they come, best in hilbert_order(), 16 to a node, level above level in one array.
class PackedTree {
public:
    PackedTree() = default;
    explicit PackedTree(std::vector<GridBox> boxes);

    /// Calls found(number of the box) for every box that touches the area, in their order.
    template <typename Found>
    void search(GridBox const& area, Found&& found) const {
        if (levels_.empty()) return;
        search_node(area, levels_.size() - 1, 0, found);
    }
    std::size_t bytes() const noexcept { return boxes_.capacity() * sizeof(boxes_[0]); }
    template <typename Archive>
    void transfer(Archive& archive) {
        archive(boxes_);
    }
    /// Closes what a reader filled; false when it is no tree over so many boxes.
    bool finish_transfer(std::size_t boxes);

private:
    static constexpr std::size_t kNode = 16;
    struct Level {
        std::size_t begin, size;
    };
    template <typename Found>
    void search_node(GridBox const& area, std::size_t level, std::size_t first, Found& found) const {
        auto const last = std::min(first + kNode, levels_[level].size);
        for (auto i = first; i < last; ++i) {
            auto const& box = boxes_[levels_[level].begin + i];
            if (!box.touches(area)) continue;
            if (level == 0) {
                found(static_cast<std::uint32_t>(i));
            } else if (area.holds(box)) {  // and all below it
                auto below = i, size = std::size_t{1};
                for (auto up = level; up > 0; --up) {
                    below *= kNode;
                    size *= kNode;
                }
                for (auto row = below, end = std::min(below + size, levels_[0].size); row < end; ++row) found(static_cast<std::uint32_t>(row));
            } else {
                search_node(area, level - 1, i * kNode, found);
            }
        }
    }
    std::vector<GridBox> boxes_;  // leaves, then each level above them
    std::vector<Level> levels_;
};

}  // namespace tile_server
