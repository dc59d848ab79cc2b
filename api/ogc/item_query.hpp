#pragma once

#include "gis_core/date.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "http/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace api::ogc {

inline constexpr int kDefaultLimit = 100;
inline constexpr int kMaximumLimit = 10'000;

/// ogcapi-features-1 §7.15.3, in OGC:CRS84 degrees. Heights are read and left aside: our features have none.
struct Bbox {
    double west = 0, south = 0, east = 0, north = 0;
    bool crosses_antimeridian() const { return west > east; }
};
/// Four or six numbers. \throws invalid_argument; says so when longitude and latitude seem swapped.
Bbox parse_bbox(std::string_view text);

/// ogcapi-features-1 §7.15.4: days of Asia/Ho_Chi_Minh, both ends included; an empty end is open.
struct Period {
    std::optional<gis_core::Date> from, to;
    bool is_instant = false;
};
/// "2025-06-30", "2025-06-30T12:00:00Z", "a/b", "../b", "a/..", "/b", "a/". \throws invalid_argument.
Period parse_datetime(std::string_view text);

/// 1 and more, clamped to maximum (§7.15.2, /req/core/fc-limit-response-1). \throws invalid_argument for less, or no number.
int parse_limit(std::string_view text, int maximum = kMaximumLimit);

/// What a request for items asks, all of it checked.
struct ItemQuery {
    gis_core::layers::Layer const* layer = nullptr;
    std::optional<Bbox> bbox;
    std::optional<Period> period;
    std::vector<std::pair<gis_core::layers::Attribute const*, std::string>> equals;  // values as PostgreSQL reads them
    std::optional<int> limit;                                                        // as asked, clamped; kDefaultLimit where a page needs one
    std::optional<std::int64_t> after;                                               // keyset: features with a greater key, or
    std::optional<std::int64_t> before;                                              // the last ones with a smaller key
};
/// \throws invalid_argument for a wrong value; http::Query::allow_only is called with also_known for the rest (§7.15.1).
ItemQuery parse_item_query(gis_core::layers::Layer const& layer, http::Query const& query, std::vector<std::string_view> also_known);

/// Columns that properties come from: attributes that are columns of the view.
std::vector<gis_core::layers::Attribute const*> properties(gis_core::layers::Layer const& layer);

/// A statement with its values; identifiers come from the catalogue only.
struct Sql {
    std::string text;
    std::vector<std::string> values;  // $1, $2, …
    std::string at;                   // for Pool::read: ISO date, empty for today
};
enum class GeometryColumn { geojson, wkb, xy };
/// Key, geometry (in the form asked, in srid when not 4326), then properties(), in the order of the key; `before` pages come
/// in falling order. limit: rows at most, none for all.
Sql select_items(ItemQuery const& query, GeometryColumn form, std::optional<int> limit, int srid = 4326);
/// One row, one column: what bbox, datetime and filters leave; paging left aside (numberMatched).
Sql count_items(ItemQuery const& query);
/// Like select_items, one feature by its key. All versions of a unit or zone are resources of their own.
Sql select_feature(gis_core::layers::Layer const& layer, std::int64_t key);
/// min lon, min lat, max lon, max lat, first day, last day of everything in the collection; NULLs where there is nothing.
Sql select_extent(gis_core::layers::Layer const& layer);
/// The last day on which a layer that shows its former frame had features; NULL while it still has.
Sql select_former_day(gis_core::layers::Layer const& layer);

}  // namespace api::ogc
