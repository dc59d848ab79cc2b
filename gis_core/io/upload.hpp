#pragma once

#include "gis_core/io/table_file.hpp"

#include <cstddef>
#include <string_view>

namespace gis_core::io {

/// What an XLSX may unpack to. Whoever made the file counts on less; a bomb does not fit.
inline constexpr std::size_t kMostUnpackedBytes = 128 * 1024 * 1024;

/// Goes through a ZIP and unpacks every entry once, counted and thrown away. True when it is an XLSX workbook.
/// \throws Error(invalid_argument) for a damaged one or names that lead out of it, Error(payload_too_large), Error(unsupported_media).
bool check_archive(std::string_view bytes);

/// What a file that somebody sent is, by its content: CSV, GeoJSON, XLSX, GeoPackage or FlatGeobuf. An XLSX is unpacked once, counted
/// and thrown away, so that no reader meets more than its directory says.
/// \throws Error(invalid_argument) for a file that is empty or damaged, Error(unsupported_media) for anything else, and
///         Error(payload_too_large) for one that unpacks to too much.
FileFormat recognise(std::string_view bytes);

}  // namespace gis_core::io
