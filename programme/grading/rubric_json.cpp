#include "programme/grading/rubric.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <array>

namespace programme::grading {
namespace {

using gis_core::Json;

Json with_text(Json object, Text const& text) {
    object["vi"] = text.vi;
    object["en"] = text.en;
    return object;
}
Text text_of(Json const& object) { return {object.at("vi").get<std::string>(), object.at("en").get<std::string>()}; }

Exact exact_of(Json const& object, char const* key) {
    auto const value = parse_decimal(object.at(key).get<std::string>());
    if (!value) throw gis_core::invalid_field(key, object.at(key).get<std::string>(), "a decimal as text");
    return *value;
}
std::optional<Exact> exact_or_none(Json const& object, char const* key) { return object.contains(key) ? std::optional{exact_of(object, key)} : std::nullopt; }

/// The periods by name, once for both directions.
template <typename P>
auto named(P& periods) {
    return std::array{std::pair{"certificate_months", &periods.certificate_months},   std::pair{"renewal_earliest_days", &periods.renewal_earliest_days},
                      std::pair{"renewal_latest_days", &periods.renewal_latest_days}, std::pair{"renewal_processing_days", &periods.renewal_processing_days},
                      std::pair{"extension_days", &periods.extension_days},           std::pair{"commune_working_days", &periods.commune_working_days},
                      std::pair{"withdrawal_days", &periods.withdrawal_days}};
}

Json criterion_json(Criterion const& criterion) {
    auto out = with_text({{"code", criterion.code}, {"part", criterion.part}, {"max", to_points(criterion.max)}}, criterion.label);
    for (auto const& [number, label] : criterion.cases) out["cases"][std::to_string(number)] = with_text(Json::object(), label);
    out["options"] = Json::array();
    for (auto const& option : criterion.options) {
        Json one{{"option", option.number}};
        if (option.case_number != 0) one["case"] = option.case_number;
        one["points"] = to_points(option.points);
        if (option.min_star != 0) one["min_star"] = option.min_star;
        out["options"].push_back(with_text(std::move(one), option.label));
    }
    return out;
}

Criterion criterion_of(Json const& json) {
    Criterion out;
    out.code = json.at("code").get<std::string>();
    out.part = json.at("part").get<std::string>();
    out.max = exact_of(json, "max");
    out.label = text_of(json);
    if (json.contains("cases")) {
        for (auto const& [number, label] : json["cases"].items()) out.cases[std::stoi(number)] = text_of(label);
    }
    for (auto const& option : json.at("options"))
        out.options.push_back(
            {option.at("option").get<int>(), option.value("case", 0), exact_of(option, "points"), option.value("min_star", 0), text_of(option)});
    return out;
}

}  // namespace

Json to_json(Set const& set) {
    auto out = with_text({{"set", set.number}, {"class", set.class_code}}, set.name);
    out["criteria"] = Json::array();
    for (auto const& criterion : set.criteria) out["criteria"].push_back(criterion_json(criterion));
    return out;
}

Json to_json(Rubric const& rubric) {
    Json out = {{"version", rubric.version},
                {"document", rubric.document},
                {"dated", rubric.dated},
                {"text", rubric.is_official ? "official" : "training"},
                {"state", rubric.is_draft ? "draft" : "complete"},
                {"parts", Json::array()},
                {"stars", Json::array()},
                {"council", {{"minimum_rule", to_string(rubric.council.minimum_rule)}}},
                {"periods", Json::object()},
                {"sets", Json::array()},
                {"disqualifiers", Json::array()}};
    for (auto const& part : rubric.parts) out["parts"].push_back(with_text({{"part", part.code}, {"max", to_points(part.max)}}, part.name));
    for (auto const& star : rubric.stars)
        out["stars"].push_back({{"star", star.star}, {"from", to_points(star.from)}, {"certificate", star.is_certified}, {"decided_by", star.decided_by}});
    if (rubric.council.spread_limit) out["council"]["spread_limit"] = to_points(*rubric.council.spread_limit);
    if (rubric.council.quorum) out["council"]["quorum"] = fmt::format("{}/{}", rubric.council.quorum->numerator(), rubric.council.quorum->denominator());
    for (auto const& [name, period] : named(rubric.periods)) {
        if (*period) out["periods"][name] = **period;
    }
    for (auto const& set : rubric.sets) out["sets"].push_back(to_json(set));
    for (auto const& line : rubric.disqualifiers)
        out["disqualifiers"].push_back(with_text({{"id", line.id}, {"kind", line.kind}, {"set", line.set}, {"criterion", line.criterion}}, line.label));
    return out;
}

Rubric rubric_of(Json const& json) {
    Rubric out;
    out.version = json.at("version").get<std::string>();
    out.document = json.at("document").get<std::string>();
    out.dated = json.at("dated").get<std::string>();
    out.is_official = json.at("text") == "official";
    out.is_draft = json.at("state") == "draft";
    for (auto const& part : json.at("parts")) out.parts.push_back({part.at("part").get<std::string>(), exact_of(part, "max"), text_of(part)});
    for (auto const& star : json.at("stars"))
        out.stars.push_back({star.at("star").get<int>(), exact_of(star, "from"), star.at("certificate").get<bool>(), star.at("decided_by").get<std::string>()});
    auto const& council = json.at("council");
    out.council.minimum_rule = parse_minimum_rule(council.at("minimum_rule").get<std::string>()).value();
    out.council.spread_limit = exact_or_none(council, "spread_limit");
    if (council.contains("quorum")) out.council.quorum = parse_share(council["quorum"].get<std::string>());
    for (auto const& [name, period] : named(out.periods)) {
        if (json.at("periods").contains(name)) *period = json["periods"][name].get<int>();
    }
    for (auto const& set : json.at("sets")) {
        Set one{set.at("set").get<int>(), set.at("class").get<std::string>(), text_of(set), {}};
        for (auto const& criterion : set.at("criteria")) one.criteria.push_back(criterion_of(criterion));
        out.sets.push_back(std::move(one));
    }
    for (auto const& line : json.at("disqualifiers"))
        out.disqualifiers.push_back({line.at("id").get<std::string>(), line.at("kind").get<std::string>(), line.at("set").get<int>(),
                                     line.at("criterion").get<std::string>(), text_of(line)});
    return out;
}

}  // namespace programme::grading
