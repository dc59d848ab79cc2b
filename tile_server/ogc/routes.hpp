#pragma once

#include "tile_server/pictures/pictures.hpp"
#include "tile_server/service.hpp"

namespace tile_server::ogc {

/// Tiles: /ogc/tiles/…, /ogc/collections/{id}/tiles/…; maps and their tiles: /ogc/map…, /ogc/styles/{style}/map…,
/// /ogc/collections/{id}/map…; styles and legends: /ogc/styles/{style}[/legend]; /wms, /wmts. Both outlive the router.
void add_routes(http::Router& router, Service& service, Pictures& pictures);

void add_vector_tile_routes(http::Router& router, Service& service);
void add_map_routes(http::Router& router, Service& service, Pictures& pictures);
void add_style_routes(http::Router& router, Service& service, Pictures& pictures);
void add_wms_routes(http::Router& router, Service& service, Pictures& pictures);
void add_wmts_routes(http::Router& router, Service& service, Pictures& pictures);

}  // namespace tile_server::ogc
