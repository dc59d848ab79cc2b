#include "api/pages/choropleth.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace api::pages {
namespace {
constexpr std::array kShares{0.05, 0.15, 0.35, 0.65};

/// For units that are all far above 0, as districts are: even steps between the least and the largest figure.
std::vector<double> breaks_between(double least, double most) {
    auto const wanted = (most - least) / 10;
    auto const magnitude = std::pow(10.0, std::floor(std::log10(wanted)));
    auto const step = std::max(1.0, magnitude * (wanted >= 5 * magnitude ? 5 : wanted >= 2 * magnitude ? 2 : 1));
    std::vector<double> edges;
    for (auto const share : {0.2, 0.4, 0.6, 0.8}) {
        auto const edge = std::round((least + (most - least) * share) / step) * step;
        edges.push_back(std::max(edge, edges.empty() ? step : edges.back() + step));
    }
    return edges;
}
}  // namespace

std::vector<double> round_breaks(std::map<std::string, double> const& values) {
    double most = 0, least = values.empty() ? 0 : values.begin()->second;
    for (auto const& [code, value] : values) most = std::max(most, value), least = std::min(least, value);
    if (least > most * kShares[1] && most - least >= 5) return breaks_between(least, most);
    std::vector<double> edges;
    for (auto const share : kShares) {
        auto const wanted = std::max(most * share, 1.0);
        auto const magnitude = std::pow(10.0, std::floor(std::log10(wanted)));
        auto edge = magnitude;
        for (auto const step : {1.0, 2.0, 5.0, 10.0}) {
            if (magnitude * step <= wanted * 1.2) edge = magnitude * step;
        }
        if (!edges.empty() && edge <= edges.back()) edge = edges.back() + std::max(1.0, std::floor(edges.back() / 2));
        edges.push_back(edge);
    }
    return edges;
}

std::optional<Choropleth> make_choropleth(PageContext const& page, View const& view, HomeData const& data) {
    if (!data.figures) return std::nullopt;
    auto const& figures = *data.figures;
    Choropleth out;
    bool const by_district = figures.level == "district";
    out.layer = by_district ? "districts" : "communes";
    out.frame_key = by_district ? "district_old" : view.at < first_day_of_new_communes() ? "commune_old" : "commune_new";
    if (!figures.frame) {
        std::string nearest;
        for (auto const& frame : data.frames) {
            if (frame.level != figures.level) continue;
            nearest += fmt::format("{}{} – {}", nearest.empty() ? " " : "; ", frame.valid_from.vietnamese(),
                                   frame.valid_to ? gis_core::Date{frame.valid_to->days - std::chrono::days{1}}.vietnamese() : "…");
        }
        out.problem = page.texts("error_frames") + nearest;
        return out;
    }
    // Districts ended with 30/06/2025: later figures stand in the lines of that day (S1: by the legal crosswalk).
    if (figures.lines_on != view.at) out.units_at = figures.lines_on.iso();
    out.boundary_from = figures.frame->valid_from.iso();
    if (figures.frame->valid_to) out.boundary_to = figures.frame->valid_to->iso();
    out.source = figures.frame->source;
    out.state = figures.frame->geometry_state;
    out.values = figures.values;
    out.total = figures.total;
    out.elsewhere = figures.elsewhere;
    if (view.measure == "products") {
        for (auto const edge : page.palette.breaks_of(out.layer)) out.breaks.push_back(static_cast<double>(edge));
    }
    // The palette's classes, the same on every map, as long as they tell the units apart.
    auto const is_top = [&](auto const& unit) { return unit.second >= out.breaks.back(); };
    if (out.breaks.empty() || (!out.values.empty() && std::all_of(out.values.begin(), out.values.end(), is_top))) out.breaks = round_breaks(out.values);
    return out;
}

}  // namespace api::pages
