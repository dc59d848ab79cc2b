#pragma once

#include "programme/grading/rubric.hpp"

#include <string>
#include <vector>

namespace programme::grading {

struct Finding {
    enum class Kind {
        wrong,     // a figure or a rule does not hold
        undecided  // the source leaves open what only people can decide; the set can be kept, not graded by
    };
    Kind kind = Kind::wrong;
    int set = 0;            // 0: the version
    std::string criterion;  // empty: the set
    std::string what;       // with the figures
};
/// "set 7, criterion 2.3: the largest option has 2 points, the criterion 3"
std::string to_text(Finding const& finding);

/// What stands between a version and being published (our proposal: the law names no checks). `classes` are the codes a set may apply to.
std::vector<Finding> check(Rubric const& rubric, std::vector<std::string> const& classes);

/// A sheet of exactly what the star asks for, and of the lowest option elsewhere.
Exact floor_of(Set const& set, int star);

/// What differs, a line each; empty: nothing.
std::vector<std::string> differences(Rubric const& before, Rubric const& after);

}  // namespace programme::grading
