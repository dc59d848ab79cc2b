#pragma once

#include <algorithm>
#include <string>
#include <string_view>

/// Keywords and names of operators are ASCII, whatever the case they are written in.
namespace gis_core::cql2 {

inline char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

inline std::string to_upper(std::string_view text) {
    std::string upper{text};
    for (char& c : upper) c = to_upper(c);
    return upper;
}

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return to_upper(x) == to_upper(y); });
}

}  // namespace gis_core::cql2
