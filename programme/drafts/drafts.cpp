#include "programme/drafts/drafts.hpp"

#include "programme/drafts/sql/statements.hpp"

#include <pqxx/pqxx>

namespace programme::drafts {

std::optional<Draft> find(pqxx::transaction_base& tx, std::string const& entity, std::int64_t row) {
    auto const rows = tx.exec_params(sql::draft_find.text, entity, row);
    if (rows.empty()) return std::nullopt;
    return Draft{rows[0][0].as<std::string>(), rows[0][1].as<std::string>()};
}

std::string keep(pqxx::transaction_base& tx, long long account, std::string const& entity, std::int64_t row, std::string const& form) {
    return tx.exec_params(sql::draft_keep.text, account, entity, row, form)[0][0].as<std::string>();
}

void drop(pqxx::transaction_base& tx, std::string const& entity, std::int64_t row) { tx.exec_params(sql::draft_drop.text, entity, row); }

}  // namespace programme::drafts
