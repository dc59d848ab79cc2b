#pragma once

#include <vector>

namespace programme::reports {

/// A sum of money, and whose it is.
struct Money {
    long long value = 0;
    std::vector<long long> producers;  // in order, each once; empty: nobody's, which everybody may know
};

/// Of fewer producers than that, money is not told.
inline constexpr std::size_t kFewestProducers = 3;

/// Which entries of a table with its totals are hidden; the last row and the last column hold the totals. Hidden is what fewer than three
/// producers share, and as much more as it takes so that neither the rows nor the columns, alone or together, let anybody work a hidden
/// entry out, nor the sum of what is hidden in one of them where that belongs to fewer than three.
std::vector<std::vector<bool>> hidden_entries(std::vector<std::vector<Money>> const& table);

}  // namespace programme::reports
