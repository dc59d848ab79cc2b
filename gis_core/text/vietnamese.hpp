#pragma once

#include <string>
#include <string_view>

namespace gis_core::text {

/// True for well-formed UTF-8 without NUL.
bool is_utf8(std::string_view text);

/// Normalization Form C, blanks at both ends cut: what every text goes through on its way in.
/// \throws Error(invalid_argument) when the text is not UTF-8.
std::string to_nfc(std::string_view text);

/// Lower case, no accents, đ as d; the same as pub.fold() in the database.
std::string fold(std::string_view text);

}  // namespace gis_core::text
