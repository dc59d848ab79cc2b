// The hub, the lists, a record and its history.
#include "api/contact/visit.hpp"
#include "api/exports.hpp"
#include "api/ogc/links.hpp"
#include "api/records/list_query.hpp"
#include "api/rest/parameters.hpp"
#include "api/workplace/administration.hpp"
#include "api/workplace/desk.hpp"
#include "api/workplace/inspection.hpp"
#include "api/workplace/stored.hpp"
#include "api/workplace/talk.hpp"
#include "gis_core/error.hpp"
#include "programme/audit/history.hpp"
#include "programme/contact/feedback.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace api::workplace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using gis_core::db::Session;
using programme::access::Reach;
using programme::dictionary::FieldType;

namespace {

constexpr std::int64_t kCountedTo = 1000;  // of the hub: beyond that it says "more than"
constexpr std::size_t kColumns = 5, kFilters = 4;
constexpr int kChildren = 5;

std::string counted(pages::Texts const& t, std::int64_t count) {
    return count >= kCountedTo ? t("work_more_than", {{"n", t.number(kCountedTo - 1)}}) : t.number(count);
}

bool is_day(Field const& field) { return field.type == FieldType::date || field.type == FieldType::timestamp; }

/// The columns of a list: what names a row, what is asked of every row, then what tells rows apart at a glance.
std::vector<Field const*> list_columns(Lens const& lens) {
    auto const& entity = lens.entity;
    std::vector<std::pair<int, Field const*>> ranked;
    for (auto const* field : seen_fields(lens)) {
        if (programme::dictionary::is_shape(*field) || field->type == FieldType::file || programme::dictionary::is_sealed(*field)) continue;
        if (field->column == entity.label_column) continue;  // the link
        int const rank = field->is_required ? 0 : field->type == FieldType::enumeration ? 1 : is_day(*field) ? 2 : field->type == FieldType::text ? 4 : 3;
        ranked.emplace_back(rank, field);
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
    std::vector<Field const*> out;
    for (auto const& [rank, field] : ranked) {
        if (out.size() < kColumns) out.push_back(field);
    }
    return out;
}

bool is_number(Field const& field) { return field.type == FieldType::integer || field.type == FieldType::decimal; }

std::int64_t key_of(Desk const& desk) { return rest::parse_id("id", desk.request.value(1)); }

Error no_row(Desk const& desk, Right const& right) {
    return Error{ErrorKind::not_found, desk.t("work_no_row"), {{"row", "", desk.reach_in_words(right)}}};
}

/// The conditions of a list as a form shows them.
Json filters_of(Desk const& desk, Lens const& lens) {
    Json out = Json::array();
    auto const value = [&](std::string const& name) { return std::string{desk.request.query.find(name).value_or("")}; };
    for (auto const* field : seen_fields(lens)) {
        if (out.size() == kFilters) break;
        if (field->type == FieldType::enumeration) {
            Json options = Json::array();
            for (auto const& code : field->list->codes)
                options.push_back({{"option_value", code.code}, {"option_label", in(desk.t, code.label)}, {"is_chosen", value(field->column) == code.code}});
            out.push_back({{"filter_label", in(desk.t, field->label)}, {"filter_name", field->column}, {"is_choice", true}, {"options", std::move(options)}});
        } else if (field->type == FieldType::date) {
            out.push_back({{"filter_label", in(desk.t, field->label)},
                           {"filter_name", field->column},
                           {"is_range", true},
                           {"from", value(field->column + ".min")},
                           {"to", value(field->column + ".max")}});
        }
    }
    return out;
}

http::Response export_of(Desk const& desk, Lens const& lens, programme::records::ListQuery query, std::string_view format) {
    namespace io = gis_core::io;
    auto const wanted = io::parse_format(format);
    if (!wanted || (*wanted != io::FileFormat::csv && *wanted != io::FileFormat::xlsx)) throw gis_core::invalid_field("f", format, "csv or xlsx");
    auto const& entity = lens.entity;
    io::TableInfo info;
    info.name = entity.id;
    info.title = in(desk.t, entity.title);
    info.columns.push_back({"external_id", "external_id", io::CellType::text});
    std::vector<Field const*> fields;
    for (auto const* field : seen_fields(lens)) {
        if (programme::dictionary::is_shape(*field)) continue;
        fields.push_back(field);
        info.columns.push_back({field->column, in(desk.t, field->label), is_number(*field) ? io::CellType::number : io::CellType::text});
    }
    query.limit = 1000;
    query.after = 0;
    auto feed = [&pool = desk.place.pool, actor = desk.who.actor(), &entity, lens, query, fields, &t = desk.t](
                    std::function<void(io::Record const&)> const& give) mutable {
        for (bool more = true; more;) {
            auto const page = pool.read("", actor, [&](pqxx::transaction_base& tx, Session&) { return programme::records::list(tx, lens, query); });
            for (auto const& text : page.rows) {
                auto const row = parsed(text);
                std::vector<std::optional<std::string>> cells{row.at("external_id").is_null() ? std::nullopt : std::optional{row.at("external_id").get<std::string>()}};
                for (auto const* field : fields) {
                    auto const& value = row.at(field->column);
                    if (value.is_null()) cells.emplace_back();
                    else if (is_number(*field)) cells.emplace_back(gis_core::to_text(value));
                    else if (is_day(*field) || field->type == FieldType::file) cells.emplace_back(value.get<std::string>());
                    else cells.emplace_back(shown(t, *field, value));
                }
                io::Record record;
                for (auto const& cell : cells) record.cells.push_back(cell ? std::optional<std::string_view>{*cell} : std::nullopt);
                give(record);
            }
            more = page.next.has_value();
            if (more) query.after = *page.next;
        }
    };
    return export_list(*wanted, info, std::move(feed), {.rows = 200'000});
}

/// "ocopmap_r04", as the audit notes it → the role in words; empty for the operator.
std::string role_name(pages::Texts const& t, std::string const& database_role) {
    constexpr std::string_view kPrefix = "ocopmap_r";
    auto const key = database_role.starts_with(kPrefix) ? "role_R" + database_role.substr(kPrefix.size()) : std::string{};
    return t.has(key) ? t(key) : std::string{};
}

}  // namespace

// --- the hub --------------------------------------------------------------------------------------------------------------

http::Response get_hub(Desk const& desk) {
    auto const& t = desk.t;
    std::vector<Lens> lenses;
    for (auto const& section : desk.place.sections) {
        for (auto const* entity : section.entities) {
            if (desk.right(*entity).may_read()) lenses.push_back(desk.lens(*entity));
        }
    }
    auto const counts = desk.place.pool.read("", desk.who.actor(),
                                             [&](pqxx::transaction_base& tx, Session&) { return programme::records::counts(tx, lenses, kCountedTo); });
    Json sections = Json::array();
    if (desk.role() == "R16") {
        sections.push_back({{"section_id", "administration"},
                            {"section_icon", "users"},
                            {"section_title", t("adm_section")},
                            {"section_about", t("adm_section_about")},
                            {"entities", {{{"name", t("adm_accounts")}, {"list_href", kAccounts.in(desk.language)}, {"new_href", kNewAccount.in(desk.language)}},
                                          {{"name", t("adm_jobs")}, {"list_href", kJobs.in(desk.language)}}}}});
    }
    std::size_t next = 0;
    for (auto const& section : desk.place.sections) {
        Json entities = Json::array();
        bool is_mine = false;
        for (auto const* entity : section.entities) {
            auto const right = desk.right(*entity);
            if (!right.may_read()) continue;
            is_mine = is_mine || right.reach == Reach::own;
            entities.push_back({{"name", in(t, entity->title)},
                                {"list_href", desk.href(entity)},
                                {"count", counted(t, counts[next++])},
                                {"new_href", desk.may_add(*entity) ? desk.href(entity, Verb::create) : ""}});
        }
        if (entities.empty()) continue;
        sections.push_back({{"section_id", section.id},
                            {"section_icon", section.icon},
                            {"section_title", in(t, is_mine ? section.mine : section.title)},
                            {"section_about", in(t, section.about)},
                            {"entities", std::move(entities)}});
    }
    Json model{{"title", t("work_title")}, {"is_hub", true}, {"name", desk.who.display_name}};
    Json shortcuts = Json::array();
    if (programme::contact::writes_messages(desk.role())) shortcuts.push_back({{"name", t("threads")}, {"href", contact_pages::kThreads.in(desk.language)}});
    if (programme::contact::reads_feedback(desk.role())) shortcuts.push_back({{"name", t("fb_cases")}, {"href", contact_pages::kCases.in(desk.language)}});
    model["shortcuts"] = std::move(shortcuts);
    model["nothing"] = sections.empty();
    model["sections"] = std::move(sections);
    return desk.show("work_hub", std::move(model), desk.href_in(desk.language == Language::vi ? Language::en : Language::vi, nullptr));
}

// --- a list ---------------------------------------------------------------------------------------------------------------

http::Response get_list(Desk const& desk) {
    auto const opened = desk.open(desk.request.value(0), false);
    auto const& lens = opened.first;
    auto const& right = opened.second;
    auto const& entity = lens.entity;
    auto const& t = desk.t;
    http::Query asked;
    std::string format;
    {
        std::string raw;
        for (auto const& [name, value] : desk.request.query) {
            if (name == "f") format = value;
            else raw += (raw.empty() ? "" : "&") + pages::encode_value(name) + '=' + pages::encode_value(value);
        }
        asked = http::Query::parse(raw);
    }
    auto query = read_list_query(asked, lens, true);
    if (!format.empty()) return export_of(desk, lens, std::move(query), format);

    Json model{{"title", in(t, entity.title)}, {"entity_id", entity.id}, {"list_href", desk.href(&entity)}};
    auto const columns = list_columns(lens);
    auto const links = links_of(desk.place, entity);
    desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session&) {
        auto const page = programme::records::list(tx, lens, query);
        std::vector<Json> rows;
        std::vector<std::int64_t> keys;
        std::map<std::string, std::vector<std::int64_t>> linked;
        for (auto const& text : page.rows) {
            rows.push_back(parsed(text));
            keys.push_back(rows.back().at(entity.key).get<std::int64_t>());
            for (auto const& link : links) {
                if (auto const& key = rows.back().value(link.column, Json(nullptr)); key.is_number()) linked[link.column].push_back(key.get<std::int64_t>());
            }
        }
        auto const names = desk.names(tx, entity, keys);
        std::map<std::string, std::map<std::int64_t, std::string>> link_names;
        for (auto const& link : links) link_names[link.column] = desk.names(tx, *link.entity, linked[link.column]);
        bool const shows_links = desk.role() != "R02" && desk.role() != "R03";  // theirs is one producer
        Json heads = Json::array({{{"head", in(t, entity.find(entity.label_column) != nullptr ? entity.find(entity.label_column)->label : entity.title)}}});
        for (auto const& link : links) {
            if (shows_links || link.entity->id != "producers") heads.push_back({{"head", in(t, link.entity->title)}});
        }
        for (auto const* field : columns) heads.push_back({{"head", in(t, field->label)}, {"is_number", is_number(*field)}});
        Json items = Json::array();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            Json cells = Json::array();
            for (auto const& link : links) {
                if (!shows_links && link.entity->id == "producers") continue;
                auto const& key = rows[i].value(link.column, Json(nullptr));
                cells.push_back({{"cell_head", in(t, link.entity->title)}, {"cell", key.is_number() ? link_names[link.column][key.get<std::int64_t>()] : ""}});
            }
            for (auto const* field : columns) {
                auto text = shown(t, *field, rows[i].at(field->column));
                cells.push_back({{"cell_head", in(t, field->label)}, {"cell", std::move(text)}, {"is_number", is_number(*field)}, {"is_day", is_day(*field)}});
            }
            items.push_back({{"item_name", names.at(keys[i])}, {"item_href", desk.href(&entity, Verb::record, keys[i])}, {"cells", std::move(cells)}});
        }
        model["summary"] = t("work_count", {{"n", t.number(page.total)}, {"what", in(t, entity.title)}});
        model["has_items"] = !items.empty();
        model["items"] = std::move(items);
        model["heads"] = std::move(heads);
        if (page.next) model["next_href"] = ogc::with_parameters(desk.request, {{"after", std::to_string(*page.next)}});
        if (query.parent) {
            auto const* above = &desk.place.dictionary->entity(entity.parent->entity);
            auto const key = std::stoll(*query.parent);
            model["above"] = {{"above_title", in(t, above->title)},
                              {"above_name", desk.name(tx, *above, key)},
                              {"above_href", desk.href(above, Verb::record, key)},
                              {"above_column", entity.parent->column},
                              {"above_key", *query.parent}};
        }
        return 0;
    });
    if (query.after > 0) model["first_href"] = ogc::with_parameters(desk.request, {{"after", ""}});
    model["filters"] = filters_of(desk, lens);
    bool const is_filtered = !query.q.empty() || !query.conditions.empty() || query.bbox || query.retired;
    model["is_filtered"] = is_filtered;
    if (auto const* place = entity.place(); place != nullptr && programme::access::may_see(*place, desk.role())) {
        model["on_map_href"] = desk.map_href() + "?show=" + entity.id;
        for (auto const& [name, value] : asked) {
            if (!value.empty() && name != "after" && name != "limit" && name != "sort")
                model["on_map_href"] = model["on_map_href"].get<std::string>() + '&' + pages::encode_value(name) + '=' + pages::encode_value(value);
        }
    }
    model["list_q"] = query.q;
    auto const* label = entity.find(entity.label_column);
    model["has_search"] = label != nullptr && label->type == FieldType::text;
    model["search_label"] = label != nullptr ? t("work_search", {{"what", in(t, label->label)}}) : "";
    model["retired"] = query.retired;
    Json sorts = Json::array();
    auto const chosen = std::string{desk.request.query.find("sort").value_or("")};
    for (auto const& column : programme::records::sortable(lens)) {
        if (column == entity.key) continue;
        auto const* field = entity.find(column);
        auto const name = field != nullptr ? in(t, field->label) : t("work_" + column);
        sorts.push_back({{"option_value", column}, {"option_label", t("work_ascending", {{"what", name}})}, {"is_chosen", chosen == column}});
        sorts.push_back({{"option_value", "-" + column}, {"option_label", t("work_descending", {{"what", name}})}, {"is_chosen", chosen == "-" + column}});
    }
    model["sorts"] = std::move(sorts);
    if (desk.may_add(entity))
        model["new_href"] = desk.href(&entity, Verb::create) + (query.parent ? "?" + entity.parent->column + "=" + *query.parent : std::string{});
    if (right.may_write) model["import_href"] = desk.import_href() + "?entity=" + entity.id;
    else model["read_only"] = t(right.is_masked ? "work_read_masked" : "work_read_only", {{"role", t("role_" + desk.role())}});
    model["reach"] = desk.reach_in_words(right);
    model["csv_href"] = ogc::with_parameters(desk.request, {{"f", "csv"}, {"after", ""}});
    model["xlsx_href"] = ogc::with_parameters(desk.request, {{"f", "xlsx"}, {"after", ""}});
    return desk.show("work_list", std::move(model),
                     desk.href_in(desk.language == Language::vi ? Language::en : Language::vi, &entity) +
                         (desk.request.raw_query.empty() ? "" : "?" + desk.request.raw_query));
}

// --- a record -------------------------------------------------------------------------------------------------------------

namespace {

/// More than the record itself: what was said about it once.
http::Response record_page(Desk const& desk, Lens const& lens, Right const& right, std::int64_t key, Json model, int status = 200) {
    auto const& entity = lens.entity;
    auto const& t = desk.t;
    auto script = desk.script_data();
    Json shown_row;
    desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session&) {
        auto const found = programme::records::find(tx, lens, key);
        if (!found) throw no_row(desk, right);
        auto const row = parsed(found->json);
        model["title"] = desk.name(tx, entity, key);
        model["version"] = found->version;
        Json facts = Json::array(), empty = Json::array(), above = Json::array();
        for (auto const& link : links_of(desk.place, entity)) {
            auto const& at = row.value(link.column, Json(nullptr));
            if (!at.is_number()) continue;
            auto const number = at.get<std::int64_t>();
            above.push_back({{"above_title", in(t, link.entity->title)},
                             {"above_name", desk.name(tx, *link.entity, number)},
                             {"above_href", desk.right(*link.entity).may_read() ? desk.href(link.entity, Verb::record, number) : ""}});
        }
        for (auto const* field : seen_fields(lens)) {
            auto const& value = row.at(field->column);
            if (value.is_null()) {
                if (!field->is_derived) empty.push_back(in(t, field->label));
                continue;
            }
            if (programme::dictionary::is_shape(*field)) {
                script["shapes"].push_back({{"column", field->column}, {"geometry", value}, {"label", in(t, field->label)}});
                model["has_map"] = true;
                if (field->type == FieldType::multipolygon) continue;
            }
            Json fact{{"fact_label", in(t, field->label)}, {"fact", shown(t, *field, value)}, {"fact_column", field->column}};
            if (field->type == FieldType::file) fact["sha256"] = value;
            fact["is_sealed"] = programme::dictionary::is_sealed(*field) && lens.sees(*field);
            fact["is_long"] = value.is_string() && value.get<std::string>().size() > 90;
            facts.push_back(std::move(fact));
        }
        model["facts"] = std::move(facts);
        model["has_empty"] = !empty.empty();
        std::string missing;
        for (auto const& label : empty) missing += (missing.empty() ? "" : ", ") + label.get<std::string>();
        model["empty"] = std::move(missing);
        model["aboves"] = std::move(above);
        model["changed"] = t("work_changed", {{"when", moment(row.at("updated_at").get<std::string>())}, {"n", std::to_string(found->version)}});
        bool const is_retired = !row.at("retired_at").is_null();
        model["is_retired"] = is_retired;
        if (is_retired) model["retired_note"] = t("work_retired_note", {{"when", moment(row.at("retired_at").get<std::string>())}});
        if (right.may_write && !is_retired) {
            auto const overlaps = parsed(programme::records::overlaps(tx, lens, key));
            Json told = Json::array();
            for (auto const& overlap : overlaps) {
                auto const other = overlap.at("id").get<std::int64_t>();
                told.push_back({{"overlap", t("work_overlap_" + overlap.at("kind").get<std::string>(),
                                              {{"n", t.number(overlap.at("share").get<double>() * 100, 1)}, {"code", overlap.at("code").is_null() ? std::to_string(other) : overlap.at("code").get<std::string>()}})},
                                {"overlap_href", desk.href(&entity, Verb::record, other)}});
                script["overlaps"].push_back(fmt::format("/api/records/{}/{}", entity.id, other));
            }
            model["has_overlaps"] = !told.empty();
            model["overlaps"] = std::move(told);
        }
        Json children = Json::array();
        for (auto const& section : desk.place.sections) {
            for (auto const* child : section.entities) {
                if (!child->parent || child->parent->entity != entity.id || !desk.right(*child).may_read()) continue;
                programme::records::ListQuery query;
                query.parent = std::to_string(key);
                query.limit = kChildren;
                auto const page = programme::records::list(tx, desk.lens(*child), query);
                std::vector<std::int64_t> keys;
                for (auto const& text : page.rows) keys.push_back(parsed(text).at(child->key).get<std::int64_t>());
                auto const names = desk.names(tx, *child, keys);
                Json rows = Json::array();
                for (auto const one : keys) rows.push_back({{"row_name", names.at(one)}, {"row_href", desk.href(child, Verb::record, one)}});
                auto const here = "?" + child->parent->column + "=" + std::to_string(key);
                children.push_back({{"child_title", in(t, child->title)},
                                    {"child_count", t.number(page.total)},
                                    {"child_rows", std::move(rows)},
                                    {"child_all", page.total > kChildren ? desk.href(child) + here : ""},
                                    {"child_new", desk.right(*child).may_write && !is_retired ? desk.href(child, Verb::create) + here : ""}});
            }
        }
        model["has_children"] = !children.empty();
        model["children"] = std::move(children);
        shown_row = row;
        if (entity.id == "certificates" && !is_retired && row.at("certificate_serial").is_string()) {
            auto const serial = pages::encode_value(row.at("certificate_serial").get<std::string>());
            model["verify_href"] = (desk.language == Language::vi ? "/xac-minh/" : "/en/verify/") + serial;
            model["qr_href"] = "/api/certificates/" + serial + "/qr.svg";
        }
        return 0;
    });
    for (auto& fact : model["facts"]) {  // each is asked for by itself, past the transaction above
        if (fact.contains("sha256")) fact["file"] = stored_file(desk, fact["sha256"].get<std::string>(), fact["fact_label"].get<std::string>());
    }
    put_talk(desk, entity, key, model);
    put_feedback(desk, entity, key, model);
    put_findings(desk, entity, shown_row, model);
    model["entity_id"] = entity.id;
    model["entity_title"] = in(t, entity.title);
    model["list_href"] = desk.href(&entity);
    model["here"] = desk.href(&entity, Verb::record, key);
    model["edit_href"] = right.may_write ? desk.href(&entity, Verb::edit, key) : "";
    model["history_href"] = right.is_masked ? "" : desk.href(&entity, Verb::history, key);
    model["may_write"] = right.may_write;
    if (!right.may_write) model["read_only"] = t(right.is_masked ? "work_read_masked" : "work_read_only", {{"role", t("role_" + desk.role())}});
    if (auto const done = desk.request.query.find("done"); done && !model.contains("problem") && t.has(fmt::format("work_done_{}", *done)))
        model["done"] = t(fmt::format("work_done_{}", *done));
    model["page_data"] = pages::script_json(script);
    return desk.show("work_record", std::move(model), desk.href_in(desk.language == Language::vi ? Language::en : Language::vi, &entity, Verb::record, key),
                     status);
}

}  // namespace

http::Response get_record(Desk const& desk) {
    auto const opened = desk.open(desk.request.value(0), false);
    auto const& lens = opened.first;
    auto const& right = opened.second;
    return record_page(desk, lens, right, key_of(desk), Json::object());
}

http::Response post_record(Desk const& desk) {
    auto const form = http::Query::parse(desk.request.body);
    auto const field = [&](char const* name) { return std::string{form.find(name).value_or("")}; };
    auto const action = field("action");
    auto const opened = desk.open(desk.request.value(0), action != "reveal");
    auto const& lens = opened.first;
    auto const& right = opened.second;
    auto const key = key_of(desk);
    auto const here = desk.href(&lens.entity, Verb::record, key);
    auto& pool = desk.place.pool;
    try {
        if (action == "reveal") {
            desk.place.gate.accounts().require_recent(desk.who, field("own_password"));
            auto const digits = pool.write(desk.who.actor(field("reason")), [&](pqxx::transaction_base& tx, Session&) {
                return programme::records::reveal(tx, lens, key, field("field"), field("reason"));
            });
            return record_page(desk, lens, right, key, {{"revealed", desk.t("work_revealed", {{"value", digits}})}});
        }
        auto const version = static_cast<int>(rest::parse_id("version", field("version")));
        auto const stale = pool.write(desk.who.actor(field("reason")), [&](pqxx::transaction_base& tx, Session&) {
            return programme::records::in_words(lens, [&] {
                if (action == "retire") return programme::records::retire(tx, lens, key, version);
                if (action == "restore") return programme::records::restore(tx, lens, key, version);
                throw gis_core::invalid_field("action", action, "retire, restore or reveal");
            });
        });
        if (stale) return record_page(desk, lens, right, key, {{"problem", desk.t("work_stale")}}, 409);
        return see_other(here + "?done=" + action + "d");
    } catch (Error const& error) {
        switch (error.kind()) {
        case ErrorKind::invalid_argument: return record_page(desk, lens, right, key, {{"problem", desk.t("work_reason_short")}}, 400);
        case ErrorKind::conflict: return record_page(desk, lens, right, key, {{"problem", desk.t("work_too_late")}}, 409);
        case ErrorKind::forbidden:
            if (!error.fields().empty() && error.fields().front().field == "own_password")
                return record_page(desk, lens, right, key, {{"problem", desk.t("acc_error_own_password")}}, 403);
            throw Refused{desk.t("work_refused_row"), desk.reach_in_words(right)};
        default: throw;
        }
    }
}

// --- its history ----------------------------------------------------------------------------------------------------------

http::Response get_history(Desk const& desk) {
    auto const opened = desk.open(desk.request.value(0), false);
    auto const& lens = opened.first;
    auto const& entity = lens.entity;
    auto const& t = desk.t;
    if (opened.second.is_masked) throw Refused{t("work_refused_history", {{"role", t("role_" + desk.role())}, {"what", in(t, entity.title)}}), t("work_masked")};
    auto const key = key_of(desk);
    std::string title;
    std::map<std::int64_t, std::string> people;
    auto const versions = desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session&) {
        title = desk.name(tx, entity, key);
        auto found = programme::audit::history(tx, entity.table, std::to_string(key));
        people = programme::audit::names_of(tx, found);
        return found;
    });
    auto const fields = seen_fields(lens);
    auto const said = [&](Field const& field, std::string const& image) -> std::string {
        if (image.empty()) return {};
        auto const row = parsed(image);
        auto const found = row.find(field.column);
        if (found == row.end() || found->is_null()) return t("work_empty_value");
        if (programme::dictionary::is_shape(field)) return t("work_shape_value");
        if (programme::dictionary::is_sealed(field) || field.personal == programme::dictionary::Personal::sensitive) return t("work_hidden_value");
        return shown(t, field, *found);
    };
    Json items = Json::array();
    for (std::size_t i = 0; i < versions.size(); ++i) {
        auto const& version = versions[i];
        Json changes = Json::array();
        bool const is_change = version.action == "update" || version.action == "restore" || version.action == "retire";
        for (auto const* field : fields) {
            if (!is_change || std::find(version.changed.begin(), version.changed.end(), field->column) == version.changed.end()) continue;
            changes.push_back({{"change_label", in(t, field->label)},
                               {"old", i + 1 < versions.size() ? said(*field, versions[i + 1].image) : ""},
                               {"new", said(*field, version.image)}});
        }
        auto const action = version.action.empty() ? std::string{"before"} : version.action;
        items.push_back({{"act", t.has("work_act_" + action) ? t("work_act_" + action) : action},
                         {"at", version.since.empty() ? "" : moment(version.since)},
                         {"by", version.account_key ? people[*version.account_key] : version.action.empty() ? "" : t("work_operator")},
                         {"by_role", role_name(t, version.role)},
                         {"because", version.reason},
                         {"has_changes", !changes.empty()},
                         {"changes", std::move(changes)}});
    }
    Json model{{"title", t("work_history_of", {{"what", title}})}, {"entity_id", entity.id}, {"entity_title", in(t, entity.title)}, {"record_name", title}};
    model["list_href"] = desk.href(&entity);
    model["record_href"] = desk.href(&entity, Verb::record, key);
    model["has_items"] = !items.empty();
    model["items"] = std::move(items);
    return desk.show("work_history", std::move(model), desk.href_in(desk.language == Language::vi ? Language::en : Language::vi, &entity, Verb::history, key));
}

}  // namespace api::workplace
