#include "programme/grading/grade.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <climits>
#include <set>

namespace programme::grading {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;

[[noreturn]] void refuse(std::string const& what) { throw Error{ErrorKind::invalid_argument, what}; }

void allow_only(Json const& object, std::string const& where, std::set<std::string_view> const& known) {
    if (!object.is_object()) refuse(fmt::format("{} must be an object", where));
    for (auto const& [key, value] : object.items()) {
        if (known.contains(key)) continue;
        if (key == "points" || key == "total" || key == "totals" || key == "score")
            refuse(fmt::format("{} has {}: points are looked up in the rubric, never sent", where, key));
        refuse(fmt::format("{} has the unknown key {}, known are {}", where, key, fmt::join(known, ", ")));
    }
}

std::string text_of(Json const& object, char const* key, std::string const& where) {
    auto const found = object.find(key);
    if (found == object.end() || !found->is_string() || found->get_ref<std::string const&>().empty()) refuse(fmt::format("{}.{} must be a text", where, key));
    return found->get<std::string>();
}

int number_of(Json const& value, std::string const& where, int least) {
    // A float is refused even where it is whole: what is signed must not depend on how a number is printed.
    if (!value.is_number_integer() || value < least || value > INT_MAX)
        refuse(fmt::format("{} is {}, must be a whole number from {}", where, gis_core::to_text(value), least));
    return value.get<int>();
}

Answer answer_of(Json const& value, std::string const& where) {
    if (!value.is_object()) return {number_of(value, where, 0), {}};
    allow_only(value, where, {"case", "option"});
    if (!value.contains("option")) refuse(fmt::format("{} has no option", where));
    Answer out{number_of(value["option"], where + ", option", 0), {}};
    if (value.contains("case")) out.case_number = number_of(value["case"], where + ", case", 1);
    return out;
}

Sheet sheet_of(Json const& value, std::size_t place) {
    auto const nth = fmt::format("members[{}]", place);
    allow_only(value, nth, {"name", "options"});
    Sheet out{text_of(value, "name", nth), {}};
    auto const options = value.find("options");
    if (options == value.end() || !options->is_object()) refuse(fmt::format("{} has no options, by criterion", out.member));
    for (auto const& [code, answer] : options->items()) out.answers[code] = answer_of(answer, fmt::format("{}, criterion {}", out.member, code));
    return out;
}

Settings settings_of(Json const& value) {
    allow_only(value, "settings", {"spread_limit", "minimum_rule", "quorum", "council_members", "chair"});
    Settings out;
    if (value.contains("spread_limit")) {
        auto const& limit = value["spread_limit"];
        out.spread_limit = parse_decimal(limit.is_string() ? limit.get<std::string>() : limit.is_number_integer() ? gis_core::to_text(limit) : std::string{});
        if (!out.spread_limit) refuse(fmt::format(R"(settings.spread_limit is {}, must be points: 10, or "7.5" as text)", gis_core::to_text(limit)));
    }
    if (value.contains("minimum_rule")) {
        auto const rule = text_of(value, "minimum_rule", "settings");
        out.minimum_rule = parse_minimum_rule(rule);
        if (!out.minimum_rule) refuse(fmt::format("settings.minimum_rule is {}, must be majority, every or mean", rule));
    }
    if (value.contains("quorum")) {
        auto const share = text_of(value, "quorum", "settings");
        out.quorum = parse_share(share);
        if (!out.quorum) refuse(fmt::format(R"(settings.quorum is {}, must be a share of the council such as "3/4")", share));
    }
    if (value.contains("council_members")) out.council_members = number_of(value["council_members"], "settings.council_members", 1);
    if (value.contains("chair")) out.chair = text_of(value, "chair", "settings");
    return out;
}

}  // namespace

Evaluation to_evaluation(Json const& json) {
    allow_only(json, "the evaluation", {"members", "settings", "disqualified"});
    Evaluation out;
    auto const members = json.find("members");
    if (members == json.end() || !members->is_array()) refuse("members is missing: a list of signed sheets");
    for (auto const& member : *members) out.sheets.push_back(sheet_of(member, out.sheets.size()));
    if (json.contains("settings")) out.settings = settings_of(json["settings"]);
    if (json.contains("disqualified")) {
        if (!json["disqualified"].is_array()) refuse("disqualified must be a list of reasons");
        for (auto const& reason : json["disqualified"]) {
            if (!reason.is_string() || reason.get_ref<std::string const&>().empty()) refuse("disqualified must be a list of reasons, each a text");
            out.disqualified.push_back(reason.get<std::string>());
        }
    }
    return out;
}

Json to_json(Grade const& grade) {
    Json out = {{"rubric", grade.rubric},
                {"text", grade.is_official ? "official" : "training"},
                {"set", grade.set},
                {"mean_total", to_decimal(grade.mean_total, 6)},
                {"mean_shown", to_decimal(grade.mean_total, 2)},
                {"parts", Json::object()},
                {"totals", Json::array()},
                {"spread", to_points(grade.spread)},
                {"minimum_rule", to_string(grade.minimum_rule)},
                {"unmet_minima", Json::array()},
                {"star", grade.star},
                {"star_by_points", grade.star_by_points},
                {"certifiable", grade.is_certifiable},
                {"reasons", Json::array()}};
    for (auto const& [code, points] : grade.parts) out["parts"][code] = to_decimal(points, 6);
    for (auto const& total : grade.totals) out["totals"].push_back({{"name", total.member}, {"total", to_points(total.total)}});
    for (auto const& unmet : grade.unmet_minima)
        out["unmet_minima"].push_back({{"star", unmet.star},
                                       {"criterion", unmet.criterion},
                                       {"option", unmet.option},
                                       {"points", to_points(unmet.points)},
                                       {"members_below", unmet.members_below}});
    for (auto const& reason : grade.reasons) out["reasons"].push_back({{"vi", reason.vi}, {"en", reason.en}});
    return out;
}

}  // namespace programme::grading
