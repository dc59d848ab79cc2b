#include "api/context.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/representations.hpp"
#include "api/routes.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "http/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace {

using api::rest::parse_product_request;
using gis_core::Json;
using http::Query;
using testing::HasSubstr;

std::string refusal(std::string const& query) {
    try {
        parse_product_request(Query::parse(query));
    } catch (gis_core::Error const& error) {
        EXPECT_EQ(error.kind(), gis_core::ErrorKind::invalid_argument);
        EXPECT_FALSE(error.fields().empty()) << query;
        return error.what();
    }
    return "accepted";
}

TEST(ProductRequestTest, ReadsEveryFilter) {
    auto const r =
        parse_product_request(Query::parse("q=keo+dua&class=I.1.a,I.6&star=4,5&state=valid,expiring&at=2025-06-30&unit=829@2025-06-30"
                                           "&zone=7&producer=9&bbox=106,10,106.5,10.5&lon=106.37&lat=10.24&radius_m=500&sort=distance&limit=7"));
    EXPECT_EQ(r.filter.q, "keo dua");
    EXPECT_EQ(r.filter.classes, (std::vector<std::string>{"I.1.a", "I.6"}));
    EXPECT_EQ(r.filter.stars, (std::vector<long long>{4, 5}));
    EXPECT_EQ(r.filter.states, (std::vector<std::string>{"valid", "expiring"}));
    EXPECT_EQ(r.filter.at.iso(), "2025-06-30");
    EXPECT_EQ(r.unit, "829@2025-06-30");
    EXPECT_EQ(r.filter.zone, 7);
    EXPECT_EQ(r.filter.producer, 9);
    EXPECT_EQ(r.filter.box, (gis_core::LonLatBox{106, 10, 106.5, 10.5}));
    ASSERT_TRUE(r.filter.circle);
    EXPECT_EQ(r.filter.circle->centre, (gis_core::LonLat{106.37, 10.24}));
    EXPECT_EQ(r.sort, programme::ProductSort::distance);
    EXPECT_EQ(r.limit, 7);
}

TEST(ProductRequestTest, SortsByRelevanceOnlyWhereWordsAreSearched) {
    EXPECT_EQ(parse_product_request(Query::parse("q=dua")).sort, programme::ProductSort::relevance);
    EXPECT_EQ(parse_product_request(Query::parse("q=")).sort, programme::ProductSort::name);
}

TEST(ProductRequestTest, NamesFieldValueAndBound) {
    EXPECT_THAT(refusal("colour=red"), HasSubstr("unknown parameter colour"));
    EXPECT_THAT(refusal("limit=0"), HasSubstr("limit is 0, must be a whole number from 1 to 1000"));
    EXPECT_THAT(refusal("limit=10x"), HasSubstr("limit is 10x"));
    EXPECT_THAT(refusal("star=2"), HasSubstr("star is 2, must be 3, 4 or 5"));
    EXPECT_THAT(refusal("state=good"), HasSubstr("valid, expiring, expired, revoked, none"));
    EXPECT_THAT(refusal("at=31-31-2025"), HasSubstr("YYYY-MM-DD"));
    EXPECT_THAT(refusal("at=2025-02-29"), HasSubstr("at is 2025-02-29"));
    EXPECT_THAT(refusal("bbox=106,10,107"), HasSubstr("four numbers"));
    EXPECT_THAT(refusal("bbox=106,10,107,nan"), HasSubstr("four numbers"));
    EXPECT_THAT(refusal("bbox=10,106,11,107"), HasSubstr("swapped"));
    EXPECT_THAT(refusal("bbox=107,10,106,11"), HasSubstr("west not above east"));
    EXPECT_THAT(refusal("bbox=106,10,inf,11"), HasSubstr("bbox"));
    EXPECT_THAT(refusal("lon=10.24&lat=106.37&radius_m=5"), HasSubstr("swapped"));
    EXPECT_THAT(refusal("lon=106&lat=10"), HasSubstr("radius_m is absent"));
    EXPECT_THAT(refusal("lon=106&lat=10&radius_m=-1"), HasSubstr("above 0"));
    EXPECT_THAT(refusal("zone=abc"), HasSubstr("zone is abc"));
    EXPECT_THAT(refusal("sort=price"), HasSubstr("relevance, name, -name"));
    EXPECT_THAT(refusal("sort=distance"), HasSubstr("lon, lat and radius_m"));
    EXPECT_THAT(refusal("after=zzz"), HasSubstr("after is zzz"));
    EXPECT_THAT(refusal("facets=price"), HasSubstr("class, star, state, district, commune"));
    EXPECT_THAT(refusal("q=" + std::string(100'000, 'a')), HasSubstr("at most 200 characters"));
    EXPECT_THAT(refusal("q=a&q=b"), HasSubstr("given once"));
}

TEST(ProductRequestTest, BadUtf8IsRefusedByName) {
    EXPECT_THAT(refusal("q=%FF%FE"), HasSubstr("UTF-8"));
    EXPECT_THAT(refusal("q=%zz"), HasSubstr("percent-encoded"));
}

TEST(NextAddressTest, ReplacesTheCursorAndKeepsTheRest) {
    http::Request request;
    request.path = "/api/products";
    request.raw_query = "q=k%E1%BA%B9o&after=old&limit=5";
    EXPECT_EQ(api::rest::next_address(request, "NEW"), "/api/products?q=k%E1%BA%B9o&limit=5&after=NEW");
}

TEST(JsonWriterTest, WritesWhatAParserReadsBack) {
    api::rest::JsonWriter json;
    json.begin_object().member("a", 1).member("b", "q\"\\\n\xFF ừ").key("c").begin_array().value(1.5).value(true).null().end_array();
    json.key("d").begin_object().end_object().text_or_null("e", "").key("f").raw("[1]").member("g", 0.1).member("h", 2.0).end_object();
    auto const parsed = gis_core::parse_json(json.text(), "the text");
    EXPECT_EQ(parsed.at("b").get<std::string>(), "q\"\\\n\uFFFD ừ");
    EXPECT_EQ(gis_core::to_text(parsed.at("c")), "[1.5,true,null]");
    EXPECT_TRUE(parsed.at("e").is_null());
    EXPECT_EQ(parsed.at("g").get<double>(), 0.1);
    EXPECT_EQ(gis_core::to_text(parsed.at("h")), "2");
}

TEST(CsvTest, QuotesAsRfc4180Says) {
    std::string line;
    api::rest::append_csv_field(line, "Kẹo \"dừa\", loại 1");
    EXPECT_EQ(line, "\"Kẹo \"\"dừa\"\", loại 1\"");
}

TEST(CacheableTest, UnchangedBytesAreNotSentAgain) {
    http::Request request;
    request.method = "GET";
    auto const first = api::rest::cacheable(request, "application/json", "{}");
    request.headers.add("If-None-Match", std::string{*first.headers.find("ETag")});
    EXPECT_EQ(api::rest::cacheable(request, "application/json", "{}").status, 304);
    EXPECT_EQ(api::rest::cacheable(request, "application/json", "{ }").status, 200);
}

/// The document and the route table name the same addresses, both ways.
TEST(OpenApiTest, HoldsTheRouteTable) {
    gis_core::db::Pool pool{{}};  // opens no connection
    auto const catalogue = gis_core::layers::Catalogue::load(std::string{OCOPMAP_SOURCE_DIR} + "/data/layers.toml");
    api::Config const config = [] {
        api::Config at;
        at.data_dir = std::string{OCOPMAP_SOURCE_DIR} + "/data";
        return at;
    }();
    api::Context context{.pool = pool, .catalogue = catalogue, .config = config, .accepting = {}, .server_metrics = {}};
    http::Router router;
    api::add_rest_routes(router, context);
    std::set<std::string> routed;
    for (auto const& pattern : router.patterns()) routed.insert(pattern);

    std::ifstream file{std::string{OCOPMAP_SOURCE_DIR} + "/api/rest/openapi.json"};
    auto const document = gis_core::parse_json(std::string{std::istreambuf_iterator<char>{file}, {}}, "openapi.json");
    EXPECT_TRUE(document.at("openapi").get<std::string>().starts_with("3.1"));
    std::set<std::string> documented, operations;
    for (auto const& [path, methods] : document.at("paths").items()) {
        for (auto const& [method, operation] : methods.items()) {
            std::string upper;
            for (char const c : method) upper += static_cast<char>(c - 'a' + 'A');
            documented.insert(upper + " " + path);
            EXPECT_TRUE(operations.insert(operation.at("operationId").get<std::string>()).second) << path;
        }
    }
    EXPECT_EQ(documented, routed);
}

/// Every $ref of the document leads somewhere.
TEST(OpenApiTest, HasNoDanglingReference) {
    std::ifstream file{std::string{OCOPMAP_SOURCE_DIR} + "/api/rest/openapi.json"};
    auto const document = gis_core::parse_json(std::string{std::istreambuf_iterator<char>{file}, {}}, "openapi.json");
    std::vector<Json const*> open{&document};
    while (!open.empty()) {
        auto const* node = open.back();
        open.pop_back();
        if (!node->is_structured()) continue;
        if (node->is_object() && node->contains("$ref")) {
            auto const target = node->at("$ref").get<std::string>().substr(1);
            EXPECT_TRUE(document.contains(Json::json_pointer{target})) << target;
        }
        for (auto const& child : *node) open.push_back(&child);
    }
}

}  // namespace
