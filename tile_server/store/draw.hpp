#pragma once

#include "gis_core/geo/tile_id.hpp"
#include "tile_server/store/segment.hpp"

#include <string>

namespace tile_server {

struct Filter;

/// Appends the layer to the tile, if anything of it stands there: what PostGIS would have given, from memory.
void draw(LayerVersion const& version, gis_core::TileId tile, Filter const* filter, std::string& out);

}  // namespace tile_server
