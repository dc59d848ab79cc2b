#pragma once

#include "programme/files/config.hpp"

#include <pqxx/transaction_base>

namespace programme::demo {

/// Draws a few pictures and documents, stores them, and names them in the table demo_file of the transaction, from which the
/// sample rows take theirs. Without a place for files nothing is done, and the rows name files that are not there.
void load_files(pqxx::transaction_base& tx, files::Config const& config);

}  // namespace programme::demo
