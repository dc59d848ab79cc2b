#include "tile_server/pictures/pictures.hpp"

#include "gis_core/json.hpp"
#include "gis_core/log.hpp"
#include "http/problem.hpp"
#include "styles/mapnik_xml.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <set>

namespace tile_server {
namespace {

std::string suffix_of(PictureStyle const& what) { return std::string{what.scale == 2 ? "@2x" : ""} + (what.format == PictureFormat::png ? ".png" : ".webp"); }

PictureStore store_in(TileCache& cache) {
    return {.publish =
                [&cache](PictureStyle const& what, gis_core::TileId tile, std::string const& bytes, std::function<bool()> const& is_fresh) {
                    TileContent content;
                    content.plain = bytes;  // compressed as it is: no .gz, no .br
                    content.media_type = media_type(what.format);
                    cache.publish({what.style, tile, suffix_of(what)}, content, is_fresh);
                },
            .find = [&cache](PictureStyle const& what, gis_core::TileId tile) -> std::shared_ptr<std::string const> {
                auto stored = cache.find({what.style, tile, suffix_of(what)});
                return stored && !stored->is_empty() ? std::make_shared<std::string const>(std::move(stored->plain)) : nullptr;
            }};
}

/// All that decides how a style looks.
std::string look_of(styles::Palette const& palette, styles::StyleName const& style, std::filesystem::path const& styles_dir) {
    auto look = styles::mapnik_xml(palette, style, 1, "sprites");
    std::set<std::filesystem::path> signs;
    for (auto const& file : std::filesystem::directory_iterator{styles_dir / "sprites" / (style.is_dark ? "dark" : "light")}) signs.insert(file.path());
    for (auto const& sign : signs) {
        std::ifstream in{sign, std::ios::binary};
        look.append(std::istreambuf_iterator<char>{in}, {});
    }
    return look;
}

}  // namespace

Pictures::Pictures(Service& service, std::filesystem::path const& styles_dir, std::filesystem::path const& fonts_dir, PictureConfig config)
    : service_{service},
      store_rows_{std::make_shared<StoreRows>(service.store(), service.catalogue(), service.pool())},
      styles_dir_{styles_dir},
      renderer_{service.pool(), styles_dir, fonts_dir},
      assets_{load_style_assets(styles_dir)},
      pictures_{std::make_shared<PictureService>(renderer_, store_in(service.cache()), config)},
      watch_{{styles_dir / "palette.toml", styles_dir / "sprites"}, [this] { reload_styles(); }} {
    auto shown = service.catalogue().ids();
    shown.emplace_back("unit_labels");  // where names of units stand is told apart
    for (auto const& style : renderer_.palette().styles) {
        for (bool const is_dark : {false, true}) {
            service.cache().add_folder({styles::StyleName{&style, is_dark}.text(),
                                        shown,
                                        {".png", "@2x.png", ".webp", "@2x.webp"},
                                        styles::kMinZoom,
                                        styles::kMaxZoom,
                                        kPictureMargin_tiles});
        }
    }
    forget_former_looks();
    renderer_.read_from([this](gis_core::MercatorBox const& box, std::string const& at, std::string const& coloured, std::string const& measure) {
        return store_rows_->rows(box, at.empty() ? service_.today() : *gis_core::Date::parse(at), coloured, measure);
    });
    service.listen([weak = std::weak_ptr{pictures_}](std::string const&, Cover const& cover) {
        if (auto const pictures = weak.lock()) pictures->touch([&cover](gis_core::TileId tile, double margin) { return cover.touches(tile, margin); });
    });
    watch_.start(config.look_at_styles);
}

/// Pictures of a style that looks otherwise than when they were drawn are drawn again.
void Pictures::forget_former_looks() {
    auto& cache = service_.cache();
    auto const& palette = renderer_.palette();
    for (auto const& style : palette.styles) {
        for (bool const is_dark : {false, true}) {
            styles::StyleName const name{&style, is_dark};
            auto const note = "style-" + name.text(), fingerprint = http::fingerprint(look_of(palette, name, styles_dir_));
            if (cache.note(note) == fingerprint) continue;
            pictures_->touch_style(name.text());  // before the stored ones go: none that is being drawn is stored after them
            cache.remove_folder(name.text());
            cache.set_note(note, fingerprint);
            service_.announce("style", gis_core::to_text(gis_core::Json{{"style", name.text()}}));
        }
    }
}

void Pictures::reload_styles() {
    try {
        auto assets = load_style_assets(styles_dir_);
        renderer_.reload_styles();
        assets_ = std::move(assets);
        forget_former_looks();
        is_refused_ = false;
        ++reloaded_;
        gis_core::log::info("styles are read again from {}", styles_dir_.string());
    } catch (std::exception const& error) {
        is_refused_ = true;
        gis_core::log::error("styles stay as they were: {}", error.what());
    }
}

void Pictures::add_routes(http::Router& router) {
    add_picture_routes(router, pictures_);
    add_style_routes(router, {.palette = [this]() -> styles::Palette const& { return renderer_.palette(); },
                              .assets = [this] { return assets_.load(); },
                              .sources = [this] { return tile_sources(service_.catalogue()); },
                              .boundaries = [this](std::string const& layer, std::string const& at) { return renderer_.boundaries(layer, at); }});
}

std::string Pictures::metrics() const {
    return pictures_->metrics() +
           fmt::format(
               "# TYPE ocopmap_styles_reloaded_total counter\nocopmap_styles_reloaded_total {}\n"
               "# TYPE ocopmap_styles_refused gauge\nocopmap_styles_refused {}\n",
               reloaded_.load(), int{is_refused_}) +
           fmt::format(
               "# TYPE ocopmap_pictures_scenes_total counter\nocopmap_pictures_scenes_total{{source=\"memory\"}} {}\n"
               "ocopmap_pictures_scenes_total{{source=\"database\"}} {}\n",
               renderer_.from_memory(), renderer_.from_record());
}

}  // namespace tile_server
