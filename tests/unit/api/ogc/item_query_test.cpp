#include "api/ogc/item_query.hpp"

#include "gis_core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace api::ogc {
namespace {

using testing::HasSubstr;
using testing::Not;

gis_core::layers::Catalogue const& catalogue() {
    static auto const loaded = gis_core::layers::Catalogue::load(OCOPMAP_DATA_DIR "/layers.toml");
    return loaded;
}
gis_core::layers::Layer const& layer(char const* id) { return *catalogue().find(id); }

ItemQuery parse(char const* id, char const* query) { return parse_item_query(layer(id), http::Query::parse(query), {"f", "lang"}); }

std::string refusal(std::function<void()> const& work) {
    try {
        work();
    } catch (gis_core::Error const& error) {
        return gis_core::ErrorKind::invalid_argument == error.kind() ? error.what() : "another kind";
    }
    return "taken";
}

// /req/core/fc-bbox-definition: four or six numbers; six leave the heights aside.
TEST(OgcBboxTest, TakesFourOrSixNumbers) {
    for (auto const* text : {"105.85,21.03,106,22", "105.85,21.03,-5,106,22,1e3"}) {
        auto const box = parse_bbox(text);
        EXPECT_DOUBLE_EQ(box.west, 105.85) << text;
        EXPECT_DOUBLE_EQ(box.south, 21.03) << text;
        EXPECT_DOUBLE_EQ(box.east, 106) << text;
        EXPECT_DOUBLE_EQ(box.north, 22) << text;
        EXPECT_FALSE(box.crosses_antimeridian()) << text;
    }
    EXPECT_TRUE(parse_bbox("177,-20,-178,-16").crosses_antimeridian());
}

TEST(OgcBboxTest, RefusesWhatIsNoBox) {
    for (auto const* text : {"", ",", "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "a,b,c,d", "nan,1,2,3", "1,inf,2,3", "1,2,3,4,", "106,11,107,10", "181,1,182,2",
                             "1 ,2,3,4", "0x10,2,3,4"}) {
        EXPECT_THAT(refusal([&] { parse_bbox(text); }), HasSubstr("bbox is")) << text;
    }
}

TEST(OgcBboxTest, SaysThatLatitudeCameFirst) {
    EXPECT_THAT(refusal([] { parse_bbox("10.1,106.2,10.4,106.5"); }), HasSubstr("swapped"));
}

// /req/core/fc-limit-response-1 and OGC 17-069r4 §7.15.2: above the maximum counts as the maximum.
TEST(OgcLimitTest, AboveTheMaximumIsTheMaximum) {
    EXPECT_EQ(parse_limit("1"), 1);
    EXPECT_EQ(parse_limit("10000"), 10'000);
    EXPECT_EQ(parse_limit("10001"), 10'000);
    EXPECT_EQ(parse_limit("99999999999999999999999999"), 10'000);
    for (auto const* text : {"", "0", "00", "-1", "+1", "1.5", "1e3", "ten", " 1"}) {
        EXPECT_THAT(refusal([&] { parse_limit(text); }), HasSubstr("limit is")) << text;
    }
}

// /req/core/fc-time-definition: RFC 3339 §5.6 moments, days, intervals with open ends.
TEST(OgcDatetimeTest, ReadsDaysMomentsAndIntervals) {
    EXPECT_EQ(parse_datetime("2025-06-30").from->iso(), "2025-06-30");
    EXPECT_TRUE(parse_datetime("2025-06-30").is_instant);
    auto const closed = parse_datetime("2025-06-01/2025-06-30");
    EXPECT_FALSE(closed.is_instant);
    EXPECT_EQ(closed.from->iso(), "2025-06-01");
    EXPECT_EQ(closed.to->iso(), "2025-06-30");
    for (auto const* text : {"../2025-06-30", "/2025-06-30"}) {
        EXPECT_FALSE(parse_datetime(text).from) << text;
        EXPECT_EQ(parse_datetime(text).to->iso(), "2025-06-30") << text;
    }
    for (auto const* text : {"2025-06-30/..", "2025-06-30/"}) {
        EXPECT_EQ(parse_datetime(text).from->iso(), "2025-06-30") << text;
        EXPECT_FALSE(parse_datetime(text).to) << text;
    }
}

TEST(OgcDatetimeTest, AMomentBelongsToTheBusinessDayOfVietnam) {
    EXPECT_EQ(parse_datetime("2025-06-30T16:59:59Z").from->iso(), "2025-06-30");
    EXPECT_EQ(parse_datetime("2025-06-30T17:00:00Z").from->iso(), "2025-07-01");
    EXPECT_EQ(parse_datetime("2025-07-01T00:00:00+07:00").from->iso(), "2025-07-01");
    EXPECT_EQ(parse_datetime("2025-06-30t23:30:00.123-02:00").from->iso(), "2025-07-01");
}

TEST(OgcDatetimeTest, RefusesWhatIsNoTime) {
    for (auto const* text :
         {"", "31-31-2025", "2025-02-30", "2025", "2025-06-30T", "2025-06-30T25:00:00Z", "2025-06-30T10:00:00", "2025-06-30T10:00Z", "2025-06-30T10:00:00+7",
          "2025-06-30T10:00:00.Z", "2025-06-30 ", "2025-07-01/2025-06-30", "a/b", "2025-06-30/2025-07-01/2025-08-01", "..", "today"}) {
        EXPECT_THAT(refusal([&] { parse_datetime(text); }), HasSubstr("datetime")) << text;
    }
}

// /req/core/query-param-unknown, /req/core/query-param-invalid
TEST(OgcItemQueryTest, UnknownAndWrongParametersAreRefused) {
    EXPECT_THAT(refusal([] { parse("products", "foo=1"); }), HasSubstr("unknown parameter foo"));
    EXPECT_THAT(refusal([] { parse("products", "geom=1"); }), HasSubstr("unknown parameter geom"));
    EXPECT_THAT(refusal([] { parse("communes", "products=1"); }), HasSubstr("unknown")) << "made for tiles, no column";
    EXPECT_THAT(refusal([] { parse("products", "star=five"); }), HasSubstr("whole number"));
    EXPECT_THAT(refusal([] { parse("products", "is_demo=1"); }), HasSubstr("true or false"));
    EXPECT_THAT(refusal([] { parse("zones", "area_ha=nan"); }), HasSubstr("a number"));
    EXPECT_THAT(refusal([] { parse("products", "limit=1&limit=2"); }), HasSubstr("once"));
    EXPECT_THAT(refusal([] { parse("products", "after=1&before=2"); }), HasSubstr("either"));
    EXPECT_THAT(refusal([] { parse("products", "after=x"); }), HasSubstr("page's links"));
}

TEST(OgcItemQueryTest, ValuesAreBoundAndNeverPasted) {
    auto const query = parse("products", "name=%27%3B%20DROP%20TABLE%20x%3B--&star=4&bbox=106,10,106.5,10.5&after=7");
    for (auto const& sql : {select_items(query, GeometryColumn::geojson, 11), count_items(query)}) {
        EXPECT_THAT(sql.text, Not(HasSubstr("DROP")));
        EXPECT_THAT(sql.text, Not(HasSubstr("106")));
        EXPECT_THAT(sql.values, testing::Contains("'; DROP TABLE x;--"));
    }
    EXPECT_THAT(select_items(query, GeometryColumn::geojson, 11).text, HasSubstr("ORDER BY t.product_key LIMIT 11"));
    EXPECT_THAT(count_items(query).text, Not(HasSubstr("product_key >"))) << "numberMatched leaves paging aside";
}

TEST(OgcItemQueryTest, SortingFilteringAndReferenceSystemsAreChecked) {
    EXPECT_THAT(refusal([] { parse("products", "sortby=name,stars"); }), HasSubstr("each at most once"));
    EXPECT_THAT(refusal([] { parse("products", "sortby=name,-name"); }), HasSubstr("each at most once"));
    EXPECT_THAT(refusal([] { parse("communes", "sortby=geometry_source"); }), HasSubstr("sortby"));
    EXPECT_THAT(refusal([] { parse("products", "sortby=name&after=7"); }), HasSubstr("page's links"));
    EXPECT_THAT(refusal([] { parse("products", "sortby=name&after=%5B%22a%22%5D"); }), HasSubstr("page's links"));
    EXPECT_THAT(refusal([] { parse("products", "properties=name,colour"); }), HasSubstr("some of"));
    EXPECT_THAT(refusal([] { parse("products", "skipGeometry=1"); }), HasSubstr("true or false"));
    EXPECT_THAT(refusal([] { parse("products", "crs=EPSG:9999"); }), HasSubstr("EPSG/0/9210"));
    EXPECT_THAT(refusal([] { parse("products", "bbox-crs=EPSG:9210"); }), HasSubstr("only beside bbox"));
    EXPECT_THAT(refusal([] { parse("products", "bbox=600000,1100000,500000,1200000&bbox-crs=EPSG:9210"); }), HasSubstr("smaller coordinate"));
    EXPECT_THAT(refusal([] { parse("products", "bbox=106,10,107,11&bbox-crs=EPSG:4326"); }), HasSubstr("latitude"));
    EXPECT_THAT(refusal([] { parse("products", "filter=star%20%3E"); }), HasSubstr("filter, character 7"));
    EXPECT_THAT(refusal([] { parse("products", "filter-lang=cql2-text"); }), HasSubstr("only beside filter"));
    EXPECT_THAT(refusal([] { parse("products", "filter=star%3D4&filter-lang=ecql"); }), HasSubstr("cql2-text or cql2-json"));
    EXPECT_TRUE(parse("products", "filter=star%3D4&filter-lang=cql-text").filter) << "the draft's name, which GDAL and QGIS send";
    auto const query = parse("products", "sortby=-star,name&filter=name%20LIKE%20%27x%27%27%3B%25%27&properties=name&crs=EPSG:4756");
    auto const sql = select_items(query, GeometryColumn::geojson, 11);
    EXPECT_THAT(sql.text, Not(HasSubstr("x';")));
    EXPECT_THAT(sql.text, HasSubstr("ORDER BY t.star DESC NULLS LAST, t.name COLLATE pub.vi ASC NULLS LAST, t.product_key"));
    EXPECT_THAT(sql.values, testing::Contains("x';%"));
    EXPECT_EQ(query.selected.size(), 1U);
}

TEST(OgcItemQueryTest, AnInstantReadsOneDayAndAnIntervalAllVersions) {
    auto const instant = select_items(parse("communes", "datetime=2025-06-30"), GeometryColumn::geojson, 10);
    EXPECT_EQ(instant.at, "2025-06-30");
    EXPECT_THAT(instant.text, HasSubstr("FROM pub.commune t"));
    auto const interval = select_items(parse("communes", "datetime=2025-06-30/2025-07-01"), GeometryColumn::geojson, 10);
    EXPECT_EQ(interval.at, "");
    EXPECT_THAT(interval.text, HasSubstr("FROM pub.commune_version t"));
    EXPECT_THAT(interval.values, testing::ElementsAre("2025-07-01", "2025-06-30"));
    EXPECT_EQ(select_items(parse("producers", "datetime=2025-01-01/2025-06-30"), GeometryColumn::geojson, 10).at, "2025-06-30");
    // Features without time match every time (§7.15.4).
    EXPECT_EQ(select_items(parse("rivers", "datetime=1950-01-01"), GeometryColumn::geojson, 10).at, "");
}

TEST(OgcItemQueryTest, ABoxOverTheAntimeridianBecomesTwo) {
    auto const sql = count_items(parse("zones", "bbox=177,-20,-178,-16"));
    EXPECT_THAT(sql.values, testing::ElementsAre("177", "-20", "180", "-16", "-180", "-20", "-178", "-16"));
    EXPECT_THAT(sql.text, HasSubstr(" OR "));
}

}  // namespace
}  // namespace api::ogc
