#pragma once

#include "gis_core/geo/lon_lat.hpp"
#include "gis_core/json.hpp"
#include "styles/palette.hpp"

#include <optional>
#include <string>
#include <vector>

namespace styles {

/// A tile layer as the style's source: from data/layers.toml.
struct TileSource {
    std::string id;
    int min_zoom, max_zoom;
    bool is_dated;                                // takes ?at=
    std::optional<gis_core::LonLatBox> bounds{};  // outside it there are no tiles to ask for
};

/// A MapLibre style (style specification v8). Every address in it begins with base_url, so that a page of another
/// origin may use it too. at: ISO date or empty; then each dated source asks for that day.
/// Layers read these attributes of the tiles: name, short_name, products, in_force, point_count, star, crop.
gis_core::Json maplibre_style(Palette const& palette, StyleName const& style, std::vector<TileSource> const& sources, std::string const& base_url,
                              std::string const& at);

}  // namespace styles
