#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace gis_core {

/// A day of the proleptic Gregorian calendar, 1900-01-01 to 2199-12-31.
struct Date {
    std::chrono::sys_days days{};

    /// Parses "2025-06-30" and nothing else. Empty when it is no such day.
    static std::optional<Date> parse(std::string_view text);
    /// As parse, but throws invalid_argument naming the field and the form.
    static Date from_field(std::string_view field, std::string_view text);
    /// "2025-06-30" (ISO 8601).
    std::string iso() const;
    /// "30/06/2025", as Vietnamese readers write it.
    std::string vietnamese() const;
    auto operator<=>(Date const&) const = default;
};

/// Today in Asia/Ho_Chi_Minh (UTC+7 the whole year): the business day of certificates and validities.
Date business_date();

}  // namespace gis_core
