#include "tile_server/pictures/style_routes.hpp"

#include "gis_core/date.hpp"
#include "gis_core/error.hpp"
#include "http/problem.hpp"

#include <fmt/format.h>
#include <protozero/pbf_writer.hpp>

#include <charconv>
#include <fstream>
#include <map>
#include <sstream>

namespace tile_server {

struct StyleAssets {
    struct Asset {
        std::string media_type;
        std::shared_ptr<std::string const> bytes;
        std::string etag;
    };
    std::map<std::string, Asset, std::less<>> sprites;                         // "light@2x.png"
    std::map<std::string, std::map<std::uint32_t, Asset>, std::less<>> fonts;  // stack, first character
};

namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using Asset = StyleAssets::Asset;

Asset read_asset(std::filesystem::path const& file, std::string media_type) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) throw Error{ErrorKind::internal, "cannot read " + file.string()};
    auto bytes = std::make_shared<std::string const>(std::move(text).str());
    auto etag = http::fingerprint(*bytes);
    return {std::move(media_type), std::move(bytes), std::move(etag)};
}

std::optional<std::uint32_t> range_start(std::string_view range) {  // "7680-7935"
    std::uint32_t first = 0, last = 0;
    auto const dash = range.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    auto const number = [](std::string_view text, std::uint32_t& out) {
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
        return error == std::errc{} && end == text.data() + text.size();
    };
    if (!number(range.substr(0, dash), first) || !number(range.substr(dash + 1), last)) return std::nullopt;
    if (first % 256 != 0 || last != first + 255 || last > 65535) return std::nullopt;
    return first;
}

http::Response answer(http::Request const& request, Asset const& asset) {
    http::Response response;
    response.headers.add("Content-Type", asset.media_type);
    response.headers.add("Cache-Control", "public, max-age=3600");
    response.headers.add("Access-Control-Allow-Origin", "*");
    response.body = asset.bytes;
    return http::conditional(request, std::move(response), asset.etag);
}

http::Response answer_json(http::Request const& request, gis_core::Json const& json) {
    auto text = gis_core::to_text(json);
    auto const etag = http::fingerprint(text);
    auto response = http::Response::json(std::move(text));
    response.headers.add("Cache-Control", "no-cache");
    response.headers.add("Access-Control-Allow-Origin", "*");
    return http::conditional(request, std::move(response), etag);
}

std::string date_of(http::Request const& request) {
    request.query.allow_only({"at"});
    auto const at = request.query.find("at");
    return at ? gis_core::Date::from_field("at", *at).iso() : std::string{};
}

styles::StyleName style_of(styles::Palette const& palette, std::string const& name) {
    if (auto const style = styles::find_style(palette, name)) return *style;
    std::string known;
    for (auto const& style : palette.styles) known += fmt::format("{}{}, {}-dark", known.empty() ? "" : ", ", style.id, style.id);
    throw Error{ErrorKind::not_found, fmt::format("there is no style {}; there are {}", name, known), {{"style", name, known}}};
}

}  // namespace

std::shared_ptr<StyleAssets const> load_style_assets(std::filesystem::path const& folder) {
    if (!std::filesystem::is_directory(folder / "fonts") || !std::filesystem::is_directory(folder / "sprites")) {
        throw Error{ErrorKind::internal, fmt::format("{} has no fonts and sprites: build the target style_assets", folder.string())};
    }
    StyleAssets assets;
    for (auto const& file : std::filesystem::directory_iterator{folder / "sprites"}) {
        auto const name = file.path().filename().string();
        if (name.ends_with(".json")) assets.sprites.emplace(name, read_asset(file.path(), "application/json"));
        if (name.ends_with(".png")) assets.sprites.emplace(name, read_asset(file.path(), "image/png"));
    }
    for (auto const& stack : std::filesystem::directory_iterator{folder / "fonts"}) {
        if (!stack.is_directory()) continue;
        for (auto const& file : std::filesystem::directory_iterator{stack.path()}) {
            if (auto const first = range_start(file.path().stem().string())) {
                assets.fonts[stack.path().filename().string()].emplace(*first, read_asset(file.path(), "application/x-protobuf"));
            }
        }
    }
    return std::make_shared<StyleAssets const>(std::move(assets));
}

std::string empty_glyphs(std::string_view stack, std::uint32_t first) {
    std::string message;
    {
        protozero::pbf_writer glyphs{message};
        protozero::pbf_writer font{glyphs, 1};
        font.add_string(1, stack.data(), stack.size());
        font.add_string(2, fmt::format("{}-{}", first, first + 255));
    }
    return message;
}

std::vector<styles::TileSource> tile_sources(gis_core::layers::Catalogue const& catalogue) {
    std::vector<styles::TileSource> sources;
    for (auto const& layer : catalogue.layers()) sources.push_back({layer.id, layer.min_zoom, layer.max_zoom, layer.has_at, layer.bounds});
    return sources;
}

void add_style_routes(http::Router& router, StyleSources sources) {
    auto const from = std::make_shared<StyleSources const>(std::move(sources));

    router.get("/styles/{style}.json", [from](http::Request const& request) {
        auto const& palette = from->palette();
        auto const style = style_of(palette, request.value(0));
        return answer_json(request, styles::maplibre_style(palette, style, from->sources(), request.base_url(), date_of(request)));
    });
    router.get("/styles/{style}/legend.json", [from](http::Request const& request) {
        auto const& palette = from->palette();
        auto const style = style_of(palette, request.value(0));
        return answer_json(request, styles::legend(palette, style, from->boundaries(style.definition->choropleth, date_of(request))));
    });
    router.get("/fonts/{stack}/{range}.pbf", [from](http::Request const& request) {
        auto const first = range_start(request.value(1));
        if (!first) throw gis_core::invalid_field("range", request.value(1), "256 characters from a multiple of 256, like 0-255, up to 65535");
        auto const assets = from->assets();
        // A client may ask for several faces at once ("A,B"); the first that we have is what it would fall back to.
        std::string_view names = request.value(0);
        while (!names.empty()) {
            auto const name = names.substr(0, names.find(','));
            if (auto const stack = assets->fonts.find(name); stack != assets->fonts.end()) {
                if (auto const range = stack->second.find(*first); range != stack->second.end()) return answer(request, range->second);
                auto bytes = std::make_shared<std::string const>(empty_glyphs(name, *first));
                auto etag = http::fingerprint(*bytes);
                return answer(request, {"application/x-protobuf", std::move(bytes), std::move(etag)});
            }
            names.remove_prefix(std::min(name.size() + 1, names.size()));
        }
        throw Error{ErrorKind::not_found, fmt::format("there is no font {}; there are Noto Sans Regular and Noto Sans Bold", request.value(0))};
    });
    router.get("/sprites/{file}", [from](http::Request const& request) {
        auto const assets = from->assets();
        auto const found = assets->sprites.find(request.value(0));
        if (found == assets->sprites.end()) {
            throw Error{ErrorKind::not_found,
                        fmt::format("there is no sprite {}; there are light and dark, .json and .png, with or without @2x", request.value(0))};
        }
        return answer(request, found->second);
    });
}

}  // namespace tile_server
