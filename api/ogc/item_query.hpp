#pragma once

#include "gis_core/cql2/expression.hpp"
#include "gis_core/crs/reference_system.hpp"
#include "gis_core/date.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "http/message.hpp"

#include <cstdint>
#include <memory>
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
/// The same in another CRS (ogcapi-features-2 §6.2.3), in its axis order: a box that PostGIS makes of it.
struct BboxIn {
    gis_core::crs::ReferenceSystem const* crs;
    double low_x, low_y, high_x, high_y;  // easting or longitude first
};

/// ogcapi-features-1 §7.15.4: days of Asia/Ho_Chi_Minh, both ends included; an empty end is open.
struct Period {
    std::optional<gis_core::Date> from, to;
    bool is_instant = false;
};
/// "2025-06-30", "2025-06-30T12:00:00Z", "a/b", "../b", "a/..", "/b", "a/". \throws invalid_argument.
Period parse_datetime(std::string_view text);

/// 1 and more, clamped to maximum (§7.15.2, /req/core/fc-limit-response-1). \throws invalid_argument for less, or no number.
int parse_limit(std::string_view text, int maximum = kMaximumLimit);

/// A place in a sorted list: the values of the sort keys there, and the feature's key.
struct Cursor {
    std::vector<std::optional<std::string>> values;
    std::int64_t key = 0;
};
/// "17", or with sort keys a JSON array of their values and the key. \throws invalid_argument, naming the parameter.
Cursor parse_cursor(std::string_view parameter, std::string_view text, std::size_t sort_keys);
std::string to_text(Cursor const& cursor);

struct SortKey {
    gis_core::layers::Attribute const* attribute;
    bool is_descending = false;
};
/// "name,-star" (ogcapi-features-5, Sorting): + or nothing rises, - falls; what is null comes last. \throws invalid_argument.
std::vector<SortKey> parse_sortby(gis_core::layers::Layer const& layer, std::string_view text);

/// What a request for items asks, all of it checked.
struct ItemQuery {
    gis_core::layers::Layer const* layer = nullptr;
    std::optional<Bbox> bbox;
    std::optional<BboxIn> bbox_in;                             // instead of bbox, when bbox-crs is another
    std::shared_ptr<gis_core::cql2::Node const> filter;        // checked
    gis_core::crs::ReferenceSystem const* crs = nullptr;       // of the answer; null: CRS84, as nothing was asked
    std::vector<SortKey> sort;                                 // before the key, which always comes last
    std::vector<gis_core::layers::Attribute const*> selected;  // properties of the answer
    bool skips_geometry = false;
    std::optional<Period> period;
    std::vector<std::pair<gis_core::layers::Attribute const*, std::string>> equals;  // values as PostgreSQL reads them
    std::optional<int> limit;                                                        // as asked, clamped; kDefaultLimit where a page needs one
    std::optional<Cursor> after;                                                     // keyset: features behind this place, or
    std::optional<Cursor> before;                                                    // the last ones before it
};
/// \throws invalid_argument for a wrong value; http::Query::allow_only is called with also_known for the rest (§7.15.1).
ItemQuery parse_item_query(gis_core::layers::Layer const& layer, http::Query const& query, std::vector<std::string_view> also_known);

/// Of a request for one feature: crs, properties, skipGeometry.
ItemQuery parse_feature_query(gis_core::layers::Layer const& layer, http::Query const& query);

/// Columns that properties come from: attributes that are columns of the view.
std::vector<gis_core::layers::Attribute const*> properties(gis_core::layers::Layer const& layer);

/// A statement with its values; identifiers come from the catalogue only.
struct Sql {
    std::string text;
    std::vector<std::string> values;  // $1, $2, …
    std::string at;                   // for Pool::read: ISO date, empty for today
};
enum class GeometryColumn { geojson, wkb, xy };
/// Key, geometry (in the form asked, in the query's CRS), then the selected properties, then the sort keys, in the order asked;
/// `before` pages come backwards. limit: rows at most, none for all. also_crs84: a last column with the geometry in CRS84.
Sql select_items(ItemQuery const& query, GeometryColumn form, std::optional<int> limit, bool also_crs84 = false);
/// One row, one column: what bbox, datetime and filters leave; paging left aside (numberMatched).
Sql count_items(ItemQuery const& query);
/// Like select_items, one feature by its key. All versions of a unit or zone are resources of their own.
Sql select_feature(ItemQuery const& query, std::int64_t key, bool also_crs84 = false);
/// min lon, min lat, max lon, max lat, first day, last day of everything in the collection; NULLs where there is nothing.
Sql select_extent(gis_core::layers::Layer const& layer);
/// The last day on which a layer that shows its former frame had features; NULL while it still has.
Sql select_former_day(gis_core::layers::Layer const& layer);

}  // namespace api::ogc
