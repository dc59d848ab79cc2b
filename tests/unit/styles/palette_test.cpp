#include "styles/palette.hpp"

#include "gis_core/error.hpp"
#include "styles/legend.hpp"
#include "styles/maplibre.hpp"
#include "styles/mapnik_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <set>

namespace {

using gis_core::Json;

styles::Palette palette() { return styles::Palette::load(OCOPMAP_PALETTE); }

std::vector<styles::TileSource> sources() {
    std::vector<styles::TileSource> out;
    for (auto const* id : {"provinces", "districts", "communes", "zones", "producers", "products", "sales_points"}) {
        out.push_back({id, 5, 14, true, gis_core::LonLatBox{105.6, 9.3, 107.2, 10.6}});
    }
    out.push_back({"shoreline", 5, 14, false, std::nullopt});
    out.push_back({"rivers", 5, 14, false, std::nullopt});
    return out;
}

Json style(std::string const& name, std::string const& at = "") {
    auto const p = palette();
    return styles::maplibre_style(p, *styles::find_style(p, name), sources(), "https://map.test", at);
}

Json const& layer(Json const& all, std::string_view id) {
    for (auto const& one : all["layers"]) {
        if (one["id"] == id) return one;
    }
    throw std::runtime_error{"no layer " + std::string{id}};
}

/// WCAG 2.2 contrast of two #RRGGBB.
double contrast(std::string const& a, std::string const& b) {
    auto const luminance = [](std::string const& hex) {
        double sum = 0;
        double const weight[] = {0.2126, 0.7152, 0.0722};
        for (std::size_t i = 0; i < 3; ++i) {
            double const v = std::stoi(hex.substr(1 + 2 * i, 2), nullptr, 16) / 255.0;
            sum += weight[i] * (v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4));
        }
        return sum;
    };
    double const x = luminance(a) + 0.05, y = luminance(b) + 0.05;
    return std::max(x, y) / std::min(x, y);
}

TEST(PaletteTest, AClassBeginsAtItsBreak) {
    std::vector<std::int64_t> const breaks{1, 5, 10, 20};
    EXPECT_EQ(styles::class_of(breaks, 0), 0U);
    EXPECT_EQ(styles::class_of(breaks, 1), 1U);
    EXPECT_EQ(styles::class_of(breaks, 4), 1U);
    EXPECT_EQ(styles::class_of(breaks, 20), 4U);
    EXPECT_EQ(styles::class_of(breaks, 100'000), 4U);
    EXPECT_EQ(styles::class_label(breaks, 0).vi, "0");
    EXPECT_EQ(styles::class_label(breaks, 1).vi, "1–4");
    EXPECT_EQ(styles::class_label(breaks, 4).vi, "20 trở lên");
}

TEST(PaletteTest, FiguresInMarkersAreReadable) {
    auto const p = palette();
    for (auto const* theme : {&p.light, &p.dark}) {
        for (auto const* name : {"star3", "star4", "star5"}) {
            EXPECT_GE(contrast(theme->colour(name), theme->colour("marker_text")), 5.0) << name;
        }
        EXPECT_GE(contrast(theme->colour("uncertified"), theme->colour("marker_text")), 4.5);
        EXPECT_GE(contrast(theme->colour("cluster"), theme->colour("cluster_text")), 4.5);
        EXPECT_GE(contrast(theme->colour("label"), theme->colour("halo")), 4.5);
        EXPECT_GE(contrast(theme->colour("label_muted"), theme->colour("halo")), 4.5);
    }
}

TEST(PaletteTest, ChoroplethIsToldApartInGreyscaleToo) {
    auto const p = palette();
    for (auto const* theme : {&p.light, &p.dark}) {
        for (std::size_t i = 1; i < theme->choropleth.size(); ++i) {
            EXPECT_GE(contrast(theme->choropleth[i - 1], theme->choropleth[i]), 1.2) << i;
        }
    }
}

TEST(PaletteTest, AMistakeIsNamedWithFileAndLine) {
    auto const file = std::filesystem::path{::testing::TempDir()} / "palette_mistake.toml";
    std::ofstream{file} << "[light]\nland = \"green\"\n";
    try {
        styles::Palette::load(file);
        FAIL();
    } catch (gis_core::Error const& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("palette_mistake.toml:"));
        EXPECT_THAT(error.what(), ::testing::HasSubstr("land is green, must be #RRGGBB"));
    }
}

TEST(StyleTest, EveryStyleHasALightAndADarkForm) {
    auto const p = palette();
    for (auto const* name : {"ocop", "ocop-dark", "districts", "districts-dark"}) {
        auto const found = styles::find_style(p, name);
        ASSERT_TRUE(found) << name;
        EXPECT_EQ(found->text(), name);
    }
    EXPECT_FALSE(styles::find_style(p, "satellite"));
    EXPECT_FALSE(styles::find_style(p, "-dark"));
}

TEST(StyleTest, BothRenderersAndTheLegendShareColoursAndBreaks) {
    auto const p = palette();
    for (auto const* name : {"ocop", "ocop-dark", "districts", "districts-dark"}) {
        auto const chosen = *styles::find_style(p, name);
        auto const& layer_id = chosen.definition->choropleth;
        auto const& breaks = p.breaks_of(layer_id);
        auto const& colours = chosen.theme(p).choropleth;

        auto const json = style(name);
        auto const& step = layer(json, layer_id + "-choropleth")["paint"]["fill-color"];
        auto const xml = styles::mapnik_xml(p, chosen, 1, "/sprites");
        auto const classes = styles::legend(p, chosen, std::nullopt)["choropleth"]["classes"];
        ASSERT_EQ(step.size(), 3 + 2 * breaks.size());
        ASSERT_EQ(classes.size(), colours.size());
        EXPECT_EQ(step[2], colours[0]);
        EXPECT_EQ(classes[0]["colour"], colours[0]);
        for (std::size_t i = 0; i < breaks.size(); ++i) {
            EXPECT_EQ(step[3 + 2 * i], breaks[i]);
            EXPECT_EQ(step[4 + 2 * i], colours[i + 1]);
            EXPECT_EQ(classes[i + 1]["from"], breaks[i]);
            EXPECT_EQ(classes[i + 1]["colour"], colours[i + 1]);
            EXPECT_THAT(xml, ::testing::HasSubstr("<Filter>[figure] &gt;= @break" + std::to_string(i + 1) + "</Filter><PolygonSymbolizer fill=\"" +
                                                  colours[i + 1] + "\""));
        }
    }
}

TEST(StyleTest, AddressesBeginWithTheBaseAndCarryTheDate) {
    auto const json = style("ocop", "2025-06-30");
    EXPECT_EQ(json["glyphs"], "https://map.test/fonts/{fontstack}/{range}.pbf");
    EXPECT_EQ(json["sprite"], "https://map.test/sprites/light");
    EXPECT_EQ(json["sources"]["communes"]["tiles"][0], "https://map.test/tiles/communes/{z}/{x}/{y}.mvt?at=2025-06-30");
    EXPECT_EQ(json["sources"]["rivers"]["tiles"][0], "https://map.test/tiles/rivers/{z}/{x}/{y}.mvt");
    EXPECT_EQ(json["sources"]["communes"]["bounds"], (Json{105.6, 9.3, 107.2, 10.6}));
    EXPECT_EQ(style("ocop-dark")["sprite"], "https://map.test/sprites/dark");
}

TEST(StyleTest, LayerIdsAreUniqueAndEverySourceIsUsed) {
    for (auto const* name : {"ocop", "districts"}) {
        auto const json = style(name);
        std::set<std::string> ids, used;
        for (auto const& one : json["layers"]) {
            EXPECT_TRUE(ids.insert(one["id"].get<std::string>()).second) << one["id"];
            if (one.contains("source")) used.insert(one["source"].get<std::string>());
        }
        EXPECT_EQ(used.size(), json["sources"].size()) << name;
    }
}

TEST(StyleTest, FormerBoundariesAreDashed) {
    auto const json = style("ocop");
    EXPECT_TRUE(layer(json, "districts-line-former")["paint"].contains("line-dasharray"));
    EXPECT_FALSE(layer(json, "districts-line")["paint"].contains("line-dasharray"));
}

TEST(PaletteTest, EveryCropOfTheCodeListHasAPatternOfItsOwn) {
    auto const p = palette();
    std::set<std::string> codes, patterns;
    for (auto const& crop : p.crops) {
        EXPECT_TRUE(codes.insert(crop.code).second) << crop.code;
        EXPECT_TRUE(patterns.insert(crop.pattern).second) << crop.code;
        EXPECT_GE(contrast(crop.light, p.light.colour("halo")), 4.5) << crop.code;
        EXPECT_GE(contrast(crop.dark, p.dark.colour("halo")), 4.5) << crop.code;
    }
    std::ifstream list{OCOPMAP_CROPS};
    std::string line;
    ASSERT_TRUE(std::getline(list, line));
    while (std::getline(list, line)) EXPECT_TRUE(codes.contains(line.substr(0, line.find(',')))) << line;
}

TEST(LegendTest, SpeaksBothLanguagesAndNamesTheBoundaries) {
    auto const p = palette();
    auto const json = styles::legend(p, *styles::find_style(p, "ocop"), styles::BoundaryNote{"2025-07-01", std::nullopt, "schematic", "demo"});
    EXPECT_EQ(json["stars"][0]["label"]["vi"], "3 sao");
    EXPECT_EQ(json["stars"][0]["figure"], "3");
    EXPECT_EQ(json["boundaries"]["valid_from"], "2025-07-01");
    EXPECT_EQ(json["boundaries"]["label"]["en"], "Schematic boundaries, not the real ones");
    for (auto const& crop : json["zones"]["crops"]) {
        EXPECT_FALSE(crop["label"]["vi"].get<std::string>().empty());
        EXPECT_FALSE(crop["pattern"].get<std::string>().empty());
    }
}

}  // namespace
