#include "gis_core/io/import.hpp"

#include "gis_core/admin/sql/statements.hpp"
#include "gis_core/error.hpp"
#include "gis_core/io/feature_reader.hpp"
#include "gis_core/io/sql/statements.hpp"
#include "gis_core/io/stage.hpp"
#include "gis_core/json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/pqxx>

#include <algorithm>

namespace gis_core::io {
namespace {

/// Every field the kind can't do without is there, under its own name or one of its alternatives.
void check_fields(ImportKind const& kind, ImportOptions const& options, FeatureReader const& reader) {
    auto names = reader.fields();
    for (auto const& [from, to] : options.renamed) {
        auto const found = std::find(names.begin(), names.end(), from);
        if (found == names.end()) {
            throw invalid_field("--map", from + "=" + to, fmt::format("a field of the file: {}", fmt::join(reader.fields(), ", ")));
        }
        *found = to;
    }
    for (auto const& field : kind.required_fields) {
        bool there = false;
        for (std::size_t start = 0; start <= field.size();) {
            auto const end = std::min(field.find('|', start), field.size());
            there = there || std::find(names.begin(), names.end(), field.substr(start, end - start)) != names.end();
            start = end + 1;
        }
        if (there) continue;
        auto alternatives = field;
        for (auto at = alternatives.find('|'); at != std::string::npos; at = alternatives.find('|')) alternatives.replace(at, 1, " or ");
        throw Error{ErrorKind::invalid_argument,
                    fmt::format("{} has no field {}; its fields are {}. Say which one it is: --map FIELD={}", options.file.filename().string(), alternatives,
                                names.empty() ? std::string{"none"} : fmt::format("{}", fmt::join(names, ", ")), field.substr(0, field.find('|')))};
    }
}

std::string text_or_empty(pqxx::field const& field) { return field.is_null() ? std::string{} : field.as<std::string>(); }

}  // namespace

std::string ImportReport::json() const {
    std::string out = "{";
    auto const text = [&](char const* name, std::string const& value) {
        out += fmt::format("{}\"{}\":", out.size() > 1 && out.back() != '{' ? "," : "", name);
        append_json_string(out, value);
    };
    auto const number = [&](char const* name, std::int64_t value) { out += fmt::format(",\"{}\":{}", name, value); };
    text("kind", kind);
    text("file", file);
    text("format", format);
    number("rows", rows);
    number("taken", taken);
    number("repaired", repaired);
    number("refused", refused);
    out += fmt::format(",\"file_refused\":{},\"dry_run\":{},\"issues\":[", file_refused, dry_run);
    for (auto const& issue : issues) {
        if (out.back() != '[') out += ',';
        out += fmt::format("{{\"line\":{}", issue.line ? std::to_string(*issue.line) : "null");
        text("severity", issue.severity);
        text("field", issue.field);
        text("value", issue.value);
        text("reason", issue.reason);
        out += '}';
    }
    return out + "]}";
}

ImportReport import_file(pqxx::connection& connection, ImportKind const& kind, ImportOptions const& options,
                         std::function<void(std::string_view)> const& said) {
    FeatureReader reader{options.file, {options.epsg, options.layer}};
    check_fields(kind, options, reader);
    ImportReport report;
    report.kind = kind.name;
    report.file = options.file.filename().string();
    report.format = reader.format();
    report.dry_run = options.dry_run;

    pqxx::work tx{connection};
    tx.exec("SET LOCAL client_min_messages = warning");
    tx.exec(admin::sql::raw_create.text);
    tx.exec(sql::import_create.text);
    report.rows =
        static_cast<std::int64_t>(stage_features(tx, reader, "import", options.renamed, [&](std::size_t rows) { said(fmt::format("{} rows read", rows)); }));
    said(fmt::format("{} rows read from {} ({}); checking", report.rows, report.file, report.format));
    tx.exec("CREATE INDEX ON raw_feature (line); ANALYZE raw_feature");

    auto values = options.values;
    values.insert(kind.options.begin(), kind.options.end());
    values.try_emplace("source", report.file);
    values.try_emplace("repair_m2", "100");
    values.try_emplace("overlap_m2", "100");
    values["geometry"] = kind.geometry == ImportKind::Geometry::point ? "point" : kind.geometry == ImportKind::Geometry::line ? "line" : "polygon";
    values["geometry_required"] = kind.geometry_required ? "yes" : "no";
    for (auto const& [name, value] : values) tx.exec_params("INSERT INTO import_option VALUES ($1, $2)", name, value);

    if (report.rows == 0) tx.exec("INSERT INTO issue (severity, reason) VALUES ('refused', 'the file holds no rows')");
    if (kind.geometry != ImportKind::Geometry::none) tx.exec(sql::import_geometry.text);
    tx.exec(kind.check.text);
    report.file_refused =
        tx.exec1("SELECT EXISTS (SELECT FROM issue WHERE line IS NULL AND severity = 'refused') OR NOT EXISTS (SELECT FROM good_row)")[0].as<bool>();
    if (!report.file_refused) {
        said("taking the good rows");
        auto const taken = tx.exec(kind.merge.text);
        report.taken = taken[0][0].as<std::int64_t>();
    }
    auto const counts =
        tx.exec1("SELECT count(DISTINCT line) FILTER (WHERE severity = 'refused'), count(DISTINCT line) FILTER (WHERE severity = 'repaired') FROM issue");
    report.refused = report.file_refused ? report.rows : counts[0].as<std::int64_t>();
    report.repaired = counts[1].as<std::int64_t>();
    for (auto const& row : tx.exec("SELECT line, severity, field, value, reason FROM issue ORDER BY line NULLS FIRST, severity DESC, field, reason")) {
        report.issues.push_back({row[0].is_null() ? std::nullopt : std::optional{row[0].as<std::int64_t>()}, text_or_empty(row[1]), text_or_empty(row[2]),
                                 text_or_empty(row[3]), text_or_empty(row[4])});
    }
    if (report.file_refused || options.dry_run) {
        tx.abort();
    } else {
        if (kind.needs_valid_from) {
            tx.exec(admin::sql::refresh_frames.text);
            said("finding the units of every facility again");
        }
        tx.commit();
    }
    return report;
}

}  // namespace gis_core::io
