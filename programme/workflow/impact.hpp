#pragma once

#include "programme/grading/rubric.hpp"

#include <pqxx/transaction_base>

#include <map>
#include <string>
#include <utility>
#include <vector>

/// How what was scored would fare under another version: a look ahead for whoever drafts one. Nothing is decided by it.
namespace programme::workflow {

struct Fared {
    long long dossier = 0;
    std::string product;
    int star_before = 0, star_after = 0;
    std::string mean_before, mean_after;
    std::vector<std::string> changed;  // criteria whose answer could not be taken over as it is, and why
    std::string why_not;               // it cannot be graded by the other version
};

struct Impact {
    std::vector<Fared> dossiers;
    std::map<std::pair<int, int>, int> stars;  // before and after: how many
};

/// Of each dossier the last result made since that day (ISO). An answer is taken over where the criterion is there with as many points for
/// it; where the points differ the option that comes nearest from below stands, where the criterion is new its lowest.
Impact impact_of(pqxx::transaction_base& tx, grading::Rubric const& rubric, std::string const& since);

}  // namespace programme::workflow
