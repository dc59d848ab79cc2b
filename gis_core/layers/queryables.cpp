#include "gis_core/layers/queryables.hpp"

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
        }
        schema.queryables.push_back(std::move(queryable));
    }
    return schema;
}

}  // namespace gis_core::layers
