// WMS 1.3.0 (06-042) before the pictures of the styles: each style in light is a layer, in light and dark its styles.
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

using gis_core::crs::MapBox;
using gis_core::crs::MapProjection;
using gis_core::crs::ReferenceSystem;

http::Response wms_error(int status, std::string const& detail, std::string const& field) {
    // 06-042 table E.1
    static std::map<std::string, char const*> const codes{{"LAYERS", "LayerNotDefined"},
                                                          {"QUERY_LAYERS", "LayerNotDefined"},
                                                          {"LAYER", "LayerNotDefined"},
                                                          {"STYLES", "StyleNotDefined"},
                                                          {"STYLE", "StyleNotDefined"},
                                                          {"CRS", "InvalidCRS"},
                                                          {"FORMAT", "InvalidFormat"},
                                                          {"INFO_FORMAT", "InvalidFormat"},
                                                          {"TIME", "InvalidDimensionValue"},
                                                          {"at", "InvalidDimensionValue"},
                                                          {"I", "InvalidPoint"},
                                                          {"J", "InvalidPoint"},
                                                          {"REQUEST", "OperationNotSupported"}};
    auto const code = codes.find(field);
    return xml_response(status,
                        fmt::format("<ServiceExceptionReport version=\"1.3.0\" xmlns=\"http://www.opengis.net/ogc\"><ServiceException{}>{}</ServiceException>"
                                    "</ServiceExceptionReport>\n",
                                    code == codes.end() ? std::string{} : fmt::format(" code=\"{}\"", code->second), escape_xml(detail)));
}

/// The style that a layer and one of its styles name; the layer in light where no style is named.
PictureStyle read_style(Pictures& pictures, Keys const& keys, std::string const& layer_key, std::string const& style_key) {
    auto const layer = keys.get(layer_key, "one layer of the capabilities");
    auto const found = find_style(pictures, layer_key, layer);
    if (found.is_dark) throw gis_core::invalid_field(layer_key, layer, found.definition->id + "; dark is a style of it");
    auto const style = keys.find(style_key).value_or(layer);
    if (style != layer && style != layer + "-dark" && style != "default")
        throw gis_core::invalid_field(style_key, style, fmt::format("{0}, {0}-dark or default", layer));
    auto const day = read_day("TIME", keys.find("TIME").value_or("current") == "current" ? std::nullopt : keys.find("TIME"));
    return {style == "default" ? layer : std::string{style}, 1, PictureFormat::png, day ? day->iso() : std::string{}};
}

MapFrame read_frame(Keys const& keys) {
    auto const version = keys.get("VERSION", "1.3.0");
    if (version != "1.3.0") throw gis_core::invalid_field("VERSION", version, "1.3.0");
    auto const& crs = gis_core::crs::get_reference_system("CRS", keys.get("CRS", "CRS:84, EPSG:4326, EPSG:3857, EPSG:9210 or EPSG:9209"));
    auto const box = read_box("BBOX", keys.get("BBOX", "four numbers in the order of the CRS"), crs);
    auto const side = [&](std::string const& name) { return whole_number_of(name, keys.get(name, "a number of pixels"), kLeastSide_px, kMostSide_px); };
    MapFrame const frame{&crs, box, side("WIDTH"), side("HEIGHT")};
    check_size("WIDTH", "HEIGHT", frame.width_px, frame.height_px);
    return frame;
}

void get_map(Pictures& pictures, Keys const& keys, http::Request const& request, std::shared_ptr<http::Responder> responder) {
    auto what = read_style(pictures, keys, "LAYERS", "STYLES");
    auto const format = keys.get("FORMAT", "image/png or image/webp");
    if (format != "image/png" && format != "image/webp") throw gis_core::invalid_field("FORMAT", format, "image/png or image/webp");
    if (format == "image/webp") what.format = PictureFormat::webp;
    send_map(pictures, what, read_frame(keys), request, std::move(responder));
}

http::Response get_feature_info(Service& service, Pictures& pictures, Keys const& keys) {
    auto const what = read_style(pictures, keys, "QUERY_LAYERS", "STYLES");
    auto const frame = read_frame(keys);
    auto const pixel = [&](std::string const& name, int most) { return whole_number_of(name, keys.get(name, "a pixel of the map"), 0, most - 1); };
    int const column = pixel("I", frame.width_px), row = pixel("J", frame.height_px);
    auto const format = std::string{keys.find("INFO_FORMAT").value_or(kInfoFormats.front())};
    if (std::find(kInfoFormats.begin(), kInfoFormats.end(), format) == kInfoFormats.end())
        throw gis_core::invalid_field("INFO_FORMAT", format, fmt::format("{}", fmt::join(kInfoFormats, ", ")));
    double const cell_x = frame.box.width() / frame.width_px, cell_y = frame.box.height() / frame.height_px;
    return feature_info(service, pictures,
                        {.style = what.style,
                         .format = format,
                         .crs = frame.crs,
                         .place = {frame.box.west + (column + 0.5) * cell_x, frame.box.north - (row + 0.5) * cell_y},
                         .reach = 6 * std::max(cell_x, cell_y),
                         .most = whole_number_of("FEATURE_COUNT", keys.find("FEATURE_COUNT").value_or("5"), 1, 50),
                         .day = what.at});
}

std::string legend_url(std::string const& base, std::string const& style) {
    return fmt::format(
        "<LegendURL><Format>image/png</Format><OnlineResource xmlns:xlink=\"http://www.w3.org/1999/xlink\" xlink:type=\"simple\" "
        "xlink:href=\"{}/ogc/styles/{}/legend?f=png\"/></LegendURL>",
        base, style);
}

http::Response capabilities(Service& service, Pictures& pictures, http::Request const& request) {
    auto const base = escape_xml(request.base_url());
    auto const note = read_note(service.pool());
    auto const address = fmt::format(
        "<DCPType><HTTP><Get><OnlineResource xmlns:xlink=\"http://www.w3.org/1999/xlink\" xlink:type=\"simple\" "
        "xlink:href=\"{}/wms?\"/></Get></HTTP></DCPType>",
        base);
    std::string systems, boxes;
    auto const& bounds = styles::kBounds;
    for (auto const& crs : gis_core::crs::reference_systems()) {
        systems += fmt::format("<CRS>{}</CRS>", crs.short_name());
        auto box = MapProjection{crs}.from_lon_lat(bounds);
        if (crs.is_latitude_first) box = {box.south, box.west, box.north, box.east};
        boxes += fmt::format("<BoundingBox CRS=\"{}\" minx=\"{}\" miny=\"{}\" maxx=\"{}\" maxy=\"{}\"/>", crs.short_name(), box.west, box.south, box.east,
                             box.north);
    }
    std::string layers;
    for (auto const& style : pictures.renderer().palette().styles) {
        auto const one = [&](std::string const& id, char const* in) {
            return fmt::format("<Style><Name>{}</Name><Title>{} {}</Title>{}</Style>", id, escape_xml(style.title.vi), in, legend_url(base, id));
        };
        layers +=
            fmt::format("<Layer queryable=\"1\" opaque=\"1\"><Name>{}</Name><Title>{}</Title><Abstract>{}</Abstract>{}{}", style.id, escape_xml(style.title.vi),
                        escape_xml(style.title.en),
                        note.since.empty() ? std::string{}
                                           : fmt::format("<Dimension name=\"time\" units=\"ISO8601\" default=\"current\" current=\"1\">{}/{}/P1D</Dimension>",
                                                         note.since, service.today().iso()),
                        one(style.id, "(sáng)") + one(style.id + "-dark", "(tối)") + "</Layer>");
    }
    return xml_response(
        200, fmt::format(R"(<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms" xmlns:sld="http://www.opengis.net/sld">
<Service><Name>WMS</Name><Title>ocopmap: bản đồ OCOP Bến Tre</Title><Abstract>{note}</Abstract><OnlineResource xmlns:xlink="http://www.w3.org/1999/xlink" xlink:type="simple" xlink:href="{base}/ogc"/><LayerLimit>1</LayerLimit><MaxWidth>{side}</MaxWidth><MaxHeight>{side}</MaxHeight></Service>
<Capability><Request>
<GetCapabilities><Format>text/xml</Format>{address}</GetCapabilities>
<GetMap><Format>image/png</Format><Format>image/webp</Format>{address}</GetMap>
<GetFeatureInfo><Format>application/json</Format><Format>text/plain</Format><Format>text/html</Format>{address}</GetFeatureInfo>
<sld:GetLegendGraphic><Format>image/png</Format>{address}</sld:GetLegendGraphic>
</Request><Exception><Format>XML</Format></Exception>
<Layer><Title>OCOP Bến Tre</Title>{systems}
<EX_GeographicBoundingBox><westBoundLongitude>{west}</westBoundLongitude><eastBoundLongitude>{east}</eastBoundLongitude><southBoundLatitude>{south}</southBoundLatitude><northBoundLatitude>{north}</northBoundLatitude></EX_GeographicBoundingBox>
{boxes}
{layers}
</Layer></Capability></WMS_Capabilities>
)",
                         fmt::arg("note", escape_xml(note.sources_vi)), fmt::arg("base", base), fmt::arg("side", kMostSide_px), fmt::arg("address", address),
                         fmt::arg("systems", systems), fmt::arg("west", bounds.west), fmt::arg("east", bounds.east), fmt::arg("south", bounds.south),
                         fmt::arg("north", bounds.north), fmt::arg("boxes", boxes), fmt::arg("layers", layers)));
}

}  // namespace

void add_wms_routes(http::Router& router, Service& service, Pictures& pictures) {
    router.add_parking("GET", "/wms",
                       with_xml_errors(wms_error, [&service, &pictures](http::Request const& request, std::shared_ptr<http::Responder> responder) {
                           Keys const keys{request};
                           auto const operation = keys.get("REQUEST", "GetCapabilities, GetMap, GetFeatureInfo or GetLegendGraphic");
                           if (operation == "GetMap") get_map(pictures, keys, request, std::move(responder));
                           else if (operation == "GetFeatureInfo") responder->send(get_feature_info(service, pictures, keys));
                           else if (operation == "GetLegendGraphic")
                               send_legend(pictures, read_style(pictures, keys, "LAYER", "STYLE"), keys.find("LANGUAGE").value_or("vi") == "en" ? "en" : "vi",
                                           request, std::move(responder));
                           else if (operation == "GetCapabilities") responder->send(capabilities(service, pictures, request));
                           else throw gis_core::invalid_field("REQUEST", operation, "GetCapabilities, GetMap, GetFeatureInfo or GetLegendGraphic");
                       }));
}

}  // namespace tile_server::ogc
