#pragma once

#include <boost/rational.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace programme::grading {

/// Points and what is worked out of them. A mean of thirds has no decimal and no double: thresholds are compared with the fraction.
using Exact = boost::rational<std::int64_t>;

/// "3", "2.5", to six places and a million: far more than points need, and sums of them cannot overflow. Empty when it is none.
std::optional<Exact> parse_decimal(std::string_view text);
/// "3/4". Empty when it is not above 0 and at most 1.
std::optional<Exact> parse_share(std::string_view text);

/// Half up, with exactly so many places; for values of 0 and more.
std::string to_decimal(Exact const& value, int places);
/// The shortest decimal of what parse_decimal gave, or of a sum of such: "87", "2.5".
std::string to_points(Exact const& value);

}  // namespace programme::grading
