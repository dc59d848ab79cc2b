#include "tile_server/ogc/facade.hpp"

#include "gis_core/json.hpp"
#include "http/problem.hpp"
#include "tile_server/ogc/maps.hpp"
#include "tile_server/ogc/parameters.hpp"
#include "tile_server/ogc/sql/statements.hpp"
#include "tile_server/template.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tile_server::ogc {
namespace {

using gis_core::Json;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

/// Turns the problem of an answer into the service's XML; other answers pass.
class XmlErrors : public http::Responder {
public:
    XmlErrors(ToXml to_xml, std::shared_ptr<http::Responder> next) : to_xml_{std::move(to_xml)}, next_{std::move(next)} {}
    void send(http::Response response) override {
        auto const* body = std::get_if<std::string>(&response.body);
        if (response.status < 400 || body == nullptr) return next_->send(std::move(response));
        auto const problem = gis_core::parse_json(*body, "problem");
        auto const field = problem.contains("errors") && !problem["errors"].empty() ? problem["errors"][0].value("field", "") : std::string{};
        auto xml = to_xml_(response.status, problem.value("detail", problem.value("title", "")), field);
        if (auto const wait = response.headers.find("Retry-After")) xml.headers.add("Retry-After", std::string{*wait});
        next_->send(std::move(xml));
    }
    bool is_aborted() const override { return next_->is_aborted(); }

private:
    ToXml to_xml_;
    std::shared_ptr<http::Responder> next_;
};

Json rows_of(Service& service, Layer const& layer, InfoOrder const& order, gis_core::LonLat place, gis_core::LonLatBox const& around) {
    std::string properties;
    for (auto const& attribute : layer.attributes) {
        if (!attribute.is_derived) properties += fmt::format("{0}'{1}', v.{1}", properties.empty() ? "" : ", ", attribute.name);
    }
    auto const at = gis_core::crs::to_mercator(place);
    auto const box = gis_core::crs::to_mercator(around);
    bool const is_point = layer.kind == LayerKind::points;
    auto const text =
        fill(sql::map_features.text, {{"{key}", layer.key},
                                      {"{properties}", properties},
                                      {"{view}", layer.view},
                                      {"{geometry}", layer.geometry_column_3857},
                                      {"{shape}", is_point ? "ST_MakeEnvelope($1::float8, $2::float8, $3::float8, $4::float8, 3857)"
                                                           : "ST_SetSRID(ST_MakePoint(($1::float8 + $3::float8) / 2, ($2::float8 + $4::float8) / 2), 3857)"}});
    auto const shape = is_point ? box : gis_core::MercatorBox{at.east_m, at.north_m, at.east_m, at.north_m};
    Json out = Json::array();
    service.pool().read(order.day, [&](pqxx::transaction_base& tx, gis_core::db::Session&) {
        for (auto const& row : tx.exec_params(text, shape.west, shape.south, shape.east, shape.north, order.most)) {
            out.push_back({{"type", "Feature"},
                           {"id", layer.id + "." + row[0].c_str()},
                           {"geometry", nullptr},
                           {"properties", gis_core::parse_json(row[1].c_str(), "properties")}});
        }
    });
    return out;
}

std::string shown(Json const& value) { return value.is_string() ? value.get<std::string>() : value.is_null() ? std::string{} : gis_core::to_text(value); }

std::string as_text(Json const& features) {
    std::string out;
    for (auto const& feature : features) {
        out += feature["id"].get<std::string>() + "\n";
        for (auto const& [name, value] : feature["properties"].items()) out += fmt::format("  {}: {}\n", name, shown(value));
    }
    return out;
}

std::string as_html(Json const& features) {
    std::string out = "<!doctype html><meta charset=\"utf-8\"><title>ocopmap</title>\n";
    for (auto const& feature : features) {
        out += fmt::format("<h2>{}</h2><dl>", escape_xml(feature["id"].get<std::string>()));
        for (auto const& [name, value] : feature["properties"].items()) out += fmt::format("<dt>{}<dd>{}", escape_xml(name), escape_xml(shown(value)));
        out += "</dl>\n";
    }
    return out;
}

}  // namespace

Keys::Keys(http::Request const& request) {
    for (auto const& [name, value] : request.query) {
        std::string upper = name;
        std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        if (!values_.emplace(upper, value).second) throw gis_core::invalid_field(upper, value, "once");
    }
}

std::optional<std::string_view> Keys::find(std::string const& name) const {
    auto const found = values_.find(name);
    return found == values_.end() || found->second.empty() ? std::nullopt : std::optional<std::string_view>{found->second};
}

std::string Keys::get(std::string const& name, std::string_view allowed) const {
    if (auto const value = find(name)) return std::string{*value};
    throw gis_core::invalid_field(name, "", allowed);
}

http::ParkingHandler with_xml_errors(ToXml to_xml, http::ParkingHandler handler) {
    return [to_xml = std::move(to_xml), handler = std::move(handler)](http::Request const& request, std::shared_ptr<http::Responder> responder) {
        auto const wrapped = std::make_shared<XmlErrors>(to_xml, std::move(responder));
        try {
            handler(request, wrapped);
        } catch (gis_core::Error const& error) {
            wrapped->send(http::to_problem(error, request));
        }
    };
}

http::Response feature_info(Service& service, Pictures& pictures, InfoOrder const& order) {
    gis_core::crs::MapProjection const projection{*order.crs};
    auto const place = projection.to_lon_lat(order.place);
    auto const around = projection.to_lon_lat(gis_core::crs::MapBox{order.place.east_m - order.reach, order.place.north_m - order.reach,
                                                                    order.place.east_m + order.reach, order.place.north_m + order.reach});
    auto const style = find_style(pictures, "LAYER", order.style);
    Json features = Json::array();
    for (auto const& layer : service.catalogue().layers()) {
        if (layer.kind == LayerKind::lines || (layer.kind == LayerKind::units && layer.id != style.definition->choropleth)) continue;
        for (auto& row : rows_of(service, layer, order, place, around)) features.push_back(std::move(row));
    }
    http::Response response;
    if (order.format == "text/plain") response = http::Response::text(200, "text/plain; charset=utf-8", as_text(features));
    else if (order.format == "text/html") response = http::Response::text(200, "text/html; charset=utf-8", as_html(features));
    else response = http::Response::json(gis_core::to_text({{"type", "FeatureCollection"}, {"features", features}}));
    if (order.format == "text/html") response.headers.add("Content-Security-Policy", "default-src 'none'");
    response.headers.add("Cache-Control", "no-cache");
    response.headers.add("Access-Control-Allow-Origin", "*");
    return response;
}

http::Response xml_response(int status, std::string body) {
    auto response = http::Response::text(status, "text/xml; charset=utf-8", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + std::move(body));
    response.headers.add("Cache-Control", status < 400 ? "no-cache" : "no-store");
    response.headers.add("Access-Control-Allow-Origin", "*");
    return response;
}

}  // namespace tile_server::ogc
