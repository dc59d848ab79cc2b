#include "gis_core/crs/reference_system.hpp"

#include "gis_core/crs/vn2000.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <memory>
#include <numbers>

namespace gis_core::crs {

std::vector<ReferenceSystem> const& reference_systems() {
    static std::vector<ReferenceSystem> const systems = [] {
        auto const uri = [](int epsg) { return fmt::format("http://www.opengis.net/def/crs/EPSG/0/{}", epsg); };
        std::vector<ReferenceSystem> all{{"http://www.opengis.net/def/crs/OGC/1.3/CRS84", "WGS 84 (longitude, latitude)", 0, 4326, false, true, "epsg:4326"},
                                         {uri(4326), "WGS 84 (latitude, longitude)", 4326, 4326, true, true, "epsg:4326"},
                                         {uri(3857), "WGS 84 / Pseudo-Mercator", 3857, 3857, false, false, "epsg:3857"}};
        for (int const epsg : {9210, 9209, 3405, 4756}) {
            auto const system = *find_vn2000(epsg);
            all.push_back({uri(epsg), system.name, epsg, system.postgis_srid(), system.is_geographic(), system.is_geographic(), system.proj_string()});
        }
        return all;
    }();
    return systems;
}

ReferenceSystem const* find_reference_system(std::string_view name) {
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    auto const& all = reference_systems();
    if (name == all.front().uri || name == "OGC:CRS84" || name == "CRS84" || name == "CRS:84" || name == "urn:ogc:def:crs:OGC:1.3:CRS84" ||
        name == "urn:ogc:def:crs:OGC::CRS84") {
        return &all.front();
    }
    for (std::string_view const prefix :
         {"http://www.opengis.net/def/crs/EPSG/0/", "https://www.opengis.net/def/crs/EPSG/0/", "urn:ogc:def:crs:EPSG::", "EPSG:"}) {
        if (!name.starts_with(prefix)) continue;
        auto const code = name.substr(prefix.size());
        int epsg = 0;
        auto const [end, error] = std::from_chars(code.data(), code.data() + code.size(), epsg);
        if (error != std::errc{} || end != code.data() + code.size()) return nullptr;
        for (auto const& system : all) {
            if (system.epsg != 0 && system.epsg == epsg) return &system;
        }
    }
    return nullptr;
}

ReferenceSystem const& get_reference_system(std::string_view field, std::string_view name) {
    if (auto const* system = find_reference_system(name)) return *system;
    std::vector<std::string_view> uris;
    for (auto const& system : reference_systems()) uris.push_back(system.uri);
    throw invalid_field(field, name, fmt::format("one of {}", fmt::join(uris, ", ")));
}

std::function<void(double&, double&)> to_lon_lat(ReferenceSystem const& system) {
    if (system.epsg == 0) return {};
    if (system.epsg == 4326) return [](double& x, double& y) { std::swap(x, y); };
    if (system.epsg == 3857) {
        return [](double& x, double& y) {
            constexpr double kRadius = 6378137;
            x = x / kRadius * 180 / std::numbers::pi;
            y = std::atan(std::sinh(y / kRadius)) * 180 / std::numbers::pi;
        };
    }
    return [pipeline = std::make_shared<Vn2000Pipeline>(system.epsg), is_latitude_first = system.is_latitude_first](double& x, double& y) {
        auto const position = is_latitude_first ? pipeline->to_lon_lat({y, x}) : pipeline->to_lon_lat({x, y});
        x = position.lon;
        y = position.lat;
    };
}

}  // namespace gis_core::crs
