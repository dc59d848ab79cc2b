// OGC API - Features Part 1 (17-069r4) over plain HTTP; each test names the requirement it holds us to.
#include "gis_core/json.hpp"
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace {

using gis_core::Json;
using test_support::get;

std::string ogc(std::string const& path) { return test_support::url() + "/ogc" + path; }

Json json(std::string const& url, int status = 200) {
    auto const reply = get(url);
    EXPECT_EQ(reply.status, status) << url << ": " << reply.body.substr(0, 300);
    return gis_core::parse_json(reply.body, url);
}

std::string link(Json const& document, std::string const& rel) {
    for (auto const& one : document["links"]) {
        if (one["rel"] == rel) return one["href"].get<std::string>();
    }
    return {};
}

TEST(OgcCoreTest, RootSuccess_EveryLinkOfTheLandingPageAnswers) {  // /req/core/root-op, root-success
    auto const page = json(ogc(""));
    for (auto const* rel : {"service-desc", "service-doc", "conformance", "data", "self", "alternate"}) {
        auto const href = link(page, rel);
        ASSERT_FALSE(href.empty()) << rel;
        EXPECT_EQ(get(href).status, 200) << href;
    }
}

TEST(OgcCoreTest, ConformanceSuccess_CoreGeoJsonHtmlOas30) {  // /req/core/conformance-success
    std::set<std::string> classes;
    auto const document = json(ogc("/conformance"));
    for (auto const& uri : document["conformsTo"]) classes.insert(uri.get<std::string>());
    for (auto const* name : {"core", "geojson", "html", "oas30"}) {
        EXPECT_TRUE(classes.contains(std::string{"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"} + name)) << name;
    }
}

TEST(OgcCoreTest, ApiDefinitionSuccess_ListsEveryCollection) {  // /req/core/api-definition-success, /req/oas30/oas-definition-2
    auto const reply = get(ogc("/api"));
    EXPECT_THAT(reply.header("Content-Type"), testing::HasSubstr("application/vnd.oai.openapi+json;version=3.0"));
    auto const api = gis_core::parse_json(reply.body, "api");
    auto const all = json(ogc("/collections"));
    for (auto const& one : all["collections"]) {
        EXPECT_TRUE(api["paths"].contains("/ogc/collections/" + one["id"].get<std::string>() + "/items"));
    }
}

TEST(OgcCoreTest, FcMdSuccess_EachCollectionIsAsInTheList) {  // /req/core/fc-md-success, sfc-md-success, fc-md-items-links
    auto const all = json(ogc("/collections"));
    std::set<std::string> ids;
    for (auto const& one : all["collections"]) {
        auto const id = one["id"].get<std::string>();
        ids.insert(id);
        EXPECT_EQ(json(ogc("/collections/" + id)), one) << id;
        EXPECT_FALSE(link(one, "items").empty()) << id;
    }
    EXPECT_THAT(ids, testing::ElementsAre("communes", "districts", "producers", "products", "provinces", "rivers", "sales_points", "shoreline", "zones"));
    json(ogc("/collections/nothing"), 404);
}

TEST(OgcCoreTest, FcResponse_CountsLinksAndTimeStamp) {  // /req/core/fc-response, fc-links, fc-timestamp, fc-numberMatched, fc-numberReturned
    auto const page = json(ogc("/collections/products/items?limit=7"));
    EXPECT_EQ(page["type"], "FeatureCollection");
    EXPECT_EQ(page["features"].size(), 7U);
    EXPECT_EQ(page["numberReturned"], 7);
    EXPECT_EQ(std::to_string(page["numberMatched"].get<long long>()), test_support::value(test_support::database(), "SELECT count(*) FROM pub.product"));
    EXPECT_THAT(page["timeStamp"].get<std::string>(), testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z"));
    EXPECT_FALSE(link(page, "self").empty());
    EXPECT_EQ(get(link(page, "alternate")).header("Content-Type"), "text/html; charset=utf-8");
    auto const next = json(link(page, "next"));
    EXPECT_GT(next["features"][0]["id"], page["features"][6]["id"]);
    auto const back = json(link(next, "prev"));
    EXPECT_EQ(back["features"], page["features"]);
    EXPECT_TRUE(link(page, "prev").empty());
}

TEST(OgcCoreTest, FcLinks_TheLastPageHasNoNext) {  // /req/core/fc-links
    auto const total = json(ogc("/collections/zones/items?limit=1"))["numberMatched"].get<int>();
    auto const last = json(ogc("/collections/zones/items?limit=" + std::to_string(total)));
    EXPECT_EQ(last["numberReturned"], total);
    EXPECT_TRUE(link(last, "next").empty());
}

TEST(OgcCoreTest, FcLimitResponse1_AboveTheMaximumIsTheMaximum) {  // /req/core/fc-limit-response-1, /per/core/fc-limit-response-2
    EXPECT_EQ(get(ogc("/collections/communes/items?limit=10001")).status, 200);
    EXPECT_EQ(get(ogc("/collections/communes/items?limit=999999999999999999999")).status, 200);
    for (auto const* limit : {"0", "-1", "x", "1.5", ""}) json(ogc("/collections/communes/items?limit=") + limit, 400);
}

TEST(OgcCoreTest, QueryParamInvalidAndUnknown_AreRefusedWithTheirName) {  // /req/core/query-param-unknown, query-param-invalid
    for (std::string const path : {"", "/conformance", "/api", "/collections", "/collections/zones", "/collections/zones/items", "/collections/zones/items/1",
                                   "/collections/zones/queryables"}) {
        auto const problem = json(ogc(path + "?nonsense=1"), 400);
        EXPECT_EQ(problem["errors"][0]["field"], "nonsense") << path;
    }
    for (auto const* query : {"bbox=1,2,3", "bbox=nan,0,1,1", "bbox=106,11,107,10", "datetime=31-31-2025", "datetime=2025-07-01/2025-06-30", "f=xml", "lang=fr",
                              "crs=EPSG:9999", "limit=1&limit=2", "after=a", "f=geojson&crs=EPSG:9210", "f=csv&crs=EPSG:4756%27"}) {
        json(ogc("/collections/zones/items?") + query, 400);
    }
    EXPECT_THAT(json(ogc("/collections/zones/items?bbox=10,106,10.5,106.5"), 400)["detail"].get<std::string>(), testing::HasSubstr("swapped"));
    EXPECT_THAT(json(ogc("/collections/zones/items?datetime=31-31-2025"), 400)["detail"].get<std::string>(), testing::HasSubstr("2025-06-30"));
}

TEST(OgcCoreTest, FSuccess_OneFeatureWithItsLinks) {  // /req/core/f-op, f-success, f-links
    auto const page = json(ogc("/collections/communes/items?limit=1"));
    auto const id = std::to_string(page["features"][0]["id"].get<long long>());
    auto const feature = json(ogc("/collections/communes/items/" + id));
    EXPECT_EQ(feature["properties"], page["features"][0]["properties"]);
    EXPECT_EQ(feature["geometry"], page["features"][0]["geometry"]);
    for (auto const* rel : {"self", "alternate", "collection"}) EXPECT_EQ(get(link(feature, rel)).status, 200) << rel;
    for (auto const* none : {"0", "999999999", "abc", "1e3", "-1", "01", "99999999999999999999999", "%27"})
        json(ogc("/collections/communes/items/") + none, 404);
}

TEST(OgcCoreTest, HtmlAndGeoJson_ByAcceptAndByParameter) {  // /req/html/definition, /req/geojson/definition, RFC 9110 §12
    auto const items = ogc("/collections/producers/items?limit=2");
    EXPECT_EQ(get(items).header("Content-Type"), "application/geo+json");
    EXPECT_EQ(get(items, {{"Accept", "application/json"}}).header("Content-Type"), "application/geo+json");
    EXPECT_EQ(get(items, {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}}).header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(get(items, {{"Accept", "image/png"}}).status, 406);
    EXPECT_THAT(get(items).header("Vary"), testing::HasSubstr("Accept"));
    for (std::string const path : {"", "/conformance", "/api", "/collections", "/collections/producers", "/collections/producers/items"}) {
        auto const vi = get(ogc(path + "?f=html")), en = get(ogc(path + "?f=html&lang=en"));
        EXPECT_THAT(vi.header("Content-Security-Policy"), testing::HasSubstr("default-src 'none'")) << path;
        EXPECT_THAT(vi.body, testing::HasSubstr("<html lang=\"vi\">")) << path;
        EXPECT_THAT(en.body, testing::HasSubstr("<html lang=\"en\">")) << path;
        EXPECT_THAT(vi.body, testing::Not(testing::HasSubstr("<script"))) << path;
        EXPECT_THAT(vi.body, testing::Not(testing::HasSubstr("style="))) << "the policy allows no inline style";
    }
}

TEST(OgcCoreTest, TheFilterFormOfAPageMayBeSentWithEmptyFields) {
    EXPECT_EQ(get(ogc("/collections/zones/items?f=html&lang=vi&bbox=&datetime=&limit=5")).status, 200);
    EXPECT_EQ(get(ogc("/collections/zones/items?bbox=")).status, 400);
}

TEST(OgcCoreTest, FcTimeResponse_BeforeAndAfterTheFirstOfJuly2025) {  // /req/core/fc-time-definition, fc-time-response
    auto const at = [](char const* datetime) {
        return json(ogc(std::string{"/collections/communes/items?limit=1&datetime="} + datetime))["numberMatched"].get<int>();
    };
    auto const there = [](char const* day) {
        return std::stoi(
            test_support::value(test_support::database(), std::string{"SELECT count(*) FROM geo.admin_unit WHERE level = 'commune' AND valid_from <= '"} + day +
                                                              "' AND coalesce(valid_to, 'infinity') > '" + day + "'"));
    };
    EXPECT_EQ(at("2025-06-30"), there("2025-06-30"));
    EXPECT_EQ(at("2025-06-30T16:59:59Z"), there("2025-06-30"));
    EXPECT_EQ(at("2025-06-30T17:00:00Z"), there("2025-07-01")) << "midnight in Vietnam";
    EXPECT_NE(there("2025-06-30"), there("2025-07-01"));
}

TEST(OgcCoreTest, AThousandFeaturesAndTenThousandAreTheSameFeatures) {
    auto const buffered = json(ogc("/collections/products/items?limit=1000"));
    auto const streamed = json(ogc("/collections/products/items?limit=1001"));
    auto const first = std::min<std::size_t>(1000, streamed["features"].size());
    for (std::size_t i = 0; i < first; i += 97) EXPECT_EQ(buffered["features"][i], streamed["features"][i]);
    EXPECT_EQ(buffered["numberMatched"], streamed["numberMatched"]);
}

TEST(OgcCoreTest, HeadAnswersWithoutBodyAndOtherMethodsNameTheAllowedOnes) {  // /req/core/http
    auto const head = test_support::request("HEAD", ogc("/collections"));
    EXPECT_EQ(head.status, 200);
    auto const wrong = test_support::request("DELETE", ogc("/collections/products/items"));
    EXPECT_EQ(wrong.status, 405);
    EXPECT_THAT(wrong.header("Allow"), testing::HasSubstr("GET"));
}

}  // namespace
