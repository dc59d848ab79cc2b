#pragma once

// nlohmann::json costs 6 s a translation unit to parse and dump; those two live in json.cpp.
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace gis_core {

using Json = nlohmann::ordered_json;

/// Text for a client or a file. Bad UTF-8 becomes U+FFFD instead of an exception.
std::string to_text(Json const& value);

/// \throws Error(invalid_argument) that names the byte position; also when nested deeper.
Json parse_json(std::string_view text, std::string_view what, int deepest = 64);

/// One JSON string literal with its quotes: for writers that stream.
void append_json_string(std::string& out, std::string_view text);

}  // namespace gis_core
