#pragma once

#include "gis_core/date.hpp"
#include "gis_core/geo/lon_lat.hpp"
#include "programme/parameters.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace programme {

/// A circle on the ellipsoid.
struct Circle {
    gis_core::LonLat centre;
    double radius_m;
};

/// The one filter of lists, facets, counts and exports. Empty members do not filter.
struct ProductFilter {
    gis_core::Date at;  // certificates, states and units as of this day
    std::string q;      // beginnings of words that name and producer hold, accents or not
    std::vector<std::string> classes;
    std::vector<long long> stars;                    // 3, 4, 5: of a certificate in force
    std::vector<std::string> states;                 // valid, expiring, expired, revoked, none
    std::optional<std::vector<long long>> lineages;  // of a unit in any frame, see find_unit
    bool no_unit = false;                            // only what has no place
    std::optional<std::int64_t> zone;
    std::optional<std::int64_t> producer;
    std::optional<gis_core::LonLatBox> box;
    std::optional<Circle> circle;
    std::string area_geojson;  // see parse_area
};

/// The words a text is searched by: as typed in lower case (their accents kept), and folded.
struct SearchWords {
    std::string typed, folded;  // the whole phrase, blanks squeezed
    std::vector<std::string> typed_words, folded_words;
    bool has_accents = false;  // what was typed differs from its folded form
};
/// At most 10 words of at most 60 bytes count. \throws invalid_argument when longer than 200 characters or not UTF-8.
SearchWords search_words(std::string_view q);

/// The tsquery of whole words, the last of which may be unfinished: 'keo' & 'dua':*. \pre there are words
std::string word_query(SearchWords const& words);

/// Two values: the lineages of a unit, and whether only what has no place is asked for.
void add_territory(Parameters& p, std::optional<std::vector<long long>> const& lineages, bool no_unit);
/// Seven values: the box and the circle.
void add_window(Parameters& p, std::optional<gis_core::LonLatBox> const& box, std::optional<Circle> const& circle);

/// $1 to $17 of pub.match_products, in its order.
Parameters to_parameters(ProductFilter const& filter, SearchWords const& words);

/// "%word%" for each word.
std::vector<std::string> contains_patterns(std::vector<std::string> const& words);

}  // namespace programme
