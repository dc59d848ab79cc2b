#include "api/ogc/collections.hpp"

#include "gis_core/error.hpp"
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

namespace api::ogc {
namespace {

/// The collections over the demo, read as the service's role reads them. The truth is PostGIS, asked by the owner.
class OgcCollectionsTest : public testing::Test {
protected:
    gis_core::db::Pool pool_{{.conninfo = test_support::with_keyword(test_support::database(), "user", "ocopmap_api")}};
    Collections collections_{gis_core::layers::Catalogue::load(OCOPMAP_DATA_DIR "/layers.toml"), pool_};

    ItemQuery parse(std::string const& id, std::string const& query) { return parse_item_query(collections_.get(id), http::Query::parse(query), {}); }
    std::int64_t count(std::string const& id, std::string const& query) { return collections_.count(parse(id, query)); }
    std::vector<std::int64_t> keys(ItemQuery const& query, std::optional<int> limit) {
        std::vector<std::int64_t> found;
        collections_.read(query, GeometryColumn::geojson, limit, false, [&](FeatureRow const& row) { found.push_back(std::stoll(std::string{row.key})); });
        return found;
    }
    static std::string sql(std::string const& text) { return test_support::value(test_support::database(), text); }
};

TEST_F(OgcCollectionsTest, EveryCollectionReadsAndCountsWhatItsViewShows) {
    for (auto const& layer : collections_.catalogue().layers()) {
        if (layer.shows_former) continue;
        auto const expected = sql("SELECT count(*) FROM " + layer.view);
        EXPECT_EQ(std::to_string(count(layer.id, "")), expected) << layer.id;
        EXPECT_EQ(std::to_string(keys(parse(layer.id, ""), std::nullopt).size()), expected) << layer.id;
    }
}

// A level that was abolished shows its last frame unless a date is asked.
TEST_F(OgcCollectionsTest, DistrictsWithoutDateAreThoseOfTheLastDay) {
    auto const last = sql("SELECT max(valid_to) - 1 FROM geo.admin_unit WHERE level = 'district'");
    EXPECT_EQ(count("districts", ""), count("districts", "datetime=" + last));
    EXPECT_GT(count("districts", ""), 0);
    EXPECT_EQ(count("districts", "datetime=2026-01-01"), 0);
}

// pub.product_list exists for speed only: it must be pub.product on any date.
TEST_F(OgcCollectionsTest, TheQuickListOfProductsIsTheListOfProducts) {
    for (auto const* day : {"2024-06-30", "2025-06-30", "2026-01-01", "2026-11-24", "2029-01-01"}) {
        auto const columns = std::string{
            "product_key, name, class_code, producer_key, producer_name, registered_on, is_demo, location_approximate, geom::text, description, "
            "certificate_state, star, certificate_valid_to"};
        auto const differences =
            test_support::query(test_support::database(), std::string{"SET ocopmap.at = '"} + day + "'; SELECT count(*) FROM ((SELECT " + columns +
                                                              " FROM pub.product EXCEPT ALL SELECT " + columns + " FROM pub.product_list) UNION ALL (SELECT " +
                                                              columns + " FROM pub.product_list EXCEPT ALL SELECT " + columns + " FROM pub.product)) x");
        EXPECT_EQ(differences.at(0).at(0), "0") << day;
    }
}

// /req/core/fc-bbox-response: only features whose geometry intersects the box.
TEST_F(OgcCollectionsTest, ABoxSelectsWhatPostgisSaysItIntersects) {
    for (auto const* id : {"communes", "zones", "producers", "products", "sales_points", "shoreline"}) {
        auto const& layer = collections_.get(id);
        for (auto const* box : {"106.2,10.0,106.45,10.2", "106.3,10.2,106.3,10.2", "0,0,1,1", "-180,-90,180,90"}) {
            auto const expected = sql("SELECT count(*) FROM " + layer.view + " WHERE ST_Intersects(geom, ST_MakeEnvelope(" + box + ", 4326))");
            EXPECT_EQ(std::to_string(count(id, std::string{"bbox="} + box)), expected) << id << " " << box;
        }
        EXPECT_EQ(count(id, "bbox=170,-90,-170,90"), 0) << id;
        EXPECT_EQ(std::to_string(count(id, "bbox=106,-90,-170,90")), sql("SELECT count(*) FROM " + layer.view + " WHERE ST_XMax(geom) >= 106")) << id;
    }
}

// /req/core/fc-time-response: only features whose validity meets the time.
TEST_F(OgcCollectionsTest, DatetimeMeansValidity) {
    auto const valid = [](std::string const& from, std::string const& to) {
        return sql("SELECT count(*) FROM geo.admin_unit WHERE level = 'commune'" + (to.empty() ? "" : " AND valid_from <= '" + to + "'") +
                   (from.empty() ? "" : " AND coalesce(valid_to, 'infinity') > '" + from + "'"));
    };
    EXPECT_EQ(std::to_string(count("communes", "datetime=2025-06-30")), valid("2025-06-30", "2025-06-30"));
    EXPECT_EQ(std::to_string(count("communes", "datetime=2025-07-01")), valid("2025-07-01", "2025-07-01"));
    EXPECT_NE(count("communes", "datetime=2025-06-30"), count("communes", "datetime=2025-07-01"));
    EXPECT_EQ(std::to_string(count("communes", "datetime=2025-06-30/2025-07-01")), valid("2025-06-30", "2025-07-01"));
    EXPECT_EQ(std::to_string(count("communes", "datetime=../2025-06-30")), valid("", "2025-06-30"));
    EXPECT_EQ(std::to_string(count("communes", "datetime=2025-07-01/..")), valid("2025-07-01", ""));
    EXPECT_EQ(std::to_string(count("communes", "datetime=../..")), valid("", ""));
    EXPECT_EQ(std::to_string(count("sales_points", "datetime=2020-01-01/2025-01-01")),
              sql("SELECT count(*) FROM ocop.sales_point WHERE opened_on <= '2025-01-01' AND coalesce(closed_on, 'infinity') > '2020-01-01'"));
    // Features without time match every time.
    EXPECT_EQ(count("rivers", "datetime=1950-01-01"), count("rivers", ""));
}

TEST_F(OgcCollectionsTest, PagesByKeyMeetEveryFeatureOnceInBothDirections) {
    auto const all = keys(parse("products", ""), std::nullopt);
    ASSERT_GT(all.size(), 20U);
    ASSERT_TRUE(std::is_sorted(all.begin(), all.end()));
    std::vector<std::int64_t> forward, backward;
    for (auto query = parse("products", "");;) {
        auto const page = keys(query, 77);
        if (page.empty()) break;
        forward.insert(forward.end(), page.begin(), page.end());
        query.after = Cursor{{}, page.back()};
    }
    EXPECT_EQ(forward, all);
    for (auto query = parse("products", "before=9223372036854775807");;) {
        auto const page = keys(query, 77);
        if (page.empty()) break;
        backward.insert(backward.end(), page.begin(), page.end());
        query.before = Cursor{{}, page.back()};
    }
    std::reverse(backward.begin(), backward.end());
    EXPECT_EQ(backward, all);
}

// Pages of a sorted list meet every feature once, in the order PostgreSQL has, whatever is equal or null.
TEST_F(OgcCollectionsTest, SortedPagesMeetEveryFeatureOnceInBothDirections) {
    struct Case {
        char const *id, *sortby, *order;
    };
    for (auto const& [id, sortby, order] : {Case{"products", "star", "star ASC NULLS LAST, product_key"},
                                            {"products", "-star,name", "star DESC NULLS LAST, name COLLATE pub.vi, product_key"},
                                            {"zones", "-area_ha", "area_ha DESC NULLS LAST, zone_key"},
                                            {"zones", "valid_to,-valid_from", "valid_to NULLS LAST, valid_from DESC NULLS LAST, zone_key"},
                                            {"producers", "is_demo,-name", "is_demo NULLS LAST, name COLLATE pub.vi DESC, producer_key"}}) {
        auto const& layer = collections_.get(id);
        std::vector<std::int64_t> expected;
        for (auto const& row : test_support::query(test_support::database(), "SELECT " + layer.key + " FROM " + layer.view + " ORDER BY " + order))
            expected.push_back(std::stoll(row[0]));
        auto const start = parse(id, std::string{"sortby="} + sortby);
        auto const walk = [&](bool is_backwards) {
            std::vector<std::int64_t> met;
            auto query = start;
            if (is_backwards) query.before = Cursor{std::vector<std::optional<std::string>>(start.sort.size()), std::numeric_limits<std::int64_t>::max()};
            for (;;) {
                Cursor last;
                int rows = 0;
                collections_.read(query, GeometryColumn::geojson, 77, false, [&](FeatureRow const& row) {
                    ++rows;
                    met.push_back(std::stoll(std::string{row.key}));
                    last = Cursor{{}, met.back()};
                    for (std::size_t i = 0; i < query.sort.size(); ++i) {
                        auto const& cell = row.cells[query.selected.size() + i];
                        last.values.push_back(cell ? std::optional{std::string{*cell}} : std::nullopt);
                    }
                });
                if (rows == 0) return met;
                (is_backwards ? query.before : query.after) = parse_cursor("after", to_text(last), query.sort.size());
            }
        };
        EXPECT_EQ(walk(false), expected) << sortby;
        auto backwards = walk(true);
        std::ranges::reverse(backwards);
        EXPECT_EQ(backwards, expected) << sortby;
    }
}

TEST_F(OgcCollectionsTest, FiltersCountWhatPostgisCounts) {
    EXPECT_EQ(std::to_string(count("products", "filter=star%3E%3D4%20AND%20is_demo%3Dtrue")),
              sql("SELECT count(*) FROM pub.product WHERE star >= 4 AND is_demo"));
    EXPECT_EQ(std::to_string(count("products", "filter=ACCENTI(CASEI(name))%20LIKE%20%27%25dua%25%27")),
              sql("SELECT count(*) FROM pub.product WHERE pub.fold(name) LIKE '%dua%'"));
    // An array: the classes of a producer's products, counted from the products.
    for (auto const& [op, having] : {std::pair{"A_CONTAINS", "array_agg(p.class_code::text) @> ARRAY['I.3.c', 'I.5.b']"},
                                     {"A_OVERLAPS", "array_agg(p.class_code::text) && ARRAY['I.3.c', 'I.5.b']"},
                                     {"A_CONTAINEDBY", "count(p.class_code) FILTER (WHERE p.class_code NOT IN ('I.3.c', 'I.5.b')) = 0"},
                                     {"A_EQUALS", "array_agg(DISTINCT p.class_code::text ORDER BY p.class_code::text) = ARRAY['I.3.c', 'I.5.b']"}}) {
        for (auto const* day : {"2022-06-30", "2026-01-01"}) {
            auto const wanted =
                test_support::query(test_support::database(), std::string{"SET ocopmap.at = '"} + day +
                                                                  "'; SELECT count(*) FROM (SELECT FROM pub.producer m LEFT JOIN pub.product p USING "
                                                                  "(producer_key) GROUP BY m.producer_key HAVING " +
                                                                  having + ") x");
            EXPECT_EQ(std::to_string(count("producers", std::string{"datetime="} + day + "&filter=" + op + "(class_codes,(%27I.3.c%27,%27I.5.b%27))")),
                      wanted.at(0).at(0))
                << op << " " << day;
        }
    }
    // VN-2000 as PostGIS knows it, and degrees with latitude first.
    auto const box =
        sql("SELECT format('%s,%s,%s,%s', floor(ST_XMin(b)), floor(ST_YMin(b)), ceil(ST_XMax(b)), ceil(ST_YMax(b)))"
            " FROM (SELECT ST_Transform(ST_MakeEnvelope(106.2, 10.0, 106.45, 10.2, 4326), 990210) b) x");
    auto const inside = sql("SELECT count(*) FROM pub.producer WHERE ST_Transform(geom, 990210) && ST_MakeEnvelope(" + box + ", 990210)");
    EXPECT_EQ(std::to_string(count("producers", "bbox=" + box + "&bbox-crs=EPSG:9210")), inside);
    EXPECT_EQ(std::to_string(count("producers", "filter=S_INTERSECTS(geom,BBOX(" + box + "))&filter-crs=http://www.opengis.net/def/crs/EPSG/0/9210")), inside);
    EXPECT_EQ(count("producers", "bbox=10.0,106.2,10.2,106.45&bbox-crs=EPSG:4326"), count("producers", "bbox=106.2,10.0,106.45,10.2"));
    EXPECT_EQ(count("producers", "filter=S_INTERSECTS(geom,BBOX(10.0,106.2,10.2,106.45))&filter-crs=EPSG:4326"),
              count("producers", "bbox=106.2,10.0,106.45,10.2"));
    // One row out of range is the client's filter, not our failure.
    EXPECT_THROW(count("products", "filter=product_key%20IS%20NULL"), gis_core::Error);
    try {
        count("zones", "filter=1e308*10%3Earea_ha");
        ADD_FAILURE() << "an overflow passed";
    } catch (gis_core::Error const& error) {
        EXPECT_EQ(error.kind(), gis_core::ErrorKind::invalid_argument);
    }
}

TEST_F(OgcCollectionsTest, FiltersAreEqualityOnTheColumn) {
    EXPECT_EQ(std::to_string(count("products", "star=4&is_demo=true")), sql("SELECT count(*) FROM pub.product WHERE star = 4 AND is_demo"));
    EXPECT_EQ(std::to_string(count("products", "certificate_state=valid")), sql("SELECT count(*) FROM pub.product WHERE certificate_state = 'valid'"));
    EXPECT_EQ(std::to_string(count("communes", "valid_from=2025-07-01")), sql("SELECT count(*) FROM pub.commune WHERE valid_from = '2025-07-01'"));
    EXPECT_EQ(count("products", "name=%27%20OR%201%3D1%20--"), 0);
    EXPECT_EQ(count("products", "star=9223372036854775807"), 0);
}

TEST_F(OgcCollectionsTest, AnOldCommuneIsStillAResource) {
    auto const key = sql("SELECT min(unit_key) FROM geo.admin_unit WHERE level = 'commune' AND valid_to <= '2025-07-01'");
    bool has_geometry = false;
    EXPECT_TRUE(collections_.read_one(parse_feature_query(collections_.get("communes"), {}), std::stoll(key), false,
                                      [&](FeatureRow const& row) { has_geometry = row.geometry.has_value(); }));
    EXPECT_TRUE(has_geometry);
    EXPECT_FALSE(collections_.read_one(parse_feature_query(collections_.get("communes"), {}), -1, false, [](FeatureRow const&) {}));
}

TEST_F(OgcCollectionsTest, TheExtentHoldsEveryFeature) {
    for (auto const& layer : collections_.catalogue().layers()) {
        auto const extent = collections_.extent(layer);
        auto const outside = sql("SELECT count(*) FROM " + layer.view + " WHERE NOT ST_CoveredBy(geom, ST_MakeEnvelope(" + extent.box[0] + "," + extent.box[1] +
                                 "," + extent.box[2] + "," + extent.box[3] + ", 4326))");
        EXPECT_EQ(outside, "0") << layer.id;
    }
}

TEST(OgcCountTest, ACountIsNeverOlderThanTheLastCommit) {
    test_support::TestDatabase const database{test_support::TestDatabase::From::demo};
    gis_core::db::Pool pool{{.conninfo = database.conninfo_as("ocopmap_api")}};
    Collections collections{gis_core::layers::Catalogue::load(OCOPMAP_DATA_DIR "/layers.toml"), pool};
    auto const query = parse_item_query(collections.get("products"), http::Query::parse(""), {});
    auto const before = collections.count(query);
    EXPECT_EQ(collections.count(query), before);
    database.execute("UPDATE ocop.product SET is_published = false WHERE product_key = (SELECT min(product_key) FROM pub.product)");
    EXPECT_EQ(collections.count(query), before - 1);
}

}  // namespace
}  // namespace api::ogc
