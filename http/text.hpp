#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace http {

/// Percent-decoded bytes. Empty for a broken escape. plus_is_space: the rule of forms, for queries only.
std::optional<std::string> percent_decode(std::string_view raw, bool plus_is_space);
/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);
/// ASCII only, as header names and tokens are.
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);
/// The next element of a comma-separated list that honours quoted strings; takes it off the front of rest.
std::string_view next_element(std::string_view& rest);
/// RFC 9110 §5.6.2.
bool is_token(std::string_view text);

}  // namespace http
