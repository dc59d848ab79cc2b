#include "gis_core/crs/vn2000.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <proj.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gis_core::crs {

std::vector<Vn2000> const& vn2000_systems() {
    static std::vector<Vn2000> const kSystems{{4756, std::numeric_limits<double>::quiet_NaN(), 1, "VN-2000"},
                                              {3405, 105, 0.9996, "VN-2000 / UTM zone 48N"},
                                              {3406, 111, 0.9996, "VN-2000 / UTM zone 49N"},
                                              {5896, 102, 0.9999, "VN-2000 / TM-3 zone 481"},
                                              {5897, 105, 0.9999, "VN-2000 / TM-3 zone 482"},
                                              {5898, 108, 0.9999, "VN-2000 / TM-3 zone 491"},
                                              {5899, 107.75, 0.9999, "VN-2000 / TM-3 107-45"},
                                              {9205, 103, 0.9999, "VN-2000 / TM-3 103-00"},
                                              {9206, 104, 0.9999, "VN-2000 / TM-3 104-00"},
                                              {9207, 104.5, 0.9999, "VN-2000 / TM-3 104-30"},
                                              {9208, 104.75, 0.9999, "VN-2000 / TM-3 104-45"},
                                              {9209, 105.5, 0.9999, "VN-2000 / TM-3 105-30"},
                                              {9210, 105.75, 0.9999, "VN-2000 / TM-3 105-45"},
                                              {9211, 106, 0.9999, "VN-2000 / TM-3 106-00"},
                                              {9212, 106.25, 0.9999, "VN-2000 / TM-3 106-15"},
                                              {9213, 106.5, 0.9999, "VN-2000 / TM-3 106-30"},
                                              {9214, 107, 0.9999, "VN-2000 / TM-3 107-00"},
                                              {9215, 107.25, 0.9999, "VN-2000 / TM-3 107-15"},
                                              {9216, 107.5, 0.9999, "VN-2000 / TM-3 107-30"},
                                              {9217, 108.25, 0.9999, "VN-2000 / TM-3 108-15"},
                                              {9218, 108.5, 0.9999, "VN-2000 / TM-3 108-30"}};
    return kSystems;
}

std::optional<Vn2000> find_vn2000(int epsg) {
    auto const& all = vn2000_systems();
    auto const found = std::find_if(all.begin(), all.end(), [&](auto const& system) { return system.epsg == epsg; });
    return found == all.end() ? std::nullopt : std::optional{*found};
}

std::string Vn2000::proj_string() const {
    auto const projection = is_geographic() ? std::string{"+proj=longlat"}
                                            : fmt::format("+proj=tmerc +lat_0=0 +lon_0={} +k={} +x_0=500000 +y_0=0 +units=m", central_meridian, scale);
    return projection + " +ellps=WGS84 +towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +no_defs";
}

struct Vn2000Pipeline::Handles {
    PJ_CONTEXT* context = nullptr;
    PJ* from_lon_lat = nullptr;  // longitude, latitude in degrees → easting, northing
    Handles() : context{proj_context_create()} {}
    ~Handles() {
        proj_destroy(from_lon_lat);
        proj_context_destroy(context);
    }
    Handles(Handles const&) = delete;
    Handles& operator=(Handles const&) = delete;
};

Vn2000Pipeline::Vn2000Pipeline(int epsg) : handles_{std::make_unique<Handles>()} {
    auto const system = find_vn2000(epsg);
    if (!system) throw invalid_field("CRS", fmt::format("EPSG:{}", epsg), "a VN-2000 system: EPSG:4756, 3405, 3406, 5896-5899 or 9205-9218");
    std::string definition =
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=push +v_3 +step +proj=cart +ellps=WGS84 "
        "+step +inv +proj=helmert +x=-191.90441429 +y=-39.30318279 +z=-111.45032835 +rx=-0.00928836 +ry=0.01975479 +rz=-0.00427372 "
        "+s=0.252906278 +convention=coordinate_frame +step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3 ";
    definition += system->is_geographic()
                      ? std::string{"+step +proj=unitconvert +xy_in=rad +xy_out=deg"}
                      : fmt::format("+step +proj=tmerc +lat_0=0 +lon_0={} +k={} +x_0=500000 +y_0=0 +ellps=WGS84", system->central_meridian, system->scale);
    handles_->from_lon_lat = proj_create(handles_->context, definition.c_str());
    if (handles_->from_lon_lat == nullptr) throw Error{ErrorKind::internal, "PROJ refused the VN-2000 pipeline"};
}

Vn2000Pipeline::~Vn2000Pipeline() = default;
Vn2000Pipeline::Vn2000Pipeline(Vn2000Pipeline&&) noexcept = default;
Vn2000Pipeline& Vn2000Pipeline::operator=(Vn2000Pipeline&&) noexcept = default;

LonLat Vn2000Pipeline::to_lon_lat(EastNorth position) const {
    auto const out = proj_trans(handles_->from_lon_lat, PJ_INV, proj_coord(position.east_m, position.north_m, 0, 0));
    if (!std::isfinite(out.xy.x) || !std::isfinite(out.xy.y)) {
        throw invalid_field("position", fmt::format("{}, {}", position.east_m, position.north_m), "easting and northing in metres of that system");
    }
    return {out.xy.x, out.xy.y};
}

EastNorth Vn2000Pipeline::from_lon_lat(LonLat position) const {
    auto const out = proj_trans(handles_->from_lon_lat, PJ_FWD, proj_coord(position.lon, position.lat, 0, 0));
    if (!std::isfinite(out.xy.x) || !std::isfinite(out.xy.y)) {
        throw invalid_field("position", fmt::format("{}, {}", position.lon, position.lat), "longitude and latitude in degrees");
    }
    return {out.xy.x, out.xy.y};
}

}  // namespace gis_core::crs
