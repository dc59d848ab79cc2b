#include "tests/integration/record/support.hpp"

#include <gmock/gmock.h>

#include <csignal>

namespace record_test {
namespace {

using test_support::TestDatabase;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

test_support::Finished import(TestDatabase const& database, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "import");
    return ocopmap(database.conninfo(), arguments);
}

TEST(Import, EveryRefusedRowNamesLineFieldValueAndReason) {
    TestDatabase const database{TestDatabase::From::demo};
    Folder const folder;
    auto const file = folder.write("producers.csv",
                                   "external_id,name,kind,registered_on,lon,lat,commune,district\n"
                                   "a,HTX Một,cooperative,2025-02-01,106.4,10.1,,\n"
                                   "b,\"Công ty\n Hai\",company,01/03/2025,106.41,10.12,,\n"  // a line break in quotes: the next row is line 5
                                   "c,Hộ Ba,hộ kinh doanh,2025-02-30,106.4,10.1,,\n"
                                   "d,Bốn,guild,2025-02-01,106.4,10.1,,\n"
                                   "e,Năm,company,2025-02-01,10.1,106.4,,\n"
                                   "f,Sáu,company,2025-02-01,NaN,10.1,,\n"
                                   "g,Bảy,company,2025-02-01,2.35,48.85,,\n"
                                   "h,Tám,company,2025-02-01,,,Xã Mỹ Hoà,Ba Tri\n"  // tone mark placed the old way
                                   "i,Chín,company,2025-02-01,,,An Thạnh,\n"
                                   "j,Mười,company,2025-02-01,,,An Thạnh,Huyện Thạnh Phú\n"
                                   "k,Mười một,company,2025-02-01,,,Qưới Điền,\n"
                                   "l,Mười hai,company,2025-02-01,,,Nơi Không Có,\n"
                                   "a,Trùng,company,2025-02-01,106.4,10.1,,\n");
    auto const without = import(database, {"producers", file});
    EXPECT_EQ(without.exit_code, 3);
    EXPECT_THAT(without.output, AllOf(HasSubstr("does not say in which system"), HasSubstr("EPSG:9210 (105°45')")));

    auto const report = folder / "report.json";
    auto const done = import(database, {"producers", file, "--crs", "EPSG:4326", "--report", report});
    EXPECT_EQ(done.exit_code, 4) << done.output;
    EXPECT_THAT(done.output,
                AllOf(HasSubstr("refused: line 5, registered_on '2025-02-30': is no day"), HasSubstr("refused: line 6, kind 'guild': must be cooperative"),
                      HasSubstr("line 7, geometry '10.1, 106.4': longitude and latitude are swapped"),
                      HasSubstr("line 8, geometry 'NaN, 10.1': a coordinate is not a number"),
                      HasSubstr("line 9, geometry '2.35, 48.85': the position lies outside Vietnam")));
    EXPECT_THAT(done.output, AllOf(HasSubstr("line 11, commune 'An Thạnh': several communes bear this name on 2025-02-01: give the district"),
                                   HasSubstr("line 14, commune 'Nơi Không Có': no commune bears this name"),
                                   HasSubstr("line 15, external_id 'a': the same id stands on line 2"), HasSubstr("13 rows, 5 taken, 0 repaired, 8 refused")));
    EXPECT_EQ(database.query("SELECT p.external_id, p.unit_match, u.code FROM ocop.producer p JOIN geo.admin_unit u USING (unit_key) "
                             "WHERE NOT p.is_demo AND p.facility_geom IS NULL ORDER BY 1"),
              (std::vector<std::vector<std::string>>{{"h", "declared", "29116"}, {"j", "declared", "29200"}, {"k", "declared", "29191"}}));
    EXPECT_EQ(database.value("SELECT name FROM ocop.producer WHERE external_id = 'b'"), "Công ty\n Hai");
    std::ifstream in{report};
    std::string const json{std::istreambuf_iterator<char>{in}, {}};
    EXPECT_THAT(json, AllOf(HasSubstr(R"("rows":13,"taken":5,"repaired":0,"refused":8)"),
                            HasSubstr(R"({"line":6,"severity":"refused","field":"kind","value":"guild")")));
    // The same file again changes the rows it made.
    EXPECT_THAT(import(database, {"producers", file, "--crs", "EPSG:4326"}).output, HasSubstr("5 taken"));
    EXPECT_EQ(database.value("SELECT count(*) FROM ocop.producer WHERE NOT is_demo"), "5");
}

TEST(Import, Vn2000ComesInByTheNamedMeridian) {
    TestDatabase const database{TestDatabase::From::demo};
    Folder const folder;
    auto const file = folder.write("points.csv", "ten;kind;opened_on;X;Y\nChợ;market;2025-02-01;568348,862;1132632,197\n");
    auto const done = import(database, {"sales-points", file, "--crs", "EPSG:9210", "--map", "ten=name"});
    EXPECT_EQ(done.exit_code, 0) << done.output;
    EXPECT_EQ(
        database.value(
            "SELECT ST_DWithin(geom::geography, ST_SetSRID(ST_MakePoint(106.3757, 10.2415), 4326)::geography, 0.002) FROM ocop.sales_point WHERE NOT is_demo"),
        "t");
    auto const survey = folder.write("survey.csv", "name,kind,opened_on,X,Y\nChợ,market,2025-02-01,1132632.197,568348.862\n");  // X is the northing
    EXPECT_THAT(import(database, {"sales-points", survey, "--crs", "EPSG:9210"}).output, HasSubstr("easting and northing are swapped"));
    EXPECT_EQ(import(database, {"sales-points", file, "--crs", "VN-2000"}).exit_code, 2);
    EXPECT_THAT(import(database, {"sales-points", file, "--crs", "EPSG:9210"}).output,
                HasSubstr("has no field name; its fields are ten, kind, opened_on, X, Y"));
    EXPECT_THAT(import(database, {"planets", file}).output, HasSubstr("KIND is planets, must be communes"));
}

TEST(Import, ABentPolygonIsRepairedWithinTheStatedArea) {
    TestDatabase const database{TestDatabase::From::demo};
    Folder const folder;
    auto const zone = [](std::string const& code, std::string const& ring) {
        return R"({"type":"Feature","properties":{"code":")" + code + R"(","name":"Vùng )" + code +
               R"(","crop":"coconut","valid_from":"2025-03-01"},"geometry":{"type":"Polygon","coordinates":[[)" + ring + "]]}}";
    };
    auto const file = folder.write(
        "zones.geojson", R"({"type":"FeatureCollection","features":[)" + zone("good", "[106.4,10.1],[106.41,10.1],[106.41,10.11],[106.4,10.11],[106.4,10.1]") +
                             "," + zone("spike", "[106.4,10.1],[106.41,10.1],[106.41,10.11],[106.41,10.12],[106.41,10.11],[106.4,10.11],[106.4,10.1]") + "," +
                             zone("bow", "[106.4,10.1],[106.41,10.11],[106.41,10.1],[106.4,10.11],[106.4,10.1]") + "," +
                             zone("crop", "[106.4,10.1],[106.41,10.1],[106.41,10.11],[106.4,10.1]") + "]}");
    std::string text;
    {
        std::ifstream in{file};
        text.assign(std::istreambuf_iterator<char>{in}, {});
    }
    text.replace(text.rfind("coconut"), 7, "unicorn");
    folder.write("zones.geojson", text);
    auto const dry = import(database, {"zones", file, "--dry-run"});
    EXPECT_THAT(dry.output,
                AllOf(HasSubstr("repaired: line 2, geometry 'Ring Self-intersection"), HasSubstr("refused: line 3, geometry 'Self-intersection"),
                      HasSubstr("the limit is 100 m²"), HasSubstr("refused: line 4, crop 'unicorn': must be one of coconut, pomelo"), HasSubstr("dry run")));
    EXPECT_EQ(database.value("SELECT count(*) FROM geo.zone WHERE NOT is_demo"), "0");
    EXPECT_EQ(import(database, {"zones", file}).exit_code, 4);
    EXPECT_EQ(database.value("SELECT count(*) FROM geo.zone WHERE NOT is_demo AND lineage_key IS NOT NULL"), "2");
}

TEST(Import, EveryFormatGivesTheSameRows) {
    TestDatabase const database{TestDatabase::From::demo};
    Folder const folder;
    auto const file = folder.write(
        "a.geojson", R"({"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"Chợ Dừa","kind":"market","opened_on":"01/02/2025"},)"
                     R"("geometry":{"type":"Point","coordinates":[106.4,10.1]}}]})");
    auto const convert = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "ogr2ogr");
        auto const done = test_support::run(arguments);
        ASSERT_EQ(done.exit_code, 0) << done.output;
    };
    convert({"-f", "GPKG", folder / "a.gpkg", file});
    convert({"-f", "FlatGeobuf", folder / "a.fgb", file});
    convert({"-f", "LIBKML", folder / "a.kml", file});
    convert({"-f", "LIBKML", folder / "a.kmz", file});
    convert({"-f", "ESRI Shapefile", folder / "a.shz", file, "-lco", "ENCODING=UTF-8"});
    std::filesystem::rename(folder / "a.shz", folder / "a.zip");
    convert({"-f", "XLSX", folder / "a.xlsx", file, "-sql", "SELECT name, kind, opened_on, '106.4' AS lon, '10.1' AS lat FROM a"});
    for (auto const* name : {"a.geojson", "a.gpkg", "a.fgb", "a.kml", "a.kmz", "a.zip", "a.xlsx"}) {
        std::vector<std::string> arguments{"sales-points", folder / name};
        if (std::string_view{name} == "a.xlsx") arguments.insert(arguments.end(), {"--crs", "EPSG:4326"});
        if (std::string_view{name}.starts_with("a.k")) arguments.insert(arguments.end(), {"--map", "Name=name"});
        auto const done = import(database, arguments);
        EXPECT_EQ(done.exit_code, 0) << name << done.output;
    }
    EXPECT_EQ(
        database.value("SELECT count(*) || ' ' || count(DISTINCT geom) || ' ' || count(DISTINCT name || opened_on) FROM ocop.sales_point WHERE NOT is_demo"),
        "7 1 1");
}

TEST(Import, CertificatesKeepTheirRules) {
    TestDatabase const database{TestDatabase::From::demo};
    Folder const folder;
    ASSERT_EQ(
        import(database, {"producers", folder.write("m.csv", "external_id,name,kind,registered_on,commune_code\nm1,HTX A,HTX,2025-02-01,28984\n")}).exit_code,
        0);
    auto const products = import(
        database, {"products",
                   folder.write("p.csv",
                                "external_id,name,producer,class_code,registered_on\n"
                                "p1,Kẹo dừa,m1,I.3.c,2025-02-01\np2,Dầu dừa,HTX A,I.3.c,2025-02-01\np3,Lạ,ai đó,I.3.c,2025-02-01\np4,Lạ,m1,Z.9,2025-02-01\n")});
    EXPECT_THAT(products.output,
                AllOf(HasSubstr("line 4, producer 'ai đó': no producer has this id or name"), HasSubstr("line 5, class_code 'Z.9'"), HasSubstr("2 taken")));
    auto const done = import(
        database,
        {"certificates",
         folder.write("c.csv",
                      "external_id,product,star,issued_on,valid_to,revoked_on\n"
                      "c1,p1,4,2025-02-01,,\nc2,p2,2,2025-02-01,,\nc3,p1,3,2026-02-01,,\nc4,p2,5,2025-02-01,2025-01-01,\nc5,p2,3,2025-02-01,,2025-03-01\n")});
    EXPECT_EQ(done.exit_code, 4);
    EXPECT_THAT(done.output, AllOf(HasSubstr("line 3, star '2': results of 1 and 2 stars are no certificates and are never public"),
                                   HasSubstr("line 4, issued_on '2026-02-01': another certificate of this product is in force"),
                                   HasSubstr("line 5, valid_to '2025-01-01'"), HasSubstr("2 taken")));
    EXPECT_EQ(database.value("SELECT valid_to FROM ocop.certificate WHERE external_id = 'c1'"), "2028-02-01");
}

TEST(Import, KilledHalfWayLeavesNothing) {
    TestDatabase const database{TestDatabase::From::demo};
    Folder const folder;
    std::string rows = "name,kind,opened_on,lon,lat\n";
    for (int i = 0; i < 30'000; ++i) rows += "Chợ " + std::to_string(i) + ",market,2025-02-01,106.4,10.1\n";
    auto const file = folder.write("many.csv", rows);
    for (auto const* word : {"rows read", "taking the good rows"}) {
        test_support::Process process{{test_support::cli(), "--database", database.conninfo(), "--home", test_support::source_dir(), "import", "sales-points",
                                       file, "--crs", "EPSG:4326"}};
        ASSERT_TRUE(test_support::wait_until([&] { return process.output().find(word) != std::string::npos; }, std::chrono::seconds(60))) << process.output();
        process.kill9();
    }
    EXPECT_TRUE(test_support::wait_until(
        [&] {
            return database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'") ==
                   "0";
        },
        std::chrono::seconds(60)));
    EXPECT_EQ(database.value("SELECT count(*) FROM ocop.sales_point WHERE NOT is_demo"), "0");
}

TEST(Import, UnitsThatClashAreListed) {
    TestDatabase const database{TestDatabase::From::demo};
    Folder const folder;
    auto const unit = [](std::string const& code, std::string const& name, std::string const& ring) {
        return R"({"type":"Feature","properties":{"code":")" + code + R"(","name":")" + name +
               R"(","district_code":"834"},"geometry":{"type":"Polygon","coordinates":[[)" + ring + "]]}}";
    };
    auto const square = [](double west, double south, double size) {
        auto const at = [](double x, double y) { return "[" + std::to_string(x) + "," + std::to_string(y) + "]"; };
        return at(west, south) + "," + at(west + size, south) + "," + at(west + size, south + size) + "," + at(west, south + size) + "," + at(west, south);
    };
    auto const collection = [](std::string const& features) { return R"({"type":"FeatureCollection","features":[)" + features + "]}"; };
    auto const overlapping = folder.write(
        "overlapping.geojson", collection(unit("29990", "Xã Một", square(106.40, 10.1, 0.02)) + "," + unit("29991", "Xã Hai", square(106.41, 10.1, 0.02))));
    auto const refused = import(database, {"communes", overlapping, "--valid-from", "2025-02-01"});
    EXPECT_EQ(refused.exit_code, 3);
    EXPECT_THAT(refused.output,
                AllOf(HasSubstr("file, geometry '1 pairs': units of one date overlap"), HasSubstr("line 1, geometry '29990': overlaps 29991 (line 2) by"),
                      HasSubstr("of the record by"), HasSubstr("lies outside Huyện Giồng Trôm")));
    auto const twice = folder.write(
        "twice.geojson", collection(unit("29990", "Xã Một", square(106.40, 10.1, 0.01)) + "," + unit("29990", "Xã Hai", square(106.42, 10.1, 0.01)) + "," +
                                    unit("29992", "Xã  Một", square(106.44, 10.1, 0.01)) + "," + unit("299", "Xã Ba", square(106.46, 10.1, 0.01))));
    EXPECT_THAT(import(database, {"communes", twice, "--valid-from", "2025-02-01", "--dry-run"}).output,
                AllOf(HasSubstr("line 2, code '29990': the same code stands on line 1"),
                      HasSubstr("line 3, name 'Xã  Một': the same name under the same parent stands on line 1"),
                      HasSubstr("line 4, code '299': a code has 2 (province), 3 (district) or 5 (commune) digits")));
    EXPECT_EQ(database.value("SELECT count(*) FROM geo.admin_unit"), "207");
}

TEST(Import, ANewVersionOfACommuneEndsTheOldOne) {
    TestDatabase const database{TestDatabase::From::demo};
    Folder const folder;
    auto const row =
        database.query("SELECT code, ST_AsGeoJSON(geom, 7), name FROM geo.admin_unit WHERE level = 'commune' AND valid_to IS NULL AND name = 'Xã Ba Tri'")[0];
    auto const file = folder.write("ba_tri.geojson", R"({"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":")" + row[0] +
                                                         R"(","name":"Phường Ba Tri"},"geometry":)" + row[1] + "}]}");
    EXPECT_THAT(import(database, {"communes", file}).output, HasSubstr("--valid-from is empty, must be"));
    auto const done = import(database, {"communes", file, "--valid-from", "2026-06-01", "--source", "test", "--document", "1/NQ"});
    ASSERT_EQ(done.exit_code, 0) << done.output;
    EXPECT_EQ(database.query("SELECT name, type, valid_from, valid_to FROM geo.admin_unit WHERE level = 'commune' AND code = '" + row[0] +
                             "' AND valid_from >= '2025-07-01' ORDER BY valid_from"),
              (std::vector<std::vector<std::string>>{{"Xã Ba Tri", "xã", "2025-07-01", "2026-06-01"}, {"Phường Ba Tri", "phường", "2026-06-01", ""}}));
    EXPECT_EQ(database.value("SELECT kind || ' ' || document FROM geo.admin_change WHERE effective = '2026-06-01'"), "status 1/NQ");
    EXPECT_EQ(database.value("SELECT count(*) FROM geo.lineage WHERE cardinality(unit_keys) = 3"), "5");  // Ba Tri was made of five
    EXPECT_EQ(database.value("SELECT count(*) FROM ocop.producer WHERE lineage_key IS NULL"), "0");
}

}  // namespace
}  // namespace record_test
