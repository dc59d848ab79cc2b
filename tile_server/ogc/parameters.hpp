#pragma once

#include "gis_core/crs/map_projection.hpp"
#include "gis_core/date.hpp"
#include "http/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tile_server::ogc {

/// The day that a datetime asks for: a day, a moment (its day in Asia/Ho_Chi_Minh), or the last day of an interval. Empty: today.
std::optional<gis_core::Date> read_day(std::string_view field, std::optional<std::string_view> text);

/// One of `offered` (name in f, media type), by f, else by Accept; the first where neither says.
std::string choose_format(http::Request const& request, std::vector<std::pair<std::string, std::string>> const& offered);

/// Four numbers in the order of the CRS.
gis_core::crs::MapBox read_box(std::string_view field, std::string_view text, gis_core::crs::ReferenceSystem const& crs);
/// The same numbers as text.
std::string box_text(gis_core::crs::MapBox const& box, gis_core::crs::ReferenceSystem const& crs);

/// vi or en: lang, else Accept-Language.
std::string read_language(http::Request const& request);

/// `<`, `>`, `&` and both quotes as references.
std::string escape_xml(std::string_view text);

}  // namespace tile_server::ogc
