#include "gis_core/io/stage.hpp"

#include "gis_core/json.hpp"

#include <pqxx/pqxx>
#include <pqxx/stream_to>

#include <optional>
#include <tuple>
#include <vector>

namespace gis_core::io {

std::size_t stage_features(pqxx::transaction_base& tx, FeatureReader& reader, std::string const& tag, std::map<std::string, std::string> const& renamed,
                           std::function<void(std::size_t)> const& progressed) {
    std::vector<std::string> names;
    for (auto const& field : reader.fields()) {
        auto const other = renamed.find(field);
        names.push_back(other == renamed.end() ? field : other->second);
    }
    pqxx::stream_to out{tx, "raw_feature", std::vector<std::string>{"file", "line", "data", "geom", "geometry_problem", "geometry_value"}};
    std::size_t rows = 0;
    auto const optional = [](std::string const& text) { return text.empty() ? std::nullopt : std::optional{text}; };
    while (auto const feature = reader.next()) {
        std::string data = "{";
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (!feature->values[i]) continue;
            if (data.size() > 1) data += ',';
            append_json_string(data, names[i]);
            data += ':';
            append_json_string(data, *feature->values[i]);
        }
        data += '}';
        // ISO WKB in hexadecimal becomes a geometry as it is; the SRID is set in SQL.
        out << std::make_tuple(tag, static_cast<std::int64_t>(feature->line), data, optional(feature->wkb_hex), optional(feature->geometry_problem),
                               optional(feature->value));
        if (++rows % 10'000 == 0 && progressed) progressed(rows);
    }
    out.complete();
    tx.exec("UPDATE raw_feature SET geom = ST_SetSRID(geom, 4326) WHERE file = " + tx.quote(tag) + " AND geom IS NOT NULL");
    return rows;
}

}  // namespace gis_core::io
