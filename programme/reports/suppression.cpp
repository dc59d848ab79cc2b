#include "programme/reports/suppression.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>

namespace programme::reports {
namespace {

using Entry = std::pair<std::size_t, std::size_t>;  // row, column

class Suppression {
public:
    explicit Suppression(std::vector<std::vector<Money>> const& table)
        : table_{table}, rows_{table.size()}, columns_{table.front().size()}, hidden_(rows_, std::vector<bool>(columns_)) {}

    std::vector<std::vector<bool>> run() {
        for (std::size_t i = 0; i < rows_; ++i) {
            for (std::size_t j = 0; j < columns_; ++j) {
                auto const count = table_[i][j].producers.size();
                hidden_[i][j] = count > 0 && count < kFewestProducers;
            }
        }
        while (covers_lines() || covers_bridge()) {}
        return hidden_;
    }

private:
    bool is_usable(Entry at) const { return !hidden_[at.first][at.second] && !table_[at.first][at.second].producers.empty(); }

    /// The smallest that can be hidden, a total only where nothing else is left.
    std::optional<Entry> smallest(std::vector<Entry> const& among) const {
        std::optional<Entry> found;
        auto const rank = [&](Entry at) {
            return std::pair{static_cast<int>(at.first + 1 == rows_) + static_cast<int>(at.second + 1 == columns_), table_[at.first][at.second].value};
        };
        for (auto const& at : among) {
            if (is_usable(at) && (!found || rank(at) < rank(*found))) found = at;
        }
        return found;
    }
    bool hide(std::vector<Entry> const& among) {
        auto const at = smallest(among);
        if (at) hidden_[at->first][at->second] = true;
        return at.has_value();
    }
    std::vector<Entry> row(std::size_t i) const {
        std::vector<Entry> line;
        for (std::size_t j = 0; j < columns_; ++j) line.emplace_back(i, j);
        return line;
    }
    std::vector<Entry> column(std::size_t j) const {
        std::vector<Entry> line;
        for (std::size_t i = 0; i < rows_; ++i) line.emplace_back(i, j);
        return line;
    }

    /// What is hidden in a line is told by the rest of it when it is one entry, and its sum is told when the line's total is. True when more was hidden.
    bool covers_lines() {
        bool is_changed = false;
        auto const cover = [&](std::vector<Entry> const& line) {
            std::size_t count = 0;
            std::vector<long long> whose;
            for (auto const& [i, j] : line) {
                if (!hidden_[i][j]) continue;
                ++count;
                std::vector<long long> both;
                std::set_union(whose.begin(), whose.end(), table_[i][j].producers.begin(), table_[i][j].producers.end(), std::back_inserter(both));
                whose = std::move(both);
            }
            auto const [total_row, total_column] = line.back();
            bool const tells_sum = !hidden_[total_row][total_column] && whose.size() < kFewestProducers;
            if (count > 0 && (count == 1 || tells_sum)) is_changed = hide(line) || is_changed;
        };
        for (std::size_t i = 0; i < rows_; ++i) cover(row(i));
        for (std::size_t j = 0; j < columns_; ++j) cover(column(j));
        return is_changed;
    }

    /// Rows and columns together fix exactly the hidden entries that lie on no circle of hidden entries: rows and columns as the nodes of a graph,
    /// its bridges. True when one was found and more was hidden.
    bool covers_bridge() {
        auto const bridge = find_bridge();
        if (!bridge) return false;
        auto near = row(bridge->first);
        auto const crossing = column(bridge->second);
        near.insert(near.end(), crossing.begin(), crossing.end());
        if (hide(near)) return true;
        std::vector<Entry> all;
        for (std::size_t i = 0; i < rows_; ++i) {
            auto const line = row(i);
            all.insert(all.end(), line.begin(), line.end());
        }
        return hide(all);
    }

    std::optional<Entry> find_bridge() const {
        auto const nodes = rows_ + columns_;
        std::vector<int> seen(nodes, 0), low(nodes, 0);
        int time = 0;
        std::optional<Entry> found;
        std::function<void(std::size_t, std::size_t)> visit = [&](std::size_t node, std::size_t from) {
            seen[node] = low[node] = ++time;
            bool const is_row = node < rows_;
            for (std::size_t k = 0; k < (is_row ? columns_ : rows_) && !found; ++k) {
                auto const i = is_row ? node : k, j = is_row ? k : node - rows_;
                auto const next = is_row ? rows_ + k : k;
                if (!hidden_[i][j] || next == from) continue;
                if (seen[next] != 0) {
                    low[node] = std::min(low[node], seen[next]);
                    continue;
                }
                visit(next, node);
                low[node] = std::min(low[node], low[next]);
                if (low[next] > seen[node] && !found) found = Entry{i, j};
            }
        };
        for (std::size_t node = 0; node < rows_ && !found; ++node) {
            if (seen[node] == 0) visit(node, nodes);
        }
        return found;
    }

    std::vector<std::vector<Money>> const& table_;
    std::size_t rows_, columns_;
    std::vector<std::vector<bool>> hidden_;
};

}  // namespace

std::vector<std::vector<bool>> hidden_entries(std::vector<std::vector<Money>> const& table) {
    return table.empty() ? std::vector<std::vector<bool>>{} : Suppression{table}.run();
}

}  // namespace programme::reports
