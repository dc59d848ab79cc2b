#pragma once

#include "programme/frames.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace programme {

/// A figure that a page of the press printed about a unit: not official, never part of the record's statistics.
struct PublishedFigure {
    std::string subject, item, crop;  // crop: empty where the item is about none
    std::string level, code, name, valid_from, valid_to;
    std::string period;  // "2022", "2022-04", "2022-04-30"; empty where the page does not say
    double value = 0;
    std::string measure;  // ha, t, products, producers
    std::string source_url, note;
    bool is_demo = false;
};

inline constexpr std::array<std::string_view, 4> kFigureSubjects{"crop_area", "crop_output", "ocop_products", "ocop_producers"};

/// subject: one of kFigureSubjects, or empty for all. unit: its figures in every version that kept code and short name.
std::vector<PublishedFigure> list_published_figures(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view subject,
                                                    std::optional<UnitRef> const& unit);

}  // namespace programme
