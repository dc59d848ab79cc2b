#include "tests/unit/programme/grading/sheets.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "programme/grading/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <regex>

namespace programme::grading {
namespace {

namespace fs = std::filesystem;
using sheets::kData;
using sheets::shipped;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> classes() {
    std::vector<std::string> out;
    auto const table = gis_core::io::read_csv(kData / "product_classes.csv");
    for (auto const& row : table.rows) out.push_back(table.at(row, "class_code"));
    return out;
}

std::vector<std::string> findings(Rubric const& rubric) {
    std::vector<std::string> out;
    for (auto const& finding : check(rubric, classes())) out.push_back(to_text(finding));
    return out;
}

/// A folder of one test's own, gone at its end.
class Folder {
public:
    Folder() : path_{fs::temp_directory_path() / ("ocopmap-rubric-" + std::to_string(::getpid()))} { fs::remove_all(path_); }
    ~Folder() { fs::remove_all(path_); }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    fs::path const& path() const { return path_; }

private:
    fs::path path_;
};

TEST(RubricTest, ShipsTheWholeDecision) {
    std::size_t leaves = 0, options = 0;
    for (auto const& set : shipped().sets) {
        for (auto const& criterion : set.criteria) {
            leaves += criterion.is_heading() ? 0 : 1;
            options += criterion.options.size();
        }
    }
    EXPECT_EQ(shipped().sets.size(), 26U);
    EXPECT_EQ(leaves, 787U);
    EXPECT_EQ(options, 2579U);
    EXPECT_FALSE(shipped().is_official);
    EXPECT_THAT(findings(shipped()), IsEmpty());
    EXPECT_EQ(shipped().set(26).find("8")->cases.size(), 2U);
    EXPECT_EQ(shipped().set(7).find("2.3")->find(3)->min_star, 4);
}

// The database keeps a rubric as JSON, and grading by it must not differ.
TEST(RubricTest, IsTheSameAfterJson) {
    for (auto const* version : {"QD26-2026", "QD148-2023"}) {
        auto const rubric = load(find_folder(kData / "rubrics", version));
        EXPECT_EQ(rubric_of(gis_core::parse_json(gis_core::to_text(to_json(rubric)), "rubric")), rubric) << version;
    }
}

TEST(RubricTest, MinimaAloneNeverReachAStar) {
    // ocop-grading.md, section 9: counted there from the official list.
    struct Floor {
        int star, least, most;
    };
    for (auto const& [star, least, most] : {Floor{3, 16, 31}, Floor{4, 34, 52}, Floor{5, 34, 60}}) {
        std::vector<Exact> floors;
        for (auto const& set : shipped().sets) floors.push_back(floor_of(set, star));
        EXPECT_EQ(*std::min_element(floors.begin(), floors.end()), Exact{least}) << star;
        EXPECT_EQ(*std::max_element(floors.begin(), floors.end()), Exact{most}) << star;
    }
}

TEST(RubricTest, NamesItsSetsAsTheClassesAre) {
    auto const table = gis_core::io::read_csv(kData / "product_classes.csv");
    for (auto const& row : table.rows) {
        auto const& set = shipped().set(std::stoi(table.at(row, "set_no")));
        EXPECT_EQ(set.class_code, table.at(row, "class_code"));
        EXPECT_EQ(set.name.vi, table.at(row, "name_vi"));
        EXPECT_EQ(set.name.en, table.at(row, "name_en"));
    }
}

TEST(RubricTest, KnowsOnlyThePartsOfTheVersionOf2023) {
    auto const draft = load(kData / "rubrics/qd148-2023");
    EXPECT_TRUE(draft.is_draft);
    EXPECT_EQ(draft.sets.size(), 26U);
    for (auto const& set : draft.sets) EXPECT_THAT(set.criteria, IsEmpty());
    EXPECT_THAT(findings(draft), testing::SizeIs(26));
}

TEST(RubricTest, IsReadAsItWasWritten) {
    Folder const folder;
    write(shipped(), folder.path());
    EXPECT_EQ(load(folder.path()), shipped());
    EXPECT_THROW(write(shipped(), folder.path()), gis_core::Error);  // never over another
}

TEST(RubricTest, IsFoundByItsVersion) {
    EXPECT_EQ(find_folder(kData / "rubrics", "QD26-2026").filename(), "qd26-2026");
    EXPECT_EQ(find_folder({}, (kData / "rubrics/qd26-2026").string()).filename(), "qd26-2026");
    try {
        find_folder(kData / "rubrics", "QD27");
        FAIL();
    } catch (gis_core::Error const& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("QD27"), HasSubstr("QD148-2023, QD26-2026")));
    }
}

TEST(RubricTest, AWrongFileIsRefusedWithLineAndValue) {
    struct Slip {
        char const *file, *pattern, *text;
        std::vector<char const*> says;
    };
    std::vector<Slip> const slips{
        {"rubric.toml", "text = \"training\"", "text = \"mine\"", {"rubric.toml:", "mine", "official or training"}},
        {"rubric.toml", "dated", "date", {"unknown key date"}},
        {"rubric.toml", "from = \"70\"", "from = \"95\"", {"fewer points"}},
        {"rubric.toml", "from = \"90\"", "from = 90.0", {"from must be a text"}},
        {"rubric.toml", "minimum_rule = \"majority\"", "minimum_rule = \"most\"", {"most", "majority, every or mean"}},
        {"sets.csv", "\n2,", "\n1,", {"sets.csv:3", "set is '1'"}},
        {"criteria.csv", "\n1,1.1,A,3,", "\n1,1.1,A,three,", {"criteria.csv:3", "max is 'three'"}},
        {"criteria.csv", "\n1,1.1,A,", "\n1,1.1,D,", {"criteria.csv:3", "part is 'D'"}},
        {"criteria.csv", "\n1,1.2,", "\n1,1.1,", {"criteria.csv:4", "code is '1.1'"}},
        {"criteria.csv", "\n1,1.1,", "\n99,1.1,", {"criteria.csv:3", "set is '99'"}},
        {"criteria.csv", ",where-the-product-comes-from\n", ",nowhere\n", {"criteria.csv:3", "scale is 'nowhere'"}},
        {"scales.csv", ",1,,1,,", ",1,,,,", {"scales.csv:2", "points is ''"}},
        {"scales.csv", ",2,,2,,", ",1,,2,,", {"scales.csv:3", "option is '1'"}},
        {"scales.csv", ",1,,1,,", ",1,2,1,,", {"scales.csv:2", "case is '2'"}},
        {"labels.csv", "\nwhere-the-product-comes-from,", "\nwhere,", {"where-the-product-comes-from", "labels.csv"}},
        {"labels.csv", "label,vi,en\n", "label,vi,en\nspare,Thừa,Spare\n", {"labels.csv:2", "spare", "used, or not there"}},
        {"disqualifiers.csv", "\n1,1.1,", "\n1,1.99,", {"disqualifiers.csv:3", "1.99"}},
    };
    for (auto const& slip : slips) {
        Folder const folder;
        fs::copy(kData / "rubrics/qd26-2026", folder.path());
        auto const text = gis_core::io::read_bytes(folder.path() / slip.file);
        auto const spoilt = std::regex_replace(text, std::regex{slip.pattern}, slip.text, std::regex_constants::format_first_only);
        ASSERT_NE(text, spoilt) << slip.pattern;
        std::ofstream{folder.path() / slip.file, std::ios::binary} << spoilt;
        try {
            load(folder.path());
            ADD_FAILURE() << slip.text << " was taken";
        } catch (gis_core::Error const& error) {
            for (auto const* says : slip.says) EXPECT_THAT(error.what(), HasSubstr(says)) << slip.text;
        }
    }
}

TEST(RubricTest, ChecksFindAWrongSet) {
    auto const criterion = [](Rubric& rubric, char const* code) -> Criterion& {
        for (auto& c : rubric.sets[6].criteria)
            if (c.code == code) return c;
        throw std::out_of_range{code};
    };
    struct Slip {
        std::function<void(Rubric&)> make;
        char const* says;
    };
    std::vector<Slip> const slips{
        {[](Rubric& r) { r.parts[0].max = Exact{35}; }, "3 parts sum to 95, must be 3 and 100"},
        {[](Rubric& r) { r.parts.pop_back(); }, "2 parts sum to 65, must be 3 and 100"},
        {[](Rubric& r) { r.stars.clear(); }, "no thresholds: the points from which a star is given"},
        {[](Rubric& r) { r.sets.pop_back(); }, "25 sets, must be 26"},
        {[](Rubric& r) { r.sets[6].class_code = "I.3.b"; }, "set 7: the class I.3.b has a set already"},
        {[](Rubric& r) { r.sets[6].class_code = "X.9"; }, "set 7: there is no class X.9"},
        {[](Rubric& r) { r.sets[6].class_code = ""; }, "set 7: applies to no class that is known here"},
        {[](Rubric& r) { r.sets[6].criteria.clear(); }, "set 7: has no criteria"},
        {[&](Rubric& r) { criterion(r, "1").max = Exact{19}; }, "set 7, criterion 1: has 19 points, its criteria 18"},
        {[&](Rubric& r) { criterion(r, "7").max = Exact{4}; }, "set 7: part C sums to 34, must be 35"},
        {[&](Rubric& r) { criterion(r, "7").max = Exact{4}; }, "set 7, criterion 7: option 4 has 5 points, the criterion 4"},
        {[&](Rubric& r) { criterion(r, "2.3").options.pop_back(); }, "set 7, criterion 2.3: the largest option has 2 points, the criterion 3"},
        {[&](Rubric& r) { criterion(r, "2.3").options[0].min_star = 2; }, "set 7, criterion 2.3: option 1 is the minimum of 2 stars, must be 3 to 5"},
        {[&](Rubric& r) { criterion(r, "2.3").options[0].min_star = 5; },
         "set 7, criterion 2.3: minima do not rise: option 1 (1 points, 5 stars), option 3 (3 points, 4 stars)"},
        {[&](Rubric& r) { criterion(r, "2.3").code = "2.3.1"; }, "set 7, criterion 2.3.1: there is no 2.3 above it"},
        {[&](Rubric& r) { criterion(r, "2.3").part = "B"; }, "set 7, criterion 2.3: is of part B, 2 of part A"},
        {[&](Rubric& r) { criterion(r, "2.3").options.clear(); }, "set 7, criterion 2.3: has no options"},
        {[&](Rubric& r) { std::swap(criterion(r, "2.3").options[0].points, criterion(r, "2.3").options[1].points); },
         "set 7, criterion 2.3: the points fall (2, 1, 3): two cases that the source does not mark"},
        {[](Rubric& r) { r.stars[2].from = Exact{25}; }, "set 26: the minima of 3 stars alone come to 31 points, and 25 are enough for it"},
    };
    for (auto const& slip : slips) {
        auto rubric = shipped();
        slip.make(rubric);
        EXPECT_THAT(findings(rubric), Contains(testing::StartsWith(slip.says)));
    }
}

TEST(RubricTest, TellsWhatDiffers) {
    EXPECT_THAT(differences(shipped(), shipped()), IsEmpty());
    auto changed = shipped();
    changed.stars[0].from = Exact{85};
    changed.sets[25].criteria.pop_back();
    changed.sets[6].criteria[1].options[0].points = Exact(3, 2);
    changed.sets[6].criteria[1].label.vi = "Khác";
    EXPECT_THAT(differences(shipped(), changed),
                testing::ElementsAre("5 stars from: 90 → 85", HasSubstr("set 7, criterion 1.1, vi: "),
                                     "set 7, criterion 1.1, option 1: 1 points, minimum of 3 stars, case none → 1.5 points, minimum of 3 stars, case none",
                                     "set 26, criterion 17: gone"));
}

}  // namespace
}  // namespace programme::grading
