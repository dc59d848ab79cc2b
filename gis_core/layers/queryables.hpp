#pragma once

#include "gis_core/cql2/schema.hpp"
#include "gis_core/layers/catalogue.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gis_core::layers {

/// What a CQL2 filter may name of a layer: its geometry and the queryable columns of its view, read as `alias`.
cql2::Schema queryables(Layer const& layer, std::string const& alias = "t");

/// What the parameters filter, filter-lang and filter-crs of a request say, checked; nullptr where there is no filter.
/// \throws Error(invalid_argument) for what is wrong in them, or beside no filter.
std::shared_ptr<cql2::Node const> read_filter(Layer const& layer, std::optional<std::string_view> filter, std::optional<std::string_view> lang,
                                              std::optional<std::string_view> crs);

}  // namespace gis_core::layers
