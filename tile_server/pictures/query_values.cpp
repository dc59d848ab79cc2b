#include "tile_server/pictures/query_values.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace tile_server {

double number_of(std::string_view field, std::string_view text, std::string_view allowed) {
    double value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) throw gis_core::invalid_field(field, text, allowed);
    return value;
}

int whole_number_of(std::string_view field, std::string_view text, int least, int most) {
    int value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
        throw gis_core::invalid_field(field, text, fmt::format("a whole number from {} to {}", least, most));
    }
    return value;
}

int whole_of(http::Query const& query, std::string_view field, int otherwise, int least, int most) {
    auto const text = query.find(field);
    return text ? whole_number_of(field, *text, least, most) : otherwise;
}

}  // namespace tile_server
