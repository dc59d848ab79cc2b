#include "gis_core/cql2/characters.hpp"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <stdexcept>

namespace gis_core::cql2 {
namespace {

icu::UnicodeString read(std::string_view text) { return icu::UnicodeString::fromUTF8(icu::StringPiece{text.data(), static_cast<std::int32_t>(text.size())}); }

std::string write(icu::UnicodeString const& text) {
    std::string out;
    text.toUTF8String(out);
    return out;
}

icu::UnicodeString normalized(icu::UnicodeString const& text, icu::Normalizer2 const* (*form)(UErrorCode&)) {
    UErrorCode status = U_ZERO_ERROR;
    auto const* const normalizer = form(status);
    auto result = normalizer->normalize(text, status);
    if (U_FAILURE(status)) throw std::runtime_error{"normalizing a text failed"};
    return result;
}

icu::Normalizer2 const* form_c(UErrorCode& status) { return icu::Normalizer2::getNFCInstance(status); }
icu::Normalizer2 const* form_d(UErrorCode& status) { return icu::Normalizer2::getNFDInstance(status); }

/// The bytes of the character that begins at `at`.
std::size_t width(std::string_view text, std::size_t at) {
    auto end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    return end - at;
}

}  // namespace

std::string nfc(std::string_view text) { return write(normalized(read(text), form_c)); }

std::string casei(std::string_view text) {
    auto folded = normalized(read(text), form_c);
    return write(folded.toUpper(icu::Locale::getRoot()).toLower(icu::Locale::getRoot()));
}

std::string accenti(std::string_view text) {
    auto const decomposed = normalized(read(text), form_d);
    icu::UnicodeString plain;
    for (std::int32_t i = 0; i < decomposed.length(); ++i) {
        auto const c = decomposed.charAt(i);
        if (c >= 0x0300 && c <= 0x036F) continue;
        plain.append(c == 0x0111 ? u'd' : c == 0x0110 ? u'D' : c);
    }
    return write(normalized(plain, form_c));
}

std::string lower(std::string_view text) { return write(read(text).toLower(icu::Locale::getRoot())); }
std::string upper(std::string_view text) { return write(read(text).toUpper(icu::Locale::getRoot())); }

std::size_t length(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_like(std::string_view text, std::string_view pattern) {
    // Greedy with one place to go back to: linear in practice, length × length at worst.
    std::size_t t = 0, p = 0, star = std::string_view::npos, resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '%') {
            star = p++;
            resume = t;
            continue;
        }
        if (p < pattern.size() && pattern[p] == '_') {
            ++p;
            t += width(text, t);
            continue;
        }
        auto const literal = p < pattern.size() && pattern[p] == '\\' ? p + 1 : p;
        if (literal < pattern.size() && pattern[literal] == text[t]) {
            p = literal + 1;
            ++t;
            continue;
        }
        if (star == std::string_view::npos) return false;
        p = star + 1;
        resume += width(text, resume);
        t = resume;
    }
    while (p < pattern.size() && pattern[p] == '%') ++p;
    return p == pattern.size();
}

}  // namespace gis_core::cql2
