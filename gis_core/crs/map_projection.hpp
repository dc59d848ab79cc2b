#pragma once

#include "gis_core/crs/reference_system.hpp"
#include "gis_core/crs/vn2000.hpp"

#include <memory>

namespace gis_core::crs {

/// A box in units of a CRS, always east before north.
struct MapBox {
    double west, south, east, north;
    bool operator==(MapBox const&) const = default;
    double width() const { return east - west; }
    double height() const { return north - south; }
};

/// Positions of a system to CRS84 and back, east first. One thread at a time.
class MapProjection {
public:
    explicit MapProjection(ReferenceSystem const& system);
    LonLat to_lon_lat(EastNorth position) const;
    EastNorth from_lon_lat(LonLat position) const;
    /// What holds the box, edges included: they are curves over there.
    LonLatBox to_lon_lat(MapBox const& box) const;
    MapBox from_lon_lat(LonLatBox const& box) const;

private:
    bool is_geographic_;
    std::unique_ptr<Vn2000Pipeline> vn2000_;
};

/// EPSG:3857 of a longitude and latitude, the latter held within 85 degrees.
EastNorth to_mercator(LonLat position);
MercatorBox to_mercator(LonLatBox const& box);

}  // namespace gis_core::crs
