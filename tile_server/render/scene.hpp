#pragma once

#include "gis_core/geo/lon_lat.hpp"
#include "styles/legend.hpp"
#include "styles/palette.hpp"
#include "tile_server/render/labels.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gis_core::db {
class Pool;
}

namespace tile_server {

/// A polygon or line of a picture: WKB in EPSG:3857.
struct Shape {
    std::string wkb;
    std::optional<double> figure;  // of the coloured units
    bool is_former = false;        // a boundary no longer in force
    std::string crop;
    bool is_small = false;  // zones too small for their crop's pattern
};

struct Marker {
    double x, y;
    std::int64_t count = 1;
    int star = 0;
    std::string icon;
};

/// All that a picture shows, read in one snapshot. Layers as styles::mapnik_xml names them.
struct Scene {
    std::vector<Shape> land, choropleth, zones, rivers, shoreline, communes_line, districts_line, provinces_line, chosen;
    std::vector<Marker> places, products;
    std::vector<Label> labels;
};

/// box: the picture without margin. metres_per_px: of a CSS pixel. zoom: of web tiles of 256 px, whole numbers for tiles.
/// measure: one of kMeasures, whose figures colour the units.
Scene read_scene(gis_core::db::Pool& pool, styles::Palette const& palette, styles::StyleDefinition const& style, gis_core::MercatorBox const& box,
                 double metres_per_px, double zoom, std::string const& at, std::string const& measure = "products");

/// As programme::Measure: what units are coloured by, the same sums as /api/statistics/units.
inline constexpr std::array kMeasures{"products", "producers", "stars", "zone_area_ha"};

/// The outline of the unit of a code on a day, to be marked. Empty: there is no such unit, or none with an outline.
std::vector<Shape> read_unit_outline(gis_core::db::Pool& pool, std::string const& code, std::string const& day);

/// The frame of a level that holds the date; former: the last one, for districts after their end.
/// \throws gis_core::Error(not_found) naming the nearest frames when there is none.
std::optional<styles::BoundaryNote> find_boundaries(gis_core::db::Pool& pool, std::string const& layer, std::string const& at);

}  // namespace tile_server
