#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::crs {

/// A coordinate reference system that the open services speak: OGC:CRS84, EPSG:4326, EPSG:3857 and VN-2000.
struct ReferenceSystem {
    std::string uri;  // "http://www.opengis.net/def/crs/EPSG/0/9210"
    std::string name;
    int epsg = 0;                    // 0: OGC:CRS84
    int srid = 4326;                 // in PostGIS, whose VN-2000 definitions are ours (data/migrations)
    bool is_latitude_first = false;  // as EPSG says of 4326 and 4756
    bool is_geographic = false;
    std::string proj;  // for PROJ and Mapnik, longitude or easting first
    /// Decimals that tell a millimetre apart.
    int decimals() const { return is_geographic ? 8 : 3; }
    /// "CRS:84", "EPSG:9210": as WMS writes it.
    std::string short_name() const { return epsg == 0 ? "CRS:84" : "EPSG:" + std::to_string(epsg); }
    double metres_per_unit() const { return is_geographic ? 111319.49079327358 : 1; }  // OGC 17-083r4 §6.1.1
};

/// In the order in which collections list them; the first is CRS84, the default and the storage CRS.
std::vector<ReferenceSystem> const& reference_systems();
/// By URI, URN, CURIE or short name: ".../EPSG/0/9210", "urn:ogc:def:crs:EPSG::9210", "[EPSG:9210]", "EPSG:9210", "OGC:CRS84", "CRS:84".
ReferenceSystem const* find_reference_system(std::string_view name);
/// The same. \throws Error(invalid_argument) naming the field and what there is.
ReferenceSystem const& get_reference_system(std::string_view field, std::string_view name);
/// From coordinates in the system's own axis order to longitude and latitude; empty for CRS84. One thread at a time.
std::function<void(double& x, double& y)> to_lon_lat(ReferenceSystem const& system);

}  // namespace gis_core::crs
