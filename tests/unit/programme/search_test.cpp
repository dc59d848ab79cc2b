#include "gis_core/error.hpp"
#include "programme/area.hpp"
#include "programme/frames.hpp"
#include "programme/product_filter.hpp"
#include "programme/products.hpp"
#include "programme/suggest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using gis_core::Date;
using testing::ElementsAre;
using testing::HasSubstr;

template <typename Call>
std::string refusal(Call&& call) {
    try {
        call();
    } catch (gis_core::Error const& error) {
        return error.what();
    }
    return "accepted";
}

TEST(SearchWordsTest, KeepAccentsAsTypedAndFoldThem) {
    auto const words = programme::search_words("  Kẹo   DỪA ");
    EXPECT_EQ(words.typed, "kẹo dừa");
    EXPECT_EQ(words.folded, "keo dua");
    EXPECT_THAT(words.folded_words, ElementsAre("keo", "dua"));
    EXPECT_TRUE(words.has_accents);
    EXPECT_FALSE(programme::search_words("keo dua").has_accents);
}

TEST(SearchWordsTest, DecomposedInputMeansTheSame) { EXPECT_EQ(programme::search_words("du\u031B\u0300a").typed, "dừa"); }

TEST(SearchWordsTest, OnlyTheLastWordMayBeUnfinishedAndSignsMatchNothing) {
    EXPECT_EQ(programme::word_query(programme::search_words("Kẹo dừa")), "'keo' & 'dua':*");
    EXPECT_EQ(programme::word_query(programme::search_words("a'b\\c & !d")), "'a' & 'b' & 'c' & 'd':*");
    EXPECT_EQ(programme::word_query(programme::search_words("%% &")), "'~'");
}

TEST(SearchWordsTest, RefusesWhatIsTooLong) {
    EXPECT_THAT(refusal([] { programme::search_words(std::string(100'000, 'x')); }), HasSubstr("at most 200 characters"));
}

TEST(EditsTest, CountsSlipsOfTyping) {
    EXPECT_EQ(programme::edits_between("dua", "dua"), 0);
    EXPECT_EQ(programme::edits_between("keoo", "keo"), 1);
    EXPECT_EQ(programme::edits_between("bnah", "banh"), 1);  // neighbours exchanged
    EXPECT_EQ(programme::edits_between("kitten", "sitting"), 3);
    EXPECT_EQ(programme::edits_between("", "abc"), 3);
}

TEST(LikeTest, SignsStandForThemselves) { EXPECT_EQ(programme::like_literal(R"(100%_\)"), R"(100\%\_\\)"); }

TEST(ParametersTest, ArraysAreQuoted) {
    programme::Parameters p;
    p.texts({"a", R"(b"c\d)", "e,f"}).numbers({3, 4}).texts({}).truth(true).real(0.1);
    EXPECT_STREQ(p.values()[0], R"({"a","b\"c\\d","e,f"})");
    EXPECT_STREQ(p.values()[1], "{3,4}");
    EXPECT_EQ(p.values()[2], nullptr);
    EXPECT_STREQ(p.values()[3], "t");
    EXPECT_STREQ(p.values()[4], "0.1");
}

TEST(CursorTest, ComesBackAsItWas) {
    using programme::ProductSort;
    for (auto const& value : {std::string{"Kẹo dừa | lá"}, std::string{}, std::string{"ỹ"}}) {
        auto const text = programme::to_text({2, value, 17}, ProductSort::relevance);
        EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), std::string::npos);
        auto const back = programme::parse_cursor(text, ProductSort::relevance);
        EXPECT_EQ(back.tier, 2);
        EXPECT_EQ(back.value, value);
        EXPECT_EQ(back.id, 17);
    }
}

TEST(CursorTest, RefusesForeignAndMadeUpOnes) {
    using programme::ProductSort;
    EXPECT_THROW(programme::parse_cursor("xyz", ProductSort::name), gis_core::Error);
    EXPECT_THROW(programme::parse_cursor("%%%", ProductSort::name), gis_core::Error);
    EXPECT_THROW(programme::parse_cursor(programme::to_text({0, "a", 1}, ProductSort::name), ProductSort::star), gis_core::Error);
    EXPECT_THROW(programme::parse_cursor(programme::to_text({0, "9; DROP", 1}, ProductSort::star), ProductSort::star), gis_core::Error);
    EXPECT_THROW(programme::parse_cursor(programme::to_text({0, "yesterday", 1}, ProductSort::newest), ProductSort::newest), gis_core::Error);
}

TEST(AreaTest, TakesPolygonsAndFeaturesOfThem) {
    auto const polygon = R"({"type":"Polygon","coordinates":[[[106,10],[107,10],[107,11],[106,10]]]})";
    EXPECT_EQ(programme::parse_area(polygon), polygon);
    EXPECT_EQ(programme::parse_area(std::string{R"({"type":"Feature","properties":{},"geometry":)"} + polygon + "}"), polygon);
}

TEST(AreaTest, NamesWhatIsWrong) {
    auto const of = [](char const* body) { return refusal([&] { programme::parse_area(body); }); };
    EXPECT_THAT(of(""), HasSubstr("body is empty"));
    EXPECT_THAT(of("{"), HasSubstr("not JSON: error at byte"));
    EXPECT_THAT(of(R"({"type":"Point","coordinates":[106,10]})"), HasSubstr("type is Point"));
    EXPECT_THAT(of(R"({"type":"Polygon","coordinates":[]})"), HasSubstr("coordinates is empty"));
    EXPECT_THAT(of(R"({"type":"Polygon","coordinates":[[[106,10],[107,10],[106,10]]]})"), HasSubstr("at least four positions"));
    EXPECT_THAT(of(R"({"type":"Polygon","coordinates":[[[106,10],[107,10],[107,11],[106,11]]]})"), HasSubstr("not closed"));
    EXPECT_THAT(of(R"({"type":"Polygon","coordinates":[[[10,106],[11,106],[11,107],[10,106]]]})"), HasSubstr("swapped"));
    EXPECT_THAT(of(R"({"type":"Polygon","coordinates":[[[106,10],[107,10],["x",11],[106,10]]]})"), HasSubstr("coordinates[0][2]"));
    EXPECT_THAT(of(R"({"type":"Polygon","coordinates":[[[106,10],[107,10],[106,95],[106,10]]]})"), HasSubstr("latitude"));
    EXPECT_THAT(of(R"({"type":"Polygon","coordinates":[[[NaN,10]]]})"), HasSubstr("not JSON"));
}

TEST(FrameTest, NamesMeanDaysAndMissingDaysNameTheNearest) {
    auto const day = [](char const* text) { return *Date::parse(text); };
    std::vector<programme::Frame> const frames{{"commune", day("2009-02-01"), day("2020-02-01"), 164, "derived", "a"},
                                               {"commune", day("2025-01-01"), day("2025-07-01"), 148, "derived", "b"},
                                               {"commune", day("2025-07-01"), std::nullopt, 48, "surveyed", "c"},
                                               {"district", day("2009-02-01"), day("2025-07-01"), 9, "derived", "d"},
                                               {"province", day("2009-02-01"), std::nullopt, 1, "derived", "e"}};
    auto const at = day("2026-01-01");
    EXPECT_EQ(programme::resolve_frame(frames, "commune-new", at).day, day("2025-07-01"));
    EXPECT_EQ(programme::resolve_frame(frames, "commune-old", at).day, day("2025-06-30"));
    EXPECT_EQ(programme::resolve_frame(frames, "district-old", at).day, day("2025-06-30"));
    EXPECT_EQ(programme::resolve_frame(frames, "province", at).day, at);
    EXPECT_EQ(programme::resolve_frame(frames, "commune@2019-01-01", at).day, day("2019-01-01"));
    EXPECT_THAT(refusal([&] { programme::resolve_frame(frames, "commune@2022-01-01", at); }),
                HasSubstr("nearest frames are 2009-02-01 to 2020-01-31 and 2025-01-01 to 2025-06-30"));
    EXPECT_THAT(refusal([&] { programme::resolve_frame(frames, "commune@2001-01-01", at); }), HasSubstr("nearest frames are 2009-02-01"));
    EXPECT_THAT(refusal([&] { programme::resolve_frame(frames, "communes", at); }), HasSubstr("frame is communes"));
    EXPECT_THAT(refusal([&] { programme::resolve_frame(frames, "commune@31-31-2025", at); }), HasSubstr("YYYY-MM-DD"));
}

}  // namespace
