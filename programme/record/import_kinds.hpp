#pragma once

#include "gis_core/io/import.hpp"

#include <pqxx/transaction_base>

#include <functional>
#include <string_view>

namespace programme::record {

/// producers, products, certificates, sales-points.
std::vector<gis_core::io::ImportKind> const& import_kinds();

/// Takes the press list of products of a folder of real data; says which rows are left out and why.
/// \pre gis_core::admin::load_folder ran in the same transaction.
void load_press_list(pqxx::transaction_base& tx, std::filesystem::path const& file, std::function<void(std::string_view)> const& said);

}  // namespace programme::record
