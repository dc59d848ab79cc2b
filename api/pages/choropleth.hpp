#pragma once

#include "api/pages/model.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace api::pages {

/// The colours of the units on one day: figures of the statistics, classes of the palette, lines of the frame.
struct Choropleth {
    std::string layer;      // communes, districts
    std::string frame_key;  // district_old, commune_old, commune_new: which words to use
    std::string units_at;   // the day whose lines are drawn; empty: the day of the view
    std::vector<double> breaks;
    std::map<std::string, double> values;  // by code
    double total = 0, elsewhere = 0;
    std::string boundary_from, boundary_to;  // ISO, empty: open
    std::string source, state;               // of the lines
    std::string problem;                     // why there is nothing to colour
};

/// Empty when the view asks for no colours.
std::optional<Choropleth> make_choropleth(PageContext const& page, View const& view, HomeData const& data);

/// Four edges of round numbers that divide 0 to the largest figure into five classes, more where the crowd is; where every
/// figure is far above 0 they divide what lies between the least and the largest.
std::vector<double> round_breaks(std::map<std::string, double> const& values);

}  // namespace api::pages
