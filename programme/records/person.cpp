#include "programme/records/person.hpp"

#include "gis_core/error.hpp"
#include "programme/records/sql/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <map>

namespace programme::records {

using gis_core::Error;
using gis_core::ErrorKind;

void copy_of_producer(pqxx::transaction_base& tx, dictionary::Dictionary const& dictionary, access::Access const& access, std::string const& role,
                      std::int64_t producer, accounts::Vault const* vault, std::function<void(std::string_view)> const& write) {
    bool is_first_entity = true;
    write("{");
    for (auto const& entity : dictionary.entities()) {
        if (entity.scope != dictionary::Scope::producer || !access.right(entity.id, role).may_read()) continue;
        write(fmt::format("{}\"{}\":[", is_first_entity ? "" : ",\n", entity.id));
        is_first_entity = false;
        Lens const lens{entity, role, vault, access.right(entity.id, role).is_masked};
        ListQuery query;
        query.conditions.push_back({"t.producer_key =", "{}::bigint", std::to_string(producer)});
        query.limit = 1000;
        bool is_first_row = true;
        for (;;) {
            auto const page = list(tx, lens, query);
            for (auto const& row : page.rows) {
                write(is_first_row ? "\n" : ",\n");
                write(row);
                is_first_row = false;
            }
            if (!page.next) break;
            query.after = *page.next;
        }
        write("]");
    }
    write("}");
}

Erased erase_person(pqxx::transaction_base& tx, dictionary::Entity const& entity, std::int64_t key, std::string const& reason) {
    constexpr std::size_t kShortest = 10;
    if (reason.size() < kShortest) throw gis_core::invalid_field("--reason", reason, "why, and who decided it, in at least 10 characters");
    // What a column may hold instead decides what erasing means: NULL where it may be empty, a mark where a text must stand.
    std::map<std::string, std::pair<bool, std::string>> columns;
    for (auto const& row : tx.exec_params(sql::person_columns.text, entity.table)) {
        columns[row["name"].as<std::string>()] = {row["is_required"].as<bool>(), row["type"].as<std::string>()};
    }
    std::vector<std::string> sets;
    Erased erased;
    for (auto const* field : entity.fields) {
        if (field->personal == dictionary::Personal::none || field->table != entity.table || field->is_derived) continue;
        auto const& [is_required, type] = columns.at(field->column);
        if (is_required && type != "text") continue;  // says nothing about a person whose name is gone
        sets.push_back(fmt::format("{} = {}", tx.quote_name(field->column), is_required ? "'(đã xóa)'" : "NULL"));
        erased.columns.push_back(field->column);
    }
    if (sets.empty()) throw gis_core::invalid_field("ENTITY", entity.id, "an entity with personal fields");
    // A field's shape, an employee's or a farmer's name belongs to no certificate; the producer and its representative do.
    if (entity.id == "producers" || entity.id.starts_with("representatives")) {
        auto const held = tx.exec(fmt::format("SELECT producer_key FROM {} WHERE {} = {}", entity.table, entity.key, key));
        if (!held.empty()) {
            auto const needed = tx.exec_params(sql::person_needed.text, held[0][0].as<std::int64_t>());
            if (!needed.empty()) throw Error{ErrorKind::conflict, fmt::format("the person must stay in the record: {}", needed[0][0].as<std::string>())};
        }
    }
    tx.exec_params("SELECT set_config('ocopmap.reason', $1, true)", reason);
    if (tx.exec(fmt::format("UPDATE {} SET {} WHERE {} = {}", entity.table, fmt::join(sets, ", "), entity.key, key)).affected_rows() == 0)
        throw Error{ErrorKind::not_found, fmt::format("there is no row {} of {}", key, entity.id)};
    std::string array;
    for (auto const& column : erased.columns) array += (array.empty() ? "{" : ",") + column;
    erased.older_versions = tx.exec_params1(sql::person_blank.text, entity.table, std::to_string(key), array + "}", reason)[0].as<std::int64_t>();
    return erased;
}

}  // namespace programme::records
