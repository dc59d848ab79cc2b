// WMTS 1.0.0 (07-057r7) before the tiles of OGC API - Maps: its REST templates are their addresses.
#include "tile_server/ogc/facade.hpp"
#include "tile_server/ogc/maps.hpp"
#include "tile_server/ogc/parameters.hpp"
#include "tile_server/ogc/routes.hpp"
#include "tile_server/pictures/query_values.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tile_server::ogc {
namespace {

using gis_core::TileMatrixSet;

http::Response wmts_error(int status, std::string const& detail, std::string const& field) {
    auto const* code = status >= 500                                                 ? "NoApplicableCode"
                       : field == "REQUEST"                                          ? "OperationNotSupported"
                       : field == "tileRow" || field == "tileCol" || field == "tile" ? "TileOutOfRange"
                                                                                     : "InvalidParameterValue";
    return xml_response(
        status, fmt::format("<ExceptionReport version=\"1.1.0\" xmlns=\"http://www.opengis.net/ows/1.1\"><Exception exceptionCode=\"{}\"{}><ExceptionText>{}"
                            "</ExceptionText></Exception></ExceptionReport>\n",
                            code, field.empty() ? std::string{} : fmt::format(" locator=\"{}\"", escape_xml(field)), escape_xml(detail)));
}

struct TileOrder {
    PictureStyle what;
    TileMatrixSet const& set;
    gis_core::TileId tile;
};

TileOrder read_tile(Pictures& pictures, Keys const& keys) {
    auto const layer = keys.get("LAYER", "a layer of the capabilities");
    find_style(pictures, "LAYER", layer);
    auto const style = keys.find("STYLE").value_or(layer);
    if (style != layer && style != layer + "-dark") throw gis_core::invalid_field("STYLE", style, fmt::format("{0} or {0}-dark", layer));
    auto const format = keys.find("FORMAT").value_or("image/png");
    if (format != "image/png" && format != "image/webp" && keys.find("REQUEST") == "GetTile")
        throw gis_core::invalid_field("FORMAT", format, "image/png or image/webp");
    auto const day = read_day("TIME", keys.find("TIME").value_or("current") == "current" ? std::nullopt : keys.find("TIME"));
    auto const& set = gis_core::find_tile_matrix_set(keys.get("TILEMATRIXSET", "a tile matrix set of the capabilities"));
    auto const number = [&](char const* name) { return keys.get(name, "a number"); };
    return {{std::string{style}, 1, format == "image/webp" ? PictureFormat::webp : PictureFormat::png, day ? day->iso() : std::string{}},
            set,
            set.parse(number("TILEMATRIX"), number("TILEROW"), number("TILECOL"))};
}

http::Response get_feature_info(Service& service, Pictures& pictures, Keys const& keys) {
    auto const order = read_tile(pictures, keys);
    auto const pixel = [&](std::string const& name) { return whole_number_of(name, keys.get(name, "a pixel of the tile"), 0, TileMatrixSet::kTileCells - 1); };
    auto const box = order.set.bounds(order.tile);
    double const cell = order.set.cell_size_of(order.tile.z);
    auto const format = std::string{keys.find("INFOFORMAT").value_or(kInfoFormats.front())};
    if (std::find(kInfoFormats.begin(), kInfoFormats.end(), format) == kInfoFormats.end())
        throw gis_core::invalid_field("INFOFORMAT", format, fmt::format("{}", fmt::join(kInfoFormats, ", ")));
    return feature_info(service, pictures,
                        {.style = order.what.style,
                         .format = format,
                         .crs = order.set.crs,
                         .place = {box.west + (pixel("I") + 0.5) * cell, box.north - (pixel("J") + 0.5) * cell},
                         .reach = 6 * cell,
                         .most = 5,
                         .day = order.what.at});
}

std::string urn(gis_core::crs::ReferenceSystem const& crs) {
    return crs.short_name() == "CRS:84" ? "urn:ogc:def:crs:OGC:1.3:CRS84" : fmt::format("urn:ogc:def:crs:EPSG::{}", crs.epsg);
}

http::Response capabilities(Service& service, Pictures& pictures, http::Request const& request) {
    auto const base = escape_xml(request.base_url());
    auto const note = read_note(service.pool());
    std::string layers, links, sets;
    for (auto const& set : gis_core::tile_matrix_sets()) {
        links += fmt::format("<TileMatrixSetLink><TileMatrixSet>{}</TileMatrixSet><TileMatrixSetLimits>", set.id);
        sets += fmt::format("<TileMatrixSet><ows:Title>{}</ows:Title><ows:Identifier>{}</ows:Identifier><ows:SupportedCRS>{}</ows:SupportedCRS>", set.title_vi,
                            set.id, urn(*set.crs));
        for (auto const& limits : map_limits(set)) {
            links += fmt::format(
                "<TileMatrixLimits><TileMatrix>{}</TileMatrix><MinTileRow>{}</MinTileRow><MaxTileRow>{}</MaxTileRow><MinTileCol>{}</MinTileCol><MaxTileCol>{}</"
                "MaxTileCol></TileMatrixLimits>",
                limits.level, limits.min_row, limits.max_row, limits.min_column, limits.max_column);
        }
        for (int level = 0; level <= set.max_level; ++level) {
            sets += fmt::format(
                "<TileMatrix><ows:Identifier>{}</ows:Identifier><ScaleDenominator>{}</ScaleDenominator><TopLeftCorner>{} "
                "{}</TopLeftCorner><TileWidth>{}</TileWidth><TileHeight>{}</TileHeight><MatrixWidth>{}</MatrixWidth><MatrixHeight>{}</MatrixHeight></"
                "TileMatrix>",
                level, set.scale_denominator(level), set.west, set.north, set.kTileCells, set.kTileCells, set.columns_of(level), set.rows_of(level));
        }
        links += "</TileMatrixSetLimits></TileMatrixSetLink>";
        sets += "</TileMatrixSet>\n";
    }
    auto const time = note.since.empty() ? std::string{}
                                         : fmt::format(
                                               "<Dimension><ows:Identifier>Time</ows:Identifier><ows:UOM>ISO8601</ows:UOM><Default>current</"
                                               "Default><Current>true</Current><Value>{}/{}/P1D</Value></Dimension>",
                                               note.since, service.today().iso());
    auto const& bounds = styles::kBounds;
    for (auto const& style : pictures.renderer().palette().styles) {
        std::string styles, templates;
        for (auto const& id : {style.id, style.id + "-dark"}) {
            styles += fmt::format(
                "<Style{}><ows:Title>{}</ows:Title><ows:Identifier>{}</ows:Identifier><LegendURL format=\"image/png\" "
                "xlink:href=\"{}/ogc/styles/{}/legend?f=png\"/></Style>",
                id == style.id ? " isDefault=\"true\"" : "", escape_xml(style.title.vi), id, base, id);
        }
        for (auto const* format : {"png", "webp"}) {
            templates += fmt::format(
                "<ResourceURL format=\"image/{0}\" resourceType=\"tile\" "
                "template=\"{1}/ogc/styles/{{Style}}/map/tiles/{{TileMatrixSet}}/{{TileMatrix}}/{{TileRow}}/{{TileCol}}?f={0}\"/>",
                format, base);
        }
        layers += fmt::format(
            "<Layer><ows:Title>{}</ows:Title><ows:Abstract>{}</ows:Abstract><ows:WGS84BoundingBox><ows:LowerCorner>{} {}</ows:LowerCorner><ows:UpperCorner>{} "
            "{}</ows:UpperCorner></ows:WGS84BoundingBox><ows:Identifier>{}</ows:Identifier>{}<Format>image/png</Format><Format>image/webp</"
            "Format><InfoFormat>application/json</InfoFormat><InfoFormat>text/plain</InfoFormat><InfoFormat>text/html</InfoFormat>{}{}{}</Layer>\n",
            escape_xml(style.title.vi), escape_xml(style.title.en), bounds.west, bounds.south, bounds.east, bounds.north, style.id, styles, time, links,
            templates);
    }
    std::string operations;
    for (auto const* name : {"GetCapabilities", "GetTile", "GetFeatureInfo"}) {
        operations += fmt::format(
            "<ows:Operation name=\"{}\"><ows:DCP><ows:HTTP><ows:Get xlink:href=\"{}/wmts?\"><ows:Constraint "
            "name=\"GetEncoding\"><ows:AllowedValues><ows:Value>KVP</ows:Value></ows:AllowedValues></ows:Constraint></ows:Get></ows:HTTP></ows:DCP></"
            "ows:Operation>",
            name, base);
    }
    return xml_response(
        200,
        fmt::format(
            R"(<Capabilities version="1.0.0" xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink">
<ows:ServiceIdentification><ows:Title>ocopmap: bản đồ OCOP Bến Tre</ows:Title><ows:Abstract>{}</ows:Abstract><ows:ServiceType>OGC WMTS</ows:ServiceType><ows:ServiceTypeVersion>1.0.0</ows:ServiceTypeVersion></ows:ServiceIdentification>
<ows:OperationsMetadata>{}</ows:OperationsMetadata>
<Contents>
{}{}</Contents><ServiceMetadataURL xlink:href="{}/wmts?SERVICE=WMTS&amp;REQUEST=GetCapabilities"/></Capabilities>
)",
            escape_xml(note.sources_vi), operations, layers, sets, base));
}

}  // namespace

void add_wmts_routes(http::Router& router, Service& service, Pictures& pictures) {
    router.add_parking("GET", "/wmts",
                       with_xml_errors(wmts_error, [&service, &pictures](http::Request const& request, std::shared_ptr<http::Responder> responder) {
                           Keys const keys{request};
                           auto const operation = keys.get("REQUEST", "GetCapabilities, GetTile or GetFeatureInfo");
                           if (operation == "GetTile") {
                               auto const order = read_tile(pictures, keys);
                               send_map_tile(pictures, order.what, order.set, order.tile, request, std::move(responder));
                           } else if (operation == "GetFeatureInfo") {
                               responder->send(get_feature_info(service, pictures, keys));
                           } else if (operation == "GetCapabilities") {
                               responder->send(capabilities(service, pictures, request));
                           } else {
                               throw gis_core::invalid_field("REQUEST", operation, "GetCapabilities, GetTile or GetFeatureInfo");
                           }
                       }));
}

}  // namespace tile_server::ogc
