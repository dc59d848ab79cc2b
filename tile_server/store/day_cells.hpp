#pragma once

#include "gis_core/geo/tile_matrix_set.hpp"
#include "tile_server/store/segment.hpp"
#include "tile_server/tags.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tile_server {

/// Points of a square, together.
struct CellSum {
    Counts counts;
    double x_m = 0, y_m = 0;
    Segment const* segment = nullptr;  // one of them
    std::uint32_t row = 0;
    void add(CellSum const& other) {
        counts.add(other.counts);
        x_m += other.x_m;
        y_m += other.y_m;
        segment = other.segment;
        row = other.row;
    }
};

/// Adds rows of a layer of points to squares.
class RowAdder {
public:
    explicit RowAdder(LayerVersion const& version);
    void add(Segment const& segment, std::uint32_t row, CellSum& to) const;

private:
    std::vector<int> sectors_of(Segment const& segment) const;
    Segment const* base_;
    bool counts_by_star_;
    std::size_t star_ = 0, class_code_ = 0;
    std::vector<int> base_sectors_, delta_sectors_;  // of the texts of class_code, and of none
};

/// A square of a zoom, counted from the north-west: tiles of that zoom are such squares.
struct Cell {
    std::int64_t column, line;
    bool operator==(Cell const&) const = default;
};
/// Of squares of that side; the arithmetic of tile_clusters.sql.
Cell cell_of(Segment::Point const& point, double side_m);
inline double side_of_cells(int zoom) { return 2 * gis_core::kMercatorHalfWidth_m / static_cast<double>(std::uint32_t{1} << zoom); }

/// All points that are shown on a day, by squares of zoom 16, so that no tile above needs to look at them one by one.
class DayCells {
public:
    static constexpr int kZoom = 16;
    DayCells(LayerVersion const& version, DayNumber day);

    /// found(column, line, sum) of each square of the tile, counted in it by squares of so many zooms below it.
    template <typename Found>
    void search(gis_core::TileId tile, int zooms_below, Found&& found) const {
        auto const below = 2 * (kZoom - tile.z);
        auto const first = interleaved(tile.x, tile.y) << below;
        auto const begin = std::lower_bound(places_.begin(), places_.end(), first) - places_.begin();
        auto const end = std::lower_bound(places_.begin() + begin, places_.end(), first + (std::uint64_t{1} << below)) - places_.begin();
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
            auto const place = (places_[i] - first) >> (below - 2 * zooms_below);
            found(every_second(place), every_second(place >> 1U), sums_[i]);
        }
    }

    std::size_t bytes() const noexcept { return places_.capacity() * sizeof(places_[0]) + sums_.capacity() * sizeof(sums_[0]); }

private:
    /// Bits of column and line in turn: squares of a tile follow one another.
    static std::uint64_t interleaved(std::uint64_t column, std::uint64_t line);
    static std::uint32_t every_second(std::uint64_t bits);
    std::vector<std::uint64_t> places_;  // ascending
    std::vector<CellSum> sums_;
};

/// Those of the days last asked for.
struct DayMemory {
    std::mutex mutex;
    std::vector<std::pair<DayNumber, std::shared_ptr<DayCells const>>> kept;  // the last one asked for at the end
};
/// Made by whoever asks first, while others wait. Nothing when they are not there and not to be made.
std::shared_ptr<DayCells const> cells_on(LayerVersion const& version, DayNumber day, bool makes);
std::size_t bytes_of(DayMemory& days);

}  // namespace tile_server
