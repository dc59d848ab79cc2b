#pragma once

#include "gis_core/json.hpp"
#include "programme/grading/grade.hpp"

#include <string>

namespace programme::workflow {

/// The options of one sheet, {"criterion": number}, as the grading function takes them. The number says which case it is of; "none
/// reached" goes by the case of the sheet's other answers.
grading::Sheet sheet_of(grading::Set const& set, std::string const& member, gis_core::Json const& options);

}  // namespace programme::workflow
