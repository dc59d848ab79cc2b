#include "api/reports/reports.hpp"

#include "api/accounts/gate.hpp"
#include "api/context.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/private_answer.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "http/router.hpp"

#include <fmt/format.h>

#include <memory>

namespace api {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Session;
using programme::reports::CrossQuery;
using programme::reports::CrossTable;
using programme::reports::Heading;
using rest::JsonWriter;
using std::string_view;

struct Reports {
    gis_core::db::Pool& pool;
    Gate& gate;
    std::shared_ptr<programme::dictionary::Dictionary const> dictionary;
    programme::access::Access access;
};

bool speaks_vietnamese(http::Request const& request) { return request.query.find("lang").value_or("vi") != "en"; }

void write_headings(JsonWriter& json, char const* name, string_view dimension, std::vector<Heading> const& headings) {
    json.key(name).begin_object().member("dimension", dimension).key("values").begin_array();
    for (auto const& heading : headings)
        json.begin_object().text_or_null("value", heading.code).member("label_vi", string_view{heading.vi}).member("label_en", string_view{heading.en}).end_object();
    json.end_array().end_object();
}

void write_figure(JsonWriter& json, std::optional<long long> const& figure) {
    if (figure) json.value(*figure);
    else json.null();
}

std::string to_json(CrossTable const& table, CrossQuery const& query) {
    using programme::reports::to_text;
    JsonWriter json;
    json.begin_object().member("report", "products").member("measure", to_text(query.figure)).member("at", string_view{query.at.iso()});
    if (programme::reports::is_money(query.figure)) json.member("money_year", query.year);
    json.key("frame").begin_object().member("level", string_view{table.frame.level}).member("date", string_view{table.frame.day.iso()}).end_object();
    write_headings(json, "rows", to_text(query.rows), table.rows);
    if (query.columns) write_headings(json, "columns", to_text(*query.columns), table.columns);
    else json.key("columns").null();
    json.key("cells").begin_array();
    for (std::size_t i = 0; query.columns && i < table.rows.size(); ++i) {
        json.begin_array();
        for (std::size_t j = 0; j < table.columns.size(); ++j) write_figure(json, table.cells[i][j]);
        json.end_array();
    }
    json.end_array().key("row_totals").begin_array();
    for (std::size_t i = 0; i < table.rows.size(); ++i) write_figure(json, table.cells[i].back());
    json.end_array().key("column_totals").begin_array();
    for (std::size_t j = 0; j < table.columns.size(); ++j) write_figure(json, table.cells.back()[j]);
    json.end_array().key("total");
    write_figure(json, table.cells.back().back());
    json.member("hidden", static_cast<long long>(table.hidden)).end_object();
    return json.take();
}

http::Response read_products(Reports& at, http::Request const& request, programme::accounts::Identity const& who) {
    auto const query = reports::read_cross_query(request.query, *at.dictionary, {"f", "lang"});
    if (!reports::may_see(at.access, who.role, query.figure))
        throw Error{ErrorKind::forbidden, fmt::format("the role {} may not see {}", who.role, programme::reports::to_text(query.figure))};
    auto const table = at.pool.read(query.at.iso(), who.actor(), [&](pqxx::transaction_base& tx, Session& session) {
        return programme::reports::cross_table(tx, session, *at.dictionary, query);
    });
    auto const form = request.query.find("f").value_or("json");
    if (form != "json") return reports::file_of(table, query, form, speaks_vietnamese(request));
    return rest::private_json(200, to_json(table, query));
}

http::Response read_expiring(Reports& at, http::Request const& request, programme::accounts::Identity const& who) {
    request.query.allow_only({"at", "months", "limit", "f", "lang"});
    if (!reports::may_see_expiring(at.access, who.role)) throw Error{ErrorKind::forbidden, fmt::format("the role {} may not see whose certificates end", who.role)};
    auto const day = rest::at_or_today(request.query);
    auto const months = rest::integer_or(request.query, "months", reports::kMonths, 1, reports::kMostMonths);
    auto const form = request.query.find("f").value_or("json");
    constexpr int kUsual = 200, kMost = 1000;
    auto const limit = form == "json" ? rest::integer_or(request.query, "limit", kUsual, 1, kMost) : 0;
    auto const list = at.pool.read(day.iso(), who.actor(), [&](pqxx::transaction_base& tx, Session& session) {
        return programme::reports::expiring(tx, session, day, months, limit);
    });
    if (form != "json") return reports::file_of(list, day, form, speaks_vietnamese(request));
    JsonWriter json;
    json.begin_object().member("report", "expiring").member("at", string_view{day.iso()}).member("months", months).member("total", list.total).key("items").begin_array();
    for (auto const& item : list.items) {
        json.begin_object().member("certificate", item.certificate).text_or_null("serial", item.serial).key("product").begin_object();
        json.member("id", item.product_id).member("name", string_view{item.product}).end_object().member("producer", string_view{item.producer});
        json.text_or_null("commune", item.commune).member("star", item.star).text_or_null("decision_no", item.decision_no);
        json.member("issued_on", string_view{item.issued_on}).member("valid_to", string_view{item.valid_to}).member("days", item.days).end_object();
    }
    json.end_array().end_object();
    return rest::private_json(200, json.take());
}

void write_times(JsonWriter& json, programme::reports::StepTimes const& times) {
    json.begin_object();
    for (auto const& [name, heading] : {std::pair{"state", &times.state}, std::pair{"unit", &times.unit}})
        json.key(name)
            .begin_object()
            .text_or_null("value", heading->code)
            .member("label_vi", string_view{heading->vi})
            .member("label_en", string_view{heading->en})
            .end_object();
    json.member("stays", times.stays).member("open", times.open).member("overdue", times.overdue).key("median");
    write_figure(json, times.median);
    json.key("p90");
    write_figure(json, times.p90);
    json.end_object();
}

http::Response read_steps(Reports& at, http::Request const& request, programme::accounts::Identity const& who) {
    auto const query = reports::read_steps_query(request.query, {"f", "lang"});
    if (!reports::may_see_dossiers(at.access, who.role)) throw Error{ErrorKind::forbidden, fmt::format("the role {} may not see dossiers", who.role)};
    auto const report = at.pool.read(query.to.iso(), who.actor(), [&](pqxx::transaction_base& tx, Session& session) {
        return programme::reports::steps(tx, session, *at.dictionary, query);
    });
    auto const form = request.query.find("f").value_or("json");
    if (form != "json") return reports::file_of(report, query, form, speaks_vietnamese(request));
    JsonWriter json;
    json.begin_object()
        .member("report", "steps")
        .member("by", string_view{query.by})
        .member("from", string_view{query.from.iso()})
        .member("to", string_view{query.to.iso()});
    json.key("frame").begin_object().member("level", string_view{report.frame.level}).member("date", string_view{report.frame.day.iso()}).end_object();
    json.key("items").begin_array();
    for (auto const& times : report.items) write_times(json, times);
    json.end_array().key("total");
    write_times(json, report.total);
    json.end_object();
    return rest::private_json(200, json.take());
}

http::Response read_deadlines(Reports& at, http::Request const& request, programme::accounts::Identity const& who) {
    request.query.allow_only({"at", "kind", "limit", "f", "lang"});
    if (!reports::may_see_dossiers(at.access, who.role)) throw Error{ErrorKind::forbidden, fmt::format("the role {} may not see dossiers", who.role)};
    auto const day = rest::at_or_today(request.query);
    auto const form = request.query.find("f").value_or("json");
    constexpr int kUsual = 200, kMost = 1000;
    auto const limit = form == "json" ? rest::integer_or(request.query, "limit", kUsual, 1, kMost) : 0;
    auto const list = at.pool.read(day.iso(), who.actor(), [&](pqxx::transaction_base& tx, Session& session) {
        return programme::reports::deadlines(tx, session, day, std::string{request.query.find("kind").value_or("")}, limit);
    });
    if (form != "json") return reports::file_of(list, *at.dictionary, form, speaks_vietnamese(request));
    JsonWriter json;
    json.begin_object()
        .member("report", "deadlines")
        .member("at", string_view{day.iso()})
        .member("total", list.total)
        .member("overdue", list.overdue)
        .key("items")
        .begin_array();
    for (auto const& item : list.items) {
        json.begin_object().member("kind", string_view{item.kind}).member("dossier", item.dossier).text_or_null("dossier_no", item.dossier_no);
        json.member("state", string_view{item.state})
            .member("product", string_view{item.product})
            .member("producer", string_view{item.producer})
            .text_or_null("commune", item.commune);
        json.member("since", string_view{item.since}).member("due_on", string_view{item.due_on}).member("days", item.days).end_object();
    }
    json.end_array().end_object();
    return rest::private_json(200, json.take());
}

http::Response read_report(Reports& at, http::Request const& request) {
    auto const who = at.gate.require(request);
    if (request.value(0) == "products") return read_products(at, request, who);
    if (request.value(0) == "expiring") return read_expiring(at, request, who);
    if (request.value(0) == "steps") return read_steps(at, request, who);
    if (request.value(0) == "deadlines") return read_deadlines(at, request, who);
    throw Error{ErrorKind::not_found, fmt::format("there is no report {}; there are products, expiring, steps and deadlines", request.value(0))};
}

}  // namespace

void add_report_routes(http::Router& router, Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary) {
    auto access = programme::access::Access::load(context.config.data_dir, *dictionary);
    auto const reports = std::make_shared<Reports>(Reports{context.pool, gate_of(context), std::move(dictionary), std::move(access)});
    router.get("/api/reports/{report}", [reports](http::Request const& request) { return read_report(*reports, request); });
}

}  // namespace api
