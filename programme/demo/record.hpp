#pragma once

#include "programme/demo/sample.hpp"

#include <pqxx/transaction_base>

#include <filesystem>

namespace programme::demo {

/// Fills every table of the record (data/dictionary.csv) for the sample's rows: the first 1,000 producers, 3,000 products
/// and 600 zones, so that larger samples load about as quickly. The same rows for the same seed, day and sample. The
/// values of data/demo/planted.csv stand in one row each: whatever shows one of them in public leaks.
/// \pre load_sample has written its rows in this transaction.
void load_record(pqxx::transaction_base& tx, std::filesystem::path const& data, SampleConfig const& config);

/// Takes away what load_record wrote, before the sample's own rows go.
void clear_record(pqxx::transaction_base& tx);

}  // namespace programme::demo
