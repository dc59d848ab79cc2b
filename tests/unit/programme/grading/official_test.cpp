// The lists of official criteria, where they are at hand.
#include "tests/unit/programme/grading/sheets.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "programme/grading/import.hpp"
#include "tests/support/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace programme::grading {
namespace {

using sheets::kData;
using sheets::shipped;

class OfficialTest : public testing::Test {
protected:
    void SetUp() override {
        if (test_support::shared_dir().empty()) GTEST_SKIP() << "no folder of real data (OCOPMAP_SHARED)";
        folder_ = test_support::shared_dir() + "/domain";
        auto const table = gis_core::io::read_csv(kData / "product_classes.csv");
        for (auto const& row : table.rows) classes_.push_back(table.at(row, "class_code"));
    }
    std::filesystem::path folder_;
    std::vector<std::string> classes_;
};

/// Rows of numbers: all that is fact, nothing that is worded.
std::vector<std::string> numbers(Rubric const& rubric) {
    std::vector<std::string> out;
    for (auto const& part : rubric.parts) out.push_back(part.code + ' ' + to_points(part.max));
    for (auto const& set : rubric.sets) {
        for (auto const& criterion : set.criteria) {
            auto const place = set.class_code + ' ' + std::to_string(set.number) + ' ' + criterion.part + ' ' + criterion.code;
            out.push_back(place + ' ' + to_points(criterion.max) + ' ' + std::to_string(criterion.cases.size()));
            for (auto const& option : criterion.options)
                out.push_back(place + ' ' + std::to_string(option.number) + ' ' + std::to_string(option.case_number) + ' ' + to_points(option.points) + ' ' +
                              std::to_string(option.min_star));
        }
    }
    return out;
}

TEST_F(OfficialTest, TheShippedNumbersAreTheOfficialOnes) {
    auto const official = import_csv(folder_ / "ocop-criteria.csv", folder_ / "ocop-disqualifiers.csv", shipped(), classes_);
    EXPECT_THAT(official.findings, testing::IsEmpty());
    EXPECT_EQ(official.notes.size(), 62U);
    EXPECT_NO_THROW(require_for_decision(official.rubric));
    EXPECT_EQ(numbers(official.rubric), numbers(shipped()));
    auto const places = [](Rubric const& rubric) {
        std::multiset<std::string> out;
        for (auto const& d : rubric.disqualifiers) out.insert(std::to_string(d.set) + ' ' + d.criterion + ' ' + d.kind);
        return out;
    };
    EXPECT_EQ(places(official.rubric), places(shipped()));
}

TEST_F(OfficialTest, TheShippedLabelsAreNotTheOfficialSentences) {
    auto const official = import_csv(folder_ / "ocop-criteria.csv", {}, shipped(), classes_);
    std::set<std::string> sentences;
    auto const collect = [](Rubric const& rubric, auto take) {
        for (auto const& set : rubric.sets) {
            for (auto const& criterion : set.criteria) {
                take(criterion.label);
                for (auto const& option : criterion.options) take(option.label);
            }
        }
    };
    constexpr std::size_t kSentence = 45;  // bytes: shorter ones are plain words that anybody would use
    collect(official.rubric, [&](Text const& text) { sentences.insert({text.vi, text.en}); });
    collect(shipped(), [&](Text const& text) {
        for (auto const& words : {text.vi, text.en}) EXPECT_TRUE(words.size() < kSentence || !sentences.contains(words)) << words;
    });
}

TEST_F(OfficialTest, TheVersionOf2020IsTakenAsFarAsItChecks) {
    EXPECT_EQ(version_of(folder_ / "ocop-criteria-qd781-2020.csv"), "QD781-2020");
    Rubric head;
    head.version = "QD781-2020";
    auto const imported = import_csv(folder_ / "ocop-criteria-qd781-2020.csv", {}, head, classes_);
    EXPECT_TRUE(imported.rubric.is_draft);
    EXPECT_EQ(imported.rubric.sets.size(), 21U);
    EXPECT_EQ(imported.refused_sets, (std::vector<int>{6, 21, 23, 24}));
    std::multiset<std::string> wrong, unmarked;
    for (auto const& finding : imported.findings) {
        if (finding.set != 0 && finding.kind == Finding::Kind::wrong) wrong.insert(to_text(finding));
        if (finding.what.starts_with("the points fall"))
            unmarked.insert(finding.criterion == "3.2" ? "3.2" : std::to_string(finding.set) + " " + finding.criterion);
    }
    // Three sets whose part C sums to 38, and one with two criteria of one code.
    EXPECT_THAT(wrong, testing::UnorderedElementsAre("set 6, criterion 6.1.3: the code stands for two criteria: 'Màu sắc', 'Mùi'",
                                                     "set 6: part C sums to 38, must be 40", "set 21: part C sums to 38, must be 40",
                                                     "set 23: part C sums to 38, must be 40", "set 24: part C sums to 38, must be 40"));
    EXPECT_EQ(unmarked.count("3.2"), 25U);  // of every set
    EXPECT_EQ(unmarked.size(), 28U);
    for (auto const* place : {"8 9", "8 10", "8 16"}) EXPECT_EQ(unmarked.count(place), 1U) << place;
    EXPECT_THROW(grade(imported.rubric, 3, {}), gis_core::Error);  // nobody has said which options are which case
}

}  // namespace
}  // namespace programme::grading
