#pragma once

#include "gis_core/cql2/expression.hpp"
#include "gis_core/json.hpp"

#include <functional>
#include <string>

namespace gis_core::cql2 {

std::size_t vertices(Geometry const& geometry);
bool is_collection(Geometry const& geometry);
/// "POLYGON ((…))"; every number reads back to the same double.
std::string to_wkt(Geometry const& geometry);
/// GeoJSON (RFC 7946 §3.1). \throws invalid_argument (std) saying what is wrong.
Geometry from_geojson(Json const& json, int depth);
Json to_geojson(Geometry const& geometry);
/// What is too short or not closed; empty when the shape is complete.
std::string incomplete(Geometry const& geometry);
/// Four or six numbers; in degrees a west that is greater than the east crosses the antimeridian: two polygons.
Geometry from_box(std::vector<double> const& box);
/// A box in a projected CRS, with 16 steps a side: they are no straight lines in degrees.
Geometry densified_box(std::vector<double> const& box);
/// Heights are left aside.
Geometry flattened(Geometry const& geometry, std::function<void(double& x, double& y)> const& move);

}  // namespace gis_core::cql2
