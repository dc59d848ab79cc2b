// Reports on the record: a cross table of what the role reaches, and the certificates that end soon.
#include "api/workplace/reports.hpp"

#include "api/ogc/links.hpp"
#include "api/reports/reports.hpp"
#include "api/rest/parameters.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>

namespace api::workplace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using gis_core::db::Session;
using programme::reports::CrossQuery;
using programme::reports::CrossTable;
using programme::reports::Dimension;
using programme::reports::Figure;
using programme::reports::Heading;

namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

/// The address of this page with another report or form.
std::string here_with(Desk const& desk, std::vector<std::pair<std::string, std::string>> const& changes) {
    auto const whole = ogc::with_parameters(desk.request, changes);
    return kReports.in(desk.language) + (whole.find('?') == std::string::npos ? "" : whole.substr(whole.find('?')));
}

std::string parameter(Desk const& desk, char const* name) { return std::string{desk.request.query.find(name).value_or("")}; }

Json select(char const* name, std::string const& label, std::string const& chosen, Options const& options) {
    return {{"select_name", name}, {"select_label", label}, {"options", options_of(chosen, options)}, {"select_id", std::string{"r-"} + name}};
}

Options frames(pages::Texts const& t) {
    return {{"commune-new", t("report_frame_commune_new")},
            {"commune-old", t("report_frame_commune_old")},
            {"district-old", t("report_frame_district_old")},
            {"province", t("report_frame_province")}};
}

/// The choices as they stand in the address, also while it asks for what cannot be.
void put_form(Desk const& desk, Json& model) {
    auto const& t = desk.t;
    auto const chosen = [&](char const* name, char const* otherwise) {
        auto const value = parameter(desk, name);
        return value.empty() ? std::string{otherwise} : value;
    };
    Options measures, dimensions;
    for (auto const figure : {Figure::products, Figure::producers, Figure::sales_vnd, Figure::revenue_vnd}) {
        auto const name = std::string{programme::reports::to_text(figure)};
        if (reports::may_see(desk.place.access, desk.role(), figure)) measures.emplace_back(name, t("report_measure_" + name));
    }
    for (auto const* name : {"unit", "star", "class", "year", "level", "state", "kind"}) dimensions.emplace_back(name, t(std::string{"report_by_"} + name));
    auto columns = dimensions;
    columns.emplace_back("none", t("report_by_none"));
    auto const measure = chosen("measure", "products");
    bool const is_revenue = measure == "revenue_vnd";
    auto const with_all = [&](Options options) {
        options.insert(options.begin(), {"", t("work_any")});
        return options;
    };
    auto const list = [&](std::string_view name) {
        Options out;
        for (auto const& code : desk.place.dictionary->find_list(name)->codes) out.emplace_back(code.code, in(t, code.label));
        out.emplace_back("none", t("report_none"));
        return with_all(out);
    };
    model["selects"] =
        Json::array({select("measure", t("report_measure"), measure, measures), select("rows", t("report_rows"), chosen("rows", "unit"), dimensions),
                     select("columns", t("report_columns"), chosen("columns", is_revenue ? "none" : "star"), columns),
                     select("frame", t("report_frame"), chosen("frame", "commune-new"), frames(t))});
    model["filters"] = Json::array({select("state", t("report_by_state"), parameter(desk, "state"), list("certificate_state")),
                                    select("star", t("report_by_star"), parameter(desk, "star"),
                                           with_all({{"5", t("star_n", {{"n", "5"}})}, {"4", t("star_n", {{"n", "4"}})}, {"3", t("star_n", {{"n", "3"}})}, {"none", t("report_none")}})),
                                    select("level", t("report_by_level"), parameter(desk, "level"), list("decision_authority"))});
    model["at"] = chosen("at", gis_core::business_date().iso().c_str());
    model["money_year"] = parameter(desk, "money_year");
    model["unit"] = parameter(desk, "unit");
}

std::string const& name_of(Desk const& desk, Heading const& heading) { return desk.t.is_vietnamese() ? heading.vi : heading.en; }

void put_table(Desk const& desk, Json& model, CrossQuery const& query, CrossTable const& table) {
    auto const& t = desk.t;
    Json heads = Json::array(), rows = Json::array();
    for (auto const& column : table.columns) heads.push_back({{"head", name_of(desk, column)}});
    for (std::size_t i = 0; i <= table.rows.size(); ++i) {
        bool const is_total = i == table.rows.size();
        Json cells = Json::array();
        for (std::size_t j = 0; j <= table.columns.size(); ++j) {
            auto const& cell = table.cells[i][j];
            cells.push_back({{"cell", cell ? t.number(static_cast<std::int64_t>(*cell)) : ""}, {"is_hidden", !cell}, {"is_total", j == table.columns.size()}, {"is_nought", cell && *cell == 0}});
        }
        rows.push_back({{"row", is_total ? t("report_total") : name_of(desk, table.rows[i])}, {"is_total", is_total}, {"cells", std::move(cells)}});
    }
    model["has_table"] = true;
    model["heads"] = std::move(heads);
    model["rows"] = std::move(rows);
    auto const by = [](Dimension dimension) { return "report_by_" + std::string{programme::reports::to_text(dimension)}; };
    auto const measure = t("report_measure_" + std::string{programme::reports::to_text(query.figure)});
    model["caption"] = query.columns ? t("report_caption", {{"what", measure}, {"rows", t(by(query.rows))}, {"columns", t(by(*query.columns))}, {"date", query.at.vietnamese()}})
                                     : t("report_caption_one", {{"what", measure}, {"rows", t(by(query.rows))}, {"date", query.at.vietnamese()}});
    model["row_head"] = t(by(query.rows));
    if (programme::reports::is_money(query.figure)) model["money_note"] = t("report_money_note", {{"year", std::to_string(query.year)}});
    if (query.figure == Figure::producers) model["money_note"] = t("report_producers_note");
    if (table.hidden > 0) model["hidden_note"] = t("report_hidden_note", {{"n", t.number(static_cast<std::int64_t>(table.hidden))}});
    model["csv_href"] = here_with(desk, {{"f", "csv"}});
    model["xlsx_href"] = here_with(desk, {{"f", "xlsx"}});
    model["pdf_href"] = here_with(desk, {{"f", "pdf"}});
}

http::Response cross_page(Desk const& desk, Json model) {
    auto const& t = desk.t;
    int status = 200;
    try {
        auto const query = reports::read_cross_query(desk.request.query, *desk.place.dictionary, {"f", "report"});
        if (!reports::may_see(desk.place.access, desk.role(), query.figure))
            throw Refused{t("work_refused_read", {{"role", t("role_" + desk.role())}, {"what", t("report_measure_" + std::string{programme::reports::to_text(query.figure)})}}),
                          t("work_refused_other_role")};
        auto const table = desk.place.pool.read(query.at.iso(), desk.who.actor(), [&](pqxx::transaction_base& tx, Session& session) {
            return programme::reports::cross_table(tx, session, *desk.place.dictionary, query);
        });
        if (auto const form = parameter(desk, "f"); !form.empty()) return reports::file_of(table, query, form, t.is_vietnamese());
        put_table(desk, model, query, table);
    } catch (Error const& error) {
        if ((error.kind() != ErrorKind::invalid_argument && error.kind() != ErrorKind::not_found) || error.fields().empty()) throw;
        auto const& field = error.fields().front();
        model["problem"] = t("error_field", {{"field", t.has("report_" + field.field) ? t("report_" + field.field) : field.field}, {"value", field.value}, {"allowed", field.allowed}});
        status = 400;
    }
    put_form(desk, model);
    model["is_cross"] = true;
    return desk.show("work_reports", std::move(model), kReports.in(desk.other_language()) + (desk.request.raw_query.empty() ? "" : "?" + desk.request.raw_query), status);
}

http::Response expiring_page(Desk const& desk, Json model) {
    auto const& t = desk.t;
    if (!reports::may_see_expiring(desk.place.access, desk.role()))
        throw Refused{t("work_refused_read", {{"role", t("role_" + desk.role())}, {"what", t("report_expiring")}}), t("work_refused_other_role")};
    desk.request.query.allow_only({"report", "months", "f"});
    auto const months = parameter(desk, "months").empty() ? reports::kMonths : rest::integer_or(desk.request.query, "months", reports::kMonths, 1, reports::kMostMonths);
    auto const form = parameter(desk, "f");
    auto const day = gis_core::business_date();
    constexpr int kShown = 300;
    auto const list = desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session& session) {
        return programme::reports::expiring(tx, session, day, months, form.empty() ? kShown : 0);
    });
    if (!form.empty()) return reports::file_of(list, day, form, t.is_vietnamese());
    auto const& certificates = desk.place.dictionary->entity("certificates");
    Json items = Json::array();
    for (auto const& item : list.items)
        items.push_back({{"product", item.product},
                         {"href", desk.href(&certificates, Verb::record, item.certificate)},
                         {"serial", item.serial},
                         {"producer", item.producer},
                         {"commune", item.commune},
                         {"star", item.star},
                         {"last_day", pages::Texts::last_day(item.valid_to)},
                         {"days", t.number(static_cast<std::int64_t>(item.days))}});
    model["is_expiring"] = true;
    model["months"] = months;
    model["summary"] = t("report_expiring_n", {{"n", t.number(static_cast<std::int64_t>(list.total))}, {"months", std::to_string(months)}});
    if (list.total > static_cast<long long>(list.items.size())) model["more_note"] = t("report_more", {{"n", t.number(static_cast<std::int64_t>(list.items.size()))}});
    model["has_items"] = !items.empty();
    model["items"] = std::move(items);
    model["csv_href"] = here_with(desk, {{"f", "csv"}});
    model["xlsx_href"] = here_with(desk, {{"f", "xlsx"}});
    model["pdf_href"] = here_with(desk, {{"f", "pdf"}});
    return desk.show("work_reports", std::move(model), kReports.in(desk.other_language()) + "?report=expiring");
}

http::Response steps_page(Desk const& desk, Json model) {
    auto const& t = desk.t;
    if (!reports::may_see_dossiers(desk.place.access, desk.role()))
        throw Refused{t("work_refused_read", {{"role", t("role_" + desk.role())}, {"what", t("report_steps")}}), t("work_refused_other_role")};
    auto const query = reports::read_steps_query(desk.request.query, {"report", "f"});
    auto const report = desk.place.pool.read(query.to.iso(), desk.who.actor(), [&](pqxx::transaction_base& tx, Session& session) {
        return programme::reports::steps(tx, session, *desk.place.dictionary, query);
    });
    if (auto const form = parameter(desk, "f"); !form.empty()) return reports::file_of(report, query, form, t.is_vietnamese());
    Json times = Json::array();
    auto const figure = [&](std::optional<long long> const& value) { return value ? t.number(static_cast<std::int64_t>(*value)) : std::string{"–"}; };
    auto const put = [&](programme::reports::StepTimes const& one, bool is_total) {
        auto const of = query.by == "unit"    ? name_of(desk, one.unit)
                        : query.by == "state" ? name_of(desk, one.state)
                                              : name_of(desk, one.state) + ", " + name_of(desk, one.unit);
        times.push_back({{"of", is_total ? t("report_total") : of},
                         {"is_total", is_total},
                         {"stays", figure(one.stays)},
                         {"open", figure(one.open)},
                         {"overdue", figure(one.overdue)},
                         {"median", figure(one.median)},
                         {"p90", figure(one.p90)}});
    };
    for (auto const& one : report.items) put(one, false);
    put(report.total, true);
    model["is_steps"] = true;
    model["selects"] = Json::array(
        {select("by", t("report_rows"), query.by, {{"state", t("report_step_state")}, {"unit", t("report_by_unit")}, {"both", t("report_step_both")}}),
         select("frame", t("report_frame"), query.frame, frames(t))});
    model["from"] = query.from.iso();
    model["to"] = query.to.iso();
    model["times"] = std::move(times);
    for (auto const* form : {"csv", "xlsx", "pdf"}) model[std::string{form} + "_href"] = here_with(desk, {{"f", form}});
    return desk.show("work_reports", std::move(model), kReports.in(desk.other_language()) + "?report=steps");
}

http::Response deadlines_page(Desk const& desk, Json model) {
    auto const& t = desk.t;
    if (!reports::may_see_dossiers(desk.place.access, desk.role()))
        throw Refused{t("work_refused_read", {{"role", t("role_" + desk.role())}, {"what", t("report_deadlines")}}), t("work_refused_other_role")};
    desk.request.query.allow_only({"report", "kind", "f"});
    auto const form = parameter(desk, "f"), kind = parameter(desk, "kind");
    constexpr int kShown = 300;
    auto const list = desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session& session) {
        return programme::reports::deadlines(tx, session, gis_core::business_date(), kind, form.empty() ? kShown : 0);
    });
    if (!form.empty()) return reports::file_of(list, *desk.place.dictionary, form, t.is_vietnamese());
    auto const* states = desk.place.dictionary->find_list("dossier_state");
    Json items = Json::array();
    for (auto const& item : list.items)
        items.push_back({{"kind", t("report_limit_" + item.kind)},
                         {"href", fmt::format("{}/{}", t.is_vietnamese() ? "/quan-ly/ho-so" : "/en/manage/dossiers", item.dossier)},
                         {"product", item.product},
                         {"dossier_no", item.dossier_no},
                         {"producer", item.producer},
                         {"commune", item.commune},
                         {"state", in(t, states->find(item.state)->label)},
                         {"due_on", gis_core::Date::parse(item.due_on)->vietnamese()},
                         {"days", t.number(static_cast<std::int64_t>(item.days))},
                         {"is_late", item.days < 0}});
    model["is_deadlines"] = true;
    model["selects"] = Json::array({select(
        "kind", t("report_limit"), kind,
        {{"", t("work_any")}, {"step", t("report_limit_step")}, {"renewal", t("report_limit_renewal")}, {"withdrawal", t("report_limit_withdrawal")}})});
    model["summary"] =
        t("report_deadlines_n", {{"n", t.number(static_cast<std::int64_t>(list.total))}, {"late", t.number(static_cast<std::int64_t>(list.overdue))}});
    if (list.total > static_cast<long long>(list.items.size()))
        model["more_note"] = t("report_more_deadlines", {{"n", t.number(static_cast<std::int64_t>(list.items.size()))}});
    model["has_items"] = !items.empty();
    model["items"] = std::move(items);
    for (auto const* file : {"csv", "xlsx", "pdf"}) model[std::string{file} + "_href"] = here_with(desk, {{"f", file}});
    return desk.show("work_reports", std::move(model), kReports.in(desk.other_language()) + "?report=deadlines");
}

}  // namespace

bool has_reports(Desk const& desk) { return reports::may_see(desk.place.access, desk.role(), Figure::products); }

http::Response get_reports(Desk const& desk) {
    auto const& t = desk.t;
    if (!has_reports(desk)) throw Refused{t("work_refused_read", {{"role", t("role_" + desk.role())}, {"what", t("report_title")}}), t("work_refused_other_role")};
    Json model{{"title", t("report_title")}, {"is_reports", true}, {"here", kReports.in(desk.language)}};
    model["cross_href"] = kReports.in(desk.language);
    if (reports::may_see_expiring(desk.place.access, desk.role())) model["expiring_href"] = kReports.in(desk.language) + "?report=expiring";
    if (reports::may_see_dossiers(desk.place.access, desk.role())) {
        model["steps_href"] = kReports.in(desk.language) + "?report=steps";
        model["deadlines_href"] = kReports.in(desk.language) + "?report=deadlines";
    }
    model["has_tabs"] = model.contains("expiring_href") || model.contains("steps_href");
    auto const report = parameter(desk, "report");
    if (report == "expiring") return expiring_page(desk, std::move(model));
    if (report == "deadlines") return deadlines_page(desk, std::move(model));
    if (report == "steps") return steps_page(desk, std::move(model));
    if (!report.empty() && report != "products") throw gis_core::invalid_field("report", report, "products, expiring, steps or deadlines");
    return cross_page(desk, std::move(model));
}

}  // namespace api::workplace
