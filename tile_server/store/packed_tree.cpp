#include "tile_server/store/packed_tree.hpp"

namespace tile_server {
namespace {

/// The place of the box's middle along a Hilbert curve of 2^16 steps a side.
std::uint32_t place_of(GridBox const& box) {
    auto const middle = [](std::int64_t low, std::int64_t high) { return static_cast<std::uint32_t>(((low + high) / 2 + (std::int64_t{1} << 31)) >> 16); };
    auto x = middle(box.west, box.east), y = middle(box.south, box.north);
    std::uint32_t place = 0;
    for (std::uint32_t side = 1U << 15U; side > 0; side /= 2) {
        auto const right = (x & side) != 0 ? 1U : 0U, up = (y & side) != 0 ? 1U : 0U;
        place += side * side * ((3 * right) ^ up);
        if (up == 0) {
            if (right == 1) {
                x = 0xFFFFU - (x & 0xFFFFU);
                y = 0xFFFFU - (y & 0xFFFFU);
            }
            std::swap(x, y);
        }
    }
    return place;
}

}  // namespace

std::vector<std::uint32_t> hilbert_order(std::vector<GridBox> const& boxes) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> order;
    order.reserve(boxes.size());
    for (std::uint32_t i = 0; i < boxes.size(); ++i) order.emplace_back(place_of(boxes[i]), i);
    std::sort(order.begin(), order.end());
    std::vector<std::uint32_t> out;
    out.reserve(boxes.size());
    for (auto const& [place, i] : order) out.push_back(i);
    return out;
}

PackedTree::PackedTree(std::vector<GridBox> boxes) : boxes_{std::move(boxes)} {
    if (boxes_.empty()) return;
    levels_.push_back({0, boxes_.size()});
    boxes_.reserve(boxes_.size() + boxes_.size() / (kNode - 1) + 8);
    while (levels_.back().size > kNode) {
        auto const below = levels_.back();
        levels_.push_back({boxes_.size(), 0});
        for (std::size_t i = 0; i < below.size; ++i) {
            if (i % kNode == 0) {
                boxes_.push_back(boxes_[below.begin + i]);
                ++levels_.back().size;
            } else {
                boxes_.back().add(boxes_[below.begin + i]);
            }
        }
    }
}

bool PackedTree::finish_transfer(std::size_t boxes) {
    levels_.clear();
    std::size_t all = 0;
    for (auto size = boxes; size > 0; size = size <= kNode ? 0 : (size + kNode - 1) / kNode) {
        levels_.push_back({all, size});
        all += size;
    }
    return boxes_.size() == all;
}

}  // namespace tile_server
