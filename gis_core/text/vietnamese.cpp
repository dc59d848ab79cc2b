#include "gis_core/text/vietnamese.hpp"

#include "gis_core/error.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

namespace gis_core::text {
namespace {

icu::UnicodeString normalize(std::string_view text, icu::Normalizer2 const* (*form)(UErrorCode&)) {
    if (!is_utf8(text)) throw Error{ErrorKind::invalid_argument, "the text is not UTF-8"};
    UErrorCode status = U_ZERO_ERROR;
    auto const* normalizer = form(status);
    auto result = normalizer->normalize(icu::UnicodeString::fromUTF8(icu::StringPiece{text.data(), static_cast<int>(text.size())}), status);
    if (U_FAILURE(status)) throw Error{ErrorKind::internal, "normalizing a text failed"};
    return result;
}

icu::Normalizer2 const* nfc(UErrorCode& status) { return icu::Normalizer2::getNFCInstance(status); }
icu::Normalizer2 const* nfd(UErrorCode& status) { return icu::Normalizer2::getNFDInstance(status); }

}  // namespace

bool is_utf8(std::string_view text) {
    auto const* bytes = reinterpret_cast<std::uint8_t const*>(text.data());
    auto const length = static_cast<std::int32_t>(text.size());
    for (std::int32_t i = 0; i < length;) {
        UChar32 c = 0;
        U8_NEXT(bytes, i, length, c);
        if (c <= 0) return false;
    }
    return true;
}

std::string to_nfc(std::string_view text) {
    std::string out;
    normalize(text, nfc).trim().toUTF8String(out);
    return out;
}

std::string fold(std::string_view text) {
    auto const decomposed = normalize(text, nfd);
    icu::UnicodeString plain;
    for (std::int32_t i = 0; i < decomposed.length();) {
        auto const c = decomposed.char32At(i);
        i += U16_LENGTH(c);
        if (u_charType(c) == U_NON_SPACING_MARK) continue;
        if (c == 0x0111 || c == 0x0110) plain.append(UChar32{'d'});
        else plain.append(u_tolower(c));
    }
    std::string out;
    plain.toUTF8String(out);
    return out;
}

}  // namespace gis_core::text
