#include "tests/integration/api/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

/// Lists, facets and exports against plain SQL over the base tables, which shares nothing with the code under test.
namespace {

using gis_core::Json;
using test_support::Api;
using testing::HasSubstr;

/// Every visible product on a day with its state, from the base tables alone.
std::string plain(std::string const& at) {
    return fmt::format(R"((
        SELECT p.product_key AS id, p.name, p.class_code, p.registered_on, m.name AS producer, m.producer_key, m.lineage_key, m.public_geom AS g,
               CASE WHEN k.revoked_on <= d.at THEN 'revoked' WHEN k.valid_to <= d.at THEN 'expired' WHEN k.valid_to <= d.at + 180 THEN 'expiring'
                    WHEN k.star IS NOT NULL THEN 'valid' ELSE 'none' END AS state,
               CASE WHEN k.valid_to > d.at AND coalesce(k.revoked_on > d.at, true) THEN k.star END AS star
        FROM (SELECT DATE '{}' AS at) d, ocop.product p JOIN ocop.producer m USING (producer_key)
        LEFT JOIN LATERAL (SELECT * FROM ocop.certificate c WHERE c.product_key = p.product_key AND c.issued_on <= d.at ORDER BY c.issued_on DESC LIMIT 1) k ON true
        WHERE p.is_published AND m.is_published AND p.registered_on <= d.at) x)",
                       at);
}

class ProductsTest : public ::testing::Test {
protected:
    Api api{test_support::database()};
    std::string const at = "2026-06-30";

    std::set<std::string> truth(std::string const& condition) {
        std::set<std::string> ids;
        for (auto const& row : test_support::query(api.owner, "SELECT id FROM " + plain(at) + " WHERE " + condition)) ids.insert(row[0]);
        return ids;
    }
    /// All pages, in their order; fails when a row comes twice.
    std::vector<std::string> walk_in_order(std::string target, std::string const& body = {}) {
        std::vector<std::string> ids;
        std::set<std::string> seen;
        for (int page = 0; page < 1000; ++page) {
            auto const list = body.empty() ? api.json(target) : api.post(target, body);
            for (auto const& item : list.at("items")) {
                ids.push_back(std::to_string(item.at("id").get<long long>()));
                EXPECT_TRUE(seen.insert(ids.back()).second) << target << " repeats " << ids.back();
            }
            if (list.at("next").is_null()) return ids;
            target = list.at("next").get<std::string>();
        }
        ADD_FAILURE() << "pages without end";
        return ids;
    }
    std::set<std::string> walk(std::string const& target, std::string const& body = {}) {
        auto const ids = walk_in_order(target, body);
        return {ids.begin(), ids.end()};
    }
    void expect_same(std::string const& query, std::string const& condition) {
        auto const expected = truth(condition);
        EXPECT_EQ(walk("/api/products?at=" + at + "&limit=37&" + query), expected) << query;
        auto const total = api.json("/api/products?at=" + at + "&limit=1&" + query);
        if (total.contains("total")) {
            EXPECT_EQ(total.at("total").get<std::size_t>(), expected.size()) << query;
        }
    }
};

TEST_F(ProductsTest, EachFilterGivesExactlyTheRowsOfPlainSql) {
    expect_same("", "true");
    expect_same("class=I.1.a,I.6", "class_code IN ('I.1.a', 'I.6')");
    expect_same("star=4,5", "star IN (4, 5)");
    for (auto const* state : {"valid", "expiring", "expired", "revoked", "none"})
        expect_same(std::string{"state="} + state, fmt::format("state = '{}'", state));
    expect_same("bbox=106.3,10.1,106.5,10.3", "ST_X(g) BETWEEN 106.3 AND 106.5 AND ST_Y(g) BETWEEN 10.1 AND 10.3");
    expect_same("lon=106.4&lat=10.2&radius_m=12000", "ST_Distance(g::geography, ST_SetSRID(ST_MakePoint(106.4, 10.2), 4326)::geography) <= 12000");
    expect_same("star=3&state=expiring&bbox=106.2,10.0,106.6,10.3",
                "star = 3 AND state = 'expiring' AND ST_X(g) BETWEEN 106.2 AND 106.6 AND ST_Y(g) BETWEEN 10.0 AND 10.3");
    auto const zone = test_support::value(api.owner, "SELECT zone_key FROM ocop.product_zone GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1");
    expect_same("zone=" + zone, "id IN (SELECT product_key FROM ocop.product_zone WHERE zone_key = " + zone + ")");
    auto const producer = test_support::value(api.owner, "SELECT min(producer_key) FROM ocop.product");
    expect_same("producer=" + producer, "producer_key = " + producer);
}

TEST_F(ProductsTest, WordsAreBeginningsOfWordsWithOrWithoutAccents) {
    auto const words = [](std::string const& a, std::string const& b) {
        return fmt::format(
            "(' ' || regexp_replace(pub.fold(name || ' ' || producer), '[^[:alnum:]]+', ' ', 'g')) LIKE '% {}%' AND "
            "(' ' || regexp_replace(pub.fold(name || ' ' || producer), '[^[:alnum:]]+', ' ', 'g')) LIKE '% {}%'",
            a, b);
    };
    expect_same("q=keo%20dua", words("keo", "dua"));
    expect_same("q=K%E1%BA%B9o%20d%E1%BB%ABa", words("keo", "dua"));
    expect_same("q=tom", words("tom", "tom"));
    expect_same("q=t", words("t", "t"));
    expect_same("q=hop%20tac", words("hop", "tac"));
    expect_same("q=%25", "false");
}

TEST_F(ProductsTest, UnitsOfEveryFrameAreResolvedByLaw) {
    auto const communes = test_support::query(
        api.owner, "SELECT code, unit_key, valid_from FROM geo.admin_unit WHERE level = 'commune' AND valid_to = '2025-07-01' ORDER BY code LIMIT 25");
    for (auto const& row : communes) {
        expect_same("unit=" + row[0] + "@2025-06-30", "lineage_key IN (SELECT lineage_key FROM geo.lineage_unit WHERE unit_key = " + row[1] + ")");
    }
    for (auto const& row : test_support::query(api.owner, "SELECT code, unit_key FROM geo.admin_unit WHERE level = 'district' AND valid_to = '2025-07-01'")) {
        expect_same("unit=" + row[0] + "@2025-06-30",
                    "lineage_key IN (SELECT l.lineage_key FROM geo.lineage_unit l JOIN geo.admin_unit u USING (unit_key) WHERE u.parent_key = " + row[1] + ")");
    }
    expect_same("unit=none", "lineage_key IS NULL");
}

TEST_F(ProductsTest, EverySortCoversAllRowsOnceAndInItsOrder) {
    auto const all = truth("true");
    for (auto const* sort : {"relevance", "name", "-name", "-star", "-registered_on"}) {
        EXPECT_EQ(walk("/api/products?at=" + at + "&limit=101&sort=" + std::string{sort}), all) << sort;
    }
    auto const names = test_support::query(api.owner, "SELECT name FROM " + plain(at) + " ORDER BY name COLLATE pub.vi, id LIMIT 50");
    auto const list = api.json("/api/products?sort=name&limit=50&at=" + at);
    for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(list.at("items").at(i).at("name").get<std::string>(), names[i][0]);
    for (auto const& [query, condition] :
         {std::pair{"", "true"}, std::pair{"&star=3,5", "star IN (3, 5)"}, std::pair{"&state=valid,none", "state IN ('valid', 'none')"},
          std::pair{"&state=expired,revoked", "state IN ('expired', 'revoked')"}, std::pair{"&state=expiring", "state = 'expiring'"}}) {
        std::vector<std::string> expected;
        for (auto const& row :
             test_support::query(api.owner, fmt::format("SELECT id FROM {} WHERE {} ORDER BY star DESC NULLS LAST, id DESC", plain(at), condition)))
            expected.push_back(row[0]);
        EXPECT_EQ(walk_in_order(fmt::format("/api/products?sort=-star&limit=7&at={}{}", at, query)), expected) << query;
    }
    double before = 0;
    for (auto const whole = api.json("/api/products?sort=distance&lon=106.4&lat=10.2&radius_m=9000&limit=200&at=" + at); auto const& item : whole.at("items")) {
        EXPECT_GE(item.at("distance_m").get<double>(), before);
        before = item.at("distance_m").get<double>();
    }
}

TEST_F(ProductsTest, APolygonTakesWhatLiesInIt) {
    std::string const polygon = R"({"type":"Polygon","coordinates":[[[106.2,10.05],[106.6,10.1],[106.45,10.3],[106.2,10.05]]]})";
    EXPECT_EQ(walk("/api/products/search?limit=50&at=" + at, polygon), truth("ST_Intersects(g, ST_SetSRID(ST_GeomFromGeoJSON('" + polygon + "'), 4326))"));
    std::string const bow = R"({"type":"Polygon","coordinates":[[[106,10],[107,11],[107,10],[106,11],[106,10]]]})";
    auto const refused = api.call("POST", "/api/products/search", bow);
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(Api::text(refused), HasSubstr("Self-intersection"));
    EXPECT_EQ(walk("/api/products/search?limit=500&at=" + at, R"({"type":"Polygon","coordinates":[[[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]]]})"),
              truth("g IS NOT NULL"));
}

TEST_F(ProductsTest, FacetsFollowTheOtherFilters) {
    struct Case {
        std::string query, class_condition, star_condition;
    };
    for (auto const& [query, for_class, for_star] :
         {Case{"class=I.1.a,I.6&star=4", "star = 4", "class_code IN ('I.1.a', 'I.6')"}, Case{"q=dua&state=valid,expiring", "true", "true"}}) {
        auto const others = query.starts_with("q=")
                                ? std::string{"(' ' || pub.fold(name || ' ' || producer)) ~ '[^a-z0-9]dua' AND state IN ('valid', 'expiring')"}
                                : std::string{"true"};
        auto const list = api.json("/api/products?facets=all&limit=1&at=" + at + "&" + query);
        auto const& facets = list.at("facets");
        std::map<std::string, long long> classes, stars;
        for (auto const& v : facets.at("class")) classes[v.at("value").get<std::string>()] = v.at("count").get<long long>();
        for (auto const& v : facets.at("star")) stars[v.at("value").get<std::string>()] = v.at("count").get<long long>();
        std::map<std::string, long long> true_classes, true_stars;
        for (auto const& row :
             test_support::query(api.owner, "SELECT class_code, count(*) FROM " + plain(at) + " WHERE " + others + " AND " + for_class + " GROUP BY 1"))
            true_classes[row[0]] = std::stoll(row[1]);
        for (auto const& row : test_support::query(
                 api.owner, "SELECT star, count(*) FROM " + plain(at) + " WHERE star IS NOT NULL AND " + others + " AND " + for_star + " GROUP BY 1"))
            true_stars[row[0]] = std::stoll(row[1]);
        EXPECT_EQ(classes, true_classes) << query;
        EXPECT_EQ(stars, true_stars) << query;
        long long in_districts = 0, in_communes = 0;
        for (auto const& v : facets.at("district")) in_districts += v.at("count").get<long long>();
        for (auto const& v : facets.at("commune")) in_communes += v.at("count").get<long long>();
        EXPECT_EQ(in_districts, list.at("total").get<long long>());
        EXPECT_EQ(in_communes, list.at("total").get<long long>());
    }
    // what a facet says is what its filter gives
    for (auto const whole = api.json("/api/products?facets=district&limit=1&at=" + at); auto const& v : whole.at("facets").at("district")) {
        EXPECT_EQ(walk("/api/products?limit=200&at=" + at + "&unit=" + v.at("value").get<std::string>()).size(), v.at("count").get<std::size_t>());
    }
}

TEST_F(ProductsTest, ExactAccentsRankFirst) {
    auto const items = api.json("/api/products?limit=100&q=d%E1%BB%ABa").at("items");  // dừa
    bool still_exact = true;
    for (auto const& item : items) {
        auto const name = item.at("name").get<std::string>();
        bool const exact = test_support::value(api.owner, fmt::format("SELECT lower('{}') LIKE '%dừa%'", name)) == "t";
        EXPECT_TRUE(still_exact || !exact) << name;
        still_exact = exact;
    }
}

TEST_F(ProductsTest, OneProductShowsUnitsOfActAndToday) {
    auto const id = test_support::value(api.owner,
                                        "SELECT product_key FROM ocop.certificate JOIN ocop.product_sales_point USING (product_key) JOIN ocop.product_zone "
                                        "USING (product_key) ORDER BY 1 LIMIT 1");
    ASSERT_FALSE(id.empty());
    auto const product = api.json("/api/products/" + id + "?at=" + at);
    EXPECT_EQ(
        product.at("commune_at_act").at("code").get<std::string>(),
        test_support::value(
            api.owner,
            "SELECT u.code FROM ocop.product p JOIN ocop.producer m USING (producer_key) JOIN geo.admin_unit u USING (unit_key) WHERE product_key = " + id));
    EXPECT_FALSE(product.at("certificates").empty());
    EXPECT_FALSE(product.at("zones").empty());
    EXPECT_FALSE(product.at("sales_points").empty());
    EXPECT_EQ(product.at("commune_today").at("code").get<std::string>(), product.at("commune").at("code").get<std::string>());
    api.problem(404, "/api/products/999999999");
    api.problem(400, "/api/products/abc");
}

TEST_F(ProductsTest, FilesHoldTheWholeList) {
    auto const csv = Api::text(api.call("GET", "/api/products.csv?star=5&at=" + at));
    EXPECT_TRUE(csv.starts_with("\xEF\xBB\xBFid,name,"));
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n') - 1, static_cast<long>(truth("star = 5").size()));
    auto const geojson = gis_core::parse_json(Api::text(api.call("GET", "/api/products.geojson?star=5&at=" + at)), "the file");
    EXPECT_EQ(geojson.at("type").get<std::string>(), "FeatureCollection");
    EXPECT_EQ(geojson.at("features").size(), truth("star = 5").size());
    EXPECT_EQ(gis_core::parse_json(Api::text(api.call("GET", "/api/products.geojson?q=%25")), "the file").at("features").size(), 0U);
    api.problem(400, "/api/products.csv?limit=5");
}

TEST_F(ProductsTest, BadRequestsNameWhatIsAllowedAndNothingInternal) {
    for (auto const* target : {"/api/products?unit=abc", "/api/products?unit=99999@2025-06-30", "/api/products?class=Z.9", "/api/products?colour=1",
                               "/api/products?at=2025-13-01", "/api/producers?kind=shop", "/api/nearest?lon=10&lat=106", "/api/suggest?limit=1000",
                               "/api/statistics/units?measure=price", "/api/statistics/units?frame=village", "/api/products?q=%00", "/api/frames?x=1"}) {
        auto const problem = api.problem(400, target);
        EXPECT_EQ(problem.at("status").get<int>(), 400);
        EXPECT_FALSE(problem.at("detail").get<std::string>().empty());
        for (auto const* secret : {"SELECT", "pqxx", "/home", "pub.", "ERROR"})
            EXPECT_EQ(problem.at("detail").get<std::string>().find(secret), std::string::npos) << target;
    }
    EXPECT_THAT(api.problem(404, "/api/products?unit=829@1990-01-01").at("detail").get<std::string>(), HasSubstr("nearest frames"));
}

TEST(DatabaseAwayTest, IsAnOverloadThatMayBeTriedAgain) {
    Api api{test_support::with_keyword(test_support::database(), "dbname", "no_such_database")};
    auto const response = api.call("GET", "/api/products");
    EXPECT_EQ(response.status, 503);
    EXPECT_TRUE(response.headers.find("Retry-After").has_value());
    EXPECT_EQ(Api::text(response).find("no_such_database"), std::string::npos);
}

/// The derived rows follow every way of editing, in the transaction that edits.
TEST(ProductPeriodTest, FollowsEveryEdit) {
    test_support::TestDatabase const db{test_support::TestDatabase::From::demo};
    auto const differences = [&](std::string const& at) {
        auto const derived = fmt::format(
            "SELECT product_key, name, certificate_state, star, lineage_key, producer_name, ST_AsText(geom) FROM pub.match_products('{}', {}NULL)", at, [] {
                std::string nulls;
                for (int i = 0; i < 15; ++i) nulls += "NULL, ";
                return nulls;
            }());
        auto const view = "SELECT product_key, name, certificate_state, star::integer, lineage_key, producer_name, ST_AsText(geom) FROM pub.product";
        return db.value(fmt::format("SELECT set_config('ocopmap.at', '{}', false); SELECT count(*) FROM (({} EXCEPT {}) UNION ALL ({} EXCEPT {})) d", at,
                                    derived, view, view, derived));
    };
    auto const check = [&](std::string const& edit) {
        if (!edit.empty()) db.execute(edit);
        for (auto const* at : {"2023-05-01", "2025-06-30", "2026-06-30", "2028-01-01"}) EXPECT_EQ(differences(at), "0") << edit << " on " << at;
    };
    check("");
    check("UPDATE ocop.certificate SET revoked_on = issued_on + 100 WHERE certificate_key % 7 = 0");
    check(
        "UPDATE ocop.certificate SET product_key = (SELECT max(product_key) FROM ocop.product p WHERE NOT EXISTS (SELECT FROM ocop.certificate c WHERE "
        "c.product_key = p.product_key)) WHERE certificate_key = (SELECT min(certificate_key) FROM ocop.certificate)");
    check("DELETE FROM ocop.certificate WHERE certificate_key % 5 = 0");
    check("UPDATE ocop.product SET name = name || ' mới', is_published = product_key % 3 > 0");
    check("UPDATE ocop.producer SET name = 'X ' || name, is_published = producer_key % 4 > 0, location_consent = true");
    check(
        "INSERT INTO ocop.product (producer_key, name, registered_on) SELECT producer_key, 'Tạm', '2024-01-01' FROM ocop.producer WHERE producer_key % 3 = 0");
    check("DELETE FROM ocop.product WHERE name = 'Tạm'");  // one with a record of its own stays: retire it
    check("INSERT INTO ocop.product (producer_key, name, registered_on) SELECT min(producer_key), 'Kẹo thử', '2024-01-01' FROM ocop.producer");
    check("INSERT INTO ocop.certificate (product_key, star, issued_on, valid_to) SELECT max(product_key), 4, '2020-01-01', '2023-01-01' FROM ocop.product");
    check("TRUNCATE ocop.certificate CASCADE");
}

/// A figure that was kept is never shown after a change is visible.
TEST(FigureStampTest, AChangeIsInTheNextAnswer) {
    test_support::TestDatabase const db{test_support::TestDatabase::From::demo};
    Api api{db.conninfo()};
    auto const facets = [&] { return api.json("/api/products?facets=all&limit=1").at("total").get<long long>(); };
    auto const statistics = [&] { return api.json("/api/statistics/units?frame=district-old&state=all").at("total").get<long long>(); };
    auto const count = [&] { return api.json("/api/products?limit=1").at("total").get<long long>(); };
    auto const before = facets();
    EXPECT_EQ(statistics(), before);
    EXPECT_EQ(count(), before);
    for (int i = 1; i <= 5; ++i) {
        db.execute("INSERT INTO ocop.product (producer_key, name, registered_on) SELECT min(producer_key), 'Thử', '2024-01-01' FROM ocop.producer");
        EXPECT_EQ(facets(), before + i);
        EXPECT_EQ(statistics(), before + i);
        EXPECT_EQ(count(), before + i);
    }
}

}  // namespace
