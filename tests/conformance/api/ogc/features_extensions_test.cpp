// OGC API - Features Parts 2 (18-058r1), 3 (19-079r2) and 5 (23-058r1), CQL2 (21-065r2) and JSON-FG (21-045r1) over plain HTTP; each test
// names the requirement it holds us to.
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
using testing::HasSubstr;

constexpr auto kEpsg = "http://www.opengis.net/def/crs/EPSG/0/";

std::string collection(std::string const& path) { return test_support::url() + "/ogc/collections/" + path; }
std::string sql(std::string const& text) { return test_support::value(test_support::database(), text); }

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

// --- Part 2

TEST(OgcCrsTest, CrsUri_EveryCollectionListsWhatItSpeaks) {  // /req/crs/crs-uri, fc-md-crs-list-A, fc-md-storageCrs
    auto const all = json(test_support::url() + "/ogc/collections");
    for (auto const& one : all["collections"]) {
        std::set<std::string> uris;
        for (auto const& uri : one["crs"]) uris.insert(uri.get<std::string>());
        for (auto const* code : {"4326", "3857", "9209", "9210", "3405", "4756"}) EXPECT_TRUE(uris.contains(std::string{kEpsg} + code)) << code;
        EXPECT_TRUE(uris.contains(one["storageCrs"].get<std::string>()));
        for (auto const& uri : uris) EXPECT_EQ(get(collection(one["id"].get<std::string>() + "/items?limit=1&crs=" + uri)).status, 200) << uri;
    }
}

TEST(OgcCrsTest, FcCrsAction_CoordinatesAreTransformedInTheirAxisOrder) {  // /req/crs/fc-crs-action, ogc-crs-header, geojson
    auto const key = sql("SELECT min(producer_key) FROM pub.producer WHERE geom IS NOT NULL");
    struct Case {
        std::string code, x, y;
    };
    for (auto const& [code, x, y] :
         {Case{"4326", "ST_Y(geom)", "ST_X(geom)"}, Case{"4756", "ST_Y(ST_Transform(geom, 985756))", "ST_X(ST_Transform(geom, 985756))"},
          Case{"3857", "ST_X(ST_Transform(geom, 3857))", "ST_Y(ST_Transform(geom, 3857))"},
          Case{"9210", "ST_X(ST_Transform(geom, 990210))", "ST_Y(ST_Transform(geom, 990210))"},
          Case{"9209", "ST_X(ST_Transform(geom, 990209))", "ST_Y(ST_Transform(geom, 990209))"},
          Case{"3405", "ST_X(ST_Transform(geom, 984405))", "ST_Y(ST_Transform(geom, 984405))"}}) {
        auto const uri = std::string{kEpsg} + code;
        auto const reply = get(collection("producers/items/" + key + "?crs=" + uri));
        ASSERT_EQ(reply.status, 200) << reply.body;
        EXPECT_EQ(reply.header("Content-Crs"), "<" + uri + ">");
        auto const position = gis_core::parse_json(reply.body, "feature")["geometry"]["coordinates"];
        auto const from = " FROM pub.producer WHERE producer_key = " + key;
        EXPECT_NEAR(position[0].get<double>(), std::stod(sql("SELECT " + x + from)), code == "4326" || code == "4756" ? 1e-7 : 1e-3) << code;
        EXPECT_NEAR(position[1].get<double>(), std::stod(sql("SELECT " + y + from)), code == "4326" || code == "4756" ? 1e-7 : 1e-3) << code;
    }
    EXPECT_EQ(get(collection("producers/items/" + key)).header("Content-Crs"), "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>");  // fc-crs-default-value
}

TEST(OgcCrsTest, FcCrsValidValue_AnotherIsRefusedWithTheList) {  // /req/crs/fc-crs-valid-value, fc-bbox-crs-valid-value
    for (auto const* parameter : {"crs=EPSG:32648", "bbox=0,0,1,1&bbox-crs=EPSG:32648", "filter=TRUE&filter-crs=x"}) {
        auto const reply = get(collection(std::string{"products/items?"} + parameter));
        EXPECT_EQ(reply.status, 400) << parameter;
        EXPECT_THAT(reply.body, HasSubstr("EPSG/0/9210")) << parameter;
    }
}

TEST(OgcCrsTest, FcBboxCrsAction_OneBoxInEverySystem) {  // /req/crs/fc-bbox-crs-action
    auto const expected = json(collection("zones/items?limit=1&bbox=106.3,10.1,106.4,10.2"))["numberMatched"];
    EXPECT_GT(expected.get<int>(), 0);
    EXPECT_EQ(json(collection("zones/items?limit=1&bbox=10.1,106.3,10.2,106.4&bbox-crs=" + std::string{kEpsg} + "4326"))["numberMatched"], expected);
    auto const box =
        sql("SELECT format('%s,%s,%s,%s', ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b)) FROM (SELECT "
            "ST_Transform(ST_MakeEnvelope(106.3,10.1,106.4,10.2,4326), 3857) b) x");
    EXPECT_EQ(json(collection("zones/items?limit=1&bbox=" + box + "&bbox-crs=" + kEpsg + "3857"))["numberMatched"], expected);
}

// --- Part 3 and CQL2

TEST(OgcFilterTest, FilterParam_TextAndJsonFindTheSame) {  // /req/filter/filter-param, filter-lang-param, mixing-expressions
    auto const expected = sql("SELECT count(*) FROM pub.product WHERE star >= 4 AND certificate_state = 'valid'");
    EXPECT_EQ(json(collection("products/items?limit=1&certificate_state=valid&filter=star%3E%3D4"))["numberMatched"].dump(), expected);
    EXPECT_EQ(json(collection("products/"
                              "items?limit=1&filter-lang=cql2-json&filter=%7B%22op%22%3A%22and%22%2C%22args%22%3A%5B%7B%22op%22%3A%22%3E%3D%22%2C%22args%22%3A%"
                              "5B%7B%22property%22%3A%22star%22%7D%2C4%5D%7D%2C%7B%22op%22%3A%22%3D%22%2C%22args%22%3A%5B%7B%22property%22%3A%22certificate_"
                              "state%22%7D%2C%22valid%22%5D%7D%5D%7D"))["numberMatched"]
                  .dump(),
              expected);
}

TEST(OgcFilterTest, FilterOnPages_TheLinksKeepIt) {  // /req/features-filter/filter-param with /req/core/fc-links
    auto page = json(collection("products/items?limit=50&filter=star%3D4&sortby=-name&properties=name,star&skipGeometry=true"));
    auto const matched = page["numberMatched"].get<std::size_t>();
    std::set<std::int64_t> met;
    std::string last;
    for (;;) {
        for (auto const& feature : page["features"]) {
            met.insert(feature["id"].get<std::int64_t>());
            EXPECT_EQ(feature["properties"]["star"], 4);
            EXPECT_EQ(feature["properties"].size(), 2U);
            EXPECT_TRUE(feature["geometry"].is_null());
        }
        auto const next = link(page, "next");
        if (next.empty()) break;
        page = json(next);
    }
    EXPECT_EQ(met.size(), matched);
    EXPECT_EQ(std::to_string(matched), sql("SELECT count(*) FROM pub.product WHERE star = 4"));
    EXPECT_EQ(json(link(page, "prev"))["features"].size(), 50U);
}

TEST(OgcFilterTest, ArrayFunctions_OverAnArrayOfTheFeatures) {  // CQL2 /req/array-functions/array-predicates
    std::string const classes = "(SELECT array_agg(class_code::text) FROM pub.product p WHERE p.producer_key = m.producer_key)";
    for (auto const& [function, sign] : {std::pair{"CONTAINS", "@>"}, {"OVERLAPS", "&&"}}) {
        auto const page = json(collection("producers/items?limit=1000&filter=A_" + std::string{function} + "(class_codes,(%27I.3.c%27,%27I.4.a%27))"));
        EXPECT_EQ(std::to_string(page["numberMatched"].get<int>()),
                  sql("SELECT count(*) FROM pub.producer m WHERE " + classes + " " + sign + " ARRAY['I.3.c', 'I.4.a']"));
        EXPECT_GT(page["features"].size(), 0U) << function;
        for (auto const& feature : page["features"]) EXPECT_TRUE(feature["properties"]["class_codes"].is_array());
    }
    EXPECT_EQ(get(collection("producers/items?class_codes=I.3.c")).status, 400) << "an array is no simple value";
    EXPECT_EQ(get(collection("producers/items?sortby=class_codes")).status, 400);
    auto const csv = get(collection("producers/items?f=csv&limit=1&properties=class_codes&filter=A_CONTAINS(class_codes,(%27I.3.c%27,%27I.4.a%27))")).body;
    EXPECT_THAT(csv, testing::ContainsRegex("I\\.3\\.c;.*I\\.4\\.a"));
}

TEST(OgcFilterTest, FilterInvalid_NamesPlaceAndExpectation) {  // /req/filter/response-400
    auto const reply = get(collection("products/items?filter=star%20%3E%20%27x%27"));
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.body, HasSubstr("character 8"));
    EXPECT_THAT(reply.body, HasSubstr("a number"));
}

TEST(OgcFilterTest, Functions_EachOneListedCanBeCalled) {  // /req/functions/functions
    auto const document = json(test_support::url() + "/ogc/functions");
    for (auto const& one : document["functions"]) {
        auto const type = one["arguments"][0]["type"][0].get<std::string>();
        auto const* argument = type == "number" ? "star" : type == "string" ? "name" : "registered_on";
        auto const reply = get(collection("products/items?limit=1&filter=" + one["name"].get<std::string>() + "(" + argument + ")%20IS%20NOT%20NULL"));
        EXPECT_EQ(reply.status, 200) << one << reply.body;
    }
}

// --- Part 5

TEST(OgcSchemaTest, Schemas_NameWhatFeaturesHave) {  // /req/schemas/properties, additional-keywords, /req/returnables-and-receivables/link, op
    auto const all = json(test_support::url() + "/ogc/collections");
    for (auto const& one : all["collections"]) {
        auto const id = one["id"].get<std::string>();
        auto const schema = json(link(one, "describedby"));
        auto const queryables = json(link(one, "http://www.opengis.net/def/rel/ogc/1.0/queryables"));
        auto const sortables = json(link(one, "http://www.opengis.net/def/rel/ogc/1.0/sortables"));
        EXPECT_EQ(link(one, "http://www.opengis.net/def/rel/ogc/1.0/schema"), link(one, "describedby"));
        for (auto const* document : {&schema, &queryables, &sortables}) {
            EXPECT_EQ((*document)["$schema"], "https://json-schema.org/draft/2020-12/schema");
            EXPECT_EQ(get((*document)["$id"].get<std::string>(), {{"Accept", "application/schema+json"}}).header("Content-Type"), "application/schema+json");
            for (auto const& [name, field] : (*document)["properties"].items()) {
                bool const is_spatial = field.value("format", "").starts_with("geometry-");
                EXPECT_NE(field.contains("type"), is_spatial) << id << " " << name;
                for (auto const& [keyword, value] : field.items()) EXPECT_TRUE(!keyword.starts_with("x-") || keyword.starts_with("x-ogc-")) << keyword;
            }
        }
        auto const page = json(collection(id + "/items?limit=1"));
        for (auto const& feature : page["features"]) {
            for (auto const& [name, value] : feature["properties"].items()) EXPECT_TRUE(schema["properties"].contains(name)) << id << " " << name;
        }
        for (auto const& [name, field] : sortables["properties"].items()) {
            EXPECT_TRUE(schema["properties"].contains(name)) << id << " " << name;
            EXPECT_EQ(get(collection(id + "/items?limit=2&sortby=-" + name)).status, 200) << id << " " << name;
        }
        for (auto const& [name, field] : queryables["properties"].items()) {
            EXPECT_TRUE(schema["properties"].contains(name)) << id << " " << name;
            EXPECT_EQ(get(collection(id + "/items?limit=1&filter=%22" + name + "%22%20IS%20NULL")).status, 200) << id << " " << name;
        }
        int geometries = 0;
        for (auto const& [name, field] : schema["properties"].items()) geometries += field.value("x-ogc-role", "") == "primary-geometry" ? 1 : 0;
        EXPECT_EQ(geometries, 1) << id;
    }
}

TEST(OgcSchemaTest, ProfileParameter_TheFirstThatTheRepresentationHas) {  // /req/profile-parameter/profile-param, profile-param-response
    std::string const registered = "http://www.opengis.net/def/profile/OGC/0/";
    for (auto const* path : {"zones/items?limit=1&", "zones/items/1?"}) {
        auto const profile = [&](std::string const& query) { return link(json(collection(path + query)), "profile"); };
        EXPECT_EQ(profile("f=json"), registered + "rfc7946");
        EXPECT_EQ(profile("f=json&profile=jsonfg,rfc7946"), registered + "rfc7946");
        EXPECT_EQ(profile("f=json&profile=jsonfg"), registered + "rfc7946") << "GeoJSON has no other";
        EXPECT_EQ(profile("f=json&crs=EPSG:9210"), "") << "RFC 7946 knows CRS84 only";
        EXPECT_EQ(profile("f=jsonfg"), registered + "jsonfg");
        EXPECT_EQ(profile("f=jsonfg&profile=rfc7946,jsonfg-plus,jsonfg"), registered + "jsonfg-plus");
        EXPECT_EQ(profile("f=jsonfg&profile=" + registered + "jsonfg-plus"), registered + "jsonfg-plus");
        auto const refused = get(collection(path + std::string{"profile=rel-as-link"}));
        EXPECT_EQ(refused.status, 400);
        EXPECT_THAT(refused.body, HasSubstr("jsonfg-plus"));
    }
    EXPECT_EQ(get(collection("zones/items?f=html&profile=jsonfg")).status, 200);
}

// --- JSON-FG

TEST(JsonFgTest, Core_PlaceInAnotherCrsAndTime) {  // /req/core/place, time, coordRefSys, profile
    auto const place = json(collection("communes/items?limit=3&f=jsonfg&crs=" + std::string{kEpsg} + "9210&datetime=2025-06-30"));
    EXPECT_EQ(place["coordRefSys"], std::string{kEpsg} + "9210");
    EXPECT_EQ(place["conformsTo"][0], "http://www.opengis.net/spec/json-fg-1/0.3/conf/core");
    for (auto const& feature : place["features"]) {
        EXPECT_EQ(feature["place"]["type"], "MultiPolygon");
        EXPECT_TRUE(feature["geometry"].is_null());
        EXPECT_EQ(feature["time"]["interval"][0], feature["properties"]["valid_from"]);
        EXPECT_EQ(feature["time"]["interval"][1], sql("SELECT date '" + feature["properties"]["valid_to"].get<std::string>() + "' - 1"))
            << "closed: the last day in force";
    }
    auto const both = json(collection("communes/items?limit=1&f=jsonfg&profile=jsonfg-plus&crs=EPSG:9210"));
    EXPECT_FALSE(both["features"][0]["geometry"].is_null());
    auto const plain = get(collection("producers/items?limit=1"), {{"Accept", "application/vnd.ogc.fg+json"}});
    EXPECT_THAT(plain.header("Content-Type"), HasSubstr("application/vnd.ogc.fg+json"));
    auto const feature = gis_core::parse_json(plain.body, "features")["features"][0];
    EXPECT_TRUE(feature["place"].is_null());
    EXPECT_EQ(feature["geometry"]["type"], "Point");
}

}  // namespace
