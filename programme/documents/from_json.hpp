#pragma once

#include "gis_core/json.hpp"
#include "programme/documents/block.hpp"
#include "programme/grading/rubric.hpp"

namespace programme::documents {

/// "registration", "self-assessment", …
std::vector<std::string> kinds();

/// The document of that kind from the fields of its struct (docs/reference/documents.md). A scoring round of the minutes has an "evaluation", which is graded.
/// \throws Error(invalid_argument) naming the kind, or the field and what is allowed.
Document from_json(std::string_view kind, gis_core::Json const& json, grading::Rubric const& rubric);

}  // namespace programme::documents
