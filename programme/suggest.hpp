#pragma once

#include "gis_core/date.hpp"
#include "gis_core/geo/lon_lat.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::db {
class Session;
}
namespace pqxx {
class transaction_base;
}

namespace programme {

struct SuggestedPlace {
    std::string code, name;
};

/// One line under the search box.
struct Suggestion {
    enum class Kind { product, producer, place };
    Kind kind = Kind::product;
    int tier = 0;                       // 0 and 1: with the accents as typed; 2 and 3: without; 4: with a typing slip mended
    long long id = 0;                   // product or producer
    std::string label;                  // its name
    std::string detail;                 // a product's producer, a producer's kind, a place's level
    std::string unit;                   // CODE@DATE of a place: what the filter `unit` takes
    bool is_former = false;             // a place that exists no more
    std::vector<SuggestedPlace> today;  // the communes of today that an old place became
    std::optional<gis_core::LonLat> position;
};

struct Suggestions {
    std::vector<Suggestion> items;
    std::string understood_as;  // the words after mending slips; empty when as typed
};

/// Products, producers and places whose names hold the words of q: accents as typed first, then without; a word that is
/// in no name is taken for the nearest known ones (two edits at most; exchanged neighbours count as one).
/// Each kind keeps a third of the places as far as it has candidates. An old place's name finds today's communes.
Suggestions suggest(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view q, gis_core::Date at, int limit);

/// Insertions, deletions, replacements and exchanges of neighbours that turn one word into the other.
int edits_between(std::string_view a, std::string_view b);

}  // namespace programme
