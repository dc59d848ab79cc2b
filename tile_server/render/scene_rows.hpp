#pragma once

#include "gis_core/geo/lon_lat.hpp"
#include "tile_server/render/scene.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gis_core::db {
class Session;
}
namespace pqxx {
class transaction_base;
}

namespace tile_server {

/// A unit on the day that is shown. Outlines are WKB in EPSG:3857.
struct UnitRow {
    std::int64_t key = 0;
    std::string name, short_name;
    bool has_label = false;
    double x = 0, y = 0;  // where its name stands
    double width_m = 0;
    std::string outline;  // empty: it does not touch the box
};

struct UnitRows {
    std::string level;
    std::string day;  // whose units stand for the level: the one shown or the last one it had; empty: it did not exist yet
    bool is_former = false;
    std::vector<UnitRow> units;  // by key
};

struct ZoneRow {
    std::int64_t key = 0;
    std::string name, crop;
    double area_ha = 0;
    std::string outline;  // empty: too small to be drawn by itself
    double x = 0, y = 0;  // where its name stands, if it was asked for
};

/// Products of a cell; a name when it is one.
struct ProductCell {
    Marker marker;
    std::string name;
};

struct ContextLines {
    std::vector<std::string> rivers, shoreline;
};

using UnitFigures = std::map<std::int64_t, double>;

/// The rows that scenes are made of, as of a day. In the same order wherever they come from: what lies above what must not depend on it.
class SceneRows {
public:
    virtual ~SceneRows() = default;
    /// All units of a level, with outlines where they touch the box.
    virtual UnitRows units(std::string const& level, gis_core::MercatorBox const& box, int outline_zoom) = 0;
    /// The boundaries of a level that is no longer in force, each once.
    virtual std::vector<std::string> former_lines(UnitRows const& level, int outline_zoom) = 0;
    virtual std::shared_ptr<UnitFigures const> figures(UnitRows const& level, std::string const& measure) = 0;
    virtual ContextLines lines(gis_core::MercatorBox const& box) = 0;
    /// Zones below an area, all of a crop in one shape.
    virtual std::vector<Shape> small_zones(gis_core::MercatorBox const& box, double area_ha, bool are_coarse) = 0;
    /// Zones from an area on; with names also those below, without outlines.
    virtual std::vector<ZoneRow> zones(gis_core::MercatorBox const& box, double area_ha, bool with_names) = 0;
    /// Producers and sales points, northern ones first.
    virtual std::vector<Marker> places(gis_core::MercatorBox const& box) = 0;
    /// Products by half-open cell, northern ones first. \pre the box lies on edges of cells
    virtual std::vector<ProductCell> products(gis_core::MercatorBox const& box, double cell_m) = 0;
};

/// Rows from the record. \pre the transaction shows the day
std::unique_ptr<SceneRows> rows_of_record(pqxx::transaction_base& tx, gis_core::db::Session& session);

/// What read_scene() makes of them.
Scene compose_scene(SceneRows& rows, styles::Palette const& palette, styles::StyleDefinition const& style, gis_core::MercatorBox const& box,
                    double metres_per_px, double zoom, std::string const& measure);
/// The box with all that compose_scene() may ask for.
gis_core::MercatorBox read_box(gis_core::MercatorBox const& box, double metres_per_px, double zoom);

}  // namespace tile_server
