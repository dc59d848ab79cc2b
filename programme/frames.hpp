#pragma once

#include "gis_core/date.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::db {
class Session;
}
namespace pqxx {
class transaction_base;
}

namespace programme {

/// Lines of one level that hold from one day to the day before another.
struct Frame {
    std::string level;  // province, district, commune
    gis_core::Date valid_from;
    std::optional<gis_core::Date> valid_to;
    int units = 0;
    std::string geometry_state, source;
};
std::vector<Frame> list_frames(pqxx::transaction_base& tx, gis_core::db::Session& session);

/// A level on a day: what "district-old" or "commune@2025-06-30" stands for.
struct FrameDay {
    std::string level;
    gis_core::Date day;
};
/// district-old: the last day with districts; commune-new: the latest communes; commune-old: the day before those began;
/// province: on `at`; LEVEL@DATE: as it says. \throws invalid_argument for another word, not_found naming the nearest
/// frames for a day without lines.
FrameDay resolve_frame(std::vector<Frame> const& frames, std::string_view name, gis_core::Date at);

/// \throws not_found naming the nearest frames when no frame of that level holds on that day.
void require_frame(std::vector<Frame> const& frames, std::string_view level, gis_core::Date day);

/// The day of "district-old", or nothing where no districts are known.
std::optional<gis_core::Date> last_district_day(std::vector<Frame> const& frames);

/// A unit named by "CODE@DATE": a commune, district or province in force on that day, and the lineages it holds.
struct UnitRef {
    long long unit_key = 0;
    std::string code, name, level;
    std::vector<long long> lineages;
    gis_core::Date valid_from;
    std::optional<gis_core::Date> valid_to;
    std::optional<std::array<double, 4>> bounds;  // west, south, east, north; none without an outline
};
/// `text` is CODE or CODE@DATE; a code alone is meant on `at`, else in its latest version. \throws invalid_argument for
/// another form or an unknown unit, not_found for a day before all frames.
UnitRef find_unit(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view text, gis_core::Date at);

}  // namespace programme
