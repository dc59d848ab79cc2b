#include "programme/workflow/scoring.hpp"

#include "gis_core/error.hpp"
#include "programme/grading/grade.hpp"
#include "programme/typed.hpp"
#include "programme/workflow/answers.hpp"
#include "programme/workflow/refusal.hpp"
#include "programme/workflow/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

namespace programme::workflow {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using Tx = pqxx::transaction_base;

Json parsed(pqxx::field const& field, char const* what) { return gis_core::parse_json(field.as<std::string>(), what); }

/// The grade of signed sheets under a council's settings, with the conditions that most of them name: a row of sheet_to_grade or verify_results.
Json grade_of(grading::Rubric const& rubric, pqxx::row const& row) {
    auto const set = row["set_no"].as<int>();
    auto const members = parsed(row["members"], "members"), settings = parsed(row["settings"], "settings");
    auto const& card = rubric.set(set);
    grading::Evaluation evaluation;
    for (auto const& member : members) evaluation.sheets.push_back(sheet_of(card, member.at("name").get<std::string>(), member.at("options")));
    if (settings.contains("spread_limit")) evaluation.settings.spread_limit = grading::parse_decimal(settings["spread_limit"].get<std::string>());
    evaluation.settings.council_members = settings.at("council_members").get<int>();
    if (settings.contains("chair")) evaluation.settings.chair = settings["chair"].get<std::string>();
    if (settings.contains("quorum_pct")) {
        auto const percent = grading::parse_decimal(gis_core::to_text(settings["quorum_pct"]));
        if (percent) evaluation.settings.quorum = *percent / grading::Exact{100};
    }
    for (auto const& condition : parsed(row["disqualified"], "disqualified")) evaluation.disqualified.push_back(condition.get<std::string>());
    return grading::to_json(grading::grade(rubric, set, evaluation));
}

}  // namespace

std::string my_sheets(Tx& tx) { return tx.exec(sql::sheet_mine.text)[0][0].as<std::string>(); }

std::string sheets_of(Tx& tx, long long dossier) { return tx.exec_params(sql::sheet_list.text, dossier)[0][0].as<std::string>(); }

Json own_sheet(Tx& tx, Rubrics& rubrics, long long sheet) {
    auto const row = tx.exec_params(sql::sheet_own.text, sheet)[0];
    if (row[0].is_null()) throw Error{ErrorKind::not_found, fmt::format("there is no sheet {} of yours", sheet)};
    auto out = parsed(row[0], "sheet");
    auto const rubric = rubrics.find(tx, out.at("version_key").get<long long>());
    auto const set = out.at("set_no").get<int>();
    out["card"] = grading::to_json(rubric->set(set));
    out["parts"] = Json::array();
    for (auto const& part : rubric->parts)
        out["parts"].push_back({{"part", part.code}, {"max", grading::to_points(part.max)}, {"vi", part.name.vi}, {"en", part.name.en}});
    out["stars"] = Json::array();
    for (auto const& star : rubric->stars) out["stars"].push_back({{"star", star.star}, {"from", grading::to_points(star.from)}});
    out["eliminating"] = Json::array();
    for (auto const& one : rubric->disqualifiers) {
        if (one.set == set && one.kind != "condition")
            out["eliminating"].push_back({{"id", one.id}, {"kind", one.kind}, {"criterion", one.criterion}, {"vi", one.label.vi}, {"en", one.label.en}});
    }
    out["rubric"] = {{"version", rubric->version}, {"text", rubric->is_official ? "official" : "training"}};
    return out;
}

int answer_sheet(Tx& tx, long long sheet, Json const& changed) {
    if (!changed.is_object()) throw Error{ErrorKind::invalid_argument, "the body must be a JSON object"};
    auto answers = Json::object(), comments = Json::object(), conditions = Json::object();
    for (auto const& [field, value] : changed.items()) {
        if (field != "answers" && field != "comments" && field != "conditions") {
            throw gis_core::invalid_field(
                field, gis_core::to_text(value),
                field == "points" || field == "total" ? "nothing: points are looked up in the rubric, never sent" : "answers, comments or conditions");
        }
        if (!value.is_object()) throw gis_core::invalid_field(field, gis_core::to_text(value), "an object by criterion");
        for (auto const& [criterion, one] : value.items()) {
            auto const where = fmt::format("{}.{}", field, criterion);
            if (field == "comments") {
                if (!one.is_string()) throw gis_core::invalid_field(where, gis_core::to_text(one), "a text");
                comments[criterion] = typed_text(where, one.get<std::string>(), 0, 2000);
            } else if (field == "conditions") {
                if (!one.is_null() && !one.is_string())
                    throw gis_core::invalid_field(where, gis_core::to_text(one), "the reason, or null where it does not apply");
                conditions[criterion] = one.is_null() ? one : Json(typed_text(where, one.get<std::string>(), 0, 2000));
            } else {
                if (!one.is_null() && !(one.is_number_integer() && one >= 0))
                    throw gis_core::invalid_field(where, gis_core::to_text(one), "the number of an option, or null; points are looked up, never sent");
                answers[criterion] = one;
            }
        }
    }
    return in_words([&] {
        if (!conditions.empty()) tx.exec_params(sql::sheet_conditions.text, sheet, gis_core::to_text(conditions));
        return tx.exec_params(sql::sheet_answer.text, sheet, gis_core::to_text(answers), gis_core::to_text(comments))[0][0].as<int>();
    });
}

void declare_conflict(Tx& tx, Rubrics& rubrics, long long sheet, std::string const& reason) {
    auto const why = typed_text("reason", reason, 5, 2000);
    auto const dossier = in_words([&] {
        tx.exec_params(sql::sheet_conflict.text, sheet, why);
        return tx.exec_params(sql::sheet_dossier.text, sheet)[0][0].as<long long>();
    });
    grade_round(tx, rubrics, dossier, false);
}

std::string sign_sheet(Tx& tx, Rubrics& rubrics, long long sheet) {
    auto const hash = in_words([&] { return tx.exec_params(sql::sheet_sign.text, sheet)[0][0].as<std::string>(); });
    grade_round(tx, rubrics, tx.exec_params(sql::sheet_dossier.text, sheet)[0][0].as<long long>(), false);
    return hash;
}

Json grade_round(Tx& tx, Rubrics& rubrics, long long dossier, bool without_absent) {
    return in_words([&]() -> Json {
        auto const row = tx.exec_params(sql::sheet_to_grade.text, dossier, without_absent)[0];
        if (row["members"].is_null()) return nullptr;
        auto const rubric = rubrics.find(tx, row["version_key"].as<long long>());
        auto result = grade_of(*rubric, row);
        tx.exec_params(sql::sheet_keep_result.text, dossier, row["hashes"].as<std::string>(), row["settings"].as<std::string>(), gis_core::to_text(result));
        return result;
    });
}

long long begin_demo_scoring(Tx& tx) { return tx.exec(sql::demo_scoring.text)[0][0].as<long long>(); }

Verified verify_grading(Tx& tx, Rubrics& rubrics) {
    Verified out;
    for (auto const& row : tx.exec(sql::verify_results.text)) {
        ++out.results;
        Difference difference{row["dossier_key"].as<long long>(), row["score_round"].as<int>(), {}};
        auto const report = [&](std::string what) {
            difference.what = std::move(what);
            out.differences.push_back(difference);
        };
        if (!row["lost"].as<std::string>().empty()) {
            report("signed sheets are gone: " + row["lost"].as<std::string>());
            continue;
        }
        try {
            auto const rubric = rubrics.find(tx, row["version_key"].as<long long>());
            auto const again = grade_of(*rubric, row);
            auto const kept = parsed(row["result"], "result");
            for (auto const* key : {"mean_total", "spread", "star", "star_by_points", "certifiable", "totals", "parts", "unmet_minima"}) {
                // objects as sets of members: the database keeps them in its own order
                if (nlohmann::json::parse(again.at(key).dump()) != nlohmann::json::parse(kept.at(key).dump()))
                    report(fmt::format("{} is kept as {}, the sheets give {}", key, gis_core::to_text(kept.at(key)), gis_core::to_text(again.at(key))));
            }
        } catch (Error const& error) {
            report(error.what());
        }
    }
    for (auto const& row : tx.exec(sql::verify_signatures.text)) {
        ++out.signatures;
        if (!row["differs"].as<bool>()) continue;
        out.differences.push_back({row["dossier_key"].as<long long>(), row["score_round"].as<int>(),
                                   fmt::format("sheet {} is no longer what was signed", row["score_sheet_key"].as<long long>())});
    }
    for (auto const& row : tx.exec(sql::verify_outcomes.text))
        out.differences.push_back({row["dossier_key"].as<long long>(), row["score_round"].as<int>(), row["what"].as<std::string>()});
    return out;
}

}  // namespace programme::workflow
