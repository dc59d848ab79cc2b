#pragma once

#include "gis_core/layers/catalogue.hpp"
#include "tile_server/mvt_writer.hpp"

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace tile_server {

/// Rows of points of a tile, in the order of their keys, wherever they come from.
struct PointRows {
    std::size_t size = 0;
    std::function<std::uint64_t(std::size_t)> key;
    std::function<std::pair<double, double>(std::size_t)> place;  // EPSG:3857
    std::function<void(std::size_t, std::vector<MvtLayer::Tag>&)> add_tags;
    // Of layers that count by star.
    std::function<double(std::size_t)> star;  // 0: none
    std::function<std::string_view(std::size_t)> class_code;
};

/// Draws each row as a feature, as the last zoom of a layer does. Where that would take more than kLayerBytes, rows of one cell of the
/// finest grid that keeps to it become a cluster; its tag `cells` says how many stand along the tile.
void draw_points(gis_core::layers::Layer const& layer, gis_core::TileId tile, PointRows const& rows, MvtLayer& out);

}  // namespace tile_server
