#include "tile_server/pictures/style_routes.hpp"

#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "http/route.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_reader.hpp>

#include <fstream>

namespace {

using ::testing::HasSubstr;

std::string body_of(http::Response const& response) {
    if (auto const* text = std::get_if<std::string>(&response.body)) return *text;
    return *std::get<std::shared_ptr<std::string const>>(response.body);
}

class StyleRoutesTest : public ::testing::Test {
protected:
    StyleRoutesTest() {
        tile_server::add_style_routes(router_, {[this]() -> styles::Palette const& { return palette_; }, [this] { return assets_; },
                                                [] {
                                                    return std::vector<styles::TileSource>{{"communes", 4, 14, true}, {"rivers", 4, 14, false}};
                                                },
                                                [](std::string const&, std::string const& at) -> std::optional<styles::BoundaryNote> {
                                                    if (at == "1950-01-01")
                                                        throw gis_core::Error{gis_core::ErrorKind::not_found, "no boundaries for 1950-01-01"};
                                                    return styles::BoundaryNote{"2025-07-01", std::nullopt, "schematic", "demo"};
                                                }});
    }
    http::Response get(std::string const& path, std::string const& query = "", std::string const& if_none_match = "") {
        http::Request request;
        request.method = "GET";
        request.path = path;
        request.query = http::Query::parse(query);
        request.headers.add("Host", "map.test");
        if (!if_none_match.empty()) request.headers.add("If-None-Match", if_none_match);
        auto const& route = router_.match(request);
        return std::get<http::Handler>(route.action)(request);
    }
    styles::Palette palette_ = styles::Palette::load(std::filesystem::path{OCOPMAP_STYLES_DIR} / "palette.toml");
    std::shared_ptr<tile_server::StyleAssets const> assets_ = tile_server::load_style_assets(OCOPMAP_STYLES_DIR);
    http::Router router_;
};

TEST_F(StyleRoutesTest, AStyleCarriesTheDateToItsTiles) {
    auto const json = gis_core::parse_json(body_of(get("/styles/ocop.json", "at=2025-06-30")), "style");
    EXPECT_THAT(json["sources"]["communes"]["tiles"][0].get<std::string>(), HasSubstr("/tiles/communes/{z}/{x}/{y}.mvt?at=2025-06-30"));
    EXPECT_EQ(json["version"], 8);
}

TEST_F(StyleRoutesTest, ADateThatIsNoneIsRefusedWithItsForm) {
    try {
        get("/styles/ocop.json", "at=31-31-2025");
        FAIL();
    } catch (gis_core::Error const& error) {
        EXPECT_EQ(error.kind(), gis_core::ErrorKind::invalid_argument);
        EXPECT_THAT(error.what(), HasSubstr("31-31-2025"));
    }
}

TEST_F(StyleRoutesTest, AnUnknownStyleIsNamedWithWhatThereIs) {
    try {
        get("/styles/satellite.json");
        FAIL();
    } catch (gis_core::Error const& error) {
        EXPECT_EQ(error.kind(), gis_core::ErrorKind::not_found);
        EXPECT_THAT(error.what(), HasSubstr("ocop, ocop-dark"));
    }
}

TEST_F(StyleRoutesTest, TheLegendSaysWhatTheBoundariesAre) {
    auto const json = gis_core::parse_json(body_of(get("/styles/districts-dark/legend.json")), "legend");
    EXPECT_EQ(json["boundaries"]["state"], "schematic");
    EXPECT_EQ(json["choropleth"]["layer"], "districts");
    EXPECT_THROW(get("/styles/ocop/legend.json", "at=1950-01-01"), gis_core::Error);
}

TEST_F(StyleRoutesTest, GlyphsOfEveryRangeAreAValidMessage) {
    for (auto const* range : {"0-255", "256-511", "7680-7935", "8192-8447", "19968-20223"}) {
        auto const message = body_of(get(std::string{"/fonts/Noto%20Sans%20Bold/"} + range + ".pbf"));
        protozero::pbf_reader reader{message};
        ASSERT_TRUE(reader.next(1)) << range;
        auto font = reader.get_message();
        ASSERT_TRUE(font.next(1));
        EXPECT_EQ(font.get_string(), "Noto Sans Bold");
        ASSERT_TRUE(font.next(2));
        EXPECT_EQ(font.get_string(), range);
    }
    EXPECT_THROW(get("/fonts/Noto%20Sans%20Bold/0-256.pbf"), gis_core::Error);
    EXPECT_THROW(get("/fonts/Noto%20Sans%20Bold/65536-65791.pbf"), gis_core::Error);
    EXPECT_THROW(get("/fonts/Comic/0-255.pbf"), gis_core::Error);
}

TEST_F(StyleRoutesTest, SpritesAreServedAndNothingElse) {
    for (auto const* file : {"light.json", "light.png", "light@2x.json", "dark@2x.png"}) {
        EXPECT_EQ(get(std::string{"/sprites/"} + file).status, 200) << file;
    }
    EXPECT_THROW(get("/sprites/..%2Fpalette.toml"), gis_core::Error);
    auto const index = gis_core::parse_json(body_of(get("/sprites/light@2x.json")), "sprite");
    EXPECT_EQ(index["crop-coconut"]["pixelRatio"], 2);
    EXPECT_EQ(index["crop-coconut"]["width"], 32);
}

TEST_F(StyleRoutesTest, AnUnchangedAnswerIs304) {
    auto const first = get("/sprites/light.png");
    auto const etag = first.headers.find("ETag");
    ASSERT_TRUE(etag);
    EXPECT_EQ(get("/sprites/light.png", "", std::string{*etag}).status, 304);
}

}  // namespace
