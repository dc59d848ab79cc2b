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
    // One place through time: An Khánh, then the township of Châu Thành, then Phú Túc as xã and phường, all under code 28810.
    EXPECT_EQ(value("SELECT string_agg(DISTINCT u.name, ', ' ORDER BY u.name) FROM geo.admin_unit u WHERE u.code = '28810'"),
              "Phường Phú Túc, Thị trấn Châu Thành, Xã An Khánh, Xã Phú Túc");
}

TEST_F(RealData, LandThatMovedWithoutAKnownLineIsInTheCrosswalkAlone) {
    // 49/NQ-CP of 2013: of Hữu Định 10.71 ha to Sơn Đông and 40.76 ha to Phú Tân; the census of 2009 gives it 1,360 ha.
    EXPECT_EQ(
        database_->query("SELECT n.code, c.kind, c.share, c.document, c.confidence LIKE 'documented;%', ST_Equals(o.geom, n.geom) FROM geo.admin_change c "
                         "JOIN geo.admin_unit o ON o.unit_key = c.old_key JOIN geo.admin_unit n ON n.unit_key = c.new_key "
                         "WHERE o.level = 'commune' AND o.code = '28858' AND c.effective = '2013-04-05' ORDER BY 1"),
        (std::vector<std::vector<std::string>>{{"28757", "geometry", "0.029971", "49/NQ-CP", "t", "f"},
                                               {"28783", "geometry", "0.007875", "49/NQ-CP", "t", "f"},
                                               {"28858", "geometry", "0.962154", "49/NQ-CP", "t", "t"}}));
    EXPECT_EQ(value("SELECT count(*) FROM (SELECT sum(c.share) FROM geo.admin_change c JOIN geo.admin_unit o ON o.unit_key = c.old_key "
                    "WHERE o.level = 'commune' GROUP BY c.old_key HAVING abs(sum(c.share) - 1) > 0.01) parts"),
              "0")
        << "the shares of a unit's parts do not make it whole";
    // Nobody stands on a chain that the lines do not show.
    EXPECT_EQ(
        value("SELECT count(*) FROM ocop.producer p JOIN geo.lineage l USING (lineage_key) JOIN geo.admin_unit o ON o.unit_key = ANY (l.unit_keys) "
              "AND o.code = '28858' AND o.valid_to = '2013-04-05' JOIN geo.admin_unit n ON n.unit_key = ANY (l.unit_keys) AND n.valid_from = '2013-04-05' "
              "WHERE n.code <> '28858'"),
        "0");
}

TEST_F(RealData, CommunesThatBecameWardsKeepTheirLines) {
    auto const names = [](std::string const& day) {
        return value(
            "SELECT string_agg(name, ', ' ORDER BY code) FROM geo.admin_unit WHERE level = 'commune' AND code IN ('28810', '28861', '28903', '29050', "
            "'29110', '29167') AND valid_from <= '" +
            day + "' AND (valid_to IS NULL OR valid_to > '" + day + "')");
    };
    EXPECT_EQ(names("2026-05-31"), "Xã Phú Túc, Xã Tiên Thủy, Xã Mỏ Cày, Xã Bình Đại, Xã Ba Tri, Xã Tân Thủy");
    EXPECT_EQ(names("2026-06-01"), "Phường Phú Túc, Phường Tiên Thủy, Phường Mỏ Cày, Phường Bình Đại, Phường Ba Tri, Phường Tân Thủy");
    EXPECT_EQ(value("SELECT count(*) FROM geo.admin_change c JOIN geo.admin_unit o ON o.unit_key = c.old_key JOIN geo.admin_unit n ON n.unit_key = c.new_key "
                    "WHERE c.effective = '2026-06-01' AND c.kind = 'status' AND c.confidence LIKE 'secondary source only%' AND ST_Equals(o.geom, n.geom)"),
              "6");
}

TEST_F(RealData, PressFiguresFindTheirUnits) {
    // counted in the two tables by hand: 20 areas and outputs; 1 + 4 + 4 + 5 counts of products and producers
    EXPECT_EQ(value("SELECT string_agg(subject || ' ' || n, ', ' ORDER BY subject) FROM (SELECT subject, count(*) AS n FROM geo.published_figure "
                    "WHERE NOT is_demo GROUP BY 1) s"),
              "crop_area 19, crop_output 1, ocop_producers 1, ocop_products 13");
    EXPECT_EQ(value("SELECT sum(value) FROM pub.published_figure WHERE subject = 'crop_area' AND item = 'coconut' AND level = 'district' AND period = '2022'"),
              "65775");
    EXPECT_EQ(value("SELECT string_agg(f.item || ' ' || f.crop || ' ' || f.name || ' ' || coalesce(f.period, '-'), ', ' ORDER BY f.item) "
                    "FROM pub.published_figure f WHERE f.level = 'commune'"),
              "mango_tu_quy mango Xã Thạnh Phong 2021, mango_tu_quy_coop mango Xã Thạnh Phong 2021, pomelo pomelo Xã Nhơn Thạnh -");
    EXPECT_EQ(value("SELECT count(*) FROM geo.published_figure f JOIN geo.admin_unit u USING (unit_key) WHERE f.period IS NOT NULL AND NOT "
                    "daterange(u.valid_from, u.valid_to) && daterange((left(f.period, 4) || '-01-01')::date, (left(f.period, 4) || '-12-31')::date, '[]')"),
              "0");
    EXPECT_THAT(*output_, HasSubstr("press figures: 34 of 34 taken"));
}

TEST_F(RealData, TheCensusAndThePressListFindTheirUnits) {
    EXPECT_EQ(value("SELECT count(*) || ' ' || sum(population) FROM geo.census_count"), "164 1288463");
    EXPECT_EQ(value("SELECT count(*) FROM ocop.product WHERE NOT is_demo"), "3");
    EXPECT_EQ(value("SELECT u.name || ' ' || p.unit_match FROM ocop.producer p JOIN geo.admin_unit u USING (unit_key) WHERE NOT p.is_demo"),
              "Xã Giao Thạnh declared");
    EXPECT_THAT(*output_, HasSubstr("press list: 3 of 23 products name producer and commune"));
    EXPECT_EQ(value("SELECT string_agg(data_set || ' ' || is_demo, ', ' ORDER BY data_set) FROM geo.data_set"),
              "boundaries false, census-2019 false, context false, press false, published-figures false, sample true");
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
