#include "programme/dictionary/database.hpp"

#include "programme/dictionary/sql/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <map>

namespace programme::dictionary {
namespace {

struct Column {
    std::string type, comment, codes;
    bool is_generated, is_required, is_in_view;
};
using Columns = std::map<std::string, std::map<std::string, Column>>;  // by table and name

Columns columns_of(Dictionary const& dictionary, pqxx::transaction_base& tx) {
    std::vector<std::string> tables;
    for (auto const& entity : dictionary.entities()) {
        tables.push_back(entity.table);
        if (!entity.view.empty()) tables.push_back(entity.view);
    }
    Columns out;
    for (auto const& row : tx.exec_params(sql::table_columns.text, fmt::format("{}", fmt::join(tables, ",")))) {
        out[row[0].as<std::string>()][row[1].as<std::string>()] = {row[2].as<std::string>(), row[5].as<std::string>(), row[6].as<std::string>(),
                                                                   row[3].as<bool>(),        row[4].as<bool>(),        row[7].as<bool>()};
    }
    return out;
}

bool fits(FieldType wanted, std::string const& type) {
    switch (wanted) {
    case FieldType::text: return type == "text" || type == "bytea";  // sealed texts
    case FieldType::file: return type == "text";
    case FieldType::enumeration: return type == "text" || type == "geo.unit_level";
    case FieldType::integer: return type == "integer" || type == "bigint" || type == "smallint";
    case FieldType::decimal: return type.starts_with("numeric") || type == "double precision";
    case FieldType::boolean: return type == "boolean";
    case FieldType::date: return type == "date";
    case FieldType::timestamp: return type == "timestamp with time zone";
    case FieldType::point: return type == "geometry(Point,4326)";
    case FieldType::multipolygon: return type == "geometry(MultiPolygon,4326)";
    }
    return false;
}

std::string codes_of(CodeList const& list) {
    std::vector<std::string> codes;
    for (auto const& code : list.codes) codes.push_back(code.code);
    std::sort(codes.begin(), codes.end());
    return fmt::format("{}", fmt::join(codes, "\x1f"));
}

std::string in_words(std::string codes) {
    for (auto at = codes.find('\x1f'); at != std::string::npos; at = codes.find('\x1f', at)) codes.replace(at, 1, ", ");
    return codes;
}

std::string comment_of(Field const& field) {
    auto out = fmt::format("{} ({})", field.label.vi, field.label.en);
    if (!field.unit.empty()) out += fmt::format("; {}", field.unit);
    if (!field.note.empty()) out += fmt::format("; {}", field.note);
    return out;
}

}  // namespace

std::vector<std::string> check(Dictionary const& dictionary, pqxx::transaction_base& tx) {
    auto const there = columns_of(dictionary, tx);
    std::vector<std::string> out;
    for (auto const& entity : dictionary.entities()) {
        auto const say = [&](std::string const& what) { out.push_back(fmt::format("entities.toml:{}: {}: {}", entity.line, entity.id, what)); };
        auto const table = there.find(entity.table);
        if (table == there.end()) {
            say(fmt::format("there is no table {}", entity.table));
            continue;
        }
        std::vector<std::string> needed{entity.key, entity.label_column, "external_id", "version", "created_at", "updated_at", "retired_at"};
        if (entity.parent) needed.push_back(entity.parent->column);
        if (entity.scope == Scope::producer) needed.insert(needed.end(), {"producer_key", "lineage_key"});
        needed.insert(needed.end(), entity.derived.begin(), entity.derived.end());
        for (auto const& name : needed)
            if (!table->second.contains(name)) say(fmt::format("{} has no column {}", entity.table, name));
        for (auto const& [name, column] : table->second) {
            auto const is_derived = column.is_generated || std::find(entity.derived.begin(), entity.derived.end(), name) != entity.derived.end();
            auto const* field = entity.find(name);
            if (field == nullptr && !is_technical(name) && !is_derived)
                say(fmt::format("{}.{} is not in dictionary.csv, nor technical or derived", entity.table, name));
            if (field != nullptr && column.is_generated && !field->is_derived)
                say(fmt::format("{}.{} is generated, but not among derived", entity.table, name));
        }
    }
    for (auto const& field : dictionary.fields()) {
        auto const say = [&](std::string const& what) { out.push_back(fmt::format("dictionary.csv:{}: field {}: {}", field.line, field.number, what)); };
        auto const table = there.find(field.table);
        if (table == there.end()) continue;  // said above
        auto const found = table->second.find(field.column);
        if (found == table->second.end()) {
            say(fmt::format("{} has no column {}", field.table, field.column));
            continue;
        }
        auto const& column = found->second;
        if (!fits(field.type, column.type))
            say(fmt::format("{}.{} is {}, which does not fit {}", field.table, field.column, column.type, to_string(field.type)));
        if (field.is_required != column.is_required && !field.is_derived)
            say(fmt::format("{}.{} is {}required in the database", field.table, field.column, column.is_required ? "" : "not "));
        if (field.list != nullptr && !column.is_in_view && column.codes != codes_of(*field.list))
            say(fmt::format("{}.{} allows {}, list {} has {}", field.table, field.column, column.codes.empty() ? "anything" : in_words(column.codes),
                            field.list->name, in_words(codes_of(*field.list))));
    }
    return out;
}

int apply(Dictionary const& dictionary, pqxx::transaction_base& tx) {
    auto const there = columns_of(dictionary, tx);
    int written = 0;
    for (auto const& field : dictionary.fields()) {
        auto const& column = there.at(field.table).at(field.column);
        auto const comment = comment_of(field);
        if (column.comment == comment) continue;
        tx.exec(fmt::format("COMMENT ON COLUMN {}.{} IS {}", field.table, tx.quote_name(field.column), tx.quote(comment)));
        ++written;
    }
    return written;
}

}  // namespace programme::dictionary
