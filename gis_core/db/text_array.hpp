#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gis_core::db {

/// The texts of a PostgreSQL array as it is written: {"Dừa, sáp",I.1.a}. NULL among them is left out.
/// \throws gis_core::Error(internal) for what is none.
std::vector<std::string> parse_text_array(std::string_view literal);

}  // namespace gis_core::db
