#include "tests/integration/cql2/data_set.hpp"

#include "gis_core/cql2/moment.hpp"
#include "gis_core/cql2/sql.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <stdexcept>

namespace cql2_test {
namespace {

using cql2::Type;

/// What load() reads of a column.
std::string read_as_text(cql2::Queryable const& queryable) {
    switch (queryable.type) {
    case Type::geometry: return "encode(ST_AsBinary(" + queryable.sql + "), 'hex')";
    case Type::date: return "(" + queryable.sql + "::date - date '1970-01-01')::text";
    case Type::timestamp: return "(extract(epoch FROM " + queryable.sql + ") * 1000000)::bigint::text";
    case Type::number: return queryable.sql + "::float8::text";
    case Type::array: return "array_to_string(" + queryable.sql + ", E'\\x01')";
    default: return queryable.sql + "::text";
    }
}

}  // namespace

DataSet::DataSet(std::string const& conninfo, std::string source, cql2::Schema schema)
    : source_{std::move(source)}, schema_{std::move(schema)}, connection_{std::make_unique<pqxx::connection>(conninfo)} {
    load();
}

cql2::Schema DataSet::schema_of(std::string const& conninfo, std::string const& table) {
    pqxx::connection connection{conninfo};
    pqxx::read_transaction tx{connection};
    cql2::Schema schema;
    for (auto const& row : tx.exec_params("SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0"
                                          " AND NOT attisdropped ORDER BY attnum",
                                          table)) {
        auto const name = row[0].as<std::string>(), type = row[1].as<std::string>();
        cql2::Queryable queryable{name, Type::text, {}, "t." + connection.quote_name(name), false};
        if (type == "integer" || type == "bigint" || type == "smallint") {
            queryable.type = Type::number;
            queryable.is_integer = true;
        } else if (type == "double precision" || type == "numeric" || type == "real") {
            queryable.type = Type::number;
        } else if (type == "boolean") {
            queryable.type = Type::boolean;
        } else if (type == "date") {
            queryable.type = Type::date;
        } else if (type == "timestamp with time zone") {
            queryable.type = Type::timestamp;
        } else if (type == "geometry") {
            queryable.type = Type::geometry;
        } else if (type == "text[]") {
            queryable.type = Type::array;
            queryable.element = Type::text;
        }
        schema.queryables.push_back(std::move(queryable));
    }
    if (schema.queryables.empty()) throw std::runtime_error{"no columns in " + table};
    return schema;
}

void DataSet::load() {
    pqxx::read_transaction tx{*connection_};
    std::string columns;
    for (auto const& queryable : schema_.queryables) columns += (columns.empty() ? "" : ", ") + read_as_text(queryable);
    for (auto const& found : tx.exec("SELECT " + columns + " FROM " + source_)) {
        auto& row = rows_.emplace_back();
        for (std::size_t i = 0; i < schema_.queryables.size(); ++i) {
            auto const field = found[static_cast<int>(i)];
            cql2::Value value;
            if (!field.is_null()) {
                switch (schema_.queryables[i].type) {
                case Type::geometry: value = static_cast<GEOSGeometry const*>(shapes_.emplace_back(geos_->from_hex(field.c_str())).get()); break;
                case Type::date: value = cql2::Day{field.as<std::int64_t>()}; break;
                case Type::timestamp: value = cql2::Moment{field.as<std::int64_t>()}; break;
                case Type::number: value = field.as<double>(); break;
                case Type::boolean: value = field.as<bool>(); break;
                case Type::array: {
                    auto& items = arrays_.emplace_back();
                    std::string_view rest = texts_.emplace_back(field.c_str());
                    while (!rest.empty()) {
                        auto const end = std::min(rest.find('\1'), rest.size());
                        items.push_back(rest.substr(0, end));
                        rest.remove_prefix(std::min(end + 1, rest.size()));
                    }
                    value = static_cast<std::vector<std::string_view> const*>(&items);
                    break;
                }
                default: value = std::string_view{texts_.emplace_back(field.c_str())};
                }
            }
            row.values.push_back(value);
        }
    }
}

DataSet::Counts DataSet::count(cql2::Node filter) const {
    cql2::check(filter, schema_);
    Counts counts;
    std::vector<std::string> values;
    auto const condition = cql2::to_sql(filter, schema_, values);
    try {
        pqxx::read_transaction tx{*connection_};
        counts.in_sql = tx.exec_params("SELECT count(*) FROM " + source_ + " WHERE " + condition, pqxx::prepare::make_dynamic_params(values))[0][0].as<long>();
    } catch (pqxx::sql_error const& error) {
        counts.error_in_sql = error.what();
    }
    try {
        cql2::Evaluator const evaluator{std::move(filter)};
        for (auto const& row : rows_) counts.in_memory += evaluator.matches(row) ? 1 : 0;
    } catch (gis_core::Error const& error) {
        counts.error_in_memory = error.what();
    }
    return counts;
}

std::string DataSet::literal(std::size_t row, std::size_t slot) const {
    auto const& value = rows_[row].values[slot];
    if (auto const* text = std::get_if<std::string_view>(&value)) {
        std::string quoted = "'";
        for (char const c : *text) quoted += c == '\'' ? "''" : std::string(1, c);
        return quoted + "'";
    }
    if (auto const* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
    if (auto const* flag = std::get_if<bool>(&value)) return *flag ? "TRUE" : "FALSE";
    if (auto const* day = std::get_if<cql2::Day>(&value)) return "DATE('" + cql2::day_text(day->days) + "')";
    if (auto const* const* array = std::get_if<std::vector<std::string_view> const*>(&value)) {
        std::string list;
        for (auto const& item : **array) list += (list.empty() ? "'" : ", '") + std::string{item} + "'";
        return list.empty() ? list : "(" + list + ")";
    }
    if (auto const* moment = std::get_if<cql2::Moment>(&value)) return "TIMESTAMP('" + cql2::timestamp_text(moment->microseconds) + "')";
    return {};
}

}  // namespace cql2_test
