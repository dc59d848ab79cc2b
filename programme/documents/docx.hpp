#pragma once

#include "programme/documents/block.hpp"

namespace programme::documents {

/// WordprocessingML (ECMA-376) in a zip: the same blocks, for whoever has to edit the wording. The same document gives the same bytes.
/// \throws Error(invalid_argument) when created_at is no time.
std::string to_docx(Document const& document);

}  // namespace programme::documents
