#include "tile_server/store/segment.hpp"

#include <algorithm>
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

Segment::Segment(Layer const& layer) : layer_{layer} {
    for (auto const* attribute : columns_of(layer)) columns_.emplace_back(attribute->type);
}

void Segment::add(StoredRow const& row) {
    keys_.push_back(row.key);
    if (layer_.kind == LayerKind::points) {
        points_.push_back({row.x_m, row.y_m, row.lon, row.lat});
        auto const x = to_grid(row.x_m), y = to_grid(row.y_m);
        boxes_.push_back({x, y, x, y});
    } else {
        shapes_.add(row.shape);
        coarse_.add(row.coarse);
        wkb_.add(row.wkb);
        auto box = box_of(row.shape);
        if (!row.coarse.empty()) box.add(box_of(row.coarse));
        boxes_.push_back(box);
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].add(row.values[i]);
}

StoredRow Segment::row(std::uint32_t row) const {
    StoredRow out;
    out.key = keys_[row];
    if (layer_.kind == LayerKind::points) {
        out.x_m = points_[row].x_m;
        out.y_m = points_[row].y_m;
        out.lon = points_[row].lon;
        out.lat = points_[row].lat;
    } else {
        out.shape.assign(shapes_[row].begin(), shapes_[row].end());
        out.coarse.assign(coarse_[row].begin(), coarse_[row].end());
        out.wkb = wkb(row);
    }
    for (auto const& column : columns_) out.values.push_back(column.in_tile(row));
    return out;
}

void Segment::close() {
    tree_ = PackedTree{boxes_};
    boxes_ = {};
    keys_.shrink_to_fit();
    points_.shrink_to_fit();
    shapes_.close();
    coarse_.close();
    wkb_.close();
    for (auto& column : columns_) column.close();
}

std::size_t Segment::bytes() const noexcept {
    auto sum = keys_.capacity() * sizeof(keys_[0]) + points_.capacity() * sizeof(Point) + shapes_.bytes() + coarse_.bytes() + wkb_.bytes() +
               boxes_.capacity() * sizeof(GridBox) + tree_.bytes();
    for (auto const& column : columns_) sum += column.bytes();
    return sum;
}

LayerVersion LayerVersion::with(std::vector<GridBox> const& boxes, Segment const& fresh) const {
    std::unordered_set<std::int64_t> keys;
    for (std::uint32_t row = 0; row < fresh.size(); ++row) keys.insert(fresh.key(row));
    std::vector<bool> gone_now = gone, gone_of_delta(delta->size());
    for (auto const& box : boxes) {
        base->tree().search(box, [&](std::uint32_t row) { gone_now[row] = true; });
        delta->tree().search(box, [&](std::uint32_t row) { gone_of_delta[row] = true; });
    }
    for (std::uint32_t row = 0; row < base->size() && !keys.empty(); ++row) {
        if (!gone_now[row] && keys.contains(base->key(row))) gone_now[row] = true;
    }
    auto const rows = std::make_shared<Segment>(layer());
    for (std::uint32_t row = 0; row < delta->size(); ++row) {
        if (!gone_of_delta[row] && !keys.contains(delta->key(row))) rows->add(delta->row(row));
    }
    for (std::uint32_t row = 0; row < fresh.size(); ++row) rows->add(fresh.row(row));

    LayerVersion out{day, number + 1, base, rows, std::move(gone_now), 0};
    out.gone_count = static_cast<std::uint32_t>(std::count(out.gone.begin(), out.gone.end(), true));
    constexpr std::uint32_t kDelta = 1000;
    if (rows->size() > std::max(kDelta, base->size() / 8)) {  // many changes: one segment again
        auto const whole = std::make_shared<Segment>(layer());
        for (std::uint32_t row = 0; row < base->size(); ++row) {
            if (!out.gone[row]) whole->add(base->row(row));
        }
        for (std::uint32_t row = 0; row < rows->size(); ++row) whole->add(rows->row(row));
        whole->close();
        return {day, number + 1, whole, std::make_shared<Segment>(layer()), std::vector<bool>(whole->size()), 0};
    }
    rows->close();
    return out;
}

}  // namespace tile_server
