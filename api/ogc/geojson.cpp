#include "api/ogc/geojson.hpp"

#include "gis_core/json.hpp"

namespace api::ogc {

void append_feature(std::string& out, FeatureRow const& row, std::vector<gis_core::layers::Attribute const*> const& columns) {
    using gis_core::layers::AttributeType;
    out += R"({"type":"Feature","id":)";
    out += row.key;
    out += R"(,"geometry":)";
    out += row.geometry.value_or("null");
    out += R"(,"properties":{)";
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
        }
    }
    out += '}';
}

}  // namespace api::ogc
