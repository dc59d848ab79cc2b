#pragma once

#include "http/message.hpp"

#include <string_view>

namespace tile_server {

/// \throws gis_core::Error(invalid_argument) naming the field and what is allowed, when the text is no finite number.
double number_of(std::string_view field, std::string_view text, std::string_view allowed);

int whole_number_of(std::string_view field, std::string_view text, int least, int most);

/// A whole number of the query, or `otherwise`. \throws as number_of, also outside least to most.
int whole_of(http::Query const& query, std::string_view field, int otherwise, int least, int most);

}  // namespace tile_server
