#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace gis_core::db {

struct MigrationSummary {
    std::size_t applied = 0;  // in this run
    std::size_t already = 0;  // before it
};

/// Brings a database to the newest of the files NNNN_name.sql in a folder: in order, each in one transaction with its
/// row in public.ocopmap_migration, all under an advisory lock (a second migrate waits). said() gets a line a file.
/// A number lower than the newest applied one still runs: each part of the system numbers in its own range.
/// \throws Error(conflict) when an applied file was edited or removed; Error(invalid_argument) when a file is misnamed,
///         a number is given twice, or the database refuses a statement (the message names the file).
MigrationSummary migrate(std::string const& conninfo, std::filesystem::path const& folder, std::function<void(std::string_view)> const& said);

/// SHA-256 as 64 hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace gis_core::db
