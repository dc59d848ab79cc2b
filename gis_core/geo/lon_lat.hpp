#pragma once

namespace gis_core {

/// A position in OGC:CRS84: degrees, longitude first.
struct LonLat {
    double lon, lat;
    bool operator==(LonLat const&) const = default;
};

/// A box in OGC:CRS84 degrees.
struct LonLatBox {
    double west, south, east, north;
    bool operator==(LonLatBox const&) const = default;
};

/// A box in EPSG:3857 metres.
struct MercatorBox {
    double west, south, east, north;
    bool operator==(MercatorBox const&) const = default;
};

}  // namespace gis_core
