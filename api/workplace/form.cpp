// A new row, and a row that is changed: the form, what was typed, what is wrong with it, and two people at one row.
#include "api/rest/parameters.hpp"
#include "api/workplace/desk.hpp"
#include "api/workplace/stored.hpp"
#include "gis_core/crs/vn2000.hpp"
#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "programme/drafts/drafts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace api::workplace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using gis_core::db::Session;
using programme::dictionary::FieldType;

Json options_of(std::string const& chosen, std::vector<std::pair<std::string, std::string>> const& options) {
    Json out = Json::array();
    for (auto const& [value, label] : options) out.push_back({{"option_value", value}, {"option_label", label}, {"is_chosen", value == chosen}});
    return out;
}

std::vector<std::pair<std::string, std::string>> coordinate_systems(pages::Texts const& t) {
    std::vector<std::pair<std::string, std::string>> out{{"", t("shape_wgs84")}};
    auto known = gis_core::crs::vn2000_systems();
    std::stable_partition(known.begin(), known.end(), [](auto const& system) { return system.epsg == 9210; });
    for (auto const& system : known) out.emplace_back(fmt::format("EPSG:{}", system.epsg), fmt::format("{} (EPSG:{})", system.name, system.epsg));
    return out;
}

namespace {

constexpr int kMostChoices = 200;  // of a parent, as a list to choose from

/// What a form holds: the text of each input, whatever it may be worth.
struct Typed {
    std::map<std::string, std::string> values, systems;  // by column; systems: of a shape's coordinates
    Json was = Json::object();                           // the texts when the form was made, shapes as marks
    int version = 0;
    std::string reason;
    std::map<std::string, std::string> choices;  // of a conflict: mine, theirs
};

/// A text, or for a shape what tells it from another: shapes are long.
std::string mark_of(Field const* field, std::string const& typed) {
    return field != nullptr && programme::dictionary::is_shape(*field) ? fmt::format("#{:x}", std::hash<std::string>{}(typed)) : typed;
}

std::string tidy(std::string_view sent) {
    std::string out;
    for (char const c : sent) {
        if (c != '\r') out += c;
    }
    out.erase(0, std::min(out.find_first_not_of(" \t\n"), out.size()));
    out.erase(out.find_last_not_of(" \t\n") + 1);
    return out;
}

/// The inputs of an entity for one role: its links, then its fields.
struct Shape {
    Desk const& desk;
    Lens const& lens;
    std::vector<Link> links;
    std::vector<Field const*> fields;

    Shape(Desk const& at, Lens const& through, bool is_new) : desk{at}, lens{through}, links{links_of(at.place, through.entity, is_new)} {
        for (auto const* field : seen_fields(through)) {
            if (!field->is_derived) fields.push_back(field);
        }
    }
    Field const* field(std::string_view column) const {
        auto const found = std::find_if(fields.begin(), fields.end(), [&](auto const* f) { return f->column == column; });
        return found == fields.end() ? nullptr : *found;
    }
    std::vector<std::string> columns() const {
        std::vector<std::string> out;
        for (auto const& link : links) out.push_back(link.column);
        for (auto const* f : fields) out.push_back(f->column);
        return out;
    }
    std::string label(std::string const& column) const {
        if (auto const* f = field(column)) return in(desk.t, f->label);
        for (auto const& link : links) {
            if (link.column == column) return in(desk.t, link.entity->title);
        }
        return column;
    }
    /// The row's texts as its inputs show them.
    std::map<std::string, std::string> texts(Json const& row) const {
        std::map<std::string, std::string> out;
        for (auto const& link : links) {
            auto const& key = row.value(link.column, Json(nullptr));
            out[link.column] = key.is_number() ? gis_core::to_text(key) : "";
        }
        for (auto const* f : fields) out[f->column] = typed_of(desk.t, *f, row.at(f->column));
        return out;
    }
    Json marks(std::map<std::string, std::string> const& texts) const {
        auto out = Json::object();
        for (auto const& [column, text] : texts) out[column] = mark_of(field(column), text);
        return out;
    }
};

Typed read_typed(Shape const& shape, http::Query const& form) {
    Typed out;
    for (auto const& column : shape.columns()) {
        if (auto const sent = form.find(column)) out.values[column] = tidy(*sent);
        if (auto const system = form.find(column + ".crs"); system && !system->empty()) out.systems[column] = *system;
        if (auto const choice = form.find(column + ".choice")) out.choices[column] = *choice;
    }
    if (auto const was = form.find("was"); was && !was->empty()) {
        auto json = gis_core::parse_json(*was, "was");
        if (json.is_object()) out.was = std::move(json);
    }
    out.reason = tidy(form.find("reason").value_or(""));
    auto const version = form.find("version").value_or("");
    out.version = version.empty() || version == "0" ? 0 : static_cast<int>(rest::parse_id("version", version));
    return out;
}

bool is_changed(Shape const& shape, Typed const& typed, std::string const& column) {
    auto const found = typed.values.find(column);
    if (found == typed.values.end()) return false;
    if (auto const choice = typed.choices.find(column); choice != typed.choices.end() && choice->second == "theirs") return false;
    auto const was = typed.was.find(column);
    return was == typed.was.end() || !was->is_string() || was->get<std::string>() != mark_of(shape.field(column), found->second);
}

/// What was typed as JSON: all of it, or what is changed.
Json json_of(Shape const& shape, Typed const& typed, bool only_changed, std::vector<Wrong>& wrong) {
    auto out = Json::object();
    for (auto const& [column, text] : typed.values) {
        if (only_changed ? !is_changed(shape, typed, column) : text.empty()) continue;
        auto const* field = shape.field(column);
        try {
            if (field != nullptr) {
                auto const system = typed.systems.find(column);
                out[column] = value_of(shape.desk.t, *field, text, system == typed.systems.end() ? "" : system->second);
            } else {
                bool const is_key = !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string::npos;
                out[column] = text.empty() ? Json(nullptr) : is_key ? Json(std::stoll(text)) : Json(text);
            }
        } catch (Wrong const& one) {
            wrong.push_back(one);
        }
    }
    return out;
}

/// What read_values or the record refused, field by field, as people say it.
void say_wrong(Shape const& shape, Error const& error, bool by_record, std::vector<Wrong>& wrong) {
    auto const& t = shape.desk.t;
    for (auto const& one : error.fields()) {
        auto const* field = shape.field(one.field);
        bool const is_link = std::any_of(shape.links.begin(), shape.links.end(), [&](auto const& link) { return link.column == one.field; });
        if (std::any_of(wrong.begin(), wrong.end(), [&](auto const& w) { return w.column == one.field; })) continue;
        if (is_link) wrong.push_back({one.field, t("work_wrong_link")});
        else if (field == nullptr) wrong.push_back({"", by_record ? t("work_wrong_together", {{"rule", one.field}}) : error.what()});
        else if (error.kind() == ErrorKind::conflict) wrong.push_back({one.field, t("work_wrong_twice")});
        else if (!by_record && one.value.empty()) wrong.push_back({one.field, t("work_wrong_required")});
        else if (by_record && one.allowed.starts_with("a file of these kinds")) wrong.push_back({one.field, t("work_wrong_kind", {{"kinds", unit_of(t, *field)}})});
        else if (by_record && programme::dictionary::is_shape(*field)) wrong.push_back({one.field, t("work_wrong_outline")});
        else if (by_record) wrong.push_back({one.field, t("work_wrong_rule")});
        else wrong.push_back({one.field, wanted(t, *field)});
    }
    if (wrong.empty()) {
        auto const geometry = std::find_if(shape.fields.begin(), shape.fields.end(), [](auto const* f) { return programme::dictionary::is_shape(*f); });
        if (error.what() == std::string_view{"a geometry is not valid"} && geometry != shape.fields.end()) wrong.push_back({(*geometry)->column, t("work_wrong_outline")});
        else wrong.push_back({"", t(error.kind() == ErrorKind::conflict ? "work_wrong_period" : "work_wrong_some")});
    }
}

bool is_long(Field const& field, std::string const& text) {
    if (text.size() > 90 || text.find('\n') != std::string::npos) return true;
    for (auto const* part : {"note", "text", "description", "story", "opinion", "comment", "history", "reason", "content", "summary", "detail"}) {
        if (field.column.find(part) != std::string::npos) return true;
    }
    return false;
}

/// What phones offer as keyboard and browsers as completion.
void put_hints(Json& input, Field const& field, bool is_own) {
    auto const has = [&](char const* part) { return field.column.find(part) != std::string::npos; };
    struct Hint {
        char const *part, *type, *complete;
    };
    for (auto const& hint : {Hint{"phone", "tel", "tel"}, Hint{"email", "email", "email"}, Hint{"url", "url", "url"}, Hint{"website", "url", "url"}}) {
        if (!has(hint.part)) continue;
        input["input_type"] = hint.type;
        input["autocomplete"] = is_own ? hint.complete : "off";
        return;
    }
    input["input_type"] = "text";
    input["autocomplete"] = is_own && has("address") ? "street-address" : "off";
}

Json link_input(Shape const& shape, pqxx::transaction_base& tx, Link const& link, std::string& typed, bool is_new, bool is_required) {
    auto const& desk = shape.desk;
    Json input{{"column", link.column}, {"label", in(desk.t, link.entity->title)}, {"required", is_required}, {"is_link", true}};
    programme::records::ListQuery query;
    query.limit = kMostChoices;
    query.sort = "";
    auto const page = programme::records::list(tx, desk.lens(*link.entity), query);
    std::vector<std::int64_t> keys;
    for (auto const& text : page.rows) keys.push_back(parsed(text).at(link.entity->key).get<std::int64_t>());
    if (is_new && typed.empty() && keys.size() == 1 && page.total == 1) typed = std::to_string(keys.front());
    bool const is_number = !typed.empty() && typed.size() < 19 && typed.find_first_not_of("0123456789") == std::string::npos;
    if (is_number && std::find(keys.begin(), keys.end(), std::stoll(typed)) == keys.end()) keys.insert(keys.begin(), std::stoll(typed));
    auto const names = desk.names(tx, *link.entity, keys);
    std::vector<std::pair<std::string, std::string>> options;
    if (!is_required || typed.empty()) options.emplace_back("", desk.t(is_required ? "work_choose" : "work_none"));
    for (auto const key : keys) options.emplace_back(std::to_string(key), names.at(key));
    bool const is_all = page.total <= kMostChoices;
    input["is_choice"] = is_all;
    input["is_suggested"] = !is_all;
    input["suggest_href"] = "/api/records/" + link.entity->id;
    input["suggest_key"] = link.entity->key;
    input["suggest_label"] = link.entity->label_column;
    input["options"] = options_of(typed, options);
    input["help"] = is_all ? "" : desk.t("work_suggested");
    input["chosen_name"] = is_number ? names.at(std::stoll(typed)) : "";
    input["value"] = typed;
    return input;
}

Json field_input(Shape const& shape, Field const& field, Typed const& typed, bool is_own) {
    auto const& t = shape.desk.t;
    auto const found = typed.values.find(field.column);
    auto const text = found == typed.values.end() ? std::string{} : found->second;
    Json input{{"column", field.column}, {"label", in(t, field.label)}, {"required", field.is_required}, {"value", text}};
    if (!field.unit.empty()) input["unit"] = unit_of(t, field);
    std::string help = t.is_vietnamese() ? field.note : std::string{};
    auto const add_help = [&](std::string const& more) { help += (help.empty() ? "" : "; ") + more; };
    switch (field.type) {
    case FieldType::enumeration: {
        std::vector<std::pair<std::string, std::string>> options;
        if (!field.is_required || text.empty()) options.emplace_back("", t(field.is_required ? "work_choose" : "work_none"));
        for (auto const& code : field.list->codes) options.emplace_back(code.code, in(t, code.label));
        input["is_choice"] = true;
        input["options"] = options_of(text, options);
        break;
    }
    case FieldType::boolean:
        input["is_choice"] = true;
        input["options"] = options_of(text, {{"", t("work_none")}, {"true", t("work_yes")}, {"false", t("work_no")}});
        break;
    case FieldType::integer:
    case FieldType::decimal:
        input["is_plain"] = true;
        input["input_type"] = "text";
        input["inputmode"] = field.type == FieldType::integer ? "numeric" : "decimal";
        input["autocomplete"] = "off";
        break;
    case FieldType::date:
        input["is_plain"] = true;
        input["input_type"] = "date";
        input["autocomplete"] = "off";
        break;
    case FieldType::timestamp:
        input["is_plain"] = true;
        input["input_type"] = "datetime-local";
        input["step"] = "any";
        input["autocomplete"] = "off";
        break;
    case FieldType::file:
        input["is_plain"] = true;
        input["is_file"] = shape.desk.place.files != nullptr;
        input["takes"] = endings_of(field);
        input["file"] = stored_file(shape.desk, text, in(t, field.label));
        input["input_type"] = "text";
        input["autocomplete"] = "off";
        break;
    case FieldType::point:
    case FieldType::multipolygon: {
        auto const system = typed.systems.find(field.column);
        input["is_shape"] = true;
        input["shape_kind"] = field.type == FieldType::point ? "point" : "area";
        input["is_area"] = field.type == FieldType::multipolygon;
        input["systems"] = options_of(system == typed.systems.end() ? "" : system->second, coordinate_systems(t));
        input["lines"] = field.type == FieldType::point ? 1 : 6;
        help = t(field.type == FieldType::point ? "shape_help_point" : "shape_help_area");
        break;
    }
    case FieldType::text:
        put_hints(input, field, is_own);
        input["is_long"] = !programme::dictionary::is_sealed(field) && is_long(field, text);
        input["is_plain"] = !input["is_long"].get<bool>();
        if (programme::dictionary::is_sealed(field)) {
            input["inputmode"] = "numeric";
            input["is_private"] = true;
            add_help(t("work_help_sealed"));
        }
        break;
    }
    if (field.source != "proposal" && !field.source.empty()) add_help(t("work_help_source", {{"source", field.source}}));
    input["help"] = help;
    return input;
}

struct FormPage {
    std::int64_t key = 0;  // 0: a new row
    Typed typed;
    std::vector<Wrong> wrong;
    std::string notice, refused;
    std::optional<std::string> draft_of;  // when it was kept
    int status = 200;
};

http::Response form_page(Desk const& desk, Lens const& lens, FormPage page) {
    auto const& entity = lens.entity;
    auto const& t = desk.t;
    bool const is_new = page.key == 0;
    Shape const shape{desk, lens, is_new};
    bool const is_own = desk.right(entity).reach == programme::access::Reach::own;
    Json model{{"entity_id", entity.id}, {"entity_title", in(t, entity.title)}, {"list_href", desk.href(&entity)}};
    Json inputs = Json::array();
    auto const wrong_of = [&](std::string const& column) {
        auto const found = std::find_if(page.wrong.begin(), page.wrong.end(), [&](auto const& one) { return one.column == column; });
        return found == page.wrong.end() ? std::string{} : found->said;
    };
    desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session&) {
        if (!is_new) model["record_name"] = desk.name(tx, entity, page.key);
        for (auto const& link : shape.links) {
            if (!desk.right(*link.entity).may_read()) continue;  // whoever may not see whose it is leaves it as it is
            bool const is_required = entity.scope == programme::dictionary::Scope::producer && !programme::access::names_producer(entity);
            inputs.push_back(link_input(shape, tx, link, page.typed.values[link.column], is_new, is_required));
        }
        return 0;
    });
    for (auto const* field : shape.fields) inputs.push_back(field_input(shape, *field, page.typed, is_own));
    for (auto& input : inputs) {
        auto const said = wrong_of(input["column"].get<std::string>());
        input["is_wrong"] = !said.empty();
        input["said"] = said;
        input["has_help"] = !input.value("help", std::string{}).empty();
        if (!input.contains("unit")) input["unit"] = "";
    }
    Json problems = Json::array();
    for (auto const& one : page.wrong)
        problems.push_back({{"problem_at", one.column}, {"problem_label", one.column.empty() ? "" : shape.label(one.column)}, {"problem_said", one.said}});
    model["title"] = is_new ? t("work_new", {{"what", in(t, entity.title)}}) : t("work_edit", {{"what", model.value("record_name", "")}});
    model["inputs"] = std::move(inputs);
    model["has_problems"] = !problems.empty();
    model["problems_title"] = t("work_problems", {{"n", std::to_string(page.wrong.size())}});
    model["problems"] = std::move(problems);
    model["refused"] = page.refused;
    model["notice"] = page.notice;
    if (page.draft_of) model["draft_notice"] = t("work_draft_notice", {{"when", moment(*page.draft_of)}});
    model["here"] = desk.href(&entity, is_new ? Verb::create : Verb::edit, page.key);
    model["cancel_href"] = is_new ? desk.href(&entity) : desk.href(&entity, Verb::record, page.key);
    model["is_new"] = is_new;
    model["version"] = page.typed.version;
    model["was"] = gis_core::to_text(page.typed.was);
    model["reason"] = page.typed.reason;
    auto script = desk.script_data();
    script["draft"] = fmt::format("/api/drafts/{}/{}", entity.id, is_new ? std::string{"new"} : std::to_string(page.key));
    script["entity"] = entity.id;
    script["id"] = page.key;
    script["records"] = entity.place() != nullptr ? "/api/records/" + entity.id : "";
    script["place"] = entity.place() != nullptr ? entity.place()->column : "";
    if (desk.place.files != nullptr) script["upload_rules"] = upload_rules(*desk.place.files);
    script["is_draft"] = page.draft_of.has_value() || !page.wrong.empty();
    model["page_data"] = pages::script_json(script);
    return desk.show("work_form", std::move(model),
                     desk.href_in(desk.language == Language::vi ? Language::en : Language::vi, &entity, is_new ? Verb::create : Verb::edit, page.key), page.status);
}

Json row_now(Desk const& desk, Lens const& lens, std::int64_t key) {
    auto const row = desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session&) { return programme::records::find(tx, lens, key); });
    if (!row) throw Error{ErrorKind::not_found, desk.t("work_no_row"), {{"row", "", desk.reach_in_words(desk.right(lens.entity))}}};
    return parsed(row->json);
}

/// Somebody saved in between: theirs and mine side by side, field by field.
http::Response conflict_page(Desk const& desk, Lens const& lens, std::int64_t key, Typed const& mine, programme::records::Row const& current) {
    auto const& entity = lens.entity;
    auto const& t = desk.t;
    Shape const shape{desk, lens, false};
    auto const row = parsed(current.json);
    auto const theirs = shape.texts(row);
    auto const their_marks = shape.marks(theirs);
    Json fields = Json::array();
    std::string title, since;
    desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session&) {
        title = desk.name(tx, entity, key);
        auto const in_words = [&](std::string const& column, std::string const& text) -> std::string {
            if (text.empty()) return t("work_empty_value");
            auto const* field = shape.field(column);
            if (field == nullptr) {
                for (auto const& link : shape.links) {
                    if (link.column == column && text.size() < 19 && text.find_first_not_of("0123456789") == std::string::npos) return desk.name(tx, *link.entity, std::stoll(text));
                }
                return text;
            }
            if (field->type == FieldType::multipolygon) return t("work_shape_lines", {{"n", std::to_string(1 + std::count(text.begin(), text.end(), '\n'))}});
            try {
                auto const value = value_of(t, *field, text, "");
                auto said = shown(t, *field, value);
                return said.empty() ? text : said;
            } catch (Wrong const&) {
                return text;
            }
        };
        for (auto const& column : shape.columns()) {
            auto const typed = mine.values.find(column);
            if (typed == mine.values.end() || mark_of(shape.field(column), typed->second) == their_marks.at(column).get<std::string>()) continue;
            bool const i_changed = is_changed(shape, mine, column);
            auto const was = mine.was.find(column);
            bool const they_changed = was == mine.was.end() || *was != their_marks.at(column);
            if (!i_changed) continue;  // theirs alone: it stays as they made it
            auto const system = mine.systems.find(column);
            fields.push_back({{"column", column},
                              {"label", shape.label(column)},
                              {"before", was != mine.was.end() && was->is_string() && !was->get<std::string>().starts_with('#') ? in_words(column, was->get<std::string>()) : ""},
                              {"theirs", in_words(column, theirs.at(column))},
                              {"mine", in_words(column, typed->second)},
                              {"value", typed->second},
                              {"system", system == mine.systems.end() ? "" : system->second},
                              {"both", they_changed},
                              {"only_mine", !they_changed}});
        }
        return 0;
    });
    Json others = Json::array();
    for (auto const& column : shape.columns()) {
        auto const was = mine.was.find(column);
        if (was != mine.was.end() && *was != their_marks.at(column) && !is_changed(shape, mine, column)) others.push_back({{"other_label", shape.label(column)}});
    }
    Json model{{"title", t("work_conflict", {{"what", title}})}, {"entity_id", entity.id}, {"entity_title", in(t, entity.title)}, {"record_name", title}};
    model["list_href"] = desk.href(&entity);
    model["record_href"] = desk.href(&entity, Verb::record, key);
    model["history_href"] = desk.href(&entity, Verb::history, key);
    model["here"] = desk.href(&entity, Verb::edit, key);
    model["about"] = t("work_conflict_about", {{"when", moment(row.at("updated_at").get<std::string>())}, {"n", std::to_string(current.version)}});
    model["has_fields"] = !fields.empty();
    model["fields"] = std::move(fields);
    model["has_others"] = !others.empty();
    model["others"] = std::move(others);
    model["version"] = current.version;
    model["was"] = gis_core::to_text(their_marks);
    model["reason"] = mine.reason;
    return desk.show("work_conflict", std::move(model), desk.href_in(desk.language == Language::vi ? Language::en : Language::vi, &entity, Verb::edit, key), 409);
}

}  // namespace

http::Response get_form(Desk const& desk, bool is_new) {
    auto const opened = desk.open(desk.request.value(0), true);
    auto const& lens = opened.first;
    Shape const shape{desk, lens, is_new};
    FormPage page;
    page.key = is_new ? 0 : rest::parse_id("id", desk.request.value(1));
    if (!is_new) {
        auto const row = row_now(desk, lens, page.key);
        if (!row.at("retired_at").is_null()) return see_other(desk.href(&lens.entity, Verb::record, page.key));
        page.typed.values = shape.texts(row);
        page.typed.version = row.at("version").get<int>();
        page.typed.was = shape.marks(page.typed.values);
    } else {
        for (auto const& [name, value] : desk.request.query) {
            if (std::any_of(shape.links.begin(), shape.links.end(), [&](auto const& link) { return link.column == name; })) page.typed.values[name] = value;
        }
    }
    auto const draft = desk.place.pool.read(
        "", desk.who.actor(), [&](pqxx::transaction_base& tx, Session&) { return programme::drafts::find(tx, lens.entity.id, page.key); });
    if (draft) {
        auto const kept = read_typed(shape, http::Query::parse(draft->form));
        for (auto const& [column, text] : kept.values) page.typed.values[column] = text;
        page.typed.systems = kept.systems;
        page.typed.reason = kept.reason;
        if (!is_new && kept.version > 0) {
            page.typed.version = kept.version;
            for (auto const& [column, mark] : kept.was.items()) page.typed.was[column] = mark;
        }
        page.draft_of = draft->saved_at;
    }
    return form_page(desk, lens, std::move(page));
}

http::Response post_form(Desk const& desk, bool is_new) {
    auto const opened = desk.open(desk.request.value(0), true);
    auto const& lens = opened.first;
    auto const& entity = lens.entity;
    auto const form = http::Query::parse(desk.request.body);
    Shape const shape{desk, lens, is_new};
    FormPage page;
    page.key = is_new ? 0 : rest::parse_id("id", desk.request.value(1));
    if (form.find("action") == "discard") {
        desk.place.pool.write(desk.who.actor(), [&](pqxx::transaction_base& tx, Session&) { programme::drafts::drop(tx, entity.id, page.key); });
        return see_other(desk.href(&entity, is_new ? Verb::create : Verb::edit, page.key));
    }
    page.typed = read_typed(shape, form);
    auto const json = json_of(shape, page.typed, !is_new, page.wrong);
    std::vector<programme::records::Value> values;
    try {
        values = programme::records::read_values(entity, json, desk.role(), is_new, &desk.place.vault);
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::invalid_argument) throw;
        say_wrong(shape, error, false, page.wrong);
    }
    page.status = 400;
    if (!page.wrong.empty()) return form_page(desk, lens, std::move(page));
    std::optional<programme::records::Stale> stale;
    auto key = page.key;
    try {
        desk.place.pool.write(desk.who.actor(page.typed.reason), [&](pqxx::transaction_base& tx, Session&) {
            return programme::records::in_words(lens, [&] {
                if (is_new) key = programme::records::create(tx, lens, values);
                else if (!values.empty()) stale = programme::records::update(tx, lens, key, page.typed.version, values);
                if (!stale) programme::drafts::drop(tx, entity.id, page.key);
                return 0;
            });
        });
    } catch (Error const& error) {
        page.status = http::status_of(error.kind());
        if (error.kind() == ErrorKind::forbidden) page.refused = desk.t("work_refused_row") + " " + desk.reach_in_words(desk.right(entity));
        else if (error.kind() == ErrorKind::invalid_argument || error.kind() == ErrorKind::conflict) say_wrong(shape, error, true, page.wrong);
        else throw;
        return form_page(desk, lens, std::move(page));
    }
    if (stale) return conflict_page(desk, lens, key, page.typed, stale->current);
    return see_other(desk.href(&entity, Verb::record, key) + (is_new ? "?done=created" : values.empty() ? "?done=unchanged" : "?done=saved"));
}

}  // namespace api::workplace
