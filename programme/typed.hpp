#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace programme {

/// A text as a person typed it, as the record keeps it: NFC, blanks around cut, line ends as \n.
/// \throws gis_core::Error(invalid_argument) when it has fewer or more characters, or control characters other than line ends and tabs.
std::string typed_text(std::string_view field, std::string_view typed, std::size_t shortest, std::size_t longest);
/// An address of e-mail, or nothing. \throws gis_core::Error(invalid_argument)
std::string typed_email(std::string_view field, std::string_view typed);
/// A telephone number, or nothing. \throws gis_core::Error(invalid_argument)
std::string typed_phone(std::string_view field, std::string_view typed);

}  // namespace programme
