#include "tile_server/store/draw.hpp"

#include "gis_core/error.hpp"
#include "tile_server/filter.hpp"
#include "tile_server/tags.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

namespace tile_server {

using gis_core::TileId;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;
namespace cql2 = gis_core::cql2;

namespace {

using Clock = std::chrono::steady_clock;
/// How long a filter may take for a tile, as a statement of the database may.
constexpr auto kLongest = std::chrono::seconds{10};

/// A row as the filter sees it: place 0 is the geometry, then the queryable columns (queryables()).
class FilteredRow : public cql2::Row {
public:
    explicit FilteredRow(Layer const& layer) {
        auto const columns = columns_of(layer);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i]->is_queryable) columns_.push_back(i);
        }
    }
    void stand_at(Segment const& segment, std::uint32_t row) {
        segment_ = &segment;
        row_ = row;
        shape_.reset();
    }
    cql2::Value value(int slot) const override {
        if (slot > 0) return segment_->column(columns_[static_cast<std::size_t>(slot) - 1]).in_filter(row_);
        if (!shape_) {
            if (segment_->layer().kind == LayerKind::points) {
                auto const& point = segment_->point(row_);
                shape_ = geos_.point(point.lon, point.lat);
            } else {
                shape_ = geos_.from_wkb(segment_->wkb(row_));
            }
        }
        return static_cast<GEOSGeometry const*>(shape_.get());
    }

private:
    std::vector<std::size_t> columns_;
    Segment const* segment_ = nullptr;
    std::uint32_t row_ = 0;
    mutable cql2::Geos geos_;
    mutable cql2::Geos::Shape shape_;
};

class Painter {
public:
    Painter(LayerVersion const& version, TileId tile, Filter const* filter)
        : version_{version}, layer_{version.layer()}, tile_{tile}, filtered_row_{layer_}, tile_layer_{layer_.id} {
        if (filter != nullptr) filter_.emplace(filter->node);
        auto const columns = columns_of(layer_);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i]->is_in_tiles) columns_.emplace_back(i, columns[i]->name);
        }
    }

    void paint(std::string& out) {
        if (layer_.kind != LayerKind::points) add_shapes();
        else if (tile_.z < layer_.max_zoom) add_clusters();
        else add_points();
        if (!tile_layer_.is_empty()) tile_layer_.write_to(out);
    }

private:
    struct Place {
        Segment const* segment;
        std::uint32_t row;
    };

    GridBox area() const {
        auto const box = tile_.bounds();
        auto const margin = (box.east - box.west) * kBufferMargin;
        return {to_grid(box.west - margin), to_grid(box.south - margin), to_grid(box.east + margin), to_grid(box.north + margin)};
    }
    bool matches(Segment const& segment, std::uint32_t row) {
        if (!filter_) return true;
        if (++asked_ % 256 == 0 && Clock::now() > deadline_) {
            throw gis_core::Error{gis_core::ErrorKind::overloaded, "the filter takes too long for this tile; a simpler one or a higher zoom takes less"};
        }
        filtered_row_.stand_at(segment, row);
        return filter_->matches(filtered_row_);
    }
    template <typename Accept>
    std::vector<Place> places_by_key(Accept&& accept) {
        std::vector<Place> out;
        version_.search(area(), [&](Segment const& segment, std::uint32_t row) {
            if (accept(segment, row) && matches(segment, row)) out.push_back({&segment, row});
        });
        std::sort(out.begin(), out.end(), [](Place const& a, Place const& b) { return a.segment->key(a.row) < b.segment->key(b.row); });
        return out;
    }
    void add(Place const& place, TileGeometry const& geometry) {
        tags_.clear();
        for (auto const& [number, name] : columns_) {
            if (auto value = place.segment->column(number).in_tile(place.row)) tags_.push_back({name, std::move(*value)});
        }
        tile_layer_.add_feature(static_cast<std::uint64_t>(place.segment->key(place.row)), geometry, tags_);
    }

    void add_shapes() {
        auto const kind = layer_.kind == LayerKind::lines ? GeometryKind::line : GeometryKind::polygon;
        auto const is_coarse = tile_.z <= layer_.coarse_zoom;
        for (auto const& place : places_by_key([](auto const&, auto) { return true; })) {
            auto const geometry = to_tile_geometry(kind, place.segment->shape(place.row, is_coarse), tile_);
            if (!geometry.commands.empty()) add(place, geometry);
        }
    }

    /// Column and row of a point among cells of that side, counted from the north-west: the arithmetic of tile_clusters.sql.
    static std::pair<double, double> cell_of(Segment::Point const& point, double side) {
        return {std::floor((point.x_m + gis_core::kMercatorHalfWidth_m) / side), std::floor((gis_core::kMercatorHalfWidth_m - point.y_m) / side)};
    }
    double side() const { return 2 * gis_core::kMercatorHalfWidth_m / static_cast<double>(std::uint32_t{1} << tile_.z); }

    void add_points() {
        std::pair<double, double> const own{tile_.x, tile_.y};
        auto const is_inside = [&](Segment const& segment, std::uint32_t row) { return cell_of(segment.point(row), side()) == own; };
        for (auto const& place : places_by_key(is_inside)) {
            auto const& point = place.segment->point(place.row);
            add(place, to_tile_point(point.x_m, point.y_m, tile_));
        }
    }

    void add_clusters() {
        struct Cell {
            std::int64_t count = 0;
            double x = 0, y = 0;
            std::array<std::int64_t, 3> stars{};
            Place place{};
        };
        std::array<Cell, static_cast<std::size_t>(kCells * kCells)> cells;
        auto const star_column = star();
        version_.search(area(), [&](Segment const& segment, std::uint32_t row) {
            auto const& point = segment.point(row);
            auto const [column, line] = cell_of(point, side() / kCells);
            auto const x = column - double{kCells} * tile_.x, y = line - double{kCells} * tile_.y;
            if (x < 0 || x >= kCells || y < 0 || y >= kCells || !matches(segment, row)) return;
            auto& cell = cells[static_cast<std::size_t>(y) * kCells + static_cast<std::size_t>(x)];
            ++cell.count;
            cell.x += point.x_m;
            cell.y += point.y_m;
            cell.place = {&segment, row};
            if (star_column) {
                auto const value = segment.column(*star_column).in_filter(row);
                auto const* const number = std::get_if<double>(&value);
                if (number != nullptr && *number >= 3 && *number <= 5) ++cell.stars[static_cast<std::size_t>(*number) - 3];
            }
        });
        for (auto const& cell : cells) {
            if (cell.count == 0) continue;
            auto const n = static_cast<double>(cell.count);
            auto const geometry = to_tile_point(cell.x / n, cell.y / n, tile_);
            if (cell.count == 1) {
                add(cell.place, geometry);
                continue;
            }
            tags_.clear();
            add_counts(layer_, cell.count, cell.stars, tags_);
            tile_layer_.add_feature(std::nullopt, geometry, tags_);
        }
    }

    std::optional<std::size_t> star() const {
        if (!layer_.counts_by_star) return std::nullopt;
        auto const columns = columns_of(layer_);
        auto const found = std::find_if(columns.begin(), columns.end(), [](auto const* attribute) { return attribute->name == "star"; });
        return static_cast<std::size_t>(found - columns.begin());
    }

    LayerVersion const& version_;
    Layer const& layer_;
    TileId tile_;
    std::optional<cql2::Evaluator> filter_;
    FilteredRow filtered_row_;
    std::uint64_t asked_ = 0;
    Clock::time_point deadline_ = Clock::now() + kLongest;
    MvtLayer tile_layer_;
    std::vector<std::pair<std::size_t, std::string_view>> columns_;  // of the segment, that stand in tiles
    std::vector<MvtLayer::Tag> tags_;
};

}  // namespace

void draw(LayerVersion const& version, TileId tile, Filter const* filter, std::string& out) { Painter{version, tile, filter}.paint(out); }

}  // namespace tile_server
