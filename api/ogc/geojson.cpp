#include "api/ogc/geojson.hpp"

#include "gis_core/date.hpp"
#include "gis_core/db/text_array.hpp"
#include "gis_core/json.hpp"

namespace api::ogc {

namespace {

void append_properties(std::string& out, FeatureRow const& row, std::vector<gis_core::layers::Attribute const*> const& columns) {
    using gis_core::layers::AttributeType;
    out += R"("properties":{)";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        out += i > 0 ? ",\"" : "\"";
        out += columns[i]->name;  // an identifier of the catalogue: nothing to escape
        out += "\":";
        auto const& cell = row.cells.at(i);
        if (!cell) {
            out += "null";
            continue;
        }
        switch (columns[i]->type) {
        case AttributeType::integer:
        case AttributeType::number: out += *cell; break;
        case AttributeType::boolean: out += *cell == "t" ? "true" : "false"; break;
        case AttributeType::text:
        case AttributeType::date: gis_core::append_json_string(out, *cell); break;
        case AttributeType::array: out += gis_core::to_text(gis_core::Json(gis_core::db::parse_text_array(*cell))); break;
        }
    }
    out += '}';
}

/// The validity as a closed interval of days: valid_to is the first day without it.
std::string time_of(ItemQuery const& query, FeatureRow const& row) {
    auto const& layer = *query.layer;
    std::string from, to;
    for (std::size_t i = 0; i < query.selected.size(); ++i) {
        auto const& cell = row.cells.at(i);
        if (!cell) continue;
        if (query.selected[i]->name == layer.valid_from_column) from = *cell;
        if (query.selected[i]->name == layer.valid_to_column) {
            auto day = gis_core::Date::parse(*cell);
            if (day) to = gis_core::Date{day->days - std::chrono::days{1}}.iso();
        }
    }
    if (from.empty() && to.empty()) return "null";
    return R"({"interval":[")" + (from.empty() ? ".." : from) + R"(",")" + (to.empty() ? ".." : to) + R"("]})";
}

}  // namespace

void append_feature(std::string& out, FeatureRow const& row, std::vector<gis_core::layers::Attribute const*> const& columns) {
    out += R"({"type":"Feature","id":)";
    out += row.key;
    out += R"(,"geometry":)";
    out += row.geometry.value_or("null");
    out += ',';
    append_properties(out, row, columns);
}

void append_jsonfg_feature(std::string& out, ItemQuery const& query, FeatureRow const& row, bool with_crs84) {
    bool const has_place = query.crs != nullptr && query.crs->epsg != 0;
    out += R"({"type":"Feature","id":)";
    out += row.key;
    out += R"(,"time":)" + time_of(query, row) + R"(,"place":)";
    out += has_place ? row.geometry.value_or("null") : std::string_view{"null"};
    out += R"(,"geometry":)";
    if (!has_place) out += row.geometry.value_or("null");
    else out += with_crs84 ? row.cells.back().value_or("null") : std::string_view{"null"};
    out += ',';
    append_properties(out, row, query.selected);
}

}  // namespace api::ogc
