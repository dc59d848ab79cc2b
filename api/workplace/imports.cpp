// Many rows at once: a file is sent (web/src/work.js, POST /api/imports), the job is watched, and what was wrong is told.
#include "api/rest/parameters.hpp"
#include "api/workplace/desk.hpp"
#include "gis_core/error.hpp"
#include "programme/imports/jobs.hpp"
#include "programme/imports/report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace api::workplace {

namespace imports = programme::imports;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using gis_core::db::Session;

namespace {

constexpr int kListed = 30, kIssues = 20;
constexpr std::int64_t kMega = 1024 * 1024;

/// The entities that the role writes, in the order of the sections.
std::vector<Entity const*> writable(Desk const& desk) {
    std::vector<Entity const*> out;
    for (auto const& section : desk.place.sections) {
        for (auto const* entity : section.entities) {
            if (desk.right(*entity).may_write) out.push_back(entity);
        }
    }
    return out;
}

Entity const* entity_of(Desk const& desk, std::string const& id) {
    return desk.place.dictionary->find(id);  // a job may be older than the list of entities
}

std::string title_of(Desk const& desk, std::string const& id) {
    auto const* entity = entity_of(desk, id);
    return entity == nullptr ? id : in(desk.t, entity->title);
}

/// The counts of a job, without those that say nothing.
Json counts_of(Desk const& desk, imports::Job const& job) {
    Json out = Json::array();
    auto const add = [&](char const* key, std::int64_t count) { out.push_back({{"count_label", desk.t(key)}, {"count_value", desk.t.number(count)}}); };
    add("import_rows_read", job.rows_read);
    if (job.state == "done") {
        add("import_rows_taken", job.rows_taken);
        add("import_rows_unchanged", job.rows_unchanged);
    }
    add("import_rows_refused", job.rows_refused);
    for (auto const& [key, count] : {std::pair{"import_same", job.same}, {"import_dispute", job.dispute}, {"import_sliver", job.sliver}}) {
        if (count > 0) add(key, count);
    }
    return out;
}

Json job_model(Desk const& desk, imports::Job const& job) {
    return {{"job_href", desk.import_href(job.key)},
            {"job_file", job.file_name},
            {"job_entity", title_of(desk, job.entity)},
            {"job_state", desk.t("import_state_" + job.state)},
            {"job_open", !job.has_ended()},
            {"job_at", moment(job.created_at)},
            {"job_mode", desk.t(job.partial ? "import_mode_partial" : "import_mode_all")}};
}

/// Why a value was refused: on a Vietnamese page in Vietnamese, with the English beside it.
Json issue_model(Desk const& desk, Entity const* entity, imports::ReportedIssue const& issue) {
    auto const* field = entity == nullptr ? nullptr : entity->find(issue.field);
    return {{"issue_line", issue.line > 0 ? desk.t.number(issue.line) : desk.t("import_whole_file")},
            {"issue_field", field == nullptr ? issue.field : in(desk.t, field->label)},
            {"issue_value", issue.value},
            {"issue_why", desk.t.is_vietnamese() ? issue.allowed_vi : ""},
            {"issue_exact", issue.allowed}};
}

std::string message_of(Desk const& desk, imports::Job const& job) {
    if (job.state == "failed" && job.rows_refused > 0) return desk.t("import_none_taken", {{"n", desk.t.number(job.rows_refused)}});
    if (job.state == "done" && job.rows_refused > 0) return desk.t("import_some_taken", {{"n", desk.t.number(job.rows_refused)}});
    if (job.state == "done" && job.message.empty()) return desk.t("import_all_taken");
    if (job.state == "failed") return desk.t("import_failed");
    if (job.state == "cancelled") return desk.t("import_cancelled");
    return {};
}

http::Response job_page(Desk const& desk, std::int64_t key, std::string const& problem, int status) {
    auto const& t = desk.t;
    Json model{{"is_import", true}, {"problem", problem}, {"imports_href", desk.import_href()}};
    auto script = desk.script_data();
    desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session&) {
        auto const job = imports::find(tx, key);
        if (!job) throw Error{ErrorKind::not_found, t("import_none"), {{"import", "", t("import_none_why")}}};
        auto const* entity = entity_of(desk, job->entity);
        model.update(job_model(desk, *job));
        model["title"] = t("import_of", {{"file", job->file_name}});
        model["counts"] = counts_of(desk, *job);
        auto const said = message_of(desk, *job);
        model["message"] = said;
        model["message_bad"] = job->state == "failed" || job->rows_refused > 0;
        model["message_exact"] = job->rows_refused > 0 ? "" : job->message;  // of the file as a whole
        model["may_cancel"] = !job->has_ended() && !job->cancel_wanted && job->phase != "overlaps";
        model["is_cancelling"] = !job->has_ended() && job->cancel_wanted;
        model["phase"] = t("import_phase_" + (job->state == "queued" ? job->state : job->phase));
        model["progress"] = fmt::format("{:.3f}", imports::progress(*job));
        Json issues = Json::array();
        if (job->has_ended()) {
            auto const found = imports::first_issues(tx, entity, key, kIssues + 1);
            for (auto const& issue : found) {
                if (issues.size() < kIssues) issues.push_back(issue_model(desk, entity, issue));
            }
            if (found.size() > kIssues) model["more_issues"] = t("import_more_issues", {{"n", std::to_string(kIssues)}});
            model["report_href"] = fmt::format("/api/imports/{}/report", key);
        } else {
            script["import"] = {{"job", fmt::format("/api/imports/{}", key)}};
        }
        model["has_issues"] = !issues.empty();
        model["issues"] = std::move(issues);
        if (entity != nullptr) {
            if (desk.right(*entity).may_read()) model["entity_href"] = desk.href(entity);
            model["again_href"] = desk.import_href() + "?entity=" + entity->id;
        }
        return 0;
    });
    model["here"] = desk.import_href(key);
    model["page_data"] = pages::script_json(script);
    return desk.show("work_import", std::move(model), desk.import_href_in(desk.other_language(), key), status);
}

}  // namespace

http::Response get_imports(Desk const& desk) {
    auto const& t = desk.t;
    auto const entities = writable(desk);
    auto const asked = std::string{desk.request.query.find("entity").value_or("")};
    std::vector<std::pair<std::string, std::string>> choices;
    Entity const* chosen = nullptr;
    for (auto const* entity : entities) {
        choices.emplace_back(entity->id, in(t, entity->title));
        if (entity->id == asked) chosen = entity;
    }
    if (chosen == nullptr && !asked.empty()) static_cast<void>(desk.open(asked, true));  // says who may
    auto const jobs = desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session&) { return imports::list(tx, kListed); });
    Json items = Json::array();
    for (auto const& job : jobs) {
        auto item = job_model(desk, job);
        item["job_counts"] = t("import_counts", {{"taken", t.number(job.rows_taken)}, {"refused", t.number(job.rows_refused)}});
        items.push_back(std::move(item));
    }
    Json model{{"title", t("import_title")}, {"is_import", true}, {"imports_href", desk.import_href()}};
    model["may_import"] = !entities.empty();
    model["entities"] = options_of(asked, choices);
    auto script = desk.script_data();
    if (chosen != nullptr) {
        model["chosen"] = {{"chosen_title", in(t, chosen->title)},
                           {"chosen_id", chosen->id},
                           {"template_href", fmt::format("/api/schemas/{}/template", chosen->id)},
                           {"systems", options_of("", coordinate_systems(t))},
                           {"has_place", chosen->place() != nullptr},
                           {"upload_limit", t("import_limit", {{"mb", t.number(static_cast<std::int64_t>(imports::kMostFileBytes) / kMega)},
                                                               {"rows", t.number(imports::kMostRows)}})}};
        script["import"] = {{"send", "/api/imports?entity=" + chosen->id}, {"page", desk.import_href()}, {"bytes", imports::kMostFileBytes}};
    }
    model["has_jobs"] = !items.empty();
    model["jobs"] = std::move(items);
    model["page_data"] = pages::script_json(script);
    return desk.show("work_imports", std::move(model), desk.import_href_in(desk.other_language()) + (chosen != nullptr ? "?entity=" + chosen->id : ""));
}

http::Response get_import(Desk const& desk) { return job_page(desk, rest::parse_id("id", desk.request.value(0)), "", 200); }

http::Response post_import(Desk const& desk) {
    auto const key = rest::parse_id("id", desk.request.value(0));
    try {
        desk.place.pool.write(desk.who.actor(), [&](pqxx::transaction_base& tx, Session&) { imports::cancel(tx, key); });
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::conflict) throw;
        return job_page(desk, key, desk.t("import_too_late"), 409);
    }
    return see_other(desk.import_href(key));
}

}  // namespace api::workplace
