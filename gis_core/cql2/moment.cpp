#include "gis_core/cql2/moment.hpp"

#include <fmt/format.h>

#include <chrono>

namespace gis_core::cql2 {
namespace {

/// Exactly `count` digits at `at`.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < at + count) return std::nullopt;
    int number = 0;
    for (char const c : text.substr(at, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + (c - '0');
    }
    return number;
}

}  // namespace

std::optional<std::int64_t> parse_day(std::string_view text) {
    auto const year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !year || !month || !day || *year == 0) return std::nullopt;
    std::chrono::year_month_day const date{std::chrono::year{*year}, std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date}.time_since_epoch().count();
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
    if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') return std::nullopt;
    auto const day = parse_day(text.substr(0, 10));
    auto const hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
    if (!day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    std::size_t at = 19;
    std::int64_t fraction = 0;
    if (text[at] == '.') {
        std::int64_t scale = 100'000;
        auto const first = ++at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) fraction += scale * (text[at] - '0');
        if (at == first || at == text.size()) return std::nullopt;
    }
    std::int64_t offset_min = 0;
    if (text[at] == 'Z' || text[at] == 'z') {
        ++at;
    } else if (text[at] == '+' || text[at] == '-') {
        auto const hours = digits(text, at + 1, 2), minutes = digits(text, at + 4, 2);
        if (!hours || !minutes || text[at + 3] != ':' || *hours > 23 || *minutes > 59) return std::nullopt;
        offset_min = (*hours * 60 + *minutes) * (text[at] == '-' ? -1 : 1);
        at += 6;
    } else {
        return std::nullopt;
    }
    if (at != text.size()) return std::nullopt;
    return *day * kMicrosecondsOfDay + ((*hour * 60LL + *minute - offset_min) * 60 + *second) * 1'000'000 + fraction;
}

std::string day_text(std::int64_t days) {
    std::chrono::year_month_day const date{std::chrono::sys_days{std::chrono::days{days}}};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string timestamp_text(std::int64_t microseconds) {
    auto const days = std::chrono::floor<std::chrono::days>(std::chrono::microseconds{microseconds}).count();
    auto const rest = microseconds - days * kMicrosecondsOfDay;
    auto const seconds = rest / 1'000'000, fraction = rest % 1'000'000;
    auto text = fmt::format("{}T{:02}:{:02}:{:02}", day_text(days), seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (fraction != 0) text += fmt::format(".{:06}", fraction);
    return text + "Z";
}

}  // namespace gis_core::cql2
