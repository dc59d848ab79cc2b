#include "tile_server/store/segment.hpp"

#include "tile_server/store/day_cells.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <unordered_set>

namespace tile_server {

using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

std::vector<gis_core::layers::Attribute const*> columns_of(Layer const& layer) {
    std::vector<gis_core::layers::Attribute const*> out;
    for (auto const& attribute : layer.attributes) {
        if (!attribute.is_derived && (attribute.is_in_tiles || attribute.is_queryable)) out.push_back(&attribute);
    }
    return out;
}

std::size_t column_number(Layer const& layer, std::string_view name) {
    auto const columns = columns_of(layer);
    auto const found = std::find_if(columns.begin(), columns.end(), [&](auto const* attribute) { return attribute->name == name; });
    return static_cast<std::size_t>(found - columns.begin());
}

std::size_t levels_of(Layer const& layer) {
    if (layer.kind == LayerKind::points) return 0;
    if (layer.kind == LayerKind::units) return static_cast<std::size_t>(layer.max_zoom - layer.min_zoom) + 2;
    return layer.coarse_column.empty() ? 1 : 2;
}

std::size_t level_for(Layer const& layer, int zoom) {
    if (layer.kind == LayerKind::units) return static_cast<std::size_t>(std::clamp(zoom, layer.min_zoom, layer.max_zoom) - layer.min_zoom) + 1;
    return !layer.coarse_column.empty() && zoom <= layer.coarse_zoom ? 1 : 0;
}

Segment::Segment(Layer const& layer) : layer_{layer}, shapes_(levels_of(layer)) {
    for (auto const* attribute : columns_of(layer)) columns_.emplace_back(attribute->type);
}

void Segment::add(StoredRow const& row) {
    keys_.push_back(row.key);
    if (layer_.has_at) {
        since_.push_back(row.since);
        until_.push_back(row.until);
    }
    if (layer_.kind == LayerKind::points) {
        points_.push_back({row.x_m, row.y_m, row.lon, row.lat});
        auto const x = to_grid(row.x_m), y = to_grid(row.y_m);
        boxes_.push_back({x, y, x, y});
    } else {
        GridBox box{INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};
        for (std::size_t level = 0; level < shapes_.size(); ++level) {
            shapes_[level].add(row.shapes[level]);
            if (!row.shapes[level].empty()) box.add(box_of(row.shapes[level]));
        }
        wkb_.add(row.wkb);
        boxes_.push_back(box);
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].add(row.values[i]);
}

StoredRow Segment::row(std::uint32_t row) const {
    StoredRow out;
    out.key = keys_[row];
    out.since = since(row);
    out.until = until(row);
    if (layer_.kind == LayerKind::points) {
        out.x_m = points_[row].x_m;
        out.y_m = points_[row].y_m;
        out.lon = points_[row].lon;
        out.lat = points_[row].lat;
    } else {
        for (auto const& level : shapes_) out.shapes.emplace_back(level[row].begin(), level[row].end());
        out.wkb = wkb(row);
    }
    for (auto const& column : columns_) out.values.push_back(column.value(row));
    return out;
}

void Segment::close() {
    auto const order = hilbert_order(boxes_);
    tree_ = PackedTree{arranged(boxes_, order)};
    boxes_ = {};
    keys_ = arranged(keys_, order);
    points_ = arranged(points_, order);
    since_ = arranged(since_, order);
    until_ = arranged(until_, order);
    if (layer_.kind != LayerKind::points) {
        for (auto& level : shapes_) level.arrange(order);
        wkb_.arrange(order);
    }
    for (auto& column : columns_) column.close(order);
    measure_shapes();
}

void Segment::measure_shapes() {
    if (layer_.merge_by.empty()) return;
    for (auto const& level : shapes_) {
        auto& sizes = sizes_.emplace_back();
        sizes.reserve(size());
        for (std::uint32_t row = 0; row < size(); ++row) sizes.push_back(tile_server::measure(level[row]));
    }
}

bool Segment::finish_transfer() {
    auto const rows = keys_.size();
    auto const has = [&](auto const& values, bool is_kept) { return values.size() == (is_kept ? rows : 0); };
    auto const are_points = layer_.kind == LayerKind::points;
    auto const least = layer_.kind == LayerKind::lines ? 2 : 4;
    auto const is_outline = [&](GridShapeView outline) {
        for (std::size_t i = 0; i < outline.size();) {
            if (outline[i] == INT32_MIN || std::abs(outline[i]) < least || (outline[i] < 0 && (i == 0 || least == 2))) return false;
            auto const end = i + 1 + 2 * static_cast<std::size_t>(std::abs(outline[i]));
            if (end > outline.size()) return false;
            i = end;
        }
        return true;
    };
    auto const is_place = [](Point const& at) { return std::isfinite(at.x_m) && std::isfinite(at.y_m) && std::isfinite(at.lon) && std::isfinite(at.lat); };
    if (!std::all_of(points_.begin(), points_.end(), is_place)) return false;
    if (rows > UINT32_MAX || !has(points_, are_points) || !has(since_, layer_.has_at) || !has(until_, layer_.has_at) || !wkb_.is_sound(are_points ? 0 : rows))
        return false;
    for (auto const& level : shapes_) {
        if (!level.is_sound(rows)) return false;
        for (std::uint32_t row = 0; row < rows; ++row) {
            if (!is_outline(level[row])) return false;
        }
    }
    for (auto& column : columns_) {
        if (!column.finish_transfer(rows)) return false;
    }
    measure_shapes();
    return tree_.finish_transfer(rows);
}

std::size_t Segment::bytes() const noexcept {
    auto sum = keys_.capacity() * sizeof(keys_[0]) + points_.capacity() * sizeof(Point) + wkb_.bytes() + boxes_.capacity() * sizeof(GridBox) + tree_.bytes();
    sum += (since_.capacity() + until_.capacity()) * sizeof(DayNumber);
    for (auto const& level : shapes_) sum += level.bytes();
    for (auto const& level : sizes_) sum += level.capacity() * sizeof(ShapeSize);
    for (auto const& column : columns_) sum += column.bytes();
    return sum;
}

void LayerVersion::find_spans() {
    if (layer().kind != LayerKind::units) return;
    std::vector<Span> all;
    auto const add = [&](Segment const& segment, std::uint32_t row) { all.push_back({segment.since(row), segment.until(row)}); };
    for (std::uint32_t row = 0; row < base->size(); ++row) {
        if (!gone[row]) add(*base, row);
    }
    for (std::uint32_t row = 0; row < delta->size(); ++row) add(*delta, row);
    std::sort(all.begin(), all.end(), [](Span const& a, Span const& b) { return a.since < b.since; });
    for (auto const& span : all) {
        if (!spans.empty() && span.since <= spans.back().until) spans.back().until = std::max(spans.back().until, span.until);
        else spans.push_back(span);
    }
}

LayerVersion LayerVersion::of(std::uint64_t number, std::shared_ptr<Segment const> base, std::shared_ptr<Segment const> delta, std::vector<bool> gone) {
    LayerVersion out{number, std::move(base), std::move(delta), std::move(gone), 0, {}, std::make_shared<DayMemory>()};
    out.gone_count = static_cast<std::uint32_t>(std::count(out.gone.begin(), out.gone.end(), true));
    out.find_spans();
    return out;
}

LayerVersion LayerVersion::whole(std::uint64_t number, std::shared_ptr<Segment const> base) {
    auto const& layer = base->layer();
    auto const rows = base->size();
    return of(number, std::move(base), std::make_shared<Segment>(layer), std::vector<bool>(rows));
}

std::vector<GridBox> LayerVersion::boxes_of_rows(std::vector<GridBox> const& boxes) const {
    std::vector<GridBox> out;
    for (auto const& box : boxes) {
        for (auto const* const segment : {base.get(), delta.get()}) {
            segment->tree().search(box, [&](std::uint32_t row) {
                if (!segment->shape(row, 0).empty()) out.push_back(box_of(segment->shape(row, 0)));
            });
        }
    }
    return out;
}

LayerVersion LayerVersion::with(std::vector<GridBox> const& boxes, Segment const& fresh) const {
    std::unordered_set<std::int64_t> keys;
    for (std::uint32_t row = 0; row < fresh.size(); ++row) keys.insert(fresh.key(row));
    std::vector<bool> gone_now = gone, gone_of_delta(delta->size());
    // The tree holds generalised outlines too, which stray; fresh was asked for by the record's own, and what only strays into a box did not come.
    auto const is_within = [](Segment const& segment, std::uint32_t row, GridBox const& box) {
        return segment.layer().kind == LayerKind::points || segment.shape(row, 0).empty() || box_of(segment.shape(row, 0)).touches(box);
    };
    for (auto const& box : boxes) {
        base->tree().search(box, [&](std::uint32_t row) {
            if (is_within(*base, row, box)) gone_now[row] = true;
        });
        delta->tree().search(box, [&](std::uint32_t row) {
            if (is_within(*delta, row, box)) gone_of_delta[row] = true;
        });
    }
    for (std::uint32_t row = 0; row < base->size() && !keys.empty(); ++row) {
        if (!gone_now[row] && keys.contains(base->key(row))) gone_now[row] = true;
    }
    auto const rows = std::make_shared<Segment>(layer());
    for (std::uint32_t row = 0; row < delta->size(); ++row) {
        if (!gone_of_delta[row] && !keys.contains(delta->key(row))) rows->add(delta->row(row));
    }
    for (std::uint32_t row = 0; row < fresh.size(); ++row) rows->add(fresh.row(row));

    constexpr std::uint32_t kDelta = 1000;
    if (rows->size() > std::max(kDelta, base->size() / 8)) {  // many changes: one segment again
        auto const one = std::make_shared<Segment>(layer());
        for (std::uint32_t row = 0; row < base->size(); ++row) {
            if (!gone_now[row]) one->add(base->row(row));
        }
        for (std::uint32_t row = 0; row < rows->size(); ++row) one->add(rows->row(row));
        one->close();
        return whole(number + 1, one);
    }
    rows->close();
    return of(number + 1, base, rows, std::move(gone_now));
}

}  // namespace tile_server
