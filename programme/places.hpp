#pragma once

#include "gis_core/date.hpp"
#include "gis_core/geo/lon_lat.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gis_core::db {
class Session;
}
namespace pqxx {
class transaction_base;
}

namespace programme {

struct ProductClass {
    std::string code;
    int set_no = 0;
    std::string sector_vi, sector_en, name_vi, name_en;
};
std::vector<ProductClass> list_classes(pqxx::transaction_base& tx, gis_core::db::Session& session);

/// What was loaded, from where: the legend's source line and the mark of the demo.
struct DataSet {
    std::string id, title_vi, title_en, source, licence, loaded_at;
    bool is_demo = false;
    long long rows = 0;
};
std::vector<DataSet> list_data_sets(pqxx::transaction_base& tx, gis_core::db::Session& session);

/// A unit at a position. distance_m is 0 inside; a position on mud flats, river or sea belongs to the nearest commune.
struct UnitAt {
    std::string level, code, name, valid_from, valid_to, geometry_state;
    double distance_m = 0;
};
/// Commune, district and province in force on the day of the transaction (pub.at()), finest first; empty when the nearest
/// commune is more than 10 km away. The units above are those of law, not of another outline.
std::vector<UnitAt> units_at(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::LonLat position);

enum class NearestKind { producers, sales_points };
struct Near {
    long long id = 0;
    std::string name, kind, commune_code, commune_name;
    gis_core::LonLat position{};
    bool position_approximate = false;
    double distance_m = 0;  // geodesic, on the WGS 84 ellipsoid
    long long products_in_force = 0;
};
/// The nearest in exact order of geodesic metres.
std::vector<Near> list_nearest(pqxx::transaction_base& tx, gis_core::db::Session& session, NearestKind kind, gis_core::LonLat position, gis_core::Date at,
                               int limit);

struct TouchedZone {
    long long id = 0;
    std::string code, name, crop, commune_code, commune_name;
    double area_ha = 0, shared_ha = 0;  // on the ellipsoid
};
/// Zones that meet the polygon, the largest share first.
std::vector<TouchedZone> zones_touching(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& area_geojson, int limit);

}  // namespace programme
