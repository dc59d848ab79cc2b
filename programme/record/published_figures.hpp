#pragma once

#include <pqxx/transaction_base>

#include <filesystem>
#include <functional>
#include <string_view>

namespace programme::record {

/// Takes the press figures of a folder, agri_stats.csv and ocop_counts.csv, those of the two that are there. A row that is no
/// figure is left out and said with file, line, field and value; `crops` is the file of crop codes.
/// \throws Error(invalid_argument) when a file cannot be read or lacks a column. \pre units are loaded, no figures are.
void load_published_figures(pqxx::transaction_base& tx, std::filesystem::path const& folder, std::filesystem::path const& crops, bool is_demo,
                            std::function<void(std::string_view)> const& said);

}  // namespace programme::record
