#pragma once

#include "gis_core/json.hpp"
#include "tile_server/trace.hpp"

#include <string_view>

namespace tile_server {

/// What stands in an MVT tile, layer by layer: features by type, bytes by what they are for, attributes, the largest features. Bytes of the
/// layers add up to the tile.
/// \throws gis_core::Error(internal) for what is none.
gis_core::Json contents_of(std::string_view mvt);

/// The same with where each layer came from and what took how long.
gis_core::Json contents_of(std::string_view mvt, trace::Recording const& recording);

}  // namespace tile_server
