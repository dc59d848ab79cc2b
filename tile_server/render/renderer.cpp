#include "tile_server/render/renderer.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "styles/mapnik_xml.hpp"
#include "tile_server/render/scene.hpp"

#include <mapnik/image_any.hpp>  // before map.hpp

#include <mapnik/agg_renderer.hpp>
#include <mapnik/feature.hpp>
#include <mapnik/feature_factory.hpp>
#include <mapnik/font_engine_freetype.hpp>
#include <mapnik/image.hpp>
#include <mapnik/image_util.hpp>
#include <mapnik/image_view.hpp>
#include <mapnik/image_view_any.hpp>
#include <mapnik/layer.hpp>
#include <mapnik/load_map.hpp>
#include <mapnik/map.hpp>
#include <mapnik/memory_datasource.hpp>
#include <mapnik/request.hpp>
#include <mapnik/unicode.hpp>
#include <mapnik/wkb.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

namespace tile_server {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::MercatorBox;
using gis_core::TileId;

constexpr int kTile_px = 256;
constexpr int kBuffer_px = 256;  // labels and markers that stand outside reach in

using Image = mapnik::image_rgba8;

double metres_per_px(double zoom) { return 2 * gis_core::kMercatorHalfWidth_m / kTile_px / std::exp2(zoom); }

/// Puts the rows of a scene into Mapnik's memory sources, layer by layer.
class Feeder {
public:
    Feeder() : utf8_{"utf-8"} {}

    void feed(mapnik::Map& map, Scene const& scene) {
        shapes(map, "land", scene.land);
        shapes(map, "choropleth", scene.choropleth);
        shapes(map, "zones", scene.zones);
        shapes(map, "rivers", scene.rivers);
        shapes(map, "shoreline", scene.shoreline);
        shapes(map, "communes_line", scene.communes_line);
        shapes(map, "districts_line", scene.districts_line);
        shapes(map, "provinces_line", scene.provinces_line);
        markers(map, "places", scene.places);
        markers(map, "products", scene.products);
        labels(map, scene.labels);
    }

private:
    static std::shared_ptr<mapnik::memory_datasource> make_source() {
        mapnik::parameters parameters;
        parameters["type"] = "memory";
        return std::make_shared<mapnik::memory_datasource>(parameters);
    }
    static void attach(mapnik::Map& map, std::string_view name, mapnik::datasource_ptr source) {
        for (auto& layer : map.layers()) {
            if (layer.name() == name) layer.set_datasource(source);
        }
    }
    mapnik::value_unicode_string text(std::string const& utf8) const { return utf8_.transcode(utf8.c_str()); }

    void shapes(mapnik::Map& map, std::string_view name, std::vector<Shape> const& rows) {
        auto const source = make_source();
        auto const context = std::make_shared<mapnik::context_type>();
        for (auto const* attribute : {"products", "former", "crop"}) context->push(attribute);
        mapnik::value_integer id = 0;
        for (auto const& row : rows) {
            auto feature = mapnik::feature_factory::create(context, ++id);
            feature->set_geometry(mapnik::geometry_utils::from_wkb(row.wkb.data(), row.wkb.size()));
            if (row.products) feature->put("products", static_cast<mapnik::value_integer>(*row.products));
            feature->put("former", row.is_former);
            feature->put("crop", text(row.crop));
            source->push(feature);
        }
        attach(map, name, source);
    }
    void markers(mapnik::Map& map, std::string_view name, std::vector<Marker> const& rows) {
        auto const source = make_source();
        auto const context = std::make_shared<mapnik::context_type>();
        for (auto const* attribute : {"count", "star", "icon"}) context->push(attribute);
        mapnik::value_integer id = 0;
        for (auto const& row : rows) {
            auto feature = mapnik::feature_factory::create(context, ++id);
            feature->set_geometry(mapnik::geometry::point<double>{row.x, row.y});
            feature->put("count", static_cast<mapnik::value_integer>(row.count));
            feature->put("star", static_cast<mapnik::value_integer>(row.star));
            feature->put("icon", text(row.icon));
            source->push(feature);
        }
        attach(map, name, source);
    }
    void labels(mapnik::Map& map, std::vector<Label> const& rows) {
        auto const source = make_source();
        auto const context = std::make_shared<mapnik::context_type>();
        for (auto const* attribute : {"text", "figure", "kind", "crop"}) context->push(attribute);
        mapnik::value_integer id = 0;
        for (auto const& row : rows) {
            auto feature = mapnik::feature_factory::create(context, ++id);
            feature->set_geometry(mapnik::geometry::point<double>{row.x, row.y});
            feature->put("text", text(row.text));
            feature->put("figure", text(row.figure));
            feature->put("kind", text(row.kind));
            feature->put("crop", text(row.crop));
            source->push(feature);
        }
        attach(map, "labels", source);
    }

    mapnik::transcoder utf8_;
};

template <typename Pixels>
std::string encode(Pixels const& pixels, PictureFormat format) {
    return mapnik::save_to_string(pixels, format == PictureFormat::png ? "png8:m=h:z=6" : "webp:quality=82:method=2");
}

}  // namespace

std::optional<PictureFormat> find_picture_format(std::string_view extension) {
    if (extension == "png") return PictureFormat::png;
    if (extension == "webp") return PictureFormat::webp;
    return std::nullopt;
}

char const* media_type(PictureFormat format) noexcept { return format == PictureFormat::png ? "image/png" : "image/webp"; }

class Renderer::Impl {
public:
    Impl(gis_core::db::Pool& pool, std::filesystem::path styles_dir, std::filesystem::path const& fonts_dir)
        : pool_{pool}, styles_dir_{std::move(styles_dir)}, palette_{styles::Palette::load(styles_dir_ / "palette.toml")} {
        for (auto const* name : {"NotoSans-Regular.ttf", "NotoSans-Bold.ttf"}) {
            if (!mapnik::freetype_engine::register_font((fonts_dir / name).string()) && !std::filesystem::exists(fonts_dir / name)) {
                throw Error{ErrorKind::internal, fmt::format("{} is missing: install fonts-noto-core", (fonts_dir / name).string())};
            }
        }
        // A style that Mapnik cannot load is found at the start, not by the first visitor.
        for (auto const& style : palette_.styles) give_back(style.id + "@1", make_map({&style, false}, 1));
    }

    styles::Palette const& palette() const { return palette_; }

    styles::StyleName style_of(PictureStyle const& what) const {
        if (auto const style = styles::find_style(palette_, what.style)) return *style;
        throw Error{ErrorKind::not_found, fmt::format("there is no style {}", what.style)};
    }

    Image draw(PictureStyle const& what, MercatorBox const& box, int width_px, int height_px, double zoom) {
        auto const style = style_of(what);
        find_boundaries(pool_, style.definition->choropleth, what.at);
        auto const scene = read_scene(pool_, palette_, *style.definition, box, metres_per_px(zoom), zoom, what.scale, what.at);
        auto const key = fmt::format("{}@{}", style.text(), what.scale);
        auto map = borrow(key, style, what.scale);
        Feeder{}.feed(*map, scene);
        int const width = width_px * what.scale, height = height_px * what.scale;
        Image image{width, height};
        // The style processor looks at the map, the renderer at the request: both are told the same.
        mapnik::box2d<double> const extent{box.west, box.south, box.east, box.north};
        map->resize(static_cast<unsigned>(width), static_cast<unsigned>(height));
        map->set_buffer_size(kBuffer_px * what.scale);
        map->zoom_to_box(extent);
        mapnik::request request{static_cast<unsigned>(width), static_cast<unsigned>(height), extent};
        request.set_buffer_size(kBuffer_px * what.scale);
        // Lines grow with the zoom, as in the MapLibre styles.
        double const fading = std::clamp((zoom - styles::kFadeFromZoom) / (styles::kFadeToZoom - styles::kFadeFromZoom), 0.0, 1.0);
        mapnik::attributes const variables{{"w", mapnik::value_double{std::clamp(0.7 + (zoom - 8) * 0.16, 0.7, 1.6)}},
                                           {"fade", mapnik::value_double{1 - fading * (1 - styles::kFadedOpacity)}}};
        if (auto const& background = map->background()) mapnik::fill(image, *background);
        mapnik::agg_renderer<Image> renderer{*map, request, variables, image, double(what.scale)};
        renderer.apply();
        for (auto& layer : map->layers()) layer.set_datasource(nullptr);
        give_back(key, std::move(map));
        return image;
    }

    std::optional<styles::BoundaryNote> boundaries(std::string const& layer, std::string const& at) {
        return find_boundaries(pool_, layer, at);
    }

private:
    std::unique_ptr<mapnik::Map> make_map(styles::StyleName const& style, int scale) const {
        auto map = std::make_unique<mapnik::Map>(kTile_px, kTile_px);
        mapnik::load_map_string(*map, styles::mapnik_xml(palette_, style, scale, styles_dir_ / "sprites"), true, styles_dir_.string());
        map->set_aspect_fix_mode(mapnik::Map::RESPECT);
        return map;
    }
    std::unique_ptr<mapnik::Map> borrow(std::string const& key, styles::StyleName const& style, int scale) {
        {
            std::lock_guard const lock{mutex_};
            if (auto& idle = idle_[key]; !idle.empty()) {
                auto map = std::move(idle.back());
                idle.pop_back();
                return map;
            }
        }
        return make_map(style, scale);
    }
    void give_back(std::string const& key, std::unique_ptr<mapnik::Map> map) {
        std::lock_guard const lock{mutex_};
        idle_[key].push_back(std::move(map));
    }

    gis_core::db::Pool& pool_;
    std::filesystem::path styles_dir_;
    styles::Palette palette_;
    std::mutex mutex_;
    std::map<std::string, std::vector<std::unique_ptr<mapnik::Map>>> idle_;
};

Renderer::Renderer(gis_core::db::Pool& pool, std::filesystem::path styles_dir, std::filesystem::path fonts_dir)
    : impl_{std::make_unique<Impl>(pool, std::move(styles_dir), fonts_dir)} {}
Renderer::~Renderer() = default;

styles::Palette const& Renderer::palette() const { return impl_->palette(); }

std::uint32_t Renderer::metatile_side(int scale, std::uint8_t zoom) noexcept {
    return std::min<std::uint32_t>(scale == 2 ? 4 : 8, std::uint32_t{1} << std::min<int>(zoom, 8));
}

TileId Renderer::metatile_of(TileId tile, int scale) noexcept {
    auto const side = metatile_side(scale, tile.z);
    return {tile.z, tile.x / side * side, tile.y / side * side};
}

void Renderer::check(PictureStyle const& what, TileId tile) const {
    impl_->style_of(what);
    if (tile.z < styles::kMinZoom || tile.z > styles::kMaxZoom) {
        throw Error{ErrorKind::not_found, fmt::format("zoom is {}, pictures are made from {} to {}", tile.z, styles::kMinZoom, styles::kMaxZoom)};
    }
}

std::vector<std::pair<TileId, std::string>> Renderer::render_metatile(PictureStyle const& what, TileId tile) {
    check(what, tile);
    auto const corner = metatile_of(tile, what.scale);
    auto const side = metatile_side(what.scale, tile.z);
    auto const north_west = corner.bounds();
    auto const south_east = TileId{corner.z, corner.x + side - 1, corner.y + side - 1}.bounds();
    int const side_px = kTile_px * static_cast<int>(side);
    auto const image = impl_->draw(what, {north_west.west, south_east.south, south_east.east, north_west.north}, side_px, side_px, corner.z);

    auto const tile_px = static_cast<std::size_t>(kTile_px * what.scale);
    std::vector<std::pair<TileId, std::string>> tiles;
    tiles.reserve(std::size_t{side} * side);
    for (std::uint32_t row = 0; row < side; ++row) {
        for (std::uint32_t column = 0; column < side; ++column) {
            mapnik::image_view_rgba8 const view{column * tile_px, row * tile_px, tile_px, tile_px, image};
            tiles.emplace_back(TileId{corner.z, corner.x + column, corner.y + row}, encode(view, what.format));
        }
    }
    return tiles;
}

std::string Renderer::render_view(PictureStyle const& what, gis_core::LonLatBox const& box, int width_px, int height_px) {
    auto const x_of = [](double lon) { return lon / 180 * gis_core::kMercatorHalfWidth_m; };
    auto const y_of = [](double lat) {
        return std::log(std::tan((90 + std::clamp(lat, -85.0, 85.0)) * M_PI / 360)) / M_PI * gis_core::kMercatorHalfWidth_m;
    };
    double const west = x_of(box.west), east = x_of(box.east), south = y_of(box.south), north = y_of(box.north);
    double const per_px = std::max((east - west) / width_px, (north - south) / height_px);
    double const zoom = std::clamp(std::log2(metres_per_px(0) / per_px), 0.0, double(styles::kMaxZoom));
    double const mpp = metres_per_px(zoom), x = (west + east) / 2, y = (south + north) / 2;
    return encode(impl_->draw(what, {x - mpp * width_px / 2, y - mpp * height_px / 2, x + mpp * width_px / 2, y + mpp * height_px / 2},
                              width_px, height_px, zoom), what.format);
}

std::optional<styles::BoundaryNote> Renderer::boundaries(std::string const& layer, std::string const& at) {
    return impl_->boundaries(layer, at);
}

}  // namespace tile_server
