#pragma once

#include "gis_core/date.hpp"
#include "tile_server/store/column.hpp"
#include "tile_server/store/grid_shape.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tile_server {

/// A day as its number since 1970-01-01.
using DayNumber = std::int32_t;
inline constexpr DayNumber kAlways = std::numeric_limits<DayNumber>::min(), kForEver = std::numeric_limits<DayNumber>::max();
inline gis_core::Date day_of(DayNumber number) { return gis_core::Date{std::chrono::sys_days{std::chrono::days{number}}}; }
inline DayNumber number_of(gis_core::Date day) { return static_cast<DayNumber>(day.days.time_since_epoch().count()); }

/// The outlines a layer of lines or polygons has: the record's own as number 0, then generalised ones.
std::size_t levels_of(gis_core::layers::Layer const& layer);
/// The one for a zoom. Of units: 1 for min_zoom, and so on.
std::size_t level_for(gis_core::layers::Layer const& layer, int zoom);

/// A version of a row as it comes from the record.
struct StoredRow {
    std::int64_t key = 0;
    DayNumber since = kAlways, until = kForEver;  // the days on which it is shown, half-open
    double x_m = 0, y_m = 0, lon = 0, lat = 0;    // of a point
    std::vector<GridShape> shapes;                // of lines and polygons, by level; an empty one: it has none there
    std::string wkb;                              // the record's outline in EPSG:4326, in double precision: what filters ask (T8)
    std::vector<std::optional<MvtValue>> values;
};

/// Values of one length after another.
template <typename Values>
class Series {
public:
    template <typename View>
    void add(View const& values) {
        all_.insert(all_.end(), values.begin(), values.end());
        ends_.push_back(all_.size());
    }
    auto operator[](std::uint32_t row) const {
        auto const begin = row == 0 ? 0 : ends_[row - 1];
        return std::span{all_.data() + begin, ends_[row] - begin};
    }
    void arrange(std::vector<std::uint32_t> const& order) {
        Series out;
        out.all_.reserve(all_.size());
        out.ends_.reserve(ends_.size());
        for (auto const row : order) out.add((*this)[row]);
        *this = std::move(out);
    }
    std::size_t bytes() const noexcept { return all_.capacity() * sizeof(all_[0]) + ends_.capacity() * sizeof(ends_[0]); }
    template <typename Archive>
    void transfer(Archive& archive) {
        archive(all_);
        archive(ends_);
    }
    bool is_sound(std::size_t rows) const { return ends_.size() == rows && is_ascending_to(ends_, all_.size()); }

private:
    Values all_;
    std::vector<std::size_t> ends_;
};

/// Rows of a layer in columns, with a tree over their boxes. Rows are added, then it is closed: they stand in the order of a Hilbert curve
/// from then on, so that what a tile looks at lies together, and stay as they are.
class Segment {
public:
    /// \pre the layer lives longer
    explicit Segment(gis_core::layers::Layer const& layer);

    void add(StoredRow const& row);
    void close();

    gis_core::layers::Layer const& layer() const noexcept { return layer_; }
    std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(keys_.size()); }
    std::int64_t key(std::uint32_t row) const { return keys_[row]; }
    StoredRow row(std::uint32_t row) const;
    bool is_shown(std::uint32_t row, DayNumber day) const { return since_.empty() || (since_[row] <= day && day < until_[row]); }
    DayNumber since(std::uint32_t row) const { return since_.empty() ? kAlways : since_[row]; }
    DayNumber until(std::uint32_t row) const { return until_.empty() ? kForEver : until_[row]; }
    GridShapeView shape(std::uint32_t row, std::size_t level) const { return shapes_[level][row]; }
    /// Of a layer that merges.
    ShapeSize const& measure(std::uint32_t row, std::size_t level) const { return sizes_[level][row]; }
    struct Point {
        double x_m, y_m, lon, lat;
    };
    Point const& point(std::uint32_t row) const { return points_[row]; }
    std::string_view wkb(std::uint32_t row) const {
        auto const bytes = wkb_[row];
        return {bytes.data(), bytes.size()};
    }
    /// In the order of columns_of(layer).
    Column const& column(std::size_t number) const { return columns_[number]; }
    PackedTree const& tree() const noexcept { return tree_; }
    std::size_t bytes() const noexcept;
    /// Hands its members to a writer or a reader (snapshot.cpp).
    template <typename Archive>
    void transfer(Archive& archive) {
        archive(keys_);
        archive(points_);
        archive(since_);
        archive(until_);
        for (auto& level : shapes_) level.transfer(archive);
        wkb_.transfer(archive);
        for (auto& column : columns_) column.transfer(archive);
        tree_.transfer(archive);
    }
    /// Closes what a reader filled; false when it is no segment of the layer.
    bool finish_transfer();

private:
    void measure_shapes();

    gis_core::layers::Layer const& layer_;
    std::vector<std::int64_t> keys_;
    std::vector<Point> points_;
    std::vector<DayNumber> since_, until_;  // of layers that have days
    std::vector<Series<GridShape>> shapes_;
    std::vector<std::vector<ShapeSize>> sizes_;  // of a layer that merges, by level
    Series<std::string> wkb_;
    std::vector<Column> columns_;
    std::vector<GridBox> boxes_;  // until it is closed
    PackedTree tree_;
};

/// The attributes that the store keeps: what the record has of them, for tiles and for filters.
std::vector<gis_core::layers::Attribute const*> columns_of(gis_core::layers::Layer const& layer);

/// The number of one of them.
std::size_t column_number(gis_core::layers::Layer const& layer, std::string_view name);

struct DayMemory;  // day_cells.hpp

/// A layer as it was read, all days of it, and what has changed since. Never written to: a change makes another one.
struct LayerVersion {
    std::uint64_t number = 0;
    std::shared_ptr<Segment const> base, delta;
    std::vector<bool> gone;  // rows of base that are no more, or stand in delta as they are now
    std::uint32_t gone_count = 0;
    struct Span {
        DayNumber since, until;
    };
    std::vector<Span> spans;  // of a layer of units: days on which any is shown, oldest first, those that touch joined
    std::shared_ptr<DayMemory> days;

    gis_core::layers::Layer const& layer() const { return base->layer(); }
    std::uint32_t rows() const { return base->size() - gone_count + delta->size(); }
    std::size_t bytes() const { return base->bytes() + delta->bytes() + gone.size() / 8; }
    /// found(segment, row) for every row, whatever its days, whose box touches the area.
    template <typename Found>
    void touching(GridBox const& area, Found&& found) const {
        base->tree().search(area, [&](std::uint32_t row) {
            if (!gone[row]) found(*base, row);
        });
        delta->tree().search(area, [&](std::uint32_t row) { found(*delta, row); });
    }
    /// The same for those that are shown on that day.
    template <typename Found>
    void search(GridBox const& area, DayNumber day, Found&& found) const {
        touching(area, [&](Segment const& segment, std::uint32_t row) {
            if (segment.is_shown(row, day)) found(segment, row);
        });
    }
    /// found(segment, row) for every row shown on that day, neighbours after another.
    template <typename Found>
    void each(DayNumber day, Found&& found) const {
        for (std::uint32_t row = 0; row < base->size(); ++row) {
            if (base->is_shown(row, day) && !gone[row]) found(*base, row);
        }
        for (std::uint32_t row = 0; row < delta->size(); ++row) {
            if (delta->is_shown(row, day)) found(*delta, row);
        }
    }
    static LayerVersion whole(std::uint64_t number, std::shared_ptr<Segment const> base);
    static LayerVersion of(std::uint64_t number, std::shared_ptr<Segment const> base, std::shared_ptr<Segment const> delta, std::vector<bool> gone);
    /// Around the outline of each row that reaches into a box, generalised or not.
    std::vector<GridBox> boxes_of_rows(std::vector<GridBox> const& boxes) const;
    /// The version after: rows within the boxes go, so do earlier states of what comes. \pre fresh is closed
    LayerVersion with(std::vector<GridBox> const& boxes, Segment const& fresh) const;

private:
    void find_spans();
};

}  // namespace tile_server
