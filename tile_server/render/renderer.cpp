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

constexpr double kPixel_mm = 0.28;  // OGC's

double metres_per_px(double zoom) { return 2 * gis_core::kMercatorHalfWidth_m / kTile_px / std::exp2(zoom); }

/// The zoom at which a pixel is that large in EPSG:3857; whole where it is a tile's.
double zoom_of(double metres_per_pixel) {
    double const zoom = std::clamp(std::log2(metres_per_px(0) / metres_per_pixel), 0.0, double(styles::kMaxZoom));
    return std::abs(zoom - std::round(zoom)) < 1e-6 ? std::round(zoom) : zoom;
}

/// What of the record a picture in another CRS needs.
struct Ground {
    gis_core::MercatorBox read;
    double zoom;
};
Ground ground_of(MapFrame const& frame) {
    gis_core::crs::MapProjection const projection{*frame.crs};
    auto const& box = frame.box;
    double per_px = std::max(box.width() / frame.width_px, box.height() / frame.height_px) * frame.crs->metres_per_unit();
    if (!frame.crs->is_geographic && frame.crs->epsg != 3857) {
        auto const middle = projection.to_lon_lat(gis_core::crs::EastNorth{(box.west + box.east) / 2, (box.south + box.north) / 2});
        per_px /= std::cos(middle.lat * std::numbers::pi / 180);
    }
    return {gis_core::crs::to_mercator(projection.to_lon_lat(box)), zoom_of(per_px)};
}

}  // namespace

Renderer::Renderer(gis_core::db::Pool& pool, std::filesystem::path styles_dir, std::filesystem::path const& fonts_dir)
    : pool_{pool}, styles_dir_{styles_dir}, painter_{std::move(styles_dir), fonts_dir} {}

styles::StyleName Renderer::style_of(PictureStyle const& what) const {
    if (auto const style = styles::find_style(palette(), what.style)) return *style;
    throw Error{ErrorKind::not_found, fmt::format("there is no style {}", what.style)};
}

Scene Renderer::scene_of(PictureStyle const& what, gis_core::MercatorBox const& box, double zoom, ViewChoice const& choice) {
    auto const style = style_of(what);
    bool const is_coloured = choice.measure != "none";
    auto const measure = is_coloured ? choice.measure : "products";
    auto const per_px = metres_per_px(zoom);
    auto const rows = memory_ ? memory_(read_box(box, per_px, zoom), what.at, style.definition->choropleth, measure) : nullptr;
    if (!rows) find_boundaries(pool_, style.definition->choropleth, what.at);
    ++(rows ? from_memory_ : from_record_);
    auto scene = rows ? compose_scene(*rows, palette(), *style.definition, box, per_px, zoom, measure)
                      : read_scene(pool_, palette(), *style.definition, box, per_px, zoom, what.at, measure);
    if (!is_coloured) {
        scene.choropleth.clear();
        std::erase_if(scene.labels, [](Label const& label) { return label.kind == "figure"; });
        for (auto& label : scene.labels) label.figure.clear();
    }
    if (!choice.unit_code.empty()) scene.chosen = read_unit_outline(pool_, choice.unit_code, choice.unit_day);
    return scene;
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
    auto const first = TileId::containing({styles::kBounds.west, styles::kBounds.north}, tile.z),
               last = TileId::containing({styles::kBounds.east, styles::kBounds.south}, tile.z);
    // By metatile: a tile inside must not be refused for its metatile's corner outside.
    auto const low = metatile_of(first, what.scale), high = metatile_of(last, what.scale);
    auto const side = metatile_side(what.scale, tile.z);
    if (tile.x < low.x || tile.x >= high.x + side || tile.y < low.y || tile.y >= high.y + side) {
        throw Error{ErrorKind::not_found, fmt::format("tile {} lies outside the map: longitude {} to {}, latitude {} to {}", tile.path(), styles::kBounds.west,
                                                      styles::kBounds.east, styles::kBounds.south, styles::kBounds.north)};
    }
}

Metatile Renderer::draw_metatile(PictureStyle const& what, TileId tile, Between const& between) {
    check(what, tile);
    auto const corner = metatile_of(tile, what.scale);
    auto const side = metatile_side(what.scale, tile.z);
    auto const north_west = corner.bounds();
    auto const south_east = TileId{corner.z, corner.x + side - 1, corner.y + side - 1}.bounds();
    gis_core::MercatorBox const box{north_west.west, south_east.south, south_east.east, north_west.north};
    int const side_px = kTile_px * static_cast<int>(side);
    auto const scene = scene_of(what, box, corner.z);
    if (between) between();
    return {what.format, what.scale, corner, painter_.paint(scene, style_of(what), box, side_px, side_px, corner.z, what.scale)};
}

std::vector<std::pair<TileId, std::string>> Renderer::render_metatile(PictureStyle const& what, TileId tile) {
    auto const metatile = draw_metatile(what, tile);
    std::vector<std::pair<TileId, std::string>> tiles;
    for (std::uint32_t row = 0; row < metatile.side(); ++row) {
        for (auto& one : metatile.encode_row(row)) tiles.push_back(std::move(one));
    }
    return tiles;
}

std::uint32_t Metatile::side() const { return Renderer::metatile_side(scale_, corner_.z); }

std::vector<std::pair<TileId, std::string>> Metatile::encode_row(std::uint32_t row) const {
    int const tile_px = kTile_px * scale_;
    std::map<std::uint32_t, std::string> plain;  // files of tiles of one colour; most of a low zoom's metatile lies outside
    std::vector<std::pair<TileId, std::string>> tiles;
    for (std::uint32_t column = 0; column < side(); ++column) {
        int const x = static_cast<int>(column) * tile_px, y = static_cast<int>(row) * tile_px;
        auto const encode = [&] { return picture_.encode(format_, x, y, tile_px, tile_px); };
        std::string file;
        if (auto const colour = picture_.single_colour(x, y, tile_px, tile_px)) {
            auto& made = plain[*colour];
            if (made.empty()) made = encode();
            file = made;
        } else {
            file = encode();
        }
        tiles.emplace_back(TileId{corner_.z, corner_.x + column, corner_.y + row}, std::move(file));
    }
    return tiles;
}

std::string Renderer::render_view(PictureStyle const& what, gis_core::LonLatBox const& box, int width_px, int height_px, ViewChoice const& choice,
                                  Between const& between) {
    auto const [west, south, east, north] = gis_core::crs::to_mercator(box);
    double const zoom = zoom_of(std::max((east - west) / width_px, (north - south) / height_px));
    double const mpp = metres_per_px(zoom), x = (west + east) / 2, y = (south + north) / 2;
    gis_core::MercatorBox const seen{x - mpp * width_px / 2, y - mpp * height_px / 2, x + mpp * width_px / 2, y + mpp * height_px / 2};
    auto const scene = scene_of(what, seen, zoom, choice);
    if (between) between();
    auto const picture = painter_.paint(scene, style_of(what), seen, width_px, height_px, zoom, what.scale, choice.breaks);
    if (between) between();
    return picture.encode(what.format);
}

std::string Renderer::render_map(PictureStyle const& what, MapFrame const& frame, Between const& between) {
    auto const ground = ground_of(frame);
    auto const scene = scene_of(what, ground.read, ground.zoom);
    if (between) between();
    auto const& box = frame.box;
    auto const picture = painter_.paint(scene, style_of(what), {box.west, box.south, box.east, box.north}, frame.width_px, frame.height_px, ground.zoom,
                                        what.scale, {}, frame.crs->proj);
    if (between) between();
    return picture.encode(what.format);
}

SheetSize Renderer::sheet_map_size(bool is_a3, bool is_portrait) { return SheetLayout{is_a3, is_portrait}.map_size(); }

std::string Renderer::render_sheet(PictureStyle const& what, SheetOrder const& order, Between const& between) {
    SheetLayout const layout{order.is_a3, order.is_portrait};
    auto const size = layout.map_size();
    auto const centre = gis_core::crs::MapProjection{*order.crs}.from_lon_lat(order.centre);
    // EPSG:3857 is drawn larger than the ground by 1 / cos(latitude): to scale in the middle of the sheet.
    double const stretch = order.crs->epsg == 3857 ? 1 / std::cos(order.centre.lat * std::numbers::pi / 180) : 1;
    double const half_width = size.width_mm / 2000 * order.scale_denominator * stretch, half_height = size.height_mm / 2000 * order.scale_denominator * stretch;
    MapFrame const frame{order.crs,
                         {centre.east_m - half_width, centre.north_m - half_height, centre.east_m + half_width, centre.north_m + half_height},
                         static_cast<int>(std::lround(size.width_mm / kPixel_mm)),
                         static_cast<int>(std::lround(size.height_mm / kPixel_mm))};
    auto const ground = ground_of(frame);
    auto const scene = scene_of(what, ground.read, ground.zoom);
    if (between) between();
    auto const style = style_of(what);
    auto const legend = styles::legend(palette(), style, find_boundaries(pool_, style.definition->choropleth, what.at));
    auto const& box = frame.box;
    return draw_sheet(
        layout, order, legend, styles_dir_, ground.zoom, choropleth_opacity(ground.zoom), style.theme(palette()).colour("land"), [&](cairo_t* page) {
            painter_.paint_on(page, scene, style, {box.west, box.south, box.east, box.north}, frame.width_px, frame.height_px, ground.zoom, frame.crs->proj);
        });
}

std::string Renderer::render_legend(PictureStyle const& what, std::string const& lang) {
    auto const style = style_of(what);
    auto const legend = styles::legend(palette(), style, find_boundaries(pool_, style.definition->choropleth, what.at));
    auto const& theme = style.theme(palette());
    return draw_legend_picture(legend, theme.colour("land"), theme.colour("label"), styles_dir_, lang);
}

std::optional<styles::BoundaryNote> Renderer::boundaries(std::string const& layer, std::string const& at) { return find_boundaries(pool_, layer, at); }

}  // namespace tile_server
