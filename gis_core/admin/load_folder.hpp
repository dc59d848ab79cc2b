#pragma once

#include <pqxx/transaction_base>

#include <filesystem>
#include <functional>
#include <string_view>

namespace gis_core::admin {

/// Loads the boundaries, the crosswalk, the context lines and the census of a folder laid out as docs/how-to/boundaries.md
/// says: 48 communes from 2025-07-01, 148 before, and the frames of 160, 164 and 157 back to 2004.
/// facts: the folder of commune_changes.csv.
/// \throws Error(invalid_argument) naming the missing or wrong file. \pre geo.admin_unit is empty.
void load_folder(pqxx::transaction_base& tx, std::filesystem::path const& folder, std::filesystem::path const& facts,
                 std::function<void(std::string_view)> const& said);

}  // namespace gis_core::admin
