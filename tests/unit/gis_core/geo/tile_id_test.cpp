#include "gis_core/geo/tile_id.hpp"

#include <gtest/gtest.h>

namespace gis_core {

TEST(TileIdTest, RefusesWhatIsNoTile) {
    struct {
        char const *z, *x, *y;
    } const wrong[] = {{"", "0", "0"},   {"a", "0", "0"},  {"-1", "0", "0"}, {"2", "4", "0"},   {"2", "0", "4"},
                       {"25", "0", "0"}, {"01", "0", "0"}, {"1", " 0", "0"}, {"1", "0.0", "0"}, {"4294967296", "0", "0"}};
    for (auto const& [z, x, y] : wrong) EXPECT_EQ(TileId::parse(z, x, y), std::nullopt) << z << '/' << x << '/' << y;
}

TEST(TileIdTest, RowZeroIsNorth) {
    // OGC 17-083r4, WebMercatorQuad: point of origin -20037508.34, 20037508.34
    auto const bounds = TileId{1, 0, 0}.bounds();
    EXPECT_DOUBLE_EQ(bounds.north, kMercatorHalfWidth_m);
    EXPECT_DOUBLE_EQ(bounds.west, -kMercatorHalfWidth_m);
    EXPECT_DOUBLE_EQ(bounds.south, 0);
}

TEST(TileIdTest, FindsTheTileOfAPosition) {
    // Hà Nội; expected from ST_TileEnvelope(12, 3252, 1803) containing the point in PostGIS 3.3
    EXPECT_EQ(TileId::containing({105.85, 21.03}, 12), (TileId{12, 3252, 1803}));
    EXPECT_EQ(TileId::containing({180, -90}, 2), (TileId{2, 3, 3}));
}

}  // namespace gis_core
