#pragma once

#include "gis_core/db/pool.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// What runs behind the pages, for administrators: states and figures, no row of the record. Mail is programme/contact/operator.hpp.
/// Functions over a transaction of R16.
namespace programme::operations {

struct ImportState {
    std::int64_t id = 0;
    std::string login, role, entity, state, phase, created_at, finished_at;  // login empty: the operator's command
    std::int64_t rows_total = 0, rows_read = 0, rows_merged = 0, rows_refused = 0;
    int attempts = 0;
};
struct State {
    std::int64_t unsealed = 0, sealed = 0;  // entries of the audit
    std::string unsealed_since, sealed_to;
    bool is_late = false;  // the sealer takes less than a second
    std::int64_t files = 0, bytes = 0, waiting = 0, infected = 0, uploads = 0;
};

/// Those under way first, then newest first.
std::vector<ImportState> imports(pqxx::transaction_base& tx, gis_core::db::Session& session, int most);
State state(pqxx::transaction_base& tx, gis_core::db::Session& session);

}  // namespace programme::operations
