#include "gis_core/cql2/expression.hpp"
#include "gis_core/cql2/schema.hpp"
#include "gis_core/error.hpp"
#include "tests/support/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace gis_core::cql2 {
namespace {

using testing::HasSubstr;

std::string read(std::filesystem::path const& file) {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::string error_of(std::function<void()> const& work) {
    try {
        work();
    } catch (Error const& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
        return error.what();
    }
    return "no error";
}

Schema schema() {
    return {{{"geom", Type::geometry, {}, "t.geom", false},
             {"name", Type::text, {}, "t.name", false},
             {"star", Type::number, {}, "t.star", true},
             {"valid_from", Type::date, {}, "t.valid_from", false},
             {"valid_to", Type::date, {}, "t.valid_to", false},
             {"seen", Type::timestamp, {}, "t.seen", false},
             {"is_demo", Type::boolean, {}, "t.is_demo", false},
             {"marks", Type::array, Type::text, "t.marks", false}}};
}

std::string refused(std::string const& text) {
    return error_of([&] {
        auto node = parse_text(text);
        check(node, schema());
    });
}

// Both notations of one condition give one tree, and each is written so that it is read back the same.
TEST(Cql2Notation, TextAndJsonAreOneTree) {
    struct Case {
        char const *text, *json;
    };
    for (
        auto const& [text, json] : {
            Case{"star >= 4 AND NOT is_demo = TRUE",
                 R"({"op":"and","args":[{"op":">=","args":[{"property":"star"},4]},{"op":"not","args":[{"op":"=","args":[{"property":"is_demo"},true]}]}]})"},
            Case{
                "name NOT LIKE 'Dừa%' OR name IN ('a', 'b''c') OR name IS NOT NULL",
                R"({"op":"or","args":[{"op":"not","args":[{"op":"like","args":[{"property":"name"},"Dừa%"]}]},{"op":"in","args":[{"property":"name"},["a","b'c"]]},{"op":"not","args":[{"op":"isNull","args":[{"property":"name"}]}]}]})"},
            Case{"star BETWEEN 1+1 AND -2^2*3",
                 R"({"op":"between","args":[{"property":"star"},{"op":"+","args":[1,1]},{"op":"*","args":[{"op":"^","args":[-2,2]},3]}]})"},
            Case{"-star = 7 div 2 % 2", R"({"op":"=","args":[{"op":"*","args":[-1,{"property":"star"}]},{"op":"%","args":[{"op":"div","args":[7,2]},2]}]})"},
            Case{"s_Intersects(geom, BBOX(106, 9.5, 107, 10.5))", R"({"op":"s_intersects","args":[{"property":"geom"},{"bbox":[106,9.5,107,10.5]}]})"},
            Case{"S_WITHIN(geom, POLYGON((106 9, 107 9, 107 10, 106 9)))",
                 R"({"op":"s_within","args":[{"property":"geom"},{"type":"Polygon","coordinates":[[[106,9],[107,9],[107,10],[106,9]]]}]})"},
            Case{"T_DURING(INTERVAL(valid_from, valid_to), INTERVAL('2025-07-01', '..'))",
                 R"({"op":"t_during","args":[{"interval":[{"property":"valid_from"},{"property":"valid_to"}]},{"interval":["2025-07-01",".."]}]})"},
            Case{"A_CONTAINS(marks, ('VietGAP')) AND A_EQUALS(marks, ())",
                 R"({"op":"and","args":[{"op":"a_contains","args":[{"property":"marks"},["VietGAP"]]},{"op":"a_equals","args":[{"property":"marks"},[]]}]})"},
            Case{
                "ACCENTI(CASEI(name)) = ACCENTI(CASEI('DỪA'))",
                R"({"op":"=","args":[{"op":"accenti","args":[{"op":"casei","args":[{"property":"name"}]}]},{"op":"accenti","args":[{"op":"casei","args":["DỪA"]}]}]})"},
            Case{
                "\"end\" < TIMESTAMP('2025-07-01T00:00:00+07:00') AND year(valid_from) = 2025",
                R"({"op":"and","args":[{"op":"<","args":[{"property":"end"},{"timestamp":"2025-06-30T17:00:00Z"}]},{"op":"=","args":[{"op":"year","args":[{"property":"valid_from"}]},2025]}]})"},
        }) {
        auto const from_text = parse_text(text), from_json = parse_json(json);
        EXPECT_TRUE(from_text == from_json) << text << "\n" << to_json(from_text);
        EXPECT_TRUE(parse_text(to_text(from_text)) == from_text) << to_text(from_text);
        EXPECT_TRUE(parse_json(to_json(from_text)) == from_text) << to_json(from_text);
    }
}

// The examples of the standard (OGC 21-065r2), where the shared data has them.
TEST(Cql2Notation, ExamplesOfTheStandard) {
    std::filesystem::path const folder = test_support::shared_dir() + "/data/cql2/examples";
    if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no shared data";
    int texts = 0, pairs = 0;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) {
        auto const file = entry.path();
        if (file.extension() == ".json") {
            auto const node = parse_json(read(file));
            EXPECT_TRUE(parse_json(to_json(node)) == node) << file;
            EXPECT_TRUE(parse_text(to_text(node)) == node) << file << to_text(node);
        }
        if (file.extension() != ".txt") continue;
        ++texts;
        auto const node = parse_text(read(file));
        EXPECT_TRUE(parse_text(to_text(node)) == node) << file << to_text(node);
        auto json = file;
        json.replace_extension(".json");
        if (!std::filesystem::exists(json)) continue;
        ++pairs;
        EXPECT_TRUE(parse_json(read(json)) == node) << file << "\n" << to_json(node) << "\n" << to_json(parse_json(read(json)));
    }
    EXPECT_EQ(texts, 120);
    EXPECT_EQ(pairs, 109);
}

TEST(Cql2Notation, AnErrorNamesThePlaceAndWhatWasExpected) {
    EXPECT_THAT(refused("star >"), HasSubstr("character 7"));
    EXPECT_THAT(refused("star > )"), HasSubstr("character 8"));
    EXPECT_THAT(refused("name = 'Dừa"), HasSubstr("a closing '"));
    EXPECT_THAT(refused("name = 'Dừa' AN star = 4"), HasSubstr("character 14"));  // in characters, not bytes
    EXPECT_THAT(refused("stars = 4"), HasSubstr("one of geom, name, star"));
    EXPECT_THAT(refused("star = 'four'"), HasSubstr("a number, to compare with star"));
    EXPECT_THAT(refused("name > 4"), HasSubstr("character 8"));
    EXPECT_THAT(refused("star"), HasSubstr("a boolean (a condition)"));
    EXPECT_THAT(refused("S_INTERSECTS(geom, POINT(106))"), HasSubstr("a number"));
    EXPECT_THAT(refused("S_INTERSECTS(geom, POINT(10.2 106.4))"), HasSubstr("longitude (-180 to 180), then latitude"));
    EXPECT_THAT(refused("S_INTERSECTS(geom, POLYGON((0 0, 1 1, 1 0)))"), HasSubstr("a ring of four positions"));
    EXPECT_THAT(refused("S_INTERSECTS(geom, POLYGON((0 0, 1 1, 1 0, 0 1)))"), HasSubstr("ends where it begins"));
    EXPECT_THAT(refused("S_INTERSECTS(geom, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))"), HasSubstr("valid"));
    EXPECT_THAT(refused("S_TOUCHES(geom, GEOMETRYCOLLECTION(POINT(1 1)))"), HasSubstr("a collection goes with s_intersects"));
    EXPECT_THAT(refused("valid_from > DATE('2025-02-30')"), HasSubstr("a date like"));
    EXPECT_THAT(refused("valid_from > '2025-02-30'"), HasSubstr("a date like"));
    EXPECT_THAT(refused("valid_from > seen"), HasSubstr("a date, to compare with valid_from"));
    EXPECT_THAT(refused("T_DURING(valid_from, INTERVAL('2025-07-01', '2025-06-30'))"), HasSubstr("begins before it ends"));
    EXPECT_THAT(refused("T_AFTER(name, DATE('2025-07-01'))"), HasSubstr("a date, a timestamp or an interval"));
    EXPECT_THAT(refused("name LIKE 'a\\b\\\\\\' "), HasSubstr("closing"));
    EXPECT_THAT(refused("name LIKE name"), HasSubstr("a pattern"));
    EXPECT_THAT(refused("soundex(name) = 'x'"), HasSubstr("one of the functions abs"));
    EXPECT_THAT(refused("A_CONTAINS(marks, (1, 'a'))"), HasSubstr("a number, like the first value"));
    EXPECT_THAT(refused("A_CONTAINS(marks, (1))"), HasSubstr("an array of which each is a text"));
    EXPECT_THAT(refused("star = 1e999"), HasSubstr("a number between"));
    EXPECT_THAT(refused("star = 4; DROP TABLE x"), HasSubstr("character 9"));
    EXPECT_THAT(error_of([] { parse_json(R"({"op":"and","args":[true,{"op":"=","args":[{"property":5},1]}]})"); }), HasSubstr("/args/1/args/0/property"));
    EXPECT_THAT(error_of([] { parse_json(R"({"op":"=","args":[1]})"); }), HasSubstr("2 of ="));
    EXPECT_THAT(error_of([] { parse_json("{"); }), HasSubstr("not JSON"));
}

TEST(Cql2Notation, LimitsHold) {
    EXPECT_THAT(refused(std::string(70'000, ' ')), HasSubstr("at most 65536 bytes"));
    EXPECT_THAT(refused(std::string(1'000, '(') + "star=1" + std::string(1'000, ')')), HasSubstr("levels of nesting"));
    std::string deep = "star";
    for (int i = 0; i < 100; ++i) deep += "+1";
    EXPECT_THAT(refused(deep + " > 0"), HasSubstr("levels of nesting"));
    std::string line = "S_INTERSECTS(geom, LINESTRING(0 0";
    for (int i = 0; i < 10'001; ++i) line += ",1 1";
    EXPECT_THAT(refused(line + "))"), HasSubstr("10000 positions"));
    std::string list = "star IN (0";
    for (int i = 0; i < 5'001; ++i) list += ",1";
    EXPECT_THAT(refused(list + ")"), HasSubstr("at most 5000 parts"));
}

}  // namespace
}  // namespace gis_core::cql2
