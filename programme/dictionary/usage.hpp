#pragma once

#include "programme/dictionary/dictionary.hpp"

#include <pqxx/transaction_base>

#include <cstdint>
#include <map>

namespace programme::dictionary {

struct Usage {
    std::int64_t total = 0, filled = 0;  // rows of the table; those that carry the field
};

/// By the number of the field. Counts every row of the record: keep what it answers for a while.
std::map<int, Usage> field_usage(Dictionary const& dictionary, pqxx::transaction_base& tx);

}  // namespace programme::dictionary
