#include "tile_server/filter.hpp"

#include "gis_core/cql2/sql.hpp"
#include "gis_core/error.hpp"
#include "gis_core/layers/queryables.hpp"

namespace tile_server {

namespace cql2 = gis_core::cql2;

std::shared_ptr<Filter const> Filter::read(gis_core::layers::Layer const& layer, std::string_view text, std::optional<std::string_view> lang) {
    auto node = cql2::parse(text, lang.value_or("cql2-text"));
    cql2::check(node, gis_core::layers::queryables(layer));
    auto normal = cql2::to_json(node);
    return std::make_shared<Filter const>(Filter{std::move(node), std::move(normal)});
}

std::string Filter::to_sql(gis_core::layers::Layer const& layer, std::string const& rows, std::vector<std::string>& values) const {
    return cql2::to_sql(node, gis_core::layers::queryables(layer, rows), values);
}

}  // namespace tile_server
