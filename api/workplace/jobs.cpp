// What runs behind the pages, for administrators: imports, mail, the audit's chain, files, sign-ups that wait, times of keeping.
#include "api/workplace/administration.hpp"

#include "programme/accounts/administration.hpp"
#include "programme/contact/operator.hpp"
#include "programme/operations/operations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace api::workplace {

using gis_core::Json;
using gis_core::db::Session;
using pages::Form;
using pages::Texts;
using programme::operations::ImportState;
using programme::operations::State;
using Tx = pqxx::transaction_base;

namespace {

constexpr int kImports = 50;

/// "12,3 GB"
std::string size_of(Texts const& t, double bytes) {
    constexpr double kMega = 1e6, kGiga = 1e9;
    return bytes >= kGiga ? t.number(bytes / kGiga, 1) + " GB" : t.number(bytes / kMega, 1) + " MB";
}

/// Where it stands: "running, 1.200 of 5.000 rows".
std::string progress(Texts const& t, ImportState const& job) {
    auto const state = t("adm_job_" + job.state);
    if (job.state != "running" || job.rows_total == 0) return state;
    auto const done = job.phase == "reading" ? job.rows_read : job.rows_merged;
    return t("adm_job_progress", {{"state", state}, {"phase", t("adm_phase_" + job.phase)}, {"n", t.number(done)}, {"of", t.number(job.rows_total)}});
}

Json imports_of(Desk const& desk, std::vector<ImportState> const& jobs) {
    auto const& t = desk.t;
    Json out = Json::array();
    for (auto const& job : jobs) {
        auto const* entity = desk.place.dictionary->find(job.entity);
        out.push_back({{"job", fmt::format("{} {}", job.id, entity == nullptr ? job.entity : in(t, entity->title))},
                       {"job_by", job.login.empty() ? t("adm_by_operator") : fmt::format("{}, {}", job.login, t("role_" + job.role))},
                       {"job_state", progress(t, job)},
                       {"job_refused", t.number(job.rows_refused)},
                       {"job_made", moment(job.created_at)},
                       {"job_ended", job.finished_at.empty() ? "" : moment(job.finished_at)}});
    }
    return out;
}

Json mails_of(Texts const& t, std::vector<programme::contact::StuckMail> const& mails) {
    Json out = Json::array();
    for (auto const& mail : mails) {
        out.push_back({{"mail_id", mail.id},
                       {"mail_to", mail.login},
                       {"mail_kind", t("notice_kind_" + mail.kind)},
                       {"mail_state", t(mail.state == "dead" ? "adm_mail_dead" : "adm_mail_failed", {{"n", std::to_string(mail.attempts)}})},
                       {"mail_made", fmt::format("{} {}", mail.made_at.substr(11), Texts::date(mail.made_at))},
                       {"mail_error", mail.error}});
    }
    return out;
}

Json fact(std::string label, std::string value, bool is_bad = false) {
    return {{"fact_label", std::move(label)}, {"fact", std::move(value)}, {"is_bad", is_bad}};
}

/// The space that is left where files are stored; nothing to say of a store elsewhere.
std::optional<std::filesystem::space_info> space_of(std::string const& place) {
    std::error_code failed;
    auto const space = std::filesystem::space(place, failed);
    return place.empty() || failed ? std::nullopt : std::optional{space};
}

Json files_of(Desk const& desk, State const& state) {
    constexpr std::uintmax_t kScarce = 10;  // one part in so many
    auto const& t = desk.t;
    Json out = Json::array();
    out.push_back(fact(t("adm_files"), t("adm_files_size", {{"n", t.number(state.files)}, {"size", size_of(t, static_cast<double>(state.bytes))}})));
    out.push_back(fact(t("adm_files_uploads"), t.number(state.uploads)));
    out.push_back(fact(t("adm_files_waiting"), t.number(state.waiting)));
    out.push_back(fact(t("adm_files_infected"), t.number(state.infected), state.infected > 0));
    if (auto const space = space_of(desk.place.files_place)) {
        out.push_back(
            fact(t("adm_files_space"),
                 t("adm_files_free", {{"free", size_of(t, static_cast<double>(space->available))}, {"of", size_of(t, static_cast<double>(space->capacity))}}),
                 space->available < space->capacity / kScarce));
    }
    return out;
}

Json audit_of(Texts const& t, State const& state) {
    Json out = Json::array();
    out.push_back(
        fact(t("adm_audit_unsealed"),
             state.unsealed == 0 ? t.number(state.unsealed) : t("adm_audit_since", {{"n", t.number(state.unsealed)}, {"when", moment(state.unsealed_since)}}),
             state.is_late));
    out.push_back(fact(t("adm_audit_sealed"),
                       state.sealed == 0 ? t.number(state.sealed) : t("adm_audit_to", {{"n", t.number(state.sealed)}, {"when", moment(state.sealed_to)}})));
    return out;
}

/// P90D: "90 days".
std::string period_of(Texts const& t, std::string const& period) {
    auto const number = period.substr(1, period.size() - 2);
    if (number == "0") return t("adm_period_none");
    auto const* const unit = period.back() == 'D' ? "adm_period_days" : period.back() == 'M' ? "adm_period_months" : "adm_period_years";
    return t(unit, {{"n", number}});
}

Json retention_of(Desk const& desk, std::vector<programme::retention::Outcome> const& runs) {
    using programme::retention::Does;
    auto const& t = desk.t;
    Json out = Json::array();
    auto const add = [&](std::string const& id, std::string title, std::string period, char const* does) {
        auto const run = std::find_if(runs.begin(), runs.end(), [&](auto const& outcome) { return outcome.kind == id; });
        out.push_back({{"kind", std::move(title)},
                       {"kind_period", std::move(period)},
                       {"kind_does", t(does)},
                       {"kind_rows", run == runs.end() ? "" : t.number(run->rows)},
                       {"kind_at", run == runs.end() ? "" : moment(run->at)}});
    };
    for (auto const& kind : desk.place.retention.kinds()) {
        add(kind.id, in(t, kind.title), period_of(t, kind.period),
            kind.does == Does::deleted ? "adm_does_deleted" : kind.does == Does::blanked ? "adm_does_blanked" : "adm_does_kept");
    }
    add(programme::retention::kMonths, t("adm_months_ahead"), t("adm_period_months", {{"n", "12"}}), "adm_does_made");
    return out;
}

}  // namespace

http::Response get_jobs(Desk const& desk) {
    require_administrator(desk);
    auto const& t = desk.t;
    Json model{{"title", t("adm_jobs")}, {"rail_here", "jobs"}, {"here", kJobs.in(desk.language)}};
    desk.place.pool.read("", desk.who.actor(), [&](Tx& tx, Session& session) {
        auto imports = imports_of(desk, programme::operations::imports(tx, session, kImports));
        model["has_imports"] = !imports.empty();
        model["imports"] = std::move(imports);
        auto const stuck = programme::contact::stuck_mail(tx);
        model["has_stuck"] = !stuck.empty();
        model["stuck"] = mails_of(t, stuck);
        Json counts = Json::array();
        for (auto const& count : programme::contact::mail_status(tx)) {
            if (count.state == "dead") model["has_dead"] = true;
            counts.push_back(fact(t("adm_mail_" + count.state + "_count"), t.number(std::int64_t{count.mails}), count.state == "dead"));
        }
        model["has_mail"] = !counts.empty();
        model["mail"] = std::move(counts);
        auto const state = programme::operations::state(tx, session);
        model["audit"] = audit_of(t, state);
        model["files"] = files_of(desk, state);
        model["retention"] = retention_of(desk, programme::retention::last_runs(tx, session));
        Json waiting = Json::array();
        for (auto const& commune : programme::accounts::waiting_sign_ups(tx, session)) {
            waiting.push_back({{"commune", commune.commune},
                               {"waiting", t("adm_waiting_since", {{"n", t.number(std::int64_t{commune.waiting})}, {"when", moment(commune.oldest)}})}});
        }
        model["has_waiting"] = !waiting.empty();
        model["sign_ups"] = std::move(waiting);
        return 0;
    });
    if (auto const again = desk.request.query.find("again"); again && !again->empty()) model["done"] = t("adm_mail_again", {{"n", std::string{*again}}});
    return desk.show("jobs", std::move(model), kJobs.in(other_language(desk)));
}

/// The one thing to do here: mail that was given up, or waits after a failure, goes out again.
http::Response post_jobs(Desk const& desk) {
    require_administrator(desk);
    Form const form{desk.request};
    auto const mail = form["mail"].empty() ? std::nullopt : std::optional{form.number("mail")};
    auto const again = desk.place.pool.write(desk.who.actor(), [&](Tx& tx, Session&) { return programme::contact::revive_mail(tx, mail); });
    return see_other(fmt::format("{}?again={}#mail", kJobs.in(desk.language), again));
}

}  // namespace api::workplace
