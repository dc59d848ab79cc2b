#pragma once

#include "gis_core/layers/catalogue.hpp"
#include "http/router.hpp"
#include "styles/legend.hpp"
#include "styles/maplibre.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tile_server {

/// Sprites and glyphs of a styles folder, in memory, so that no address can name another file.
struct StyleAssets;
/// \throws gis_core::Error(internal) when the folder was not made by the build.
std::shared_ptr<StyleAssets const> load_style_assets(std::filesystem::path const& styles_dir);

/// What the style routes ask of the rest of the daemon, as it is now.
struct StyleSources {
    std::function<styles::Palette const&()> palette;
    std::function<std::shared_ptr<StyleAssets const>()> assets;
    /// The layers of data/layers.toml as they are published now.
    std::function<std::vector<styles::TileSource>()> sources;
    /// The boundaries of a layer ("communes") on a date, for the legend; throws not_found for a date without lines.
    std::function<std::optional<styles::BoundaryNote>(std::string const& layer, std::string const& at)> boundaries;
};

/// GET /styles/{style}.json, /styles/{style}/legend.json, /fonts/{stack}/{range}.pbf, /sprites/{file}: everything a map
/// client needs besides tiles.
void add_style_routes(http::Router& router, StyleSources sources);

/// The layers of the catalogue as the styles' sources.
std::vector<styles::TileSource> tile_sources(gis_core::layers::Catalogue const& catalogue);

/// A glyphs message without glyphs: what a client gets for a range that Noto Sans covers and we do not make.
std::string empty_glyphs(std::string_view stack, std::uint32_t first);

}  // namespace tile_server
