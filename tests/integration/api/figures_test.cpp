#include "tests/integration/api/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

/// Statistics, suggestions, distances and places against PostGIS and plain SQL.
namespace {

using gis_core::Json;
using test_support::Api;
using testing::HasSubstr;

class FiguresTest : public ::testing::Test {
protected:
    Api api{test_support::database()};

    double total(std::string const& frame, std::string const& rest) { return statistics(frame, rest).at("total").get<double>(); }
    Json statistics(std::string const& frame, std::string const& rest) {
        auto answer = api.json("/api/statistics/units?frame=" + frame + "&" + rest);
        double sum = 0;
        for (auto const& unit : answer.at("units")) sum += unit.at("value").get<double>();
        EXPECT_NEAR(sum, answer.at("total").get<double>(), 1e-6) << frame << " " << rest;
        return answer;
    }
};

TEST_F(FiguresTest, TotalsAreEqualInEveryFrameOnAnyDate) {
    std::mt19937 random{20250701};
    std::uniform_int_distribution<int> month{0, 70}, day{1, 28};
    for (int i = 0; i < 12; ++i) {
        auto const m = month(random);
        auto const at = fmt::format("{:04}-{:02}-{:02}", 2022 + m / 12, 1 + m % 12, day(random));
        for (auto const* measure : {"products", "producers", "stars", "zone_area_ha"}) {
            for (auto const* state : {"in_force", "all"}) {
                auto const rest = fmt::format("measure={}&state={}&at={}", measure, state, at);
                auto const reference = total("commune-new", rest);
                for (auto const* frame : {"commune-old", "district-old", "commune@2025-06-30", "commune@2025-03-15", "province@2025-06-30"}) {
                    EXPECT_EQ(total(frame, rest), reference) << frame << " " << rest;
                }
            }
        }
    }
}

TEST_F(FiguresTest, TotalsAreWhatPlainSqlCounts) {
    for (std::string const at : {"2024-02-29", "2025-06-30", "2026-06-30"}) {
        auto const in_force = fmt::format(
            "FROM ocop.certificate c JOIN ocop.product p USING (product_key) JOIN ocop.producer m ON m.producer_key = p.producer_key WHERE p.is_published AND "
            "m.is_published "
            "AND p.registered_on <= '{0}' AND c.issued_on <= '{0}' AND c.valid_to > '{0}' AND coalesce(c.revoked_on > '{0}', true)",
            at);
        EXPECT_EQ(total("district-old", "at=" + at), std::stod(test_support::value(api.owner, "SELECT count(*) " + in_force)));
        EXPECT_EQ(total("district-old", "measure=stars&at=" + at), std::stod(test_support::value(api.owner, "SELECT coalesce(sum(star), 0) " + in_force)));
        EXPECT_EQ(total("commune-old", "measure=producers&at=" + at),
                  std::stod(test_support::value(api.owner, "SELECT count(DISTINCT m.producer_key) " + in_force)));
        EXPECT_NEAR(total("commune-new", "measure=zone_area_ha&at=" + at),
                    std::stod(test_support::value(api.owner, fmt::format("SELECT coalesce(sum(ST_Area(geom::geography)), 0) / 10000 FROM geo.zone WHERE "
                                                                         "valid_from <= '{0}' AND (valid_to IS NULL OR valid_to > '{0}')",
                                                                         at))),
                    0.05);
    }
}

/// In nested frames the legal crosswalk and an overlay of the public points must say the same (for points inside a unit).
TEST_F(FiguresTest, UnitsAreWhatAnOverlayCounts) {
    std::string const at = "2026-06-30";
    for (auto const& [frame, day] : {std::pair{"commune-new", "2025-07-01"}, {"commune-old", "2025-06-30"}}) {
        std::map<std::string, long long> overlay;
        for (auto const& row : test_support::query(
                 api.owner,
                 fmt::format("SELECT u.code, count(*) FROM ocop.certificate c JOIN ocop.product p USING (product_key) JOIN ocop.producer m ON m.producer_key = "
                             "p.producer_key "
                             "JOIN geo.admin_unit u ON u.level = 'commune' AND u.valid_from <= '{1}' AND (u.valid_to IS NULL OR u.valid_to > '{1}') AND "
                             "ST_Covers(u.geom, m.facility_geom) "
                             "WHERE p.is_published AND m.is_published AND p.registered_on <= '{0}' AND c.issued_on <= '{0}' AND c.valid_to > '{0}' AND "
                             "coalesce(c.revoked_on > '{0}', true) "
                             "AND m.unit_match = 'inside' GROUP BY 1",
                             at, day))) {
            overlay[row[0]] = std::stoll(row[1]);
        }
        auto const elsewhere = std::stoll(test_support::value(
            api.owner, "SELECT count(*) FROM ocop.product JOIN ocop.producer m USING (producer_key) WHERE m.unit_match IS DISTINCT FROM 'inside'"));
        long long difference = 0;
        for (auto const whole = statistics(frame, "at=" + at); auto const& unit : whole.at("units")) {
            if (!unit.at("code").is_null()) difference += std::llabs(unit.at("value").get<long long>() - overlay[unit.at("code").get<std::string>()]);
        }
        EXPECT_LE(difference, elsewhere) << frame;
    }
}

TEST_F(FiguresTest, WhatHasNoPlaceStandsInARowOfItsOwn) {
    test_support::TestDatabase const db{test_support::TestDatabase::From::demo};
    db.execute(
        "INSERT INTO ocop.producer (name, kind, registered_on) VALUES ('Không rõ nơi', 'company', '2025-01-01');"
        "INSERT INTO ocop.product (producer_key, name, registered_on) SELECT max(producer_key), 'Kẹo lạc', '2025-01-01' FROM ocop.producer;"
        "INSERT INTO ocop.certificate (product_key, star, issued_on, valid_to) SELECT max(product_key), 3, '2025-01-01', '2028-01-01' FROM ocop.product");
    Api own{db.conninfo()};
    for (auto const* frame : {"commune-new", "commune-old", "district-old", "province"}) {
        auto const answer = own.json(fmt::format("/api/statistics/units?at=2026-06-30&frame={}", frame));
        auto const& last = answer.at("units").back();
        EXPECT_TRUE(last.at("code").is_null());
        EXPECT_EQ(last.at("value").get<int>(), 1);
    }
    EXPECT_EQ(own.json("/api/products?unit=none&at=2026-06-30").at("total").get<int>(), 1);
}

TEST_F(FiguresTest, OtherFormsSayTheSame) {
    auto const json = api.json("/api/statistics/units?frame=district-old");
    auto const geojson = api.json("/api/statistics/units?frame=district-old&f=geojson");
    EXPECT_EQ(geojson.at("total"), json.at("total"));
    EXPECT_EQ(geojson.at("features").size(), json.at("units").size());
    auto const csv = Api::text(api.call("GET", "/api/statistics/units?frame=district-old&f=csv"));
    EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), json.at("units").size() + 1);
    EXPECT_TRUE(Api::text(api.call("GET", "/api/statistics/units?frame=district-old&f=xlsx")).starts_with("PK"));
    EXPECT_THAT(api.problem(404, "/api/statistics/units?frame=commune@1990-01-01").at("detail").get<std::string>(), HasSubstr("nearest frames are"));
}

TEST_F(FiguresTest, SuggestionsForgiveAccentsAndSlips) {
    test_support::TestDatabase const db{test_support::TestDatabase::From::demo};
    for (auto const* name : {"Kẹo dừa", "Kẹo dứa", "Bánh kẹo dừa nướng"}) {
        db.execute(
            fmt::format("INSERT INTO ocop.product (producer_key, name, registered_on) SELECT min(producer_key), '{}', '2024-01-01' FROM ocop.producer", name));
    }
    Api own{db.conninfo()};
    auto const first = [&](std::string const& q) {
        auto const items = own.json("/api/suggest?q=" + q).at("items");
        return items.empty() ? std::string{"nothing"} : items[0].at("label").get<std::string>();
    };
    EXPECT_EQ(first("k%E1%BA%B9o%20d%E1%BB%ABa"), "Kẹo dừa");
    EXPECT_EQ(first("k%E1%BA%B9o%20d%E1%BB%A9a"), "Kẹo dứa");
    EXPECT_THAT(first("keo%20dua"), testing::StartsWith("Kẹo d"));
    EXPECT_THAT(first("koe%20dua"), testing::StartsWith("Kẹo d"));
    EXPECT_THAT(first("keoo%20duaa"), testing::StartsWith("Kẹo d"));
    EXPECT_EQ(own.json("/api/suggest?q=keoo%20duaa").at("understood_as").get<std::string>(), "keo dua");
    EXPECT_TRUE(own.json("/api/suggest?q=").at("items").empty());
    EXPECT_TRUE(own.json("/api/suggest?q=%25%25").at("items").empty());
}

TEST_F(FiguresTest, OldPlacesFindTodaysCommune) {
    auto const row = test_support::query(api.owner,
                                         "SELECT o.name, n.code, n.name FROM geo.admin_change c JOIN geo.admin_unit o ON o.unit_key = c.old_key JOIN "
                                         "geo.admin_unit n ON n.unit_key = c.new_key "
                                         "WHERE o.level = 'commune' AND o.valid_to = '2025-07-01' AND (SELECT count(*) FROM geo.admin_unit x WHERE x.name = "
                                         "o.name) = 1 ORDER BY o.code LIMIT 1")
                         .front();
    std::string encoded;
    for (unsigned char const c : row[0]) encoded += fmt::format("%{:02X}", c);
    bool found = false;
    for (auto const whole = api.json("/api/suggest?q=" + encoded); auto const& item : whole.at("items")) {
        if (item.at("kind") != "place" || item.at("label") != row[0]) continue;
        found = true;
        EXPECT_TRUE(item.at("is_former").get<bool>());
        EXPECT_EQ(item.at("today").at(0).at("code").get<std::string>(), row[1]);
        EXPECT_GT(api.json("/api/products?limit=1&unit=" + item.at("unit").get<std::string>()).at("items").size() + 1, 0U);  // the filter takes it
    }
    EXPECT_TRUE(found) << row[0];
}

TEST_F(FiguresTest, NearestIsWhatBruteForceFinds) {
    std::mt19937 random{7};
    std::uniform_real_distribution<double> lon{105.9, 106.9}, lat{9.7, 10.4};
    for (int i = 0; i < 15; ++i) {
        auto const x = lon(random), y = lat(random);
        for (auto const& [kind, table, key, geom] : {std::tuple{"producers", "ocop.producer", "producer_key", "public_geom"},
                                                     std::tuple{"sales-points", "ocop.sales_point", "sales_point_key", "geom"}}) {
            auto const found = api.json(fmt::format("/api/nearest?kind={}&lon={}&lat={}&limit=7&at=2026-06-30", kind, x, y)).at("items");
            auto const open = std::string{kind} == "producers" ? "is_published AND registered_on <= '2026-06-30'"
                                                               : "opened_on <= '2026-06-30' AND (closed_on IS NULL OR closed_on > '2026-06-30')";
            auto const rows = test_support::query(api.owner, fmt::format("SELECT {0}, ST_Distance({1}::geography, ST_SetSRID(ST_MakePoint({2}, {3}), "
                                                                         "4326)::geography) d FROM {4} WHERE {5} AND {1} IS NOT NULL ORDER BY d, {0} LIMIT 7",
                                                                         key, geom, x, y, table, open));
            ASSERT_EQ(found.size(), rows.size());
            for (std::size_t n = 0; n < rows.size(); ++n) EXPECT_NEAR(found[n].at("distance_m").get<double>(), std::stod(rows[n][1]), 0.001);
        }
    }
}

TEST_F(FiguresTest, UnitsAtAPositionFollowTheDate) {
    auto const row =
        test_support::query(
            api.owner,
            "SELECT ST_X(inner_point), ST_Y(inner_point), code FROM geo.admin_unit WHERE level = 'commune' AND valid_to = '2025-07-01' ORDER BY code LIMIT 1")
            .front();
    auto const before = api.json(fmt::format("/api/units/at?lon={}&lat={}&at=2025-06-30", row[0], row[1])).at("items");
    EXPECT_EQ(before.at(0).at("code").get<std::string>(), row[2]);
    EXPECT_EQ(before.size(), 3U);  // commune, district, province
    auto const after = api.json(fmt::format("/api/units/at?lon={}&lat={}&at=2025-07-01", row[0], row[1])).at("items");
    EXPECT_EQ(after.size(), 2U);
    EXPECT_EQ(after.at(0).at("valid_from").get<std::string>(), "2025-07-01");
    api.problem(404, "/api/units/at?lon=0&lat=0");
    EXPECT_THAT(api.problem(404, "/api/units/at?lon=106.3&lat=10.2&at=1990-01-01").at("detail").get<std::string>(), HasSubstr("nearest frames"));
}

TEST_F(FiguresTest, TouchedZonesShareWhatPostgisMeasures) {
    std::string const polygon = R"({"type":"Polygon","coordinates":[[[106.2,10.05],[106.6,10.1],[106.45,10.3],[106.2,10.05]]]})";
    auto const found = api.post("/api/zones/touching?at=2026-06-30&limit=1000", polygon);
    auto const rows = test_support::query(
        api.owner, "SELECT zone_key, ST_Area(ST_Intersection(geom, a)::geography) / 10000 FROM geo.zone, (SELECT ST_SetSRID(ST_GeomFromGeoJSON('" + polygon +
                       "'), 4326) a) x "
                       "WHERE valid_from <= '2026-06-30' AND (valid_to IS NULL OR valid_to > '2026-06-30') AND ST_Intersects(geom, a)");
    ASSERT_EQ(found.at("items").size(), rows.size());
    ASSERT_FALSE(rows.empty());
    std::map<std::string, double> shared;
    for (auto const& row : rows) shared[row[0]] = std::stod(row[1]);
    for (auto const& item : found.at("items")) EXPECT_NEAR(item.at("shared_ha").get<double>(), shared.at(std::to_string(item.at("id").get<long long>())), 1e-3);
}

TEST_F(FiguresTest, PressFiguresAreThoseOfTheTableAndSayWhatTheyAre) {
    auto const all = api.json("/api/published-figures");
    EXPECT_FALSE(all.at("official").get<bool>());
    EXPECT_THAT(all.at("note_en").get<std::string>(), HasSubstr("not official"));
    std::map<std::string, int> found, expected;
    for (auto const& item : all.at("items")) {
        auto const& unit = item.at("unit");
        ++found[fmt::format("{} {} {} {} {}", item.at("subject").get<std::string>(), item.at("item").get<std::string>(), unit.at("code").get<std::string>(),
                            item.at("period").is_null() ? "-" : item.at("period").get<std::string>(), item.at("value").get<double>())];
    }
    for (auto const& row : test_support::query(api.owner,
                                               "SELECT subject, item, code, coalesce(period, '-'), value::float8 FROM geo.published_figure "
                                               "JOIN geo.admin_unit USING (unit_key)")) {
        ++expected[fmt::format("{} {} {} {} {}", row[0], row[1], row[2], row[3], row[4])];
    }
    EXPECT_EQ(found, expected);
    EXPECT_EQ(all.at("total").get<std::size_t>(), all.at("items").size());
    ASSERT_GT(all.at("items").size(), 10U);

    auto const count = [&](std::string const& query, std::string const& condition) {
        EXPECT_EQ(std::to_string(api.json("/api/published-figures?" + query).at("items").size()),
                  test_support::value(api.owner, "SELECT count(*) FROM geo.published_figure JOIN geo.admin_unit USING (unit_key) WHERE " + condition))
            << query;
    };
    count("subject=crop_area", "subject = 'crop_area'");
    count("unit=834@2025-06-30", "code = '834'");
    count("unit=83&subject=ocop_products", "code = '83' AND subject = 'ocop_products'");
    count("unit=86", "false");
    EXPECT_EQ(api.json("/api/published-figures?unit=834@2025-06-30").at("items").size(), 1U);
    EXPECT_THAT(api.problem(400, "/api/published-figures?subject=gold").at("detail").get<std::string>(),
                HasSubstr("subject is gold, must be one of crop_area, crop_output, ocop_products, ocop_producers"));
    api.problem(400, "/api/published-figures?subject=");
    api.problem(400, "/api/published-figures?crop=coconut");
    api.problem(400, "/api/published-figures?unit=99999");
    EXPECT_THAT(api.problem(400, "/api/published-figures?f=xlsx").at("detail").get<std::string>(), HasSubstr("must be json or csv"));

    auto const csv = api.call("GET", "/api/published-figures?subject=ocop_producers&f=csv");
    EXPECT_EQ(*csv.headers.find("Content-Disposition"), "attachment; filename=\"press-figures-not-official.csv\"");
    EXPECT_EQ(Api::text(csv),
              "\xEF\xBB\xBFsubject,item,crop,level,code,name,period,value,measure,official,source_url,note,is_demo\r\n"
              "ocop_producers,all,,province,83,Tỉnh Bến Tre,2025-01,4,producers,false,,invented,true\r\n"
              "ocop_producers,all,,province,83,Tỉnh Bến Tre,2025-06,5,producers,false,,invented,true\r\n");
}

/// The main answers have the shape that the OpenAPI document gives them (types, required members, enumerations).
TEST_F(FiguresTest, AnswersHaveTheShapeOfTheDocument) {
    auto const document = api.json("/api/openapi.json");
    std::function<void(Json const&, Json const&, std::string const&)> const check = [&](Json const& schema, Json const& value, std::string const& where) {
        if (schema.contains("$ref")) return check(document.at(Json::json_pointer{schema.at("$ref").get<std::string>().substr(1)}), value, where);
        if (schema.contains("oneOf") && !schema.contains("properties")) {
            for (auto const& option : schema.at("oneOf")) {
                bool const is_null = option.contains("type") && option.at("type") == "null";
                if (is_null != value.is_null()) continue;
                return is_null ? void() : check(option, value, where);
            }
            ADD_FAILURE() << where << " is none of oneOf";
            return;
        }
        if (schema.contains("type")) {
            auto const types = schema.at("type").is_array() ? schema.at("type") : Json::array({schema.at("type")});
            bool fits = false;
            for (auto const& type : types) {
                auto const& t = type.get<std::string>();
                fits = fits || (t == "object" && value.is_object()) || (t == "array" && value.is_array()) || (t == "string" && value.is_string()) ||
                       (t == "integer" && value.is_number_integer()) || (t == "number" && value.is_number()) || (t == "boolean" && value.is_boolean()) ||
                       (t == "null" && value.is_null());
            }
            EXPECT_TRUE(fits) << where << " is " << gis_core::to_text(value).substr(0, 80) << ", must be " << gis_core::to_text(types);
        }
        if (schema.contains("enum")) {
            EXPECT_NE(std::find(schema.at("enum").begin(), schema.at("enum").end(), value), schema.at("enum").end()) << where << ": " << value;
        }
        if (value.is_object() && schema.contains("properties")) {
            for (auto const& name : schema.value("required", Json::array())) EXPECT_TRUE(value.contains(name.get<std::string>())) << where << " lacks " << name;
            for (auto const& [name, member] : value.items()) {
                if (schema.at("properties").contains(name)) check(schema.at("properties").at(name), member, where + "." + name);
                else ADD_FAILURE() << where << "." << name << " is not in the document";
            }
        }
        if (value.is_array() && schema.contains("items")) {
            for (auto const& item : value) check(schema.at("items"), item, where + "[]");
        }
    };
    auto const id = test_support::value(api.owner, "SELECT min(product_key) FROM ocop.product WHERE is_published");
    auto const producer = test_support::value(api.owner, "SELECT min(producer_key) FROM ocop.producer WHERE is_published");
    for (auto const& [path, target] :
         std::vector<std::pair<std::string, std::string>>{{"/api/products", "/api/products?facets=all&limit=50"},
                                                          {"/api/products", "/api/products?q=dua&limit=3&lon=106.4&lat=10.2&radius_m=9000&sort=distance"},
                                                          {"/api/products/{id}", "/api/products/" + id},
                                                          {"/api/certificates/{serial}", "/api/certificates/GCN-1-MAU"},
                                                          {"/api/producers", "/api/producers?limit=40"},
                                                          {"/api/producers/{id}", "/api/producers/" + producer},
                                                          {"/api/statistics/units", "/api/statistics/units?frame=district-old"},
                                                          {"/api/statistics/units", "/api/statistics/units?measure=zone_area_ha"},
                                                          {"/api/suggest", "/api/suggest?q=mo%20cay"},
                                                          {"/api/suggest", "/api/suggest?q=dua"},
                                                          {"/api/nearest", "/api/nearest?lon=106.4&lat=10.2"},
                                                          {"/api/units/at", "/api/units/at?lon=106.4&lat=10.2"},
                                                          {"/api/frames", "/api/frames"},
                                                          {"/api/classes", "/api/classes"},
                                                          {"/api/published-figures", "/api/published-figures"},
                                                          {"/api/data-sets", "/api/data-sets"},
                                                          {"/api/schemas", "/api/schemas"}}) {
        auto const& operation = document.at("paths").at(path).at("get");
        check(operation.at("responses").at("200").at("content").at("application/json").at("schema"), api.json(target), target);
    }
    check(document.at("components").at("schemas").at("Problem"), api.problem(400, "/api/products?limit=x"), "problem");
}

/// At scale no list reads a large table from end to end (D1): the planner is asked as the service's role.
TEST_F(FiguresTest, FiltersUseTheirIndexes) {
    test_support::TestDatabase const db{test_support::TestDatabase::From::demo};
    db.execute(
        "INSERT INTO ocop.product (producer_key, class_code, name, registered_on) SELECT p.producer_key, p.class_code, p.name || ' ' || g || ' w' || "
        "(p.product_key * 37 + g), p.registered_on "
        "FROM ocop.product p, generate_series(1, 19) g; ANALYZE");
    auto const plan = [&](std::string const& condition) {
        std::string text;
        for (auto const& row : test_support::query(db.conninfo_as("ocopmap_api"), "EXPLAIN " + condition)) text += row[0] + "\n";
        return text;
    };
    auto const none = [](int from, int to) {
        std::string nulls;
        for (int i = from; i <= to; ++i) nulls += i == from ? "NULL" : ", NULL";
        return nulls;
    };
    for (auto const& query :
         {"SELECT product_key FROM pub.match_products('2026-06-30', 'w123':*::tsquery, " + none(3, 17) + ")",
          "SELECT product_key FROM pub.match_products('2026-06-30', " + none(2, 8) + ", 5, " + none(10, 17) + ")",
          "SELECT product_key FROM pub.match_products('2026-06-30', " + none(2, 9) + ", 106.40, 10.20, 106.402, 10.202, " + none(14, 17) + ")",
          "SELECT product_key FROM pub.match_products('2026-06-30', " + none(2, 17) + ") ORDER BY name COLLATE pub.vi, product_key LIMIT 20",
          "SELECT product_key FROM pub.match_products('2026-06-30', " + none(2, 17) +
              ") WHERE certificate_star = 5 AND star = 5 ORDER BY product_key DESC LIMIT 20",
          "SELECT product_key FROM pub.match_products('2026-06-30', " + none(2, 17) + ") WHERE star IS NULL ORDER BY product_key DESC LIMIT 20",
          std::string{"SELECT * FROM pub.product_period WHERE name_folded LIKE 'keo dua%' ORDER BY name_folded, product_key LIMIT 20"}}) {
        auto quoted = query;
        if (auto const at = quoted.find("'w123':*::tsquery"); at != std::string::npos) quoted.replace(at, 17, "$q$'w123':*$q$::tsquery");
        EXPECT_EQ(plan(quoted).find("Seq Scan on product_period"), std::string::npos) << quoted << "\n" << plan(quoted);
    }
}

}  // namespace
