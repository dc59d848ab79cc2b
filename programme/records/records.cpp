#include "programme/records/records.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/files/media.hpp"
#include "programme/records/builder.hpp"
#include "programme/records/sql/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/pqxx>

#include <algorithm>

namespace programme::records {
namespace {

using dictionary::Field;
using gis_core::Error;
using gis_core::ErrorKind;

/// The columns a role reads, as a subquery's list: key, version, parent, the dictionary's fields, times.
std::string columns_of(Lens const& lens) {
    auto const& entity = lens.entity;
    std::vector<std::string> out{fmt::format("t.{}", entity.key), "t.version", "t.external_id"};
    auto const add = [&](std::string column) {
        if (std::find(out.begin(), out.end(), column) == out.end()) out.push_back(std::move(column));
    };
    if (entity.parent) add("t." + entity.parent->column);
    if (access::names_producer(entity)) add("t.producer_key");
    for (auto const* field : entity.fields) {
        auto const sight = lens.sight(*field);
        if (field->table != entity.table || sight == access::Sight::none) continue;
        if (dictionary::is_sealed(*field)) {
            out.push_back(fmt::format("encode(t.{0}, 'hex') AS {0}", field->column));  // masked before it leaves: with_masks()
        } else if (sight == access::Sight::masked) {
            out.push_back(fmt::format("t.{} AS {}", access::masked_column(*field), field->column));
        } else if (dictionary::is_shape(*field)) {
            out.push_back(fmt::format("ST_AsGeoJSON(t.{0}, 9)::json AS {0}", field->column));  // without the crs that row_to_json adds: it can be sent back
        } else {
            add("t." + field->column);
        }
    }
    for (auto const* column : {"created_at", "updated_at", "retired_at"}) add(fmt::format("t.{}", column));
    return fmt::format("{}", fmt::join(out, ", "));
}

/// The row with its sealed numbers as people see them.
std::string with_masks(Lens const& lens, std::string json) {
    std::vector<Field const*> sealed;
    for (auto const* field : lens.entity.fields) {
        if (dictionary::is_sealed(*field) && field->table == lens.entity.table && lens.sight(*field) != access::Sight::none) sealed.push_back(field);
    }
    if (sealed.empty()) return json;
    auto row = gis_core::parse_json(json, "row");
    for (auto const* field : sealed) {
        auto& value = row.at(field->column);
        if (value.is_string()) value = masked(*field, value.get<std::string>(), lens.vault);
    }
    return gis_core::to_text(row);
}

std::optional<Row> row_of(Lens const& lens, pqxx::result const& result) {
    if (result.empty()) return std::nullopt;
    return Row{with_masks(lens, result[0][0].as<std::string>()), result[0][1].as<int>()};
}

Error no_row(Lens const& lens, std::int64_t key) {
    return Error{ErrorKind::not_found, fmt::format("there is no row {} of {} that you may see", key, lens.entity.id)};
}

/// UPDATE … SET what WHERE the row has that version and state; empty when a row was changed.
std::optional<Stale> change(pqxx::transaction_base& tx, Lens const& lens, Builder& builder, std::string const& what, std::int64_t key, int version) {
    auto const sql = fmt::format("UPDATE {0} t SET {1} WHERE t.{2} = {3}::bigint AND t.version = {4}::integer RETURNING t.{2}", lens.entity.table, what,
                                 lens.entity.key, builder.put(std::to_string(key)), builder.put(std::to_string(version)));
    if (!builder.run(tx, sql).empty()) return std::nullopt;
    auto current = find(tx, lens, key);
    if (!current) throw no_row(lens, key);
    if (current->version == version) throw Error{ErrorKind::forbidden, "the role you act under may read this row and not change it"};
    return Stale{std::move(*current)};
}

}  // namespace

std::vector<std::string> sortable(Lens const& lens) {
    std::vector<std::string> out{lens.entity.key, "updated_at", "created_at"};
    for (auto const* field : lens.entity.fields) {
        if (field->is_required && field->table == lens.entity.table && !dictionary::is_shape(*field) && lens.sees(*field)) out.push_back(field->column);
    }
    return out;
}

Page list(pqxx::transaction_base& tx, Lens const& lens, ListQuery const& query) {
    auto const& entity = lens.entity;
    Builder builder;
    auto where = conditions_of(lens, query, builder);
    auto const sort = query.sort.empty() ? entity.key : query.sort;
    auto const* const order = query.descending ? "DESC" : "ASC";
    auto const after = query.after == 0 ? std::string{"true"}
                                        : fmt::format("(h.s, h.k) {2} (SELECT a.{0}, a.{1} FROM {3} a WHERE a.{1} = {4}::bigint)", sort, entity.key,
                                                      query.descending ? "<" : ">", entity.table, builder.put(std::to_string(query.after)));
    // What a condition has to look for in the rows is looked for once; without one, number and order come from indexes.
    bool const is_filtered = where.size() > 1;
    auto const sql =
        fmt::format(fmt::runtime(sql::record_list.text), fmt::arg("once", is_filtered ? "MATERIALIZED" : "NOT MATERIALIZED"), fmt::arg("key", entity.key),
                    fmt::arg("sort", sort), fmt::arg("table", entity.table), fmt::arg("where", fmt::join(where, " AND ")), fmt::arg("after", after),
                    fmt::arg("order", order), fmt::arg("rows", query.limit + 1), fmt::arg("columns", columns_of(lens)));
    auto const rows = builder.run(tx, sql);
    Page page;
    page.total = rows[0][0].as<std::int64_t>();
    for (auto const& row : rows) {
        if (row[1].is_null()) break;  // no row at all: the number stands alone
        if (page.rows.size() == static_cast<std::size_t>(query.limit)) break;
        page.rows.push_back(with_masks(lens, row[1].as<std::string>()));
        if (page.rows.size() == static_cast<std::size_t>(query.limit) && static_cast<std::size_t>(rows.size()) > page.rows.size())
            page.next = row[2].as<std::int64_t>();
    }
    return page;
}

std::optional<Row> find(pqxx::transaction_base& tx, Lens const& lens, std::int64_t key) {
    Builder builder;
    auto const at = builder.put(std::to_string(key));
    return row_of(lens, builder.run(tx, fmt::format("SELECT row_to_json(r)::text, r.version FROM (SELECT {} FROM {} t WHERE t.{} = {}::bigint) r",
                                                    columns_of(lens), lens.entity.table, lens.entity.key, at)));
}

std::map<std::int64_t, std::string> labels(pqxx::transaction_base& tx, Lens const& lens, std::vector<std::int64_t> const& keys) {
    std::map<std::int64_t, std::string> out;
    auto const& entity = lens.entity;
    auto const* field = entity.find(entity.label_column);
    if (keys.empty() || (field != nullptr && (!lens.sees(*field) || dictionary::is_sealed(*field)))) return out;
    Builder builder;
    auto const at = builder.put(fmt::format("{{{}}}", fmt::join(keys, ",")));
    for (auto const& row : builder.run(tx, fmt::format("SELECT t.{0}, left(t.{1}::text, 200) FROM {2} t WHERE t.{0} = ANY ({3}::bigint[])", entity.key,
                                                       entity.label_column, entity.table, at)))
        out[row[0].as<std::int64_t>()] = row[1].is_null() ? std::string{} : row[1].as<std::string>();
    return out;
}

std::vector<std::int64_t> counts(pqxx::transaction_base& tx, std::vector<Lens> const& lenses, std::int64_t at_most) {
    std::vector<std::string> parts;
    for (auto const& lens : lenses)
        parts.push_back(fmt::format("(SELECT count(*) FROM (SELECT FROM {} t WHERE t.retired_at IS NULL LIMIT {}) s)", lens.entity.table, at_most));
    std::vector<std::int64_t> out;
    if (parts.empty()) return out;
    auto const row = tx.exec(fmt::format("SELECT {}", fmt::join(parts, ", ")))[0];
    for (auto const& cell : row) out.push_back(cell.as<std::int64_t>());
    return out;
}

std::int64_t create(pqxx::transaction_base& tx, Lens const& lens, std::vector<Value> const& values) {
    Builder builder;
    std::vector<std::string> columns, expressions, updates;
    for (auto const& value : values) {
        if (!value.text) continue;  // the column's own default
        columns.push_back(value.column);
        expressions.push_back(builder.put(value));
        if (value.column != "external_id") updates.push_back(fmt::format("{0} = EXCLUDED.{0}", value.column));
    }
    bool const has_id = std::find(columns.begin(), columns.end(), "external_id") != columns.end();
    auto const otherwise = has_id && !updates.empty() ? fmt::format(" ON CONFLICT (external_id) DO UPDATE SET {}", fmt::join(updates, ", ")) : std::string{};
    auto const sql = columns.empty() ? fmt::format("INSERT INTO {} DEFAULT VALUES RETURNING {}", lens.entity.table, lens.entity.key)
                                     : fmt::format("INSERT INTO {} ({}) VALUES ({}){} RETURNING {}", lens.entity.table, fmt::join(columns, ", "),
                                                   fmt::join(expressions, ", "), otherwise, lens.entity.key);
    return builder.run(tx, sql)[0][0].as<std::int64_t>();
}

std::optional<Stale> update(pqxx::transaction_base& tx, Lens const& lens, std::int64_t key, int version, std::vector<Value> const& values) {
    Builder builder;
    std::vector<std::string> sets;
    for (auto const& value : values) sets.push_back(fmt::format("{} = {}", value.column, value.text ? builder.put(value) : "DEFAULT"));
    if (sets.empty()) throw Error{ErrorKind::invalid_argument, "the body names no field to change"};
    return change(tx, lens, builder, fmt::format("{}", fmt::join(sets, ", ")), key, version);
}

std::optional<Stale> retire(pqxx::transaction_base& tx, Lens const& lens, std::int64_t key, int version) {
    Builder builder;
    return change(tx, lens, builder, "retired_at = now()", key, version);
}

std::optional<Stale> restore(pqxx::transaction_base& tx, Lens const& lens, std::int64_t key, int version) {
    Builder builder;
    auto const sql = fmt::format("SELECT t.retired_at < now() - make_interval(days => {}) FROM {} t WHERE t.{} = {}::bigint", kRestoreDays, lens.entity.table,
                                 lens.entity.key, builder.put(std::to_string(key)));
    auto const rows = builder.run(tx, sql);
    if (rows.empty()) throw no_row(lens, key);
    if (rows[0][0].is_null()) throw Error{ErrorKind::conflict, "the row is not retired"};
    if (rows[0][0].as<bool>()) throw Error{ErrorKind::conflict, fmt::format("the row was retired more than {} days ago", kRestoreDays)};
    Builder writing;
    return change(tx, lens, writing, "retired_at = NULL", key, version);
}

std::string reveal(pqxx::transaction_base& tx, Lens const& lens, std::int64_t key, std::string const& field_name, std::string const& reason) {
    constexpr std::size_t kShortest = 10;
    auto const* field = lens.entity.find(field_name);
    if (field == nullptr || !dictionary::is_sealed(*field) || field->table != lens.entity.table)
        throw gis_core::invalid_field("field", field_name, "a number of this entity that is kept sealed");
    if (!lens.sees(*field)) throw Error{ErrorKind::forbidden, fmt::format("the role {} may not see {}", lens.role, field_name)};
    if (reason.size() < kShortest) throw gis_core::invalid_field("reason", reason, "why you need the number, in at least 10 characters");
    Builder builder;
    auto const rows = builder.run(tx, fmt::format("SELECT encode(t.{}, 'hex') FROM {} t WHERE t.{} = {}::bigint", field->column, lens.entity.table,
                                                  lens.entity.key, builder.put(std::to_string(key))));
    if (rows.empty()) throw no_row(lens, key);
    if (rows[0][0].is_null()) throw Error{ErrorKind::not_found, fmt::format("row {} has no {}", key, field_name)};
    if (lens.vault == nullptr) throw Error{ErrorKind::conflict, "this service keeps no secrets"};
    auto digits = lens.vault->open(rows[0][0].as<std::string>(), seal_owner(*field));
    tx.exec_params(sql::note_reveal.text, lens.entity.table, field->column + ": " + reason, std::to_string(key));
    return digits;
}

std::string overlaps(pqxx::transaction_base& tx, Lens const& lens, std::int64_t key) {
    if (lens.entity.id != "zones" && lens.entity.id != "plots") return "[]";
    return tx.exec_params(sql::overlaps.text, lens.entity.id, key)[0][0].as<std::string>();
}

void explain(Lens const& lens) {
    try {
        throw;
    } catch (pqxx::sql_error const& error) {
        std::string_view const said{error.what()};
        auto const state = gis_core::db::state_of(error);
        // 'new row for relation "x" violates check constraint "producer_tax_code_check"', 'null value in column "name" …'
        auto const quoted = [&](std::string_view before) -> std::string {
            auto const at = said.find(before);
            if (at == std::string_view::npos) return {};
            auto const begin = at + before.size(), end = said.find('"', begin);
            return std::string{said.substr(begin, end - begin)};
        };
        auto const field_in = [&](std::string const& constraint) -> std::string {
            std::string best;
            for (auto const* field : lens.entity.fields) {
                if (constraint.find(field->column) != std::string::npos && field->column.size() > best.size()) best = field->column;
            }
            if (lens.entity.parent && constraint.find(lens.entity.parent->column) != std::string::npos && lens.entity.parent->column.size() > best.size())
                best = lens.entity.parent->column;
            return best;
        };
        if (state == "23514") {
            auto const constraint = quoted("constraint \"");
            auto const field = field_in(constraint);
            if (auto const* known = lens.entity.find(field); known != nullptr && known->type == dictionary::FieldType::file && constraint == field) {
                std::vector<std::string_view> kinds;
                for (auto const& type : files::taken_by(known->unit)) kinds.push_back(type.extensions.front());
                throw Error{ErrorKind::invalid_argument,
                            fmt::format("{} names a file of another kind", field),
                            {{field, "", fmt::format("a file of these kinds: {}", fmt::join(kinds, ", "))}}};
            }
            throw Error{ErrorKind::invalid_argument,
                        field.empty() ? fmt::format("the values contradict each other ({})", constraint)
                                      : fmt::format("{} is outside what the record allows ({})", field, constraint),
                        {{field.empty() ? constraint : field, "", "a value that the rule " + constraint + " allows"}}};
        }
        if (state == "23502") {
            auto const column = quoted("column \"");
            if (column.ends_with("_key"))  // a trigger looks its row up, and found none
                throw Error{ErrorKind::invalid_argument, fmt::format("{} names no row", column), {{column, "", "the key of a row that exists"}}};
            throw Error{ErrorKind::invalid_argument, fmt::format("{} is missing", column), {{column, "", "a value"}}};
        }
        if (state == "23503") {
            auto const field = field_in(said.find("constraint \"") != std::string_view::npos ? quoted("constraint \"") : std::string{said.substr(0, 200)});
            auto const* known = lens.entity.find(field);
            bool const is_file = known != nullptr && known->type == dictionary::FieldType::file;
            throw Error{ErrorKind::invalid_argument,
                        fmt::format("{} names a {} that does not exist", field.empty() ? "a key" : field, is_file ? "file" : "row"),
                        {{field, "", is_file ? "a file that you stored, or that a record you may see names" : "the key of a row that exists"}}};
        }
        if (state == "23505") {
            auto const constraint = quoted("constraint \"");
            auto const field = field_in(constraint);
            throw Error{ErrorKind::conflict,
                        fmt::format("another row has this {} already", field.empty() ? "value" : field),
                        {{field.empty() ? constraint : field, "", "a value no other row has"}}};
        }
        if (state == "23P01") throw Error{ErrorKind::conflict, "another row holds for the same time"};
        if (state == "22003") throw Error{ErrorKind::invalid_argument, "a number is too large for its field"};
        if (state == "55000") throw Error{ErrorKind::conflict, gis_core::db::message_of(error)};  // a rule of the table, in its own words
        if (state == "XX000" || state == "22023")
            throw Error{ErrorKind::invalid_argument, "a geometry is not valid", {{"geometry", "", "a valid geometry (OGC Simple Features)"}}};
        if (state == "42501") {
            throw Error{ErrorKind::forbidden, said.find("row-level security") != std::string_view::npos
                                                  ? "the row would lie outside what your role may write: another producer, or another territory"
                                                  : "the role you act under may not do this"};
        }
    }  // anything else passes: it says itself what it is
}

}  // namespace programme::records
