// Inspection: plans and whom they visit, the visit on a phone, what is still to be remedied.
#include "api/workplace/inspection.hpp"

#include "api/rest/parameters.hpp"
#include "api/workplace/stored.hpp"
#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "programme/inspection/inspection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace api::workplace {

namespace inspection = programme::inspection;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using gis_core::db::Session;
using pages::Form;
using pages::Texts;
using Tx = pqxx::transaction_base;

namespace {

constexpr int kDueDays = 14, kCandidates = 100, kMostChosen = 200;

Entity const& entity(Desk const& desk, char const* id) { return desk.place.dictionary->entity(id); }

std::string word(Desk const& desk, char const* list, std::string const& code) {
    auto const* found = desk.place.dictionary->find_list(list)->find(code);
    return found == nullptr ? code : in(desk.t, found->label);
}

std::string words(Desk const& desk, std::vector<std::string> const& reasons) {
    std::string out;
    for (auto const& reason : reasons) out += (out.empty() ? "" : ", ") + word(desk, "inspection_reason", reason);
    return out;
}

void require_reader(Desk const& desk) {
    if (has_inspection(desk)) return;
    throw Refused{desk.t("work_refused_read", {{"role", desk.t("role_" + desk.role())}, {"what", desk.t("insp_title")}}), desk.t("work_refused_other_role")};
}

bool may_write(Desk const& desk) { return desk.right(entity(desk, "inspection-targets")).may_write && desk.right(entity(desk, "post-inspections")).may_write; }

void require_writer(Desk const& desk) {
    require_reader(desk);
    if (!may_write(desk)) desk.open("inspection-targets", true);  // says who may
}

/// What the candidates of a plan and their own complaints are read from is seen by those who write.
inspection::Plan plan_of(Desk const& desk, Tx& tx, Session& session) {
    auto const found = inspection::plans(tx, session, rest::parse_id("id", desk.request.value(0)));
    if (found.empty()) throw Error{ErrorKind::not_found, "there is no such plan"};
    return found.front();
}

Json finding_model(Desk const& desk, inspection::OpenFinding const& finding) {
    auto const& t = desk.t;
    Json out{{"finding_href", desk.href(&entity(desk, "inspection-findings"), Verb::record, finding.id)},
             {"finding_severity", word(desk, "finding_severity", finding.severity)},
             {"finding_text", finding.text},
             {"is_late", finding.is_late},
             {"product", finding.product},
             {"producer", finding.producer}};
    std::string due = finding.due.empty() ? t("insp_no_due") : t("insp_due", {{"date", Texts::date(finding.due)}});
    if (finding.is_answered) due += " · " + t("insp_answered");
    out["finding_due"] = std::move(due);
    return out;
}

std::string other_href(Desk const& desk, pages::Address const& address, std::string const& rest = {}) { return address.in(desk.other_language()) + rest; }

// --- the visit --------------------------------------------------------------------------------------------------------------

constexpr std::array kVisitFields{"inspection_date", "inspection_kind", "inspection_inspector", "inspection_geom", "inspection_accuracy_m", "inspection_photo_file", "inspection_finding"};
constexpr std::array kFindingFields{"finding_severity", "finding_text", "finding_ground", "finding_remedy_due", "finding_photo_file"};

/// An input as the page shows it: with what was typed, and what is wrong with it.
Json input_of(Desk const& desk, Entity const& of, char const* column, std::string const& typed, std::vector<Wrong> const& wrong) {
    auto const* field = of.find(column);
    Json input{{"column", column}, {"label", in(desk.t, field->label)}, {"value", typed}, {"unit", unit_of(desk.t, *field)}};
    auto const found = std::find_if(wrong.begin(), wrong.end(), [&](Wrong const& one) { return one.column == column; });
    if (found != wrong.end()) input["said"] = found->said;
    using programme::dictionary::FieldType;
    if (field->type == FieldType::enumeration) {
        std::vector<std::pair<std::string, std::string>> options{{"", desk.t("work_none")}};
        for (auto const& code : field->list->codes) options.emplace_back(code.code, in(desk.t, code.label));
        input["is_choice"] = true;
        input["options"] = options_of(typed, options);
    } else if (field->type == FieldType::date) {
        input["is_date"] = true;
    } else if (field->type == FieldType::file) {
        input["is_file"] = desk.place.files != nullptr;
        input["file"] = stored_file(desk, typed, in(desk.t, field->label));
        input["is_hash"] = true;
    } else if (field->type == FieldType::text) {
        bool const is_long = std::string_view{column} == "inspection_finding" || std::string_view{column} == "finding_text";
        input["is_long"] = is_long;
        input["is_line"] = !is_long;
    }
    return input;
}

http::Response visit_page(Desk const& desk, inspection::Target const& target, std::map<std::string, std::string> typed, std::vector<Wrong> const& wrong, std::string const& refused,
                          int status = 200) {
    auto const& t = desk.t;
    Json model{{"title", t("insp_visit")}, {"is_inspection", true}};
    model["product"] = target.product;
    model["producer"] = target.producer;
    model["commune"] = target.commune;
    model["plan"] = target.plan;
    model["reason"] = word(desk, "inspection_reason", target.reason);
    model["note"] = target.note;
    model["inspection_href"] = kInspection.in(desk.language);
    model["here"] = fmt::format("{}/{}", kVisit.in(desk.language), target.id);
    auto const& visits = entity(desk, "post-inspections");
    auto const& findings = entity(desk, "inspection-findings");
    Json inputs = Json::array(), more = Json::array();
    for (auto const* column : kVisitFields) {
        auto input = input_of(desk, visits, column, typed[column], wrong);
        input["is_position"] = std::string_view{column} == "inspection_geom";
        input["is_accuracy"] = std::string_view{column} == "inspection_accuracy_m";
        inputs.push_back(std::move(input));
    }
    for (auto const* column : kFindingFields) more.push_back(input_of(desk, findings, column, typed[column], wrong));
    model["inputs"] = std::move(inputs);
    model["finding_inputs"] = std::move(more);
    model["has_finding"] = std::any_of(kFindingFields.begin(), kFindingFields.end(), [&](char const* column) { return !typed[column].empty(); });
    model["refused"] = refused;
    if (!wrong.empty()) {
        model["has_problems"] = true;
        Json problems = Json::array();
        for (auto const& one : wrong) problems.push_back({{"problem_at", one.column}, {"problem_said", one.said}});
        model["problems"] = std::move(problems);
    }
    auto script = desk.script_data();
    if (desk.place.files != nullptr) script["upload_rules"] = upload_rules(*desk.place.files);
    model["page_data"] = pages::script_json(script);
    return desk.show("work_visit", std::move(model), other_href(desk, kVisit, fmt::format("/{}", target.id)), status);
}

inspection::Target target_of(Desk const& desk) {
    auto const id = rest::parse_id("id", desk.request.value(0));
    auto const found = desk.place.pool.read("", desk.who.actor(), [&](Tx& tx, Session& session) { return inspection::find_target(tx, session, id); });
    if (!found) throw Error{ErrorKind::not_found, "there is no such choice"};
    return *found;
}

/// What was typed, as the record's own rules read it; wrong fields go to `wrong`.
template <typename Columns>
Json typed_json(Desk const& desk, Entity const& of, Columns const& columns, std::map<std::string, std::string> const& typed, std::vector<Wrong>& wrong) {
    Json out = Json::object();
    for (auto const* column : columns) {
        auto const& text = typed.at(column);
        if (text.empty()) continue;
        try {
            out[column] = value_of(desk.t, *of.find(column), text, "");
        } catch (Wrong const& one) {
            wrong.push_back(one);
        }
    }
    return out;
}

void say_wrong(Desk const& desk, Error const& error, std::vector<Entity const*> const& entities, std::vector<Wrong>& wrong) {
    for (auto const& field : error.fields()) {
        std::string said = field.allowed;
        for (auto const* of : entities) {
            if (auto const* found = of->find(field.field)) said = wanted(desk.t, *found);
        }
        wrong.push_back({field.field, std::move(said)});
    }
    if (error.fields().empty()) wrong.push_back({"", error.what()});
}

}  // namespace

bool has_inspection(Desk const& desk) { return desk.right(entity(desk, "inspection-plans")).may_read(); }

http::Response get_inspection(Desk const& desk) {
    require_reader(desk);
    auto const& t = desk.t;
    Json model{{"title", t("insp_title")}, {"is_inspection", true}, {"may_write", may_write(desk)}};
    Json plans = Json::array(), due = Json::array();
    desk.place.pool.read("", desk.who.actor(), [&](Tx& tx, Session& session) {
        for (auto const& plan : inspection::plans(tx, session)) {
            plans.push_back({{"plan_href", fmt::format("{}/{}", kInspection.in(desk.language), plan.id)},
                             {"plan_no", plan.number},
                             {"plan_kind", word(desk, "inspection_kind", plan.kind)},
                             {"plan_unit", plan.unit_code.empty() ? t("insp_province") : plan.unit_name},
                             {"plan_period", t("insp_period", {{"from", Texts::date(plan.from)}, {"to", Texts::date(plan.to)}})},
                             {"plan_progress", t("insp_progress", {{"n", t.number(std::int64_t{plan.visited})}, {"of", t.number(std::int64_t{plan.chosen})}})}});
        }
        for (auto const& finding : inspection::due_findings(tx, session, kDueDays)) due.push_back(finding_model(desk, finding));
        return 0;
    });
    model["has_plans"] = !plans.empty();
    model["plans"] = std::move(plans);
    model["has_due"] = !due.empty();
    model["due"] = std::move(due);
    model["due_title"] = t("insp_due_title", {{"n", std::to_string(kDueDays)}});
    if (desk.right(entity(desk, "inspection-plans")).may_write) model["new_href"] = desk.href(&entity(desk, "inspection-plans"), Verb::create);
    return desk.show("work_inspection", std::move(model), other_href(desk, kInspection));
}

http::Response get_inspection_plan(Desk const& desk) {
    require_reader(desk);
    auto const& t = desk.t;
    auto const reason = std::string{desk.request.query.find("reason").value_or("")};
    if (!reason.empty() && desk.place.dictionary->find_list("inspection_reason")->find(reason) == nullptr) throw gis_core::invalid_field("reason", reason, "one of inspection_reason");
    Json model{{"is_inspection", true}, {"may_write", may_write(desk)}, {"inspection_href", kInspection.in(desk.language)}};
    desk.place.pool.read("", desk.who.actor(), [&](Tx& tx, Session& session) {
        auto const plan = plan_of(desk, tx, session);
        model["title"] = t("insp_plan", {{"no", plan.number}});
        model["about"] = fmt::format("{} · {} · {}", word(desk, "inspection_kind", plan.kind), plan.unit_code.empty() ? t("insp_province") : plan.unit_name,
                                     t("insp_period", {{"from", Texts::date(plan.from)}, {"to", Texts::date(plan.to)}}));
        model["here"] = fmt::format("{}/{}", kInspection.in(desk.language), plan.id);
        model["record_href"] = desk.href(&entity(desk, "inspection-plans"), Verb::record, plan.id);
        Json targets = Json::array();
        for (auto const& target : inspection::targets(tx, session, plan.number)) {
            targets.push_back({{"product", target.product},
                               {"producer", target.producer},
                               {"commune", target.commune},
                               {"reason", word(desk, "inspection_reason", target.reason)},
                               {"note", target.note},
                               {"visited", target.visit == 0 ? "" : t("insp_visited", {{"date", Texts::date(target.visited_on)}})},
                               {"visit_href", target.visit != 0 ? desk.href(&entity(desk, "post-inspections"), Verb::record, target.visit)
                                              : may_write(desk)  ? fmt::format("{}/{}", kVisit.in(desk.language), target.id)
                                                                 : ""},
                               {"is_open", target.visit == 0}});
        }
        model["has_targets"] = !targets.empty();
        model["targets"] = std::move(targets);
        if (!may_write(desk)) return 0;
        auto const found = inspection::candidates(tx, session, plan, reason, kCandidates);
        Json candidates = Json::array();
        for (auto const& one : found.items) {
            std::string facts;
            auto const add = [&](std::string const& fact) { facts += (facts.empty() ? "" : " · ") + fact; };
            if (one.open_findings > 0) add(t("insp_fact_findings", {{"n", std::to_string(one.open_findings)}}));
            if (one.complaints > 0) add(t("insp_fact_complaints", {{"n", std::to_string(one.complaints)}}));
            add(t("insp_fact_until", {{"date", Texts::last_day(one.valid_to)}}));
            add(one.last_on.empty() ? t("insp_fact_never") : t("insp_fact_last", {{"date", Texts::date(one.last_on)}}));
            candidates.push_back({{"id", one.product_id}, {"product", one.product}, {"producer", one.producer}, {"commune", one.commune}, {"reasons", words(desk, one.reasons)}, {"facts", facts}});
        }
        model["has_candidates"] = !candidates.empty();
        model["candidates"] = std::move(candidates);
        model["candidates_n"] = t("insp_candidates_n", {{"n", t.number(static_cast<std::int64_t>(found.total))}, {"shown", t.number(static_cast<std::int64_t>(found.items.size()))}});
        std::vector<std::pair<std::string, std::string>> reasons{{"", t("work_any")}};
        for (auto const& code : desk.place.dictionary->find_list("inspection_reason")->codes) {
            if (code.code != "other") reasons.emplace_back(code.code, in(t, code.label));
        }
        model["reasons"] = options_of(reason, reasons);
        return 0;
    });
    if (auto const chosen = desk.request.query.find("chosen")) model["done"] = t("insp_chosen", {{"n", std::string{*chosen}.substr(0, 6)}});
    return desk.show("work_inspection_plan", std::move(model), other_href(desk, kInspection, "/" + desk.request.value(0)));
}

http::Response post_inspection_plan(Desk const& desk) {
    require_writer(desk);
    std::vector<long long> wanted_products;
    for (auto const& [name, value] : http::Query::parse(desk.request.body)) {
        if (name == "product") wanted_products.push_back(rest::parse_id("product", value));
    }
    if (wanted_products.size() > kMostChosen) throw gis_core::invalid_field("product", std::to_string(wanted_products.size()), fmt::format("at most {} at once", kMostChosen));
    auto const opened = desk.open("inspection-targets", true);
    auto const& lens = opened.first;
    int chosen = 0;
    desk.place.pool.write(desk.who.actor(), [&](Tx& tx, Session& session) {
        auto const plan = plan_of(desk, tx, session);
        constexpr int kAll = 100'000;  // the reasons are the record's, not the form's
        for (auto const& one : inspection::candidates(tx, session, plan, "", kAll).items) {
            if (std::find(wanted_products.begin(), wanted_products.end(), one.product_id) == wanted_products.end()) continue;
            Json const row{{"product_key", one.product_id}, {"inspection_plan_no", plan.number}, {"target_reason", one.reasons.front()}, {"target_note", words(desk, one.reasons)}};
            auto const values = programme::records::read_values(lens.entity, row, desk.role(), true, &desk.place.vault);
            programme::records::in_words(lens, [&] { return programme::records::create(tx, lens, values); });
            ++chosen;
        }
    });
    return see_other(fmt::format("{}/{}?chosen={}", kInspection.in(desk.language), desk.request.value(0), chosen));
}

http::Response get_visit(Desk const& desk) {
    require_writer(desk);
    auto const target = target_of(desk);
    if (target.visit != 0) return see_other(desk.href(&entity(desk, "post-inspections"), Verb::record, target.visit));
    std::map<std::string, std::string> typed;
    typed["inspection_date"] = gis_core::business_date().iso();
    typed["inspection_inspector"] = desk.who.display_name;
    typed["inspection_kind"] = desk.place.pool.read("", desk.who.actor(), [&](Tx& tx, Session& session) {
        for (auto const& plan : inspection::plans(tx, session)) {
            if (plan.number == target.plan) return plan.kind;
        }
        return std::string{};
    });
    return visit_page(desk, target, std::move(typed), {}, "");
}

http::Response post_visit(Desk const& desk) {
    require_writer(desk);
    auto const target = target_of(desk);
    Form const form{desk.request};
    std::map<std::string, std::string> typed;
    for (auto const* column : kVisitFields) typed[column] = form[column];
    for (auto const* column : kFindingFields) typed[column] = form[column];
    auto const visits = desk.open("post-inspections", true).first;
    auto const findings = desk.open("inspection-findings", true).first;
    std::vector<Wrong> wrong;
    auto visit = typed_json(desk, visits.entity, kVisitFields, typed, wrong);
    auto finding = typed_json(desk, findings.entity, kFindingFields, typed, wrong);
    visit["product_key"] = target.product_id;
    visit["inspection_plan_no"] = target.plan;
    std::int64_t key = 0;
    try {
        if (!visit.contains("inspection_date")) wrong.push_back({"inspection_date", wanted(desk.t, *visits.entity.find("inspection_date"))});
        auto const visit_values = programme::records::read_values(visits.entity, visit, desk.role(), true, &desk.place.vault);
        if (wrong.empty()) {
            desk.place.pool.write(desk.who.actor(), [&](Tx& tx, Session&) {
                key = programme::records::in_words(visits, [&] { return programme::records::create(tx, visits, visit_values); });
                if (finding.empty()) return;
                finding["post_inspection_key"] = key;
                auto const finding_values = programme::records::read_values(findings.entity, finding, desk.role(), true, &desk.place.vault);
                programme::records::in_words(findings, [&] { return programme::records::create(tx, findings, finding_values); });
            });
        }
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::invalid_argument && error.kind() != ErrorKind::conflict) throw;
        say_wrong(desk, error, {&visits.entity, &findings.entity}, wrong);
    }
    if (!wrong.empty()) return visit_page(desk, target, std::move(typed), wrong, "", 400);
    return see_other(desk.href(&visits.entity, Verb::record, key) + "?done=created");
}

void put_findings(Desk const& desk, Entity const& of, Json const& row, Json& model) {
    if ((of.id != "products" && of.id != "certificates") || !desk.right(entity(desk, "inspection-findings")).may_read()) return;
    auto const product = row.at("product_key").get<long long>();
    bool const sees_grounds = programme::access::may_see(*entity(desk, "inspection-findings").find("finding_ground"), desk.role());
    Json findings = Json::array();
    bool has_ground = false;
    desk.place.pool.read("", desk.who.actor(), [&](Tx& tx, Session& session) {
        auto const grounds = sees_grounds ? inspection::grounds(tx, session, product) : std::map<long long, std::string>{};
        for (auto const& finding : inspection::open_findings(tx, session, product)) {
            auto item = finding_model(desk, finding);
            if (auto const ground = grounds.find(finding.id); ground != grounds.end()) {
                item["finding_ground"] = desk.t("insp_ground", {{"ground", word(desk, "revocation_reason", ground->second)}});
                has_ground = true;
            }
            findings.push_back(std::move(item));
        }
        return 0;
    });
    model["has_findings"] = !findings.empty();
    model["findings"] = std::move(findings);
    bool const is_over = of.id == "certificates" && (!row.at("revoked_on").is_null() || !row.at("retired_at").is_null());
    if (has_ground && of.id == "certificates" && !is_over && desk.right(of).may_write)
        model["withdraw_href"] = desk.href(&of, Verb::edit, row.at(of.key).get<std::int64_t>()) + "#f-revoked_on";
}

}  // namespace api::workplace
