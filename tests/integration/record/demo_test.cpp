#include "tests/integration/record/support.hpp"

#include <gmock/gmock.h>

namespace record_test {
namespace {

using test_support::TestDatabase;

TEST(Demo, TheSameSeedGivesTheSameRows) {
    TestDatabase const one, two, other;
    std::vector<std::string> const load{"load", "--demo", "--seed", "7", "--today", "2026-11-23"};
    auto const done = ocopmap(one.conninfo(), load);
    ASSERT_EQ(done.exit_code, 0) << done.output;
    ASSERT_EQ(ocopmap(two.conninfo(), load).exit_code, 0);
    EXPECT_EQ(fingerprint(one), fingerprint(two));
    ASSERT_EQ(ocopmap(other.conninfo(), {"load", "--demo", "--seed", "8", "--today", "2026-11-23"}).exit_code, 0);
    EXPECT_NE(fingerprint(one), fingerprint(other));
    // Seeding again replaces the rows by the same ones, but for their keys.
    ASSERT_EQ(ocopmap(two.conninfo(), {"seed", "--seed", "7", "--today", "2026-11-23"}).exit_code, 0);
    EXPECT_EQ(two.value("SELECT count(*) FROM ocop.product"), "1000");
    EXPECT_THAT(ocopmap(two.conninfo(), load).output, testing::HasSubstr("boundaries are there already"));
}

TEST(Demo, HoldsWhatItPromises) {
    TestDatabase const database{TestDatabase::From::demo};
    auto const value = [&](std::string const& sql) { return database.value(sql); };
    EXPECT_EQ(
        value("SELECT string_agg(n::text, ' ' ORDER BY level, valid_from) FROM (SELECT level, valid_from, count(*) n FROM geo.admin_unit GROUP BY 1, 2) c"),
        "1 1 9 148 48");
    EXPECT_EQ(value("SELECT count(*) FROM geo.admin_unit WHERE geometry_state <> 'schematic' OR NOT ST_IsValid(geom)"), "0");
    EXPECT_EQ(value("SELECT count(*) FROM geo.admin_change WHERE kind = 'merge' AND clause IS NOT NULL"), "148");
    EXPECT_EQ(value("SELECT concat_ws(' ', (SELECT count(*) FROM ocop.producer), (SELECT count(*) FROM ocop.product), (SELECT count(*) FROM geo.zone), (SELECT "
                    "count(*) FROM ocop.sales_point))"),
              "300 1000 200 150");
    EXPECT_EQ(value("SELECT count(DISTINCT class_code) FROM ocop.product"), "26");
    EXPECT_EQ(value("SELECT count(DISTINCT certificate_state) FROM pub.product"), "5");
    EXPECT_EQ(value("SELECT count(*) > 20 FROM pub.product WHERE name_folded LIKE '%keo dua%'"), "t");
    EXPECT_EQ(value("SELECT min(star) || ' ' || max(star) FROM ocop.certificate"), "3 5");
    EXPECT_EQ(value("SELECT count(DISTINCT location_consent) FROM ocop.producer WHERE kind = 'household'"), "2");
    EXPECT_EQ(value("SELECT bool_and(is_demo) FROM geo.data_set"), "t");
    EXPECT_EQ(value("SELECT string_agg(level || ' ' || valid_from || ' ' || units || ' ' || geometry_state, '; ' ORDER BY level, valid_from) FROM geo.frame "
                    "WHERE level = 'commune'"),
              "commune 2025-01-01 148 schematic; commune 2025-07-01 48 schematic");
    // Old communes nest in the new without gap or overlap.
    EXPECT_EQ(value("SELECT count(*) FROM geo.admin_change c JOIN geo.admin_unit o ON o.unit_key = c.old_key JOIN geo.admin_unit n ON n.unit_key = c.new_key "
                    "WHERE ST_Area(ST_Difference(o.geom, n.geom)::geography) > 0.01"),
              "0");
    EXPECT_EQ(value("SELECT abs((SELECT sum(ST_Area(geom::geography)) FROM geo.admin_unit WHERE level = 'commune' AND valid_to IS NULL) - "
                    "(SELECT sum(ST_Area(geom::geography)) FROM geo.admin_unit WHERE level = 'commune' AND valid_to IS NOT NULL)) < 1"),
              "t");
}

}  // namespace
}  // namespace record_test
