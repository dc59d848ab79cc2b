#pragma once

#include "gis_core/crs/map_projection.hpp"
#include "gis_core/error.hpp"
#include "http/router.hpp"
#include "tile_server/pictures/pictures.hpp"
#include "tile_server/service.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

/// What WMS 1.3.0 and WMTS 1.0.0 have in common here: parameters by key and value, XML exceptions, what stands at a place.
namespace tile_server::ogc {

/// Parameters of OGC web services: names in any case, an empty value is none, unknown ones are let pass (06-042 §6.8.1).
class Keys {
public:
    /// \throws Error(invalid_argument) for a name that is there twice.
    explicit Keys(http::Request const& request);
    std::optional<std::string_view> find(std::string const& name) const;
    /// \throws Error(invalid_argument) when it is missing.
    std::string get(std::string const& name, std::string_view allowed) const;

private:
    std::map<std::string, std::string, std::less<>> values_;
};

/// An error as the XML of a service: what is wrong, and the parameter.
using ToXml = std::function<http::Response(int status, std::string const& detail, std::string const& field)>;
/// Answers what a handler throws, now or later, as the service's XML.
http::ParkingHandler with_xml_errors(ToXml to_xml, http::ParkingHandler handler);

/// Features at a place as GeoJSON without geometry, as text or as HTML.
struct InfoOrder {
    std::string style;   // its coloured layer is asked besides zones, producers, products and sales points
    std::string format;  // kInfoFormats
    gis_core::crs::ReferenceSystem const* crs;
    gis_core::crs::EastNorth place;
    double reach;  // in units of the CRS: how near a point must be
    int most;      // features of a layer
    std::string day;
};
inline constexpr std::array kInfoFormats{"application/json", "text/plain", "text/html"};
http::Response feature_info(Service& service, Pictures& pictures, InfoOrder const& order);

http::Response xml_response(int status, std::string body);

}  // namespace tile_server::ogc
