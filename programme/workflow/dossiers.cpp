#include "programme/workflow/dossiers.hpp"

#include "gis_core/date.hpp"
#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"
#include "programme/parameters.hpp"
#include "programme/typed.hpp"
#include "programme/workflow/answers.hpp"
#include "programme/workflow/refusal.hpp"
#include "programme/workflow/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <array>

namespace programme::workflow {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using Tx = pqxx::transaction_base;

pqxx::result run(Tx& tx, gis_core::db::Statement const& statement, Parameters const& values) {
    return tx.exec_params(statement.text, pqxx::prepare::make_dynamic_params(values.values()));
}

constexpr std::size_t kLongestNote = 20000;

std::optional<std::string> text_in(Json const& object, char const* field, std::size_t longest = kLongestNote) {
    auto const found = object.find(field);
    if (found == object.end()) return std::nullopt;
    if (found->is_null()) return std::string{};
    if (!found->is_string()) throw gis_core::invalid_field(field, gis_core::to_text(*found), "a text");
    return typed_text(field, found->get<std::string>(), 0, longest);
}

/// {"criterion": option or null}, as the workflow takes it.
Json answers_in(Json const& object, char const* field) {
    auto const found = object.find(field);
    if (found == object.end()) return Json::object();
    if (!found->is_object()) throw gis_core::invalid_field(field, gis_core::to_text(*found), "an object by criterion");
    for (auto const& [criterion, value] : found->items()) {
        if (!value.is_null() && !(value.is_number_integer() && value >= 0))
            throw gis_core::invalid_field(fmt::format("{}.{}", field, criterion), gis_core::to_text(value),
                                          "the number of an option, or null; points are looked up, never sent");
    }
    return *found;
}

Json notes_in(Json const& object, char const* field) {
    auto out = Json::object();
    auto const found = object.find(field);
    if (found == object.end()) return out;
    if (!found->is_object()) throw gis_core::invalid_field(field, gis_core::to_text(*found), "an object of texts by criterion");
    for (auto const& [criterion, value] : found->items()) {
        if (!value.is_string()) throw gis_core::invalid_field(fmt::format("{}.{}", field, criterion), gis_core::to_text(value), "a text");
        out[criterion] = typed_text(fmt::format("{}.{}", field, criterion), value.get<std::string>(), 0, 2000);
    }
    return out;
}

void allow_only(Json const& object, std::initializer_list<std::string_view> known) {
    if (!object.is_object()) throw Error{ErrorKind::invalid_argument, "the body must be a JSON object"};
    for (auto const& [field, value] : object.items()) {
        if (std::find(known.begin(), known.end(), field) == known.end())
            throw gis_core::invalid_field(field, gis_core::to_text(value), fmt::format("one of {}", fmt::join(known, ", ")));
    }
}

}  // namespace

std::string list_dossiers(Tx& tx, DossierQuery const& query, std::string const& role) {
    Parameters values;
    query.state.empty() ? values.null() : values.text(query.state);
    values.truth(query.is_waiting).text(role);
    query.q.empty() ? values.null() : values.text("%" + like_literal(gis_core::text::fold(query.q)) + "%");
    values.number(query.product).number(query.after).number(query.limit);
    return run(tx, sql::dossier_list, values)[0][0].as<std::string>();
}

Json preview(grading::Rubric const& rubric, int set, Json const& answers) {
    auto const& card = rubric.set(set);
    std::size_t wanted = 0;
    for (auto const& criterion : card.criteria) wanted += criterion.is_heading() ? 0 : 1;
    if (answers.size() < wanted) return {{"answered", answers.size()}, {"criteria", wanted}};
    try {
        grading::Evaluation evaluation;
        evaluation.sheets.push_back(sheet_of(card, "self", answers));
        auto out = grading::to_json(grading::grade(rubric, set, evaluation));
        out["answered"] = answers.size();
        out["criteria"] = wanted;
        return out;
    } catch (Error const& error) {  // both cases answered, for instance: people mend it as they go
        return {{"answered", answers.size()}, {"criteria", wanted}, {"problem", error.what()}};
    }
}

Json view_dossier(Tx& tx, Rubrics& rubrics, long long dossier) {
    auto const row = tx.exec_params(sql::dossier_view.text, dossier)[0];
    if (row[0].is_null())
        throw Error{ErrorKind::not_found, fmt::format("Không có hồ sơ {} mà bạn được xem (there is no dossier {} that you may see)", dossier, dossier)};
    auto out = gis_core::parse_json(row[0].as<std::string>(), "dossier");
    auto const& card = out["rubric"];
    if (card.is_object() && card["set"].is_number() && out["self"].is_object()) {
        auto const rubric = rubrics.find(tx, card["id"].get<long long>());
        out["self"]["grade"] = preview(*rubric, card["set"].get<int>(), out["self"]["answers"]);
    }
    return out;
}

long long begin_dossier(Tx& tx, long long product, std::string const& registration_kind, bool carry_over) {
    static constexpr std::array kKinds{"first", "upgrade", "again"};
    if (std::find(kKinds.begin(), kKinds.end(), registration_kind) == kKinds.end())
        throw gis_core::invalid_field("registration_kind", registration_kind, "first, upgrade or again");
    if (tx.exec_params(sql::dossier_product.text, product).empty()) throw Error{ErrorKind::not_found, fmt::format("there is no product {} of yours", product)};
    auto const under_way = tx.exec_params(sql::dossier_under_way.text, product);
    if (!under_way.empty())
        throw Error{ErrorKind::conflict,
                    fmt::format("the product has dossier {} under way", under_way[0][0].as<long long>()),
                    {{"product", std::to_string(product), "a product without a dossier under way"}}};
    return in_words([&] {
        auto const key = tx.exec_params(sql::dossier_begin.text, product, registration_kind)[0][0].as<long long>();
        if (carry_over) tx.exec_params(sql::dossier_carry_over.text, key);
        return key;
    });
}

void fill_draft(Tx& tx, long long dossier, Json const& filled) {
    allow_only(filled, {"sample_quantity", "previous_certificate_no", "registration_kind", "external_file_code", "business_result_note", "business_plan_note",
                        "answers", "notes"});
    std::optional<long long> samples;
    if (auto const found = filled.find("sample_quantity"); found != filled.end() && !found->is_null()) {
        if (!found->is_number_integer() || *found < 0 || *found > 1000)
            throw gis_core::invalid_field("sample_quantity", gis_core::to_text(*found), "0 to 1000");
        samples = found->get<long long>();
    }
    auto const kind = text_in(filled, "registration_kind", 20);
    if (kind && *kind != "first" && *kind != "upgrade" && *kind != "again")
        throw gis_core::invalid_field("registration_kind", *kind, "first, upgrade or again");
    auto const answers = answers_in(filled, "answers"), notes = notes_in(filled, "notes");
    in_words([&] {
        // holds the dossier, and refuses one that is not a draft of one's own
        Parameters values;
        values.number(dossier).number(samples);
        for (auto const* field : {"previous_certificate_no", "registration_kind", "external_file_code", "business_result_note", "business_plan_note"}) {
            auto const text = text_in(filled, field);
            text ? values.text(*text) : values.null();
        }
        run(tx, sql::dossier_fill, values);
        if (!answers.empty() || !notes.empty()) tx.exec_params(sql::dossier_answer.text, dossier, gis_core::to_text(answers), gis_core::to_text(notes));
    });
}

void take_step(Tx& tx, long long dossier, std::string const& action, Json const& given) {
    allow_only(given, {"action", "reason", "document_no", "document_date", "due", "items", "mean", "star", "round", "session", "reason_code"});
    auto details = Json::object();
    for (auto const& [field, value] : given.items()) {
        if (field == "action" || value.is_null()) continue;
        if (field == "items") {
            details[field] = value;
            continue;
        }
        if (!value.is_string() && !value.is_number()) throw gis_core::invalid_field(field, gis_core::to_text(value), "a text or a number");
        details[field] = value.is_string() ? Json(typed_text(field, value.get<std::string>(), 0, 4000)) : value;
        if (details[field] == "") details.erase(field);
    }
    in_words([&] { tx.exec_params(sql::dossier_step.text, dossier, action, gis_core::to_text(details)); });
}

void answer_item(Tx& tx, long long item, std::string const& answer) {
    auto const text = typed_text("answer", answer, 2, 4000);
    in_words([&] { tx.exec_params(sql::dossier_item.text, item, text); });
}

void write_appraisal(Tx& tx, long long dossier, Json const& appraisal) {
    allow_only(appraisal, {"opinion", "visited_on", "lon", "lat", "accuracy_m", "photos"});
    auto const number = [&](char const* field, double least, double most) -> std::optional<double> {
        auto const found = appraisal.find(field);
        if (found == appraisal.end() || found->is_null()) return std::nullopt;
        if (!found->is_number() || *found < least || *found > most)
            throw gis_core::invalid_field(field, gis_core::to_text(*found), fmt::format("a number from {} to {}", least, most));
        return found->get<double>();
    };
    auto const lon = number("lon", -180, 180), lat = number("lat", -90, 90), accuracy = number("accuracy_m", 0, 100000);
    if (lon.has_value() != lat.has_value()) throw gis_core::invalid_field(lon ? "lat" : "lon", "", "both lon and lat, or none");
    std::vector<std::string> photos;
    if (auto const found = appraisal.find("photos"); found != appraisal.end()) {
        for (auto const& photo : *found) {
            if (!photo.is_string() || photo.get_ref<std::string const&>().size() != 64)
                throw gis_core::invalid_field("photos", gis_core::to_text(photo), "SHA-256 of stored files");
            photos.push_back(photo.get<std::string>());
        }
    }
    auto const visited = text_in(appraisal, "visited_on", 10).value_or("");
    Parameters values;
    values.number(dossier).text(typed_text("opinion", text_in(appraisal, "opinion").value_or(""), 5, kLongestNote));
    visited.empty() ? values.null() : values.text(visited);
    values.real(lon).real(lat).real(accuracy).texts(photos);
    in_words([&] { run(tx, sql::dossier_appraisal, values); });
}

void write_meeting(Tx& tx, long long dossier, Json const& meeting) {
    allow_only(meeting, {"held_on", "place", "chair", "present", "notes", "file"});
    auto const held_on = text_in(meeting, "held_on", 10).value_or("");
    if (!gis_core::Date::parse(held_on)) throw gis_core::invalid_field("held_on", held_on, "ngày họp, như 2027-04-30 (the day of the meeting, as 2027-04-30)");
    std::vector<std::string> present;
    if (auto const found = meeting.find("present"); found != meeting.end()) {
        if (!found->is_array()) throw gis_core::invalid_field("present", gis_core::to_text(*found), "danh sách họ tên (a list of names)");
        for (auto const& name : *found) {
            if (!name.is_string()) throw gis_core::invalid_field("present", gis_core::to_text(name), "một họ tên (a name)");
            present.push_back(typed_text("present", name.get<std::string>(), 1, 200));
        }
    }
    if (present.empty() || present.size() > 200)
        throw gis_core::invalid_field("present", std::to_string(present.size()), "họ tên 1 đến 200 người có mặt (the names of 1 to 200 people)");
    Parameters values;
    values.number(dossier).text(held_on).text(typed_text("place", text_in(meeting, "place", 500).value_or(""), 2, 500));
    values.text(typed_text("chair", text_in(meeting, "chair", 200).value_or(""), 2, 200)).texts(present);
    values.text(typed_text("notes", text_in(meeting, "notes").value_or(""), 5, kLongestNote));
    auto const file = text_in(meeting, "file", 64).value_or("");
    file.empty() ? values.null() : values.text(file);
    in_words([&] { run(tx, sql::dossier_meeting, values); });
}

void attach_signed(Tx& tx, long long dossier, Json const& given) {
    allow_only(given, {"about", "sheet", "file"});
    auto const about = text_in(given, "about", 20).value_or("");
    if (about != "score_sheet" && about != "minutes" && about != "decision") throw gis_core::invalid_field("about", about, "score_sheet, minutes or decision");
    std::optional<long long> sheet;
    if (auto const found = given.find("sheet"); found != given.end() && !found->is_null()) {
        if (!found->is_number_integer()) throw gis_core::invalid_field("sheet", gis_core::to_text(*found), "the number of a score sheet");
        sheet = found->get<long long>();
    }
    if (sheet.has_value() != (about == "score_sheet"))
        throw gis_core::invalid_field("sheet", sheet ? std::to_string(*sheet) : "", "the number of a score sheet with about score_sheet, else none");
    Parameters values;
    values.number(dossier).text(about).number(sheet).text(text_in(given, "file", 64).value_or(""));
    in_words([&] { run(tx, sql::dossier_sign_file, values); });
}

void write_review(Tx& tx, long long dossier, Json const& opinions) {
    static constexpr std::array kOpinions{"commune_material_opinion", "commune_labour_opinion", "commune_idea_opinion", "commune_identity_opinion"};
    allow_only(opinions, {"commune_material_opinion", "commune_labour_opinion", "commune_idea_opinion", "commune_identity_opinion"});
    Parameters values;
    values.number(dossier);
    for (auto const* opinion : kOpinions) {
        auto const text = text_in(opinions, opinion);
        text ? values.text(*text) : values.null();
    }
    auto const written = in_words([&] { return run(tx, sql::dossier_review, values); });
    if (written.affected_rows() == 0) throw Error{ErrorKind::not_found, fmt::format("there is no review of dossier {} that you may write", dossier)};
}

}  // namespace programme::workflow
