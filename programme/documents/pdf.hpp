#pragma once

#include "programme/documents/block.hpp"

namespace programme::documents {

/// A4, real text in embedded fonts, tagged. The same document gives the same bytes.
/// \throws Error(invalid_argument) when created_at is no time; Error(internal) when the font is not installed.
std::string to_pdf(Document const& document);

}  // namespace programme::documents
