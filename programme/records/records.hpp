#pragma once

#include "gis_core/json.hpp"
#include "programme/records/values.hpp"

#include <pqxx/transaction_base>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Every entity of the record in one way: what a role sees and may change is decided by the policies of the transaction's
/// role (programme/access), the fields by the dictionary. Rows are JSON, geometry GeoJSON in OGC:CRS84.
namespace programme::records {

/// Whose eyes: the entity, the role under which the transaction runs, and what opens sealed numbers for their mask.
struct Lens {
    dictionary::Entity const& entity;
    std::string role;  // R04
    accounts::Vault const* vault = nullptr;
    bool is_masked = false;  // what the role's right to the entity says
    access::Sight sight(dictionary::Field const& field) const { return access::sight(field, role, is_masked); }
    /// In full: to filter, sort, search and open by.
    bool sees(dictionary::Field const& field) const { return sight(field) == access::Sight::full; }
};

struct ListQuery {
    std::vector<Value> conditions;              // column and comparison in `column`
    std::string q;                              // a part of the label, accents forgiven
    std::optional<std::string> parent;          // key of the parent's row
    std::optional<std::array<double, 4>> bbox;  // west, south, east, north
    bool retired = false;                       // the retired ones instead
    std::string sort;                           // a required field or a time of the row; empty: by key
    bool descending = false;
    std::int64_t after = 0;  // the last row's key of the page before; 0: from the beginning
    int limit = 50;
};

struct Page {
    std::vector<std::string> rows;  // JSON objects
    std::int64_t total = 0;         // of all pages
    std::optional<std::int64_t> next;
};

/// A row as it stands, and its version.
struct Row {
    std::string json;
    int version = 0;
};

/// Somebody changed the row in between.
struct Stale {
    Row current;
};

/// Columns that a list of this entity can be sorted by.
std::vector<std::string> sortable(Lens const& lens);

Page list(pqxx::transaction_base& tx, Lens const& lens, ListQuery const& query);
/// Empty when there is no such row, or none that the role reaches.
std::optional<Row> find(pqxx::transaction_base& tx, Lens const& lens, std::int64_t key);

/// The labels of some rows, as their columns read; a row that the role does not reach has none.
std::map<std::int64_t, std::string> labels(pqxx::transaction_base& tx, Lens const& lens, std::vector<std::int64_t> const& keys);
/// How many rows in use the role reaches, counted up to at_most, entity by entity in the order of the lenses.
std::vector<std::int64_t> counts(pqxx::transaction_base& tx, std::vector<Lens> const& lenses, std::int64_t at_most);

/// The key of the new row, or of the row with that external id, which is changed (idempotent import).
std::int64_t create(pqxx::transaction_base& tx, Lens const& lens, std::vector<Value> const& values);
/// Writes the values if the row still has that version. Empty: done; the row as it stands otherwise.
/// \throws gis_core::Error(not_found), and what the record's own rules refuse.
std::optional<Stale> update(pqxx::transaction_base& tx, Lens const& lens, std::int64_t key, int version, std::vector<Value> const& values);
/// Takes the row out of every list; it can be brought back for 30 days.
std::optional<Stale> retire(pqxx::transaction_base& tx, Lens const& lens, std::int64_t key, int version);
/// \throws gis_core::Error(conflict) after 30 days.
std::optional<Stale> restore(pqxx::transaction_base& tx, Lens const& lens, std::int64_t key, int version);
inline constexpr int kRestoreDays = 30;

/// A sealed number in clear; the audit notes who read it and why. The field is named as in the dictionary.
/// \throws gis_core::Error(invalid_argument) for a field that is not sealed, or a reason of less than 10 characters; (not_found).
std::string reveal(pqxx::transaction_base& tx, Lens const& lens, std::int64_t key, std::string const& field, std::string const& reason);

/// What a zone or plot shares ground with, as a JSON array; "[]" for every other entity.
std::string overlaps(pqxx::transaction_base& tx, Lens const& lens, std::int64_t key);

/// Inside a handler: throws the Error that explains the current exception, or returns where there is nothing to explain.
void explain(Lens const& lens);
/// What the database refused, in words of the record: runs work and turns constraint violations into Error(invalid_argument) with
/// the field, policy violations into Error(forbidden), double keys into Error(conflict).
template <typename Work>
auto in_words(Lens const& lens, Work&& work) {
    try {
        return work();
    } catch (std::exception const&) {
        explain(lens);
        throw;
    }
}
}  // namespace programme::records
