// OGC API - Features Part 4 (20-002r1) over the record: each test names the requirement it holds us to.
#include "tests/integration/api/people.hpp"

namespace {

using gis_core::Json;
using testing::HasSubstr;

constexpr auto kZones = "/ogc/record/collections/zones";

class RecordFeaturesTest : public test_support::WithPeople {
protected:
    Json zone(char const* code) {
        auto const place =
            database.value(fmt::format("SELECT format('%s %s', ST_X(p), ST_Y(p)) FROM (SELECT ST_PointOnSurface(geom) p FROM geo.admin_unit WHERE level = "
                                       "'commune' AND valid_to IS NULL AND code = '{}') x",
                                       kHere));
        auto const lon = std::stod(place), lat = std::stod(place.substr(place.find(' ')));
        Json const ring{{lon, lat}, {lon + 0.001, lat}, {lon + 0.001, lat + 0.001}, {lon, lat}};
        return {{"type", "Feature"},
                {"geometry", {{"type", "Polygon"}, {"coordinates", Json::array({ring})}}},
                {"properties", {{"code", code}, {"name", "Vùng dừa thử"}, {"crop", "coconut"}, {"valid_from", "2026-01-01"}}}};
    }
    static std::string etag(http::Response const& response) { return std::string{response.headers.find("ETag").value_or("")}; }
};

TEST_F(RecordFeaturesTest, CreateReplaceUpdateDelete_LeaveTheRecordAsTheySay) {  // /req/create-replace-delete/*, /req/update/*
    auto const officer = person("R04", kHere);
    auto const made = send(officer, "POST", std::string{kZones} + "/items", zone("THU-1"));
    ASSERT_EQ(made.status, 201) << test_support::Api::text(made);
    auto const location = std::string{made.headers.find("Location").value_or("")};
    auto const path = location.substr(location.find("/ogc/"));
    auto const key = path.substr(path.rfind('/') + 1);
    EXPECT_EQ(read(made).at("id").dump(), key);
    EXPECT_EQ(database.value("SELECT name FROM geo.zone WHERE zone_key = " + key), "Vùng dừa thử");
    EXPECT_EQ(database.value("SELECT role FROM audit.entry WHERE object = 'geo.zone' AND row_key = '" + key + "' ORDER BY 1 LIMIT 1"), "ocopmap_r04");

    // What was read can be sent back, with a change.
    auto const got = send(officer, "GET", path);
    auto feature = read(got);
    feature["properties"]["name"] = "Vùng dừa thử hai";
    auto const replaced = send(officer, "PUT", path, feature, {{"If-Match", etag(got)}});
    ASSERT_EQ(replaced.status, 200) << test_support::Api::text(replaced);
    EXPECT_EQ(database.value("SELECT name FROM geo.zone WHERE zone_key = " + key), "Vùng dừa thử hai");
    EXPECT_EQ(read(replaced).at("geometry"), feature.at("geometry"));

    auto const patched = send(officer, "PATCH", path, {{"properties", {{"farmer_count", 7}}}}, {{"If-Match", etag(replaced)}});
    ASSERT_EQ(patched.status, 200) << test_support::Api::text(patched);
    EXPECT_EQ(database.value("SELECT farmer_count || name FROM geo.zone WHERE zone_key = " + key), "7Vùng dừa thử hai");

    EXPECT_EQ(send(officer, "DELETE", path, nullptr, {{"If-Match", etag(patched)}}).status, 204);
    EXPECT_EQ(database.value("SELECT retired_at IS NOT NULL FROM geo.zone WHERE zone_key = " + key), "t");
    EXPECT_EQ(send(officer, "GET", path).status, 404);
    auto const left = get(officer, std::string{kZones} + "/items?limit=1000");
    for (auto const& one : left.at("features")) EXPECT_NE(one.at("id").dump(), key);
}

TEST_F(RecordFeaturesTest, OptimisticLockingEtags_TheSecondWriterIsTold) {  // /req/optimistic-locking-etags/*
    auto const officer = person("R04", kHere);
    auto const made = send(officer, "POST", std::string{kZones} + "/items", zone("THU-2"));
    ASSERT_EQ(made.status, 201) << test_support::Api::text(made);
    auto const path = std::string{kZones} + "/items/" + read(made).at("id").dump();
    Json const change{{"properties", {{"farmer_count", 1}}}};
    EXPECT_EQ(send(officer, "PATCH", path, change).status, 428);
    EXPECT_EQ(send(officer, "PATCH", path, change, {{"If-Match", etag(made)}}).status, 200);
    EXPECT_EQ(send(officer, "PATCH", path, change, {{"If-Match", etag(made)}}).status, 412);
    EXPECT_EQ(send(officer, "DELETE", path, nullptr, {{"If-Match", etag(made)}}).status, 412);
}

TEST_F(RecordFeaturesTest, Crs_AHeaderSaysVn2000) {  // /req/features/crs (Content-Crs)
    auto const officer = person("R04", kHere);
    auto feature = zone("THU-3");
    auto const metres = database.value("SELECT ST_AsGeoJSON(ST_Transform(ST_SetSRID(ST_GeomFromGeoJSON('" + gis_core::to_text(feature["geometry"]) +
                                       "'), 4326), 990210), 9, 0)");
    auto in_metres = feature;
    in_metres["geometry"] = gis_core::parse_json(metres, "geometry");
    auto const made = send(officer, "POST", std::string{kZones} + "/items", in_metres, {{"Content-Crs", "<http://www.opengis.net/def/crs/EPSG/0/9210>"}});
    ASSERT_EQ(made.status, 201) << test_support::Api::text(made);
    auto const distance = database.value("SELECT ST_HausdorffDistance(geom, ST_SetSRID(ST_GeomFromGeoJSON('" + gis_core::to_text(feature["geometry"]) +
                                         "'), 4326)) FROM geo.zone WHERE zone_key = " + read(made).at("id").dump());
    EXPECT_LT(std::stod(distance), 1e-8);
    EXPECT_EQ(send(officer, "POST", std::string{kZones} + "/items", zone("THU-4"), {{"Content-Crs", "<http://www.opengis.net/def/crs/EPSG/0/32648>"}}).status,
              400);
}

// OGC API - Features Part 5 (23-058r1), /req/returnables-and-receivables/*, /req/schemas/properties.
TEST_F(RecordFeaturesTest, Schema_SaysWhatIsReturnedAndWhatIsReceived) {
    auto const officer = person("R04", kHere), inspector = person("R14", "86");
    auto const listed = get(officer, "/ogc/record/collections").at("collections");
    EXPECT_GT(listed.size(), 3U);
    for (auto const& one : listed) {
        auto const base = "/ogc/record/collections/" + one.at("id").get<std::string>();
        bool is_linked = false;
        for (auto const& link : one.at("links")) is_linked = is_linked || link.at("rel") == "http://www.opengis.net/def/rel/ogc/1.0/schema";
        EXPECT_TRUE(is_linked) << base;
        auto const schema = get(officer, base + "/schema").at("properties");
        for (auto const& [name, field] : schema.items()) {
            EXPECT_NE(field.contains("type"), field.value("format", "").starts_with("geometry-")) << base << " " << name;
            for (auto const& [keyword, value] : field.items()) EXPECT_TRUE(!keyword.starts_with("x-") || keyword.starts_with("x-ogc-")) << keyword;
        }
        auto const features = get(officer, base + "/items?limit=5").at("features");
        for (auto const& feature : features) {
            for (auto const& [name, value] : feature.at("properties").items()) EXPECT_TRUE(schema.contains(name)) << base << " " << name;
        }
    }
    auto const schema = get(officer, std::string{kZones} + "/schema"), for_reading = get(inspector, std::string{kZones} + "/schema");
    EXPECT_EQ(schema.at("properties").at("geom").at("x-ogc-role"), "primary-geometry");
    for (auto const& [name, field] : for_reading.at("properties").items()) EXPECT_TRUE(field.value("readOnly", false)) << name;
    // What is required and what is read only are what the record refuses and leaves aside.
    for (auto const& name : schema.at("required")) {
        auto feature = zone("THU-7");
        if (name == "geom") feature["geometry"] = nullptr;
        else feature["properties"].erase(name.get<std::string>());
        auto const refused = send(officer, "POST", std::string{kZones} + "/items", feature);
        EXPECT_EQ(refused.status, 400) << name;
        EXPECT_THAT(test_support::Api::text(refused), HasSubstr(name.get<std::string>()));
    }
    auto feature = zone("THU-8");
    for (auto const& [name, field] : schema.at("properties").items()) {
        if (field.value("readOnly", false) && name != "zone_key") feature["properties"][name] = nullptr;
    }
    EXPECT_EQ(send(officer, "POST", std::string{kZones} + "/items", feature).status, 201);
}

// /req/core/fc-limit-response-1 and fc-time-response of Part 1, on which Part 4 stands.
TEST_F(RecordFeaturesTest, Core_LimitAboveTheMaximumAndTimes) {
    auto const officer = person("R04", kHere);
    auto const all = get(officer, std::string{kZones} + "/items");
    EXPECT_EQ(get(officer, std::string{kZones} + "/items?limit=100000").at("numberMatched"), all.at("numberMatched"));
    EXPECT_EQ(get(officer, std::string{kZones} + "/items?datetime=2025-06-30T00:00:00Z/..").at("numberMatched"), all.at("numberMatched"));
    EXPECT_EQ(send(officer, "GET", std::string{kZones} + "/items?datetime=today").status, 400);
}

// What hangs on something keeps that when what was read is sent back.
TEST_F(RecordFeaturesTest, Replace_KeepsWhatTheRowHangsOn) {
    auto const owner_of = [&](std::string const& key) { return database.value("SELECT producer_key FROM geo.zone WHERE zone_key = " + key); };
    auto const officer = person("R04", kHere);
    auto feature = zone("THU-9");
    feature["properties"]["producer_key"] = producer(true);
    auto const made = send(officer, "POST", std::string{kZones} + "/items", feature);
    ASSERT_EQ(made.status, 201) << test_support::Api::text(made);
    auto const key = read(made).at("id").dump();
    EXPECT_EQ(owner_of(key), std::to_string(producer(true)));
    auto const got = send(officer, "GET", std::string{kZones} + "/items/" + key);
    ASSERT_EQ(send(officer, "PUT", std::string{kZones} + "/items/" + key, read(got), {{"If-Match", etag(got)}}).status, 200);
    EXPECT_EQ(owner_of(key), std::to_string(producer(true)));

    int sent_back = 0;
    auto const listed = get(officer, "/ogc/record/collections").at("collections");
    for (auto const& one : listed) {
        auto const items = "/ogc/record/collections/" + one.at("id").get<std::string>() + "/items";
        auto const page = get(officer, items + "?limit=1");
        if (!one.at("x-may-write").get<bool>() || page.at("features").empty()) continue;
        auto const address = items + "/" + page.at("features").at(0).at("id").dump();
        auto const before = send(officer, "GET", address);
        auto const after = send(officer, "PUT", address, read(before), {{"If-Match", etag(before)}});
        ASSERT_EQ(after.status, 200) << address << test_support::Api::text(after);
        auto was = read(before), is = read(after);
        for (auto* row : {&was, &is}) (*row)["properties"].erase("version"), (*row)["properties"].erase("updated_at");
        EXPECT_EQ(is, was) << address;
        ++sent_back;
    }
    EXPECT_GT(sent_back, 2);
}

TEST_F(RecordFeaturesTest, RolesAndBadInput_AreRefusedWithTheReason) {
    auto const officer = person("R04", kHere), inspector = person("R14", "86"), admin = person("R16");
    EXPECT_EQ(api.call("GET", "/ogc/record/collections").status, 401);
    EXPECT_EQ(send(inspector, "POST", std::string{kZones} + "/items", zone("THU-5")).status, 403);
    EXPECT_EQ(send(admin, "GET", std::string{kZones} + "/items").status, 404);
    EXPECT_EQ(send(officer, "GET", "/ogc/record/collections/dossiers/items").status, 404) << "no place, no collection";
    auto wrong = zone("THU-6");
    wrong["properties"]["colour"] = "green";
    auto const refused = send(officer, "POST", std::string{kZones} + "/items", wrong);
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(test_support::Api::text(refused), HasSubstr("colour"));
    wrong = zone("THU-6");
    wrong["type"] = "Polygon";
    EXPECT_EQ(send(officer, "POST", std::string{kZones} + "/items", wrong).status, 400);
    EXPECT_EQ(send(officer, "POST", std::string{kZones} + "/items", Json::array()).status, 400);
    EXPECT_EQ(number("SELECT count(*) FROM geo.zone WHERE code LIKE 'THU-%'"), 0);
    // Every collection that is listed can be read, page by page, by exactly who reads the entity.
    auto const listed = get(officer, "/ogc/record/collections").at("collections");
    EXPECT_GT(listed.size(), 3U);
    for (auto const& one : listed) {
        auto const base = "/ogc/record/collections/" + one.at("id").get<std::string>();
        auto page = get(officer, base + "/items?limit=50");
        EXPECT_EQ(page.at("numberMatched"), get(officer, "/api/records/" + one.at("id").get<std::string>() + "?limit=1").at("total"));
        EXPECT_EQ(get(officer, base + "/schema").at("properties").empty(), false);
    }
}

}  // namespace
