#include "programme/audit/history.hpp"

#include "gis_core/error.hpp"
#include "programme/audit/sql/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/array>
#include <pqxx/result>
#include <pqxx/transaction_base>

namespace programme::audit {
namespace {

template <typename Value>
std::optional<Value> optional(pqxx::field const& field) {
    return field.is_null() ? std::nullopt : std::optional{field.as<Value>()};
}
std::string text(pqxx::field const& field) { return field.is_null() ? std::string{} : field.as<std::string>(); }
std::vector<std::string> texts(pqxx::field const& array) {
    std::vector<std::string> out;
    auto parser = array.as_array();
    for (auto part = parser.get_next(); part.first != pqxx::array_parser::done; part = parser.get_next()) {
        if (part.first == pqxx::array_parser::string_value) out.push_back(part.second);
    }
    return out;
}

}  // namespace

std::vector<Version> history(pqxx::transaction_base& tx, std::string const& table, std::string const& key) {
    auto const seen = tx.exec_params1(sql::history_visible.text, table, key);
    if (!seen["is_watched"].as<bool>()) return {};
    if (!seen["is_seen"].as<bool>()) {
        throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("there is no {} of {} whose history can be shown", key, table)};
    }
    std::vector<Version> versions;
    for (auto const& row : tx.exec_params(sql::history.text, table, key)) {
        Version v;
        v.entry_key = optional<std::int64_t>(row["entry_key"]).value_or(0);
        v.seq = row["seq"].as<std::int64_t>();
        v.action = text(row["action"]);
        v.version = optional<int>(row["version"]);
        v.since = text(row["since"]);
        v.until = text(row["until"]);
        v.login = text(row["login"]);
        v.role = text(row["role"]);
        v.account_key = optional<std::int64_t>(row["account_key"]);
        v.grant_key = optional<std::int64_t>(row["grant_key"]);
        v.request = text(row["request"]);
        v.reason = text(row["reason"]);
        v.changed = texts(row["changed"]);
        v.image = text(row["image"]);
        versions.push_back(std::move(v));
    }
    return versions;
}

std::map<std::int64_t, std::string> names_of(pqxx::transaction_base& tx, std::vector<Version> const& versions) {
    std::vector<std::int64_t> accounts;
    for (auto const& version : versions) {
        if (version.account_key) accounts.push_back(*version.account_key);
    }
    std::map<std::int64_t, std::string> out;
    if (accounts.empty()) return out;
    for (auto const& row : tx.exec_params(sql::history_names.text, fmt::format("{{{}}}", fmt::join(accounts, ","))))
        out[row[0].as<std::int64_t>()] = row[1].as<std::string>();
    return out;
}

}  // namespace programme::audit
