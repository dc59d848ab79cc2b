// What /ogc/conformance claims stands in docs/reference/ogc.md with the tests that show it, and those tests exist.
#include "api/ogc/documents.hpp"
#include "tests/unit/docs/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace api::ogc {
namespace {

std::vector<std::string> all_matches(std::string const& text, std::regex const& pattern) {
    std::vector<std::string> found;
    for (std::sregex_iterator at{text.begin(), text.end(), pattern}, end; at != end; ++at) found.push_back(at->str(1));
    return found;
}

/// "Suite.Name" of every test that ctest knows.
std::set<std::string> all_tests() {
    auto const sources = docs::all_of("tests", {".cpp"}), lists = docs::all_of("tests", {".txt"});
    std::set<std::string> names;
    std::regex const in_code{R"(\nTEST(?:_F|_P)?\((\w+),\s*(\w+)\))"};
    for (std::sregex_iterator at{sources.begin(), sources.end(), in_code}, end; at != end; ++at) names.insert(at->str(1) + "." + at->str(2));
    for (auto const& name : all_matches(lists, std::regex{R"(add_test\(NAME ([A-Za-z.]+))"})) names.insert(name);
    for (auto const& name : all_matches(lists, std::regex{R"(\nocopmap_fuzz\((\w+))"})) names.insert("fuzz." + name);
    for (auto const& list : all_matches(lists, std::regex{R"(foreach\(name ([a-z_\s]+)\))"})) {
        for (auto const& name : all_matches(list, std::regex{R"((\w+))"})) names.insert("web." + name);
    }
    return names;
}

TEST(OgcConformanceClassesTest, TheTableListsWhatIsClaimedAndNothingElse) {
    std::set<std::string> listed;
    for (auto const& cells : docs::rows(docs::kRoot / "docs/reference/ogc.md", "| `http://www.opengis.net/spec/")) {
        ASSERT_EQ(cells.size(), 3U) << cells[0];
        EXPECT_THAT(cells[2], testing::HasSubstr("`")) << cells[0] << ": no test";
        for (auto const& name : all_matches(cells[1], std::regex{"([a-z0-9-]+)"})) {
            EXPECT_TRUE(listed.insert(cells[0].substr(1, cells[0].size() - 2) + "/conf/" + name).second) << name << " stands twice";
        }
    }
    auto const& claimed = conformance_classes();
    EXPECT_EQ(listed, (std::set<std::string>{claimed.begin(), claimed.end()}));
}

// `Suite.Name`, `Suite.*`, `Suite.Beginning…`; behind it `Beginning…` of the same suite.
TEST(OgcConformanceClassesTest, EveryTestThatTheTablesNameIsThere) {
    auto const tests = all_tests();
    int named = 0;
    for (auto const* page : {"ogc.md", "tiles.md", "styles.md"}) {
        for (auto const& cells : docs::rows(docs::kRoot / "docs/reference" / page, "| ")) {
            std::string suite;
            for (auto const& word : all_matches(cells.back(), std::regex{"`([^`]+)`"})) {
                std::smatch parts;
                std::string beginning, rest;
                if (std::regex_match(word, parts, std::regex{R"(([A-Z]\w+|web|fuzz)\.(\w*)(\*|…)?)"})) {
                    suite = parts.str(1), beginning = parts.str(2), rest = parts.str(3);
                } else if (!suite.empty() && std::regex_match(word, parts, std::regex{R"((\w+)(…))"})) {
                    beginning = parts.str(1), rest = parts.str(2);
                } else {
                    continue;
                }
                ++named;
                auto const name = suite + "." + beginning;
                auto const found = tests.lower_bound(name);
                EXPECT_TRUE(found != tests.end() && (rest.empty() ? *found == name : found->starts_with(name)))
                    << page << ": no test " << word << " (" << name << ")";
            }
        }
    }
    EXPECT_GT(named, 80);
}

}  // namespace
}  // namespace api::ogc
