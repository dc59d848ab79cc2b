#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Days and moments of CQL2, as numbers.
namespace gis_core::cql2 {

inline constexpr std::int64_t kMicrosecondsOfDay = 86'400'000'000;
/// A day compared with a moment is the day of Asia/Ho_Chi_Minh (UTC+7 the whole year).
inline constexpr std::int64_t kDayOffset = 7LL * 3'600'000'000;

/// "2025-06-30" to days since 1970-01-01; years 0001 to 9999.
std::optional<std::int64_t> parse_day(std::string_view text);
/// RFC 3339 §5.6, "2025-06-30T05:30:00.25Z" or with an offset, to microseconds since 1970-01-01T00:00:00Z.
std::optional<std::int64_t> parse_timestamp(std::string_view text);
std::string day_text(std::int64_t days);
/// With microseconds only where there are some.
std::string timestamp_text(std::int64_t microseconds);

}  // namespace gis_core::cql2
