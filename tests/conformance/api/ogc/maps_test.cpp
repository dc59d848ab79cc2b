// OGC API - Maps Part 1 (20-058) and OGC API - Styles (20-009, draft); each test names the requirement it holds us to.
#include "tests/conformance/api/ogc/asking.hpp"
#include "tests/support/process.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace {

using namespace asking;
using testing::HasSubstr;

// /req/core/map-success: a picture, with the box and the CRS that it shows.
TEST(OgcMapsTest, MapSuccess_ThePictureSaysWhatItShows) {
    auto const reply = ok("/ogc/map?f=png&bbox=106.2,10,106.6,10.3&width=400");
    EXPECT_EQ(reply.header("Content-Type"), "image/png");
    EXPECT_EQ(reply.header("Content-Crs"), "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>");
    EXPECT_EQ(reply.header("Content-Bbox"), "106.2,10,106.6,10.3");
    auto const picture = decode(reply.body);
    EXPECT_EQ(picture.width, 400);
    EXPECT_EQ(picture.height, 300);  // as wide and high in degrees
    EXPECT_GT(colours(picture), 20U);
    EXPECT_EQ(get(at("/ogc/map?f=png&bbox=106.2,10,106.6,10.3&width=400"), {{"If-None-Match", reply.header("ETag")}}).status, 304);
}

// /req/core/map-operation: the landing page, a collection and every style link to their maps.
TEST(OgcMapsTest, MapOperation_LinksLeadToMaps) {
    EXPECT_EQ(get(link(json("/ogc?f=json"), ogc_rel("map"), "image/png")).status, 200);
    EXPECT_EQ(get(link(json("/ogc/collections/communes?f=json"), ogc_rel("map"))).status, 200);
    auto const all_styles = json("/ogc/styles?f=json")["styles"];
    for (auto const& style : all_styles) EXPECT_EQ(get(link(style, ogc_rel("map"), "image/png")).header("Content-Type"), "image/png");
}

// The same ground drawn three ways is the same picture: the cached tile, the map of its box, the map tile.
TEST(OgcMapsTest, MapSuccess_TheMapOfATilesBoxIsTheTile) {
    double const side = 40075016.685578488 / 4096, west = -20037508.342789244 + 3257 * side, north = 20037508.342789244 - 1930 * side;
    auto const tile = decode(ok("/tiles/ocop/12/3257/1930.png").body);
    auto const map = decode(ok("/ogc/styles/ocop/map?f=png&width=256&height=256&crs=EPSG:3857&bbox-crs=EPSG:3857&bbox=" + std::to_string(west) + "," +
                               std::to_string(north - side) + "," + std::to_string(west + side) + "," + std::to_string(north))
                                .body);
    EXPECT_GT(colours(tile), 10U);
    EXPECT_LT(difference(tile, map), 1.5);
}

// /req/crs/crs-definition: a picture in VN-2000 has a place where PROJ puts it. The province's outline is looked for on both sides of a point of
// the record's own boundary.
TEST(OgcMapsTest, CrsDefinition_VN2000MapsAreOfThatGround) {
    ByProj const project{vn2000(105.75)};
    // A box of 40 x 30 km in VN-2000, and the same ground in Web Mercator warped by GDAL: the same picture but for a few pixels of letters.
    auto const [x, y] = project(106.4, 10.2);
    double const west = std::round(x) - 20'000, south = std::round(y) - 15'000;
    auto const box = std::to_string(west) + "," + std::to_string(south) + "," + std::to_string(west + 40'000) + "," + std::to_string(south + 30'000);
    auto const reply = ok("/ogc/map?f=png&crs=EPSG:9210&bbox-crs=EPSG:9210&width=800&bbox=" + box);
    EXPECT_EQ(reply.header("Content-Crs"), "<http://www.opengis.net/def/crs/EPSG/0/9210>");
    auto const picture = decode(reply.body);
    ASSERT_EQ(picture.width, 800);
    ASSERT_EQ(picture.height, 600);
    // Land is drawn where the record has communes, nothing elsewhere: 300 places on a grid, those within 150 m (3 pixels) of an outline left out.
    auto const ground = decode(ok("/ogc/map?f=png&bbox=104,8.2,104.2,8.35&width=400").body);  // the sea: paper
    auto const paper = std::array{ground.rgb[0], ground.rgb[1], ground.rgb[2]};
    int asked = 0, wrong = 0;
    for (int row = 20; row < 600; row += 40) {
        for (int column = 20; column < 800; column += 40) {
            auto const point = "ST_SetSRID(ST_MakePoint(" + std::to_string(west + (column + 0.5) * 50) + "," +
                               std::to_string(south + 30'000 - (row + 0.5) * 50) + "), 990210)";
            auto const inside = sql("SELECT CASE WHEN EXISTS (SELECT FROM pub.commune WHERE ST_DWithin(ST_Boundary(ST_Transform(geom, 990210)), " + point +
                                    ", 150)) THEN '' ELSE "
                                    "EXISTS (SELECT FROM pub.commune WHERE ST_Contains(ST_Transform(geom, 990210), " +
                                    point + "))::text END");
            if (inside.empty()) continue;
            ++asked;
            auto const* const pixel = &picture.rgb[static_cast<std::size_t>((row * 800 + column) * 3)];
            bool const is_paper = pixel[0] == paper[0] && pixel[1] == paper[1] && pixel[2] == paper[2];
            if (is_paper == (inside == "true")) ++wrong;
        }
    }
    EXPECT_GT(asked, 100);
    EXPECT_LE(wrong, asked / 25);  // letters, markers and lines of water lie over a few
}

// /req/crs, axis order: EPSG:4326 is latitude first, CRS84 longitude first; the boxes are the same.
TEST(OgcMapsTest, BboxCrs_CoordinatesComeInTheOrderOfTheCrs) {
    auto const lon_lat = ok("/ogc/map?f=png&width=300&height=200&bbox=106.2,10,106.5,10.2");
    auto const lat_lon = ok("/ogc/map?f=png&width=300&height=200&bbox=10,106.2,10.2,106.5&bbox-crs=EPSG:4326");
    EXPECT_EQ(lon_lat.body, lat_lon.body);
    auto const said = ok("/ogc/map?f=png&width=300&height=200&bbox=106.2,10,106.5,10.2&crs=http://www.opengis.net/def/crs/EPSG/0/4326");
    EXPECT_EQ(said.header("Content-Bbox"), "10,106.2,10.2,106.5");
    EXPECT_EQ(said.body, lon_lat.body);
}

// /req/scaling: width and height; scale-denominator at 0.28 mm a pixel.
TEST(OgcMapsTest, Scaling_WidthHeightAndScale) {
    auto const scaled = decode(ok("/ogc/map?f=png&crs=EPSG:9210&bbox-crs=EPSG:9210&bbox=550000,1120000,564000,1127000&scale-denominator=50000").body);
    EXPECT_EQ(scaled.width, 1000);  // 14 km / (50,000 x 0.28 mm)
    EXPECT_EQ(scaled.height, 500);
    auto const wide = decode(ok("/ogc/map?f=webp&width=640&height=100&bbox=106.2,10,106.5,10.2").body);
    EXPECT_EQ(wide.width, 640);
    EXPECT_EQ(wide.height, 100);
}

// /req/core, errors: what is wrong, and what is allowed.
TEST(OgcMapsTest, EveryRefusalNamesFieldAndWhatIsAllowed) {
    for (auto const& [target, status, word] : {std::tuple{"/ogc/map?width=5000", 400, "16 to 4096"},
                                               {"/ogc/map?width=4000&height=4000", 400, "width*height"},
                                               {"/ogc/map?bbox=106.5,10,106.2,10.2", 400, "bbox"},
                                               {"/ogc/map?crs=EPSG:32648", 400, "EPSG/0/9210"},
                                               {"/ogc/map?at=2025-06-30", 400, "datetime"},
                                               {"/ogc/map?f=gif", 400, "pdf"},
                                               {"/ogc/map?datetime=1850-01-01", 400, "datetime"},
                                               {"/ogc/map?datetime=1950-01-01", 404, "nearest"},
                                               {"/ogc/styles/nowhere/map", 404, "ocop-dark"},
                                               {"/ogc/collections/rivers/map", 404, "communes"},
                                               {"/ogc/map?f=pdf&width=100", 400, "paper"},
                                               {"/ogc/map?f=pdf&crs=CRS:84", 400, "EPSG:9210"},
                                               {"/ogc/map?f=pdf&scale-denominator=1", 400, "500"}}) {
        auto const reply = get(at(target));
        EXPECT_EQ(reply.status, status) << target << reply.body;
        EXPECT_THAT(reply.body, HasSubstr(word)) << target;
    }
    EXPECT_EQ(get(at("/ogc/map"), {{"Accept", "image/tiff"}}).status, 406);
}

// datetime: the boundaries of the day.
TEST(OgcMapsTest, Datetime_AnotherDayIsAnotherPicture) {
    std::string const base = "/ogc/map?f=png&width=500&bbox=106.2,10,106.6,10.3&datetime=";
    auto const before = decode(ok(base + "2025-06-30").body), after = decode(ok(base + "2025-07-01").body);
    EXPECT_GT(difference(before, after), 1);
    EXPECT_EQ(ok(base + "2025-06-30").body, ok(base + "../2025-06-30").body);
}

// A printed map: text is text, and what is measured on paper is the ground by the scale.
class OgcPrintTest : public testing::Test {
protected:
    std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("ocopmap-print-" + std::to_string(getpid()));
    void SetUp() override { std::filesystem::create_directories(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string save(std::string const& target) {
        auto const reply = ok(target);
        EXPECT_EQ(reply.header("Content-Type"), "application/pdf");
        auto const file = (folder_ / "map.pdf").string();
        std::ofstream{file, std::ios::binary} << reply.body;
        return file;
    }
};

TEST_F(OgcPrintTest, Pdf_SaysWhatItIsInBothLanguages) {
    auto const file = save("/ogc/map?f=pdf&scale-denominator=250000&datetime=2025-06-30&lang=vi");
    auto const text = test_support::run({"pdftotext", "-layout", file, "-"}).output;
    for (auto const* words :
         {"Bến Tre", "1:250.000", "VN-2000 / TM-3 105-45", "Số liệu ngày 30/06/2025", "Sản phẩm còn hiệu lực", "Ranh giới", "Nguồn", "In ngày", "km"})
        EXPECT_THAT(text, HasSubstr(words));
    EXPECT_THAT(test_support::run({"pdfinfo", file}).output, HasSubstr("841.89 x 595.276 pts (A4)"));
    auto const english = test_support::run({"pdftotext", "-layout", save("/ogc/styles/districts/map?f=pdf&paper=a3&orientation=portrait&lang=en"), "-"}).output;
    for (auto const* words : {"Scale 1:", "Products with a certificate in force", "Boundaries", "Sources", "Printed on"})
        EXPECT_THAT(english, HasSubstr(words));
    EXPECT_THAT(test_support::run({"pdffonts", file}).output, HasSubstr("NotoSans"));
}

TEST_F(OgcPrintTest, Pdf_IsToScale) {
    // The map's frame is 217 mm wide on A4 lying, from 10 mm on: at 1:200,000 43.4 km. The same ground as a picture of 0.28 mm a pixel.
    auto const file = save("/ogc/map?f=pdf&crs=EPSG:9210&bbox-crs=EPSG:9210&bbox=560000,1120000,580000,1140000&scale-denominator=200000");
    ASSERT_EQ(test_support::run({"pdftoppm", "-png", "-r", "90.7142857", "-singlefile", file, (folder_ / "page").string()}).exit_code, 0);
    std::ifstream in{folder_ / "page.png", std::ios::binary};
    auto const page = decode({std::istreambuf_iterator<char>{in}, {}});
    ASSERT_NEAR(page.width, 297 / 0.28, 2);
    double const width_mm = 297 - 20 - 56 - 4, height_mm = 210 - 20 - 16 - 13;
    auto const east = 570'000 + width_mm / 2 * 200, west = 570'000 - width_mm / 2 * 200, south = 1'130'000 - height_mm / 2 * 200,
               north = 1'130'000 + height_mm / 2 * 200;
    auto const map = decode(ok("/ogc/map?f=png&crs=EPSG:9210&bbox-crs=EPSG:9210&scale-denominator=200000&bbox=" + std::to_string(west) + "," +
                               std::to_string(south) + "," + std::to_string(east) + "," + std::to_string(north))
                                .body);
    auto const cut = [&](int dx) {
        Picture part{map.width, map.height, {}};
        int const left = static_cast<int>(std::lround(10 / 0.28)) + dx, top = static_cast<int>(std::lround(26 / 0.28));
        for (int row = 0; row < map.height; ++row) {
            auto const* const first = &page.rgb[static_cast<std::size_t>(((row + top) * page.width + left) * 3)];
            part.rgb.insert(part.rgb.end(), first, first + map.width * 3);
        }
        return difference(part, map);
    };
    EXPECT_LT(cut(0), 8);             // two renderers: letters and edges differ
    EXPECT_GT(cut(6), 1.3 * cut(0));  // and 1.7 mm beside it, it is another map
}

// OGC API - Styles, /req/core/styles, style-md: list, sheets, metadata, legend.
TEST(OgcStylesTest, StylesList_LeadsToSheetsMetadataAndLegend) {
    auto const list = json("/ogc/styles?f=json");
    std::set<std::string> ids;
    for (auto const& style : list["styles"]) {
        ids.insert(style["id"].get<std::string>());
        auto const sheet = get(link(style, "stylesheet", "application/vnd.mapbox.style+json"));
        EXPECT_EQ(sheet.header("Content-Type"), "application/vnd.mapbox.style+json");
        auto const maplibre = gis_core::parse_json(sheet.body, "style");
        EXPECT_EQ(maplibre["version"], 8);
        EXPECT_FALSE(maplibre["layers"].empty());
        auto const mapnik = get(link(style, "stylesheet", "application/xml")).body;
        EXPECT_THAT(mapnik, HasSubstr("<Map "));
        EXPECT_THAT(mapnik, testing::Not(HasSubstr("=\"/")));  // no path of this machine
        auto const metadata = gis_core::parse_json(get(link(style, "describedby")).body, "metadata");
        EXPECT_EQ(metadata["id"], style["id"]);
        EXPECT_EQ(metadata["stylesheets"].size(), 2U);
        auto const legend = decode(get(link(style, ogc_rel("legend"))).body);
        EXPECT_GT(legend.height, legend.width);
        EXPECT_GT(colours(legend), 20U);
    }
    EXPECT_TRUE(ids.contains(list["default"].get<std::string>()));
    EXPECT_THAT(ids, testing::ElementsAre("districts", "districts-dark", "ocop", "ocop-dark"));
}

// GDAL's OGCAPI driver: a collection's map. (Of tile matrix sets GDAL 3.6 knows only a draft; it reads the tiles by WMTS.)
TEST(OgcMapsTest, Gdal_OgcapiDriverReadsTheMapOfACollection) {
    auto const dataset = open("OGCAPI:" + at("/ogc/collections/communes"), GDAL_OF_RASTER, {"API=MAP", "CACHE=NO"});
    ASSERT_TRUE(dataset);
    double box[6];
    ASSERT_EQ(GDALGetGeoTransform(dataset.get(), box), CE_None);
    int const width = GDALGetRasterXSize(dataset.get()), height = GDALGetRasterYSize(dataset.get());
    Picture picture{300, 200, std::vector<std::uint8_t>(300 * 200 * 3)};
    EXPECT_EQ(GDALDatasetRasterIO(dataset.get(), GF_Read, 0, 0, width, height, picture.rgb.data(), 300, 200, GDT_Byte, 3, nullptr, 3, 900, 1), CE_None);
    EXPECT_GT(colours(picture), 10U);
    EXPECT_NEAR(box[0], std::stod(sql("SELECT ST_XMin(ST_Extent(geom)) FROM pub.commune")), 1e-5);
    EXPECT_NEAR(box[3], std::stod(sql("SELECT ST_YMax(ST_Extent(geom)) FROM pub.commune")), 1e-5);
}

// The conformance classes that stand for what is tested here and in tiles_test.cpp.
TEST(OgcConformanceTest, ListsTilesMapsAndStyles) {
    std::set<std::string> classes;
    auto const all_conformsto = json("/ogc/conformance?f=json")["conformsTo"];
    for (auto const& one : all_conformsto) classes.insert(one.get<std::string>());
    for (auto const* one : {"ogcapi-tiles-1/1.0/conf/core", "ogcapi-tiles-1/1.0/conf/mvt", "ogcapi-tiles-1/1.0/conf/png", "ogcapi-tiles-1/1.0/conf/datetime",
                            "tms/2.0/conf/json-tilematrixset", "ogcapi-maps-1/1.0/conf/core", "ogcapi-maps-1/1.0/conf/crs", "ogcapi-styles-1/0.0/conf/core"})
        EXPECT_TRUE(classes.contains(std::string{"http://www.opengis.net/spec/"} + one)) << one;
}

}  // namespace
