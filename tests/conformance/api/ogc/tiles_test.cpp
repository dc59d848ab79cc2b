// OGC API - Tiles Part 1 (20-057) and Two Dimensional Tile Matrix Set 2.0 (17-083r4); each test names the requirement it holds us to.
#include "tests/conformance/api/ogc/asking.hpp"
#include "tests/support/mvt_decoder.hpp"

#include <gmock/gmock.h>
#include <ogr_api.h>

#include <map>
#include <set>

namespace {

using namespace asking;
using testing::Contains;
using testing::HasSubstr;

/// A tile matrix as the server describes it: what a client computes with.
struct Matrix {
    double west, north, cell;
    long columns, rows;
};
Matrix matrix(std::string const& set, int level) {
    auto const one = json("/ogc/tileMatrixSets/" + set + "?f=json")["tileMatrices"].at(static_cast<std::size_t>(level));
    EXPECT_EQ(one["id"], std::to_string(level));
    return {one["pointOfOrigin"][0], one["pointOfOrigin"][1], one["cellSize"], one["matrixWidth"], one["matrixHeight"]};
}
struct Place {
    long row, column;
    double x, y;  // in tile units of 4096
};
Place place(Matrix const& m, std::pair<double, double> const& p) {
    double const column = (p.first - m.west) / m.cell / 256, row = (m.north - p.second) / m.cell / 256;
    return {static_cast<long>(std::floor(row)), static_cast<long>(std::floor(column)), (column - std::floor(column)) * 4096, (row - std::floor(row)) * 4096};
}
std::string path(int level, Place const& p) { return "/" + std::to_string(level) + "/" + std::to_string(p.row) + "/" + std::to_string(p.column); }

std::vector<test_support::MvtLayerRead> tile(std::string const& address) {
    auto const reply = get(at(address));
    EXPECT_TRUE(reply.status == 200 || reply.status == 204) << address << ": " << reply.status << " " << reply.body.substr(0, 300);
    if (reply.status != 200) return {};
    EXPECT_EQ(reply.header("Content-Type"), "application/vnd.mapbox-vector-tile");
    return test_support::decode_mvt(reply.body);
}
long rows_in(std::vector<test_support::MvtLayerRead> const& layers) {
    long sum = 0;
    for (auto const& layer : layers) {
        for (auto const& feature : layer.features) sum += feature.number("point_count", 1);
    }
    return sum;
}

std::string const kVn2000 = "VN2000TM3-10545Quad";

// /req/tileset/tileset-md (17-083r4), /req/core/tc-op: every set of every kind, from the landing page by links alone.
TEST(OgcTilesTest, TilesetsList_LeadsFromTheLandingPageToEveryTileset) {
    auto const landing = json("/ogc?f=json");
    for (auto const& [rel, type] : {std::pair{"tilesets-vector", "vector"}, {"tilesets-map", "map"}}) {
        auto const href = link(landing, ogc_rel(rel));
        ASSERT_FALSE(href.empty()) << rel;
        auto const list = gis_core::parse_json(get(href).body, href);
        std::set<std::string> sets;
        for (auto const& one : list["tilesets"]) {
            EXPECT_EQ(one["dataType"], type);
            auto const self = link(one, "self");
            auto const tileset = gis_core::parse_json(get(self).body, self);
            EXPECT_EQ(tileset["crs"], one["crs"]);
            EXPECT_FALSE(tileset["tileMatrixSetLimits"].empty());
            auto const scheme = link(tileset, ogc_rel("tiling-scheme"));
            auto const definition = gis_core::parse_json(get(scheme).body, scheme);
            EXPECT_EQ(definition["crs"], one["crs"]) << self;
            sets.insert(definition["id"].get<std::string>());
            for (auto const& limits : tileset["tileMatrixSetLimits"]) {  // /req/tilematrixsetlimits
                auto const& m = definition["tileMatrices"].at(std::stoul(limits["tileMatrix"].get<std::string>()));
                EXPECT_LE(limits["minTileRow"], limits["maxTileRow"]);
                EXPECT_LT(limits["maxTileRow"], m["matrixHeight"]);
                EXPECT_LE(limits["minTileCol"], limits["maxTileCol"]);
                EXPECT_LT(limits["maxTileCol"], m["matrixWidth"]);
            }
        }
        EXPECT_THAT(sets, testing::ElementsAre("VN2000TM3-10530Quad", "VN2000TM3-10545Quad", "WebMercatorQuad", "WorldCRS84Quad"));
    }
}

// /req/geodata-tilesets: every collection links to its tilesets; the template answers.
TEST(OgcTilesTest, GeodataTilesets_EveryCollectionHasATileThatItsTemplateNames) {
    auto const all_collections = json("/ogc/collections?f=json")["collections"];
    for (auto const& collection : all_collections) {
        auto const href = link(collection, ogc_rel("tilesets-vector"));
        ASSERT_FALSE(href.empty()) << collection["id"];
        auto const tileset = json("/ogc/collections/" + collection["id"].get<std::string>() + "/tiles/WebMercatorQuad?f=json");
        auto address = link(tileset, "item", "application/vnd.mapbox-vector-tile");
        for (auto const& [name, value] : {std::pair{"{tileMatrix}", "9"}, {"{tileRow}", "241"}, {"{tileCol}", "407"}}) {
            auto const found = address.find(name);
            ASSERT_NE(found, std::string::npos) << address;
            address.replace(found, std::string{name}.size(), value);
        }
        EXPECT_THAT((std::set{200, 204}), Contains(get(address).status)) << address;
        EXPECT_EQ(tileset["layers"][0]["id"], collection["id"]);
    }
}

// 17-083r4 annex D: what a client computes by the standard's own numbers is what the server says. Extents by PROJ.
TEST(OgcTilesTest, TileMatrixSet_ExtentsAreThoseOfProj) {
    auto const web = matrix("WebMercatorQuad", 14);
    auto const [x, y] = ByProj{"EPSG:3857"}(180, 0);
    EXPECT_NEAR(web.west, -x, 1e-6);
    EXPECT_NEAR(web.cell * 256 * static_cast<double>(web.columns), 2 * x, 1e-6);
    for (auto const& [set, meridian] : {std::pair{"VN2000TM3-10545Quad", 105.75}, {"VN2000TM3-10530Quad", 105.5}}) {
        auto const m = matrix(set, 0);
        double const side = m.cell * 256 * static_cast<double>(m.columns);
        auto const [east, equator] = ByProj{vn2000(meridian)}(meridian, 0);
        EXPECT_NEAR(m.west + side / 2, east, 250) << set;  // the datum is shifted by up to 200 m
        EXPECT_NEAR(m.north - side, equator, 250) << set;
        EXPECT_NEAR(m.cell / 0.00028, 40'960'000, 1e-6) << set;
    }
}

// /req/core/tc-success, /req/mvt: rows before columns, and the content of the plain address.
TEST(OgcTilesTest, WebMercatorQuad_IsTheTileOfTheCache) {
    auto const plain = ok("/tiles/communes/11/1629/967.mvt");
    auto const same = ok("/ogc/collections/communes/tiles/WebMercatorQuad/11/967/1629?f=mvt");
    EXPECT_EQ(plain.body, same.body);
    EXPECT_EQ(get(at("/ogc/collections/communes/tiles/WebMercatorQuad/11/967/1629"), {{"If-None-Match", same.header("ETag")}}).status, 304);
}

// Vector tiles of the two other CRSs: a product stands where PROJ puts it, to a unit of the tile.
TEST(OgcTilesTest, TcSuccess_PointsOfOtherMatrixSetsStandWhereProjPutsThem) {
    for (auto const& [set, level, definition] : {std::tuple{std::string{"WorldCRS84Quad"}, 13, std::string{"OGC:CRS84"}},
                                                 {kVn2000, 10, vn2000(105.75)},
                                                 {std::string{"VN2000TM3-10530Quad"}, 10, vn2000(105.5)}}) {
        auto const m = matrix(set, level);
        ByProj const project{definition};
        int found = 0;
        for (auto const& row :
             test_support::query(test_support::database(), "SELECT product_key, ST_X(geom), ST_Y(geom) FROM pub.product ORDER BY 1 LIMIT 25")) {
            auto const expected = place(m, project(std::stod(row[1]), std::stod(row[2])));
            for (auto const& layer : tile("/ogc/collections/products/tiles/" + set + path(level, expected))) {
                for (auto const& feature : layer.features) {
                    if (!feature.id || std::to_string(*feature.id) != row[0]) continue;
                    ++found;
                    EXPECT_NEAR(feature.parts[0][0].first, expected.x, 1.01) << set << " " << row[0];
                    EXPECT_NEAR(feature.parts[0][0].second, expected.y, 1.01) << set << " " << row[0];
                }
            }
        }
        EXPECT_EQ(found, 25) << set;
    }
}

// Polygons: the same ground as PostGIS' own, clipped to the tile in that CRS.
TEST(OgcTilesTest, TcSuccess_PolygonsCoverWhatPostgisClips) {
    auto const m = matrix(kVn2000, 9);
    ByProj const project{vn2000(105.75)};
    auto const middle = place(m, project(106.375, 10.24));
    double const side = m.cell * 256, west = m.west + static_cast<double>(middle.column) * side, north = m.north - static_cast<double>(middle.row) * side;
    auto const layers = tile("/ogc/collections/communes/tiles/" + kVn2000 + path(9, middle));
    ASSERT_EQ(layers.size(), 1U);
    for (auto const& feature : layers[0].features) {
        auto const box = "ST_MakeEnvelope(" + std::to_string(west) + "," + std::to_string(north - side) + "," + std::to_string(west + side) + "," +
                         std::to_string(north) + ",990210)";
        auto const expected = std::stod(
            sql("SELECT ST_Area(ST_Intersection(ST_Transform(geom, 990210), " + box + ")) FROM pub.commune WHERE unit_key = " + std::to_string(*feature.id)));
        auto const got = std::stod(sql("SELECT ST_Area(ST_Intersection(ST_MakeValid(ST_GeomFromText('" + feature.polygon_wkt() +
                                       "')), ST_MakeEnvelope(0,0,4096,4096))) * " + std::to_string(side / 4096 * (side / 4096))));
        EXPECT_NEAR(got, expected, 0.002 * side * side) << feature.tags.at("name");
        EXPECT_EQ(feature.tags.at("name"), sql("SELECT name FROM pub.commune WHERE unit_key = " + std::to_string(*feature.id)));
    }
}

// Figures of units are those of the cached tiles.
TEST(OgcTilesTest, TcSuccess_UnitsHaveTheFiguresOfTheCachedTiles) {
    std::map<std::uint64_t, std::pair<long, long>> cached;
    for (auto const& layer : test_support::decode_mvt(ok("/tiles/districts/9/407/241.mvt").body)) {
        for (auto const& feature : layer.features) cached[*feature.id] = {feature.number("products", -1), feature.number("producers", -1)};
    }
    auto const m = matrix("WorldCRS84Quad", 8);
    std::set<std::uint64_t> seen;
    for (auto const& layer : tile("/ogc/collections/districts/tiles/WorldCRS84Quad" + path(8, place(m, {106.4, 10.2})))) {
        for (auto const& feature : layer.features) {
            if (!cached.contains(*feature.id)) continue;
            seen.insert(*feature.id);
            EXPECT_EQ(feature.number("products", -2), cached[*feature.id].first);
            EXPECT_EQ(feature.number("producers", -2), cached[*feature.id].second);
            EXPECT_EQ(feature.tags.at("in_force"), "false");
        }
    }
    EXPECT_GE(seen.size(), 3U);
}

// Each row is counted in exactly one tile of a level, whatever the CRS.
TEST(OgcTilesTest, Points_EveryRowIsCountedOnceALevel) {
    auto const all = std::stol(sql("SELECT count(geom) FROM pub.product"));
    for (auto const& [set, level] : {std::pair{kVn2000, 6}, {std::string{"WorldCRS84Quad"}, 8}}) {
        long sum = 0;
        // The province and what is round it.
        auto const m = matrix(set, level);
        auto const project = [&](double lon, double lat) { return set == kVn2000 ? ByProj{vn2000(105.75)}(lon, lat) : std::pair{lon, lat}; };
        auto const first = place(m, project(105.3, 11.2)), last = place(m, project(107.4, 9.2));
        for (long row = first.row; row <= last.row; ++row) {
            for (long column = first.column; column <= last.column; ++column)
                sum += rows_in(tile("/ogc/collections/products/tiles/" + set + path(level, {row, column, 0, 0})));
        }
        EXPECT_EQ(sum, all) << set;
    }
}

// /req/collections-selection
TEST(OgcTilesTest, CollectionsSelection_OnlyThoseAreInTheTile) {
    std::set<std::string> names;
    for (auto const& layer : tile("/ogc/tiles/WorldCRS84Quad" + path(9, place(matrix("WorldCRS84Quad", 9), {106.4, 10.2})) + "?collections=communes,products"))
        names.insert(layer.name);
    EXPECT_THAT(names, testing::ElementsAre("communes", "products"));
    EXPECT_EQ(get(at("/ogc/tiles/WebMercatorQuad/9/241/407?collections=nowhere")).status, 404);
}

// /req/datetime/tc-datetime-response: 148 communes before, 48 after.
TEST(OgcTilesTest, Datetime_ATileHasTheUnitsOfThatDay) {
    auto const m = matrix(kVn2000, 6);
    auto const p = place(m, ByProj{vn2000(105.75)}(106.4, 10.15));
    for (auto const& [datetime, day] : {std::pair{"2025-06-30", "2025-06-30"},
                                        {"2025-07-01", "2025-07-01"},
                                        {"../2025-06-30", "2025-06-30"},
                                        {"2025-06-30T16:59:59Z", "2025-06-30"},
                                        {"2025-06-30T17:00:00Z", "2025-07-01"}}) {
        std::set<std::uint64_t> ids, expected;
        for (auto const& layer : tile("/ogc/collections/communes/tiles/" + kVn2000 + path(6, p) + "?datetime=" + datetime)) {
            for (auto const& feature : layer.features) ids.insert(*feature.id);
        }
        ASSERT_FALSE(ids.empty()) << datetime;
        for (auto const id : ids) {
            EXPECT_EQ(sql("SELECT valid_from <= DATE '" + std::string{day} + "' AND (valid_to IS NULL OR valid_to > DATE '" + day +
                          "') FROM geo.admin_unit WHERE unit_key = " + std::to_string(id)),
                      "t")
                << datetime;
        }
    }
    auto const refused = get(at("/ogc/collections/communes/tiles/" + kVn2000 + path(6, p) + "?datetime=yesterday"));
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, testing::AllOf(HasSubstr("datetime"), HasSubstr("yesterday")));
}

// CQL2 on vector tiles: what PostgreSQL counts with the same condition written by hand.
TEST(OgcTilesTest, Filter_LeavesTheRowsOfTheCondition) {
    for (auto const& [query, where] : std::vector<std::pair<std::string, std::string>>{
             {"filter=star%20%3D%204", "star = 4"},
             {"filter=star%20IN%20(3,5)%20AND%20name%20LIKE%20%27K%25%27&filter-lang=cql2-text", "star IN (3,5) AND name LIKE 'K%'"},
             {"filter=star%20%3E%3D%204&filter-lang=cql-text", "star >= 4"},
             {"filter-lang=cql2-json&filter=%7B%22op%22%3A%22isNull%22%2C%22args%22%3A%5B%7B%22property%22%3A%22star%22%7D%5D%7D", "star IS NULL"},
             {"filter=S_INTERSECTS(geom,BBOX(106.3,10.1,106.5,10.3))", "ST_Intersects(geom, ST_MakeEnvelope(106.3,10.1,106.5,10.3,4326))"}}) {
        long sum = 0;
        for (long row = 481; row <= 484; ++row) {
            for (long column = 813; column <= 816; ++column)
                sum += rows_in(tile("/ogc/collections/products/tiles/WebMercatorQuad" + path(10, {row, column, 0, 0}) + "?" + query));
        }
        // The same tiles' ground: level 10, columns 813 to 816 and rows 481 to 484.
        EXPECT_EQ(std::to_string(sum), sql("SELECT count(*) FROM pub.product WHERE " + where +
                                           " AND geom_3857 && ST_MakeEnvelope(-20037508.342789244 + 813 * 39135.758482010, 20037508.342789244 - 485 * "
                                           "39135.758482010, -20037508.342789244 + 817 * 39135.758482010, 20037508.342789244 - 481 * 39135.758482010, 3857)"))
            << query;
    }
}

TEST(OgcTilesTest, Filter_WhatIsWrongIsNamed) {
    std::string const base = "/ogc/collections/products/tiles/WebMercatorQuad/10/483/814?";
    for (auto const& [query, word] : {std::pair{"filter=stars%20%3D%204", "stars"},
                                      {"filter=star%20%3D", "filter"},
                                      {"filter=star%20%3D%204&filter-lang=sql", "filter-lang"},
                                      {"filter=star%20%3D%204&filter-crs=EPSG:1", "filter-crs"}}) {
        auto const reply = get(at(base + query));
        EXPECT_EQ(reply.status, 400) << query;
        EXPECT_THAT(reply.header("Content-Type"), HasSubstr("application/problem+json"));
        EXPECT_THAT(reply.body, HasSubstr(word)) << query;
    }
    EXPECT_EQ(get(at("/ogc/tiles/WebMercatorQuad/10/483/814?filter=star%20%3D%204")).status, 400);
    EXPECT_EQ(get(at("/ogc/tiles/WebMercatorQuad/10/483/814?collections=products&filter=star%20%3D%204")).status, 200);
}

// /req/core/tc-error: 404 for a tile outside, 406 for a representation there is not, 400 for what is no parameter.
TEST(OgcTilesTest, TcError_EveryRefusalNamesFieldAndWhatIsAllowed) {
    for (auto const& [target, status, word] : {std::tuple{"/ogc/tiles/Elsewhere/0/0/0", 404, "WebMercatorQuad"},
                                               {"/ogc/tiles/WebMercatorQuad/25/0/0", 404, "tileMatrix"},
                                               {"/ogc/tiles/WebMercatorQuad/9/512/0", 404, "tileRow"},
                                               {"/ogc/tiles/WorldCRS84Quad/9/0/0", 404, "rows"},
                                               {"/ogc/collections/nowhere/tiles/WebMercatorQuad/9/241/407", 404, "communes"},
                                               {"/ogc/tiles/WebMercatorQuad/9/241/407?f=png", 400, "mvt"},
                                               {"/ogc/tiles/WebMercatorQuad/9/241/407?at=2025-06-30", 400, "datetime"},
                                               {"/ogc/map/tiles/WebMercatorQuad/9/241/407?f=gif", 400, "webp"},
                                               {"/ogc/map/tiles/WebMercatorQuad/2/1/1", 404, "tile matrices 5 to 18"}}) {
        auto const reply = get(at(target));
        EXPECT_EQ(reply.status, status) << target << reply.body;
        EXPECT_THAT(reply.body, HasSubstr(word)) << target;
    }
    EXPECT_EQ(get(at("/ogc/tiles/WebMercatorQuad/9/241/407"), {{"Accept", "image/png"}}).status, 406);
    EXPECT_EQ(get(at("/ogc/map/tiles/WebMercatorQuad/9/241/407"), {{"Accept", "image/gif"}}).status, 406);
}

// /req/png, map tiles: the picture of the cache in WebMercatorQuad; webp by Accept.
TEST(OgcTilesTest, MapTiles_WebMercatorQuadIsThePictureOfTheCache) {
    EXPECT_EQ(ok("/ogc/styles/ocop/map/tiles/WebMercatorQuad/10/482/814?f=png").body, ok("/tiles/ocop/10/814/482.png").body);
    EXPECT_EQ(ok("/ogc/map/tiles/WebMercatorQuad/10/482/814", {{"Accept", "image/webp"}}).header("Content-Type"), "image/webp");
}

// GDAL reads a tile of a set of ours with the numbers of its tileset.
TEST(OgcTilesTest, Gdal_MvtDriverPlacesATileOfVn2000) {
    auto const m = matrix(kVn2000, 10);
    ByProj const project{vn2000(105.75)};
    auto const row = test_support::query(test_support::database(), "SELECT product_key, ST_X(geom), ST_Y(geom) FROM pub.product ORDER BY 1 LIMIT 1").at(0);
    auto const at_proj = project(std::stod(row[1]), std::stod(row[2]));
    auto const p = place(m, at_proj);
    auto const reply = ok("/ogc/collections/products/tiles/" + kVn2000 + path(10, p));
    auto copy = std::vector<GByte>(reply.body.begin(), reply.body.end());
    VSIFCloseL(VSIFileFromMemBuffer("/vsimem/product.mvt", copy.data(), copy.size(), FALSE));
    double const side = m.cell * 256;
    auto const x = "GEOREF_TOPX=" + std::to_string(m.west + static_cast<double>(p.column) * side),
               y = "GEOREF_TOPY=" + std::to_string(m.north - static_cast<double>(p.row) * side), width = "GEOREF_TILEDIMX=" + std::to_string(side),
               height = "GEOREF_TILEDIMY=" + std::to_string(side);
    auto const dataset = open("MVT:/vsimem/product.mvt", GDAL_OF_VECTOR, {x.c_str(), y.c_str(), width.c_str(), height.c_str(), "CLIP=NO"});
    ASSERT_TRUE(dataset);
    auto* const layer = GDALDatasetGetLayerByName(dataset.get(), "products");
    ASSERT_NE(layer, nullptr);
    bool found = false;
    while (auto* const feature = OGR_L_GetNextFeature(layer)) {
        auto const id = OGR_F_GetFieldAsInteger64(feature, OGR_F_GetFieldIndex(feature, "mvt_id"));
        if (std::to_string(id) == row[0]) {
            found = true;
            auto* geometry = OGR_F_GetGeometryRef(feature);
            if (OGR_G_GetGeometryCount(geometry) > 0) geometry = OGR_G_GetGeometryRef(geometry, 0);
            EXPECT_NEAR(OGR_G_GetX(geometry, 0), at_proj.first, side / 4096 * 1.01);
            EXPECT_NEAR(OGR_G_GetY(geometry, 0), at_proj.second, side / 4096 * 1.01);
        }
        OGR_F_Destroy(feature);
    }
    EXPECT_TRUE(found);
    VSIUnlink("/vsimem/product.mvt");
}

}  // namespace
