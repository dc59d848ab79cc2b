#pragma once

#include "api/ogc/collections.hpp"

#include <string>

namespace api::ogc {

/// Appends one GeoJSON feature (RFC 7946) without its closing brace, so that a single feature may carry links. The geometry
/// passes through as PostGIS wrote it.
void append_feature(std::string& out, FeatureRow const& row, std::vector<gis_core::layers::Attribute const*> const& columns);

}  // namespace api::ogc
