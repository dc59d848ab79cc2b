#include "programme/documents/when.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <regex>

namespace programme::documents {
namespace {

constexpr char const* kForm = "ISO 8601 with an offset, such as 2026-11-29T14:20:00+07:00";

}  // namespace

void require_time(std::string_view field, std::string_view time) {
    static std::regex const form{R"(\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(Z|[+-](0\d|1[0-4]):[0-5]\d))"};
    if (!std::regex_match(time.begin(), time.end(), form) || !gis_core::Date::parse(time.substr(0, 10))) throw gis_core::invalid_field(field, time, kForm);
}

std::string shown_time(std::string_view field, std::string_view time) {
    if (time.empty()) return {};
    require_time(field, time);
    return fmt::format("{} ngày {}", time.substr(11, 5), gis_core::Date::parse(time.substr(0, 10))->vietnamese());
}

std::string day_in_words(std::optional<gis_core::Date> const& date) {
    if (!date) return "ngày …… tháng …… năm ………";
    // Nghị định 30/2020/NĐ-CP: a zero before days below 10 and before January and February.
    std::chrono::year_month_day const day{date->days};
    auto const month = static_cast<unsigned>(day.month());
    return fmt::format("ngày {:02} tháng {} năm {}", static_cast<unsigned>(day.day()), month < 3 ? fmt::format("0{}", month) : std::to_string(month),
                       static_cast<int>(day.year()));
}

}  // namespace programme::documents
