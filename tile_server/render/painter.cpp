#include "tile_server/render/painter.hpp"

#include "gis_core/error.hpp"
#include "styles/mapnik_xml.hpp"
#include "tile_server/render/png8.hpp"

#include <mapnik/image_any.hpp>  // before map.hpp

#include <mapnik/agg_renderer.hpp>
#include <mapnik/cairo/cairo_renderer.hpp>
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
#include <mapnik/marker_cache.hpp>
#include <mapnik/memory_datasource.hpp>
#include <mapnik/request.hpp>
#include <mapnik/unicode.hpp>
#include <mapnik/wkb.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

namespace tile_server {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;

constexpr int kBuffer_px = 256;  // labels and markers that stand outside reach in

using Image = mapnik::image_rgba8;

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
        shapes(map, "chosen", scene.chosen);
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
        for (auto const* attribute : {"figure", "former", "crop", "small"}) context->push(attribute);
        mapnik::value_integer id = 0;
        for (auto const& row : rows) {
            auto feature = mapnik::feature_factory::create(context, ++id);
            feature->set_geometry(mapnik::geometry_utils::from_wkb(row.wkb.data(), row.wkb.size()));
            if (row.figure) feature->put("figure", mapnik::value_double{*row.figure});
            feature->put("former", row.is_former);
            feature->put("crop", text(row.crop));
            feature->put("small", row.is_small);
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

}  // namespace

struct Picture::Pixels {
    Image image;
};
Picture::Picture(std::unique_ptr<Pixels> pixels) : pixels_{std::move(pixels)} {}
Picture::~Picture() = default;
Picture::Picture(Picture&&) noexcept = default;
Picture& Picture::operator=(Picture&&) noexcept = default;

int Picture::width_px() const { return static_cast<int>(pixels_->image.width()); }
int Picture::height_px() const { return static_cast<int>(pixels_->image.height()); }
std::uint32_t Picture::pixel(int x, int y) const { return pixels_->image(static_cast<std::size_t>(x), static_cast<std::size_t>(y)); }
std::optional<std::uint32_t> Picture::single_colour(int x, int y, int width_px, int height_px) const {
    auto const colour = pixel(x, y);
    for (int row = y; row < y + height_px; ++row) {
        auto const* const first = pixels_->image.get_row(static_cast<std::size_t>(row)) + x;
        if (!std::all_of(first, first + width_px, [&](std::uint32_t other) { return other == colour; })) return std::nullopt;
    }
    return colour;
}
std::string Picture::encode(PictureFormat format, int x, int y, int width_px, int height_px) const {
    auto const whole = [](int v) { return static_cast<std::size_t>(v); };
    auto const& image = pixels_->image;
    if (format == PictureFormat::png) return encode_png8(image.get_row(whole(y)) + x, image.width(), width_px, height_px);
    return mapnik::save_to_string(mapnik::image_view_rgba8{whole(x), whole(y), whole(width_px), whole(height_px), image}, "webp:quality=82:method=2");
}

std::optional<PictureFormat> find_picture_format(std::string_view extension) {
    if (extension == "png") return PictureFormat::png;
    if (extension == "webp") return PictureFormat::webp;
    return std::nullopt;
}

char const* media_type(PictureFormat format) noexcept { return format == PictureFormat::png ? "image/png" : "image/webp"; }

double choropleth_opacity(double zoom) {
    double const fading = std::clamp((zoom - styles::kFadeFromZoom) / (styles::kFadeToZoom - styles::kFadeFromZoom), 0.0, 1.0);
    return 1 - fading * (1 - styles::kFadedOpacity);
}

class Painter::Impl {
public:
    Impl(std::filesystem::path const& styles_dir, std::filesystem::path const& fonts_dir) : styles_dir_{std::filesystem::absolute(styles_dir)} {
        for (auto const* name : {"NotoSans-Regular.ttf", "NotoSans-Bold.ttf"}) {
            if (!mapnik::freetype_engine::register_font((fonts_dir / name).string()) && !std::filesystem::exists(fonts_dir / name)) {
                throw Error{ErrorKind::internal, fmt::format("{} is missing: install fonts-noto-core", (fonts_dir / name).string())};
            }
        }
        reload();
    }

    styles::Palette const& palette() const { return look().palette; }

    void reload() {
        mapnik::marker_cache::instance().clear();  // by the names of files, which may be other pictures now
        auto fresh = std::make_unique<Look>(Look{styles::Palette::load(styles_dir_ / "palette.toml"), {}});
        // A style that Mapnik cannot load is found here, not by the first visitor.
        for (auto const& style : fresh->palette.styles) {
            for (bool const is_dark : {false, true}) {
                styles::StyleName const name{&style, is_dark};
                fresh->idle[key_of(name, 1)].push_back(make_map(*fresh, name, 1));
            }
        }
        std::lock_guard const lock{mutex_};
        if (!looks_.empty()) {
            auto const is_same = [](styles::StyleDefinition const& a, styles::StyleDefinition const& b) {
                return a.id == b.id && a.choropleth == b.choropleth;
            };
            auto const &now = fresh->palette.styles, &before = looks_.back()->palette.styles;
            if (!std::equal(now.begin(), now.end(), before.begin(), before.end(), is_same))
                throw Error{ErrorKind::internal, "styles come and go with a restart only: their addresses are given out at the start"};
            looks_.back()->idle.clear();
        }
        looks_.push_back(std::move(fresh));
    }

    Picture paint(Scene const& scene, styles::StyleName const& style, gis_core::MercatorBox const& box, int width_px, int height_px, double zoom, int scale,
                  std::vector<double> const& breaks, std::string const& srs) {
        auto pixels = std::make_unique<Picture::Pixels>(Picture::Pixels{Image{width_px * scale, height_px * scale}});
        with_map(scene, style, box, width_px * scale, height_px * scale, zoom, scale, breaks, srs,
                 [&](mapnik::Map const& map, mapnik::request const& request, mapnik::attributes const& variables) {
                     if (auto const& background = map.background()) mapnik::fill(pixels->image, *background);
                     mapnik::agg_renderer<Image> renderer{map, request, variables, pixels->image, double(scale)};
                     renderer.apply();
                 });
        return Picture{std::move(pixels)};
    }

    void paint_on(cairo_t* page, Scene const& scene, styles::StyleName const& style, gis_core::MercatorBox const& box, int width_px, int height_px, double zoom,
                  std::string const& srs) {
        with_map(scene, style, box, width_px, height_px, zoom, 1, {}, srs,
                 [&](mapnik::Map const& map, mapnik::request const& request, mapnik::attributes const& variables) {
                     mapnik::cairo_ptr const shared{cairo_reference(page), mapnik::cairo_closer{}};
                     mapnik::cairo_renderer<mapnik::cairo_ptr> renderer{map, request, variables, shared};
                     renderer.apply();
                 });
    }

private:
    /// A palette, and maps made from it that nobody uses now, by style and scale.
    struct Look {
        styles::Palette palette;
        std::map<std::string, std::vector<std::unique_ptr<mapnik::Map>>> idle;
    };
    static std::string key_of(styles::StyleName const& style, int scale) { return fmt::format("{}@{}", style.text(), scale); }
    Look& look() const {
        std::lock_guard const lock{mutex_};
        return *looks_.back();
    }

    template <typename Draw>
    void with_map(Scene const& scene, styles::StyleName const& style, gis_core::MercatorBox const& box, int width, int height, double zoom, int scale,
                  std::vector<double> const& breaks, std::string const& srs, Draw const& draw) {
        auto& from = look();
        auto map = borrow(from, style, scale);
        if (map->srs() != srs) map->set_srs(srs);
        Feeder{}.feed(*map, scene);
        // The style processor looks at the map, the renderer at the request: both are told the same.
        mapnik::box2d<double> const extent{box.west, box.south, box.east, box.north};
        map->resize(static_cast<unsigned>(width), static_cast<unsigned>(height));
        map->set_buffer_size(kBuffer_px * scale);
        map->zoom_to_box(extent);
        mapnik::request request{static_cast<unsigned>(width), static_cast<unsigned>(height), extent};
        request.set_buffer_size(kBuffer_px * scale);
        // Lines grow with the zoom, as in the MapLibre styles.
        // A view with classes of its own is read beside their legend: its colours stay.
        mapnik::attributes variables{{"w", mapnik::value_double{std::clamp(0.7 + (zoom - 8) * 0.16, 0.7, 1.6)}},
                                     {"fade", mapnik::value_double{breaks.empty() ? choropleth_opacity(zoom) : 1.0}}};
        std::size_t edge = 0;
        auto const put_break = [&](double figure) { variables.emplace(fmt::format("break{}", ++edge), mapnik::value_double{figure}); };
        if (!breaks.empty()) std::for_each(breaks.begin(), breaks.end(), put_break);
        else
            for (auto const figure : from.palette.breaks_of(style.definition->choropleth)) put_break(static_cast<double>(figure));
        draw(*map, request, variables);
        for (auto& layer : map->layers()) layer.set_datasource(nullptr);
        give_back(from, key_of(style, scale), std::move(map));
    }

    std::unique_ptr<mapnik::Map> make_map(Look const& from, styles::StyleName const& style, int scale) const {
        auto map = std::make_unique<mapnik::Map>(256, 256);
        mapnik::load_map_string(*map, styles::mapnik_xml(from.palette, style, scale, styles_dir_ / "sprites"), true, styles_dir_.string());
        map->set_aspect_fix_mode(mapnik::Map::RESPECT);
        return map;
    }
    std::unique_ptr<mapnik::Map> borrow(Look& from, styles::StyleName const& style, int scale) {
        {
            std::lock_guard const lock{mutex_};
            if (auto& idle = from.idle[key_of(style, scale)]; !idle.empty()) {
                auto map = std::move(idle.back());
                idle.pop_back();
                return map;
            }
        }
        return make_map(from, style, scale);
    }
    void give_back(Look& to, std::string const& key, std::unique_ptr<mapnik::Map> map) {
        std::lock_guard const lock{mutex_};
        if (&to == looks_.back().get()) to.idle[key].push_back(std::move(map));
    }

    std::filesystem::path styles_dir_;
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Look>> looks_;  // the last one is used; palettes of former ones may still be looked at
};

Painter::Painter(std::filesystem::path styles_dir, std::filesystem::path const& fonts_dir) : impl_{std::make_unique<Impl>(std::move(styles_dir), fonts_dir)} {}
Painter::~Painter() = default;
styles::Palette const& Painter::palette() const { return impl_->palette(); }
void Painter::reload() { impl_->reload(); }
Picture Painter::paint(Scene const& scene, styles::StyleName const& style, gis_core::MercatorBox const& box, int width_px, int height_px, double zoom,
                       int scale, std::vector<double> const& breaks, std::string const& srs) {
    return impl_->paint(scene, style, box, width_px, height_px, zoom, scale, breaks, srs);
}
void Painter::paint_on(cairo_t* page, Scene const& scene, styles::StyleName const& style, gis_core::MercatorBox const& box, int width_px, int height_px,
                       double zoom, std::string const& srs) {
    impl_->paint_on(page, scene, style, box, width_px, height_px, zoom, srs);
}

}  // namespace tile_server
