#pragma once

#include "gis_core/json.hpp"
#include "programme/grading/rubric.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

/// Score sheets and a rubric in, stars and reasons out. No clock, no database, no rounding before a comparison.
namespace programme::grading {

struct Answer {
    int option = 0;  // 0: none reached
    std::optional<int> case_number;
};

struct Sheet {
    std::string member;
    std::map<std::string, Answer, std::less<>> answers;  // by the criterion's code
};

/// What the council's own rules say; what is empty comes from the rubric, and is not asked for where that is silent too.
struct Settings {
    std::optional<MinimumRule> minimum_rule;
    std::optional<Exact> spread_limit, quorum;
    std::optional<int> council_members;
    std::string chair;
};

struct Evaluation {
    std::vector<Sheet> sheets;
    Settings settings;
    std::vector<std::string> disqualified;  // ids of the rubric, or words
};

struct UnmetMinimum {
    int star = 0;  // the star aimed at
    std::string criterion;
    int option = 0;
    Exact points;
    int members_below = 0;
};

struct Total {
    std::string member;
    Exact total;
};

struct Grade {
    std::string rubric;
    bool is_official = false;
    int set = 0;
    Exact mean_total;
    std::map<std::string, Exact> parts;  // means
    std::vector<Total> totals;           // in the order of the sheets
    Exact spread;
    MinimumRule minimum_rule = MinimumRule::majority;
    std::vector<UnmetMinimum> unmet_minima;  // for every star with a certificate, from the lowest
    int star = 0, star_by_points = 0;
    bool is_certifiable = false;
    std::vector<Text> reasons;
};

/// \throws Error(invalid_argument) naming the criterion or the member; Error(not_found) for a set there is not;
/// Error(precondition_failed) for a rubric or a set that cannot be graded by.
Grade grade(Rubric const& rubric, int set, Evaluation const& evaluation);

/// \throws Error(invalid_argument) naming what is wrong where: unknown keys, points (they are looked up, never sent), no members.
Evaluation to_evaluation(gis_core::Json const& json);
gis_core::Json to_json(Grade const& grade);

}  // namespace programme::grading
