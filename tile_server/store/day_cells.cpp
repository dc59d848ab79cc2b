#include "tile_server/store/day_cells.hpp"

#include <cmath>
#include <numeric>

namespace tile_server {

Cell cell_of(Segment::Point const& point, double side_m) {
    auto const whole = [](double number) { return static_cast<std::int64_t>(number) - (number < 0 ? 1 : 0); };  // floor() is a call
    return {whole((point.x_m + gis_core::kMercatorHalfWidth_m) / side_m), whole((gis_core::kMercatorHalfWidth_m - point.y_m) / side_m)};
}

RowAdder::RowAdder(LayerVersion const& version) : base_{version.base.get()}, counts_by_star_{version.layer().counts_by_star} {
    if (!counts_by_star_) return;
    star_ = column_number(version.layer(), "star");
    class_code_ = column_number(version.layer(), "class_code");
    base_sectors_ = sectors_of(*version.base);
    delta_sectors_ = sectors_of(*version.delta);
}

std::vector<int> RowAdder::sectors_of(Segment const& segment) const {
    std::vector<int> out;
    auto const& texts = segment.column(class_code_).texts();
    for (std::uint32_t i = 0; i < texts.size(); ++i) out.push_back(Counts::sector_of(texts[i]));
    out.push_back(0);
    return out;
}

void RowAdder::add(Segment const& segment, std::uint32_t row, CellSum& to) const {
    auto const& point = segment.point(row);
    ++to.counts.rows;
    to.x_m += point.x_m;
    to.y_m += point.y_m;
    to.segment = &segment;
    to.row = row;
    if (!counts_by_star_) return;
    auto const& sectors = &segment == base_ ? base_sectors_ : delta_sectors_;
    to.counts.add(segment.column(star_).integer_or(row, 0), sectors[segment.column(class_code_).text_number(row)]);
}

std::uint64_t DayCells::interleaved(std::uint64_t column, std::uint64_t line) {
    std::uint64_t out = 0;
    for (unsigned bit = 0; bit < kZoom; ++bit) out |= ((column >> bit & 1U) << (2 * bit)) | ((line >> bit & 1U) << (2 * bit + 1));
    return out;
}

std::uint32_t DayCells::every_second(std::uint64_t bits) {
    std::uint32_t out = 0;
    for (unsigned bit = 0; bits != 0; ++bit, bits >>= 2U) out |= static_cast<std::uint32_t>(bits & 1U) << bit;
    return out;
}

DayCells::DayCells(LayerVersion const& version, DayNumber day) {
    constexpr std::int64_t kAcross = std::int64_t{1} << kZoom;
    auto const side_m = side_of_cells(kZoom);
    RowAdder const adder{version};
    std::vector<std::uint64_t> places;
    std::vector<CellSum> sums;
    std::int64_t column = -1, line = -1;  // of the last one
    // The rows of a square stand together in a segment, but for those at its edge.
    version.each(day, [&](Segment const& segment, std::uint32_t row) {
        auto const cell = cell_of(segment.point(row), side_m);
        if (cell.column < 0 || cell.line < 0 || cell.column >= kAcross || cell.line >= kAcross) return;
        if (cell.column != column || cell.line != line) {
            places.push_back(interleaved(static_cast<std::uint64_t>(cell.column), static_cast<std::uint64_t>(cell.line)));
            sums.emplace_back();
            column = cell.column;
            line = cell.line;
        }
        adder.add(segment, row, sums.back());
    });
    std::vector<std::uint32_t> order(places.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return places[a] < places[b]; });
    for (auto const i : order) {
        if (places_.empty() || places_.back() != places[i]) {
            places_.push_back(places[i]);
            sums_.push_back(sums[i]);
        } else {
            sums_.back().add(sums[i]);
        }
    }
}

std::shared_ptr<DayCells const> cells_on(LayerVersion const& version, DayNumber day, bool makes) {
    constexpr std::size_t kDays = 4;
    auto& [mutex, kept] = *version.days;
    std::lock_guard lock{mutex};
    auto found = std::find_if(kept.begin(), kept.end(), [&](auto const& one) { return one.first == day; });
    if (found == kept.end()) {
        if (!makes) return nullptr;
        if (kept.size() == kDays) kept.erase(kept.begin());
        found = kept.insert(kept.end(), {day, std::make_shared<DayCells const>(version, day)});
    }
    std::rotate(found, found + 1, kept.end());
    return kept.back().second;
}

std::size_t bytes_of(DayMemory& days) {
    std::lock_guard lock{days.mutex};
    return std::accumulate(days.kept.begin(), days.kept.end(), std::size_t{0}, [](std::size_t sum, auto const& one) { return sum + one.second->bytes(); });
}

}  // namespace tile_server
