#pragma once

#include <pqxx/transaction_base>

#include <cstdint>
#include <optional>
#include <string>

/// Forms that somebody began and has not sent yet. Each is its owner's alone; the policies of the transaction's actor see to that.
namespace programme::drafts {

struct Draft {
    std::string form;      // application/x-www-form-urlencoded
    std::string saved_at;  // "2026-06-30T08:30:00+07:00"
};

/// row: the key of the row that is being changed; 0: a new one.
std::optional<Draft> find(pqxx::transaction_base& tx, std::string const& entity, std::int64_t row);
/// Puts it in the place of the one before.
std::string keep(pqxx::transaction_base& tx, long long account, std::string const& entity, std::int64_t row, std::string const& form);
void drop(pqxx::transaction_base& tx, std::string const& entity, std::int64_t row);

}  // namespace programme::drafts
