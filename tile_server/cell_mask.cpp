#include "tile_server/cell_mask.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tile_server {

// The sides of a square in the order in which a ring that has it on its right goes along them: top, right, bottom, left.
namespace {
constexpr std::array<std::pair<int, int>, 4> kAlong{{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};    // from its beginning to its end
constexpr std::array<std::pair<int, int>, 4> kOutside{{{0, -1}, {1, 0}, {0, 1}, {-1, 0}}};  // to the square on the other side of it
constexpr std::array<std::pair<int, int>, 4> kEnd{{{1, 0}, {1, 1}, {0, 1}, {0, 0}}};        // the corner where it ends
}  // namespace

TileGeometry CellMask::outline() {
    std::sort(marked_.begin(), marked_.end());
    marked_.erase(std::unique(marked_.begin(), marked_.end()), marked_.end());
    // The number of a marked square, from 1 on: a grid of all, which is empty again afterwards.
    static thread_local std::vector<std::uint32_t> numbers;
    numbers.resize(std::max(numbers.size(), std::size_t{1} << (2 * shift_)));
    for (std::uint32_t i = 0; i < marked_.size(); ++i) numbers[marked_[i]] = i + 1;
    auto const across = 1 << shift_;
    auto const number_at = [&](int x, int y) { return x >= 0 && y >= 0 && x < across && y < across ? numbers[index(x, y)] : 0; };
    auto const column_of = [&](std::uint32_t square) { return static_cast<int>(marked_[square]) & (across - 1); };
    auto const line_of = [&](std::uint32_t square) { return static_cast<int>(marked_[square]) >> shift_; };

    // Squares that share a side, directly or through others, are one polygon.
    std::vector<std::uint32_t> part_of(marked_.size()), open;
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < marked_.size(); ++i) {
        if (part_of[i] != 0) continue;
        open.push_back(i);
        part_of[i] = ++count;
        while (!open.empty()) {
            auto const x = column_of(open.back()), y = line_of(open.back());
            open.pop_back();
            for (auto const& [dx, dy] : kOutside) {
                auto const other = number_at(x + dx, y + dy);
                if (other == 0 || part_of[other - 1] != 0) continue;
                part_of[other - 1] = count;
                open.push_back(other - 1);
            }
        }
    }
    struct Ring {
        std::uint32_t part;
        std::size_t begin, end;
    };
    std::vector<Ring> rings;  // the first one found of a part is the outer one
    TilePolygons polygons;
    std::vector<std::pair<std::int32_t, std::int32_t>> found;
    std::vector<std::uint8_t> sides(marked_.size());  // that stand in a ring
    for (std::uint32_t i = 0; i < marked_.size(); ++i) {
        for (std::size_t side = 0; side < 4; ++side) {
            if (number_at(column_of(i) + kOutside[side].first, line_of(i) + kOutside[side].second) != 0 || (sides[i] & (1U << side)) != 0) continue;
            auto const part = part_of[i];
            rings.push_back({part, found.size(), 0});
            auto at = i;
            auto of = side;
            while ((sides[at] & (1U << of)) == 0) {
                sides[at] |= static_cast<std::uint8_t>(1U << of);
                int const x = column_of(at), y = line_of(at);
                int const ahead_x = x + kAlong[of].first, ahead_y = y + kAlong[of].second;
                auto const ahead = number_at(ahead_x, ahead_y), beside = number_at(ahead_x + kOutside[of].first, ahead_y + kOutside[of].second);
                auto const corner = std::pair{(x + kEnd[of].first) * side_, (y + kEnd[of].second) * side_};
                // Where two squares of one part meet in a corner the ring goes on along the other: what lies between is cut off there,
                // so a hole touches the outer ring in that corner and no ring touches itself.
                if (beside != 0 && (ahead != 0 || part_of[beside - 1] == part)) {
                    at = beside - 1;
                    of = (of + 3) % 4;
                } else if (ahead != 0) {
                    at = ahead - 1;
                    continue;  // straight on
                } else {
                    of = (of + 1) % 4;
                }
                found.push_back(corner);
            }
            rings.back().end = found.size();
        }
    }
    for (auto const square : marked_) numbers[square] = 0;
    std::stable_sort(rings.begin(), rings.end(), [](Ring const& a, Ring const& b) { return a.part < b.part; });
    for (auto const& ring : rings) {
        auto const is_hole = &ring != rings.data() && (&ring - 1)->part == ring.part;
        polygons.corners.insert(polygons.corners.end(), found.begin() + static_cast<std::ptrdiff_t>(ring.begin), found.begin() + static_cast<std::ptrdiff_t>(ring.end));
        polygons.rings.push_back({polygons.corners.size(), is_hole});
    }
    return to_tile_polygons(polygons);
}

}  // namespace tile_server
