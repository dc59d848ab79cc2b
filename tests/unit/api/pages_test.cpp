#include "api/pages/choropleth.hpp"
#include "api/pages/templates.hpp"
#include "api/pages/texts.hpp"
#include "api/pages/view.hpp"
#include "gis_core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

using namespace api::pages;
namespace fs = std::filesystem;

namespace {

View view_of(std::string const& query) { return View::parse(http::Query::parse(query)); }

fs::path const kWeb = fs::path{OCOPMAP_SOURCE_DIR} / "web";

std::string content_of(fs::path const& file) {
    std::ifstream in{file};
    std::stringstream content;
    content << in.rdbuf();
    return content.str();
}

}  // namespace

TEST(ViewTest, AnAddressComesBackAsItWas) {
    for (auto const* query : {"?q=k%E1%BA%B9o+d%E1%BB%ABa&star=3,5&state=in_force&class=I.4.a&unit=829@2025-06-30&at=2025-06-30&by=district&measure=stars",
                              "?near=106.375,10.241&layers=products,sales_points", "?product=12&after=abc&view=12.5/10.1234/106.4321", ""}) {
        EXPECT_EQ(view_of(std::string{query}.erase(0, *query ? 1 : 0)).query(), query);
    }
}

TEST(ViewTest, AFormSendsEmptyFieldsAndRepeatsBoxes) {
    auto const view = view_of("q=&star=5&star=3&state=any&class=&unit=&at=&by=commune&measure=products&layer=products&layer=rivers&layers=1");
    EXPECT_THAT(view.stars, testing::ElementsAre(3, 5));
    EXPECT_FALSE(view.at_given);
    EXPECT_EQ(view.query(), "?star=3,5&layers=products,rivers");
}

TEST(ViewTest, TheApiIsAskedForTheSameListAndDay) {
    EXPECT_EQ(view_of("q=dua&state=in_force&at=2025-06-30&by=none&view=9/10/106").api_query(), "?q=dua&state=valid,expiring&at=2025-06-30");
}

TEST(ViewTest, WhatIsWrongIsNamed) {
    for (auto const& [query, field] :
         {std::pair{"at=31-31-2025", "at"}, std::pair{"star=2", "star"}, std::pair{"by=ward", "by"}, std::pair{"near=10", "near"}}) {
        try {
            view_of(query);
            FAIL() << query;
        } catch (gis_core::Error const& error) {
            ASSERT_EQ(error.fields().size(), 1U);
            EXPECT_EQ(error.fields().front().field, field);
        }
    }
}

TEST(ViewTest, ThePictureShowsWhatTheMapShows) {
    auto const box = view_of("view=9/10.0/106.5").picture_bounds(1000, 500);
    EXPECT_NEAR((box[0] + box[2]) / 2, 106.5, 1e-9);
    EXPECT_NEAR(box[2] - box[0], 1000 * 360.0 / (512 * 512), 1e-9);  // 2^9 tiles of 512 px around the earth
    std::array<double, 4> const unit{106.2, 10.0, 106.4, 10.1};
    EXPECT_EQ(view_of("view=9/10.0/106.5").picture_bounds(1000, 500, unit), box);
    EXPECT_EQ(view_of("").picture_bounds(1000, 500), kBounds);
    EXPECT_THAT(view_of("unit=829").picture_bounds(1000, 500, unit),
                testing::ElementsAre(testing::DoubleNear(106.15, 1e-9), testing::DoubleNear(9.975, 1e-9), testing::DoubleNear(106.45, 1e-9),
                                     testing::DoubleNear(10.125, 1e-9)));
}

TEST(TextsTest, BothLanguagesHaveTheSameWordsAndTheSameHoles) {
    auto const vi = Texts::load(kWeb / "texts" / "vi.json"), en = Texts::load(kWeb / "texts" / "en.json");
    auto const holes = [](std::string const& text) {
        std::set<std::string> out;
        std::regex const hole{R"(\{\w+\})"};
        for (std::sregex_iterator it{text.begin(), text.end(), hole}; it != std::sregex_iterator{}; ++it) out.insert(it->str());
        return out;
    };
    for (auto const& [key, text] : vi.all().items()) {
        ASSERT_TRUE(en.has(key)) << key;
        EXPECT_EQ(holes(text.get<std::string>()), holes(en(key))) << key;
    }
    EXPECT_EQ(vi.all().size(), en.all().size());
}

TEST(TextsTest, NumbersAndDatesAreWrittenAsReadersWriteThem) {
    auto const vi = Texts::load(kWeb / "texts" / "vi.json"), en = Texts::load(kWeb / "texts" / "en.json");
    EXPECT_EQ(vi.number(std::int64_t{1234567}), "1.234.567");
    EXPECT_EQ(en.number(std::int64_t{1234567}), "1,234,567");
    EXPECT_EQ(vi.number(1234.5, 1), "1.234,5");
    EXPECT_EQ(vi.number(1234.0, 1), "1.234");
    EXPECT_EQ(vi.number(std::int64_t{-999}), "-999");
    EXPECT_EQ(Texts::date("2025-06-30"), "30/06/2025");
    EXPECT_EQ(Texts::last_day("2025-07-01"), "30/06/2025");
}

TEST(TextsTest, EveryWordATemplateAsksForIsThere) {
    auto const vi = Texts::load(kWeb / "texts" / "vi.json");
    std::regex const asked{R"(\{\{t\.(\w+)\}\})"};
    for (auto const& entry : fs::directory_iterator{kWeb / "templates"}) {
        auto const text = content_of(entry.path());
        for (std::sregex_iterator it{text.begin(), text.end(), asked}; it != std::sregex_iterator{}; ++it) {
            EXPECT_TRUE(vi.has((*it)[1].str())) << entry.path().filename() << " asks for " << (*it)[1].str();
        }
        EXPECT_EQ(text.find("style="), std::string::npos) << entry.path().filename() << ": the policy forbids inline styles";
    }
}

TEST(TemplatesTest, WhatAVisitorTypedIsEscapedEverywhere) {
    Templates const templates{kWeb / "templates"};
    auto const vi = Texts::load(kWeb / "texts" / "vi.json");
    gis_core::Json model;
    model["t"] = vi.all();
    model["asset"] = {{"fonts", gis_core::Json::array()}};
    model["title"] = "<script>alert('x')</script>";
    model["what"] = "a \"b\" & 'c'";
    auto const html = templates.render("error", model);
    EXPECT_EQ(html.find("<script>alert"), std::string::npos);
    EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
    EXPECT_NE(html.find("&quot;b&quot; &amp;"), std::string::npos);
}

TEST(TemplatesTest, NoTextEndsTheDataElement) { EXPECT_EQ(script_json({{"q", "</script><b>"}}), R"({"q":"\u003c/script>\u003cb>"})"); }

TEST(ChoroplethTest, RoundBreaksRiseAndAreRound) {
    for (double const most : {1.0, 3.0, 12.0, 140.0, 999.0, 25'000.0}) {
        auto const edges = round_breaks({{"a", most}, {"b", 0}});
        ASSERT_EQ(edges.size(), 4U);
        for (std::size_t i = 1; i < edges.size(); ++i) EXPECT_GT(edges[i], edges[i - 1]) << most;
        EXPECT_GE(edges.front(), 1);
    }
}

TEST(ChoroplethTest, UnitsFarAboveNoughtStillDiffer) {
    EXPECT_THAT(round_breaks({{"a", 240}, {"b", 409}, {"c", 531}, {"d", 622}}), testing::ElementsAre(320, 400, 460, 540));
    EXPECT_THAT(round_breaks({{"a", 13}, {"b", 20}, {"c", 30}}), testing::ElementsAre(16, 20, 23, 27));
    for (auto const& [least, most] : {std::pair{7.0, 12.0}, {90.0, 100.0}, {2'000.0, 9'999.0}}) {
        auto const edges = round_breaks({{"a", least}, {"b", (least + most) / 2}, {"c", most}});
        EXPECT_GT(edges.front(), least - 1);
        EXPECT_LE(edges.back(), most);
        for (std::size_t i = 1; i < edges.size(); ++i) EXPECT_GT(edges[i], edges[i - 1]);
    }
}
