#include "gis_core/io/csv.hpp"

#include "gis_core/error.hpp"

#include <gmock/gmock.h>

namespace gis_core::io {
namespace {

std::string refusal(std::string_view text) {
    try {
        parse_csv(text, "a.csv");
    } catch (Error const& error) {
        return error.what();
    }
    return "accepted";
}

TEST(Csv, CountsLinesAsAnEditorDoes) {
    auto const table = parse_csv("\xEF\xBB\xBFname,note\r\n\"a \"\"b\"\"\",\"two\nlines\"\r\n\r\nc,\r\n", "a.csv");
    EXPECT_THAT(table.columns, testing::ElementsAre("name", "note"));
    ASSERT_EQ(table.rows.size(), 2U);
    EXPECT_EQ(table.rows[0].line, 2U);
    EXPECT_THAT(table.rows[0].values, testing::ElementsAre("a \"b\"", "two\nlines"));
    EXPECT_EQ(table.rows[1].line, 5U);
    EXPECT_EQ(table.at(table.rows[1], "note"), "");
}

TEST(Csv, FindsTheSeparatorAndMendsColumnNames) {
    auto const table = parse_csv("te\xCC\x82n ;x\nTha\xCC\xA3nh Phu\xCC\x81;1", "a.csv");  // decomposed
    EXPECT_THAT(table.columns, testing::ElementsAre("tên", "x"));
    EXPECT_EQ(parse_csv("a\tb\n1\t2,5\n", "a.csv").rows[0].values[1], "2,5");
}

TEST(Csv, SaysWhichLineIsWrong) {
    EXPECT_THAT(refusal("a,b\n1,2\n1,2,3\n"), testing::HasSubstr("a.csv line 3: 3 values for 2 columns"));
    EXPECT_THAT(refusal("a,b\n1,\"2\n"), testing::HasSubstr("line 2: a quote is opened and never closed"));
    EXPECT_THAT(refusal("a,b\n1,\xC3\x28\n"), testing::HasSubstr("line 2: the text is not UTF-8"));
    EXPECT_THAT(refusal(""), testing::HasSubstr("the file is empty"));
    EXPECT_THROW(parse_csv("a\n", "a.csv").column("b"), Error);
}

}  // namespace
}  // namespace gis_core::io
