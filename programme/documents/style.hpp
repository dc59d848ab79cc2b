#pragma once

#include "programme/documents/block.hpp"

namespace programme::documents {

/// How a style looks, for both writers. Sizes are those of a Times face, after Nghị định 30/2020/NĐ-CP.
struct Look {
    char const* id;   // of the DOCX style
    char const* tag;  // of the structure of a PDF
    double size_pt;
    bool is_bold, is_italic;
    Align align;
    double indent_mm, before_pt, after_pt;
    bool keeps_next;
};
Look const& look_of(Style style) noexcept;

/// Page and margins: A4, 30 mm on the left for the binding; a framed page has the same margin all round.
struct PageSize {
    double width_mm, height_mm, left_mm, right_mm, top_mm, bottom_mm;
};
PageSize page_size_of(Document const& document) noexcept;

constexpr double kPointsPerMm = 72 / 25.4;

}  // namespace programme::documents
