#include "tests/integration/record/support.hpp"

#include <gmock/gmock.h>

namespace record_test {
namespace {

using test_support::TestDatabase;
using testing::HasSubstr;
using testing::Not;

/// `ocopmap load --demo` with a data folder of the test's own.
class Loader {
public:
    Loader() {
        std::filesystem::create_directories(home_ / "data");
        for (auto const* name : {"demo", "crops.csv", "product_classes.csv", "migrations", "layers.toml", "dictionary.csv", "code_lists.csv", "entities.toml"}) {
            std::filesystem::copy(test_support::source_dir() + "/data/" + name, home_ / (std::string{"data/"} + name),
                                  std::filesystem::copy_options::recursive);
        }
    }
    void write(std::string const& name, std::string const& text) const { home_.write("data/demo/" + name, text); }
    void remove(std::string const& name) const { std::filesystem::remove(home_ / ("data/demo/" + name)); }
    test_support::Finished load(TestDatabase const& database, std::vector<std::string> const& more = {}) const {
        std::vector<std::string> arguments{test_support::cli(), "--database", database.conninfo(), "--home", home_ / ".", "load", "--demo"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return test_support::run(arguments);
    }

private:
    Folder home_;
};

TEST(PublishedFigures, ARefusedRowNamesFileLineFieldAndValue) {
    TestDatabase const database;
    Loader const loader;
    loader.write("agri_stats.csv",
                 "item,measure,year,level,unit_code,unit_name,value,note,source_url\n"
                 "coconut,area_ha,2025,district,834,Huyện Giồng Trôm,18685.5,,\n"
                 "coconut,area_mau,2025,district,834,Huyện Giồng Trôm,1,,\n"
                 "coconut,area_ha,2025,district,834,Huyện Giồng Trôm,over 400,,\n"
                 "coconut,area_ha,2025,district,834,Huyện Ba Tri,1,,\n"      // the code of another
                 "coconut,area_ha,2020,district,834,Huyện Giồng Trôm,1,,\n"  // before the demo's first frame
                 "coconut,area_ha,2025-02-30,district,834,Huyện Giồng Trôm,1,,\n"
                 "coconut,area_ha,2025,hamlet,834,Huyện Giồng Trôm,1,,\n"
                 "coconut,area_ha,2025,district,834,Huyện Giồng Trôm,2,\"twice,\nover two lines\",\n"
                 "shrimp_high_tech,area_ha,2025-06,district,835,Huyện Bình Đại,,,\n"
                 ",area_ha,2025,district,835,Huyện Bình Đại,1,,\n"
                 "pomelo,area_ha,,commune,28795,Xã Nhơn Thạnh,-4,,ftp://example.org\n"
                 "fruit_trees,area_ha,,commune,28795,Xã Nhơn Thạnh,4,,ftp://example.org\n"
                 "brackish_shrimp,production_t,2025,district,835,Huyện Bình Đại,7,,https://example.org/a\n");
    loader.write("ocop_counts.csv", "as_of,total,stars3,stars4,potential5,producers,note,source_url\n2025-01,10,,x,,4,,\n2025-13,1,,,,,,\n2025-02,,3,,,,,\n");
    auto const done = loader.load(database);
    EXPECT_EQ(done.exit_code, 0) << done.output;
    for (auto const* expected :
         {"press figures: 5 of 19 taken", "agri_stats.csv line 3, measure 'area_mau': must be area_ha or production_t; left out",
          "agri_stats.csv line 4, value 'over 400': must be a number of 0 or more",
          "agri_stats.csv line 5, unit_code '834': must be the code of a district named Huyện Ba Tri in force in 2025",
          "agri_stats.csv line 6, unit_code '834': must be the code of a district named Huyện Giồng Trôm in force in 2020",
          "agri_stats.csv line 7, year '2025-02-30': must be a year, month or day",
          "agri_stats.csv line 8, level 'hamlet': must be province, district or commune",
          "agri_stats.csv line 9, value '2': the same figure of the same page stands on an earlier line", "agri_stats.csv line 11, value: is empty",
          "agri_stats.csv line 12, item: is empty", "agri_stats.csv line 13, value '-4': must be a number of 0 or more",
          "agri_stats.csv line 14, source_url 'ftp://example.org': must begin with http:// or https://",
          "ocop_counts.csv line 2, stars4 'x': must be a number of 0 or more", "ocop_counts.csv line 3, as_of '2025-13': must be a year, month or day",
          "ocop_counts.csv line 4, total: is empty"}) {
        EXPECT_THAT(done.output, HasSubstr(expected));
    }
    EXPECT_EQ(database.query("SELECT subject, item, crop, level, code, period, value, measure, source_url FROM pub.published_figure ORDER BY 1, 2, 6"),
              (std::vector<std::vector<std::string>>{{"crop_area", "coconut", "coconut", "district", "834", "2025", "18685.5", "ha", ""},
                                                     {"crop_output", "brackish_shrimp", "shrimp", "district", "835", "2025", "7", "t", "https://example.org/a"},
                                                     {"ocop_producers", "all", "", "province", "83", "2025-01", "4", "producers", ""},
                                                     {"ocop_products", "all", "", "province", "83", "2025-01", "10", "products", ""},
                                                     {"ocop_products", "star_3", "", "province", "83", "2025-02", "3", "products", ""}}));
}

TEST(PublishedFigures, TheTablesMayBeMissingButNotTheirColumns) {
    TestDatabase const database, other, third;
    Loader const loader;
    loader.write("agri_stats.csv", "item,measure,year,level,unit,value,note,source_url\n");
    auto const refused = loader.load(database);
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.output, HasSubstr("agri_stats.csv has no column unit_code; its columns are item, measure, year"));
    EXPECT_EQ(database.value("SELECT count(*) FROM geo.admin_unit"), "0");
    loader.remove("agri_stats.csv");
    loader.remove("ocop_counts.csv");
    auto const done = loader.load(other);
    EXPECT_EQ(done.exit_code, 0) << done.output;
    EXPECT_THAT(done.output, Not(HasSubstr("press figures")));
    EXPECT_EQ(
        other.value("SELECT (SELECT count(*) FROM geo.published_figure) || ' ' || (SELECT count(*) FROM geo.data_set WHERE data_set = 'published-figures')"),
        "0 0");
    EXPECT_EQ(Loader{}.load(third, {"--no-seed"}).exit_code, 0);  // boundaries only
    EXPECT_EQ(third.value("SELECT count(*) FROM geo.published_figure"), "0");
}

TEST(PublishedFigures, TheDemoHasAFewAndSaysThatTheyAreInvented) {
    auto const database = test_support::database();
    EXPECT_EQ(test_support::value(database, "SELECT count(*) > 10 AND bool_and(is_demo AND note LIKE 'invented%') FROM geo.published_figure"), "t");
    EXPECT_EQ(test_support::value(database, "SELECT is_demo FROM geo.data_set WHERE data_set = 'published-figures'"), "t");
}

}  // namespace
}  // namespace record_test
