#include "tile_server/pictures/pictures.hpp"

#include "http/problem.hpp"
#include "styles/mapnik_xml.hpp"
#include "tile_server/pictures/style_routes.hpp"

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

/// Pictures of a style that looks otherwise than when they were drawn are drawn again.
void forget_former_look(TileCache& cache, std::string const& style, std::string const& look) {
    auto const note = "style-" + style, fingerprint = http::fingerprint(look);
    if (cache.note(note) == fingerprint) return;
    cache.remove_folder(style);
    cache.set_note(note, fingerprint);
}

}  // namespace

Pictures::Pictures(Service& service, std::filesystem::path const& styles_dir, std::filesystem::path const& fonts_dir, PictureConfig config)
    : service_{service},
      styles_dir_{styles_dir},
      renderer_{service.pool(), styles_dir, fonts_dir},
      pictures_{std::make_shared<PictureService>(renderer_, store_in(service.cache()), config)} {
    for (auto const& style : renderer_.palette().styles) {
        for (bool const is_dark : {false, true}) {
            styles::StyleName const name{&style, is_dark};
            forget_former_look(service.cache(), name.text(), styles::mapnik_xml(renderer_.palette(), name, 1, "sprites"));
            service.cache().add_folder(
                {name.text(), service.catalogue().ids(), {".png", "@2x.png", ".webp", "@2x.webp"}, styles::kMinZoom, styles::kMaxZoom, kPictureMargin_tiles});
        }
    }
    service.listen([weak = std::weak_ptr{pictures_}](std::string const&, Cover const& cover) {
        if (auto const pictures = weak.lock()) pictures->touch([&cover](gis_core::TileId tile, double margin) { return cover.touches(tile, margin); });
    });
}

void Pictures::add_routes(http::Router& router) {
    add_picture_routes(router, pictures_);
    add_style_routes(router, styles_dir_,
                     {.sources = [this] { return tile_sources(service_.catalogue()); },
                      .boundaries = [this](std::string const& layer, std::string const& at) { return renderer_.boundaries(layer, at); }});
}

}  // namespace tile_server
