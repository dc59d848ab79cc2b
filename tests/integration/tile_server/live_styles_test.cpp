#include "tests/integration/tile_server/png.hpp"
#include "tests/integration/tile_server/service_fixture.hpp"
#include "tile_server/pictures/pictures.hpp"

#include <gmock/gmock.h>

#include <array>
#include <fstream>
#include <iterator>

namespace tile_server {

using ::testing::HasSubstr;

/// The daemon on a copy of the styles folder that a test edits.
class LiveStylesTest : public ServiceTest {
protected:
    void before_start() override {
        styles_dir = cache_dir / "styles";
        std::filesystem::copy(OCOPMAP_STYLES_DIR, styles_dir, std::filesystem::copy_options::recursive);
        pictures = std::make_unique<Pictures>(*service, styles_dir, OCOPMAP_FONTS_DIR, PictureConfig{.look_at_styles = std::chrono::milliseconds{10}});
        pictures->add_routes(router);
    }
    void TearDown() override {
        if (service) service->stop();  // none, where the start failed
        pictures.reset();
        ServiceTest::TearDown();
    }
    void edit(std::string const& was, std::string const& becomes) const {
        std::ifstream in{styles_dir / "palette.toml"};
        std::string palette{std::istreambuf_iterator<char>{in}, {}};
        ASSERT_NE(palette.find(was), std::string::npos);
        std::ofstream{styles_dir / "palette.toml"} << palette.replace(palette.find(was), was.size(), becomes);
    }
    /// Of the first pixel of a tile that lies outside the province: the background's.
    std::array<int, 3> background(std::string const& style) { return test_support::Png{get("/tiles/" + style + "/9/404/238.png").body}.pixel(0, 0); }
    bool metrics_say(std::string const& line) const { return pictures->metrics().find("\n" + line + "\n") != std::string::npos; }

    std::filesystem::path styles_dir;
    std::unique_ptr<Pictures> pictures;
};

TEST_F(LiveStylesTest, AnEditedPaletteIsDrawnWithoutARestartAndABrokenOneChangesNothing) {
    std::array<int, 3> const before{0xF3, 0xF1, 0xE7}, after{0x11, 0x22, 0x33}, dark{0x12, 0x18, 0x14};
    auto const stored = [&](std::string const& style) { return cache_dir / "tiles" / style / "9/404/238.png"; };
    ASSERT_EQ(background("ocop"), before);
    ASSERT_EQ(background("ocop-dark"), dark);
    edit("\"#F3F1E7\"", "\"#112233\"");
    ASSERT_TRUE(eventually([&] { return background("ocop") == after; }));
    EXPECT_TRUE(std::filesystem::exists(stored("ocop-dark"))) << "a style that looks as before was thrown away";
    EXPECT_THAT(get("/styles/ocop.json").body, HasSubstr("#112233"));
    EXPECT_TRUE(eventually([&] { return metrics_say("ocopmap_styles_reloaded_total 1"); }));
    EXPECT_TRUE(metrics_say("ocopmap_styles_refused 0"));

    edit("\"#112233\"", "\"no colour\"");
    ASSERT_TRUE(eventually([&] { return metrics_say("ocopmap_styles_refused 1"); }));
    EXPECT_EQ(background("ocop"), after);
    std::filesystem::remove_all(cache_dir / "tiles/ocop");
    EXPECT_EQ(background("ocop"), after) << "drawn anew, with the style from before";
    edit("\"no colour\"", "\"#112233\"");
    EXPECT_TRUE(eventually([&] { return metrics_say("ocopmap_styles_refused 0"); }));
    EXPECT_TRUE(std::filesystem::exists(stored("ocop"))) << "it looks as before";
}

TEST_F(LiveStylesTest, AStyleMoreWantsARestart) {
    edit("id = \"districts\"", "id = \"provinces\"");
    ASSERT_TRUE(eventually([&] { return metrics_say("ocopmap_styles_refused 1"); }));
    EXPECT_EQ(get("/styles/districts.json").status, 200);
    EXPECT_EQ(get("/styles/provinces.json").status, 404);
}

// Of an outline that is drawn anew tiles show what differs; pictures also show the name, which may stand far from there afterwards.
TEST_F(LiveStylesTest, APictureFollowsANameThatMoves) {
    auto const row = database.query(R"(
        WITH unit AS (SELECT unit_key, geom, ST_MakeEnvelope(ST_X(ST_Transform(label_3857, 4326)), 0, 180, 90, 4326) AS east FROM geo.admin_unit
                      WHERE level = 'district' AND geom IS NOT NULL ORDER BY ST_Area(geom) DESC LIMIT 1),
             rest AS (SELECT unit_key, ST_Multi(ST_CollectionExtract(ST_Difference(geom, east), 3)) AS geom, ST_Transform(east, 3857) AS east FROM unit),
             named AS (SELECT *, (ST_MaximumInscribedCircle(ST_Transform(geom, 3857))).center AS label FROM rest)
        SELECT unit_key, geom, ST_X(ST_Transform(label, 4326)), ST_Y(ST_Transform(label, 4326)), ST_Distance(label, east) FROM named)")[0];
    auto const tile = gis_core::TileId::containing({std::stod(row[2]), std::stod(row[3])}, 16);
    auto const bounds = tile.bounds();
    ASSERT_GT(std::stod(row[4]), 5 * (bounds.east - bounds.west)) << "nothing that differs reaches into the picture";
    auto const picture = "/tiles/districts/" + tile.path() + ".png";
    auto const without_name = get(picture).body;
    ASSERT_TRUE(std::filesystem::exists(cache_dir / picture.substr(1)));
    database.execute("UPDATE geo.admin_unit SET geom = '" + row[1] + "' WHERE unit_key = " + row[0]);
    ASSERT_TRUE(eventually([&] { return !std::filesystem::exists(cache_dir / picture.substr(1)); }, std::chrono::seconds{30}))
        << "it is what lies there that nginx sends";
    EXPECT_NE(get(picture).body, without_name);
}

}  // namespace tile_server
