#include "gis_core/layers/queryables.hpp"

#include "gis_core/crs/reference_system.hpp"
#include "gis_core/error.hpp"

namespace gis_core::layers {

cql2::Schema queryables(Layer const& layer, std::string const& alias) {
    cql2::Schema schema;
    schema.queryables.push_back({layer.geometry_column, cql2::Type::geometry, {}, alias + "." + layer.geometry_column, false});
    for (auto const& attribute : layer.attributes) {
        if (attribute.is_derived || !attribute.is_queryable) continue;
        cql2::Queryable queryable{attribute.name, cql2::Type::text, {}, alias + "." + attribute.name, attribute.type == AttributeType::integer};
        switch (attribute.type) {
        case AttributeType::text: break;
        case AttributeType::integer:
        case AttributeType::number: queryable.type = cql2::Type::number; break;
        case AttributeType::boolean: queryable.type = cql2::Type::boolean; break;
        case AttributeType::date: queryable.type = cql2::Type::date; break;
        case AttributeType::array:
            queryable.type = cql2::Type::array;
            queryable.element = cql2::Type::text;
            break;
        }
        schema.queryables.push_back(std::move(queryable));
    }
    return schema;
}

std::shared_ptr<cql2::Node const> read_filter(Layer const& layer, std::optional<std::string_view> filter, std::optional<std::string_view> lang,
                                              std::optional<std::string_view> crs) {
    for (auto const& [name, value] : {std::pair{"filter-lang", lang}, {"filter-crs", crs}}) {
        if (value && !filter) throw invalid_field(name, *value, "only beside filter");
    }
    if (!filter) return nullptr;
    auto node = cql2::parse(*filter, lang.value_or("cql2-text"));
    cql2::FilterCrs system;
    if (crs) {
        auto const& given_in = gis_core::crs::get_reference_system("filter-crs", *crs);
        system = {gis_core::crs::to_lon_lat(given_in), !given_in.is_geographic};
    }
    cql2::check(node, queryables(layer), system);
    return std::make_shared<cql2::Node const>(std::move(node));
}

}  // namespace gis_core::layers
