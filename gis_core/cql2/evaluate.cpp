#include "gis_core/cql2/evaluate.hpp"

#include "gis_core/cql2/characters.hpp"
#include "gis_core/cql2/functions.hpp"
#include "gis_core/cql2/geometry.hpp"
#include "gis_core/cql2/moment.hpp"
#include "gis_core/error.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>

namespace gis_core::cql2 {
namespace {

/// A value that may own its text or its items.
struct Item;
using Items = std::vector<Item>;
struct Item {
    std::variant<std::monostate, bool, double, std::string, Day, Moment, Items> value;
    bool is_null() const { return value.index() == 0; }
};

using Truth = std::optional<bool>;

Truth negate(Truth truth) { return truth ? Truth{!*truth} : truth; }

double in_range(double result, bool may_be_zero, bool are_finite) {
    bool const is_bad = (std::isinf(result) && are_finite) || (result == 0 && !may_be_zero);
    if (is_bad) throw Error{ErrorKind::invalid_argument, "the filter's arithmetic leaves the range of a number"};
    return result;
}

double divided(double a, double b) { return in_range(a / b, a == 0, std::isfinite(a)); }

std::optional<double> arithmetic(Op op, double a, double b) {
    bool const are_finite = std::isfinite(a) && std::isfinite(b);
    switch (op) {
    case Op::add: return in_range(a + b, true, are_finite);
    case Op::subtract: return in_range(a - b, true, are_finite);
    case Op::multiply: return in_range(a * b, a == 0 || b == 0, are_finite);
    case Op::divide: return b == 0 ? std::nullopt : std::optional{divided(a, b)};
    case Op::integer_divide: return b == 0 ? std::nullopt : std::optional{std::trunc(divided(a, b))};
    case Op::modulo: {
        if (b == 0) return std::nullopt;
        auto const whole = std::trunc(divided(a, b));
        auto const part = in_range(b * whole, b == 0 || whole == 0, are_finite);
        return in_range(a - part, true, are_finite);
    }
    case Op::power:
        if ((a == 0 && b < 0) || (a < 0 && b != std::trunc(b))) return std::nullopt;
        return in_range(std::pow(a, b), a == 0, are_finite);
    default: throw std::logic_error{"not arithmetic"};
    }
}

/// Days or microseconds; the open ends are the extremes, an unknown end is empty.
using Edge = std::optional<std::int64_t>;
constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
constexpr auto kLast = std::numeric_limits<std::int64_t>::max();

Truth both(Truth a, Truth b) {
    if (a == false || b == false) return false;
    return a && b ? Truth{true} : Truth{};
}
Truth less(Edge a, Edge b) { return a && b ? Truth{*a < *b} : Truth{}; }
Truth same(Edge a, Edge b) { return a && b ? Truth{*a == *b} : Truth{}; }

/// Allen's relations of [b1, e1] and [b2, e2].
Truth relation(Op op, Edge b1, Edge e1, Edge b2, Edge e2) {
    switch (op) {
    case Op::t_after: return less(e2, b1);
    case Op::t_before: return less(e1, b2);
    case Op::t_contains: return both(less(b1, b2), less(e2, e1));
    case Op::t_disjoint: return negate(both(negate(less(e1, b2)), negate(less(e2, b1))));
    case Op::t_during: return both(less(b2, b1), less(e1, e2));
    case Op::t_equals: return both(same(b1, b2), same(e1, e2));
    case Op::t_finished_by: return both(less(b1, b2), same(e1, e2));
    case Op::t_finishes: return both(less(b2, b1), same(e1, e2));
    case Op::t_intersects: return both(negate(less(e1, b2)), negate(less(e2, b1)));
    case Op::t_meets: return same(e1, b2);
    case Op::t_met_by: return same(b1, e2);
    case Op::t_overlapped_by: return both(both(less(b2, b1), less(b1, e2)), less(e2, e1));
    case Op::t_overlaps: return both(both(less(b1, b2), less(b2, e1)), less(e1, e2));
    case Op::t_started_by: return both(same(b1, b2), less(e2, e1));
    case Op::t_starts: return both(same(b1, b2), less(e1, e2));
    default: throw std::logic_error{"not temporal"};
    }
}

bool has_moment(Node const& node) {
    if (node.type == Type::timestamp) return true;
    if (node.kind != Kind::interval) return false;
    return has_moment(node.args[0]) || has_moment(node.args[1]);
}

/// Of one type, both in one kind of variant, whose texts are such.
template <typename Text, typename Variant>
int order_of(Variant const& a, Variant const& b) {
    auto const order = [](auto const& x, auto const& y) { return x < y ? -1 : y < x ? 1 : 0; };
    if (auto const* number = std::get_if<double>(&a)) return order(*number, std::get<double>(b));
    if (auto const* text = std::get_if<Text>(&a)) return order(*text, std::get<Text>(b));
    if (auto const* flag = std::get_if<bool>(&a)) return order(*flag, std::get<bool>(b));
    if (auto const* day = std::get_if<Day>(&a)) return order(day->days, std::get<Day>(b).days);
    if (auto const* moment = std::get_if<Moment>(&a)) return order(moment->microseconds, std::get<Moment>(b).microseconds);
    throw std::logic_error{"values that have no order"};
}
int compare(Item const& a, Item const& b) { return order_of<std::string>(a.value, b.value); }
int compare(Value const& a, Value const& b) { return order_of<std::string_view>(a, b); }
bool is_null(Item const& item) { return item.is_null(); }
bool is_null(Value const& value) { return value.index() == 0; }

/// What a property or a literal is, without a copy. Nothing for what has to be put together first.
std::optional<Value> plain(Node const& node, Row const& row) {
    switch (node.kind) {
    case Kind::property: return node.type == Type::array ? std::nullopt : std::optional{row.value(node.slot)};
    case Kind::text: return Value{std::string_view{node.text}};
    case Kind::number: return Value{node.number};
    case Kind::boolean: return Value{node.flag};
    case Kind::date: return Value{Day{node.ticks}};
    case Kind::timestamp: return Value{Moment{node.ticks}};
    default: return std::nullopt;
    }
}

bool contains(Items const& all, Items const& some) {
    for (auto const& item : some) {
        if (item.is_null()) return false;
        bool is_there = false;
        for (auto const& candidate : all) is_there = is_there || (!candidate.is_null() && compare(candidate, item) == 0);
        if (!is_there) return false;
    }
    return true;
}

bool overlaps(Items const& a, Items const& b) {
    for (auto const& item : a) {
        for (auto const& other : b) {
            if (!item.is_null() && !other.is_null() && compare(item, other) == 0) return true;
        }
    }
    return false;
}

}  // namespace

struct Evaluator::State {
    Node filter;
    Geos geos;
    struct Constant {
        Geos::Shape shape;
        Geos::Prepared prepared;
    };
    std::map<Node const*, Constant> constants;

    explicit State(Node node) : filter{std::move(node)} {
        fold(filter);
        prepare(filter);
    }

    /// Computes once what no row changes: casei('Kẹo').
    void fold(Node& node) {
        for (auto& arg : node.args) fold(arg);
        if (node.kind != Kind::operation) return;
        auto const op_class = name_of(node.op).op_class;
        bool const is_computed = op_class == OpClass::arithmetic || op_class == OpClass::character || op_class == OpClass::function;
        auto const is_literal = [](Node const& arg) { return arg.kind == Kind::text || arg.kind == Kind::number || arg.kind == Kind::date; };
        if (!is_computed || !std::all_of(node.args.begin(), node.args.end(), is_literal)) return;
        struct : Row {
            Value value(int) const override { return {}; }
        } const none;
        try {
            auto const item = value(node, none);
            if (auto const* text = std::get_if<std::string>(&item.value)) node.text = *text, node.kind = Kind::text;
            else if (auto const* number = std::get_if<double>(&item.value)) node.number = *number, node.kind = Kind::number;
        } catch (Error const&) {  // out of range: the first row says so
        }
    }

    void prepare(Node const& node) {
        if (node.geometry) {
            auto shape = geos.from_wkt(to_wkt(*node.geometry));
            auto prepared = geos.prepare(shape.get());
            constants.emplace(&node, Constant{std::move(shape), std::move(prepared)});
        }
        for (auto const& arg : node.args) prepare(arg);
    }

    // --- truths
    Truth truth(Node const& node, Row const& row) const {
        switch (node.kind) {
        case Kind::boolean: return node.flag;
        case Kind::operation: break;
        default: {
            auto const item = value(node, row);
            return item.is_null() ? Truth{} : Truth{std::get<bool>(item.value)};
        }
        }
        switch (name_of(node.op).op_class) {
        case OpClass::boolean: return boolean(node, row);
        case OpClass::comparison: return comparison(node, row);
        case OpClass::spatial: return spatial(node, row);
        case OpClass::temporal: return temporal(node, row);
        case OpClass::array: return arrays(node, row);
        default: {
            auto const item = value(node, row);
            return item.is_null() ? Truth{} : Truth{std::get<bool>(item.value)};
        }
        }
    }

    Truth boolean(Node const& node, Row const& row) const {
        if (node.op == Op::not_) return negate(truth(node.args[0], row));
        bool const decides = node.op == Op::or_;
        bool is_unknown = false;
        for (auto const& arg : node.args) {
            auto const one = truth(arg, row);
            if (one == decides) return decides;
            is_unknown = is_unknown || !one;
        }
        return is_unknown ? Truth{} : Truth{!decides};
    }

    Truth comparison(Node const& node, Row const& row) const {
        auto const& args = node.args;
        if (node.op == Op::is_null) {
            if (args[0].type == Type::geometry) return shape(args[0], row) == nullptr;
            return args[0].type == Type::boolean ? !truth(args[0], row) : value(args[0], row).is_null();
        }
        bool const is_of_two = node.op != Op::between && node.op != Op::in && node.op != Op::like;
        if (is_of_two) {
            auto const first = plain(args[0], row), second = first ? plain(args[1], row) : std::nullopt;
            if (second) return compared(node.op, *first, *second);
        }
        auto const left = value(args[0], row);
        if (node.op == Op::between) return both(compared(Op::greater_equal, left, value(args[1], row)), compared(Op::less_equal, left, value(args[2], row)));
        if (node.op == Op::in) {
            if (left.is_null()) return std::nullopt;
            bool is_unknown = false;
            for (auto const& candidate : args[1].args) {
                auto const one = compared(Op::equal, left, value(candidate, row));
                if (one == true) return true;
                is_unknown = is_unknown || !one;
            }
            return is_unknown ? Truth{} : Truth{false};
        }
        auto const right = value(args[1], row);
        if (node.op != Op::like) return compared(node.op, left, right);
        if (left.is_null() || right.is_null()) return std::nullopt;
        return is_like(std::get<std::string>(left.value), std::get<std::string>(right.value));
    }

    template <typename Any>
    static Truth compared(Op op, Any const& left, Any const& right) {
        if (is_null(left) || is_null(right)) return std::nullopt;
        auto const order = compare(left, right);
        switch (op) {
        case Op::equal: return order == 0;
        case Op::not_equal: return order != 0;
        case Op::less: return order < 0;
        case Op::less_equal: return order <= 0;
        case Op::greater: return order > 0;
        case Op::greater_equal: return order >= 0;
        default: throw std::logic_error{"not a comparison"};
        }
    }

    // --- values
    Item value(Node const& node, Row const& row) const {
        switch (node.kind) {
        case Kind::property: return property(node, row);
        case Kind::text: return {node.text};
        case Kind::number: return {node.number};
        case Kind::boolean: return {node.flag};
        case Kind::date: return {Day{node.ticks}};
        case Kind::timestamp: return {Moment{node.ticks}};
        case Kind::array: {
            Items items;
            for (auto const& arg : node.args) items.push_back(value(arg, row));
            return {std::move(items)};
        }
        case Kind::operation: return computed(node, row);
        default: throw std::logic_error{"no value"};
        }
    }

    static Item property(Node const& node, Row const& row) {
        auto const found = row.value(node.slot);
        if (auto const* text = std::get_if<std::string_view>(&found)) return {std::string{*text}};
        if (auto const* number = std::get_if<double>(&found)) return {*number};
        if (auto const* flag = std::get_if<bool>(&found)) return {*flag};
        if (auto const* day = std::get_if<Day>(&found)) return {*day};
        if (auto const* moment = std::get_if<Moment>(&found)) return {*moment};
        if (auto const* texts = std::get_if<std::vector<std::string_view> const*>(&found)) {
            Items items;
            for (auto const& text : **texts) items.push_back({std::string{text}});
            return {std::move(items)};
        }
        return {};
    }

    Item computed(Node const& node, Row const& row) const {
        auto const op_class = name_of(node.op).op_class;
        if (op_class != OpClass::arithmetic && op_class != OpClass::character && op_class != OpClass::function) {
            auto const result = truth(node, row);
            return result ? Item{*result} : Item{};
        }
        auto const first = value(node.args[0], row);
        if (op_class == OpClass::arithmetic) {
            auto const second = value(node.args[1], row);
            if (first.is_null() || second.is_null()) return {};
            auto const number = arithmetic(node.op, std::get<double>(first.value), std::get<double>(second.value));
            return number ? Item{*number} : Item{};
        }
        if (first.is_null()) return {};
        if (node.op == Op::casei) return {casei(std::get<std::string>(first.value))};
        if (node.op == Op::accenti) return {accenti(std::get<std::string>(first.value))};
        return called(functions()[static_cast<std::size_t>(node.slot)].function, first);
    }

    static Item called(Function function, Item const& argument) {
        auto const number = [&] { return std::get<double>(argument.value); };
        auto const text = [&]() -> std::string const& { return std::get<std::string>(argument.value); };
        auto const date = [&] { return std::chrono::year_month_day{std::chrono::sys_days{std::chrono::days{std::get<Day>(argument.value).days}}}; };
        switch (function) {
        case Function::abs: return {std::abs(number())};
        case Function::ceil: return {std::ceil(number())};
        case Function::floor: return {std::floor(number())};
        case Function::length: return {static_cast<double>(cql2::length(text()))};
        case Function::lower: return {cql2::lower(text())};
        case Function::upper: return {cql2::upper(text())};
        case Function::year: return {static_cast<double>(static_cast<int>(date().year()))};
        case Function::month: return {static_cast<double>(static_cast<unsigned>(date().month()))};
        case Function::day: return {static_cast<double>(static_cast<unsigned>(date().day()))};
        }
        throw std::logic_error{"a function without an evaluation"};
    }

    // --- arrays
    Truth arrays(Node const& node, Row const& row) const {
        auto const left = value(node.args[0], row), right = value(node.args[1], row);
        if (left.is_null() || right.is_null()) return std::nullopt;
        auto const &a = std::get<Items>(left.value), &b = std::get<Items>(right.value);
        switch (node.op) {
        case Op::a_contains: return contains(a, b);
        case Op::a_contained_by: return contains(b, a);
        case Op::a_equals: return contains(a, b) && contains(b, a);
        default: return overlaps(a, b);
        }
    }

    // --- time
    Edge edge(Node const& node, Row const& row, bool is_last, bool is_moment) const {
        if (node.kind == Kind::open_end) return is_last ? kLast : kFirst;
        if (node.kind == Kind::interval) {
            auto const &own = node.args[is_last ? 1 : 0], &other = node.args[is_last ? 0 : 1];
            auto const found = edge(own, row, is_last, is_moment);
            if (found || own.kind != Kind::property || other.kind == Kind::open_end || value(other, row).is_null()) return found;
            return is_last ? kLast : kFirst;
        }
        auto const item = value(node, row);
        if (item.is_null()) return std::nullopt;
        if (auto const* moment = std::get_if<Moment>(&item.value)) return moment->microseconds;
        auto const day = std::get<Day>(item.value).days;
        if (!is_moment) return day;
        return (day + (is_last ? 1 : 0)) * kMicrosecondsOfDay - kDayOffset - (is_last ? 1 : 0);
    }

    Truth temporal(Node const& node, Row const& row) const {
        bool const is_moment = has_moment(node.args[0]) || has_moment(node.args[1]);
        auto const b1 = edge(node.args[0], row, false, is_moment), e1 = edge(node.args[0], row, true, is_moment);
        auto const b2 = edge(node.args[1], row, false, is_moment), e2 = edge(node.args[1], row, true, is_moment);
        return relation(node.op, b1, e1, b2, e2);
    }

    // --- space
    GEOSGeometry const* shape(Node const& node, Row const& row) const {
        if (node.geometry) return constants.at(&node).shape.get();
        auto const found = row.value(node.slot);
        auto const* const geometry = std::get_if<GEOSGeometry const*>(&found);
        return geometry != nullptr ? *geometry : nullptr;
    }

    Truth spatial(Node const& node, Row const& row) const {
        auto const &left = node.args[0], &right = node.args[1];
        auto const *const a = shape(left, row), *const b = shape(right, row);
        if (a == nullptr || b == nullptr) return std::nullopt;
        auto* const context = geos.context();
        auto answer = [&]() -> char {
            // The side that stays is prepared once; within and contains change sides.
            if (right.geometry && !left.geometry) {
                auto const* const prepared = constants.at(&right).prepared.get();
                switch (node.op) {
                case Op::s_intersects: return GEOSPreparedIntersects_r(context, prepared, a);
                case Op::s_disjoint: return GEOSPreparedDisjoint_r(context, prepared, a);
                case Op::s_within: return GEOSPreparedContains_r(context, prepared, a);
                case Op::s_contains: return GEOSPreparedWithin_r(context, prepared, a);
                default: break;
                }
            }
            if (left.geometry && !right.geometry) {
                auto const* const prepared = constants.at(&left).prepared.get();
                switch (node.op) {
                case Op::s_intersects: return GEOSPreparedIntersects_r(context, prepared, b);
                case Op::s_disjoint: return GEOSPreparedDisjoint_r(context, prepared, b);
                case Op::s_within: return GEOSPreparedWithin_r(context, prepared, b);
                case Op::s_contains: return GEOSPreparedContains_r(context, prepared, b);
                default: break;
                }
            }
            switch (node.op) {
            case Op::s_intersects: return GEOSIntersects_r(context, a, b);
            case Op::s_equals: return GEOSEquals_r(context, a, b);
            case Op::s_disjoint: return GEOSDisjoint_r(context, a, b);
            case Op::s_touches: return GEOSTouches_r(context, a, b);
            case Op::s_within: return GEOSWithin_r(context, a, b);
            case Op::s_overlaps: return GEOSOverlaps_r(context, a, b);
            case Op::s_crosses: return GEOSCrosses_r(context, a, b);
            default: return GEOSContains_r(context, a, b);
            }
        }();
        if (answer > 1) throw std::runtime_error{"GEOS: " + geos.message()};
        return answer == 1;
    }
};

Evaluator::Evaluator(Node filter) : state_{std::make_unique<State>(std::move(filter))} {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;

std::optional<bool> Evaluator::evaluate(Row const& row) const { return state_->truth(state_->filter, row); }

}  // namespace gis_core::cql2
