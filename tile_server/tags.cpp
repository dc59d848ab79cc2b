#include "tile_server/tags.hpp"

namespace tile_server {

using gis_core::layers::AttributeType;

std::optional<MvtValue> value_of(pqxx::field const& field, AttributeType type) {
    if (field.is_null()) return std::nullopt;
    switch (type) {
    case AttributeType::integer: return MvtValue{field.as<std::int64_t>()};
    case AttributeType::number: return MvtValue{field.as<double>()};
    case AttributeType::boolean: return MvtValue{field.as<bool>()};
    case AttributeType::text:
    case AttributeType::date:
    case AttributeType::array: break;
    }
    return MvtValue{std::string{field.c_str(), field.size()}};
}

void add_counts(gis_core::layers::Layer const& layer, std::int64_t count, std::array<std::int64_t, 3> const& stars, std::vector<MvtLayer::Tag>& tags) {
    tags.push_back({"point_count", count});
    if (!layer.counts_by_star) return;
    tags.push_back({"star_3", stars[0]});
    tags.push_back({"star_4", stars[1]});
    tags.push_back({"star_5", stars[2]});
}

}  // namespace tile_server
