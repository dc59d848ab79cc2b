#pragma once

#include "programme/dictionary/dictionary.hpp"

#include <filesystem>
#include <string_view>

namespace programme::dictionary {

/// An empty table for people to fill in, as XLSX: Vietnamese headings that stay in sight, a drop-down for every list,
/// dates and numbers checked while typing, and a sheet that explains each column.
/// \throws Error(not_found) for an entity there is not; Error(internal) when the file cannot be written.
void write_template(Dictionary const& dictionary, std::string_view entity, std::filesystem::path const& file);

}  // namespace programme::dictionary
