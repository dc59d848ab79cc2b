#pragma once

#include "gis_core/geo/lon_lat.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gis_core::crs {

/// A position in a projected system: metres, easting first (Vietnamese survey files name X the northing).
struct EastNorth {
    double east_m, north_m;
};

/// One VN-2000 system of EPSG: its projection, and what surveyors call it.
struct Vn2000 {
    int epsg;
    double central_meridian;  // degrees; NaN for the geographic EPSG:4756
    double scale;             // on the central meridian
    std::string name;         // "VN-2000 / TM-3 105-45"
    bool is_geographic() const { return epsg == 4756; }
    /// The SRID under which PostGIS knows the same definition (data/migrations).
    int postgis_srid() const { return 981000 + epsg; }
    /// The same definition for PROJ and Mapnik.
    std::string proj_string() const;
};

/// 4756, 3405, 3406, 5896-5899, 9205-9218.
std::vector<Vn2000> const& vn2000_systems();
std::optional<Vn2000> find_vn2000(int epsg);

/// VN-2000 to and from OGC:CRS84 by one explicit pipeline with the seven parameters of EPSG:6960 (coordinate frame, 1 m).
/// PROJ's own choice in Bến Tre is EPSG:5194, 0.81 m off. One thread at a time: it owns a PROJ context.
class Vn2000Pipeline {
public:
    /// \throws Error(invalid_argument) for a code that is not VN-2000.
    explicit Vn2000Pipeline(int epsg);
    ~Vn2000Pipeline();
    Vn2000Pipeline(Vn2000Pipeline&&) noexcept;
    Vn2000Pipeline& operator=(Vn2000Pipeline&&) noexcept;
    /// For EPSG:4756 east and north are longitude and latitude in degrees. \throws Error(invalid_argument) when not finite.
    LonLat to_lon_lat(EastNorth position) const;
    EastNorth from_lon_lat(LonLat position) const;

private:
    struct Handles;
    std::unique_ptr<Handles> handles_;
};

}  // namespace gis_core::crs
