#pragma once

#include "programme/files/config.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

/// The whole record in one folder, and back: what pg_dump writes, what it leaves out, every stored file, and a manifest of counts
/// and hashes (docs/how-to/backup.md).
namespace programme::backup {

struct Summary {
    std::int64_t tables = 0, rows = 0, files = 0, bytes = 0;
};
using Say = std::function<void(std::string_view)>;

/// Writes database and stored files as of one moment, while both are in use. The folder appears when it is complete.
/// \throws gis_core::Error conflict when the folder holds something; upstream when a stored file is missing or broken;
///         internal when pg_dump fails.
Summary backup(std::string const& conninfo, files::Config const& files, std::filesystem::path const& folder, Say const& said);

/// Fills an empty database and the store from such a folder, in one transaction of the database, and holds the result against
/// the manifest. force: what the database holds is thrown away first, once the backup has been found whole.
/// migrations: the folder of this program's.
/// \throws gis_core::Error conflict when the database is not empty, or newer than the program; invalid_argument when the backup is
///         not whole; internal when pg_restore fails or the result differs.
Summary restore(std::string const& conninfo, files::Config const& files, std::filesystem::path const& folder, std::filesystem::path const& migrations, bool force,
                Say const& said);

}  // namespace programme::backup
