#pragma once

#include "gis_core/db/figure_cache.hpp"
#include "programme/frames.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace programme {

/// What is summed over units; every one of them adds up, so totals are equal in every frame.
/// products: with a certificate in force. producers: with at least one such product. stars: the sum of those certificates'
/// stars. zone_area_ha: raw-material zones, each at the unit of its representative point.
enum class Measure { products, producers, stars, zone_area_ha };
/// \throws invalid_argument
Measure parse_measure(std::string_view text);
std::string_view to_text(Measure measure);

struct UnitFigure {
    std::string code, name;  // empty: no place, or outside every unit of the frame
    double value = 0;
    std::array<long long, 3> by_star{};  // products with 3, 4, 5 stars; for products and stars
    std::string geometry;                // GeoJSON when asked for
    bool is_nowhere = false;
};
struct UnitStatistics {
    FrameDay frame;
    std::string geometry_state, source;  // of the frame's lines
    double total = 0;
    std::vector<UnitFigure> units;  // by code; every unit of the frame, then what is nowhere if there is any
};

/// S1: figures as of `at`, at each producer's main facility, summed by legal lineage and then by the frame's units.
/// all: whatever the certificate's state (products and producers registered by then). One pass over the products whatever
/// the frame; kept in the cache until the data change.
UnitStatistics unit_statistics(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::db::FigureCache& cache, std::string_view frame,
                               Measure measure, gis_core::Date at, bool all, bool with_geometry);

}  // namespace programme
