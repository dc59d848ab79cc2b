#include "programme/grading/exact.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>

namespace programme::grading {
namespace {

constexpr int kPlaces = 6;

constexpr std::int64_t power_of_ten(int places) {
    std::int64_t out = 1;
    for (int i = 0; i < places; ++i) out *= 10;
    return out;
}

std::optional<std::int64_t> parse_digits(std::string_view text, std::size_t most) {
    if (text.empty() || text.size() > most || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) return {};
    std::int64_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

}  // namespace

std::optional<Exact> parse_decimal(std::string_view text) {
    auto const point = text.find('.');
    auto const whole = parse_digits(text.substr(0, point), 6);
    if (!whole) return {};
    if (point == std::string_view::npos) return Exact{*whole};
    auto const places = text.substr(point + 1);
    auto const part = parse_digits(places, kPlaces);
    if (!part) return {};
    return Exact{*whole} + Exact{*part, power_of_ten(static_cast<int>(places.size()))};
}

std::optional<Exact> parse_share(std::string_view text) {
    auto const slash = text.find('/');
    if (slash == std::string_view::npos) return {};
    auto const part = parse_digits(text.substr(0, slash), 5), whole = parse_digits(text.substr(slash + 1), 5);
    if (!part || !whole || *part == 0 || *part > *whole) return {};
    return Exact{*part, *whole};
}

std::string to_decimal(Exact const& value, int places) {
    assert(value.numerator() >= 0);
    auto const unit = power_of_ten(places);
    auto const scaled = value * Exact{unit};
    auto const rounded = (2 * scaled.numerator() + scaled.denominator()) / (2 * scaled.denominator());
    if (places == 0) return std::to_string(rounded);
    return fmt::format("{}.{:0{}}", rounded / unit, rounded % unit, places);
}

std::string to_points(Exact const& value) {
    auto text = to_decimal(value, kPlaces);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

}  // namespace programme::grading
