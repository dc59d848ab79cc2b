#include "tile_server/filter.hpp"

#include "gis_core/cql2/sql.hpp"
#include "gis_core/error.hpp"
#include "gis_core/layers/queryables.hpp"

#include <fmt/format.h>

namespace tile_server {

namespace cql2 = gis_core::cql2;

std::shared_ptr<Filter const> Filter::read(http::Query const& query, std::vector<gis_core::layers::Layer const*> const& layers) {
    auto const text = query.find("filter");
    if (text && layers.size() != 1) throw gis_core::invalid_field("filter", *text, fmt::format("for a single layer; {} are asked", layers.size()));
    auto const node = gis_core::layers::read_filter(*layers.front(), text, query.find("filter-lang"), query.find("filter-crs"));
    return node ? std::make_shared<Filter const>(Filter{*node, cql2::to_json(*node)}) : nullptr;
}

std::string Filter::to_sql(gis_core::layers::Layer const& layer, std::string const& rows, std::vector<std::string>& values) const {
    return cql2::to_sql(node, gis_core::layers::queryables(layer, rows), values);
}

}  // namespace tile_server
