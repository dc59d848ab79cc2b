#include "gis_core/cql2/parsing.hpp"

#include "gis_core/cql2/geometry.hpp"
#include "gis_core/cql2/moment.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <cmath>

namespace gis_core::cql2 {

void refuse(std::string_view where, std::string_view found, std::string const& expected) {
    throw invalid_field(where.empty() ? std::string{"filter"} : fmt::format("filter, {}", where), found, expected);
}

void Budget::node(std::string const& where) {
    if (++nodes_ > limits_.nodes) refuse(where, "more", fmt::format("at most {} parts", limits_.nodes));
}

void Budget::vertices(std::string const& where, std::size_t count) {
    vertices_ += count;
    if (vertices_ > limits_.vertices) refuse(where, "more", fmt::format("at most {} positions in all geometries", limits_.vertices));
}

Budget::Level::Level(Budget& budget, std::string const& where) : budget_{budget} {
    if (++budget_.depth_ > budget_.limits_.depth) {
        --budget_.depth_;
        refuse(where, "deeper", fmt::format("at most {} levels of nesting", budget_.limits_.depth));
    }
}

Node date_node(std::string_view text, std::string const& where) {
    auto const day = parse_day(text);
    if (!day) refuse(where, text, "a date like 2025-06-30");
    Node node;
    node.kind = Kind::date;
    node.where = where;
    node.ticks = *day;
    return node;
}

Node timestamp_node(std::string_view text, std::string const& where) {
    auto const moment = parse_timestamp(text);
    if (!moment) refuse(where, text, "a timestamp like 2025-06-30T05:30:00Z");
    Node node;
    node.kind = Kind::timestamp;
    node.where = where;
    node.ticks = *moment;
    return node;
}

Node interval_end(std::string_view text, std::string const& where) {
    if (text == "..") {
        Node node;
        node.kind = Kind::open_end;
        node.where = where;
        return node;
    }
    if (parse_day(text)) return date_node(text, where);
    if (!parse_timestamp(text)) refuse(where, text, "a date like 2025-06-30, a timestamp like 2025-06-30T05:30:00Z, or '..'");
    return timestamp_node(text, where);
}

Node box_node(std::vector<double> box, std::string const& where) {
    if (box.size() != 4 && box.size() != 6) refuse(where, fmt::format("{} numbers", box.size()), "four numbers (or six, with heights third and sixth)");
    for (double const number : box) {
        if (!std::isfinite(number)) refuse(where, fmt::format("{}", number), "numbers that are finite");
    }
    Node node;
    node.kind = Kind::bbox;
    node.where = where;
    node.box = std::move(box);
    return node;
}

Node geometry_node(Geometry geometry, std::string const& where, Budget& budget) {
    if (auto const expected = incomplete(geometry); !expected.empty()) refuse(where, "the geometry", expected);
    budget.vertices(where, vertices(geometry));
    Node node;
    node.kind = Kind::geometry;
    node.where = where;
    node.geometry = std::make_shared<Geometry const>(std::move(geometry));
    return node;
}

Node operation(Op op, std::string const& where, std::vector<Node> args) {
    Node node;
    node.kind = Kind::operation;
    node.where = where;
    node.op = op;
    node.args = std::move(args);
    return node;
}

std::size_t arity(Op op) {
    switch (op) {
    case Op::and_:
    case Op::or_: return 0;
    case Op::not_:
    case Op::is_null:
    case Op::casei:
    case Op::accenti: return 1;
    case Op::between: return 3;
    default: return 2;
    }
}

}  // namespace gis_core::cql2
