#include "gis_core/db/figure_cache.hpp"
#include "gis_core/db/pool.hpp"
#include "tile_server/render/scene_rows.hpp"
#include "tile_server/render/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/binarystring>

namespace tile_server {
namespace {

using gis_core::MercatorBox;

std::string wkb_of(pqxx::field const& field) {
    if (field.is_null()) return {};
    pqxx::binarystring const bytes{field};
    return {bytes.get(), bytes.get() + bytes.size()};
}

class RecordRows : public SceneRows {
public:
    RecordRows(pqxx::transaction_base& tx, gis_core::db::Session& session) : tx_{tx}, session_{session}, shown_day_{tx.exec1("SELECT pub.at()")[0].c_str()} {}

    UnitRows units(std::string const& level, MercatorBox const& box, int outline_zoom) override {
        UnitRows out{level, {}, false, {}};
        auto const day = rows(sql::raster_reference_day, level);
        if (day.empty() || day[0][0].is_null()) return out;
        out.day = day[0][0].c_str();
        out.is_former = out.day != shown_day_;
        for (auto const& row : rows(sql::raster_units, level, box.west, box.south, box.east, box.north, outline_zoom, out.day)) {
            auto& unit = out.units.emplace_back();
            unit.key = row["unit_key"].as<std::int64_t>();
            unit.name = row["name"].c_str();
            unit.short_name = row["short_name"].c_str();
            unit.has_label = !row["x"].is_null();
            unit.x = row["x"].as<double>(0);
            unit.y = row["y"].as<double>(0);
            unit.width_m = row["width_m"].as<double>();
            unit.outline = wkb_of(row["outline"]);
        }
        return out;
    }
    std::vector<std::string> former_lines(UnitRows const& level, int outline_zoom) override {
        std::vector<std::string> out;
        for (auto const& row : rows(sql::raster_former_lines, level.level, outline_zoom, level.day)) {
            if (!row["line"].is_null()) out.push_back(wkb_of(row["line"]));
        }
        return out;
    }
    /// Adding them up takes longer than a picture; all pictures of a state share them.
    std::shared_ptr<UnitFigures const> figures(UnitRows const& level, std::string const& measure) override {
        static gis_core::db::FigureCache cache{64};
        if (level.day.empty()) return std::make_shared<UnitFigures const>();
        return cache.get<UnitFigures>(fmt::format("{} {} {} {}", level.level, level.day, measure, shown_day_), gis_core::db::figure_stamp(tx_, session_), [&] {
            UnitFigures figures;
            for (auto const& row :
                 measure == "products" ? rows(sql::raster_figures, level.level, level.day) : rows(sql::raster_measure, level.level, level.day, measure)) {
                if (!row["unit_key"].is_null()) figures.emplace(row["unit_key"].as<std::int64_t>(), row["figure"].as<double>());
            }
            return figures;
        });
    }
    ContextLines lines(MercatorBox const& box) override {
        ContextLines out;
        for (auto const& row : rows(sql::raster_context, box.west, box.south, box.east, box.north)) {
            (std::string_view{row["kind"].c_str()} == "rivers" ? out.rivers : out.shoreline).push_back(wkb_of(row["line"]));
        }
        return out;
    }
    std::vector<Shape> small_zones(MercatorBox const& box, double area_ha, bool are_coarse) override {
        std::vector<Shape> out;
        for (auto const& row : rows(sql::raster_small_zones, box.west, box.south, box.east, box.north, area_ha, are_coarse)) {
            out.push_back({wkb_of(row["outline"]), std::nullopt, false, row["crop"].c_str(), true});
        }
        return out;
    }
    std::vector<ZoneRow> zones(MercatorBox const& box, double area_ha, bool with_names) override {
        std::vector<ZoneRow> out;
        for (auto const& row : rows(sql::raster_zones, box.west, box.south, box.east, box.north, area_ha, with_names)) {
            out.push_back({row["zone_key"].as<std::int64_t>(), row["name"].c_str(), row["crop"].c_str(), row["area_ha"].as<double>(), wkb_of(row["outline"]),
                           row["x"].as<double>(0), row["y"].as<double>(0)});
        }
        return out;
    }
    std::vector<Marker> places(MercatorBox const& box) override {
        std::vector<Marker> out;
        for (auto const& row : rows(sql::raster_places, box.west, box.south, box.east, box.north)) {
            out.push_back({row["x"].as<double>(), row["y"].as<double>(), 1, 0, row["icon"].c_str()});
        }
        return out;
    }
    std::vector<ProductCell> products(MercatorBox const& box, double cell_m) override {
        std::vector<ProductCell> out;
        for (auto const& row : rows(sql::raster_products, box.west, box.south, box.east, box.north, cell_m)) {
            out.push_back({{row["x"].as<double>(), row["y"].as<double>(), row["products"].as<std::int64_t>(), row["star"].as<int>(), {}}, row["name"].c_str()});
        }
        return out;
    }

private:
    template <typename... Values>
    pqxx::result rows(gis_core::db::Statement const& statement, Values const&... values) {
        session_.prepare(statement);
        return tx_.exec_prepared(statement.name, values...);
    }

    pqxx::transaction_base& tx_;
    gis_core::db::Session& session_;
    std::string shown_day_;
};

}  // namespace

std::unique_ptr<SceneRows> rows_of_record(pqxx::transaction_base& tx, gis_core::db::Session& session) { return std::make_unique<RecordRows>(tx, session); }

}  // namespace tile_server
