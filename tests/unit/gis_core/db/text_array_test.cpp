#include "gis_core/db/text_array.hpp"

#include "gis_core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gis_core::db {
namespace {

using testing::ElementsAre;

// The literals are PostgreSQL 15's own: SELECT ARRAY[…]::text.
TEST(TextArrayTest, ReadsWhatPostgresqlWrites) {
    EXPECT_THAT(parse_text_array("{}"), ElementsAre());
    EXPECT_THAT(parse_text_array("{I.1.a,II.2.b}"), ElementsAre("I.1.a", "II.2.b"));
    EXPECT_THAT(parse_text_array(R"({"Rau, củ","nói \"dừa\"","a\\b","","NULL",kẹo})"), ElementsAre("Rau, củ", "nói \"dừa\"", "a\\b", "", "NULL", "kẹo"));
    EXPECT_THAT(parse_text_array("{a,NULL,b}"), ElementsAre("a", "b"));
}

TEST(TextArrayTest, RefusesWhatIsNone) {
    using namespace std::string_view_literals;
    for (auto const text : {""sv, "{"sv, "a"sv, "{a"sv, "a}"sv, "{\"a}"sv, R"({"a\})"sv, R"({"a\"})"sv, "{a,}"sv, "{,a}"sv, "{a}b}"sv, "{{a}}"sv, "{a\0}"sv}) {
        EXPECT_THROW(parse_text_array(text), Error) << text;
    }
}

}  // namespace
}  // namespace gis_core::db
