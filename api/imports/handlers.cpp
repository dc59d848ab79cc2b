#include "api/imports/handlers.hpp"

#include "api/accounts/gate.hpp"
#include "api/exports.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/parameters.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "gis_core/io/feature_reader.hpp"
#include "gis_core/io/upload.hpp"
#include "programme/imports/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace api {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Session;
using gis_core::io::FileFormat;
using programme::imports::Job;
using rest::JsonWriter;
using std::string_view;

constexpr int kListed = 100;

void write(JsonWriter& json, Job const& job) {
    json.begin_object().member("id", static_cast<long long>(job.key)).member("entity", string_view{job.entity}).member("role", string_view{job.role});
    json.member("file", string_view{job.file_name}).member("format", string_view{job.file_format}).member("mode", job.partial ? "partial" : "all");
    json.member("state", string_view{job.state}).member("phase", string_view{job.phase}).member("cancel_wanted", job.cancel_wanted);
    json.key("rows_total");
    if (job.rows_total) json.value(static_cast<long long>(*job.rows_total));
    else json.null();
    for (auto const& [name, value] : {std::pair{"rows_read", job.rows_read},
                                      {"rows_merged", job.rows_merged},
                                      {"rows_taken", job.rows_taken},
                                      {"rows_unchanged", job.rows_unchanged},
                                      {"rows_refused", job.rows_refused}})
        json.member(name, static_cast<long long>(value));
    json.member("progress", programme::imports::progress(job));
    json.key("overlaps").begin_object().member("same", static_cast<long long>(job.same)).member("dispute", static_cast<long long>(job.dispute));
    json.member("sliver", static_cast<long long>(job.sliver)).end_object();
    json.text_or_null("message", job.message).member("created_at", string_view{job.created_at});
    json.text_or_null("started_at", job.started_at).text_or_null("finished_at", job.finished_at);
    json.member("merged_s", job.merged_s).member("overlap_s", job.overlap_s);
    json.member("report", string_view{fmt::format("/api/imports/{}/report", job.key)}).end_object();
}

http::Response private_json(int status, std::string body) {
    auto response = http::Response::text(status, "application/json; charset=utf-8", std::move(body) + '\n');
    response.headers.add("Cache-Control", "no-store");
    return response;
}

http::Response job_answer(int status, Job const& job) {
    JsonWriter json;
    write(json, job);
    return private_json(status, json.take());
}

Job must_find(gis_core::db::Pool& pool, programme::accounts::Identity const& who, std::int64_t key) {
    auto job = pool.read("", who.actor(), [&](pqxx::transaction_base& tx, Session&) { return programme::imports::find(tx, key); });
    if (!job) throw Error{ErrorKind::not_found, fmt::format("there is no import {} of yours", key)};
    return std::move(*job);
}

programme::accounts::Identity member(Gate& gate, http::Request const& request) {
    auto who = gate.require(request);
    if (who.role.empty()) throw Error{ErrorKind::forbidden, "this account has no role in force"};
    return who;
}

/// The name people know the file by: no folder, no control characters, and short.
std::string shown_name(string_view sent, FileFormat format) {
    auto name = sent.substr(sent.find_last_of("/\\") == string_view::npos ? 0 : sent.find_last_of("/\\") + 1);
    std::string out;
    for (unsigned char const c : name.substr(0, 200)) {
        if (c >= 0x20 && c != 0x7F) out += static_cast<char>(c);
    }
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0U) == 0x80U && name.size() > 200) out.pop_back();
    return out.empty() ? fmt::format("rows.{}", gis_core::io::file_extension(format)) : out;
}

}  // namespace

http::Response Imports::create(http::Request const& request) {
    auto const who = member(gate_, request);
    programme::imports::Order order;
    order.account = who.account;
    order.grant = who.grant;
    order.role = who.role;
    order.request = request.id;
    std::string name;
    for (auto const& [parameter, text] : request.query) {
        if (parameter == "map") {
            auto const equals = text.find('=');
            if (equals == 0 || equals == std::string::npos || equals + 1 == text.size())
                throw gis_core::invalid_field("map", text, "column of the file=field, or =- to leave the column out; once a column");
            order.renamed[text.substr(0, equals)] = text.substr(equals + 1);
            continue;
        }
        static_cast<void>(request.query.find(parameter));  // refuses one that stands twice
        if (parameter == "entity") order.entity = text;
        else if (parameter == "mode") {
            if (text != "all" && text != "partial") throw gis_core::invalid_field("mode", text, "all (all rows or none) or partial (the good rows)");
            order.partial = text == "partial";
        } else if (parameter == "file") name = text;
        else if (parameter == "crs") order.epsg = gis_core::io::parse_epsg("crs", text);
        else if (parameter == "layer") order.layer = text;
        else throw gis_core::invalid_field(parameter, text, "no parameter here; they are entity, mode, file, crs, layer and map");
    }
    if (order.entity.empty()) throw gis_core::invalid_field("entity", "", "one of /api/records");
    auto const& entity = dictionary_->entity(order.entity);
    if (!access_.right(entity.id, who.role).may_write) throw Error{ErrorKind::forbidden, fmt::format("the role {} may not write {}", who.role, entity.id)};
    auto const format = gis_core::io::recognise(request.body);
    order.file_format = gis_core::io::file_extension(format);
    order.file_name = shown_name(name, format);
    auto const reason = std::string{request.header_or("X-Reason", "").substr(0, 800)};
    order.reason = reason.empty() ? fmt::format("nhập từ tệp {}", order.file_name) : fmt::format("{} (nhập từ tệp {})", reason, order.file_name);
    auto const job = pool_.write(who.actor(), [&](pqxx::transaction_base& tx, Session&) {
        auto const key = programme::imports::add(tx, order, request.body);
        return programme::imports::find(tx, key);
    });
    if (!job) throw Error{ErrorKind::internal, "the import was made and cannot be read"};
    auto response = job_answer(202, *job);
    response.headers.add("Location", fmt::format("/api/imports/{}", job->key));
    return response;
}

http::Response Imports::list(http::Request const& request) {
    request.query.allow_only({});
    auto const who = member(gate_, request);
    auto const jobs = pool_.read("", who.actor(), [&](pqxx::transaction_base& tx, Session&) { return programme::imports::list(tx, kListed); });
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& job : jobs) write(json, job);
    json.end_array().end_object();
    return private_json(200, json.take());
}

http::Response Imports::read(http::Request const& request) {
    request.query.allow_only({});
    auto const who = member(gate_, request);
    return job_answer(200, must_find(pool_, who, rest::parse_id("id", request.value(0))));
}

http::Response Imports::cancel(http::Request const& request) {
    request.query.allow_only({});
    auto const who = member(gate_, request);
    auto const key = rest::parse_id("id", request.value(0));
    pool_.write(who.actor(), [&](pqxx::transaction_base& tx, Session&) { programme::imports::cancel(tx, key); });
    return job_answer(200, must_find(pool_, who, key));
}

http::Response Imports::report(http::Request const& request) {
    request.query.allow_only({"f", "part"});
    auto const form = request.query.find("f").value_or("json"), part = request.query.find("part").value_or("issues");
    if (form != "json" && form != "csv" && form != "xlsx") throw gis_core::invalid_field("f", form, "json, csv or xlsx");
    if (part != "issues" && part != "overlaps") throw gis_core::invalid_field("part", part, "issues or overlaps (of a CSV; the others hold both)");
    auto const who = member(gate_, request);
    auto const job = must_find(pool_, who, rest::parse_id("id", request.value(0)));
    if (!job.has_ended()) throw Error{ErrorKind::conflict, fmt::format("the import is {}; its report comes with its end", job.state)};
    auto const actor = who.actor();
    auto const file_name = fmt::format("ocopmap-import-{}.{}", job.key, form);
    http::Response response;
    if (form == "xlsx") {
        FilePlace const place;
        gis_core::io::TemporaryFile const file{file_name};
        programme::imports::write_workbook(pool_, actor, dictionary_->find(job.entity), job, file.path());
        return send_file(file, FileFormat::xlsx, file_name);
    }
    if (form == "csv") {
        gis_core::io::TableInfo info{.name = "import", .title = {}, .note = {}, .columns = {}, .geometry_type = {}};
        auto const columns =
            part == "issues" ? std::vector<char const*>{"line", "field", "value", "allowed", "allowed_vi"} : std::vector<char const*>{"code", "other_code", "share", "kind"};
        for (auto const* column : columns) info.columns.push_back({column, column});
        response = http::Response::stream(
            gis_core::io::media_type(FileFormat::csv), [this, info, actor, entity = dictionary_->find(job.entity), key = job.key, is_issues = part == "issues"](http::BodySink& sink) {
                auto const writer = gis_core::io::make_text_writer(FileFormat::csv, info, [&sink](string_view bytes) { sink.write(bytes); });
                auto const add = [&](std::initializer_list<std::string> values) {
                    gis_core::io::Record record;
                    for (auto const& value : values) record.cells.emplace_back(value);
                    writer->add(record);
                };
                using gis_core::io::without_formula;
                if (is_issues)
                    programme::imports::each_issue(pool_, actor, entity, key, [&](auto const& issue) {
                        add({std::to_string(issue.line), without_formula(issue.field), without_formula(issue.value), without_formula(issue.allowed), issue.allowed_vi});
                    });
                else
                    programme::imports::each_overlap(pool_, actor, key, [&](auto const& overlap) {
                        add({without_formula(overlap.code), without_formula(overlap.other_code), overlap.share, overlap.kind});
                    });
                writer->finish();
            });
    } else {
        response = http::Response::stream("application/json; charset=utf-8", [this, actor, job](http::BodySink& sink) {
            constexpr std::size_t kBuffer = 64 * 1024;
            JsonWriter json;
            auto const flush = [&](std::size_t beyond) {
                if (json.text().size() <= beyond) return;
                sink.write(json.text());
                json.text().clear();
            };
            json.begin_object().key("job");
            write(json, job);
            json.key("issues").begin_array();
            programme::imports::each_issue(pool_, actor, dictionary_->find(job.entity), job.key, [&](auto const& issue) {
                json.begin_object().key("line");
                if (issue.line > 0) json.value(static_cast<long long>(issue.line));
                else json.null();
                json.member("field", string_view{issue.field})
                    .member("value", string_view{issue.value})
                    .member("allowed", string_view{issue.allowed})
                    .member("allowed_vi", string_view{issue.allowed_vi})
                    .end_object();
                flush(kBuffer);
            });
            json.end_array().key("overlaps").begin_array();
            programme::imports::each_overlap(pool_, actor, job.key, [&](auto const& overlap) {
                json.begin_object().member("id", static_cast<long long>(overlap.row)).member("code", string_view{overlap.code});
                json.member("other_id", static_cast<long long>(overlap.other)).member("other_code", string_view{overlap.other_code});
                json.key("share").raw(overlap.share).member("kind", string_view{overlap.kind}).end_object();
                flush(kBuffer);
            });
            json.end_array().end_object();
            flush(0);
        });
    }
    if (form == "csv") response.headers.add("Content-Disposition", "attachment; filename=\"" + file_name + "\"");
    response.headers.add("Cache-Control", "no-store");
    return response;
}

}  // namespace api
