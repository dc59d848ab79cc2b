#include "tile_server/cell_mask.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace tile_server {

CellMask::CellMask(int side)
    : side_{side}, words_{static_cast<std::size_t>(kExtent / side) / 64 + 1}, bits_(words_ * static_cast<std::size_t>(kExtent / side + 2)) {
    top_ = bits_.size();
    bottom_ = 0;
}

void CellMask::mark(int x_units, int y_units) {
    auto const column = static_cast<std::size_t>(x_units / side_ + 1), line = static_cast<std::size_t>(y_units / side_ + 1);
    bits_[line * words_ + column / 64] |= std::uint64_t{1} << (column % 64);
    top_ = std::min(top_, line);
    bottom_ = std::max(bottom_, line);
}

void CellMask::clear() {
    if (top_ <= bottom_)
        std::fill(bits_.begin() + static_cast<std::ptrdiff_t>(top_ * words_), bits_.begin() + static_cast<std::ptrdiff_t>((bottom_ + 1) * words_), 0);
    top_ = bits_.size();
    bottom_ = 0;
}

/// Each corner of the grid has four squares around it: of one or three marked ones the outline turns there, of two that face each other it does so twice.
std::size_t CellMask::corners() const {
    std::size_t count = 0;
    for (auto line = top_; line <= bottom_ + 1 && top_ <= bottom_; ++line) {
        std::uint64_t left_above = 0, left_below = 0;  // the last squares of the word before
        for (std::size_t word = 0; word < words_; ++word) {
            auto const above = bits_[(line - 1) * words_ + word], below = bits_[line * words_ + word];
            auto const west_above = above << 1U | left_above, west_below = below << 1U | left_below;
            left_above = above >> 63U;
            left_below = below >> 63U;
            if ((above | below | west_above | west_below) == 0) continue;
            count += static_cast<std::size_t>(std::popcount(above ^ below ^ west_above ^ west_below));
            count += 2 * static_cast<std::size_t>(std::popcount((above ^ below) & (above ^ west_above) & (below ^ west_below)));
        }
    }
    return count;
}

TileGeometry CellMask::outline() const {
    auto const across = static_cast<std::ptrdiff_t>(words_ * 64);  // from a square to the one below it
    std::vector<std::ptrdiff_t> squares;
    for (auto word = top_ * words_; top_ <= bottom_ && word < (bottom_ + 1) * words_; ++word) {
        for (auto bits = bits_[word]; bits != 0; bits &= bits - 1) squares.push_back(static_cast<std::ptrdiff_t>(word) * 64 + std::countr_zero(bits));
    }
    // The number of a marked square, from 1 on: a grid of all, which is empty again afterwards.
    static thread_local std::vector<std::uint32_t> grid;
    grid.resize(std::max(grid.size(), bits_.size() * 64));
    auto* const numbers = grid.data();
    for (std::size_t i = 0; i < squares.size(); ++i) numbers[squares[i]] = static_cast<std::uint32_t>(i + 1);

    // The sides of a square in the order in which a ring that has it on its right goes along them: top, right, bottom, left.
    std::array<std::ptrdiff_t, 4> const along{1, across, -1, -across};                    // from its beginning to its end
    std::array<std::ptrdiff_t, 4> const outside{-across, 1, across, -1};                  // to the square on the other side of it
    constexpr std::array<std::pair<int, int>, 4> kEnd{{{1, 0}, {1, 1}, {0, 1}, {0, 0}}};  // the corner where it ends

    // Squares that share a side, directly or through others, are one polygon.
    std::vector<std::uint32_t> part_of(squares.size()), open;
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < squares.size(); ++i) {
        if (part_of[i] != 0) continue;
        open.push_back(i);
        part_of[i] = ++count;
        while (!open.empty()) {
            auto const square = squares[open.back()];
            open.pop_back();
            for (auto const step : outside) {
                auto const other = numbers[square + step];
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
    std::vector<std::pair<std::int32_t, std::int32_t>> found;
    std::vector<std::uint8_t> sides(squares.size());  // that stand in a ring
    for (std::uint32_t i = 0; i < squares.size(); ++i) {
        for (std::size_t side = 0; side < 4; ++side) {
            if (numbers[squares[i] + outside[side]] != 0 || (sides[i] & (1U << side)) != 0) continue;
            auto const part = part_of[i];
            rings.push_back({part, found.size(), 0});
            auto at = i;
            auto of = side;
            while ((sides[at] & (1U << of)) == 0) {
                sides[at] |= static_cast<std::uint8_t>(1U << of);
                auto const square = squares[at];
                auto const ahead = numbers[square + along[of]], beside = numbers[square + along[of] + outside[of]];
                auto const [right, down] = kEnd[of];
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
                found.emplace_back((static_cast<std::int32_t>(square % across) - 1 + right) * side_,
                                   (static_cast<std::int32_t>(square / across) - 1 + down) * side_);
            }
            rings.back().end = found.size();
        }
    }
    for (auto const square : squares) numbers[square] = 0;
    std::stable_sort(rings.begin(), rings.end(), [](Ring const& a, Ring const& b) { return a.part < b.part; });
    TilePolygons polygons;
    for (auto const& ring : rings) {
        auto const is_hole = &ring != rings.data() && (&ring - 1)->part == ring.part;
        polygons.corners.insert(polygons.corners.end(), found.begin() + static_cast<std::ptrdiff_t>(ring.begin),
                                found.begin() + static_cast<std::ptrdiff_t>(ring.end));
        polygons.rings.push_back({polygons.corners.size(), is_hole});
    }
    return to_tile_polygons(polygons);
}

}  // namespace tile_server
