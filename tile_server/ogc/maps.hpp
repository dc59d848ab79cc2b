#pragma once

#include "http/router.hpp"
#include "tile_server/pictures/pictures.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tile_server::ogc {

/// As many pixels as a picture may have, and as a side may.
inline constexpr int kMostPixels = 2048 * 2048, kMostSide_px = 4096, kLeastSide_px = 16;
/// \throws Error(invalid_argument) naming both sides and what is allowed.
void check_size(std::string_view width_field, std::string_view height_field, int width_px, int height_px);

/// \throws Error(not_found) naming what there is.
styles::StyleName find_style(Pictures& pictures, std::string_view field, std::string const& id);

/// Draws a box of any CRS; the answer bears Content-Crs and Content-Bbox.
void send_map(Pictures& pictures, PictureStyle const& what, MapFrame const& frame, http::Request const& request, std::shared_ptr<http::Responder> responder);

/// Sends the picture of a tile: of WebMercatorQuad the cached one, of another set drawn for this asker.
/// \throws Error(not_found) for a tile outside the set or outside the map.
void send_map_tile(Pictures& pictures, PictureStyle const& what, gis_core::TileMatrixSet const& set, gis_core::TileId tile, http::Request const& request,
                   std::shared_ptr<http::Responder> responder);

/// Bounds of the map's tiles, and the zooms of WebMercatorQuad at which there are any.
std::vector<gis_core::TileMatrixSet::Limits> map_limits(gis_core::TileMatrixSet const& set);

void send_legend(Pictures& pictures, PictureStyle const& what, std::string const& lang, http::Request const& request,
                 std::shared_ptr<http::Responder> responder);

/// What is said of the data under a map, and since when there are boundaries (ISO date).
struct MapNote {
    std::string sources_vi, sources_en, since;
    std::string const& sources(std::string_view lang) const { return lang == "en" ? sources_en : sources_vi; }
};
MapNote read_note(gis_core::db::Pool& pool);

}  // namespace tile_server::ogc
