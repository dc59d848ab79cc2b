#include "programme/frames.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/parameters.hpp"
#include "programme/sql/statements.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace programme {
namespace {

using gis_core::Date;

bool holds(Frame const& frame, Date day) { return frame.valid_from <= day && (!frame.valid_to || day < *frame.valid_to); }

Date before(Date day) { return {day.days - std::chrono::days{1}}; }

std::string described(Frame const& frame) {
    return frame.valid_to ? fmt::format("{} to {}", frame.valid_from.iso(), before(*frame.valid_to).iso()) : fmt::format("{} on", frame.valid_from.iso());
}

std::vector<long long> split_numbers(std::string const& text) {
    std::vector<long long> numbers;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = std::min(text.find(',', at), text.size());
        numbers.push_back(std::stoll(text.substr(at, end - at)));
        at = end + 1;
    }
    return numbers;
}

}  // namespace

std::vector<Frame> list_frames(pqxx::transaction_base& tx, gis_core::db::Session& session) {
    std::vector<Frame> frames;
    for (auto const& row : execute(tx, session, sql::frames)) {
        frames.push_back({row["level"].as<std::string>(), *Date::parse(row["valid_from"].c_str()),
                          row["valid_to"].is_null() ? std::nullopt : Date::parse(row["valid_to"].c_str()), row["units"].as<int>(),
                          row["geometry_state"].as<std::string>(), row["source"].as<std::string>()});
    }
    return frames;
}

void require_frame(std::vector<Frame> const& frames, std::string_view level, Date day) {
    Frame const* earlier = nullptr;
    Frame const* later = nullptr;
    for (auto const& frame : frames) {
        if (frame.level != level) continue;
        if (holds(frame, day)) return;
        if (frame.valid_from <= day) earlier = &frame;  // oldest first: the last one wins
        else if (!later) later = &frame;
    }
    std::string nearest;
    for (auto const* frame : {earlier, later}) {
        if (frame) nearest += (nearest.empty() ? "" : " and ") + described(*frame);
    }
    throw gis_core::Error{gis_core::ErrorKind::not_found,
                          nearest.empty() ? fmt::format("no boundaries of level {} are known", level)
                                          : fmt::format("no boundaries of level {} are known for {}; the nearest frames are {}", level, day.iso(), nearest),
                          {{"date", day.iso(), nearest.empty() ? "none" : nearest}}};
}

std::optional<Date> last_district_day(std::vector<Frame> const& frames) {
    std::optional<Date> last;
    for (auto const& frame : frames) {
        if (frame.level == "district") last = frame.valid_to ? before(*frame.valid_to) : gis_core::business_date();
    }
    return last;
}

FrameDay resolve_frame(std::vector<Frame> const& frames, std::string_view name, Date at) {
    constexpr auto kAllowed = "district-old, commune-old, commune-new, province, commune@DATE, district@DATE or province@DATE";
    Frame const* latest = nullptr;
    for (auto const& frame : frames) {
        if (frame.level == "commune") latest = &frame;
    }
    FrameDay answer;
    if (name == "district-old") {
        answer = {"district", last_district_day(frames).value_or(at)};
    } else if (name == "commune-new") {
        answer = {"commune", latest ? latest->valid_from : at};
    } else if (name == "commune-old") {
        answer = {"commune", latest ? before(latest->valid_from) : at};
    } else if (name == "province") {
        answer = {"province", at};
    } else {
        auto const sign = name.find('@');
        auto const level = name.substr(0, sign);
        if (sign == std::string_view::npos || (level != "commune" && level != "district" && level != "province")) {
            throw gis_core::invalid_field("frame", name, kAllowed);
        }
        answer = {std::string{level}, Date::from_field("frame", name.substr(sign + 1))};
    }
    require_frame(frames, answer.level, answer.day);
    return answer;
}

UnitRef find_unit(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view text, Date at) {
    auto const sign = text.find('@');
    std::string const code{text.substr(0, sign)};
    if (code.empty() || code.size() > 5 || code.find_first_not_of("0123456789") != std::string::npos) {
        throw gis_core::invalid_field("unit", text, "CODE or CODE@DATE, such as 829@2025-06-30, or none");
    }
    bool const dated = sign != std::string_view::npos;
    auto const day = dated ? Date::from_field("unit", text.substr(sign + 1)) : at;
    auto const rows = execute(tx, session, sql::unit_by_code, Parameters{}.text(code).text(day.iso()).truth(!dated));
    if (rows.empty()) {
        require_frame(list_frames(tx, session), code.size() == 2 ? "province" : code.size() == 3 ? "district" : "commune", day);
        throw gis_core::invalid_field("unit", text, fmt::format("the code of a unit in force on {}", day.iso()));
    }
    auto const row = rows.front();
    UnitRef unit{row["unit_key"].as<long long>(),
                 row["code"].as<std::string>(),
                 row["name"].as<std::string>(),
                 row["level"].as<std::string>(),
                 row["lineages"].is_null() ? std::vector<long long>{} : split_numbers(row["lineages"].as<std::string>()),
                 Date::from_field("valid_from", row["valid_from"].c_str()),
                 std::nullopt,
                 std::nullopt};
    if (!row["valid_to"].is_null()) unit.valid_to = Date::from_field("valid_to", row["valid_to"].c_str());
    if (!row["west"].is_null()) unit.bounds = {row["west"].as<double>(), row["south"].as<double>(), row["east"].as<double>(), row["north"].as<double>()};
    return unit;
}

}  // namespace programme
