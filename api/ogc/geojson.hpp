#pragma once

#include "api/ogc/collections.hpp"

#include <string>

namespace api::ogc {

/// Appends one GeoJSON feature (RFC 7946) without its closing brace, so that a single feature may carry links. The geometry
/// passes through as PostGIS wrote it.
void append_feature(std::string& out, FeatureRow const& row, std::vector<gis_core::layers::Attribute const*> const& columns);

/// The same as JSON-FG (OGC 21-045r1): with its time, and with its place where the answer's CRS is not CRS84. with_crs84: the
/// row's last cell is the geometry in CRS84 for clients that read GeoJSON only (profile jsonfg-plus).
void append_jsonfg_feature(std::string& out, ItemQuery const& query, FeatureRow const& row, bool with_crs84);

}  // namespace api::ogc
