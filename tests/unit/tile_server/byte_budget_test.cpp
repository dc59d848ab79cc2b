#include "tile_server/point_layer.hpp"
#include "tile_server/shape_layer.hpp"

#include "tests/support/mvt_decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

namespace tile_server {
namespace {

using gis_core::layers::AttributeType;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

constexpr gis_core::TileId kTile{8, 203, 120}, kEast{8, 204, 120};

struct Field {
    std::string crop;
    double area_ha = 0, side = 0;  // side in units of kTile
    GridShape outline;
};

/// A square field, its north-west corner and side in units of kTile.
Field field(double x, double y, double side, std::string crop) {
    auto const bounds = kTile.bounds();
    auto const unit = (bounds.east - bounds.west) / kExtent;
    Field out{std::move(crop), side * side / 100, side, {5}};
    for (auto const& [dx, dy] : {std::pair{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}) {
        out.outline.push_back(to_grid(bounds.west + (x + dx * side) * unit));
        out.outline.push_back(to_grid(bounds.north - (y + dy * side) * unit));
    }
    return out;
}

std::vector<test_support::MvtFeature> drawn(std::vector<Field> const& fields, gis_core::TileId tile, std::size_t* bytes = nullptr) {
    Layer layer;
    layer.id = "fields";
    layer.kind = LayerKind::polygons;
    layer.merge_by = "crop";
    layer.merge_sum = "area_ha";
    ShapeRows rows;
    rows.size = fields.size();
    rows.key = [](std::size_t i) { return i + 1; };
    rows.shape = [&](std::size_t i) { return ShapeRows::Shape{fields[i].outline}; };
    rows.add_tags = [&](std::size_t i, std::vector<MvtLayer::Tag>& tags) { tags.push_back({"crop", fields[i].crop}); };
    rows.measure = [&](std::size_t i) { return measure(fields[i].outline); };
    rows.merge_by = [&](std::size_t i) { return rows.merge_values.number_of(fields[i].crop); };
    rows.merge_sum = [&](std::size_t i) { return fields[i].area_ha; };
    MvtLayer out{layer.id};
    draw_shapes(layer, tile, rows, out);
    std::string encoded;
    if (!out.is_empty()) out.write_to(encoded);
    if (bytes != nullptr) *bytes = encoded.size();
    return encoded.empty() ? std::vector<test_support::MvtFeature>{} : test_support::decode_mvt(encoded).at(0).features;
}

}  // namespace

TEST(ByteBudgetTest, FewFieldsAreEachThemselves) {
    auto const features = drawn({field(100, 100, 50, "dừa"), field(300, 300, 5, "dừa")}, kTile);
    ASSERT_EQ(features.size(), 2U);
    EXPECT_EQ(features[0].id, 1U);
    EXPECT_EQ(features[1].id, 2U);
}

TEST(ByteBudgetTest, WhatIsSmallerThanAPixelIsMergedNotDropped) {
    auto const features = drawn({field(100, 100, 0.3, "dừa"), field(101, 101, 0.2, "dừa"), field(200, 200, 1, "bưởi"), field(500, 500, 80, "dừa")}, kTile);
    ASSERT_EQ(features.size(), 3U);
    std::map<std::string, long> counted;
    for (auto const& feature : features) {
        if (!feature.id) counted[feature.tags.at("crop")] = feature.number("feature_count", 0);
    }
    EXPECT_EQ(counted, (std::map<std::string, long>{{"bưởi", 1}, {"dừa", 2}}));
}

// A change touches the tiles that it shows in. So what only has its box in a tile must not count there.
TEST(ByteBudgetTest, WhatDoesNotReachTheTileChangesNothingInIt) {
    std::mt19937 random{11};
    std::uniform_real_distribution<double> place{100, 3900};
    std::vector<Field> fields;
    for (int i = 0; i < 4'000; ++i) fields.push_back(field(place(random), place(random), 5 + i % 60, "dừa"));
    auto const before = drawn(fields, kTile);
    ASSERT_LT(before.size(), 4'000U) << "some are merged";
    // A strip around the north-west corner, whose box is the whole tile's: a thousand of them would have more merged.
    auto const bounds = kTile.bounds();
    auto const unit = (bounds.east - bounds.west) / kExtent;
    Field strip{"dừa", 1, 5000, {7}};
    for (auto const& [x, y] : {std::pair{-200, 5000}, {-210, 5000}, {-210, -210}, {5000, -210}, {5000, -200}, {-200, -200}, {-200, 5000}}) {
        strip.outline.push_back(to_grid(bounds.west + x * unit));
        strip.outline.push_back(to_grid(bounds.north - y * unit));
    }
    fields.insert(fields.end(), 1'000, strip);
    auto const after = drawn(fields, kTile);
    ASSERT_EQ(after.size(), before.size());
}

TEST(ByteBudgetTest, ManyFieldsKeepToItAndEachIsCountedOnce) {
    // 60,000 fields over the border of two tiles.
    std::mt19937 random{7};
    std::uniform_real_distribution<double> x{1000, 7000}, y{0, 3900};
    std::exponential_distribution<double> size{0.15};
    std::vector<Field> fields;
    double area = 0;
    for (int i = 0; i < 60'000; ++i) {
        fields.push_back(field(x(random), y(random), std::min(0.5 + size(random), 200.0), i % 3 == 0 ? "dừa" : "bưởi"));
        area += fields.back().area_ha;
    }
    long merged = 0;
    double merged_area = 0;
    std::map<std::uint64_t, int> alone;
    for (auto const tile : {kTile, kEast}) {
        std::size_t bytes = 0;
        auto const features = drawn(fields, tile, &bytes);
        EXPECT_LE(bytes, kLayerBytes);
        EXPECT_GT(bytes, kLayerBytes / 3) << "it shows what it can";
        for (auto const& feature : features) {
            if (feature.id) {
                ++alone[*feature.id];
                continue;
            }
            merged += feature.number("feature_count", 0);
            merged_area += std::stod(feature.tags.at("area_ha"));
        }
    }
    double alone_area = 0;
    double least = 1e9, most_merged = 0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (alone.contains(i + 1)) {
            alone_area += fields[i].area_ha;
            least = std::min(least, fields[i].side);
        } else {
            most_merged = std::max(most_merged, fields[i].side);
        }
    }
    EXPECT_FALSE(alone.empty());
    EXPECT_EQ(merged + static_cast<long>(alone.size()), 60'000);
    EXPECT_NEAR(merged_area + alone_area, area, 0.1);
    EXPECT_LE(most_merged, least) << "the larger ones stay themselves";
}

TEST(ByteBudgetTest, ManyPointsOfTheLastZoomBecomeClusters) {
    Layer layer;
    layer.id = "products";
    layer.kind = LayerKind::points;
    layer.counts_by_star = true;
    gis_core::TileId const tile{14, 13033, 7720};
    auto const bounds = tile.bounds();
    std::mt19937 random{3};
    std::normal_distribution<double> place{0, 40};
    std::vector<std::pair<double, double>> places;
    for (int i = 0; i < 20'000; ++i) {
        places.emplace_back(std::clamp((bounds.west + bounds.east) / 2 + place(random), bounds.west, bounds.east - 0.01),
                            std::clamp((bounds.south + bounds.north) / 2 + place(random), bounds.south + 0.01, bounds.north));
    }
    places.emplace_back(bounds.west + 5, bounds.north - 5);  // one far from the town
    PointRows rows;
    rows.size = places.size();
    rows.key = [](std::size_t i) { return i + 1; };
    rows.place = [&](std::size_t i) { return places[i]; };
    rows.add_tags = [&](std::size_t i, std::vector<MvtLayer::Tag>& tags) {
        tags.push_back({"name", "Kẹo dừa số " + std::to_string(i)});
        tags.push_back({"producer_name", "Cơ sở sản xuất kẹo dừa " + std::to_string(i / 3)});
    };
    rows.star = [](std::size_t i) { return i % 4 == 0 ? 0.0 : 2.0 + static_cast<double>(i % 4); };
    rows.class_code = [](std::size_t i) { return i % 2 == 0 ? "I.3.c" : "VI.1"; };
    MvtLayer out{layer.id};
    draw_points(layer, tile, rows, out);
    std::string encoded;
    out.write_to(encoded);
    EXPECT_LE(encoded.size(), kLayerBytes);
    long count = 0, stars = 0, food = 0;
    bool has_far = false;
    auto const features = test_support::decode_mvt(encoded).at(0).features;
    for (auto const& feature : features) {
        count += feature.number("point_count", 1);
        has_far = has_far || feature.id == 20'001U;
        if (!feature.tags.contains("point_count")) continue;
        auto const of = [&](int star) { return feature.number("star_" + std::to_string(star), 0); };
        stars += of(3) + of(4) + of(5);
        food += feature.number("sector_1", 0);
        if (of(3) + of(4) + of(5) > 0) {
            EXPECT_NEAR(std::stod(feature.tags.at("star_mean")),
                        static_cast<double>(3 * of(3) + 4 * of(4) + 5 * of(5)) / static_cast<double>(of(3) + of(4) + of(5)), 0.0051);
        }
    }
    EXPECT_EQ(count, 20'001);
    EXPECT_TRUE(has_far);
    EXPECT_GT(stars, 14'000);
    EXPECT_GT(food, 9'000);
}

}  // namespace tile_server
