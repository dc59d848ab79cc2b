#pragma once

#include "programme/dictionary/dictionary.hpp"

#include <pqxx/transaction_base>

#include <string>
#include <vector>

namespace programme::dictionary {

/// Holds the dictionary against the database, both ways: every field has its column, of a fitting type, with the codes of
/// its list and required where the column is; every column of an entity's table has its field, or is technical or derived.
/// One sentence a difference, with the line of the list.
std::vector<std::string> check(Dictionary const& dictionary, pqxx::transaction_base& tx);

/// Puts what a column means into the database, as comments that psql and QGIS show. Only comments that differ are
/// written; returns how many.
int apply(Dictionary const& dictionary, pqxx::transaction_base& tx);

}  // namespace programme::dictionary
