#include "programme/operations/operations.hpp"

#include "programme/operations/sql/statements.hpp"
#include "programme/parameters.hpp"

#include <pqxx/pqxx>

namespace programme::operations {

using gis_core::db::Session;
using Tx = pqxx::transaction_base;

std::vector<ImportState> imports(Tx& tx, Session& session, int most) {
    std::vector<ImportState> found;
    for (auto const& row : execute(tx, session, sql::operations_imports, Parameters{}.number(most))) {
        auto const text = [&](char const* column) { return row[column].as<std::string>(); };
        auto const number = [&](char const* column) { return row[column].as<std::int64_t>(); };
        found.push_back({.id = number("job_key"),
                         .login = text("login"),
                         .role = text("role"),
                         .entity = text("entity"),
                         .state = text("state"),
                         .phase = text("phase"),
                         .created_at = text("created_at"),
                         .finished_at = text("finished_at"),
                         .rows_total = number("rows_total"),
                         .rows_read = number("rows_read"),
                         .rows_merged = number("rows_merged"),
                         .rows_refused = number("rows_refused"),
                         .attempts = row["attempts"].as<int>()});
    }
    return found;
}

State state(Tx& tx, Session& session) {
    auto const row = execute(tx, session, sql::operations_state)[0];
    auto const number = [&](char const* column) { return row[column].as<std::int64_t>(); };
    return {.unsealed = number("unsealed"),
            .sealed = number("sealed"),
            .unsealed_since = row["oldest"].as<std::string>(),
            .sealed_to = row["sealed_to"].as<std::string>(),
            .is_late = row["is_late"].as<bool>(),
            .files = number("files"),
            .bytes = number("bytes"),
            .waiting = number("waiting"),
            .infected = number("infected"),
            .uploads = number("uploads")};
}

}  // namespace programme::operations
