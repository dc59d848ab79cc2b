#pragma once

#include "programme/documents/block.hpp"
#include "programme/grading/grade.hpp"

#include <map>

namespace programme::documents {

/// A card as a table, with the answers of one sheet.
struct ScoreTable {
    Table table;
    std::map<std::string, grading::Exact> parts;  // by the part's code
    grading::Exact total;
    int answered = 0, asked = 0;
};

/// With every option and a box before it, or with the chosen one alone. `notes` by criterion fill the last column.
/// \throws Error(invalid_argument) naming member and criterion for an answer the card does not have.
ScoreTable score_table(grading::Rubric const& rubric, grading::Set const& set, grading::Sheet const& sheet, std::map<std::string, std::string> const& notes,
                       std::string notes_title, bool has_all_options);

}  // namespace programme::documents
