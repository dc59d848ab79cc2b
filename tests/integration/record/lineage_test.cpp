#include "tests/integration/record/support.hpp"

#include <gmock/gmock.h>

namespace record_test {
namespace {

using test_support::TestDatabase;

/// Producers, products and zone area counted over the units of a day, with one row for what has no unit. The day's units
/// of a lineage are unique, so every frame must give the same totals.
std::string totals_on(TestDatabase const& database, std::string const& day) {
    return database.value("WITH unit AS (SELECT lineage_key, unit_key FROM geo.lineage_unit WHERE valid_from <= '" + day +
                          "' AND (valid_to IS NULL OR valid_to > '" + day +
                          "')), "
                          "m AS (SELECT u.unit_key, count(*) AS n FROM ocop.producer p LEFT JOIN unit u USING (lineage_key) GROUP BY 1), "
                          "k AS (SELECT u.unit_key, count(*) AS n FROM ocop.product q JOIN ocop.producer p USING (producer_key) LEFT JOIN unit u ON "
                          "u.lineage_key = p.lineage_key GROUP BY 1), "
                          "z AS (SELECT u.unit_key, sum(area_ha) AS n FROM geo.zone z LEFT JOIN unit u USING (lineage_key) GROUP BY 1) "
                          "SELECT (SELECT sum(n) FROM m) || ' ' || (SELECT sum(n) FROM k) || ' ' || (SELECT round(sum(n)::numeric, 6) FROM z)");
}

void expect_equal_totals(TestDatabase const& database, std::vector<std::string> const& days) {
    auto const all = database.value(
        "SELECT (SELECT count(*) FROM ocop.producer) || ' ' || (SELECT count(*) FROM ocop.product) || ' ' || "
        "(SELECT round(sum(area_ha)::numeric, 6) FROM geo.zone)");
    for (auto const& day : days) EXPECT_EQ(totals_on(database, day), all) << day;
    EXPECT_EQ(
        database.value("SELECT count(*) FROM (SELECT lineage_key, valid_from, lead(valid_from) OVER (PARTITION BY lineage_key ORDER BY valid_from) AS next,"
                       " valid_to FROM geo.lineage_unit) v WHERE next IS NOT NULL AND next <> valid_to"),
        "0")
        << "a lineage has a hole or an overlap in time";
}

TEST(Lineage, TotalsAgreeInEveryFrameOfTheDemo) {
    TestDatabase const database{TestDatabase::From::demo};
    EXPECT_EQ(database.value("SELECT count(*) FROM geo.lineage"), "148");
    EXPECT_EQ(database.value("SELECT count(*) FROM ocop.producer WHERE lineage_key IS NULL"), "0");
    // Positions on borders, in the sea, far away, none at all, and days without lines.
    database.execute(
        "INSERT INTO ocop.producer (name, kind, registered_on, facility_geom) "
        "SELECT 'x' || n, 'company', CASE WHEN n % 7 = 0 THEN date '2010-05-05' ELSE date '2025-01-01' + n * 2 END, "
        "CASE WHEN n % 11 = 0 THEN NULL ELSE ST_SetSRID(ST_MakePoint(105.9 + (n * 37 % 100) / 100.0, 9.7 + (n * 53 % 100) / 140.0), 4326) END "
        "FROM generate_series(1, 300) n");
    database.execute(
        "INSERT INTO ocop.producer (name, kind, registered_on, facility_geom) "
        "SELECT 'corner ' || path[1], 'company', '2026-02-02', geom FROM ST_DumpPoints((SELECT geom FROM geo.admin_unit WHERE code = '28777' AND valid_to IS "
        "NULL))");
    expect_equal_totals(database, {"2024-12-31", "2025-01-01", "2025-06-30", "2025-07-01", "2026-11-23", "1990-01-01"});
    // The commune of the lineage on the day of the act is the commune of the act.
    EXPECT_EQ(
        database.value("SELECT count(*) FROM ocop.producer p LEFT JOIN geo.lineage_unit l ON l.lineage_key = p.lineage_key AND l.valid_from <= registered_on "
                       "AND (l.valid_to IS NULL OR l.valid_to > registered_on) WHERE p.unit_key IS DISTINCT FROM l.unit_key"),
        "0");
    // A facility in a new commune descends from the old commune it stands in.
    EXPECT_EQ(
        database.value("SELECT count(*) FROM ocop.producer p JOIN geo.lineage_unit l USING (lineage_key) JOIN geo.admin_unit u ON u.unit_key = l.unit_key "
                       "WHERE p.unit_match = 'inside' AND NOT ST_Covers(u.geom, p.facility_geom)"),
        "0");
}

TEST(Lineage, ADayWithoutLinesGivesNoUnit) {
    TestDatabase const database{TestDatabase::From::demo};
    database.execute(
        "INSERT INTO ocop.producer (external_id, name, kind, registered_on, facility_geom) VALUES "
        "('early', 'Sớm', 'company', '2024-12-31', ST_SetSRID(ST_MakePoint(106.4, 10.1), 4326)), "
        "('first', 'Đầu', 'company', '2025-01-01', ST_SetSRID(ST_MakePoint(106.4, 10.1), 4326)), "
        "('far', 'Xa', 'company', '2025-01-01', ST_SetSRID(ST_MakePoint(105.0, 21.0), 4326)), "
        "('mud', 'Bãi bồi', 'company', '2025-01-01', ST_SetSRID(ST_MakePoint(106.83, 10.14), 4326))");
    EXPECT_EQ(
        database.query("SELECT external_id, unit_key IS NULL, lineage_key IS NULL, unit_match FROM ocop.producer WHERE NOT is_demo ORDER BY producer_key"),
        (std::vector<std::vector<std::string>>{{"early", "t", "t", ""}, {"first", "f", "f", "inside"}, {"far", "t", "t", ""}, {"mud", "f", "f", "nearest"}}));
}

TEST(Lineage, AHouseholdWithoutConsentIsShownAtItsCommune) {
    TestDatabase const database{TestDatabase::From::demo};
    database.execute(
        "INSERT INTO ocop.producer (external_id, name, kind, registered_on, location_consent, facility_geom) "
        "SELECT id, id, kind, '2025-02-02', consent, ST_SetSRID(ST_MakePoint(106.4012, 10.1034), 4326) FROM (VALUES "
        "('h-no', 'household', false), ('h-yes', 'household', true), ('c-no', 'company', false)) v (id, kind, consent)");
    auto const state =
        "SELECT external_id, public_geom_approximate, ST_Equals(public_geom, facility_geom), "
        "ST_Equals(public_geom, (SELECT inner_point FROM geo.admin_unit u WHERE u.unit_key = p.unit_key)) FROM ocop.producer p WHERE NOT is_demo ORDER BY "
        "external_id";
    EXPECT_EQ(database.query(state), (std::vector<std::vector<std::string>>{{"c-no", "f", "t", "f"}, {"h-no", "t", "f", "t"}, {"h-yes", "f", "t", "f"}}));
    database.execute("UPDATE ocop.producer SET location_consent = NOT location_consent WHERE kind = 'household' AND NOT is_demo");
    EXPECT_EQ(database.query(state), (std::vector<std::vector<std::string>>{{"c-no", "f", "t", "f"}, {"h-no", "f", "t", "f"}, {"h-yes", "t", "f", "t"}}));
    EXPECT_EQ(
        database.value("SELECT count(*) FROM ocop.producer p JOIN pub.producer q USING (producer_key) WHERE p.kind = 'household' AND NOT p.location_consent "
                       "AND (NOT q.location_approximate OR ST_DWithin(q.geom, p.facility_geom, 1e-9))"),
        "0");
}

TEST(Lineage, AMovedBoundaryMovesItsFacilitiesAtCommit) {
    TestDatabase const database{TestDatabase::From::demo};
    // An old commune takes over a neighbour: everybody there belongs to it afterwards, also in the totals of districts.
    auto const neighbour = database.query(
        "SELECT a.unit_key, b.unit_key FROM geo.admin_unit a JOIN geo.admin_unit b ON a.unit_key < b.unit_key AND ST_Touches(a.geom, b.geom) "
        "WHERE a.level = 'commune' AND b.level = 'commune' AND a.valid_to IS NOT NULL AND b.valid_to IS NOT NULL "
        "AND EXISTS (SELECT FROM ocop.producer p WHERE p.unit_key = a.unit_key AND p.unit_match = 'inside') ORDER BY 1, 2 LIMIT 1")[0];
    auto const before =
        database.value("SELECT count(*) FROM ocop.producer WHERE unit_match = 'inside' AND unit_key IN (" + neighbour[0] + ", " + neighbour[1] + ")");
    database.execute("BEGIN; CREATE TEMP TABLE taken AS SELECT geom FROM geo.admin_unit WHERE unit_key = " + neighbour[0] +
                     "; UPDATE geo.admin_unit SET geom = ST_Multi(ST_Buffer(inner_point, 1e-6)) WHERE unit_key = " + neighbour[0] +
                     "; UPDATE geo.admin_unit SET geom = ST_Multi(ST_Union(geom, (SELECT geom FROM taken))) WHERE unit_key = " + neighbour[1] + "; COMMIT");
    EXPECT_EQ(database.value("SELECT count(*) FROM ocop.producer WHERE unit_match = 'inside' AND unit_key = " + neighbour[1]), before);
    expect_equal_totals(database, {"2025-01-01", "2025-07-01"});
}

TEST(Lineage, AFacilityEnteredWhileABoundaryMovesGetsTheNewUnit) {
    TestDatabase const database{TestDatabase::From::demo};
    auto const unit = database.query(
        "SELECT u.unit_key, ST_X(inner_point), ST_Y(inner_point), (SELECT min(o.unit_key) FROM geo.admin_unit o WHERE o.level = 'commune' AND o.valid_from = "
        "u.valid_from AND "
        "ST_Touches(o.geom, u.geom)) FROM geo.admin_unit u WHERE code = '28984' AND valid_to IS NOT NULL")[0];
    auto const psql = [&](std::string const& sql) { return std::vector<std::string>{"psql", "-Xq", database.conninfo(), "-c", sql}; };
    // The entry is open when the boundary change commits.
    test_support::Process entry{
        psql("BEGIN; INSERT INTO ocop.sales_point (name, kind, opened_on, geom) VALUES ('x', 'shop', '2025-02-02', ST_SetSRID(ST_MakePoint(" + unit[1] + ", " +
             unit[2] + "), 4326)); SELECT pg_sleep(1.5); COMMIT")};
    ASSERT_TRUE(test_support::wait_until(
        [&] { return database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'") == "1"; },
        std::chrono::seconds(20)));
    database.execute("BEGIN; CREATE TEMP TABLE taken AS SELECT geom FROM geo.admin_unit WHERE unit_key = " + unit[0] +
                     "; UPDATE geo.admin_unit SET geom = ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(106.05, 10.26), 4326), 1e-6)) WHERE unit_key = " + unit[0] +
                     "; UPDATE geo.admin_unit SET geom = ST_Multi(ST_Union(geom, (SELECT geom FROM taken))) WHERE unit_key = " + unit[3] + "; COMMIT");
    EXPECT_EQ(entry.wait(std::chrono::seconds(20)), 0) << entry.output();
    EXPECT_EQ(database.value("SELECT unit_key FROM ocop.sales_point WHERE name = 'x'"), unit[3]);
}

TEST(Lineage, AnEditorNeedsNoMoreRightsThanTheTables) {
    TestDatabase const database{TestDatabase::From::demo};
    database.execute(
        "BEGIN; SET LOCAL ROLE ocopmap_editor; INSERT INTO ocop.producer (name, kind, registered_on, facility_geom) VALUES ('Biên tập', 'company', "
        "'2025-02-02', "
        "ST_SetSRID(ST_MakePoint(106.4, 10.1), 4326)); UPDATE geo.zone SET name = name || ' mới'; UPDATE geo.admin_unit SET geom = geom WHERE code = '28984'; "
        "COMMIT");
    EXPECT_EQ(database.value("SELECT lineage_key IS NOT NULL FROM ocop.producer WHERE NOT is_demo"), "t");
}

TEST(Lineage, ACrosswalkTakenBackTakesItsLineagesBack) {
    TestDatabase const database{TestDatabase::From::demo};
    database.execute("DELETE FROM geo.admin_change WHERE old_key = (SELECT unit_key FROM geo.admin_unit WHERE code = '28780' AND valid_to IS NOT NULL)");
    EXPECT_EQ(database.value("SELECT count(*) FROM geo.lineage"), "148");  // one is shorter now; the new commune has others
    EXPECT_EQ(database.value("SELECT count(*) FROM geo.lineage l WHERE NOT EXISTS (SELECT FROM geo.lineage_unit u WHERE u.lineage_key = l.lineage_key)"), "0");
    expect_equal_totals(database, {"2025-01-01", "2025-07-01"});
}

TEST(Vn2000, PostgisAgreesWithTheControlPointsToAMillimetre) {
    EXPECT_EQ(
        test_support::value(
            test_support::database(),
            "SELECT count(*) FROM (VALUES (106.3757, 10.2415, 568348.862, 1132632.197), (106.6000, 10.0500, 592977.418, 1111506.835), "
            "(106.5500, 9.8200, 587557.601, 1086053.589), (106.0500, 10.2600, 532666.554, 1134627.034)) c (lon, lat, e, n), "
            "LATERAL ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), 990210) t, LATERAL ST_Transform(ST_SetSRID(ST_MakePoint(e, n), 990210), 4326) b "
            "WHERE abs(ST_X(t) - e) <= 0.001 AND abs(ST_Y(t) - n) <= 0.001 AND abs(ST_X(b) - lon) < 1e-8 AND abs(ST_Y(b) - lat) < 1e-8"),
        "4");
    EXPECT_EQ(test_support::value(test_support::database(),
                                  "SELECT count(*) FROM unnest(ARRAY[4756, 3405, 3406, 5896, 5897, 5898, 5899, 9205, 9206, 9207, 9208, 9209, 9210, 9211, 9212, "
                                  "9213, 9214, 9215, 9216, 9217, 9218]) epsg "
                                  "JOIN spatial_ref_sys s ON s.srid = 981000 + epsg AND s.auth_name IS NULL"),
              "21");
}

}  // namespace
}  // namespace record_test
