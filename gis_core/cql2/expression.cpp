#include "gis_core/cql2/expression.hpp"

#include "gis_core/cql2/ascii.hpp"

#include "gis_core/error.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace gis_core::cql2 {
namespace {

constexpr std::array kOps{
    OpName{Op::and_, OpClass::boolean, "and"},
    OpName{Op::or_, OpClass::boolean, "or"},
    OpName{Op::not_, OpClass::boolean, "not"},
    OpName{Op::equal, OpClass::comparison, "="},
    OpName{Op::not_equal, OpClass::comparison, "<>"},
    OpName{Op::less, OpClass::comparison, "<"},
    OpName{Op::less_equal, OpClass::comparison, "<="},
    OpName{Op::greater, OpClass::comparison, ">"},
    OpName{Op::greater_equal, OpClass::comparison, ">="},
    OpName{Op::like, OpClass::comparison, "like"},
    OpName{Op::between, OpClass::comparison, "between"},
    OpName{Op::in, OpClass::comparison, "in"},
    OpName{Op::is_null, OpClass::comparison, "isNull"},
    OpName{Op::add, OpClass::arithmetic, "+"},
    OpName{Op::subtract, OpClass::arithmetic, "-"},
    OpName{Op::multiply, OpClass::arithmetic, "*"},
    OpName{Op::divide, OpClass::arithmetic, "/"},
    OpName{Op::modulo, OpClass::arithmetic, "%"},
    OpName{Op::integer_divide, OpClass::arithmetic, "div"},
    OpName{Op::power, OpClass::arithmetic, "^"},
    OpName{Op::casei, OpClass::character, "casei"},
    OpName{Op::accenti, OpClass::character, "accenti"},
    OpName{Op::s_intersects, OpClass::spatial, "s_intersects"},
    OpName{Op::s_equals, OpClass::spatial, "s_equals"},
    OpName{Op::s_disjoint, OpClass::spatial, "s_disjoint"},
    OpName{Op::s_touches, OpClass::spatial, "s_touches"},
    OpName{Op::s_within, OpClass::spatial, "s_within"},
    OpName{Op::s_overlaps, OpClass::spatial, "s_overlaps"},
    OpName{Op::s_crosses, OpClass::spatial, "s_crosses"},
    OpName{Op::s_contains, OpClass::spatial, "s_contains"},
    OpName{Op::t_after, OpClass::temporal, "t_after"},
    OpName{Op::t_before, OpClass::temporal, "t_before"},
    OpName{Op::t_contains, OpClass::temporal, "t_contains"},
    OpName{Op::t_disjoint, OpClass::temporal, "t_disjoint"},
    OpName{Op::t_during, OpClass::temporal, "t_during"},
    OpName{Op::t_equals, OpClass::temporal, "t_equals"},
    OpName{Op::t_finished_by, OpClass::temporal, "t_finishedBy"},
    OpName{Op::t_finishes, OpClass::temporal, "t_finishes"},
    OpName{Op::t_intersects, OpClass::temporal, "t_intersects"},
    OpName{Op::t_meets, OpClass::temporal, "t_meets"},
    OpName{Op::t_met_by, OpClass::temporal, "t_metBy"},
    OpName{Op::t_overlapped_by, OpClass::temporal, "t_overlappedBy"},
    OpName{Op::t_overlaps, OpClass::temporal, "t_overlaps"},
    OpName{Op::t_started_by, OpClass::temporal, "t_startedBy"},
    OpName{Op::t_starts, OpClass::temporal, "t_starts"},
    OpName{Op::a_contained_by, OpClass::array, "a_containedBy"},
    OpName{Op::a_contains, OpClass::array, "a_contains"},
    OpName{Op::a_equals, OpClass::array, "a_equals"},
    OpName{Op::a_overlaps, OpClass::array, "a_overlaps"},
    OpName{Op::function, OpClass::function, ""},
};
static_assert(std::ranges::all_of(kOps, [](OpName const& one) { return &one - kOps.data() == static_cast<std::ptrdiff_t>(one.op); }), "in the order of Op");

}  // namespace

OpName const& name_of(Op op) {
    return kOps.at(static_cast<std::size_t>(op));  // asked for each row of a filter
}

OpName const* find_op(std::string_view name) {
    auto const found = std::ranges::find_if(kOps, [&](OpName const& op) { return !op.json.empty() && equal_ignoring_case(op.json, name); });
    return found == kOps.end() ? nullptr : &*found;
}

char const* to_string(Type type) {
    switch (type) {
    case Type::unknown: break;
    case Type::boolean: return "a boolean";
    case Type::number: return "a number";
    case Type::text: return "a text";
    case Type::date: return "a date";
    case Type::timestamp: return "a timestamp";
    case Type::interval: return "an interval";
    case Type::geometry: return "a geometry";
    case Type::array: return "an array";
    }
    return "nothing known";
}

bool Node::operator==(Node const& other) const {
    if (kind != other.kind || text != other.text || number != other.number || flag != other.flag || ticks != other.ticks || box != other.box) return false;
    if (kind == Kind::operation && op != other.op) return false;
    if (!geometry != !other.geometry || (geometry && !(*geometry == *other.geometry))) return false;
    return args == other.args;
}

Node parse(std::string_view text, std::string_view filter_lang) {
    if (filter_lang == "cql2-text" || filter_lang == "cql-text") return parse_text(text);
    if (filter_lang == "cql2-json") return parse_json(text);
    throw invalid_field("filter-lang", filter_lang, "cql2-text or cql2-json");
}

}  // namespace gis_core::cql2
