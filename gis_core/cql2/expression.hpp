#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// CQL2 (OGC 21-065r2): one syntax tree for its text and its JSON, two back ends (sql.hpp, evaluate.hpp).
namespace gis_core::cql2 {

/// A geometry as it was written. Leaves hold positions (x y or x y z each); polygons, multi-geometries and collections hold parts.
struct Geometry {
    enum class Kind { point, line_string, polygon, multi_point, multi_line_string, multi_polygon, collection, ring };
    Kind kind = Kind::point;
    int dimension = 2;
    std::vector<double> coordinates;
    std::vector<Geometry> parts;
    bool operator==(Geometry const&) const = default;
};

enum class Op {
    // boolean
    and_,
    or_,
    not_,
    // comparison
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    like,
    between,
    in,
    is_null,
    // arithmetic
    add,
    subtract,
    multiply,
    divide,
    modulo,
    integer_divide,
    power,
    // characters
    casei,
    accenti,
    // spatial
    s_intersects,
    s_equals,
    s_disjoint,
    s_touches,
    s_within,
    s_overlaps,
    s_crosses,
    s_contains,
    // temporal
    t_after,
    t_before,
    t_contains,
    t_disjoint,
    t_during,
    t_equals,
    t_finished_by,
    t_finishes,
    t_intersects,
    t_meets,
    t_met_by,
    t_overlapped_by,
    t_overlaps,
    t_started_by,
    t_starts,
    // array
    a_contained_by,
    a_contains,
    a_equals,
    a_overlaps,
    // one of functions()
    function
};

enum class OpClass { boolean, comparison, arithmetic, character, spatial, temporal, array, function };

struct OpName {
    Op op;
    OpClass op_class;
    std::string_view json;  // "t_finishedBy"; in text the same, in capitals, or an infix sign
};
OpName const& name_of(Op op);
/// In any case of letters; nullptr when there is no such operator.
OpName const* find_op(std::string_view name);

enum class Type { unknown, boolean, number, text, date, timestamp, interval, geometry, array };
char const* to_string(Type type);

enum class Kind { property, text, number, boolean, date, timestamp, open_end, interval, geometry, bbox, array, operation };

struct Node {
    Kind kind = Kind::boolean;
    std::string where;  // "character 17" or "/args/0", for messages
    std::string text;   // a text; the name of a property or a function
    double number = 0;
    bool flag = false;       // a boolean
    std::int64_t ticks = 0;  // a date: days since 1970-01-01; a timestamp: microseconds since then, UTC
    Op op = Op::and_;
    std::shared_ptr<Geometry const> geometry;
    std::vector<double> box;  // four or six numbers
    std::vector<Node> args;   // of an operation, an interval (2) or an array

    // Set by check().
    Type type = Type::unknown;
    Type element = Type::unknown;  // of an array
    int slot = -1;                 // a property's place in the schema; a function's in functions()

    /// As written; what check() found is left aside.
    bool operator==(Node const& other) const;
    bool is(Op which) const { return kind == Kind::operation && op == which; }
};

/// What a client may send.
struct Limits {
    std::size_t bytes = 65'536;
    int depth = 64;
    std::size_t nodes = 5'000;
    std::size_t vertices = 10'000;
};

/// \throws Error(invalid_argument) naming the position and what was expected there.
Node parse_text(std::string_view text, Limits const& limits = {});
Node parse_json(std::string_view text, Limits const& limits = {});
/// As filter-lang says: "cql2-text", "cql2-json", or the draft's "cql-text", which GDAL and QGIS send.
Node parse(std::string_view text, std::string_view filter_lang);
/// Both are read back to an equal tree.
std::string to_text(Node const& node);
std::string to_json(Node const& node);

}  // namespace gis_core::cql2
