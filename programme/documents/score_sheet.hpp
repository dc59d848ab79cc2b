#pragma once

#include "programme/documents/block.hpp"
#include "programme/documents/parts.hpp"
#include "programme/grading/grade.hpp"

#include <map>

namespace programme::documents {

/// An eliminating condition that a member names.
struct NamedCondition {
    std::string vi, reason;
};

/// One member's signed sheet: the whole card with the chosen options marked. Points are looked up in the rubric.
struct ScoreSheet {
    Paper paper;
    std::string council_name;
    Product product;
    int score_round = 1;
    std::string member_agency, member_role;  // of sheet.member
    grading::Sheet sheet;
    std::map<std::string, std::string> comments;  // by criterion
    std::vector<NamedCondition> conditions;
    std::string overall_comment;
    Signature signature;  // signed_at and sha256 of the sheet as it was signed
};

/// \throws Error as grading::grade does: a sheet with a criterion unanswered was never signed.
Document score_sheet(ScoreSheet const& sheet, grading::Rubric const& rubric);

}  // namespace programme::documents
