#include "gis_core/cql2/functions.hpp"

#include "gis_core/cql2/ascii.hpp"

#include <algorithm>

namespace gis_core::cql2 {

std::vector<FunctionInfo> const& functions() {
    using enum Type;
    static std::vector<FunctionInfo> const all{
        {Function::abs, "abs", {number}, number, "giá trị tuyệt đối", "the absolute value"},
        {Function::ceil, "ceil", {number}, number, "số nguyên nhỏ nhất không nhỏ hơn", "the smallest whole number not below"},
        {Function::floor, "floor", {number}, number, "số nguyên lớn nhất không lớn hơn", "the largest whole number not above"},
        {Function::length, "length", {text}, number, "số ký tự", "the number of characters"},
        {Function::lower, "lower", {text}, text, "chữ thường", "in small letters"},
        {Function::upper, "upper", {text}, text, "chữ hoa", "in capital letters"},
        {Function::year, "year", {date}, number, "năm của ngày", "the year of a date"},
        {Function::month, "month", {date}, number, "tháng của ngày", "the month of a date, 1 to 12"},
        {Function::day, "day", {date}, number, "ngày trong tháng", "the day of the month of a date"},
    };
    return all;
}

int find_function(std::string_view name) {
    auto const& all = functions();
    auto const found = std::ranges::find_if(all, [&](FunctionInfo const& info) { return equal_ignoring_case(info.name, name); });
    return found == all.end() ? -1 : static_cast<int>(found - all.begin());
}

}  // namespace gis_core::cql2
