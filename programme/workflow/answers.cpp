#include "programme/workflow/answers.hpp"

namespace programme::workflow {

grading::Sheet sheet_of(grading::Set const& set, std::string const& member, gis_core::Json const& options) {
    grading::Sheet out{member, {}};
    int of_sheet = 1;
    for (auto const& [code, number] : options.items()) {
        auto const* criterion = set.find(code);
        auto const* option = criterion != nullptr && criterion->has_cases() ? criterion->find(number.get<int>()) : nullptr;
        if (option != nullptr) of_sheet = option->case_number;
    }
    for (auto const& [code, number] : options.items()) {
        grading::Answer answer{number.get<int>(), {}};
        auto const* criterion = set.find(code);
        if (criterion != nullptr && criterion->has_cases()) {
            auto const* option = criterion->find(answer.option);
            answer.case_number = option != nullptr ? option->case_number : of_sheet;
        }
        out.answers.emplace(code, answer);
    }
    return out;
}

}  // namespace programme::workflow
