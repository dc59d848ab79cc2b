#include "programme/imports/jobs.hpp"

#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "programme/imports/sql/statements.hpp"
#include "programme/parameters.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>

namespace programme::imports {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;

constexpr std::size_t kPart = 1024 * 1024;

std::vector<Job> page(pqxx::transaction_base& tx, std::optional<std::int64_t> key, int limit) {
    std::vector<Job> out;
    Parameters parameters;
    parameters.number(key ? std::optional<long long>{*key} : std::nullopt).number(limit);
    for (auto const& row : tx.exec_params(sql::jobs_page.text, pqxx::prepare::make_dynamic_params(parameters.values()))) {
        Job job;
        job.key = row["job_key"].as<std::int64_t>();
        for (auto const& [member, column] : {std::pair{&Job::entity, "entity"},
                                             {&Job::file_name, "file_name"},
                                             {&Job::file_format, "file_format"},
                                             {&Job::role, "role"},
                                             {&Job::state, "state"},
                                             {&Job::phase, "phase"},
                                             {&Job::message, "message"},
                                             {&Job::created_at, "created_at"},
                                             {&Job::started_at, "started_at"},
                                             {&Job::finished_at, "finished_at"}})
            job.*member = row[column].as<std::string>();
        job.partial = row["partial"].as<bool>();
        job.cancel_wanted = row["cancel_wanted"].as<bool>();
        if (!row["rows_total"].is_null()) job.rows_total = row["rows_total"].as<std::int64_t>();
        for (auto const& [member, column] : {std::pair{&Job::rows_read, "rows_read"},
                                             {&Job::rows_merged, "rows_merged"},
                                             {&Job::rows_taken, "rows_taken"},
                                             {&Job::rows_unchanged, "rows_unchanged"},
                                             {&Job::rows_refused, "rows_refused"},
                                             {&Job::same, "same"},
                                             {&Job::dispute, "dispute"},
                                             {&Job::sliver, "sliver"}})
            job.*member = row[column].as<std::int64_t>();
        job.merged_s = row["merged_s"].as<double>();
        job.overlap_s = row["overlap_s"].as<double>();
        out.push_back(std::move(job));
    }
    return out;
}

}  // namespace

std::int64_t add(pqxx::transaction_base& tx, Order const& order, std::string_view file) {
    if (order.account != 0 && tx.exec(sql::jobs_open.text)[0][0].as<int>() >= kMostOpenJobs)
        throw Error{ErrorKind::too_many_requests,
                    fmt::format("{} of your imports have not ended yet; wait for one of them, or cancel it", kMostOpenJobs),
                    {{"retry_after_s", "0", "30"}}};
    auto renamed = gis_core::Json::object();
    for (auto const& [from, to] : order.renamed) renamed[from] = to;
    auto const key_or_null = [](long long key) { return key == 0 ? std::optional<long long>{} : key; };
    Parameters parameters;
    parameters.number(key_or_null(order.account)).number(key_or_null(order.grant)).text(order.role).text(order.request).text(order.reason).text(order.entity);
    parameters.text(order.file_name).text(order.file_format).truth(order.partial).text(gis_core::to_text(renamed)).number(order.epsg).text(order.layer);
    auto const key = tx.exec_params(sql::job_add.text, pqxx::prepare::make_dynamic_params(parameters.values()))[0][0].as<std::int64_t>();
    for (std::size_t at = 0; at < file.size(); at += kPart) {
        auto const part = file.substr(at, kPart);
        tx.exec_params(sql::job_file_add.text, key, at / kPart, pqxx::binarystring{part.data(), part.size()});
    }
    return key;
}

std::vector<Job> list(pqxx::transaction_base& tx, int limit) { return page(tx, std::nullopt, limit); }

std::optional<Job> find(pqxx::transaction_base& tx, std::int64_t key) {
    auto jobs = page(tx, key, 1);
    return jobs.empty() ? std::nullopt : std::optional{std::move(jobs.front())};
}

double progress(Job const& job) {
    if (job.state == "done" || job.phase == "overlaps") return 1;
    auto const whole = 2 * static_cast<double>(job.rows_total.value_or(0));
    return whole > 0 ? std::min(1.0, static_cast<double>(job.rows_read + job.rows_merged) / whole) : 0;
}

void cancel(pqxx::transaction_base& tx, std::int64_t key) {
    auto const cancelled = tx.exec_params(sql::job_cancel.text, key)[0][0];
    if (cancelled.is_null()) throw Error{ErrorKind::not_found, fmt::format("there is no import {} of yours", key)};
    if (!cancelled.as<bool>()) throw Error{ErrorKind::conflict, "the import has ended, or its rows are in the record already"};
}

gis_core::db::Actor importer() { return {.role = "ocopmap_importer", .account = 0, .grant = 0, .request = {}, .reason = {}}; }
gis_core::db::Actor operator_actor(std::string reason) { return {.role = "none", .account = 0, .grant = 0, .request = {}, .reason = std::move(reason)}; }

}  // namespace programme::imports
