#include "programme/reports/suppression.hpp"

#include <boost/rational.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

/// What hides money must leave nothing that can be worked out: held against linear algebra, which knows nothing of graphs.
namespace {

using programme::reports::hidden_entries;
using programme::reports::kFewestProducers;
using programme::reports::Money;
using Table = std::vector<std::vector<Money>>;
using Hidden = std::vector<std::vector<bool>>;
using Fraction = boost::rational<long long>;

/// cells[i][j]: producer → value.
Table with_totals(std::vector<std::vector<std::map<long long, long long>>> const& cells) {
    auto const rows = cells.size(), columns = cells[0].size();
    std::vector<std::vector<std::map<long long, long long>>> sums(rows + 1, std::vector<std::map<long long, long long>>(columns + 1));
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
            for (auto const& [producer, value] : cells[i][j]) {
                for (auto const at_row : {i, rows}) {
                    for (auto const at_column : {j, columns}) sums[at_row][at_column][producer] += value;
                }
            }
        }
    }
    Table table(rows + 1, std::vector<Money>(columns + 1));
    for (std::size_t i = 0; i <= rows; ++i) {
        for (std::size_t j = 0; j <= columns; ++j) {
            for (auto const& [producer, value] : sums[i][j]) {
                table[i][j].value += value;
                table[i][j].producers.push_back(producer);
            }
        }
    }
    return table;
}

/// The hidden entries that the equations of rows and columns fix: those whose unit vector lies in the row space, by Gaussian elimination.
std::set<std::pair<std::size_t, std::size_t>> determined(Hidden const& hidden) {
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> unknowns;
    for (std::size_t i = 0; i < hidden.size(); ++i) {
        for (std::size_t j = 0; j < hidden[0].size(); ++j) {
            if (hidden[i][j]) unknowns.emplace(std::pair{i, j}, unknowns.size());
        }
    }
    std::vector<std::vector<Fraction>> equations;
    auto const add = [&](auto const& line) {
        std::vector<Fraction> equation(unknowns.size());
        for (std::size_t k = 0; k < line.size(); ++k) {
            if (auto const found = unknowns.find(line[k]); found != unknowns.end()) equation[found->second] = k + 1 == line.size() ? -1 : 1;
        }
        equations.push_back(std::move(equation));
    };
    for (std::size_t i = 0; i < hidden.size(); ++i) {
        std::vector<std::pair<std::size_t, std::size_t>> line;
        for (std::size_t j = 0; j < hidden[0].size(); ++j) line.emplace_back(i, j);
        add(line);
    }
    for (std::size_t j = 0; j < hidden[0].size(); ++j) {
        std::vector<std::pair<std::size_t, std::size_t>> line;
        for (std::size_t i = 0; i < hidden.size(); ++i) line.emplace_back(i, j);
        add(line);
    }
    std::size_t rank = 0;
    for (std::size_t column = 0; column < unknowns.size() && rank < equations.size(); ++column) {
        auto const pivot = std::find_if(equations.begin() + static_cast<long>(rank), equations.end(), [&](auto const& e) { return e[column] != Fraction{0}; });
        if (pivot == equations.end()) continue;
        std::iter_swap(equations.begin() + static_cast<long>(rank), pivot);
        auto const leading = equations[rank][column];
        for (auto& value : equations[rank]) value /= leading;
        for (std::size_t other = 0; other < equations.size(); ++other) {
            if (other == rank || equations[other][column] == Fraction{0}) continue;
            auto const times = equations[other][column];
            for (std::size_t k = 0; k < unknowns.size(); ++k) equations[other][k] -= times * equations[rank][k];
        }
        ++rank;
    }
    std::set<std::pair<std::size_t, std::size_t>> fixed;  // of the reduced equations, those of one unknown
    for (std::size_t row = 0; row < rank; ++row) {
        if (std::count_if(equations[row].begin(), equations[row].end(), [](Fraction const& f) { return f != Fraction{0}; }) != 1) continue;
        for (auto const& [place, at] : unknowns) {
            if (equations[row][at] != Fraction{0}) fixed.insert(place);
        }
    }
    return fixed;
}

void expect_safe(Table const& table, Hidden const& hidden) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        for (std::size_t j = 0; j < table[0].size(); ++j) {
            auto const count = table[i][j].producers.size();
            if (count > 0 && count < kFewestProducers) {
                EXPECT_TRUE(hidden[i][j]) << i << ' ' << j;
            }
            if (count == 0) {
                EXPECT_FALSE(hidden[i][j]) << "what is nobody's is no secret: " << i << ' ' << j;
            }
        }
    }
    EXPECT_TRUE(determined(hidden).empty());
}

TEST(SuppressionTest, HidesNothingWhereEveryCellHasThree) {
    std::map<long long, long long> const three{{1, 10}, {2, 20}, {3, 30}};
    auto const hidden = hidden_entries(with_totals({{three, three}, {three, three}}));
    for (auto const& line : hidden) EXPECT_EQ(std::count(line.begin(), line.end(), true), 0);
}

TEST(SuppressionTest, OneSmallCellTakesOthersAlongSoThatNoTotalTellsIt) {
    auto const table = with_totals({{{{1, 5}}, {{2, 10}, {3, 20}, {4, 30}}, {{20, 9}, {21, 9}, {22, 9}}},
                                    {{{5, 10}, {6, 20}, {7, 30}}, {{8, 10}, {9, 20}, {10, 40}}, {{23, 8}, {24, 8}, {25, 8}}},
                                    {{{11, 11}, {12, 21}, {13, 31}}, {{14, 12}, {15, 22}, {16, 41}}, {{26, 7}, {27, 7}, {28, 7}}}});
    auto const hidden = hidden_entries(table);
    EXPECT_TRUE(hidden[0][0]);
    expect_safe(table, hidden);
    EXPECT_FALSE(hidden[3][3]) << "the total of all stays where smaller figures can be hidden";
}

TEST(SuppressionTest, TwoHiddenCellsOfTheSameProducerAreNotToldAsASum) {
    // Row 0: two cells of producer 1 alone. Their sum would be the row's total less the third cell.
    auto const table = with_totals({{{{1, 5}}, {{1, 6}}, {{2, 100}, {3, 100}, {4, 100}}},
                                    {{{1, 7}}, {{1, 8}}, {{5, 100}, {6, 100}, {7, 100}}},
                                    {{{8, 50}, {9, 50}, {10, 50}}, {{11, 50}, {12, 50}, {13, 50}}, {{14, 1}, {15, 1}, {16, 1}}}});
    auto const hidden = hidden_entries(table);
    expect_safe(table, hidden);
    EXPECT_TRUE(hidden[0][2] || hidden[0][3]);
}

TEST(SuppressionTest, ATableOfOneProducerIsHiddenWhole) {
    auto const table = with_totals({{{{1, 5}}}, {{{1, 9}}}});
    auto const hidden = hidden_entries(table);
    for (auto const& line : hidden) EXPECT_EQ(std::count(line.begin(), line.end(), false), 0);
}

TEST(SuppressionTest, NothingCanBeWorkedOutInTablesOfChance) {
    std::mt19937 random{20260522};
    for (int round = 0; round < 400; ++round) {
        SCOPED_TRACE(round);
        auto const size = [&] { return std::uniform_int_distribution<std::size_t>{1, 7}(random); };
        std::vector<std::vector<std::map<long long, long long>>> cells(size(), std::vector<std::map<long long, long long>>(size()));
        for (auto& row : cells) {
            for (auto& cell : row) {
                for (auto left = std::uniform_int_distribution<int>{0, 6}(random); left > 0; --left)
                    cell[std::uniform_int_distribution<long long>{1, 60}(random)] += std::uniform_int_distribution<long long>{1, 1000}(random);
            }
        }
        auto const table = with_totals(cells);
        expect_safe(table, hidden_entries(table));
    }
}

}  // namespace
