#include "programme/product_filter.hpp"

#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace programme {
namespace {

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while (at < text.size() && words.size() < 10) {
        auto const begin = text.find_first_not_of(" \t\r\n", at);
        if (begin == std::string_view::npos) break;
        auto const end = std::min(text.find_first_of(" \t\r\n", begin), text.size());
        words.emplace_back(text.substr(begin, end - begin));
        at = end;
    }
    return words;
}

std::string joined(std::vector<std::string> const& words) {
    std::string text;
    for (auto const& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string lower(std::string const& text) {
    std::string out;
    icu::UnicodeString::fromUTF8(text).toLower().toUTF8String(out);
    return out;
}

}  // namespace

SearchWords search_words(std::string_view q) {
    constexpr int kLongest = 200;
    auto const nfc = gis_core::text::to_nfc(q);
    if (icu::UnicodeString::fromUTF8(nfc).countChar32() > kLongest) {
        throw gis_core::invalid_field("q", nfc.substr(0, 40) + "…", "at most 200 characters");
    }
    SearchWords words;
    words.typed_words = split_words(lower(nfc));
    words.typed = joined(words.typed_words);
    words.folded = gis_core::text::fold(words.typed);
    words.folded_words = split_words(words.folded);
    words.has_accents = words.typed != words.folded;
    return words;
}

std::vector<std::string> contains_patterns(std::vector<std::string> const& words) {
    std::vector<std::string> patterns;
    for (auto const& word : words) patterns.push_back('%' + like_literal(word) + '%');
    return patterns;
}

std::string word_query(SearchWords const& words) {
    std::string query, word;
    auto const end_word = [&] {
        if (!word.empty()) query += (query.empty() ? "'" : " & '") + word + "'";
        word.clear();
    };
    auto const text = icu::UnicodeString::fromUTF8(words.folded);
    for (std::int32_t i = 0; i < text.length();) {
        auto const c = text.char32At(i);
        i += U16_LENGTH(c);
        if (u_isalnum(c)) icu::UnicodeString{c}.toUTF8String(word);
        else end_word();
    }
    end_word();
    return query.empty() ? "'~'" : query + ":*";  // only signs: no word is '~', so nothing matches
}

void add_territory(Parameters& p, std::optional<std::vector<long long>> const& lineages, bool no_unit) {
    if (!lineages) p.null();
    else if (lineages->empty()) p.text(std::string{"{}"});
    else p.numbers(*lineages);
    if (no_unit) p.truth(true);
    else p.null();
}

void add_window(Parameters& p, std::optional<gis_core::LonLatBox> const& box, std::optional<Circle> const& circle) {
    if (box) p.real(box->west).real(box->south).real(box->east).real(box->north);
    else p.null().null().null().null();
    if (circle) p.real(circle->centre.lon).real(circle->centre.lat).real(circle->radius_m);
    else p.null().null().null();
}

Parameters to_parameters(ProductFilter const& filter, SearchWords const& words) {
    Parameters p;
    p.text(filter.at.iso());
    if (words.folded_words.empty()) p.null();
    else p.text(word_query(words));
    p.texts(filter.classes).numbers(filter.stars).texts(filter.states);
    add_territory(p, filter.lineages, filter.no_unit);
    p.number(filter.zone).number(filter.producer);
    add_window(p, filter.box, filter.circle);
    if (filter.area_geojson.empty()) p.null();
    else p.text(filter.area_geojson);
    return p;
}

}  // namespace programme
