#pragma once

#include "api/rest/json_writer.hpp"
#include "http/message.hpp"
#include "programme/producers.hpp"
#include "programme/products.hpp"
#include "programme/published_figures.hpp"
#include "programme/statistics.hpp"

#include <string>

/// How rows look outside: one function a thing, so lists, details and files agree.
namespace api::rest {

void write_place(JsonWriter& json, std::string_view name, programme::PlaceName const& place);
void write_product(JsonWriter& json, programme::Product const& product);
void write_product(JsonWriter& json, programme::ProductDetail const& detail);
void write_producer(JsonWriter& json, programme::Producer const& producer);
void write_producer(JsonWriter& json, programme::ProducerDetail const& detail);
void write_facets(JsonWriter& json, programme::Facets const& facets, std::vector<std::string> const& wanted);
/// "total": n, or "total_estimated": n.
void write_total(JsonWriter& json, programme::Total const& total);

/// RFC 4180: quoted where a comma, a quote or a line end stands in the text.
void append_csv_field(std::string& line, std::string_view text);
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // so that spreadsheets read UTF-8
std::string csv_head_of_products();
void append_csv(std::string& out, programme::Product const& product);
/// One GeoJSON Feature; geometry null where the place is unknown.
void append_feature(std::string& out, programme::Product const& product);

void write_figure(JsonWriter& json, programme::PublishedFigure const& figure);
std::string to_csv(std::vector<programme::PublishedFigure> const& figures);

std::string to_json(programme::UnitStatistics const& statistics, programme::Measure measure, gis_core::Date at, bool all);
std::string to_geojson(programme::UnitStatistics const& statistics, programme::Measure measure, gis_core::Date at, bool all);
std::string to_csv(programme::UnitStatistics const& statistics, programme::Measure measure);
std::string to_xlsx(programme::UnitStatistics const& statistics, programme::Measure measure, gis_core::Date at, bool all);

/// 200 with the ETag of its bytes and Cache-Control: no-cache, or 304.
http::Response cacheable(http::Request const& request, std::string content_type, std::string body);
inline http::Response json_answer(http::Request const& request, JsonWriter& json) {
    return cacheable(request, "application/json; charset=utf-8", json.take() + '\n');
}

}  // namespace api::rest
