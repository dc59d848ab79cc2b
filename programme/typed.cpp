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

std::string typed_email(std::string_view field, std::string_view typed) {
    auto email = gis_core::text::to_nfc(typed);
    auto const at = email.find('@');
    bool const is_email = at != 0 && at != std::string::npos && at + 1 < email.size() && email.find('@', at + 1) == std::string::npos &&
                          email.find_first_of(" \t\r\n") == std::string::npos && email.size() <= 200;
    if (!email.empty() && !is_email) throw gis_core::invalid_field(field, email, "an address such as ten@vidu.vn, or nothing");
    return email;
}

std::string typed_phone(std::string_view field, std::string_view typed) {
    auto phone = typed_text(field, typed, 0, 20);
    bool const is_phone = phone.size() >= 8 && phone.find_first_not_of("0123456789 .-", phone.starts_with('+') ? 1 : 0) == std::string::npos;
    if (!phone.empty() && !is_phone) throw gis_core::invalid_field(field, phone, "8 to 20 digits, with blanks, dots and hyphens between them and + before");
    return phone;
}

}  // namespace programme
