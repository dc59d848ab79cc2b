#include "tile_server/render/renderer.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "tile_server/render/scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace tile_server {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::TileId;

constexpr int kTile_px = 256;
constexpr gis_core::LonLatBox kBounds{102.0, 8.0, 110.0, 23.5};  // as the point layers of data/layers.toml: no tiles outside

double metres_per_px(double zoom) { return 2 * gis_core::kMercatorHalfWidth_m / kTile_px / std::exp2(zoom); }

}  // namespace

Renderer::Renderer(gis_core::db::Pool& pool, std::filesystem::path styles_dir, std::filesystem::path const& fonts_dir)
    : pool_{pool}, painter_{std::move(styles_dir), fonts_dir} {}

styles::StyleName Renderer::style_of(PictureStyle const& what) const {
    if (auto const style = styles::find_style(palette(), what.style)) return *style;
    throw Error{ErrorKind::not_found, fmt::format("there is no style {}", what.style)};
}

Picture Renderer::draw(PictureStyle const& what, gis_core::MercatorBox const& box, int width_px, int height_px, double zoom, ViewChoice const& choice) {
    auto const style = style_of(what);
    find_boundaries(pool_, style.definition->choropleth, what.at);
    bool const is_coloured = choice.measure != "none";
    auto scene = read_scene(pool_, palette(), *style.definition, box, metres_per_px(zoom), zoom, what.at, is_coloured ? choice.measure : "products");
    if (!is_coloured) {
        scene.choropleth.clear();
        std::erase_if(scene.labels, [](Label const& label) { return label.kind == "figure"; });
        for (auto& label : scene.labels) label.figure.clear();
    }
    if (!choice.unit_code.empty()) scene.chosen = read_unit_outline(pool_, choice.unit_code, choice.unit_day);
    return painter_.paint(scene, style, box, width_px, height_px, zoom, what.scale, choice.breaks);
}

std::uint32_t Renderer::metatile_side(int scale, std::uint8_t zoom) noexcept {
    return std::min<std::uint32_t>(scale == 2 ? 4 : 8, std::uint32_t{1} << std::min<int>(zoom, 8));
}

TileId Renderer::metatile_of(TileId tile, int scale) noexcept {
    auto const side = metatile_side(scale, tile.z);
    return {tile.z, tile.x / side * side, tile.y / side * side};
}

void Renderer::check(PictureStyle const& what, TileId tile) const {
    style_of(what);
    if (tile.z < styles::kMinZoom || tile.z > styles::kMaxZoom) {
        throw Error{ErrorKind::not_found, fmt::format("zoom is {}, pictures are made from {} to {}", tile.z, styles::kMinZoom, styles::kMaxZoom)};
    }
    auto const first = TileId::containing({kBounds.west, kBounds.north}, tile.z), last = TileId::containing({kBounds.east, kBounds.south}, tile.z);
    // By metatile: a tile inside must not be refused for its metatile's corner outside.
    auto const low = metatile_of(first, what.scale), high = metatile_of(last, what.scale);
    auto const side = metatile_side(what.scale, tile.z);
    if (tile.x < low.x || tile.x >= high.x + side || tile.y < low.y || tile.y >= high.y + side) {
        throw Error{ErrorKind::not_found, fmt::format("tile {} lies outside the map: longitude {} to {}, latitude {} to {}", tile.path(), kBounds.west,
                                                      kBounds.east, kBounds.south, kBounds.north)};
    }
}

std::vector<std::pair<TileId, std::string>> Renderer::render_metatile(PictureStyle const& what, TileId tile) {
    check(what, tile);
    auto const corner = metatile_of(tile, what.scale);
    auto const side = metatile_side(what.scale, tile.z);
    auto const north_west = corner.bounds();
    auto const south_east = TileId{corner.z, corner.x + side - 1, corner.y + side - 1}.bounds();
    int const side_px = kTile_px * static_cast<int>(side);
    auto const image = draw(what, {north_west.west, south_east.south, south_east.east, north_west.north}, side_px, side_px, corner.z);

    int const tile_px = kTile_px * what.scale;
    std::map<std::uint32_t, std::string> plain;  // files of tiles of one colour; most of a low zoom's metatile lies outside
    std::vector<std::pair<TileId, std::string>> tiles;
    tiles.reserve(std::size_t{side} * side);
    for (std::uint32_t row = 0; row < side; ++row) {
        for (std::uint32_t column = 0; column < side; ++column) {
            int const x = static_cast<int>(column) * tile_px, y = static_cast<int>(row) * tile_px;
            auto const encode = [&] { return image.encode(what.format, x, y, tile_px, tile_px); };
            std::string file;
            if (auto const colour = image.single_colour(x, y, tile_px, tile_px)) {
                auto& made = plain[*colour];
                if (made.empty()) made = encode();
                file = made;
            } else {
                file = encode();
            }
            tiles.emplace_back(TileId{corner.z, corner.x + column, corner.y + row}, std::move(file));
        }
    }
    return tiles;
}

std::string Renderer::render_view(PictureStyle const& what, gis_core::LonLatBox const& box, int width_px, int height_px, ViewChoice const& choice) {
    auto const x_of = [](double lon) { return lon / 180 * gis_core::kMercatorHalfWidth_m; };
    auto const y_of = [](double lat) {
        return std::log(std::tan((90 + std::clamp(lat, -85.0, 85.0)) * std::numbers::pi / 360)) / std::numbers::pi * gis_core::kMercatorHalfWidth_m;
    };
    double const west = x_of(box.west), east = x_of(box.east), south = y_of(box.south), north = y_of(box.north);
    double const per_px = std::max((east - west) / width_px, (north - south) / height_px);
    double zoom = std::clamp(std::log2(metres_per_px(0) / per_px), 0.0, double(styles::kMaxZoom));
    if (std::abs(zoom - std::round(zoom)) < 1e-6) zoom = std::round(zoom);  // a tile's box is of the tile's zoom
    double const mpp = metres_per_px(zoom), x = (west + east) / 2, y = (south + north) / 2;
    return draw(what, {x - mpp * width_px / 2, y - mpp * height_px / 2, x + mpp * width_px / 2, y + mpp * height_px / 2}, width_px, height_px, zoom, choice)
        .encode(what.format);
}

std::optional<styles::BoundaryNote> Renderer::boundaries(std::string const& layer, std::string const& at) { return find_boundaries(pool_, layer, at); }

}  // namespace tile_server
