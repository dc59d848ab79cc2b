#include "programme/demo/schematic.hpp"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace programme::demo {
namespace {

TEST(Schematic, EveryUnitHasAPlaceOfItsOwnEveryTimeTheSame) {
    std::vector<SchematicUnit> units;
    for (int i = 0; i < 60; ++i) units.push_back({std::to_string(28700 + i), std::to_string(831 + i / 20), std::to_string(i / 3)});
    auto const places = lay_out(units);
    ASSERT_EQ(places.size(), units.size());
    std::set<std::pair<double, double>> distinct;
    for (auto const& place : places) {
        distinct.emplace(place.lon, place.lat);
        EXPECT_TRUE(place.lon > 106.03 && place.lon < 106.79 && place.lat > 9.79 && place.lat < 10.34);
    }
    EXPECT_EQ(distinct.size(), units.size());
    EXPECT_EQ(lay_out(units), places);
}

}  // namespace
}  // namespace programme::demo
