#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pqxx {
class transaction_base;
}

namespace programme::audit {

/// A row as it was from `since` until `until`, and the act that made it so.
struct Version {
    std::int64_t entry_key = 0, seq = 0;  // 0: older than the record; not sealed yet
    std::string action;                   // insert, update, retire, restore, delete; empty: older than the record
    std::optional<int> version;
    std::string since, until;  // "2026-11-23T12:02:11.123Z"; empty: not known; still so
    std::string login, role;
    std::optional<std::int64_t> account_key, grant_key;
    std::string request, reason;
    std::vector<std::string> changed;  // columns
    std::string image;                 // JSON object of the columns; empty: deleted. Geometry as hexadecimal EWKB, hidden columns as hashes
};

/// The versions of a row of a watched table ("ocop.product"), newest first. A transaction that may not read the whole record
/// gets them only while the row is visible to it.
/// None for a table that is only ever added to. \throws Error(not_found) when the row is not visible.
std::vector<Version> history(pqxx::transaction_base& tx, std::string const& table, std::string const& key);

/// How the people who made these versions are called, by account.
std::map<std::int64_t, std::string> names_of(pqxx::transaction_base& tx, std::vector<Version> const& versions);

}  // namespace programme::audit
