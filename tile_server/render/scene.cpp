#include "tile_server/render/scene.hpp"

#include "gis_core/db/figure_cache.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/geo/tile_id.hpp"
#include "tile_server/render/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/binarystring>

#include <cctype>
#include <cmath>
#include <map>
#include <memory>

namespace tile_server {
namespace {

using gis_core::MercatorBox;

constexpr double kMargin_px = 2 * LabelPlan::kReach_px;  // what reaches into the picture from outside, and what decides about it
constexpr double kEdge_px = 8;                           // what is drawn without a name: a line's width and a little more
constexpr double kZoneDetailMinZoom = 12;                // below, outlines simplified by 25 m are half a pixel off, @2x too
constexpr double kCell_px = 64;                          // a cluster's cell, at the tile's own zoom

std::string wkb_of(pqxx::field const& field) {
    pqxx::binarystring const bytes{field};
    return {bytes.get(), bytes.get() + bytes.size()};
}

class Reader {
public:
    Reader(pqxx::transaction_base& tx, gis_core::db::Session& session) : tx_{tx}, session_{session} {}

    template <typename... Values>
    pqxx::result rows(gis_core::db::Statement const& statement, Values const&... values) {
        session_.prepare(statement);
        return tx_.exec_prepared(statement.name, values...);
    }
    std::string figure_stamp() { return gis_core::db::figure_stamp(tx_, session_); }

private:
    pqxx::transaction_base& tx_;
    gis_core::db::Session& session_;
};

/// A level on a day: its units, and whether they are still in force.
struct Level {
    std::string name;
    std::string day;  // empty: the level did not exist yet
    bool is_former = false;
    pqxx::result units;
};

Level read_level(Reader& read, std::string name, MercatorBox const& box, int outline_zoom, std::string const& shown_day) {
    Level level{std::move(name), {}, false, {}};
    auto const day = read.rows(sql::raster_reference_day, level.name);
    if (day.empty() || day[0][0].is_null()) return level;
    level.day = day[0][0].c_str();
    level.is_former = level.day != shown_day;
    level.units = read.rows(sql::raster_units, level.name, box.west, box.south, box.east, box.north, outline_zoom, level.day);
    return level;
}

std::vector<Shape> outlines(Level const& level) {
    std::vector<Shape> shapes;
    for (auto const& row : level.units) {
        if (!row["outline"].is_null()) shapes.push_back({wkb_of(row["outline"]), std::nullopt, false, {}});
    }
    return shapes;
}

std::vector<Shape> boundaries_of(Reader& read, Level const& level, int outline_zoom) {
    if (!level.is_former) return outlines(level);
    std::vector<Shape> shapes;
    if (level.day.empty()) return shapes;
    for (auto const& row : read.rows(sql::raster_former_lines, level.name, outline_zoom, level.day)) {
        if (!row["line"].is_null()) shapes.push_back({wkb_of(row["line"]), std::nullopt, true, {}});
    }
    return shapes;
}

using Figures = std::map<std::int64_t, double>;

/// Adding them up takes longer than a picture; all pictures of a state share them.
std::shared_ptr<Figures const> read_figures(Reader& read, Level const& level, std::string const& measure, std::string const& shown_day) {
    static gis_core::db::FigureCache cache{64};
    if (level.day.empty()) return std::make_shared<Figures const>();
    return cache.get<Figures>(fmt::format("{} {} {} {}", level.name, level.day, measure, shown_day), read.figure_stamp(), [&] {
        Figures figures;
        for (auto const& row :
             measure == "products" ? read.rows(sql::raster_figures, level.name, level.day) : read.rows(sql::raster_measure, level.name, level.day, measure)) {
            if (!row["unit_key"].is_null()) figures.emplace(row["unit_key"].as<std::int64_t>(), row["figure"].as<double>());
        }
        return figures;
    });
}

/// Hectares below 100 with a decimal, as the page writes them; no mark between thousands, which languages read differently.
std::string figure_text(double figure) {
    if (figure >= 100 || figure == std::floor(figure)) return fmt::format("{:.0f}", figure);
    auto text = fmt::format("{:.1f}", figure);
    if (text.ends_with(".0")) return text.substr(0, text.size() - 2);
    return text.replace(text.find('.'), 1, ",");
}

/// The names of a level as candidates; with figures where the level is the coloured one.
std::vector<LabelCandidate> names(Level const& level, std::string const& kind, double size_px, double metres_per_px, Figures const* figures, bool with_type) {
    std::vector<LabelCandidate> out;
    for (auto const& row : level.units) {
        if (row["x"].is_null()) continue;
        auto const key = row["unit_key"].as<std::int64_t>();
        // "Phường 6" keeps its type: a bare 6 would read as a figure.
        bool const is_number = std::isdigit(static_cast<unsigned char>(row["short_name"].c_str()[0])) != 0;
        LabelCandidate label{
            wrap_name(row[with_type || is_number ? "name" : "short_name"].c_str()), "", kind, "", row["x"].as<double>(), row["y"].as<double>()};
        label.size_px = size_px;
        if (kind == "commune") label.width_limit_px = 1.25 * row["width_m"].as<double>() / metres_per_px;
        label.rank = std::lround(row["width_m"].as<double>());
        label.key = key;
        if (figures) {
            auto const found = figures->find(key);
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

Scene read_scene(gis_core::db::Pool& pool, styles::Palette const& palette, styles::StyleDefinition const& style, MercatorBox const& box, double metres_per_px,
                 double zoom, std::string const& at, std::string const& measure) {
    auto const widened = [&](double px) {
        double const margin = px * metres_per_px;
        return MercatorBox{box.west - margin, box.south - margin, box.east + margin, box.north + margin};
    };
    auto const wide = widened(kMargin_px), near = widened(kEdge_px);
    // Stored levels are half a pixel of a tile drawn at 512 px; past the last one the record's own outlines (99 has no level).
    int const outline_zoom = zoom > 14 ? 99 : std::max(4, static_cast<int>(std::ceil(zoom)));
    bool const by_district = style.choropleth == "districts";

    return pool.read(at, [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        Reader read{tx, session};
        Scene scene;
        std::string const shown_day = tx.exec1("SELECT pub.at()")[0].c_str();
        auto const provinces = read_level(read, "province", near, outline_zoom, shown_day);
        auto const districts = read_level(read, "district", near, outline_zoom, shown_day);
        auto const communes = read_level(read, "commune", near, outline_zoom, shown_day);
        auto const& coloured = by_district ? districts : communes;
        auto const shared = read_figures(read, coloured, measure, shown_day);
        auto const& figures = *shared;

        scene.land = outlines(provinces);
        for (auto const& row : coloured.units) {
            if (row["outline"].is_null()) continue;
            auto const found = figures.find(row["unit_key"].as<std::int64_t>());
            scene.choropleth.push_back({wkb_of(row["outline"]), found == figures.end() ? 0 : found->second, false, {}});
        }
        if (!by_district || zoom >= 11) scene.communes_line = outlines(communes);
        if (by_district || !districts.is_former) scene.districts_line = boundaries_of(read, districts, outline_zoom);
        scene.provinces_line = boundaries_of(read, provinces, outline_zoom);

        for (auto const& row : read.rows(sql::raster_context, near.west, near.south, near.east, near.north)) {
            auto& lines = std::string_view{row["kind"].c_str()} == "rivers" ? scene.rivers : scene.shoreline;
            lines.push_back({wkb_of(row["line"]), std::nullopt, false, {}});
        }

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
            auto const& around = has_names ? wide : near;
            double const pattern_from_ha = styles::pattern_min_area_ha(zoom);
            for (auto const& row :
                 read.rows(sql::raster_small_zones, near.west, near.south, near.east, near.north, pattern_from_ha, zoom < kZoneDetailMinZoom)) {
                scene.zones.push_back({wkb_of(row["outline"]), std::nullopt, false, row["crop"].c_str(), true});
            }
            for (auto const& row : read.rows(sql::raster_zones, around.west, around.south, around.east, around.north, pattern_from_ha, has_names)) {
                if (!row["outline"].is_null()) scene.zones.push_back({wkb_of(row["outline"]), std::nullopt, false, row["crop"].c_str()});
                if (!has_names) continue;
                LabelCandidate label{zone_text(palette, row["crop"].c_str(), row["name"].c_str(), zoom),
                                     "",
                                     "zone",
                                     row["crop"].c_str(),
                                     row["x"].as<double>(),
                                     row["y"].as<double>()};
                label.size_px = 10;
                label.rank = std::lround(row["area_ha"].as<double>());
                label.key = row["zone_key"].as<std::int64_t>();
                zone_names.push_back(std::move(label));
            }
        }
        if (zoom >= styles::kPlaceMinZoom) {
            for (auto const& row : read.rows(sql::raster_places, wide.west, wide.south, wide.east, wide.north)) {
                scene.places.push_back({row["x"].as<double>(), row["y"].as<double>(), 1, 0, row["icon"].c_str()});
                markers.push_back({scene.places.back().x, scene.places.back().y, 9});
            }
        }
        if (zoom >= styles::kProductMinZoom) {
            double const cell = kCell_px * 2 * gis_core::kMercatorHalfWidth_m / 256 / std::exp2(std::floor(zoom));
            auto const down = [&](double v) { return std::floor(v / cell) * cell; };
            auto const up = [&](double v) { return std::ceil(v / cell) * cell; };
            for (auto const& row : read.rows(sql::raster_products, down(wide.west), down(wide.south), up(wide.east), up(wide.north), cell)) {
                Marker const marker{row["x"].as<double>(), row["y"].as<double>(), row["products"].as<std::int64_t>(), row["star"].as<int>(), {}};
                scene.products.push_back(marker);
                markers.push_back({marker.x, marker.y, 12});
                if (zoom < styles::kNameMinZoom || row["name"].is_null()) continue;
                LabelCandidate label{wrap_name(row["name"].c_str()), "", "product", "", marker.x, marker.y - 24 * metres_per_px};
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
    });
}

std::vector<Shape> read_unit_outline(gis_core::db::Pool& pool, std::string const& code, std::string const& day) {
    return pool.read("", [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        std::vector<Shape> shapes;
        for (auto const& row : Reader{tx, session}.rows(sql::raster_unit, code, day)) shapes.push_back({wkb_of(row["outline"]), std::nullopt, false, {}});
        return shapes;
    });
}

std::optional<styles::BoundaryNote> find_boundaries(gis_core::db::Pool& pool, std::string const& layer, std::string const& at) {
    auto const level = level_of(layer);
    return pool.read(at, [&](pqxx::transaction_base& tx, gis_core::db::Session& session) -> std::optional<styles::BoundaryNote> {
        Reader read{tx, session};
        std::string const day = tx.exec1("SELECT pub.at()")[0].c_str();
        std::optional<styles::BoundaryNote> last, next;  // nearest frames before and after the day
        bool has_frames = false;
        for (auto const& row : read.rows(sql::raster_frame)) {
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
