#pragma once

#include "styles/palette.hpp"

#include <filesystem>
#include <string>

namespace styles {

/// A Mapnik map (XML) with the layers, in drawing order:
///   land           polygons
///   choropleth     polygons: products (null: no data)
///   zones          polygons: crop (a code of the palette)
///   rivers, shoreline   lines
///   communes_line, districts_line, provinces_line   lines: former (boolean)
///   places         points: icon (producer, sales-point)
///   products       points: count, star (0: none in force)
///   labels         points: text, figure ("" for none), kind (province, district, commune, zone, product), crop, dy
/// Sources are put in by the renderer, which also decides what shows at which zoom; @w widens lines with the zoom, @fade is the choropleth's opacity.
/// scale: 1, or 2 for pictures of double density (patterns are pictures themselves). sprites: folder made by make_sprite.
std::string mapnik_xml(Palette const& palette, StyleName const& style, int scale, std::filesystem::path const& sprites);

}  // namespace styles
