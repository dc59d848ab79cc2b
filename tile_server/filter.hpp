#pragma once

#include "gis_core/cql2/expression.hpp"
#include "gis_core/layers/catalogue.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tile_server {

/// A CQL2 filter of one layer, checked against what that may be asked (gis_core/layers/queryables.hpp).
struct Filter {
    gis_core::cql2::Node node;
    std::string normal;  // the same text for filters that differ in spelling only

    /// lang: filter-lang, "cql2-text" where it is absent.
    /// \throws gis_core::Error(invalid_argument) naming the position, or filter-lang.
    static std::shared_ptr<Filter const> read(gis_core::layers::Layer const& layer, std::string_view text, std::optional<std::string_view> lang);
    /// As a condition on rows of the layer's view under that name; values from $1 + values.size() on.
    std::string to_sql(gis_core::layers::Layer const& layer, std::string const& rows, std::vector<std::string>& values) const;
};

}  // namespace tile_server
