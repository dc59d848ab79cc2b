#include "gis_core/crs/map_projection.hpp"

#include "gis_core/geo/tile_id.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace gis_core::crs {
namespace {

/// Walks along the four edges of a box: enough steps for the curves of a projection a few hundred kilometres wide.
template <typename Box, typename Take>
void along_edges(Box const& box, Take const& take) {
    constexpr int kSteps = 32;
    for (int i = 0; i <= kSteps; ++i) {
        double const x = box.west + (box.east - box.west) * i / kSteps, y = box.south + (box.north - box.south) * i / kSteps;
        take(x, box.south), take(x, box.north), take(box.west, y), take(box.east, y);
    }
}

template <typename Box>
void widen(Box& box, double x, double y) {
    box = {std::min(box.west, x), std::min(box.south, y), std::max(box.east, x), std::max(box.north, y)};
}

template <typename Box>
Box nothing() {
    constexpr double kFar = std::numeric_limits<double>::infinity();
    return {kFar, kFar, -kFar, -kFar};
}

}  // namespace

MapProjection::MapProjection(ReferenceSystem const& system)
    : is_geographic_{system.is_geographic}, vn2000_{find_vn2000(system.epsg) ? std::make_unique<Vn2000Pipeline>(system.epsg) : nullptr} {}

LonLat MapProjection::to_lon_lat(EastNorth position) const {
    if (vn2000_) return vn2000_->to_lon_lat(position);
    if (is_geographic_) return {position.east_m, position.north_m};
    return {position.east_m / kMercatorHalfWidth_m * 180,
            std::atan(std::sinh(position.north_m / kMercatorHalfWidth_m * std::numbers::pi)) * 180 / std::numbers::pi};
}

EastNorth MapProjection::from_lon_lat(LonLat position) const {
    if (vn2000_) return vn2000_->from_lon_lat(position);
    if (is_geographic_) return {position.lon, position.lat};
    return to_mercator(position);
}

LonLatBox MapProjection::to_lon_lat(MapBox const& box) const {
    auto out = nothing<LonLatBox>();
    along_edges(box, [&](double x, double y) {
        auto const at = to_lon_lat(EastNorth{x, y});
        widen(out, at.lon, at.lat);
    });
    return out;
}

MapBox MapProjection::from_lon_lat(LonLatBox const& box) const {
    auto out = nothing<MapBox>();
    along_edges(box, [&](double lon, double lat) {
        auto const at = from_lon_lat(LonLat{lon, lat});
        widen(out, at.east_m, at.north_m);
    });
    return out;
}

EastNorth to_mercator(LonLat position) {
    auto const latitude = std::clamp(position.lat, -85.0, 85.0) * std::numbers::pi / 180;
    return {position.lon / 180 * kMercatorHalfWidth_m, std::asinh(std::tan(latitude)) / std::numbers::pi * kMercatorHalfWidth_m};
}

MercatorBox to_mercator(LonLatBox const& box) {
    auto const low = to_mercator(LonLat{box.west, box.south}), high = to_mercator(LonLat{box.east, box.north});
    return {low.east_m, low.north_m, high.east_m, high.north_m};
}

}  // namespace gis_core::crs
