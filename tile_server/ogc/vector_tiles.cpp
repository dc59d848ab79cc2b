// Vector tiles of OGC API - Tiles (20-057): those of WebMercatorQuad are the ones under /tiles, those of other matrix sets are made of what the record answers.
#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "tile_server/filter.hpp"
#include "tile_server/mvt_geometry.hpp"
#include "tile_server/ogc/parameters.hpp"
#include "tile_server/ogc/routes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tile_server::ogc {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::TileId;
using gis_core::TileMatrixSet;
using gis_core::layers::Layer;

constexpr char const* kMvt = "application/vnd.mapbox-vector-tile";

void check_place(TileMatrixSet const& set, std::vector<Layer const*> const& layers, TileId tile) {
    std::vector<std::string> reach;
    for (auto const* layer : layers) {
        auto const all = set.limits(layer->bounds, layer->min_zoom, layer->max_zoom);
        auto const here = std::find_if(all.begin(), all.end(), [&](auto const& limits) { return limits.level == tile.z; });
        if (here == all.end()) {
            if (!all.empty()) reach.push_back(fmt::format("{}: tile matrices {} to {}", layer->id, all.front().level, all.back().level));
            continue;
        }
        if (here->hold(tile)) return;
        reach.push_back(fmt::format("{}: rows {} to {}, columns {} to {}", layer->id, here->min_row, here->max_row, here->min_column, here->max_column));
    }
    auto const allowed = fmt::format("{}", fmt::join(reach, "; "));
    auto const name = fmt::format("{}/{}/{}", tile.z, tile.y, tile.x);
    throw Error{ErrorKind::not_found, fmt::format("tile {} of {} lies outside; {}", name, set.id, allowed), {{"tile", name, allowed}}};
}

void send(Service& service, std::vector<Layer const*> const& layers, std::size_t first_value, std::shared_ptr<Filter const> filter,
          http::Request const& request, std::shared_ptr<http::Responder> responder) {
    choose_format(request, {{"mvt", kMvt}, {"pbf", "application/x-protobuf"}, {"octets", "application/octet-stream"}});
    auto const at = read_day("datetime", request.query.find("datetime"));
    auto const& set = gis_core::find_tile_matrix_set(request.value(first_value));
    auto const tile = set.parse(request.value(first_value + 1), request.value(first_value + 2), request.value(first_value + 3));
    check_place(set, layers, tile);
    if (set.id == "WebMercatorQuad") {
        service.send_tile(layers, tile, at, filter, at || filter, request, std::move(responder));
        return;
    }
    // With the buffer, and a little more for the curve of an edge.
    auto box = set.bounds(tile);
    double const margin = box.width() * (double{kBuffer} / kExtent + 0.01);
    box = {box.west - margin, box.south - margin, box.east + margin, box.north + margin};
    auto const covered = gis_core::crs::MapProjection{*set.crs}.to_lon_lat(box);
    std::vector<std::string> ids;
    for (auto const* layer : layers) ids.push_back(layer->id);
    auto const key = fmt::format("{} {}/{} {} {}", set.id, fmt::join(ids, ","), tile.path(), at ? at->iso() : "", filter ? filter->normal : "");
    service.flights().join(
        key, {ids, gis_core::enclosing_tile(covered), 1, 0}, true,
        [&service, &set, layers, tile, at, filter, search = gis_core::crs::to_mercator(covered)](Flight&) {
            if (at) service.vectors().check_date(layers, *at);
            auto content = std::make_shared<TileContent>();
            content->plain = service.vectors().render_grid(set, layers, tile, search, at.value_or(service.today()), filter ? &filter->node : nullptr);
            content->media_type = kMvt;
            compress(*content);
            return std::shared_ptr<TileContent const>{std::move(content)};
        },
        request, std::move(responder));
}

}  // namespace

void add_vector_tile_routes(http::Router& router, Service& service) {
    router.add_parking("GET", "/ogc/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
                       [&service](http::Request const& request, std::shared_ptr<http::Responder> responder) {
                           request.query.allow_only({"f", "collections", "datetime", "filter", "filter-lang", "filter-crs"});
                           auto const names = request.query.find("collections");
                           auto const layers = service.catalogue().find_list(names.value_or(fmt::format("{}", fmt::join(service.catalogue().ids(), ","))));
                           send(service, layers, 0, Filter::read(request.query, layers), request, std::move(responder));
                       });
    router.add_parking("GET", "/ogc/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
                       [&service](http::Request const& request, std::shared_ptr<http::Responder> responder) {
                           request.query.allow_only({"f", "datetime", "filter", "filter-lang", "filter-crs"});
                           auto const* layer = service.catalogue().find(request.value(0));
                           auto const known = fmt::format("{}", fmt::join(service.catalogue().ids(), ", "));
                           if (layer == nullptr)
                               throw Error{ErrorKind::not_found, "no such collection; there are " + known, {{"collectionId", request.value(0), known}}};
                           std::vector<Layer const*> const layers{layer};
                           send(service, layers, 1, Filter::read(request.query, layers), request, std::move(responder));
                       });
}

void add_routes(http::Router& router, Service& service, Pictures& pictures) {
    add_vector_tile_routes(router, service);
    add_map_routes(router, service, pictures);
    add_style_routes(router, service, pictures);
    add_wms_routes(router, service, pictures);
    add_wmts_routes(router, service, pictures);
}

}  // namespace tile_server::ogc
