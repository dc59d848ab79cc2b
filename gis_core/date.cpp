#include "gis_core/date.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <charconv>

namespace gis_core {
namespace {

std::optional<int> digits(std::string_view text) {
    for (auto const c : text)
        if (c < '0' || c > '9') return std::nullopt;
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

std::optional<Date> Date::parse(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    auto const year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)), day = digits(text.substr(8, 2));
    if (!year || !month || !day || *year < 1900 || *year > 2199) return std::nullopt;
    auto const date = std::chrono::year{*year} / std::chrono::month{static_cast<unsigned>(*month)} / std::chrono::day{static_cast<unsigned>(*day)};
    if (!date.ok()) return std::nullopt;
    return Date{std::chrono::sys_days{date}};
}

Date Date::from_field(std::string_view field, std::string_view text) {
    if (auto const date = parse(text)) return *date;
    throw invalid_field(field, text, "a date as YYYY-MM-DD, for example 2025-06-30");
}

std::string Date::iso() const {
    std::chrono::year_month_day const d{days};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(d.year()), static_cast<unsigned>(d.month()), static_cast<unsigned>(d.day()));
}

std::string Date::vietnamese() const {
    std::chrono::year_month_day const d{days};
    return fmt::format("{:02}/{:02}/{:04}", static_cast<unsigned>(d.day()), static_cast<unsigned>(d.month()), static_cast<int>(d.year()));
}

Date business_date() { return Date{std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now() + std::chrono::hours{7})}; }

}  // namespace gis_core
