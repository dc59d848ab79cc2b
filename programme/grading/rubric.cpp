#include "programme/grading/rubric.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace programme::grading {

using gis_core::Error;
using gis_core::ErrorKind;

Option const* Criterion::find(int number) const noexcept {
    auto const found = std::find_if(options.begin(), options.end(), [&](auto const& option) { return option.number == number; });
    return found == options.end() ? nullptr : &*found;
}

Criterion const* Set::find(std::string_view code) const noexcept {
    auto const found = std::find_if(criteria.begin(), criteria.end(), [&](auto const& criterion) { return criterion.code == code; });
    return found == criteria.end() ? nullptr : &*found;
}

Set const& Rubric::set(int number) const {
    auto const found = std::find_if(sets.begin(), sets.end(), [&](auto const& set) { return set.number == number; });
    if (found != sets.end()) return *found;
    std::vector<int> numbers;
    for (auto const& set : sets) numbers.push_back(set.number);
    throw Error{ErrorKind::not_found, fmt::format("{} has no set {}; its sets are {}", version, number, fmt::join(numbers, ", "))};
}

Star const* Rubric::find_star(int star) const noexcept {
    auto const found = std::find_if(stars.begin(), stars.end(), [&](auto const& s) { return s.star == star; });
    return found == stars.end() ? nullptr : &*found;
}

char const* to_string(MinimumRule rule) noexcept {
    switch (rule) {
    case MinimumRule::majority: return "majority";
    case MinimumRule::every: return "every";
    case MinimumRule::mean: return "mean";
    }
    return "";
}

std::optional<MinimumRule> parse_minimum_rule(std::string_view text) noexcept {
    for (auto const rule : {MinimumRule::majority, MinimumRule::every, MinimumRule::mean})
        if (text == to_string(rule)) return rule;
    return {};
}

std::vector<Option const*> options_of(Criterion const& criterion, int case_number) {
    std::vector<Option const*> out;
    for (auto const& option : criterion.options)
        if (option.case_number == case_number) out.push_back(&option);
    return out;
}

Option const* minimum_for(Criterion const& criterion, int case_number, int star) noexcept {
    Option const* out = nullptr;
    for (auto const& option : criterion.options) {
        if (option.case_number != case_number || option.min_star == 0 || option.min_star > star) continue;
        if (out == nullptr || option.min_star > out->min_star) out = &option;
    }
    return out;
}

bool has_unmarked_cases(Criterion const& criterion) noexcept {
    return !criterion.has_cases() &&
           !std::is_sorted(criterion.options.begin(), criterion.options.end(), [](auto const& a, auto const& b) { return a.points < b.points; });
}

void require_for_decision(Rubric const& rubric) {
    if (rubric.is_draft) throw Error{ErrorKind::precondition_failed, fmt::format("{} is a draft: no decision can rest on it", rubric.version)};
    if (!rubric.is_official)
        throw Error{ErrorKind::precondition_failed,
                    fmt::format("{} has training text here: a decision needs the official text, see ocopmap rubric import", rubric.version)};
}

}  // namespace programme::grading
