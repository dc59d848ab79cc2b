#include "tile_server/tags.hpp"

#include <cmath>

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

int Counts::sector_of(std::string_view class_code) {
    static constexpr std::array<std::string_view, 6> kSectors{"I.", "II.", "III.", "IV.", "V.", "VI."};
    for (int i = 0; i < 6; ++i) {
        if (class_code.starts_with(kSectors[static_cast<std::size_t>(i)])) return i + 1;
    }
    return 0;
}

void add_counts(gis_core::layers::Layer const& layer, Counts const& counts, std::vector<MvtLayer::Tag>& tags) {
    tags.push_back({"point_count", counts.rows});
    if (!layer.counts_by_star) return;
    for (std::size_t i = 0; i < kCounted.size(); ++i) {
        if (counts.of[i] > 0) tags.push_back({kCounted[i].first, counts.of[i]});
    }
    auto const& of = counts.of;
    if (auto const with_stars = of[0] + of[1] + of[2]; with_stars > 0) {
        tags.push_back({"star_mean", std::round(static_cast<double>(300 * of[0] + 400 * of[1] + 500 * of[2]) / static_cast<double>(with_stars)) / 100});
    }
}

}  // namespace tile_server
