#pragma once

#include "gis_core/json.hpp"
#include "styles/palette.hpp"

#include <optional>
#include <string>

namespace styles {

/// What the lines on the map are, on the date shown: from pub.frame.
struct BoundaryNote {
    std::string valid_from;               // ISO date
    std::optional<std::string> valid_to;  // ISO date, empty: in force
    std::string state;                    // surveyed, derived, schematic
    std::string source;
};

/// The legend of a style in both languages: classes with their bounds, stars, crops with pattern, lines.
gis_core::Json legend(Palette const& palette, StyleName const& style, std::optional<BoundaryNote> const& boundaries);

/// "1-4", "20 trở lên" / "20 and more"; the first class of breaks that begin at 1 is "0".
Title class_label(std::vector<std::int64_t> const& breaks, std::size_t index);

}  // namespace styles
