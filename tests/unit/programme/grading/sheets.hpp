#pragma once

#include "programme/grading/grade.hpp"

#include <filesystem>
#include <string>

/// Sheets for the tests of grading, made of the shipped rubric.
namespace sheets {

namespace grading = programme::grading;

inline std::filesystem::path const kData = std::filesystem::path{OCOPMAP_SOURCE_DIR} / "data";

inline grading::Rubric const& shipped() {
    static auto const rubric = grading::load(kData / "rubrics/qd26-2026");
    return rubric;
}

inline int case_of(grading::Criterion const& criterion, int of_dossier) { return criterion.has_cases() ? of_dossier : 0; }

inline void answer(grading::Sheet& sheet, grading::Criterion const& criterion, int option, int of_dossier = 1) {
    sheet.answers[criterion.code] = {option, criterion.has_cases() ? std::optional{of_dossier} : std::nullopt};
}

/// Every criterion with the option that `is_better` prefers.
template <typename IsBetter>
grading::Sheet of_options(grading::Set const& set, std::string member, int of_dossier, IsBetter is_better) {
    grading::Sheet out{std::move(member), {}};
    for (auto const& criterion : set.criteria) {
        if (criterion.is_heading()) continue;
        grading::Option const* chosen = nullptr;
        for (auto const* option : grading::options_of(criterion, case_of(criterion, of_dossier)))
            if (chosen == nullptr || is_better(*option, *chosen)) chosen = option;
        answer(out, criterion, chosen->number, of_dossier);
    }
    return out;
}
inline grading::Sheet best(grading::Set const& set, std::string member = "member 1", int of_dossier = 1) {
    return of_options(set, std::move(member), of_dossier, [](auto const& a, auto const& b) { return a.points > b.points; });
}
inline grading::Sheet lowest(grading::Set const& set, std::string member = "member 1", int of_dossier = 1) {
    return of_options(set, std::move(member), of_dossier, [](auto const& a, auto const& b) { return a.points < b.points; });
}

/// A sheet of exactly so many points that keeps all minima of five stars.
inline grading::Sheet with_total(grading::Set const& set, std::string member, std::int64_t total) {
    auto out = best(set, std::move(member));
    grading::Exact left{100 - total};
    for (auto const& criterion : set.criteria) {
        if (criterion.is_heading() || criterion.has_cases()) continue;
        auto const* minimum = grading::minimum_for(criterion, 0, 5);
        grading::Option const* chosen = nullptr;
        for (auto const& option : criterion.options) {
            if (criterion.max - option.points > left || (minimum != nullptr && option.points < minimum->points)) continue;
            if (chosen == nullptr || option.points < chosen->points) chosen = &option;
        }
        if (chosen == nullptr) continue;
        answer(out, criterion, chosen->number);
        left -= criterion.max - chosen->points;
    }
    if (left != grading::Exact{0}) throw std::logic_error{"no sheet of " + std::to_string(total) + " points"};
    return out;
}

}  // namespace sheets
