#include "gis_core/error.hpp"

#include <fmt/format.h>

namespace gis_core {
namespace {

/// Cuts at a code point boundary, so that the message stays UTF-8.
std::string shorten(std::string_view value) {
    constexpr std::size_t kLongest = 120;
    if (value.size() <= kLongest) return std::string{value};
    auto cut = kLongest;
    while (cut > 0 && (static_cast<unsigned char>(value[cut]) & 0xC0U) == 0x80U) --cut;
    return std::string{value.substr(0, cut)} + "…";
}

}  // namespace

Error invalid_field(std::string_view field, std::string_view value, std::string_view allowed) {
    auto shown = shorten(value);
    auto message = fmt::format("{} is {}, must be {}", field, shown.empty() ? "empty" : shown, allowed);
    return Error{ErrorKind::invalid_argument, message, {{std::string{field}, std::move(shown), std::string{allowed}}}};
}

}  // namespace gis_core
