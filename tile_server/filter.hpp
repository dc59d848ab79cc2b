#pragma once

#include "gis_core/cql2/expression.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "http/message.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tile_server {

/// A CQL2 filter of one layer, checked against what that may be asked (gis_core/layers/queryables.hpp).
struct Filter {
    gis_core::cql2::Node node;
    std::string normal;  // the same text for filters that differ in spelling only

    /// Of the parameters filter, filter-lang and filter-crs (gis_core/layers/queryables.hpp); nullptr where there is no filter.
    /// \throws gis_core::Error(invalid_argument) for what is wrong in them, or for a filter of several layers.
    static std::shared_ptr<Filter const> read(http::Query const& query, std::vector<gis_core::layers::Layer const*> const& layers);
    /// As a condition on rows of the layer's view under that name; values from $1 + values.size() on.
    std::string to_sql(gis_core::layers::Layer const& layer, std::string const& rows, std::vector<std::string>& values) const;
};

}  // namespace tile_server
