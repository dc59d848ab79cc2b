#pragma once

#include "gis_core/db/statement.hpp"

#include <pqxx/connection>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::io {

/// What can be imported. check writes what is wrong into the table issue; merge takes the rows of good_row into the record
/// and returns how many.
struct ImportKind {
    enum class Geometry { none, point, polygon, line };
    char const* name;  // "zones", as on the command line
    Geometry geometry = Geometry::none;
    bool geometry_required = false;
    std::vector<std::string> required_fields;  // each may name alternatives: "code|gso_code"
    db::Statement check, merge;
    std::map<std::string, std::string> options{};  // fixed ones: {"level", "commune"}
    bool needs_valid_from = false;
};

struct ImportOptions {
    std::filesystem::path file;
    int epsg = 0;
    std::string layer;
    std::map<std::string, std::string> renamed;  // field of the file → field of the kind
    std::map<std::string, std::string> values;   // valid_from, valid_to, source, document, coverage, overlap_m2, repair_m2, crops
    bool dry_run = false;
};

struct ImportIssue {
    std::optional<std::int64_t> line;  // none: about the whole file
    std::string severity;              // refused, repaired, note
    std::string field, value, reason;
};

struct ImportReport {
    std::string kind, file, format;
    std::int64_t rows = 0, taken = 0, repaired = 0, refused = 0;
    bool file_refused = false, dry_run = false;
    std::vector<ImportIssue> issues;
    /// One JSON object.
    std::string json() const;
};

/// One transaction over a staging table: all good rows are taken or, when the file is refused or the process dies, none.
/// \throws Error(invalid_argument) when the file can't be read, has no CRS or lacks a field.
ImportReport import_file(pqxx::connection& connection, ImportKind const& kind, ImportOptions const& options, std::function<void(std::string_view)> const& said);

}  // namespace gis_core::io
