#include "tests/integration/record/support.hpp"

#include <gmock/gmock.h>

namespace record_test {
namespace {

using test_support::TestDatabase;
using testing::HasSubstr;

/// The real data of the shared folder, loaded once for this program.
class RealData : public testing::Test {
protected:
    static void SetUpTestSuite() {
        if (test_support::shared_dir().empty()) return;
        database_ = new TestDatabase;
        auto const done = ocopmap(database_->conninfo(), {"load", "--data", data()});
        if (done.exit_code != 0) throw std::runtime_error(done.output);
        output_ = new std::string{done.output};
    }
    static void TearDownTestSuite() {
        delete database_;
        delete output_;
        database_ = nullptr;
    }
    void SetUp() override {
        if (test_support::shared_dir().empty()) GTEST_SKIP() << "no folder of real data (OCOPMAP_SHARED)";
    }
    static std::string data() { return test_support::shared_dir() + "/data"; }
    static std::string value(std::string const& sql) { return database_->value(sql); }
    static inline TestDatabase* database_ = nullptr;
    static inline std::string* output_ = nullptr;
};

TEST_F(RealData, EveryFrameHasItsCommunes) {
    EXPECT_EQ(value("SELECT string_agg(units || ' ' || geometry_state || ' ' || valid_from, '; ' ORDER BY valid_from) FROM geo.frame WHERE level = 'commune'"),
              "160 surveyed 2004-01-01; 164 derived 2009-02-09; 157 derived 2020-02-01; 148 derived 2025-01-01; 48 surveyed 2025-07-01");
    for (auto const& [day, communes, districts] : {std::tuple{"2004-01-01", "160", "8"},
                                                   {"2009-02-08", "160", "8"},
                                                   {"2009-02-09", "164", "9"},
                                                   {"2019-12-31", "164", "9"},
                                                   {"2020-02-01", "157", "9"},
                                                   {"2024-12-31", "157", "9"},
                                                   {"2025-01-01", "148", "9"},
                                                   {"2025-06-30", "148", "9"},
                                                   {"2025-07-01", "48", "0"}}) {
        auto const count = [&](std::string const& level) {
            return value("SELECT count(*) FROM geo.admin_unit WHERE level = '" + level + "' AND valid_from <= '" + day +
                         "' AND (valid_to IS NULL OR valid_to > '" + day + "')");
        };
        EXPECT_EQ(count("commune"), communes) << day;
        EXPECT_EQ(count("district"), districts) << day;
    }
    EXPECT_EQ(value("SELECT count(*) FROM geo.admin_unit WHERE NOT ST_IsValid(geom)"), "0");
}

TEST_F(RealData, AreasOfCommunesAndDistrictsAgree) {
    EXPECT_EQ(value("WITH d (day) AS (VALUES (date '2004-01-01'), ('2009-02-09'), ('2013-04-05'), ('2020-02-01'), ('2025-01-01')), "
                    "a AS (SELECT day, level, sum(ST_Area(geom::geography)) AS m2 FROM d JOIN geo.admin_unit ON valid_from <= day AND (valid_to IS NULL OR "
                    "valid_to > day) "
                    "WHERE level <> 'province' GROUP BY 1, 2) SELECT count(*) FROM a c JOIN a t USING (day) WHERE c.level = 'commune' AND t.level = 'district' "
                    "AND abs(c.m2 - t.m2) > 10000"),
              "0");
    EXPECT_EQ(value("SELECT count(*) FROM geo.admin_change c JOIN geo.admin_unit o ON o.unit_key = c.old_key JOIN geo.admin_unit n ON n.unit_key = c.new_key "
                    "WHERE o.level = 'commune' AND c.effective = '2025-07-01' AND ST_Area(ST_Difference(o.geom, n.geom)::geography) > 2000"),
              "0")
        << "the 148 nest in the 48";
}

TEST_F(RealData, LineagesRunWithoutHoleAndTotalsAgree) {
    EXPECT_EQ(value("SELECT count(*) FROM (SELECT lineage_key, min(valid_from) AS first, bool_or(valid_to IS NULL) AS open FROM geo.lineage_unit GROUP BY 1) l "
                    "WHERE NOT open OR first <> '2004-01-01'"),
              "0");
    EXPECT_EQ(value("SELECT count(*) FROM (SELECT valid_to, lead(valid_from) OVER (PARTITION BY lineage_key ORDER BY valid_from) AS next FROM "
                    "geo.lineage_unit) l WHERE next <> valid_to"),
              "0");
    EXPECT_EQ(value("SELECT count(*) FROM ocop.producer WHERE lineage_key IS NULL"), "0");
    EXPECT_EQ(
        value("SELECT count(*) FROM geo.admin_unit u WHERE level = 'commune' AND NOT EXISTS (SELECT FROM geo.lineage_unit l WHERE l.unit_key = u.unit_key)"),
        "0");
    for (auto const* day : {"2004-06-01", "2012-06-01", "2020-06-01", "2025-03-01", "2026-03-01"}) {
        EXPECT_EQ(value(std::string{"SELECT count(*) FROM ocop.producer p JOIN geo.lineage_unit l USING (lineage_key) WHERE l.valid_from <= '"} + day +
                        "' AND (l.valid_to IS NULL OR l.valid_to > '" + day + "')"),
                  value("SELECT count(*) FROM ocop.producer"));
    }
    // One place through time: An Khánh, then the township of Châu Thành, then Phú Túc, all under code 28810.
    EXPECT_EQ(value("SELECT string_agg(DISTINCT u.name, ', ' ORDER BY u.name) FROM geo.admin_unit u WHERE u.code = '28810'"),
              "Thị trấn Châu Thành, Xã An Khánh, Xã Phú Túc");
}

TEST_F(RealData, TheCensusAndThePressListFindTheirUnits) {
    EXPECT_EQ(value("SELECT count(*) || ' ' || sum(population) FROM geo.census_count"), "164 1288463");
    EXPECT_EQ(value("SELECT count(*) FROM ocop.product WHERE NOT is_demo"), "3");
    EXPECT_EQ(value("SELECT u.name || ' ' || p.unit_match FROM ocop.producer p JOIN geo.admin_unit u USING (unit_key) WHERE NOT p.is_demo"),
              "Xã Giao Thạnh declared");
    EXPECT_THAT(*output_, HasSubstr("press list: 3 of 23 products name producer and commune"));
    EXPECT_EQ(value("SELECT string_agg(data_set || ' ' || is_demo, ', ' ORDER BY data_set) FROM geo.data_set"),
              "boundaries false, census-2019 false, context false, press false, sample true");
}

TEST_F(RealData, TheIndependentOldCommunesHaveTheSameCodes) {
    auto const done = ocopmap(database_->conninfo(), {"import", "communes", data() + "/boundaries/communes_old_148.geojson", "--valid-from", "2025-01-01",
                                                      "--valid-to", "2025-07-01", "--dry-run"});
    EXPECT_EQ(done.exit_code, 0) << done.output;
    EXPECT_THAT(done.output, HasSubstr("148 rows, 148 taken, 0 repaired, 0 refused"));
}

TEST_F(RealData, WhatContradictsItselfIsRefused) {
    auto const census = ocopmap(database_->conninfo(), {"import", "communes", data() + "/boundaries/communes_census2009_164.geojson", "--valid-from",
                                                        "2009-04-01", "--valid-to", "2020-02-01"});
    EXPECT_EQ(census.exit_code, 3);
    EXPECT_THAT(census.output, HasSubstr("'263 pairs': units of one date overlap by more than 100 m²"));
    for (auto const& [file, reason] : {std::pair{"bando_2026-03-11_111_thoi_thuan_xa.geojson", "its fields are id, ma1, matinhxa"},
                                       {"bando_2026-03-11_11_ben_tre_phuong.geojson", "its fields are id, ma1, matinhxa"},
                                       {"ben_tre_pre2009.kmz", "has no field name; its fields are Name, description"},
                                       {"census2009_ben_tre_attributes_escaped.csv", "has no field name"},
                                       {"dvhcvn_20250701_merges_86.json", "it is JSON but not GeoJSON"},
                                       {"dvhcvn_gis_83.json", "it is JSON but not GeoJSON"},
                                       {"nghi_quyet_1687_NQ-UBTVQH15.md", "is not a file we read"}}) {
        auto const done = ocopmap(database_->conninfo(), {"import", "communes", data() + "/raw/" + file, "--valid-from", "2009-04-01"});
        EXPECT_EQ(done.exit_code, 3) << file;
        EXPECT_THAT(done.output, HasSubstr(reason)) << file;
    }
    auto const escaped = ocopmap(database_->conninfo(), {"import", "communes", data() + "/raw/census2009_ben_tre_attributes_escaped.csv", "--map",
                                                         "commune_vn=name", "--valid-from", "2009-04-01"});
    EXPECT_THAT(escaped.output, HasSubstr(R"(a literal \u escape stands for a letter)"));
    // The Google Earth file of before 2009 is taken row by row once its name field is named; names that repeat are not.
    auto const kmz = ocopmap(database_->conninfo(),
                             {"import", "communes", data() + "/raw/ben_tre_pre2009.kmz", "--map", "Name=name", "--valid-from", "2004-01-01", "--dry-run"});
    EXPECT_EQ(kmz.exit_code, 4);
    EXPECT_THAT(kmz.output, HasSubstr("several units bear this name on 2004-01-01: give the district"));
    EXPECT_EQ(value("SELECT count(*) FROM geo.frame WHERE level = 'commune'"), "5");
}

}  // namespace
}  // namespace record_test
