#include "programme/demo/schematic.hpp"

#include "gis_core/admin/sql/statements.hpp"
#include "gis_core/io/csv.hpp"
#include "programme/demo/random.hpp"
#include "programme/demo/sql/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

namespace programme::demo {
namespace {

using gis_core::LonLat;

// Of Vietnam's 34 provinces and 3,321 communes since 2025-07-01 one and 48 are those of the schematic land.
constexpr std::size_t kCountryCommunes = 3321 - 48, kCountryProvinces = 33;
constexpr gis_core::LonLatBox kCountry{102.3, 10.8, 109.3, 23.2};

double distance2(LonLat a, LonLat b) { return (a.lon - b.lon) * (a.lon - b.lon) + (a.lat - b.lat) * (a.lat - b.lat); }

bool contains(std::vector<LonLat> const& ring, LonLat p) {
    bool inside = false;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        auto const &a = ring[i], &b = ring[j];
        if ((a.lat > p.lat) != (b.lat > p.lat) && p.lon < (b.lon - a.lon) * (p.lat - a.lat) / (b.lat - a.lat) + a.lon) inside = !inside;
    }
    return inside;
}

/// Mitchell's best candidate: each point is the farthest from the others among many tries, so that cells get alike in size.
std::vector<LonLat> spread(std::size_t count) {
    Random random{4};  // with this number no new commune falls into two parts
    auto const& shore = schematic_shoreline();
    std::vector<LonLat> points;
    while (points.size() < count) {
        LonLat best{};
        double farthest = -1;
        for (int attempt = 0; attempt < 200; ++attempt) {
            LonLat const candidate{random.between(106.03, 106.79), random.between(9.79, 10.34)};
            if (!contains(shore, candidate)) continue;
            auto nearest = std::numeric_limits<double>::max();
            for (auto const& point : points) nearest = std::min(nearest, distance2(point, candidate));
            for (std::size_t i = 0; i + 1 < shore.size(); ++i) {  // half as far from the shore as from each other
                nearest = std::min(nearest, 4 * distance2({(shore[i].lon + shore[i + 1].lon) / 2, (shore[i].lat + shore[i + 1].lat) / 2}, candidate));
            }
            if (nearest > farthest) {
                farthest = nearest;
                best = candidate;
            }
        }
        if (farthest >= 0) points.push_back({std::round(best.lon * 1e4) / 1e4, std::round(best.lat * 1e4) / 1e4});
    }
    return points;
}

/// Where a district lies in the scheme, roughly as on any school map.
LonLat district_hint(std::string const& code) {
    static std::map<std::string, LonLat> const kHints{{"829", {106.37, 10.24}}, {"831", {106.27, 10.31}}, {"832", {106.12, 10.25}},
                                                      {"833", {106.33, 10.07}}, {"834", {106.47, 10.17}}, {"835", {106.66, 10.21}},
                                                      {"836", {106.62, 10.05}}, {"837", {106.50, 9.92}},  {"838", {106.26, 10.17}}};
    auto const found = kHints.find(code);
    return found == kHints.end() ? LonLat{106.4, 10.1} : found->second;
}

struct Group {  // the old communes of one new commune: they stay together
    std::string district;
    LonLat hint{};
    std::vector<std::size_t> units;
};

double along(LonLat p, double angle) { return p.lon * std::cos(angle) + p.lat * std::sin(angle); }

/// Cuts groups and points in two, again and again, along whichever of eight directions parts districts least.
void assign(std::vector<Group> groups, std::vector<LonLat> points, std::vector<SchematicUnit> const& units, std::vector<LonLat>& out) {
    if (groups.size() == 1) {
        auto& members = groups[0].units;
        // Members of two districts: each lies on the side of its own.
        auto const towards = [&](std::size_t unit) { return district_hint(units[unit].district); };
        std::sort(members.begin(), members.end(), [&](auto a, auto b) { return std::pair{towards(a).lon, a} < std::pair{towards(b).lon, b}; });
        auto const from = towards(members.front()), to = towards(members.back());
        auto const angle = std::atan2(to.lat - from.lat, to.lon - from.lon);
        std::sort(points.begin(), points.end(), [&](auto a, auto b) { return along(a, angle) < along(b, angle); });
        for (std::size_t i = 0; i < members.size(); ++i) out[members[i]] = points[i];
        return;
    }
    auto best_cost = std::numeric_limits<double>::max();
    double best_angle = 0;
    std::size_t best_cut = 1;
    double widest = 0;
    std::array<double, 8> widths{};
    for (std::size_t turn = 0; turn < widths.size(); ++turn) {
        auto const angle = std::numbers::pi * static_cast<double>(turn) / 8;
        auto const [low, high] = std::minmax_element(points.begin(), points.end(), [&](auto a, auto b) { return along(a, angle) < along(b, angle); });
        widths[turn] = along(*high, angle) - along(*low, angle);
        widest = std::max(widest, widths[turn]);
    }
    for (std::size_t turn = 0; turn < widths.size(); ++turn) {
        auto const angle = std::numbers::pi * static_cast<double>(turn) / 8;
        std::sort(groups.begin(), groups.end(), [&](auto const& a, auto const& b) { return along(a.hint, angle) < along(b.hint, angle); });
        std::size_t before = 0;
        for (std::size_t cut = 1; cut < groups.size(); ++cut) {
            before += groups[cut - 1].units.size();
            double parted = 0;
            for (std::size_t i = 0; i < cut; ++i) {
                for (auto j = cut; j < groups.size(); ++j) parted += groups[i].district == groups[j].district;
            }
            auto const half = std::abs(static_cast<double>(before) / static_cast<double>(points.size()) - 0.5);
            auto const cost = half + 0.15 * parted + (1 - widths[turn] / widest);
            if (cost < best_cost) {
                best_cost = cost;
                best_angle = angle;
                best_cut = cut;
            }
        }
    }
    std::sort(groups.begin(), groups.end(), [&](auto const& a, auto const& b) { return along(a.hint, best_angle) < along(b.hint, best_angle); });
    std::sort(points.begin(), points.end(), [&](auto a, auto b) { return along(a, best_angle) < along(b, best_angle); });
    std::size_t before = 0;
    for (std::size_t i = 0; i < best_cut; ++i) before += groups[i].units.size();
    auto const cut_group = groups.begin() + static_cast<std::ptrdiff_t>(best_cut);
    auto const cut_point = points.begin() + static_cast<std::ptrdiff_t>(before);
    assign({groups.begin(), cut_group}, {points.begin(), cut_point}, units, out);
    assign({cut_group, groups.end()}, {cut_point, points.end()}, units, out);
}

/// A point in each cell of a shaken grid, so many inside the ring, south before north.
std::vector<LonLat> scattered(std::vector<LonLat> const& ring, std::size_t count) {
    for (double step = 0.2;; step *= 0.99) {
        Random random{33};
        std::vector<LonLat> found;
        for (double lat = kCountry.south; lat < kCountry.north; lat += step) {
            for (double lon = kCountry.west; lon < kCountry.east; lon += step) {
                LonLat const p{std::round((lon + random.between(0, 0.7) * step) * 1e4) / 1e4, std::round((lat + random.between(0, 0.7) * step) * 1e4) / 1e4};
                if (contains(ring, p)) found.push_back(p);
            }
        }
        if (found.size() < count) continue;
        std::vector<LonLat> out;  // those too many are left out here and there
        for (std::size_t i = 0; i < count; ++i) out.push_back(found[i * found.size() / count]);
        return out;
    }
}

/// An invented land north of the schematic one: a winding strip.
std::vector<LonLat> invented_land() {
    std::vector<LonLat> west, east;
    for (double lat = kCountry.south; lat <= kCountry.north; lat += 0.2) {
        auto const middle = 105.7 + 1.6 * std::sin((lat - kCountry.south) * 0.45), half = 0.9 + 0.4 * std::sin(lat * 1.3);
        west.push_back({middle - half, lat});
        east.push_back({middle + half, lat});
    }
    west.insert(west.end(), east.rbegin(), east.rend());
    west.push_back(west.front());
    return west;
}

std::string ring_wkt(std::vector<LonLat> const& ring) {
    std::string wkt;
    for (auto const& p : ring) wkt += fmt::format("{}{} {}", wkt.empty() ? "" : ",", p.lon, p.lat);
    return wkt;
}

std::string array_of(auto const& values) { return fmt::format("{{{}}}", fmt::join(values, ",")); }

/// Polygons around the points, as the table schematic_face.
void make_faces(pqxx::transaction_base& tx, std::vector<std::string> const& codes, std::vector<LonLat> const& places, std::string const& shore) {
    std::vector<double> longitudes, latitudes;
    for (auto const& place : places) {
        longitudes.push_back(place.lon);
        latitudes.push_back(place.lat);
    }
    tx.exec("DROP TABLE IF EXISTS pg_temp.schematic_face");
    tx.exec_params(sql::schematic_faces.text, array_of(codes), array_of(longitudes), array_of(latitudes), "POLYGON((" + shore + "))");
}

/// As many communes as a country has, in 33 provinces beside the schematic one.
void stage_country(pqxx::transaction_base& tx) {
    auto const land = invented_land();
    auto const places = scattered(land, kCountryCommunes);
    std::vector<std::string> codes, provinces;
    for (std::size_t i = 0; i < places.size(); ++i) {
        codes.push_back(std::to_string(90001 + i));
        provinces.push_back(std::to_string(901 + i * kCountryProvinces / places.size()));
    }
    make_faces(tx, codes, places, ring_wkt(land));
    tx.exec_params(sql::schematic_country.text, array_of(codes), array_of(provinces));
}

/// Schematic rivers: the four arms of the delta as smooth lines between the districts.
std::array<char const*, 4> constexpr kRivers{"Sông Tiền|LINESTRING(106.03 10.268,106.14 10.31,106.3 10.336,106.45 10.31,106.6 10.272,106.78 10.205)",
                                             "Sông Ba Lai|LINESTRING(106.3 10.335,106.38 10.29,106.5 10.23,106.62 10.15,106.76 10.075)",
                                             "Sông Hàm Luông|LINESTRING(106.15 10.315,106.22 10.25,106.33 10.19,106.42 10.1,106.53 10.01,106.66 9.91)",
                                             "Sông Cổ Chiên|LINESTRING(106.03 10.255,106.12 10.195,106.24 10.085,106.36 9.975,106.46 9.875,106.57 9.79)"};

}  // namespace

std::vector<LonLat> const& schematic_shoreline() {
    static std::vector<LonLat> const kShore{
        {106.03, 10.262}, {106.06, 10.232}, {106.12, 10.190},  {106.18, 10.138}, {106.24, 10.082},  {106.30, 10.024}, {106.36, 9.970},  {106.41, 9.922},
        {106.46, 9.870},  {106.51, 9.828},  {106.57, 9.790},   {106.62, 9.806},  {106.66, 9.846},   {106.69, 9.894},  {106.71, 9.942},  {106.72, 9.984},
        {106.75, 10.020}, {106.77, 10.062}, {106.775, 10.102}, {106.79, 10.140}, {106.785, 10.178}, {106.76, 10.214}, {106.70, 10.240}, {106.62, 10.264},
        {106.54, 10.288}, {106.46, 10.308}, {106.38, 10.326},  {106.30, 10.336}, {106.22, 10.332},  {106.14, 10.310}, {106.08, 10.288}, {106.03, 10.262}};
    return kShore;
}

std::vector<LonLat> lay_out(std::vector<SchematicUnit> const& units) {
    std::map<std::string, Group> groups;
    for (std::size_t i = 0; i < units.size(); ++i) {
        auto& group = groups[units[i].new_code];
        auto const hint = district_hint(units[i].district);
        group.district = units[i].district;
        group.hint = {group.hint.lon + hint.lon, group.hint.lat + hint.lat};
        group.units.push_back(i);
    }
    Random random{48};
    std::vector<Group> ordered;
    for (auto& [code, group] : groups) {
        auto const n = static_cast<double>(group.units.size());
        group.hint = {group.hint.lon / n + random.between(-0.02, 0.02), group.hint.lat / n + random.between(-0.02, 0.02)};
        ordered.push_back(std::move(group));
    }
    std::vector<LonLat> out(units.size());
    assign(std::move(ordered), spread(units.size()), units, out);
    return out;
}

void load_schematic_units(pqxx::transaction_base& tx, std::filesystem::path const& data, bool with_country) {
    using gis_core::io::read_csv;
    auto const provinces = read_csv(data / "demo/provinces.csv"), districts = read_csv(data / "demo/districts.csv"),
               communes = read_csv(data / "demo/communes.csv"), crosswalk = read_csv(data / "demo/crosswalk.csv");
    std::map<std::string, std::string> new_code;
    for (auto const& row : crosswalk.rows) new_code[crosswalk.at(row, "old_code")] = crosswalk.at(row, "new_code");
    std::vector<SchematicUnit> units;
    for (auto const& row : communes.rows) {
        if (communes.at(row, "valid_to").empty()) continue;
        auto const& code = communes.at(row, "code");
        units.push_back({code, communes.at(row, "parent_code"), new_code.at(code)});
    }
    std::vector<std::string> codes;
    for (auto const& unit : units) codes.push_back(unit.code);
    auto const shore = ring_wkt(schematic_shoreline());
    make_faces(tx, codes, lay_out(units), shore);

    tx.exec(gis_core::admin::sql::stage_create.text);
    auto const stage = [&](gis_core::io::CsvTable const& table, char const* level, bool has_parent, bool has_area) {
        for (auto const& row : table.rows) {
            auto const optional = [&](std::string const& value) { return value.empty() ? nullptr : value.c_str(); };
            auto const parent = has_parent ? table.at(row, "parent_code") : std::string{};
            auto const area = has_area ? table.at(row, "area_km2_official") : std::string{};
            tx.exec_params(
                "INSERT INTO stage_unit (level, code, name, short_name, type, parent_code, valid_from, valid_to, area_km2_official)"
                " VALUES ($1::geo.unit_level, $2, $3, $4, $5, $6, $7::date, $8::date, $9::numeric)",
                level, table.at(row, "code"), table.at(row, "name"), table.at(row, "short_name"), table.at(row, "type"), optional(parent),
                table.at(row, "valid_from"), optional(table.at(row, "valid_to")), optional(area));
        }
    };
    stage(provinces, "province", false, false);
    stage(districts, "district", true, false);
    stage(communes, "commune", true, true);
    for (auto const& row : crosswalk.rows) {
        tx.exec_params(
            "INSERT INTO stage_change (level, old_code, new_code, effective, kind, document, clause)"
            " VALUES ('commune', $1, $2, $3::date, 'merge', $4, $5)",
            crosswalk.at(row, "old_code"), crosswalk.at(row, "new_code"), crosswalk.at(row, "effective"), crosswalk.at(row, "document"),
            crosswalk.at(row, "clause"));
    }
    tx.exec(sql::schematic_shapes.text);
    if (with_country) stage_country(tx);
    tx.exec(gis_core::admin::sql::stage_publish.text);
    tx.exec(gis_core::admin::sql::refresh_frames.text);

    auto const source = "schematic (synthetic)";
    tx.exec_params("INSERT INTO geo.context_line (kind, name, source, geom) VALUES ('shoreline', NULL, $1, ST_Multi(ST_GeomFromText($2, 4326)))", source,
                   "LINESTRING(" + shore + ")");
    for (std::string_view const river : kRivers) {
        auto const bar = river.find('|');
        tx.exec_params("INSERT INTO geo.context_line (kind, name, source, geom) VALUES ('river', $1, $2, ST_Multi(ST_GeomFromText($3, 4326)))",
                       std::string{river.substr(0, bar)}, source, std::string{river.substr(bar + 1)});
    }
    tx.exec(
        "INSERT INTO geo.data_set (data_set, title_vi, title_en, source, licence, is_demo, rows)"
        " SELECT 'boundaries', 'Ranh giới sơ đồ (không phải ranh giới thật)', 'Schematic boundaries (not the real ones)',"
        " 'ocopmap demo generator', 'same as ocopmap', true, count(*) FROM geo.admin_unit");
}

}  // namespace programme::demo
