#pragma once

#include "gis_core/cql2/expression.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::cql2 {

/// What a filter may name.
struct Queryable {
    std::string name;
    Type type = Type::text;
    Type element = Type::unknown;  // of an array
    std::string sql;               // "t.star": an expression of ours, never of a client
    bool is_integer = false;       // a whole number in the database
};

struct Schema {
    std::vector<Queryable> queryables;
    int find(std::string_view name) const;
};

/// The CRS of a filter's geometries (filter-crs): how its coordinates become longitude and latitude. By default they are.
struct FilterCrs {
    std::function<void(double& x, double& y)> to_lon_lat;
    bool is_projected = false;  // the sides of a box are no lines of longitude and latitude
};

/// Gives every part of the tree its type and place, brings geometries to CRS84 and texts beside dates to dates.
/// \throws Error(invalid_argument) naming the position, for an unknown name, a wrong type, or a shape that is not valid.
void check(Node& filter, Schema const& schema, FilterCrs const& crs = {});

}  // namespace gis_core::cql2
