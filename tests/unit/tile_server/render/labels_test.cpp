#include "tile_server/render/labels.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

using tile_server::LabelCandidate;
using tile_server::LabelPlan;

LabelCandidate at(double x, double y, std::string text, std::int64_t rank, std::string figure = "") {
    LabelCandidate label{std::move(text), std::move(figure), "commune", "", x, y};
    label.rank = rank;
    label.key = rank;
    return label;
}

TEST(LabelPlanTest, AFigureStaysWhereItsNameHasNoRoom) {
    LabelPlan plan{1};
    plan.place_all({at(0, 0, "Thạnh Phong", 9, "9"), at(25, 0, "Thạnh Hải", 5, "5"), at(50, 0, "An Qui", 3, "3"), at(25, 30, "Ba Tri", 2, "2"),
                    at(25, -30, "Bảo Thạnh", 1, "1")});
    ASSERT_EQ(plan.labels().size(), 5U);
    std::set<std::string> figures;
    for (auto const& label : plan.labels()) figures.insert(label.figure);
    EXPECT_EQ(figures.size(), 5U);  // the data is all there
}

TEST(LabelPlanTest, TheHigherRankGoesFirst) {
    LabelPlan plan{1};
    plan.place_all({at(0, 0, "Mỹ Hòa", 1), at(5, 0, "Mỹ Thạnh", 7)});
    ASSERT_EQ(plan.labels().size(), 1U);
    EXPECT_EQ(plan.labels()[0].text, "Mỹ Thạnh");
}

TEST(LabelPlanTest, ALocalChoiceDoesNotDependOnWhatLiesBeyondTheReach) {
    // A chain of overlapping names: greedy placement from one end would flip every other label when one is added.
    std::vector<LabelCandidate> chain;
    for (int i = 0; i < 40; ++i) chain.push_back(at(i * 40.0, 0, "Vùng dừa", i % 7));
    auto const shown = [&](std::size_t from, std::size_t to) {
        LabelPlan plan{1};
        plan.place_local({chain.begin() + static_cast<std::ptrdiff_t>(from), chain.begin() + static_cast<std::ptrdiff_t>(to)});
        std::set<double> positions;
        for (auto const& label : plan.labels()) {
            if (label.x > 19 * 40 && label.x < 25 * 40) positions.insert(label.x);
        }
        return positions;
    };
    auto const all = shown(0, 40);
    EXPECT_FALSE(all.empty());
    EXPECT_EQ(all, shown(10, 35));
    EXPECT_EQ(all, shown(12, 40));
}

TEST(LabelPlanTest, ALabelMovesOffAMarker) {
    LabelPlan plan{1};
    plan.place_all({at(0, 0, "An Hội", 1, "18")});
    plan.avoid({{0, 0, 12}});
    auto const& label = plan.labels().at(0);
    EXPECT_TRUE(label.x != 0 || label.y != 0);
}

TEST(WrapNameTest, BreaksLongNamesAtTheBlankNearestTheMiddle) {
    EXPECT_EQ(tile_server::wrap_name("Ba Tri"), "Ba Tri");
    EXPECT_EQ(tile_server::wrap_name("Phước Mỹ Trung"), "Phước\nMỹ Trung");
    EXPECT_EQ(tile_server::wrap_name("Mộtchữrấtdàikhôngcách"), "Mộtchữrấtdàikhôngcách");
}

}  // namespace
