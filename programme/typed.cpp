#include "programme/typed.hpp"

#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace programme {

std::string typed_text(std::string_view field, std::string_view typed, std::size_t shortest, std::size_t longest) {
    auto text = gis_core::text::to_nfc(typed);
    text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
    auto const is_control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F; };
    if (std::any_of(text.begin(), text.end(), is_control)) throw gis_core::invalid_field(field, "control characters", "text without control characters");
    auto const length =
        static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    if (length < shortest || length > longest) throw gis_core::invalid_field(field, text, fmt::format("{} to {} characters", shortest, longest));
    return text;
}

}  // namespace programme
