#include "api/ogc/documents.hpp"
#include "api/ogc/geojson.hpp"
#include "api/ogc/html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace api::ogc {
namespace {

using gis_core::Json;

gis_core::layers::Catalogue const& catalogue() {
    static auto const loaded = gis_core::layers::Catalogue::load(OCOPMAP_DATA_DIR "/layers.toml");
    return loaded;
}

std::set<std::string> relations(Json const& links) {
    std::set<std::string> found;
    for (auto const& link : links) found.insert(link["rel"].get<std::string>());
    return found;
}

// /req/core/root-success
TEST(OgcDocumentsTest, TheLandingPageLinksToDescriptionConformanceAndData) {
    auto const page = landing_page("https://example.vn", "en", {});
    EXPECT_THAT(relations(page["links"]), testing::IsSupersetOf({"self", "alternate", "service-desc", "service-doc", "conformance", "data"}));
}

// /req/core/fc-md-success, /req/core/fc-md-items-links, /req/core/fc-md-extent
TEST(OgcDocumentsTest, ACollectionSaysItsExtentAndLinksToItsItems) {
    Extent const extent{{"106.02", "9.79", "106.79", "10.34"}, "2009-04-01", ""};
    auto const said = collection("https://example.vn", "vi", *catalogue().find("communes"), extent, {true, true, "nguồn", "source"});
    EXPECT_EQ(said["id"], "communes");
    EXPECT_EQ(said["extent"]["spatial"]["bbox"][0], Json::array({106.02, 9.79, 106.79, 10.34}));
    EXPECT_EQ(said["extent"]["temporal"]["interval"][0][0], "2009-04-01T00:00:00+07:00");
    EXPECT_TRUE(said["extent"]["temporal"]["interval"][0][1].is_null());
    EXPECT_EQ(said["storageCrs"], kCrs84);
    EXPECT_THAT(said["description"].get<std::string>(), testing::HasSubstr("dữ liệu mẫu"));
    std::set<std::string> item_types;
    for (auto const& link : said["links"]) {
        if (link["rel"] == "items") item_types.insert(link["type"].get<std::string>());
    }
    EXPECT_THAT(item_types, testing::ElementsAre(kGeoJson, kJsonFg, kHtml));
}

// /req/oas30/oas-definition-2: every reference of the document resolves, every operation has an id of its own.
TEST(OgcDocumentsTest, TheOpenApiDocumentIsWholeInItself) {
    auto const document = openapi("https://example.vn", "vi", catalogue());
    EXPECT_EQ(document["openapi"], "3.0.3");
    std::set<std::string> ids;
    for (auto const& [path, item] : document["paths"].items()) {
        EXPECT_TRUE(ids.insert(item["get"]["operationId"].get<std::string>()).second) << path;
        EXPECT_TRUE(item["get"]["responses"].contains("200")) << path;
        for (auto const& parameter : item["get"]["parameters"]) {
            ASSERT_TRUE(parameter.is_object()) << path;
            EXPECT_TRUE(parameter.contains("$ref") || (parameter.contains("name") && parameter.contains("in") && parameter.contains("schema"))) << path;
        }
    }
    EXPECT_EQ(ids.size(), 5 + 6 * catalogue().layers().size() + 24);  // tiles, maps and styles
    int references = 0;
    std::function<void(Json const&)> const look = [&](Json const& value) {
        if (value.is_object() && value.contains("$ref")) {
            ++references;
            EXPECT_TRUE(document.contains(Json::json_pointer{value["$ref"].get<std::string>().substr(1)})) << value.dump();
        }
        if (value.is_structured()) {
            for (auto const& [key, member] : value.items()) look(member);
        }
    };
    look(document);
    EXPECT_GT(references, 50);
    // /req/core/fc-limit-definition
    EXPECT_EQ(document["components"]["parameters"]["limit"]["schema"]["maximum"], kMaximumLimit);
}

TEST(OgcDocumentsTest, QueryablesAreTheFiltersOfTheLayer) {
    auto const schema = schema_of_collection("https://example.vn", "en", *catalogue().find("products"), SchemaKind::queryables);
    EXPECT_EQ(schema["properties"]["star"]["type"], "integer");
    EXPECT_EQ(schema["properties"]["registered_on"]["format"], "date");
    auto const producers = schema_of_collection("", "en", *catalogue().find("producers"), SchemaKind::queryables)["properties"];
    EXPECT_EQ(producers["class_codes"]["type"], "array");
    EXPECT_EQ(producers["class_codes"]["items"]["type"], "string");
    EXPECT_FALSE(schema_of_collection("", "en", *catalogue().find("producers"), SchemaKind::sortables)["properties"].contains("class_codes"));
    auto const communes = [](SchemaKind kind) { return schema_of_collection("", "en", *catalogue().find("communes"), kind)["properties"]; };
    EXPECT_FALSE(communes(SchemaKind::queryables).contains("products"));
    EXPECT_FALSE(communes(SchemaKind::sortables).contains("geometry_source"));
    EXPECT_TRUE(communes(SchemaKind::returnables).contains("geometry_source"));
    EXPECT_EQ(communes(SchemaKind::returnables)["valid_to"]["x-ogc-role"], "primary-interval-end");
    EXPECT_EQ(communes(SchemaKind::returnables)["geom"]["format"], "geometry-multipolygon");
}

// /req/queryables-query-parameters/parameters: of what has a simple value.
TEST(OgcDocumentsTest, AnArrayIsNoParameter) {
    auto const document = openapi("https://example.vn", "vi", catalogue());
    std::set<std::string> names;
    for (auto const& parameter : document["paths"]["/ogc/collections/producers/items"]["get"]["parameters"]) names.insert(parameter.value("name", ""));
    EXPECT_TRUE(names.contains("kind"));
    EXPECT_FALSE(names.contains("class_codes"));
}

TEST(OgcGeoJsonTest, AnArrayIsAnArray) {
    std::vector<gis_core::layers::Attribute const*> const columns{catalogue().find("producers")->find_attribute("class_codes")};
    for (auto const& [cell, wanted] : {std::pair{R"({I.1.a,"a, b"})", R"(["I.1.a","a, b"])"}, {"{}", "[]"}}) {
        std::string text, row;
        append_feature(text, {"7", std::nullopt, {cell}}, columns);
        EXPECT_EQ(gis_core::parse_json(text + "}", "feature")["properties"]["class_codes"], gis_core::parse_json(wanted, "wanted"));
        append_table_row(row, "vi", "/items", {"7", std::nullopt, {cell}}, columns);
        EXPECT_THAT(row, testing::Not(testing::HasSubstr("{")));
    }
}

// /req/geojson/content
TEST(OgcGeoJsonTest, AFeatureIsJsonWhateverTheTextsHold) {
    auto const columns = properties(*catalogue().find("zones"));
    ASSERT_EQ(columns.size(), 7U);
    FeatureRow const row{"7", R"({"type":"Point","coordinates":[106,10]})", {"A\"1", "Dừa\n\xFF", std::nullopt, "12.50", "2025-07-01", std::nullopt, "t"}};
    std::string text;
    append_feature(text, row, columns);
    auto const feature = gis_core::parse_json(text + "}", "feature");
    EXPECT_EQ(feature["id"], 7);
    EXPECT_EQ(feature["geometry"]["coordinates"][0], 106);
    EXPECT_EQ(feature["properties"]["code"], "A\"1");
    EXPECT_EQ(feature["properties"]["area_ha"], 12.5);
    EXPECT_EQ(feature["properties"]["valid_from"], "2025-07-01");
    EXPECT_TRUE(feature["properties"]["valid_to"].is_null());
    EXPECT_EQ(feature["properties"]["is_demo"], true);
}

TEST(OgcLinksTest, KeepParametersAndEncodeThem) {
    http::Request request;
    request.path = "/ogc/collections/products/items";
    request.query = http::Query::parse("name=k%E1%BA%B9o%20%26&after=3&limit=5");
    request.headers.add("Host", "example.vn");
    EXPECT_EQ(with_parameters(request, {{"after", "9"}, {"f", "json"}}),
              "http://example.vn/ogc/collections/products/items?name=k%E1%BA%B9o%20%26&limit=5&after=9&f=json");
    EXPECT_EQ(with_parameters(request, {{"after", ""}, {"name", ""}}), "http://example.vn/ogc/collections/products/items?limit=5");
}

// /req/html/content
TEST(OgcHtmlTest, NothingFromOutsideBecomesMarkup) {
    EXPECT_EQ(escape_html("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
    auto const columns = properties(*catalogue().find("rivers"));
    std::string row;
    append_table_row(row, "vi", "/ogc/collections/rivers/items", {"1", std::nullopt, {"<script>", std::nullopt}}, columns);
    EXPECT_THAT(row, testing::Not(testing::HasSubstr("<script>")));
}

}  // namespace
}  // namespace api::ogc
