#pragma once

#include "gis_core/geo/tile_id.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "tile_server/mvt_writer.hpp"
#include "tile_server/store/figures.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tile_server {

struct Filter;

/// What units carry besides their columns.
struct UnitTags {
    bool in_force = true;                    // the day asked for is the day that is shown
    std::shared_ptr<Figures const> figures;  // of layers that have them
};

void add_unit_tags(gis_core::layers::Layer const& layer, UnitTags const& units, std::int64_t key, std::vector<MvtLayer::Tag>& tags);

/// Appends the layer as of a day to the tile, if anything of it stands there: what PostGIS would have given, from memory.
void draw(LayerVersion const& version, gis_core::TileId tile, gis_core::Date day, Filter const* filter, UnitTags const& units, std::string& out);

/// False when no row's box, of any day, touches the tile and its buffer, so that it and all tiles below it are empty.
bool stands_in(LayerVersion const& version, gis_core::TileId tile);

}  // namespace tile_server
