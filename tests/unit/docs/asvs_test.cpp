// docs/reference/asvs.md says what is proved and by what: what it names must exist, and nothing may be left out.
#include "tests/unit/docs/page.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <regex>

namespace {

namespace fs = std::filesystem;
using docs::kRoot;

/// OWASP ASVS 4.0.3, level 2: section, then its numbers. What the standard deleted or asks of level 3 only is not among them.
constexpr std::array kLevel2{"1.1 1-7",  "1.2 1-4",  "1.4 1,4,5", "1.5 1-4",  "1.6 1-4",  "1.7 1,2",  "1.8 1,2",  "1.9 1,2", "1.10 1",     "1.11 1,2",
                             "1.12 2",   "1.14 1-6", "2.1 1-12",  "2.2 1-3",  "2.3 1-3",  "2.4 1-5",  "2.5 1-7",  "2.6 1-3", "2.7 1-6",    "2.8 1-7",
                             "2.9 1-3",  "2.10 1-4", "3.1 1",     "3.2 1-4",  "3.3 1-4",  "3.4 1-5",  "3.5 1-3",  "3.7 1",   "4.1 1-3,5",  "4.2 1,2",
                             "4.3 1-3",  "5.1 1-5",  "5.2 1-8",   "5.3 1-10", "5.4 1-3",  "5.5 1-4",  "6.1 1-3",  "6.2 1-6", "6.3 1,2",    "6.4 1,2",
                             "7.1 1-4",  "7.2 1,2",  "7.3 1,3,4", "7.4 1-3",  "8.1 1-4",  "8.2 1-3",  "8.3 1-8",  "9.1 1-3", "9.2 1-4",    "10.2 1,2",
                             "10.3 1-3", "11.1 1-8", "12.1 1-3",  "12.2 1",   "12.3 1-6", "12.4 1,2", "12.5 1,2", "12.6 1",  "13.1 1,3-5", "13.2 1-3,5,6",
                             "13.3 1,2", "13.4 1,2", "14.1 1-4",  "14.2 1-6", "14.3 2,3", "14.4 1-7", "14.5 1-4"};

std::vector<std::string> wanted() {
    std::vector<std::string> numbers;
    for (std::string const line : kLevel2) {
        auto const blank = line.find(' ');
        std::istringstream ranges{line.substr(blank + 1)};
        for (std::string range; std::getline(ranges, range, ',');) {
            auto const dash = range.find('-');
            auto const last = std::stoi(dash == std::string::npos ? range : range.substr(dash + 1));
            for (int n = std::stoi(range); n <= last; ++n) numbers.push_back(line.substr(0, blank) + "." + std::to_string(n));
        }
    }
    return numbers;
}

struct Line {
    std::string number, state, proof;
};

std::vector<Line> lines() {
    std::vector<Line> all;
    for (auto const& cells : docs::rows(kRoot / "docs/reference/asvs.md", "| ")) {
        if (cells[0] == "No.") continue;
        EXPECT_EQ(cells.size(), 4U) << cells[0];
        if (cells.size() == 4) all.push_back({cells[0], cells[2], cells[3]});
    }
    return all;
}

/// What stands between backticks.
std::vector<std::string> named(std::string const& proof) {
    std::vector<std::string> found;
    for (auto at = proof.find('`'); at != std::string::npos;) {
        auto const end = proof.find('`', at + 1);
        if (end == std::string::npos) {
            ADD_FAILURE() << "a backtick without its other: " << proof;
            break;
        }
        found.push_back(proof.substr(at + 1, end - at - 1));
        at = proof.find('`', end + 1);
    }
    return found;
}

/// All tests, without blanks: a name may stand on a line of its own.
std::string tests() {
    auto text = docs::all_of("tests", {".cpp", ".txt"});
    std::erase_if(text, [](unsigned char letter) { return std::isspace(letter) != 0; });
    return text;
}

/// "Suite.Name" of a GoogleTest case, or a test that CMake names itself.
bool is_test(std::string const& all, std::string const& name) {
    auto const dot = name.find('.');
    if (dot == std::string::npos) return false;
    auto const in_brackets = "(" + name.substr(0, dot) + "," + name.substr(dot + 1) + ")";
    for (std::string const macro : {"TEST", "TEST_F", "TEST_P"}) {
        if (all.find(macro + in_brackets) != std::string::npos) return true;
    }
    return all.find("add_test(NAME" + name + "COMMAND") != std::string::npos;
}

TEST(AsvsTest, ListsEveryRequirementOfLevel2InOrder) {
    std::vector<std::string> found;
    for (auto const& line : lines()) found.push_back(line.number);
    EXPECT_EQ(wanted().size(), 259U);  // the standard's 278 less the 19 of level 3 alone
    EXPECT_EQ(found, wanted());
}

TEST(AsvsTest, SaysHowFarEachIsAndWhy) {
    static std::regex const named_part{"`[^`]*`|[ ,;:.]|and"};
    for (auto const& line : lines()) {
        EXPECT_TRUE(line.state == "met" || line.state == "partly" || line.state == "not yet" || line.state == "not applicable")
            << line.number << ": " << line.state;
        EXPECT_FALSE(line.proof.empty()) << line.number;
        bool const says_enough = line.state == "met" ? !named(line.proof).empty() : !std::regex_replace(line.proof, named_part, "").empty();
        EXPECT_TRUE(says_enough) << line.number << ": " << (line.state == "met" ? "nothing shows it" : "does not say why");
    }
}

TEST(AsvsTest, NamesOnlyWhatExists) {
    auto const cases = tests();
    auto const routes = docs::sources_of_routes();
    for (auto const& line : lines()) {
        for (auto const& name : named(line.proof)) {
            auto const colon = name.find(':');
            auto const file = kRoot / name.substr(0, colon);
            if (name.starts_with('/')) {
                EXPECT_NE(routes.find('"' + name + '"'), std::string::npos) << line.number << ": no route " << name;
            } else if (colon == std::string::npos && !fs::exists(file)) {
                EXPECT_TRUE(is_test(cases, name)) << line.number << ": neither a test nor a file: " << name;
            } else {
                EXPECT_TRUE(fs::exists(file)) << line.number << ": no " << file;
                if (colon != std::string::npos) {
                    EXPECT_NE(docs::read(file).find(name.substr(colon + 1)), std::string::npos) << line.number << ": does not stand there: " << name;
                }
            }
        }
    }
}

}  // namespace
