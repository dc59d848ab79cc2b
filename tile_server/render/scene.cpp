#include "tile_server/render/scene.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/geo/tile_id.hpp"
#include "tile_server/render/scene_rows.hpp"
#include "tile_server/render/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/binarystring>

#include <cctype>
#include <cmath>

namespace tile_server {
namespace {

using gis_core::MercatorBox;

constexpr double kMargin_px = 2 * LabelPlan::kReach_px;  // what reaches into the picture from outside, and what decides about it
constexpr double kEdge_px = 8;                           // what is drawn without a name: a line's width and a little more
constexpr double kZoneDetailMinZoom = 12;                // below, outlines simplified by 25 m are half a pixel off, @2x too
constexpr double kCell_px = 64;                          // a cluster's cell, at the tile's own zoom

double cell_m(double zoom) { return kCell_px * 2 * gis_core::kMercatorHalfWidth_m / 256 / std::exp2(std::floor(zoom)); }

std::vector<Shape> outlines(UnitRows const& level) {
    std::vector<Shape> shapes;
    for (auto const& unit : level.units) {
        if (!unit.outline.empty()) shapes.push_back({unit.outline, std::nullopt, false, {}});
    }
    return shapes;
}

std::vector<Shape> boundaries_of(SceneRows& rows, UnitRows const& level, int outline_zoom) {
    if (!level.is_former) return outlines(level);
    std::vector<Shape> shapes;
    if (level.day.empty()) return shapes;
    for (auto& line : rows.former_lines(level, outline_zoom)) shapes.push_back({std::move(line), std::nullopt, true, {}});
    return shapes;
}

/// Hectares below 100 with a decimal, as the page writes them; no mark between thousands, which languages read differently.
std::string figure_text(double figure) {
    if (figure >= 100 || figure == std::floor(figure)) return fmt::format("{:.0f}", figure);
    auto text = fmt::format("{:.1f}", figure);
    if (text.ends_with(".0")) return text.substr(0, text.size() - 2);
    return text.replace(text.find('.'), 1, ",");
}

/// The names of a level as candidates; with figures where the level is the coloured one.
std::vector<LabelCandidate> names(UnitRows const& level, std::string const& kind, double size_px, double metres_per_px, UnitFigures const* figures,
                                  bool with_type) {
    std::vector<LabelCandidate> out;
    for (auto const& unit : level.units) {
        if (!unit.has_label) continue;
        // "Phường 6" keeps its type: a bare 6 would read as a figure.
        bool const is_number = !unit.short_name.empty() && std::isdigit(static_cast<unsigned char>(unit.short_name[0])) != 0;
        LabelCandidate label{wrap_name(with_type || is_number ? unit.name : unit.short_name), "", kind, "", unit.x, unit.y};
        label.size_px = size_px;
        if (kind == "commune") label.width_limit_px = 1.25 * unit.width_m / metres_per_px;
        label.rank = std::lround(unit.width_m);
        label.key = unit.key;
        if (figures) {
            auto const found = figures->find(unit.key);
            label.figure = figure_text(found == figures->end() ? 0 : found->second);
        }
        out.push_back(std::move(label));
    }
    return out;
}

/// The crop says it from afar, the zone's own name where there is room for it.
std::string zone_text(styles::Palette const& palette, std::string_view crop, std::string const& name, double zoom) {
    std::string text = palette.crops.back().label.vi;
    for (auto const& known : palette.crops) {
        if (known.code == crop) text = known.label.vi;
    }
    return zoom < 14 || name.empty() ? text : text + "\n" + wrap_name(name);
}

std::string level_of(std::string const& layer) { return layer == "districts" ? "district" : layer == "provinces" ? "province" : "commune"; }

}  // namespace

MercatorBox read_box(MercatorBox const& box, double metres_per_px, double zoom) {
    double const margin = kMargin_px * metres_per_px + cell_m(zoom);
    return {box.west - margin, box.south - margin, box.east + margin, box.north + margin};
}

Scene compose_scene(SceneRows& rows, styles::Palette const& palette, styles::StyleDefinition const& style, MercatorBox const& box, double metres_per_px,
                    double zoom, std::string const& measure) {
    auto const widened = [&](double px) {
        double const margin = px * metres_per_px;
        return MercatorBox{box.west - margin, box.south - margin, box.east + margin, box.north + margin};
    };
    auto const wide = widened(kMargin_px), near = widened(kEdge_px);
    // Stored levels are half a pixel of a tile drawn at 512 px; past the last one the record's own outlines (99 has no level).
    int const outline_zoom = zoom > 14 ? 99 : std::max(4, static_cast<int>(std::ceil(zoom)));
    bool const by_district = style.choropleth == "districts";

    Scene scene;
    auto const provinces = rows.units("province", near, outline_zoom);
    auto const districts = rows.units("district", near, outline_zoom);
    auto const communes = rows.units("commune", near, outline_zoom);
    auto const& coloured = by_district ? districts : communes;
    auto const shared = rows.figures(coloured, measure);
    auto const& figures = *shared;

    scene.land = outlines(provinces);
    for (auto const& unit : coloured.units) {
        if (unit.outline.empty()) continue;
        auto const found = figures.find(unit.key);
        scene.choropleth.push_back({unit.outline, found == figures.end() ? 0 : found->second, false, {}});
    }
    if (!by_district || zoom >= 11) scene.communes_line = outlines(communes);
    if (by_district || !districts.is_former) scene.districts_line = boundaries_of(rows, districts, outline_zoom);
    scene.provinces_line = boundaries_of(rows, provinces, outline_zoom);
    auto context = rows.lines(near);
    for (auto& line : context.rivers) scene.rivers.push_back({std::move(line), std::nullopt, false, {}});
    for (auto& line : context.shoreline) scene.shoreline.push_back({std::move(line), std::nullopt, false, {}});

    LabelPlan plan{metres_per_px};
    if (zoom < 8 || (zoom < 9 && districts.is_former && !by_district)) {
        plan.place_all(names(provinces, "province", 14, metres_per_px, nullptr, true));
    }
    if (by_district) {
        if (zoom >= 8) plan.place_all(names(districts, "district", 12, metres_per_px, &figures, false));
        if (zoom >= 12) plan.place_all(names(communes, "commune", 12, metres_per_px, nullptr, false));
    } else {
        if (zoom >= 9) plan.place_all(names(communes, "commune", 11, metres_per_px, &figures, false));
        if (zoom >= 8 && zoom < 9 && !districts.is_former) {
            plan.place_all(names(districts, "district", 12, metres_per_px, nullptr, false));
        }
    }

    std::vector<LabelCandidate> zone_names, product_names;
    std::vector<LabelPlan::Obstacle> markers;
    if (zoom >= styles::kZoneMinZoom) {
        bool const has_names = zoom >= styles::kPlaceMinZoom;
        double const pattern_from_ha = styles::pattern_min_area_ha(zoom);
        scene.zones = rows.small_zones(near, pattern_from_ha, zoom < kZoneDetailMinZoom);
        for (auto& zone : rows.zones(has_names ? wide : near, pattern_from_ha, has_names)) {
            if (has_names) {
                LabelCandidate label{zone_text(palette, zone.crop, zone.name, zoom), "", "zone", zone.crop, zone.x, zone.y};
                label.size_px = 10;
                label.rank = std::lround(zone.area_ha);
                label.key = zone.key;
                zone_names.push_back(std::move(label));
            }
            if (!zone.outline.empty()) scene.zones.push_back({std::move(zone.outline), std::nullopt, false, std::move(zone.crop)});
        }
    }
    if (zoom >= styles::kPlaceMinZoom) {
        scene.places = rows.places(wide);
        for (auto const& place : scene.places) markers.push_back({place.x, place.y, 9});
    }
    if (zoom >= styles::kProductMinZoom) {
        double const cell = cell_m(zoom);
        auto const down = [&](double v) { return std::floor(v / cell) * cell; };
        auto const up = [&](double v) { return std::ceil(v / cell) * cell; };
        for (auto& [marker, name] : rows.products({down(wide.west), down(wide.south), up(wide.east), up(wide.north)}, cell)) {
            scene.products.push_back(marker);
            markers.push_back({marker.x, marker.y, 12});
            if (zoom < styles::kNameMinZoom || name.empty()) continue;
            LabelCandidate label{wrap_name(name), "", "product", "", marker.x, marker.y - 24 * metres_per_px};
            label.rank = marker.star;
            label.key = std::llround(marker.x * 10);
            product_names.push_back(std::move(label));
        }
    }
    plan.avoid(markers);
    plan.place_local(zone_names);
    plan.avoid(markers);
    plan.place_local(product_names);
    scene.labels = plan.labels();
    return scene;
}

Scene read_scene(gis_core::db::Pool& pool, styles::Palette const& palette, styles::StyleDefinition const& style, MercatorBox const& box, double metres_per_px,
                 double zoom, std::string const& at, std::string const& measure) {
    return pool.read(at, [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        return compose_scene(*rows_of_record(tx, session), palette, style, box, metres_per_px, zoom, measure);
    });
}

std::vector<Shape> read_unit_outline(gis_core::db::Pool& pool, std::string const& code, std::string const& day) {
    return pool.read("", [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        session.prepare(sql::raster_unit);
        std::vector<Shape> shapes;
        for (auto const& row : tx.exec_prepared(sql::raster_unit.name, code, day)) {
            pqxx::binarystring const outline{row["outline"]};
            shapes.push_back({outline.str(), std::nullopt, false, {}});
        }
        return shapes;
    });
}

std::optional<styles::BoundaryNote> find_boundaries(gis_core::db::Pool& pool, std::string const& layer, std::string const& at) {
    auto const level = level_of(layer);
    return pool.read(at, [&](pqxx::transaction_base& tx, gis_core::db::Session& session) -> std::optional<styles::BoundaryNote> {
        std::string const day = tx.exec1("SELECT pub.at()")[0].c_str();
        session.prepare(sql::raster_frame);
        std::optional<styles::BoundaryNote> last, next;  // nearest frames before and after the day
        bool has_frames = false;
        for (auto const& row : tx.exec_prepared(sql::raster_frame.name)) {
            if (level != row["level"].c_str()) continue;
            has_frames = true;
            styles::BoundaryNote note{row["valid_from"].c_str(), row["valid_to"].is_null() ? std::nullopt : std::optional<std::string>{row["valid_to"].c_str()},
                                      row["geometry_state"].c_str(), row["source"].c_str()};
            if (row["shown"].as<bool>()) return note;
            if (note.valid_from > day) {
                if (!next) next = note;
            } else {
                last = note;
            }
        }
        if (!has_frames) return std::nullopt;
        if (level == "district" && last && !next) return last;  // no longer in force: shown as they were
        std::string nearest;
        for (auto const* frame : {&last, &next}) {
            if (!*frame) continue;
            nearest += fmt::format("{}{} to {}", nearest.empty() ? "" : ", ", (*frame)->valid_from, (*frame)->valid_to.value_or("today"));
        }
        throw gis_core::Error{
            gis_core::ErrorKind::not_found, fmt::format("there are no {} boundaries for {}; the nearest: {}", level, day, nearest), {{"at", day, nearest}}};
    });
}

}  // namespace tile_server
