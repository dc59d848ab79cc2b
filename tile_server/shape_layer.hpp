#pragma once

#include "gis_core/layers/catalogue.hpp"
#include "tile_server/dictionary.hpp"
#include "tile_server/mvt_writer.hpp"
#include "tile_server/store/grid_shape.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tile_server {

/// How many bytes a layer may take in a tile before compression, as far as that can be told beforehand: half of it remains afterwards,
/// and a tile of all layers stays below 200 kB.
inline constexpr std::size_t kLayerBytes = 120'000;

/// Rows of lines or polygons of a tile, wherever they come from. \see draw_shapes
struct ShapeRows {
    struct Shape {
        GridShapeView outline;
        bool on_grid = false;  // of the tile's zoom
    };
    std::size_t size = 0;
    std::function<std::uint64_t(std::size_t)> key;
    std::function<Shape(std::size_t)> shape;
    std::function<void(std::size_t, std::vector<MvtLayer::Tag>&)> add_tags;
    // Of layers that merge: what an outline takes, the value of merge_by as its number among all there are, and the number that is summed up.
    std::function<ShapeSize(std::size_t)> measure;
    std::function<std::uint32_t(std::size_t)> merge_by;
    Dictionary merge_values;
    std::function<double(std::size_t)> merge_sum;
};

/// Draws them into the tile's layer in the order of their keys. Polygons of a layer that merges, where they are smaller than a pixel or the layer would
/// take more than kLayerBytes, become one feature for each value of merge_by: the squares in which their first corners lie, `feature_count`
/// and the sum of merge_sum. Each is counted in one tile of a zoom, that of this corner, which a change of it touches.
void draw_shapes(gis_core::layers::Layer const& layer, gis_core::TileId tile, ShapeRows const& rows, MvtLayer& out);

}  // namespace tile_server
