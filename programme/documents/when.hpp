#pragma once

#include "gis_core/date.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace programme::documents {

/// Times come as ISO 8601 with their offset, "2026-11-29T14:20:00+07:00", and are shown as they come: no clock and no time zone here.
/// \throws Error(invalid_argument) naming the field.
void require_time(std::string_view field, std::string_view time);
/// "14:20 ngày 29/11/2026"; "" for "". \throws Error(invalid_argument) naming the field.
std::string shown_time(std::string_view field, std::string_view time);

/// "ngày 05 tháng 02 năm 2026"; with dots to be filled in by hand where there is no day.
std::string day_in_words(std::optional<gis_core::Date> const& date);

}  // namespace programme::documents
