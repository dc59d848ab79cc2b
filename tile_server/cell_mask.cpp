#include "tile_server/cell_mask.hpp"

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
    // Squares that share a side, directly or through others, are one polygon.
    std::vector<std::uint32_t> part_of(cells_.size());
    std::vector<std::pair<int, int>> starts, open;
    for (int y = north_; y <= south_; ++y) {
        for (int x = west_; x <= east_; ++x) {
            if (!is_marked(x, y) || part_of[index(x, y)] != 0) continue;
            starts.emplace_back(x, y);
            open.emplace_back(x, y);
            part_of[index(x, y)] = static_cast<std::uint32_t>(starts.size());
            while (!open.empty()) {
                auto const [at_x, at_y] = open.back();
                open.pop_back();
                for (auto const& [dx, dy] : kOutside) {
                    if (!is_marked(at_x + dx, at_y + dy) || part_of[index(at_x + dx, at_y + dy)] != 0) continue;
                    part_of[index(at_x + dx, at_y + dy)] = static_cast<std::uint32_t>(starts.size());
                    open.emplace_back(at_x + dx, at_y + dy);
                }
            }
        }
    }
    std::vector<std::vector<TileRing>> parts(starts.size());  // rings; the first one found is the outer one
    for (int y = north_; y <= south_; ++y) {
        for (int x = west_; x <= east_; ++x) {
            for (std::size_t side = 0; side < 4; ++side) {
                auto const is_border = [&](int at_x, int at_y, std::size_t of) {
                    return is_marked(at_x, at_y) && !is_marked(at_x + kOutside[of].first, at_y + kOutside[of].second);
                };
                if (!is_border(x, y, side) || (cells_[index(x, y)] & (2U << side)) != 0) continue;
                auto const part = part_of[index(x, y)];
                auto& ring = parts[part - 1].emplace_back();
                int at_x = x, at_y = y;
                auto of = side;
                while ((cells_[index(at_x, at_y)] & (2U << of)) == 0) {
                    cells_[index(at_x, at_y)] |= static_cast<std::uint8_t>(2U << of);
                    int const ahead_x = at_x + kAlong[of].first, ahead_y = at_y + kAlong[of].second;
                    int const across_x = ahead_x + kOutside[of].first, across_y = ahead_y + kOutside[of].second;
                    auto const corner = std::pair{(at_x + kEnd[of].first) * side_, (at_y + kEnd[of].second) * side_};
                    // Where two squares of one part meet in a corner the ring goes on along the other: what lies between is cut off there,
                    // so a hole touches the outer ring in that corner and no ring touches itself.
                    auto const turns_out = is_marked(across_x, across_y) && (is_marked(ahead_x, ahead_y) || part_of[index(across_x, across_y)] == part);
                    if (turns_out) {
                        at_x = across_x;
                        at_y = across_y;
                        of = (of + 3) % 4;
                    } else if (is_marked(ahead_x, ahead_y)) {
                        at_x = ahead_x;
                        at_y = ahead_y;
                        continue;  // straight on
                    } else {
                        of = (of + 1) % 4;
                    }
                    ring.push_back(corner);
                }
            }
        }
    }
    return to_tile_polygons(parts);
}

}  // namespace tile_server
