// WMS 1.3.0 (06-042) and WMTS 1.0.0 (07-057r7), over plain HTTP and with GDAL as the desktop program.
#include "tests/conformance/api/ogc/asking.hpp"

#include <cpl_minixml.h>
#include <cpl_string.h>
#include <gmock/gmock.h>

#include <set>

namespace {

using namespace asking;
using testing::HasSubstr;

struct XmlFree {
    void operator()(CPLXMLNode* node) const noexcept { CPLDestroyXMLNode(node); }
};
using Xml = std::unique_ptr<CPLXMLNode, XmlFree>;

std::string const kMap = "/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=ocop&STYLES=&FORMAT=image/png&WIDTH=300&HEIGHT=200&";

// 06-042 §7.2: the capabilities are XML, and name what GetMap takes.
TEST(WmsTest, GetCapabilities_NamesLayersStylesAndSystems) {
    auto const reply = ok("/wms?service=WMS&request=GetCapabilities");  // names in any case, §6.8.1
    EXPECT_THAT(reply.header("Content-Type"), HasSubstr("text/xml"));
    Xml const document{CPLParseXMLString(reply.body.c_str())};
    ASSERT_TRUE(document);
    auto* const root = CPLGetXMLNode(document.get(), "=WMS_Capabilities");
    ASSERT_NE(root, nullptr);
    auto* const top = CPLGetXMLNode(root, "Capability.Layer");
    std::set<std::string> systems, layers;
    for (auto* node = top->psChild; node != nullptr; node = node->psNext) {
        if (std::string_view{node->pszValue} == "CRS") systems.insert(CPLGetXMLValue(node, nullptr, ""));
        if (std::string_view{node->pszValue} == "Layer") layers.insert(CPLGetXMLValue(node, "Name", ""));
    }
    EXPECT_THAT(systems, testing::ElementsAre("CRS:84", "EPSG:3405", "EPSG:3857", "EPSG:4326", "EPSG:4756", "EPSG:9209", "EPSG:9210"));
    EXPECT_THAT(layers, testing::ElementsAre("districts", "ocop"));
    // Annex B: latitude first in the boxes of EPSG:4326.
    EXPECT_THAT(reply.body, HasSubstr("<BoundingBox CRS=\"EPSG:4326\" minx=\"8\" miny=\"102\" maxx=\"23.5\" maxy=\"110\"/>"));
    EXPECT_THAT(reply.body, HasSubstr("<BoundingBox CRS=\"CRS:84\" minx=\"102\" miny=\"8\" maxx=\"110\" maxy=\"23.5\"/>"));
}

// 06-042 §6.7.3.3: the axes of EPSG:4326 are latitude, longitude; those of CRS:84 the other way.
TEST(WmsTest, GetMap_AxesAreThoseOfTheCrs) {
    auto const crs84 = ok(kMap + "CRS=CRS:84&BBOX=106.2,10,106.5,10.2");
    auto const epsg4326 = ok(kMap + "CRS=EPSG:4326&BBOX=10,106.2,10.2,106.5");
    EXPECT_EQ(crs84.body, epsg4326.body);
    EXPECT_GT(colours(decode(crs84.body)), 20U);
    // Swapped it is no place: 106 degrees north.
    EXPECT_EQ(get(at(kMap + "CRS=CRS:84&BBOX=10,106.2,10.2,106.5")).status, 400);
    EXPECT_EQ(get(at(kMap + "CRS=EPSG:4326&BBOX=106.2,10,106.5,10.2")).status, 400);
}

// The same box three ways: WMS, OGC API - Maps, and the tile.
TEST(WmsTest, GetMap_IsTheMapOfOgcApiAndTheTile) {
    double const side = 40075016.685578488 / 2048, west = -20037508.342789244 + 1629 * side, north = 20037508.342789244 - 965 * side;
    auto const box = std::to_string(west) + "," + std::to_string(north - side) + "," + std::to_string(west + side) + "," + std::to_string(north);
    auto const wms =
        ok("/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=ocop&STYLES=ocop-dark&FORMAT=image/png&WIDTH=256&HEIGHT=256&CRS=EPSG:3857&BBOX=" + box);
    auto const map = ok("/ogc/styles/ocop-dark/map?f=png&width=256&height=256&crs=EPSG:3857&bbox-crs=EPSG:3857&bbox=" + box);
    EXPECT_EQ(wms.body, map.body);
    EXPECT_LT(difference(decode(wms.body), decode(ok("/tiles/ocop-dark/11/1629/965.png").body)), 1.5);
}

// 06-042 §6.11 and table E.1: exceptions are XML with the code of what is wrong.
TEST(WmsTest, Exceptions_SayCodeAndWhatIsAllowed) {
    for (auto const& [query, code] :
         {std::pair{kMap + "CRS=EPSG:32648&BBOX=1,2,3,4", "InvalidCRS"},
          {kMap + "CRS=CRS:84&BBOX=106.2,10,106.5,10.2&TIME=1950-01-01", "InvalidDimensionValue"},
          {std::string{"/wms?VERSION=1.3.0&REQUEST=GetMap&LAYERS=nowhere&STYLES=&FORMAT=image/png&WIDTH=300&HEIGHT=200&CRS=CRS:84&BBOX=106.2,10,106.5,10.2"},
           "LayerNotDefined"},
          {std::string{"/wms?VERSION=1.3.0&REQUEST=GetMap&LAYERS=ocop&STYLES=grey&FORMAT=image/png&WIDTH=300&HEIGHT=200&CRS=CRS:84&BBOX=106.2,10,106.5,10.2"},
           "StyleNotDefined"},
          {std::string{"/wms?VERSION=1.3.0&REQUEST=GetMap&LAYERS=ocop&STYLES=&FORMAT=image/gif&WIDTH=300&HEIGHT=200&CRS=CRS:84&BBOX=106.2,10,106.5,10.2"},
           "InvalidFormat"},
          {std::string{"/wms?VERSION=1.3.0&REQUEST=GetEverything"}, "OperationNotSupported"}}) {
        auto const reply = get(at(query));
        EXPECT_GE(reply.status, 400) << query;
        EXPECT_THAT(reply.header("Content-Type"), HasSubstr("text/xml")) << query;
        Xml const document{CPLParseXMLString(reply.body.c_str())};
        ASSERT_TRUE(document) << reply.body;
        EXPECT_STREQ(CPLGetXMLValue(document.get(), "=ServiceExceptionReport.ServiceException.code", ""), code) << reply.body;
    }
    EXPECT_THAT(get(at(kMap + "CRS=CRS:84&BBOX=106.2,10,106.5,10.2&WIDTH=9")).body, HasSubstr("WIDTH"));  // named twice
    EXPECT_EQ(
        get(at("/wms?VERSION=1.3.0&REQUEST=GetMap&LAYERS=ocop&STYLES=&FORMAT=image/png&WIDTH=4000&HEIGHT=4000&CRS=CRS:84&BBOX=106.2,10,106.5,10.2")).status,
        400);
}

// 06-042 §7.4: what stands at a pixel is what PostGIS has there.
TEST(WmsTest, GetFeatureInfo_AnswersForThePixel) {
    auto const row =
        test_support::query(test_support::database(), "SELECT product_key, ST_X(geom), ST_Y(geom), name FROM pub.product ORDER BY 1 LIMIT 1").at(0);
    double const lon = std::stod(row[1]), lat = std::stod(row[2]);
    auto const box = std::to_string(lat - 0.01) + "," + std::to_string(lon - 0.01) + "," + std::to_string(lat + 0.01) + "," + std::to_string(lon + 0.01);
    auto const base =
        "/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetFeatureInfo&LAYERS=ocop&QUERY_LAYERS=ocop&STYLES=&CRS=EPSG:4326&WIDTH=201&HEIGHT=201&I=100&J=100&FEATURE_"
        "COUNT=50&BBOX=" +
        box;
    auto const reply = gis_core::parse_json(ok(base + "&INFO_FORMAT=application/json").body, "info");
    std::set<std::string> ids;
    for (auto const& feature : reply["features"]) ids.insert(feature["id"].get<std::string>());
    EXPECT_TRUE(ids.contains("products." + row[0]));
    auto const commune = sql("SELECT unit_key FROM pub.commune WHERE ST_Contains(geom, ST_SetSRID(ST_MakePoint(" + row[1] + "," + row[2] + "), 4326))");
    EXPECT_TRUE(ids.contains("communes." + commune));
    EXPECT_THAT(ok(base + "&INFO_FORMAT=text/plain").body, HasSubstr(row[3]));
    EXPECT_THAT(ok(base + "&INFO_FORMAT=text/html").header("Content-Security-Policy"), HasSubstr("default-src 'none'"));
}

TEST(WmsTest, GetLegendGraphic_IsTheLegendOfTheStyle) {
    auto const reply = ok("/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetLegendGraphic&LAYER=ocop&FORMAT=image/png");
    EXPECT_EQ(reply.header("Content-Type"), "image/png");
    EXPECT_EQ(reply.body, ok("/ogc/styles/ocop/legend?f=png&lang=vi").body);
}

// GDAL's WMS driver: it finds a layer in the capabilities and reads it.
TEST(WmsTest, Gdal_ReadsALayerOfTheCapabilities) {
    auto const all = open("WMS:" + at("/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetCapabilities"), GDAL_OF_RASTER);
    ASSERT_TRUE(all);
    EXPECT_GE(CSLCount(GDALGetMetadata(all.get(), "SUBDATASETS")), 4);
    auto const layer =
        open("WMS:" + at("/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=ocop&CRS=EPSG:4326&BBOX=10,106.2,10.2,106.5&FORMAT=image/png"), GDAL_OF_RASTER);
    ASSERT_TRUE(layer);
    Picture picture{300, 200, std::vector<std::uint8_t>(300 * 200 * 3)};
    ASSERT_EQ(GDALDatasetRasterIO(layer.get(), GF_Read, 0, 0, GDALGetRasterXSize(layer.get()), GDALGetRasterYSize(layer.get()), picture.rgb.data(), 300, 200,
                                  GDT_Byte, 3, nullptr, 3, 900, 1),
              CE_None);
    EXPECT_GT(colours(picture), 10U);
}

// 07-057r7 §7.1, §10: capabilities, tiles by key and by template, exceptions.
TEST(WmtsTest, GetTile_ByKeyAndByTemplateIsTheSame) {
    std::string const place = "&TILEMATRIXSET=WebMercatorQuad&TILEMATRIX=10&TILEROW=482&TILECOL=814";
    auto const by_key = ok("/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile&LAYER=ocop&STYLE=ocop&FORMAT=image/png" + place);
    EXPECT_EQ(by_key.body, ok("/tiles/ocop/10/814/482.png").body);
    auto const capabilities = ok("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities").body;
    Xml const document{CPLParseXMLString(capabilities.c_str())};
    ASSERT_TRUE(document);
    std::string address = CPLGetXMLValue(document.get(), "=Capabilities.Contents.Layer.ResourceURL.template", "");
    for (auto const& [name, value] :
         {std::pair{"{Style}", "ocop"}, {"{TileMatrixSet}", "WebMercatorQuad"}, {"{TileMatrix}", "10"}, {"{TileRow}", "482"}, {"{TileCol}", "814"}}) {
        ASSERT_NE(address.find(name), std::string::npos) << address;
        address.replace(address.find(name), std::string_view{name}.size(), value);
    }
    EXPECT_EQ(get(address).body, by_key.body);
    auto const outside =
        get(at("/wmts?SERVICE=WMTS&REQUEST=GetTile&LAYER=ocop&STYLE=ocop&FORMAT=image/png&TILEMATRIXSET=WebMercatorQuad&TILEMATRIX=10&TILEROW=1&TILECOL=1"));
    EXPECT_EQ(outside.status, 404);
    EXPECT_THAT(outside.body, HasSubstr("TileOutOfRange"));
    auto const info = gis_core::parse_json(
        ok("/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetFeatureInfo&LAYER=ocop&STYLE=ocop&FORMAT=image/png&INFOFORMAT=application/json&I=128&J=128" + place)
            .body,
        "info");
    EXPECT_EQ(info["type"], "FeatureCollection");
}

// GDAL's WMTS driver in each tile matrix set: the place of a pixel is what PROJ says, and there is a map.
TEST(WmtsTest, Gdal_ReadsEveryTileMatrixSet) {
    for (auto const& [set, definition] : {std::pair{"WebMercatorQuad", std::string{"EPSG:3857"}},
                                          {"WorldCRS84Quad", std::string{"OGC:CRS84"}},
                                          {"VN2000TM3-10545Quad", vn2000(105.75)},
                                          {"VN2000TM3-10530Quad", vn2000(105.5)}}) {
        auto const dataset = open("WMTS:" + at("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities") + ",layer=ocop,tilematrixset=" + set, GDAL_OF_RASTER);
        ASSERT_TRUE(dataset) << set;
        double box[6];
        ASSERT_EQ(GDALGetGeoTransform(dataset.get(), box), CE_None);
        ByProj const project{definition};
        auto const [west, north] = project(106.2, 10.3);
        auto const [east, south] = project(106.6, 10.0);
        auto const column = [&](double x) { return static_cast<int>((x - box[0]) / box[1]); };
        auto const row = [&](double y) { return static_cast<int>((y - box[3]) / box[5]); };
        Picture picture{400, 300, std::vector<std::uint8_t>(400 * 300 * 3)};
        ASSERT_EQ(GDALDatasetRasterIO(dataset.get(), GF_Read, column(west), row(north), column(east) - column(west), row(south) - row(north),
                                      picture.rgb.data(), 400, 300, GDT_Byte, 3, nullptr, 3, 1200, 1),
                  CE_None)
            << set;
        EXPECT_GT(colours(picture), 10U) << set;
    }
}

}  // namespace
