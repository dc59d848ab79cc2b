#include "tests/unit/programme/grading/sheets.hpp"

#include "gis_core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace programme::grading {
namespace {

using sheets::best;
using sheets::lowest;
using sheets::shipped;
using sheets::with_total;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

Grade grade_of(int set, std::vector<Sheet> members, Settings settings = {}, std::vector<std::string> disqualified = {}) {
    return grade(shipped(), set, {std::move(members), std::move(settings), std::move(disqualified)});
}

std::string words(Grade const& grade) {
    std::string out;
    for (auto const& reason : grade.reasons) out += reason.en + "\n";
    return out;
}

TEST(ExactTest, ReadsAndWritesDecimals) {
    EXPECT_EQ(parse_decimal("3"), Exact{3});
    EXPECT_EQ(parse_decimal("2.50"), (Exact{5, 2}));
    for (auto const* text : {"", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "1.1234567", "1234567"}) EXPECT_EQ(parse_decimal(text), std::nullopt) << text;
    EXPECT_EQ(parse_share("3/4"), (Exact{3, 4}));
    for (auto const* text : {"", "3", "0/4", "5/4", "3/0", "a/b", "3/4/5"}) EXPECT_EQ(parse_share(text), std::nullopt) << text;
    EXPECT_EQ(to_decimal(Exact(200, 3), 6), "66.666667");
    EXPECT_EQ(to_decimal(Exact(17999, 200), 2), "90.00");  // 89.995, half up
    EXPECT_EQ(to_decimal(Exact(17999, 200), 6), "89.995000");
    EXPECT_EQ(to_decimal(Exact(1, 3), 2), "0.33");
    EXPECT_EQ(to_points(Exact{87}), "87");
    EXPECT_EQ(to_points(Exact(5, 2)), "2.5");
}

TEST(GradeTest, AllBestOptionsAreFiveStarsInEverySetAndCase) {
    for (auto const& set : shipped().sets) {
        for (auto const of_dossier : {1, 2}) {
            auto const result = grade_of(set.number, {best(set, "member 1", of_dossier)});
            EXPECT_EQ(to_decimal(result.mean_total, 6), "100.000000") << set.number;
            EXPECT_EQ(result.star, 5) << set.number;
            EXPECT_TRUE(result.is_certifiable);
            EXPECT_THAT(result.unmet_minima, IsEmpty());
            EXPECT_EQ(result.parts.at("A"), Exact{40});
            EXPECT_EQ(result.parts.at("B"), Exact{25});
            EXPECT_EQ(result.parts.at("C"), Exact{35});
        }
    }
}

TEST(GradeTest, AllLowestOptionsAreNeverCertified) {
    Exact least{100}, most{0};
    for (auto const& set : shipped().sets) {
        auto const result = grade_of(set.number, {lowest(set)});
        EXPECT_FALSE(result.is_certifiable) << set.number;
        EXPECT_LT(result.star, 3);
        least = std::min(least, result.mean_total);
        most = std::max(most, result.mean_total);
    }
    EXPECT_EQ(least, Exact{12});  // ocop-grading.md, section 9, counted there by other means
    EXPECT_EQ(most, Exact{31});
}

TEST(GradeTest, NinetyNinePointsWithoutATraceCodeAreThreeStars) {
    auto sheet = best(shipped().set(7));
    sheet.answers["2.3"] = {2, {}};
    auto const result = grade_of(7, {sheet});
    EXPECT_EQ(result.mean_total, Exact{99});
    EXPECT_EQ(result.star_by_points, 5);
    EXPECT_EQ(result.star, 3);
    EXPECT_TRUE(result.is_certifiable);
    ASSERT_EQ(result.unmet_minima.size(), 2U);  // of four stars, and of five, which ask for the same here
    for (auto const& unmet : result.unmet_minima) {
        EXPECT_EQ(unmet.criterion, "2.3");
        EXPECT_EQ(unmet.option, 3);
        EXPECT_EQ(unmet.members_below, 1);
    }
    EXPECT_THAT(words(result), HasSubstr("No 4 stars: criterion 2.3 needs option 3 (3 points)"));
    auto const json = to_json(result);
    EXPECT_EQ(json["mean_total"], "99.000000");
    EXPECT_EQ(json["mean_shown"], "99.00");
    EXPECT_EQ(json["text"], "training");
}

TEST(GradeTest, EveryStarMinimumBinds) {
    int minima = 0;
    for (auto const& set : shipped().sets) {
        for (auto const& criterion : set.criteria) {
            for (auto const& asked : criterion.options) {
                if (asked.min_star == 0) continue;
                ++minima;
                auto const of_dossier = std::max(asked.case_number, 1);
                int below = 0;
                Exact points{-1};
                for (auto const* option : options_of(criterion, asked.case_number)) {
                    if (option->points >= asked.points || option->points <= points) continue;
                    below = option->number;  // 0 where nothing else can miss it
                    points = option->points;
                }
                auto sheet = best(set, "member 1", of_dossier);
                sheets::answer(sheet, criterion, below, of_dossier);
                auto const result = grade_of(set.number, {sheet});
                auto const binds = std::any_of(result.unmet_minima.begin(), result.unmet_minima.end(), [&](auto const& unmet) {
                    return unmet.star == asked.min_star && unmet.criterion == criterion.code && unmet.option == asked.number && unmet.points == asked.points;
                });
                EXPECT_TRUE(binds) << set.number << ' ' << criterion.code << ' ' << asked.number;
                EXPECT_LT(result.star, asked.min_star) << set.number << ' ' << criterion.code;
                sheets::answer(sheet, criterion, asked.number, of_dossier);
                EXPECT_GE(grade_of(set.number, {sheet}).star, asked.min_star);
            }
        }
    }
    EXPECT_EQ(minima, 575);
}

TEST(GradeTest, ThresholdsAreComparedBeforeAnyRounding) {
    auto const& set = shipped().set(7);
    std::vector<Sheet> members;
    for (int i = 1; i <= 199; ++i) members.push_back(with_total(set, "member " + std::to_string(i), 90));
    members.push_back(with_total(set, "member 200", 89));
    auto const result = grade_of(7, members);
    EXPECT_EQ(to_decimal(result.mean_total, 6), "89.995000");
    EXPECT_EQ(to_decimal(result.mean_total, 2), "90.00");
    EXPECT_EQ(result.star, 4);
    EXPECT_THAT(words(result), HasSubstr("The exact mean, 89.995000, is below the 90 of 5 stars"));
    members.back() = with_total(set, "member 200", 90);
    EXPECT_EQ(grade_of(7, members).star, 5);

    auto const of_totals = [&](std::vector<std::int64_t> const& totals) {
        std::vector<Sheet> out;
        for (auto const total : totals) out.push_back(with_total(set, "member " + std::to_string(out.size() + 1), total));
        return grade_of(7, out);
    };
    EXPECT_EQ(to_decimal(of_totals({70, 70, 69}).mean_total, 6), "69.666667");
    EXPECT_EQ(of_totals({70, 70, 69}).star, 3);
    EXPECT_EQ(of_totals({69, 70, 71}).star, 4);  // three exact thirds of 210
    EXPECT_EQ(to_decimal(of_totals({90, 90, 91}).mean_total, 6), "90.333333");
    EXPECT_EQ(of_totals({90}).star, 5);  // a lower bound belongs to the higher star
    EXPECT_EQ(of_totals({89}).star, 4);
}

TEST(GradeTest, WithoutItsMinimaAProductFallsToWhatPointsAloneGive) {
    auto sheet = best(shipped().set(7));
    sheet.answers["9"] = {0, {}};  // no food-safety certificate: the minimum of three stars
    auto const result = grade_of(7, {sheet});
    EXPECT_EQ(result.mean_total, Exact{95});
    EXPECT_EQ(result.star, 2);
    EXPECT_FALSE(result.is_certifiable);
    EXPECT_THAT(words(result), HasSubstr("No certificate"));
}

TEST(GradeTest, MembersMeetAMinimumByTheRuleOfTheCouncil) {
    auto const& set = shipped().set(7);
    auto const of_members = [&](std::vector<int> const& options, MinimumRule rule) {
        std::vector<Sheet> members;
        for (auto const option : options) {
            members.push_back(best(set, "member " + std::to_string(members.size() + 1)));
            members.back().answers["2.3"] = {option, {}};
        }
        Settings settings;
        settings.minimum_rule = rule;
        return grade_of(7, members, settings);
    };
    EXPECT_EQ(of_members({3, 3, 2}, MinimumRule::majority).star, 5);
    EXPECT_EQ(of_members({3, 2}, MinimumRule::majority).star, 3);  // a tie is unmet
    EXPECT_EQ(of_members({3, 2, 2}, MinimumRule::majority).star, 3);
    EXPECT_EQ(of_members({3, 3, 2}, MinimumRule::every).star, 3);
    EXPECT_EQ(of_members({3, 3, 2}, MinimumRule::mean).star, 3);  // 2.67 of 3 points
    EXPECT_THAT(words(of_members({3, 2}, MinimumRule::majority)), HasSubstr("our proposal"));

    // 4.1, four stars: option 3 of 3 points. By the mean 5 and 2 points are enough, by the majority they are not.
    std::vector<Sheet> members{best(set, "member 1"), best(set, "member 2")};
    members[1].answers["4.1"] = {2, {}};
    Settings settings;
    settings.minimum_rule = MinimumRule::mean;
    EXPECT_EQ(grade_of(7, members, settings).star, 4);
    EXPECT_EQ(grade_of(7, members).star, 3);
}

TEST(GradeTest, SpreadQuorumChairAndDisqualificationHoldACertificateBack) {
    auto const& set = shipped().set(7);
    std::vector<Sheet> const members{with_total(set, "member 1", 100), with_total(set, "member 2", 90)};
    Settings settings;
    settings.spread_limit = Exact{10};
    auto result = grade_of(7, members, settings);
    EXPECT_EQ(result.spread, Exact{10});
    EXPECT_TRUE(result.is_certifiable);  // equal to the limit is allowed
    settings.spread_limit = Exact(19, 2);
    result = grade_of(7, members, settings);
    EXPECT_FALSE(result.is_certifiable);
    EXPECT_EQ(result.star, 5);
    EXPECT_THAT(words(result), HasSubstr("differ by 10 points, more than 9.5"));

    settings = {};
    settings.quorum = Exact(3, 4);
    settings.council_members = 3;
    EXPECT_FALSE(grade_of(7, members, settings).is_certifiable);  // 2 of 3
    settings.quorum = Exact(2, 3);
    EXPECT_TRUE(grade_of(7, members, settings).is_certifiable);
    settings.council_members.reset();
    EXPECT_THROW(grade_of(7, members, settings), gis_core::Error);

    settings = {};
    settings.chair = "member 2";
    EXPECT_TRUE(grade_of(7, members, settings).is_certifiable);
    settings.chair = "member 3";
    EXPECT_FALSE(grade_of(7, members, settings).is_certifiable);

    result = grade_of(7, members, {}, {"dangerous-foreign-matter"});
    EXPECT_FALSE(result.is_certifiable);
    EXPECT_THAT(words(result), HasSubstr("Disqualified: Dangerous foreign matter"));
}

struct Refusal {
    char const* name;
    int set;
    std::function<void(gis_core::Json&)> spoil;
    std::vector<char const*> says;
};

gis_core::Json json_of(Set const& set) {
    gis_core::Json out = {{"members", gis_core::Json::array()}};
    for (auto const* name : {"member 1", "member 2"}) {
        gis_core::Json options = gis_core::Json::object();
        for (auto const& [code, answer] : best(set).answers)
            options[code] = answer.case_number ? gis_core::Json{{"case", *answer.case_number}, {"option", answer.option}} : gis_core::Json(answer.option);
        out["members"].push_back({{"name", name}, {"options", options}});
    }
    return out;
}

TEST(GradeTest, WrongSheetsAreRefusedByName) {
    using gis_core::Json;
    auto const option = [](char const* code, Json value) { return [=](Json& json) { json["members"][1]["options"][code] = value; }; };
    auto const setting = [](char const* key, Json value) { return [=](Json& json) { json["settings"][key] = value; }; };
    std::vector<Refusal> const refusals{
        {"missing criterion", 7, [](Json& json) { json["members"][1]["options"].erase("4.1"); }, {"member 2", "criterion 4.1", "not answered"}},
        {"unknown criterion", 7, option("4.9", 1), {"member 2", "criterion 4.9", "no such criterion"}},
        {"heading", 7, option("4", 1), {"criterion 4", "heading"}},
        {"unknown option", 7, option("4.1", 5), {"member 2", "criterion 4.1", "no option 5", "1, 2, 3, 4"}},
        {"0 beside an option of 0 points", 7, option("1.2", 0), {"criterion 1.2", "0 is no answer here", "option 1"}},
        {"negative option", 7, option("4.1", -1), {"criterion 4.1", "whole number"}},
        {"broken option", 7, option("4.1", 2.0), {"criterion 4.1", "whole number"}},
        {"text for an option", 7, option("4.1", "3"), {"criterion 4.1", "whole number"}},
        {"huge option", 7, option("4.1", 5000000000), {"criterion 4.1", "whole number"}},
        {"case where there is none", 7, option("4.1", {{"case", 1}, {"option", 2}}), {"criterion 4.1", "has no cases"}},
        {"no case", 26, option("8", 1), {"member 2", "criterion 8", "has cases"}},
        {"unknown case", 26, option("8", {{"case", 3}, {"option", 1}}), {"criterion 8", "no case 3"}},
        {"option of the other case", 26, option("8", {{"case", 1}, {"option", 4}}), {"criterion 8", "option 4 is of case 2"}},
        {"mixed cases", 26, option("9", {{"case", 2}, {"option", 4}}), {"criterion 9", "case 2", "case 1"}},
        {"both cases", 26, option("8", Json::array({{{"case", 1}, {"option", 2}}, {{"case", 2}, {"option", 4}}})), {"criterion 8"}},
        {"points in an answer", 7, option("4.1", {{"option", 3}, {"points", 5}}), {"criterion 4.1", "points", "never sent"}},
        {"points of a member",
         7,
         [](Json& json) {
             json["members"][0]["points"] = {{"4.1", 5}};
         },
         {"members[0]", "never sent"}},
        {"total", 7, [](Json& json) { json["total"] = 100; }, {"total", "never sent"}},
        {"unknown key", 7, [](Json& json) { json["membres"] = 1; }, {"membres", "known are"}},
        {"member twice", 7, [](Json& json) { json["members"][1]["name"] = "member 1"; }, {"member 1", "twice"}},
        {"no name", 7, [](Json& json) { json["members"][1].erase("name"); }, {"members[1].name"}},
        {"no members", 7, [](Json& json) { json["members"] = Json::array(); }, {"no members"}},
        {"members missing", 7, [](Json& json) { json.erase("members"); }, {"members is missing"}},
        {"no object", 7, [](Json& json) { json = 1; }, {"must be an object"}},
        {"unknown rule", 7, setting("minimum_rule", "most"), {"most", "majority, every or mean"}},
        {"quorum above one", 7, setting("quorum", "5/4"), {"quorum", "5/4"}},
        {"quorum without a council", 7, setting("quorum", "3/4"), {"council_members is missing"}},
        {"more sheets than members", 7, setting("council_members", 1), {"council_members is 1", "2 sheets"}},
        {"spread as a float", 7, setting("spread_limit", 9.5), {"spread_limit", "as text"}},
        {"unknown setting", 7, setting("mean", "median"), {"settings", "mean"}},
        {"disqualified is no list", 7, [](Json& json) { json["disqualified"] = "yes"; }, {"disqualified"}},
        {"unknown set", 27, [](Json&) {}, {"no set 27"}},
    };
    for (auto const& refusal : refusals) {
        auto json = json_of(shipped().set(std::min(refusal.set, 26)));
        refusal.spoil(json);
        try {
            grade(shipped(), refusal.set, to_evaluation(json));
            ADD_FAILURE() << refusal.name << " was taken";
        } catch (gis_core::Error const& error) {
            for (auto const* text : refusal.says) EXPECT_THAT(error.what(), HasSubstr(text)) << refusal.name;
        }
    }
    EXPECT_EQ(grade(shipped(), 26, to_evaluation(json_of(shipped().set(26)))).star, 5);
}

TEST(GradeTest, SaysWhatItTakesFromJson) {
    auto json = json_of(shipped().set(7));
    json["settings"] =
        gis_core::parse_json(R"({"spread_limit": "7.5", "minimum_rule": "every", "quorum": "3/4", "council_members": 7, "chair": "member 2"})", "settings");
    json["disqualified"] = {"a reason in words"};
    auto const evaluation = to_evaluation(json);
    EXPECT_EQ(evaluation.settings.spread_limit, Exact(15, 2));
    EXPECT_EQ(evaluation.settings.minimum_rule, MinimumRule::every);
    EXPECT_EQ(evaluation.settings.quorum, Exact(3, 4));
    EXPECT_EQ(evaluation.settings.council_members, 7);
    EXPECT_EQ(evaluation.settings.chair, "member 2");
    EXPECT_EQ(evaluation.disqualified, std::vector<std::string>{"a reason in words"});
}

TEST(GradeTest, OnlyAFinishedRubricGrades) {
    auto const draft = load(sheets::kData / "rubrics/qd148-2023");
    EXPECT_THROW(grade(draft, 7, {{best(shipped().set(7))}, {}, {}}), gis_core::Error);
    EXPECT_THROW(require_for_decision(draft), gis_core::Error);
    EXPECT_THROW(require_for_decision(shipped()), gis_core::Error);  // training text
    auto official = shipped();
    official.is_official = true;
    EXPECT_NO_THROW(require_for_decision(official));
    official.stars.clear();
    EXPECT_THROW(grade(official, 7, {{best(shipped().set(7))}, {}, {}}), gis_core::Error);
}

}  // namespace
}  // namespace programme::grading
