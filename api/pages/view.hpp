#pragma once

#include "gis_core/date.hpp"
#include "http/message.hpp"
#include "programme/products.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace api::pages {

inline constexpr std::array<double, 4> kBounds{106.02, 9.78, 106.83, 10.36};  // west, south, east, north of Bến Tre
inline constexpr char kDefaultBy[] = "commune";
inline constexpr char kDefaultMeasure[] = "products";
inline constexpr char kDefaultLayers[] = "products,zones,rivers,labels";

/// One view of the map page: everything the address holds, so that a link brings the same view back.
struct View {
    std::string q;
    std::vector<int> stars;  // of 3, 4, 5; empty: any
    std::string state;       // in_force, expiring, expired, revoked, none; empty: any
    std::string class_code;
    std::string unit;  // CODE@DATE
    std::string near;  // lon,lat
    gis_core::Date at;
    bool at_given = false;        // another day than today
    std::string by = kDefaultBy;  // commune, district, none
    std::string measure = kDefaultMeasure;
    std::vector<std::string> layers;
    std::string product;   // the open card
    std::string after;     // cursor of the list
    std::string position;  // zoom/lat/lon

    /// Parameters it does not know are not its business (a link from elsewhere may carry some).
    /// \throws gis_core::Error(invalid_argument) naming the field.
    static View parse(http::Query const& query);

    static std::vector<std::string> default_layers();
    bool is_filtered() const;
    bool shows(std::string_view layer) const;
    /// "?q=…&at=…" with what differs from the defaults, always in one order (web/src/view.js says it the same way).
    std::string query() const;
    /// The query of the same list at /api/products: filter and date only.
    std::string api_query() const;
    /// west, south, east, north of the picture of this view, for a picture of that size: where the map stands, else around
    /// the chosen unit, else Bến Tre.
    std::array<double, 4> picture_bounds(int width, int height, std::optional<std::array<double, 4>> const& unit_bounds = std::nullopt) const;
};

/// 01/07/2025: from here communes are the new ones and there are no districts.
gis_core::Date first_day_of_new_communes();
/// How a view's list is sorted: by relevance of the search, by distance near a place, else by star and name.
programme::ProductSort sort_of(View const& view);
/// The programme's filter of the view, but for its unit, which only the database can resolve.
programme::ProductFilter filter_of(View const& view);

/// Percent-encoding of a query value; ',' '/' '@' stay readable.
std::string encode_value(std::string_view text);

}  // namespace api::pages
