#include "programme/statistics.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/parameters.hpp"
#include "programme/sql/statements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace programme {
namespace {

constexpr long long kNowhere = -1;

struct Sums {
    long long products = 0, producers = 0, stars = 0;
    std::array<long long, 3> by_star{};
    long long area_m2 = 0;

    Sums& operator+=(Sums const& other) {
        products += other.products;
        producers += other.producers;
        stars += other.stars;
        area_m2 += other.area_m2;
        for (std::size_t i = 0; i < by_star.size(); ++i) by_star[i] += other.by_star[i];
        return *this;
    }
    bool operator==(Sums const&) const = default;
};
using SumsByLineage = std::unordered_map<long long, Sums>;

long long lineage_of(pqxx::row const& row) { return row["lineage_key"].is_null() ? kNowhere : row["lineage_key"].as<long long>(); }

SumsByLineage sum_products(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::Date at, bool all) {
    SumsByLineage sums;
    for (auto const& row : execute(tx, session, sql::lineage_products, Parameters{}.text(at.iso()).truth(all))) {
        auto& sum = sums[lineage_of(row)];
        sum.products = row["products"].as<long long>();
        sum.producers = all ? 0 : row["producers"].as<long long>();
        sum.stars = row["stars"].as<long long>();
        sum.by_star = {row["star_3"].as<long long>(), row["star_4"].as<long long>(), row["star_5"].as<long long>()};
    }
    if (all) {
        for (auto const& row : execute(tx, session, sql::lineage_producers)) sums[lineage_of(row)].producers = row["producers"].as<long long>();
    }
    return sums;
}

SumsByLineage sum_zones(pqxx::transaction_base& tx, gis_core::db::Session& session) {
    SumsByLineage sums;
    for (auto const& row : execute(tx, session, sql::lineage_zone_areas)) sums[lineage_of(row)].area_m2 = row["area_m2"].as<long long>();
    return sums;
}

struct FrameUnit {
    std::string code, name;
    std::vector<long long> lineages;
};
std::vector<FrameUnit> list_units(pqxx::transaction_base& tx, gis_core::db::Session& session, FrameDay const& frame) {
    std::vector<FrameUnit> units;
    for (auto const& row : execute(tx, session, sql::frame_units, Parameters{}.text(frame.level).text(frame.day.iso()))) {
        FrameUnit unit{row["code"].as<std::string>(), row["name"].as<std::string>(), {}};
        auto const text = row["lineages"].is_null() ? std::string{} : row["lineages"].as<std::string>();
        for (std::size_t at = 0; at < text.size();) {
            auto const end = std::min(text.find(',', at), text.size());
            unit.lineages.push_back(std::stoll(text.substr(at, end - at)));
            at = end + 1;
        }
        units.push_back(std::move(unit));
    }
    return units;
}

double value_of(Sums const& sums, Measure measure) {
    switch (measure) {
    case Measure::products: return static_cast<double>(sums.products);
    case Measure::producers: return static_cast<double>(sums.producers);
    case Measure::stars: return static_cast<double>(sums.stars);
    case Measure::zone_area_ha: return static_cast<double>(sums.area_m2) / 10'000.0;
    }
    return 0;
}

}  // namespace

Measure parse_measure(std::string_view text) {
    for (auto const measure : {Measure::products, Measure::producers, Measure::stars, Measure::zone_area_ha}) {
        if (text == to_text(measure)) return measure;
    }
    throw gis_core::invalid_field("measure", text, "products, producers, stars or zone_area_ha");
}

std::string_view to_text(Measure measure) {
    switch (measure) {
    case Measure::products: return "products";
    case Measure::producers: return "producers";
    case Measure::stars: return "stars";
    case Measure::zone_area_ha: return "zone_area_ha";
    }
    return {};
}

UnitStatistics unit_statistics(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::db::FigureCache& cache, std::string_view frame,
                               Measure measure, gis_core::Date at, bool all, bool with_geometry) {
    auto const stamp = gis_core::db::figure_stamp(tx, session);
    auto const frames = cache.get<std::vector<Frame>>("frames", stamp, [&] { return list_frames(tx, session); });
    UnitStatistics answer;
    answer.frame = resolve_frame(*frames, frame, at);
    for (auto const& f : *frames) {
        if (f.level == answer.frame.level && f.valid_from <= answer.frame.day && (!f.valid_to || answer.frame.day < *f.valid_to)) {
            answer.geometry_state = f.geometry_state;
            answer.source = f.source;
        }
    }
    auto const zones = measure == Measure::zone_area_ha;
    auto const sums = cache.get<SumsByLineage>(fmt::format("sums {} {} {}", zones ? "zones" : "products", at.iso(), all && !zones), stamp,
                                               [&] { return zones ? sum_zones(tx, session) : sum_products(tx, session, at, all); });
    auto const key = fmt::format("{}@{}", answer.frame.level, answer.frame.day.iso());
    auto const units = cache.get<std::vector<FrameUnit>>("units " + key, stamp, [&] { return list_units(tx, session, answer.frame); });
    std::shared_ptr<std::map<std::string, std::string> const> outlines;
    if (with_geometry) {
        outlines = cache.get<std::map<std::string, std::string>>("outlines " + key, stamp, [&] {
            std::map<std::string, std::string> made;
            for (auto const& row : execute(tx, session, sql::frame_geometries, Parameters{}.text(answer.frame.level).text(answer.frame.day.iso()))) {
                made[row["code"].as<std::string>()] = row["geometry"].as<std::string>();
            }
            return made;
        });
    }

    auto left = *sums;  // what no unit of the frame has taken
    Sums total;
    for (auto const& unit : *units) {
        Sums sum;
        for (auto const lineage : unit.lineages) {
            if (auto const found = left.find(lineage); found != left.end()) {
                sum += found->second;
                left.erase(found);
            }
        }
        total += sum;
        UnitFigure figure{unit.code, unit.name, value_of(sum, measure), sum.by_star, {}, false};
        if (outlines) {
            if (auto const found = outlines->find(unit.code); found != outlines->end()) figure.geometry = found->second;
        }
        answer.units.push_back(std::move(figure));
    }
    Sums nowhere;
    for (auto const& [lineage, sum] : left) nowhere += sum;
    total += nowhere;
    if (value_of(nowhere, measure) > 0) answer.units.push_back({{}, {}, value_of(nowhere, measure), nowhere.by_star, {}, true});
    answer.total = value_of(total, measure);
    return answer;
}

}  // namespace programme
