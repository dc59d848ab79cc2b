#include "gis_core/cql2/schema.hpp"

#include "gis_core/cql2/characters.hpp"
#include "gis_core/cql2/functions.hpp"
#include "gis_core/cql2/geometry.hpp"
#include "gis_core/cql2/geos.hpp"
#include "gis_core/cql2/moment.hpp"
#include "gis_core/cql2/parsing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace gis_core::cql2 {
namespace {

bool is_temporal(Type type) { return type == Type::date || type == Type::timestamp || type == Type::interval; }

std::string describe(Node const& node) {
    if (node.kind == Kind::property) return fmt::format("{} ({})", node.text, to_string(node.type));
    return to_string(node.type);
}

class Checker {
public:
    Checker(Schema const& schema, FilterCrs const& crs) : schema_{schema}, crs_{crs} {}

    void visit(Node& node) {
        switch (node.kind) {
        case Kind::property: property(node); break;
        case Kind::text:
            node.text = nfc(node.text);
            node.type = Type::text;
            break;
        case Kind::number: node.type = Type::number; break;
        case Kind::boolean: node.type = Type::boolean; break;
        case Kind::date: node.type = Type::date; break;
        case Kind::timestamp: node.type = Type::timestamp; break;
        case Kind::open_end: break;
        case Kind::interval: interval(node); break;
        case Kind::geometry:
        case Kind::bbox: geometry(node); break;
        case Kind::array: array(node); break;
        case Kind::operation: operation(node); break;
        }
    }

    static void need(Node const& node, Type type, std::string_view what) {
        if (node.type != type) refuse(node.where, describe(node), fmt::format("{} {}", to_string(type), what));
    }

private:
    void property(Node& node) const {
        node.slot = schema_.find(node.text);
        if (node.slot < 0) {
            std::vector<std::string_view> names;
            for (auto const& queryable : schema_.queryables) names.push_back(queryable.name);
            refuse(node.where, node.text, fmt::format("one of {}", fmt::join(names, ", ")));
        }
        auto const& queryable = schema_.queryables[static_cast<std::size_t>(node.slot)];
        node.type = queryable.type;
        node.element = queryable.element;
    }

    void interval(Node& node) {
        node.type = Type::interval;
        for (auto& end : node.args) {
            visit(end);
            if (end.kind != Kind::open_end && end.type != Type::date && end.type != Type::timestamp) {
                refuse(end.where, describe(end), "a date, a timestamp or '..'");
            }
        }
        auto const& [from, to] = std::tie(node.args[0], node.args[1]);
        bool const are_constants = (from.kind == Kind::date || from.kind == Kind::timestamp) && from.kind == to.kind;
        if (are_constants && from.ticks > to.ticks) refuse(node.where, "the end before the beginning", "an interval that begins before it ends");
    }

    void geometry(Node& node) const {
        if (node.kind == Kind::geometry) {
            node.geometry = std::make_shared<Geometry const>(flattened(*node.geometry, crs_.to_lon_lat));
        } else if (crs_.is_projected) {
            node.geometry = std::make_shared<Geometry const>(flattened(densified_box(node.box), crs_.to_lon_lat));
        } else {
            auto box = node.box;
            auto const n = box.size() / 2;
            if (crs_.to_lon_lat) {
                crs_.to_lon_lat(box[0], box[1]);
                crs_.to_lon_lat(box[n], box[n + 1]);
            }
            if (box[1] > box[n + 1]) refuse(node.where, fmt::format("{}, {}", box[1], box[n + 1]), "the southern edge before the northern one");
            node.geometry = std::make_shared<Geometry const>(from_box(box));
        }
        positions(*node.geometry, node.where);
        Geos geos;
        auto const shape = geos.from_wkt(to_wkt(*node.geometry));
        if (GEOSisValid_r(geos.context(), shape.get()) != 1) {
            auto* const reason = GEOSisValidReason_r(geos.context(), shape.get());
            std::string const said = reason != nullptr ? reason : "not valid";
            GEOSFree_r(geos.context(), reason);
            refuse(node.where, said, "a geometry that is simple and valid (OGC 06-103r4)");
        }
        node.type = Type::geometry;
    }

    static void positions(Geometry const& geometry, std::string const& where) {
        for (std::size_t i = 0; i + 1 < geometry.coordinates.size(); i += 2) {
            auto const x = geometry.coordinates[i], y = geometry.coordinates[i + 1];
            if (std::abs(x) <= 180 && std::abs(y) <= 90) continue;
            refuse(where, fmt::format("{} {}", x, y), "longitude (-180 to 180), then latitude (-90 to 90)");
        }
        for (auto const& part : geometry.parts) positions(part, where);
    }

    void array(Node& node) {
        node.type = Type::array;
        for (auto& item : node.args) {
            visit(item);
            if (item.type == Type::array || item.type == Type::geometry || item.type == Type::interval) {
                refuse(item.where, describe(item), "a number, a text, a boolean, a date or a timestamp");
            }
            if (node.element == Type::unknown) node.element = item.type;
        }
        for (auto const& item : node.args) {
            if (item.type != node.element) refuse(item.where, describe(item), fmt::format("{}, like the first value", to_string(node.element)));
        }
    }

    /// '2025-06-30' beside a date means that day.
    static void adapt(Node& node, Type beside) {
        if (node.kind != Kind::text || (beside != Type::date && beside != Type::timestamp)) return;
        auto adapted = beside == Type::date ? date_node(node.text, node.where) : timestamp_node(node.text, node.where);
        adapted.type = beside;
        node = std::move(adapted);
    }

    static void comparable(Node& left, Node& right) {
        adapt(left, right.type);
        adapt(right, left.type);
        for (auto const* side : {&left, &right}) {
            if (side->type == Type::geometry || side->type == Type::interval || side->type == Type::array) {
                refuse(side->where, describe(*side),
                       "a number, a text, a boolean, a date or a timestamp (geometries have S_…, intervals T_…, arrays A_… functions)");
            }
        }
        if (left.type != right.type) refuse(right.where, describe(right), fmt::format("{}, to compare with {}", to_string(left.type), describe(left)));
    }

    void operation(Node& node) {
        for (auto& arg : node.args) visit(arg);
        auto const& name = name_of(node.op);
        auto const what = fmt::format("in {}", name.json);
        node.type = Type::boolean;
        switch (name.op_class) {
        case OpClass::boolean:
            for (auto const& arg : node.args) need(arg, Type::boolean, what);
            break;
        case OpClass::comparison: comparison(node); break;
        case OpClass::arithmetic:
            for (auto const& arg : node.args) need(arg, Type::number, what);
            node.type = Type::number;
            break;
        case OpClass::character:
            for (auto const& arg : node.args) need(arg, Type::text, what);
            node.type = Type::text;
            break;
        case OpClass::spatial:
            for (auto const& arg : node.args) {
                need(arg, Type::geometry, what);
                if (node.op != Op::s_intersects && node.op != Op::s_disjoint && arg.geometry && is_collection(*arg.geometry)) {
                    refuse(arg.where, "a GEOMETRYCOLLECTION",
                           fmt::format("another geometry in {} (a collection goes with s_intersects and s_disjoint)", name.json));
                }
            }
            break;
        case OpClass::temporal:
            for (auto& arg : node.args) {
                if (!is_temporal(arg.type)) refuse(arg.where, describe(arg), fmt::format("a date, a timestamp or an interval {}", what));
            }
            break;
        case OpClass::array: arrays(node, what); break;
        case OpClass::function: call(node); break;
        }
    }

    static void comparison(Node& node) {
        auto& args = node.args;
        switch (node.op) {
        case Op::is_null:
            if (args[0].type == Type::interval) refuse(args[0].where, "an interval", "one value");
            break;
        case Op::like:
            need(args[0], Type::text, "in like");
            need(args[1], Type::text, "as pattern of like");
            pattern(args[1]);
            break;
        case Op::between:
            comparable(args[0], args[1]);
            comparable(args[0], args[2]);
            break;
        case Op::in: {
            auto& list = args[1];
            if (list.args.empty()) refuse(list.where, "()", "a list of at least one value");
            for (auto& item : list.args) comparable(args[0], item);
            list.element = args[0].type;
            break;
        }
        default: comparable(args[0], args[1]);
        }
    }

    /// A pattern is a text, perhaps inside casei() and accenti().
    static void pattern(Node const& node) {
        if (node.is(Op::casei) || node.is(Op::accenti)) return pattern(node.args[0]);
        if (node.kind != Kind::text) refuse(node.where, describe(node), "a pattern in '…', with % for any characters and _ for one");
        std::size_t backslashes = 0;
        while (backslashes < node.text.size() && node.text[node.text.size() - 1 - backslashes] == '\\') ++backslashes;
        if (backslashes % 2 == 1) refuse(node.where, node.text, "a pattern that does not end with a single backslash, which escapes what follows");
    }

    static void arrays(Node& node, std::string const& what) {
        for (auto const& arg : node.args) need(arg, Type::array, what);
        auto &left = node.args[0], &right = node.args[1];
        if (left.element == Type::unknown) left.element = right.element;
        if (right.element == Type::unknown) right.element = left.element;
        if (left.element == Type::unknown) left.element = right.element = Type::text;
        if (left.element != right.element) {
            refuse(right.where, fmt::format("an array of which each is {}", to_string(right.element)),
                   fmt::format("an array of which each is {}", to_string(left.element)));
        }
    }

    static void call(Node& node) {
        node.slot = find_function(node.text);
        if (node.slot < 0) {
            std::vector<std::string_view> names;
            for (auto const& info : functions()) names.push_back(info.name);
            refuse(node.where, node.text, fmt::format("one of the functions {}", fmt::join(names, ", ")));
        }
        auto const& info = functions()[static_cast<std::size_t>(node.slot)];
        if (node.args.size() != info.arguments.size()) {
            refuse(node.where, fmt::format("{} arguments", node.args.size()), fmt::format("{} of {}", info.arguments.size(), info.name));
        }
        for (std::size_t i = 0; i < node.args.size(); ++i) {
            adapt(node.args[i], info.arguments[i]);
            need(node.args[i], info.arguments[i], fmt::format("in {}", info.name));
        }
        node.type = info.result;
    }

    Schema const& schema_;
    FilterCrs const& crs_;
};

}  // namespace

int Schema::find(std::string_view name) const {
    auto const found = std::ranges::find(queryables, name, &Queryable::name);
    return found == queryables.end() ? -1 : static_cast<int>(found - queryables.begin());
}

void check(Node& filter, Schema const& schema, FilterCrs const& crs) {
    Checker checker{schema, crs};
    checker.visit(filter);
    Checker::need(filter, Type::boolean, "(a condition)");
}

}  // namespace gis_core::cql2
