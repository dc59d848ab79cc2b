#include "api/workplace/sections.hpp"
#include "api/workplace/words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

using namespace api::workplace;
using api::pages::Texts;
using gis_core::Json;

namespace {

std::filesystem::path const kSource{OCOPMAP_SOURCE_DIR};
Texts const kVietnamese = Texts::load(kSource / "web/texts/vi.json"), kEnglish = Texts::load(kSource / "web/texts/en.json");
auto const kDictionary = programme::dictionary::Dictionary::load(kSource / "data");

Field const& field(char const* entity, char const* column) { return *kDictionary.entity(entity).find(column); }
std::string read(Texts const& t, Field const& of, std::string const& typed, std::string const& crs = {}) { return gis_core::to_text(value_of(t, of, typed, crs)); }

}  // namespace

// Vietnamese writes 1.234.567,5 where English writes 1,234,567.5 (CLDR 42, locales vi and en).
TEST(WordsTest, NumbersAreReadAsTheLanguageWritesThem) {
    auto const& capital = field("producers", "charter_capital_vnd");
    for (auto const& [typed, value] : {std::pair{"1.234.567,5", "1234567.5"}, std::pair{"1234567,5", "1234567.5"}, std::pair{"12,5", "12.5"}, std::pair{"12.5", "12.5"},
                                       std::pair{"0.125", "0.125"}, std::pair{"1.234", "1234.0"}, std::pair{"1 234", "1234.0"}, std::pair{"-3", "-3.0"}})
        EXPECT_EQ(read(kVietnamese, capital, typed), value) << typed;
    for (auto const& [typed, value] : {std::pair{"1,234,567.5", "1234567.5"}, std::pair{"12.5", "12.5"}, std::pair{"1,234", "1234.0"}, std::pair{"1.234", "1.234"}})
        EXPECT_EQ(read(kEnglish, capital, typed), value) << typed;
    EXPECT_EQ(read(kVietnamese, field("plots", "tree_count"), "1.200"), "1200");
    EXPECT_EQ(read(kVietnamese, capital, "một tỷ"), "\"một tỷ\"");  // for read_values to refuse
    EXPECT_EQ(read(kVietnamese, capital, "  "), "null");
}

TEST(WordsTest, WhatStandsInAnInputIsReadBackAsItWas) {
    for (auto const& t : {kVietnamese, kEnglish}) {
        for (auto const& [of, json] : {std::pair{&field("producers", "charter_capital_vnd"), "950000000.25"}, std::pair{&field("plots", "tree_count"), "1200"},
                                       std::pair{&field("producers", "established_date"), "\"2014-04-12\""},
                                       std::pair{&field("sales-points", "geom"), R"({"type":"Point","coordinates":[106.375,10.241]})"},
                                       std::pair{&field("plots", "plot_geom"), R"({"type":"MultiPolygon","coordinates":[[[[1.0,1.0],[9.0,1.0],[9.0,9.0],[1.0,1.0]],)"
                                                                               R"([[3.0,2.0],[4.0,2.0],[4.0,3.0],[3.0,2.0]]],[[[20.0,1.0],[21.0,1.0],[21.0,2.0],[20.0,1.0]]]]})"}})
            EXPECT_EQ(read(t, *of, typed_of(t, *of, gis_core::parse_json(json, "value"))), json);
    }
    EXPECT_EQ(typed_of(kVietnamese, field("label-prints", "label_printed_at"), "2026-06-30T08:30:00+07:00"), "2026-06-30T08:30");
    EXPECT_EQ(read(kVietnamese, field("label-prints", "label_printed_at"), "2026-06-30T08:30"), "\"2026-06-30T08:30:00+07:00\"");
    EXPECT_EQ(read(kVietnamese, field("producers", "established_date"), "30/06/2025"), "\"2025-06-30\"");
}

TEST(WordsTest, CoordinatesAreTakenAsPeopleTypeThem) {
    auto const& geom = field("sales-points", "geom");
    auto const expected = R"({"type":"Point","coordinates":[106.375,10.241]})";
    for (auto const* typed : {"106.375, 10.241", "106.375,10.241", "106.375 10.241", "106,375 10,241", "106.375; 10.241"}) EXPECT_EQ(read(kVietnamese, geom, typed), expected);
    EXPECT_EQ(read(kVietnamese, geom, "586500, 1132500", "EPSG:9210"), R"({"type":"Point","coordinates":[586500.0,1132500.0],"crs":"EPSG:9210"})");
    auto const& outline = field("plots", "plot_geom");
    try {
        value_of(kVietnamese, outline, "106.1, 10.1\n106.2, 10.1\nmười", "");
        FAIL();
    } catch (Wrong const& wrong) {
        EXPECT_EQ(wrong.column, "plot_geom");
        EXPECT_THAT(wrong.said, testing::HasSubstr("Dòng 3"));
    }
    EXPECT_THROW(value_of(kVietnamese, outline, "106.1, 10.1\n106.2, 10.1", ""), Wrong);
}

TEST(WordsTest, MomentsAreToldInVietnameseTime) {  // UTC+7 the whole year
    EXPECT_EQ(moment("2026-06-30T20:30:00.123Z"), "03:30 01/07/2026");
    EXPECT_EQ(moment("2026-06-30T08:30:00+07:00"), "08:30 30/06/2026");
    EXPECT_EQ(moment("2026-01-01 01:00:00-05:30"), "13:30 01/01/2026");
}

TEST(WordsTest, ValuesReadAsPeopleSayThem) {
    EXPECT_EQ(shown(kVietnamese, field("producers", "charter_capital_vnd"), 950000000.0), "950.000.000 đồng");
    EXPECT_EQ(shown(kEnglish, field("producers", "kind"), "cooperative"), "Cooperative");
    EXPECT_EQ(shown(kVietnamese, field("producers", "kind"), "cooperative"), "Hợp tác xã");
    EXPECT_EQ(shown(kVietnamese, field("units", "population_year"), 2025), "2025");
    EXPECT_EQ(shown(kVietnamese, field("producers", "name"), nullptr), "");
}

TEST(SectionsTest, EveryEntityStandsInOneOfAtMostSeven) {
    auto const sections = load_sections(kSource / "data", kDictionary);
    EXPECT_LE(sections.size(), 7U);
    std::size_t placed = 0;
    for (auto const& section : sections) placed += section.entities.size();
    EXPECT_EQ(placed, kDictionary.entities().size());
}
