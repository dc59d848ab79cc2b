#include "gis_core/crs/vn2000.hpp"

#include "gis_core/error.hpp"

#include <gtest/gtest.h>

#include <array>

namespace gis_core::crs {
namespace {

struct Control {
    LonLat wgs84;
    EastNorth epsg9210;
};
// Control points by EPSG:6960, computed with cct.
std::array<Control, 4> constexpr kControls{{{{106.3757, 10.2415}, {568348.862, 1132632.197}},
                                            {{106.6000, 10.0500}, {592977.418, 1111506.835}},
                                            {{106.5500, 9.8200}, {587557.601, 1086053.589}},
                                            {{106.0500, 10.2600}, {532666.554, 1134627.034}}}};

TEST(Vn2000, ControlPointsAgreeToAMillimetre) {
    Vn2000Pipeline const pipeline{9210};
    for (auto const& control : kControls) {
        auto const there = pipeline.from_lon_lat(control.wgs84);
        EXPECT_NEAR(there.east_m, control.epsg9210.east_m, 0.001);
        EXPECT_NEAR(there.north_m, control.epsg9210.north_m, 0.001);
        auto const back = pipeline.to_lon_lat(control.epsg9210);
        EXPECT_NEAR(back.lon, control.wgs84.lon, 1e-8);
        EXPECT_NEAR(back.lat, control.wgs84.lat, 1e-8);
    }
}

TEST(Vn2000, EverySystemGoesThereAndBack) {
    for (auto const& system : vn2000_systems()) {
        Vn2000Pipeline const pipeline{system.epsg};
        LonLat const ben_tre{106.3757, 10.2415};
        auto const back = pipeline.to_lon_lat(pipeline.from_lon_lat(ben_tre));
        EXPECT_NEAR(back.lon, ben_tre.lon, 1e-9) << system.name;
        EXPECT_NEAR(back.lat, ben_tre.lat, 1e-9) << system.name;
    }
}

TEST(Vn2000, TheNextZoneIs27KilometresOff) {
    auto const right = Vn2000Pipeline{9210}.from_lon_lat({106.3757, 10.2415}), wrong = Vn2000Pipeline{9209}.from_lon_lat({106.3757, 10.2415});
    EXPECT_NEAR(wrong.east_m - right.east_m, 27'400, 100);
}

TEST(Vn2000, AnotherSystemIsRefused) { EXPECT_THROW(Vn2000Pipeline{32648}, Error); }

}  // namespace
}  // namespace gis_core::crs
