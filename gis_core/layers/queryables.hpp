#pragma once

#include "gis_core/cql2/schema.hpp"
#include "gis_core/layers/catalogue.hpp"

namespace gis_core::layers {

/// What a CQL2 filter may name of a layer: its geometry and the queryable columns of its view, read as `alias`.
cql2::Schema queryables(Layer const& layer, std::string const& alias = "t");

}  // namespace gis_core::layers
