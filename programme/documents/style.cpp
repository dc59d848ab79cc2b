#include "programme/documents/style.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

namespace programme::documents {

Look const& look_of(Style style) noexcept {
    static Look const body{"OcBody", "P", 13, false, false, Align::justified, 10, 0, 6, false};
    static Look const field{"OcField", "P", 13, false, false, Align::left, 0, 0, 4, false};
    static Look const title{"OcTitle", "H1", 14, true, false, Align::centre, 0, 12, 2, true};
    static Look const subtitle{"OcSubtitle", "P", 14, true, false, Align::centre, 0, 0, 8, true};
    static Look const heading{"OcHeading", "H2", 13, true, false, Align::left, 0, 8, 4, true};
    static Look const subheading{"OcSubheading", "H3", 13, true, true, Align::left, 0, 6, 4, true};
    static Look const letterhead{"OcLetterhead", "P", 12, false, false, Align::centre, 0, 0, 0, false};
    static Look const cell{"OcCell", "P", 11, false, false, Align::left, 0, 0, 0, false};
    static Look const note{"OcNote", "P", 10.5, false, true, Align::left, 0, 2, 4, false};
    static Look const certificate_title{"OcCertificateTitle", "H1", 28, true, false, Align::centre, 0, 0, 2, true};
    static Look const certificate_name{"OcCertificateName", "P", 21, true, false, Align::centre, 0, 2, 4, false};
    static Look const certificate_line{"OcCertificateLine", "P", 13, false, false, Align::centre, 0, 0, 3, false};
    switch (style) {
    case Style::body: return body;
    case Style::field: return field;
    case Style::title: return title;
    case Style::subtitle: return subtitle;
    case Style::heading: return heading;
    case Style::subheading: return subheading;
    case Style::letterhead: return letterhead;
    case Style::cell: return cell;
    case Style::note: return note;
    case Style::certificate_title: return certificate_title;
    case Style::certificate_name: return certificate_name;
    case Style::certificate_line: return certificate_line;
    }
    return body;
}

PageSize page_size_of(Document const& document) noexcept {
    PageSize page = document.is_framed ? PageSize{210, 297, 18, 18, 15, 14} : PageSize{210, 297, 30, 18, 22, 20};
    if (document.is_landscape) std::swap(page.width_mm, page.height_mm);
    return page;
}

std::string printable(std::string_view text) {
    icu::UnicodeString kept;
    auto const* bytes = reinterpret_cast<std::uint8_t const*>(text.data());
    auto const length = static_cast<std::int32_t>(text.size());
    for (std::int32_t i = 0; i < length;) {
        UChar32 c = 0;
        U8_NEXT_OR_FFFD(bytes, i, length, c);
        auto const is_line_break = c == '\n' || c == 0x2028 || c == 0x2029;
        // Overrides and isolates turn text around that stands after them; no name needs them (UTS 55).
        auto const turns = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
        if (is_line_break) kept.append(UChar32{'\n'});
        else if (c == '\t') kept.append(UChar32{' '});
        else if (u_charType(c) != U_CONTROL_CHAR && !turns && !U_IS_UNICODE_NONCHAR(c)) kept.append(c);
    }
    UErrorCode status = U_ZERO_ERROR;
    auto const composed = icu::Normalizer2::getNFCInstance(status)->normalize(kept, status);
    std::string out;
    (U_FAILURE(status) ? kept : composed).toUTF8String(out);
    return out;
}

}  // namespace programme::documents
