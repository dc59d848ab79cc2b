#include "programme/places.hpp"

#include "gis_core/db/pool.hpp"
#include "programme/parameters.hpp"
#include "programme/sql/statements.hpp"

namespace programme {
std::vector<ProductClass> list_classes(pqxx::transaction_base& tx, gis_core::db::Session& session) {
    std::vector<ProductClass> classes;
    for (auto const& row : execute(tx, session, sql::product_classes)) {
        classes.push_back({row["class_code"].as<std::string>(), row["set_no"].as<int>(), row["sector_vi"].as<std::string>(), row["sector_en"].as<std::string>(),
                           row["name_vi"].as<std::string>(), row["name_en"].as<std::string>()});
    }
    return classes;
}

std::vector<DataSet> list_data_sets(pqxx::transaction_base& tx, gis_core::db::Session& session) {
    std::vector<DataSet> sets;
    for (auto const& row : execute(tx, session, sql::data_sets)) {
        sets.push_back({row["data_set"].as<std::string>(), row["title_vi"].as<std::string>(), row["title_en"].as<std::string>(),
                        row["source"].as<std::string>(), row["licence"].as<std::string>(), row["loaded_at"].as<std::string>(), row["is_demo"].as<bool>(),
                        row["rows"].as<long long>()});
    }
    return sets;
}

std::vector<UnitAt> units_at(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::LonLat position) {
    std::vector<UnitAt> units;
    for (auto const& row : execute(tx, session, sql::units_at_position, Parameters{}.real(position.lon).real(position.lat))) {
        units.push_back({row["level"].as<std::string>(), row["code"].as<std::string>(), row["name"].as<std::string>(), row["valid_from"].as<std::string>(),
                         text_or_empty(row, "valid_to"), row["geometry_state"].as<std::string>(), row["distance_m"].as<double>()});
    }
    return units;
}

std::vector<Near> list_nearest(pqxx::transaction_base& tx, gis_core::db::Session& session, NearestKind kind, gis_core::LonLat position, gis_core::Date at,
                               int limit) {
    auto const& statement = kind == NearestKind::producers ? sql::nearest_producers : sql::nearest_sales_points;
    std::vector<Near> found;
    for (auto const& row : execute(tx, session, statement, Parameters{}.real(position.lon).real(position.lat).number(limit).text(at.iso()))) {
        found.push_back({row["key"].as<long long>(),
                         row["name"].as<std::string>(),
                         row["kind"].as<std::string>(),
                         text_or_empty(row, "commune_code"),
                         text_or_empty(row, "commune_name"),
                         {row["lon"].as<double>(), row["lat"].as<double>()},
                         row["location_approximate"].as<bool>(),
                         row["distance_m"].as<double>(),
                         row["products"].as<long long>()});
    }
    return found;
}

std::vector<TouchedZone> zones_touching(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& area_geojson, int limit) {
    std::vector<TouchedZone> zones;
    for (auto const& row : execute(tx, session, sql::zones_touching, Parameters{}.text(area_geojson).number(limit))) {
        zones.push_back({row["zone_key"].as<long long>(), row["code"].as<std::string>(), row["name"].as<std::string>(), row["crop"].as<std::string>(),
                         text_or_empty(row, "commune_code"), text_or_empty(row, "commune_name"), row["area_ha"].as<double>(), row["shared_ha"].as<double>()});
    }
    return zones;
}

}  // namespace programme
