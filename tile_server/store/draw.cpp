#include "tile_server/store/draw.hpp"

#include "gis_core/error.hpp"
#include "tile_server/filter.hpp"
#include "tile_server/point_layer.hpp"
#include "tile_server/shape_layer.hpp"
#include "tile_server/store/day_cells.hpp"
#include "tile_server/tags.hpp"
#include "tile_server/trace.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <map>
#include <memory>
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

GridBox area_of(TileId tile) {
    auto const box = tile.bounds();
    auto const margin = (box.east - box.west) * kBufferMargin;
    return {to_grid(box.west - margin), to_grid(box.south - margin), to_grid(box.east + margin), to_grid(box.north + margin)};
}

class Painter {
public:
    Painter(LayerVersion const& version, TileId tile, gis_core::Date day, Filter const* filter, UnitTags const& units)
        : version_{version},
          layer_{version.layer()},
          tile_{tile},
          day_{tile_server::number_of(day)},
          units_{units},
          filtered_row_{layer_},
          tile_layer_{layer_.id} {
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
    LayerVersion::Span days() const { return days_; }

private:
    struct Place {
        Segment const* segment;
        std::uint32_t row;
    };

    bool matches(Segment const& segment, std::uint32_t row) {
        if (!filter_) return true;
        if (++asked_ % 256 == 0 && Clock::now() > deadline_) {
            throw gis_core::Error{gis_core::ErrorKind::overloaded, "the filter takes too long for this tile; a simpler one or a higher zoom takes less"};
        }
        filtered_row_.stand_at(segment, row);
        return filter_->matches(filtered_row_);
    }
    /// days_: of those rows that touch the tile the same are shown on each.
    void narrow(Segment const& segment, std::uint32_t row) {
        for (auto const change : {segment.since(row), segment.until(row)}) {
            if (change <= day_) days_.since = std::max(days_.since, change);
            else days_.until = std::min(days_.until, change);
        }
    }
    template <typename Accept>
    std::vector<Place> places_where(Accept&& accept) {
        trace::StageTimer const timer{trace::Stage::search};
        std::vector<Place> out;
        version_.touching(area_of(tile_), [&](Segment const& segment, std::uint32_t row) {
            narrow(segment, row);
            if (segment.is_shown(row, day_) && accept(segment, row) && matches(segment, row)) out.push_back({&segment, row});
        });
        trace::add_rows(out.size());
        return out;
    }
    void add_tags(Place const& place, std::vector<MvtLayer::Tag>& tags) const {
        for (auto const& [number, name] : columns_) {
            if (auto const value = place.segment->column(number).in_tile(place.row)) tags.push_back({name, *value});
        }
        if (layer_.kind == LayerKind::units) add_unit_tags(layer_, units_, place.segment->key(place.row), tags);
    }
    void add(Place const& place, TileGeometry const& geometry) {
        tags_.clear();
        add_tags(place, tags_);
        tile_layer_.add_feature(static_cast<std::uint64_t>(place.segment->key(place.row)), geometry, tags_);
    }

    void add_shapes() {
        auto const level = level_for(layer_, tile_.z);
        auto const is_units = layer_.kind == LayerKind::units;
        auto const places = places_where([](auto const&, auto) { return true; });
        ShapeRows rows;
        rows.size = places.size();
        rows.key = [&](std::size_t i) { return static_cast<std::uint64_t>(places[i].segment->key(places[i].row)); };
        rows.shape = [&](std::size_t i) -> ShapeRows::Shape {
            auto const& [segment, row] = places[i];
            auto const outline = segment->shape(row, level);
            if (is_units && outline.empty()) return {segment->shape(row, 0)};  // none of that zoom
            return {outline, is_units};
        };
        rows.add_tags = [&](std::size_t i, std::vector<MvtLayer::Tag>& tags) { add_tags(places[i], tags); };
        if (!layer_.merge_by.empty()) {
            rows.measure = [&](std::size_t i) { return places[i].segment->measure(places[i].row, level); };
            auto const column = column_number(layer_, layer_.merge_by);
            auto const of_base = numbers_in(rows.merge_values, *version_.base, column), of_delta = numbers_in(rows.merge_values, *version_.delta, column);
            rows.merge_by = [&places, base = version_.base.get(), column, of_base, of_delta](std::size_t i) {
                auto const& [segment, row] = places[i];
                return (segment == base ? of_base : of_delta)[segment->column(column).text_number(row)];
            };
            if (!layer_.merge_sum.empty())
                rows.merge_sum = [&, number = column_number(layer_, layer_.merge_sum)](std::size_t i) { return number_in(places[i], number); };
        }
        draw_shapes(layer_, tile_, rows, tile_layer_);
    }

    void add_points() {
        Cell const own{tile_.x, tile_.y};
        auto const side_m = side_of_cells(tile_.z);
        auto const is_inside = [&](Segment const& segment, std::uint32_t row) { return cell_of(segment.point(row), side_m) == own; };
        auto places = places_where(is_inside);
        std::sort(places.begin(), places.end(), [](Place const& a, Place const& b) { return a.segment->key(a.row) < b.segment->key(b.row); });
        PointRows rows;
        rows.size = places.size();
        rows.key = [&](std::size_t i) { return static_cast<std::uint64_t>(places[i].segment->key(places[i].row)); };
        rows.place = [&](std::size_t i) {
            auto const& point = places[i].segment->point(places[i].row);
            return std::pair{point.x_m, point.y_m};
        };
        rows.add_tags = [&](std::size_t i, std::vector<MvtLayer::Tag>& tags) { add_tags(places[i], tags); };
        if (layer_.counts_by_star) {
            rows.star = [&, number = column_number(layer_, "star")](std::size_t i) { return number_in(places[i], number); };
            rows.class_code = [&, number = column_number(layer_, "class_code")](std::size_t i) { return text_in(places[i], number); };
        }
        draw_points(layer_, tile_, rows, tile_layer_);
    }

    void add_clusters() {
        std::array<CellSum, static_cast<std::size_t>(kCells * kCells)> cells;
        constexpr int kZoomsBelow = std::countr_zero(static_cast<unsigned>(kCells));
        std::optional<trace::StageTimer> timer{std::in_place, trace::Stage::search};
        // To make them takes as long as to look at all rows: a tile that shows a small part of those does not.
        constexpr int kMostlyWhole = 8;
        auto const counted = filter_ || tile_.z + kZoomsBelow > DayCells::kZoom ? nullptr : cells_on(version_, day_, tile_.z <= kMostlyWhole);
        if (counted) {
            counted->search(tile_, kZoomsBelow, [&](std::uint32_t column, std::uint32_t line, CellSum const& sum) { cells[line * kCells + column].add(sum); });
        } else {
            auto const side_m = side_of_cells(tile_.z + kZoomsBelow);
            RowAdder const adder{version_};
            version_.search(area_of(tile_), day_, [&](Segment const& segment, std::uint32_t row) {
                auto const [column, line] = cell_of(segment.point(row), side_m);
                auto const x = column - std::int64_t{kCells} * tile_.x, y = line - std::int64_t{kCells} * tile_.y;
                if (x < 0 || x >= kCells || y < 0 || y >= kCells || !matches(segment, row)) return;
                adder.add(segment, row, cells[static_cast<std::size_t>(y * kCells + x)]);
            });
        }
        timer.reset();
        for (auto const& cell : cells) {
            if (cell.counts.rows == 0) continue;
            trace::add_rows(static_cast<std::uint64_t>(cell.counts.rows));
            auto const n = static_cast<double>(cell.counts.rows);
            auto const geometry = to_tile_point(cell.x_m / n, cell.y_m / n, tile_);
            if (cell.counts.rows == 1) {
                add({cell.segment, cell.row}, geometry);
                continue;
            }
            tags_.clear();
            add_counts(layer_, cell.counts, tags_);
            tile_layer_.add_feature(std::nullopt, geometry, tags_);
        }
    }

    /// Of each text of a column its number in a dictionary of more than that column, and last that of none.
    static std::vector<std::uint32_t> numbers_in(Dictionary& all, Segment const& segment, std::size_t column) {
        auto const& texts = segment.column(column).texts();
        std::vector<std::uint32_t> out;
        for (std::uint32_t i = 0; i < texts.size(); ++i) out.push_back(all.number_of(texts[i]));
        out.push_back(all.number_of(""));
        return out;
    }
    static double number_in(Place const& place, std::size_t column) {
        auto const value = place.segment->column(column).in_filter(place.row);
        auto const* const number = std::get_if<double>(&value);
        return number == nullptr ? 0 : *number;
    }
    static std::string_view text_in(Place const& place, std::size_t column) {
        auto const value = place.segment->column(column).in_filter(place.row);
        auto const* const text = std::get_if<std::string_view>(&value);
        return text == nullptr ? std::string_view{} : *text;
    }

    LayerVersion const& version_;
    Layer const& layer_;
    TileId tile_;
    DayNumber day_;
    LayerVersion::Span days_{kAlways, kForEver};
    UnitTags const& units_;
    std::optional<cql2::Evaluator> filter_;
    FilteredRow filtered_row_;
    std::uint64_t asked_ = 0;
    Clock::time_point deadline_ = Clock::now() + kLongest;
    MvtLayer tile_layer_;
    std::vector<std::pair<std::size_t, std::string_view>> columns_;  // of the segment, that stand in tiles
    std::vector<MvtLayer::Tag> tags_;
};

/// Renders of one tile come one after another when many wait (Flights), and lines and polygons are on many days the same.
struct LastDrawn {
    std::weak_ptr<DayMemory> version;  // each version has one of its own
    TileId tile;
    LayerVersion::Span days{};
    std::string bytes;
};

}  // namespace

void add_unit_tags(Layer const& layer, UnitTags const& units, std::int64_t key, std::vector<MvtLayer::Tag>& tags) {
    if (layer.find_attribute("in_force") != nullptr) tags.push_back({"in_force", units.in_force});
    if (!units.figures) return;
    auto const found = units.figures->find(key);
    auto const figure = found == units.figures->end() ? Figure{} : found->second;
    tags.push_back({"products", std::int64_t{figure.products}});
    tags.push_back({"producers", std::int64_t{figure.producers}});
}

void draw(LayerVersion const& version, TileId tile, gis_core::Date day, Filter const* filter, UnitTags const& units, std::string& out) {
    auto const& layer = version.layer();
    if (filter != nullptr || layer.kind == LayerKind::points || layer.kind == LayerKind::units || trace::times_stages()) {
        Painter{version, tile, day, filter, units}.paint(out);
        return;
    }
    thread_local std::map<std::string, LastDrawn> last;  // by layer
    auto& [drawn_version, drawn_tile, days, bytes] = last[layer.id];
    auto const number = tile_server::number_of(day);
    if (drawn_version.lock() != version.days || drawn_tile != tile || number < days.since || number >= days.until) {
        drawn_version.reset();
        bytes.clear();
        Painter painter{version, tile, day, filter, units};
        painter.paint(bytes);
        drawn_version = version.days;
        drawn_tile = tile;
        days = painter.days();
    }
    out += bytes;
}

bool stands_in(LayerVersion const& version, TileId tile) {
    bool found = false;
    for (auto const& segment : {version.base, version.delta}) segment->tree().search(area_of(tile), [&](std::uint32_t) { found = true; });
    return found;
}

}  // namespace tile_server
