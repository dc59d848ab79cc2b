#include "gis_core/cql2/sql.hpp"

#include "gis_core/cql2/functions.hpp"
#include "gis_core/cql2/geometry.hpp"
#include "gis_core/cql2/moment.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace gis_core::cql2 {
namespace {

char const* array_type(Type element) {
    switch (element) {
    case Type::boolean: return "boolean[]";
    case Type::number: return "float8[]";
    case Type::date: return "date[]";
    case Type::timestamp: return "timestamptz[]";
    default: return "text[]";
    }
}

char const* sign_of(Op op) {
    switch (op) {
    case Op::equal: return " = ";
    case Op::not_equal: return " <> ";
    case Op::less: return " < ";
    case Op::less_equal: return " <= ";
    case Op::greater: return " > ";
    case Op::greater_equal: return " >= ";
    case Op::add: return " + ";
    case Op::subtract: return " - ";
    case Op::multiply: return " * ";
    default: throw std::logic_error{"no sign"};
    }
}

char const* spatial_function(Op op) {
    switch (op) {
    case Op::s_intersects: return "ST_Intersects";
    case Op::s_equals: return "ST_Equals";
    case Op::s_disjoint: return "ST_Disjoint";
    case Op::s_touches: return "ST_Touches";
    case Op::s_within: return "ST_Within";
    case Op::s_overlaps: return "ST_Overlaps";
    case Op::s_crosses: return "ST_Crosses";
    case Op::s_contains: return "ST_Contains";
    default: throw std::logic_error{"not spatial"};
    }
}

bool has_moment(Node const& node) {
    if (node.type == Type::timestamp) return true;
    for (auto const& arg : node.args) {
        if (node.kind == Kind::interval && has_moment(arg)) return true;
    }
    return false;
}

/// Allen's relations of [b1, e1] and [b2, e2].
std::string relation(Op op, std::string const& b1, std::string const& e1, std::string const& b2, std::string const& e2) {
    switch (op) {
    case Op::t_after: return b1 + " > " + e2;
    case Op::t_before: return e1 + " < " + b2;
    case Op::t_contains: return b1 + " < " + b2 + " AND " + e1 + " > " + e2;
    case Op::t_disjoint: return e1 + " < " + b2 + " OR " + b1 + " > " + e2;
    case Op::t_during: return b1 + " > " + b2 + " AND " + e1 + " < " + e2;
    case Op::t_equals: return b1 + " = " + b2 + " AND " + e1 + " = " + e2;
    case Op::t_finished_by: return b1 + " < " + b2 + " AND " + e1 + " = " + e2;
    case Op::t_finishes: return b1 + " > " + b2 + " AND " + e1 + " = " + e2;
    case Op::t_intersects: return e1 + " >= " + b2 + " AND " + b1 + " <= " + e2;
    case Op::t_meets: return e1 + " = " + b2;
    case Op::t_met_by: return b1 + " = " + e2;
    case Op::t_overlapped_by: return b1 + " > " + b2 + " AND " + b1 + " < " + e2 + " AND " + e1 + " > " + e2;
    case Op::t_overlaps: return b1 + " < " + b2 + " AND " + e1 + " > " + b2 + " AND " + e1 + " < " + e2;
    case Op::t_started_by: return b1 + " = " + b2 + " AND " + e1 + " > " + e2;
    case Op::t_starts: return b1 + " = " + b2 + " AND " + e1 + " < " + e2;
    default: throw std::logic_error{"not temporal"};
    }
}

class Writer {
public:
    Writer(Schema const& schema, std::vector<std::string>& values) : schema_{schema}, values_{values} {}

    std::string write(Node const& node) {
        switch (node.kind) {
        case Kind::property: return property(node);
        case Kind::text: return bind(node.text, "text");
        case Kind::number: return number(node.number);
        case Kind::boolean: return node.flag ? "true" : "false";
        case Kind::date: return bind(day_text(node.ticks), "date");
        case Kind::timestamp: return bind(timestamp_text(node.ticks), "timestamptz");
        case Kind::geometry:
        case Kind::bbox: return "ST_GeomFromText(" + bind(to_wkt(*node.geometry), "text") + ", 4326)";
        case Kind::array: return "ARRAY[" + list(node.args) + "]::" + array_type(node.element);
        case Kind::operation: return operation(node);
        case Kind::open_end:
        case Kind::interval: break;
        }
        throw std::logic_error{"an interval is no value"};
    }

private:
    std::string bind(std::string value, char const* type) {
        values_.push_back(std::move(value));
        // Every parameter is a text: the driver sends texts, and PostgreSQL must not guess.
        return fmt::format("${}::text{}{}", values_.size(), std::string_view{type} == "text" ? "" : "::", std::string_view{type} == "text" ? "" : type);
    }

    /// A whole number keeps an index on a whole-number column usable.
    std::string number(double value) {
        bool const is_whole = value == std::trunc(value) && std::abs(value) < 9e15;
        return is_whole ? bind(fmt::format("{}", static_cast<std::int64_t>(value)), "bigint") : bind(fmt::format("{}", value), "float8");
    }

    std::string property(Node const& node) const {
        auto const& queryable = schema_.queryables[static_cast<std::size_t>(node.slot)];
        switch (queryable.type) {
        case Type::text: return queryable.sql + "::text";
        case Type::number: return queryable.is_integer ? queryable.sql : queryable.sql + "::float8";
        case Type::date: return queryable.sql + "::date";
        case Type::timestamp: return queryable.sql + "::timestamptz";
        case Type::array: return queryable.sql + "::" + array_type(queryable.element);
        default: return queryable.sql;
        }
    }

    std::string list(std::vector<Node> const& nodes) {
        std::string text;
        for (auto const& node : nodes) text += (text.empty() ? "" : ", ") + write(node);
        return text;
    }

    std::string joined(std::vector<Node> const& nodes, char const* word) {
        std::string text = "(";
        for (auto const& node : nodes) text += (text.size() == 1 ? "" : word) + write(node);
        return text + ")";
    }

    /// Texts are ordered by code point, whatever the column's collation is.
    std::string ordered(Node const& node) { return node.type == Type::text ? "(" + write(node) + " COLLATE \"C\")" : write(node); }

    std::string operation(Node const& node) {
        auto const& args = node.args;
        switch (node.op) {
        case Op::and_: return joined(args, " AND ");
        case Op::or_: return joined(args, " OR ");
        case Op::not_: return "(NOT " + write(args[0]) + ")";
        case Op::equal:
        case Op::not_equal: return "(" + write(args[0]) + sign_of(node.op) + write(args[1]) + ")";
        case Op::less:
        case Op::less_equal:
        case Op::greater:
        case Op::greater_equal: return "(" + ordered(args[0]) + sign_of(node.op) + ordered(args[1]) + ")";
        case Op::like: return "(" + write(args[0]) + " LIKE " + write(args[1]) + ")";
        case Op::between: return "(" + ordered(args[0]) + " BETWEEN " + ordered(args[1]) + " AND " + ordered(args[2]) + ")";
        case Op::in: return "(" + write(args[0]) + " IN (" + list(args[1].args) + "))";
        case Op::is_null: return "(" + write(args[0]) + " IS NULL)";
        case Op::add:
        case Op::subtract:
        case Op::multiply: return "((" + write(args[0]) + ")::float8" + sign_of(node.op) + "(" + write(args[1]) + ")::float8)";
        case Op::divide: return "pub.cql2_divide(" + list(args) + ")";
        case Op::modulo: return "pub.cql2_modulo(" + list(args) + ")";
        case Op::power: return "pub.cql2_power(" + list(args) + ")";
        case Op::integer_divide: return "trunc(pub.cql2_divide(" + list(args) + "))";
        case Op::casei: return "pub.casei(" + list(args) + ")";
        case Op::accenti: return "pub.accenti(" + list(args) + ")";
        case Op::a_contains: return "(" + write(args[0]) + " @> " + write(args[1]) + ")";
        case Op::a_contained_by: return "(" + write(args[0]) + " <@ " + write(args[1]) + ")";
        case Op::a_overlaps: return "(" + write(args[0]) + " && " + write(args[1]) + ")";
        case Op::a_equals: {
            auto const left = write(args[0]), right = write(args[1]);
            return "(" + left + " @> " + right + " AND " + left + " <@ " + right + ")";
        }
        case Op::function: return call(node);
        default: break;
        }
        if (name_of(node.op).op_class == OpClass::spatial) return std::string{spatial_function(node.op)} + "(" + list(args) + ")";
        bool const is_moment = has_moment(args[0]) || has_moment(args[1]);
        // A parameter that the text does not use would have no type.
        bool const is_after = node.op == Op::t_after || node.op == Op::t_met_by, is_before = node.op == Op::t_before || node.op == Op::t_meets;
        std::string b1, e1, b2, e2;
        if (!is_before) b1 = edge(args[0], false, is_moment), e2 = edge(args[1], true, is_moment);
        if (!is_after) e1 = edge(args[0], true, is_moment), b2 = edge(args[1], false, is_moment);
        return "(" + relation(node.op, b1, e1, b2, e2) + ")";
    }

    /// The first or the last day or moment. A property that is null beside one that is not leaves its interval open there.
    std::string edge(Node const& node, bool is_last, bool is_moment) {
        std::string const open = fmt::format("'{}infinity'::{}", is_last ? "" : "-", is_moment ? "timestamptz" : "date");
        if (node.kind == Kind::open_end) return open;
        if (node.kind == Kind::interval) {
            auto const &own = node.args[is_last ? 1 : 0], &other = node.args[is_last ? 0 : 1];
            auto const text = edge(own, is_last, is_moment);
            if (own.kind != Kind::property || other.kind == Kind::open_end) return text;
            return fmt::format("coalesce({}, CASE WHEN {} IS NOT NULL THEN {} END)", text, write(other), open);
        }
        auto const value = write(node);
        if (!is_moment || node.type != Type::date) return value;
        constexpr auto kZone = "timezone('Asia/Ho_Chi_Minh', ({}{})::timestamp){}";
        return is_last ? fmt::format(kZone, value, " + 1", " - interval '1 microsecond'") : fmt::format(kZone, value, "", "");
    }

    std::string call(Node const& node) {
        auto const argument = write(node.args[0]);
        switch (functions()[static_cast<std::size_t>(node.slot)].function) {
        case Function::abs: return "abs((" + argument + ")::float8)";
        case Function::ceil: return "ceil((" + argument + ")::float8)";
        case Function::floor: return "floor((" + argument + ")::float8)";
        case Function::length: return "char_length(" + argument + ")";
        case Function::lower: return "lower(" + argument + " COLLATE \"und-x-icu\")";
        case Function::upper: return "upper(" + argument + " COLLATE \"und-x-icu\")";
        case Function::year: return "extract(year FROM " + argument + ")::float8";
        case Function::month: return "extract(month FROM " + argument + ")::float8";
        case Function::day: return "extract(day FROM " + argument + ")::float8";
        }
        throw std::logic_error{"a function without SQL"};
    }

    Schema const& schema_;
    std::vector<std::string>& values_;
};

}  // namespace

std::string to_sql(Node const& filter, Schema const& schema, std::vector<std::string>& values) { return Writer{schema, values}.write(filter); }

}  // namespace gis_core::cql2
