// OGC API - Styles (20-009): the style sheets and legends; the list and its metadata are the API daemon's.
#include "gis_core/json.hpp"
#include "http/problem.hpp"
#include "styles/mapnik_xml.hpp"
#include "tile_server/ogc/maps.hpp"
#include "tile_server/ogc/parameters.hpp"
#include "tile_server/ogc/routes.hpp"
#include "tile_server/pictures/style_routes.hpp"

namespace tile_server::ogc {

void add_style_routes(http::Router& router, Service& service, Pictures& pictures) {
    router.get("/ogc/styles/{styleId}", [&service, &pictures](http::Request const& request) {
        request.query.allow_only({"f", "datetime"});
        auto const style = find_style(pictures, "styleId", request.value(0));
        auto const format =
            choose_format(request, {{"mapbox", "application/vnd.mapbox.style+json"}, {"json", "application/json"}, {"mapnik", "application/xml"}});
        auto const day = read_day("datetime", request.query.find("datetime"));
        auto const& palette = pictures.renderer().palette();
        auto text = format == "mapnik" ? styles::mapnik_xml(palette, style, 1, "sprites")
                                       : gis_core::to_text(styles::maplibre_style(palette, style, tile_sources(service.catalogue()), request.base_url(),
                                                                                  day ? day->iso() : std::string{}));
        auto const etag = http::fingerprint(text);
        auto response = http::Response::text(200,
                                             format == "mapnik" ? "application/xml"
                                             : format == "json" ? "application/json"
                                                                : "application/vnd.mapbox.style+json",
                                             std::move(text));
        response.headers.add("Cache-Control", "no-cache");
        response.headers.add("Vary", "Accept");
        response.headers.add("Access-Control-Allow-Origin", "*");
        return http::conditional(request, std::move(response), etag);
    });
    router.add_parking("GET", "/ogc/styles/{styleId}/legend", [&pictures](http::Request const& request, std::shared_ptr<http::Responder> responder) {
        request.query.allow_only({"f", "datetime", "lang"});
        find_style(pictures, "styleId", request.value(0));
        choose_format(request, {{"png", "image/png"}});
        auto const day = read_day("datetime", request.query.find("datetime"));
        send_legend(pictures, {request.value(0), 1, PictureFormat::png, day ? day->iso() : std::string{}}, read_language(request), request,
                    std::move(responder));
    });
}

}  // namespace tile_server::ogc
