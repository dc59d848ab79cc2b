#include "api/contact/visit.hpp"
#include "api/ogc/links.hpp"
#include "api/rest/parameters.hpp"
#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "programme/audit/history.hpp"
#include "programme/content/content.hpp"
#include "programme/content/markdown.hpp"

#include <fmt/format.h>

#include <array>

namespace api::contact_pages {
namespace {

namespace content = programme::content;
using content::Item;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using gis_core::db::Session;
using pages::Form;
using pages::see_other;
using pages::Texts;
using programme::accounts::Identity;
using Tx = pqxx::transaction_base;

constexpr std::array<std::string_view, 4> kKinds{"news", "legal", "guide", "question"};
constexpr int kPage = 20;

std::string title_of(Visit const& visit, Item const& item) { return !visit.is_vietnamese() && !item.title_en.empty() ? item.title_en : item.title_vi; }
std::string const& body_of(Visit const& visit, Item const& item) { return !visit.is_vietnamese() && !item.body_en.empty() ? item.body_en : item.body_vi; }

/// What a legal text is, and whether it is in force on the day.
Json legal_model(Visit const& visit, Item const& item) {
    if (item.kind != "legal") return nullptr;
    Json model{{"number", item.doc_number}, {"issuer", item.issuer}, {"issued_on", Texts::date(item.issued_on)}};
    if (!item.effective_from.empty()) model["from"] = Texts::date(item.effective_from);
    if (!item.effective_to.empty()) model["until"] = Texts::last_day(item.effective_to);
    if (!item.legal_state.empty()) {
        model["state"] = visit.t("legal_" + item.legal_state);
        model["is_over"] = item.legal_state == "ended" || item.legal_state == "replaced";
    }
    if (item.replaced_by != 0 && !item.replaced_by_number.empty()) {
        model["replaced_by"] = item.replaced_by_number;
        model["replaced_by_href"] = fmt::format("{}/{}", kLegal.in(visit.language), item.replaced_by);
    }
    return model;
}

Json item_model(Visit const& visit, Item const& item) {
    Json model{{"id", item.id},
               {"title", title_of(visit, item)},
               {"kind", visit.t("content_kind_" + item.kind)},
               {"is_demo", item.is_demo},
               {"href", fmt::format("{}/{}", address_of(item.kind).in(visit.language), item.id)},
               {"excerpt", content::excerpt(body_of(visit, item), 220)},
               {"day", Texts::date(item.published_at)}};
    if (auto legal = legal_model(visit, item); !legal.is_null()) model["legal"] = std::move(legal);
    return model;
}

/// The tabs over every list, and the form that searches in it.
void put_frame(Visit const& visit, Json& model, std::string const& kind) {
    auto const q = visit.parameter("q");
    auto const tail = q.empty() ? std::string{} : visit.request.raw_query.empty() ? std::string{} : "?" + visit.request.raw_query;
    Json tabs = Json::array({{{"href", kContent.in(visit.language) + tail}, {"name", visit.t("con_all")}, {"is_current", kind.empty()}}});
    for (auto const code : kKinds)
        tabs.push_back(
            {{"href", address_of(code).in(visit.language) + tail}, {"name", visit.t(fmt::format("content_kinds_{}", code))}, {"is_current", kind == code}});
    model["tabs"] = std::move(tabs);
    model["cq"] = q;
}

http::Response list_page(Visit const& visit, std::string const& kind, Json model = Json::object(), int status = 200) {
    auto const& address = kind.empty() ? kContent : address_of(kind);
    visit.request.query.allow_only({"q", "at", "after", "done"});
    content::Query const query{.kind = kind, .q = visit.parameter("q"), .state = {}, .after = visit.number("after"), .limit = kPage};
    auto const day = visit.parameter("at").empty() ? gis_core::business_date() : gis_core::Date::from_field("at", visit.parameter("at"));
    auto const found = visit.contact.pool.read(day.iso(), [&](Tx& tx, Session& session) { return content::list_published(tx, session, query); });
    Json items = Json::array();
    for (auto const& item : found) items.push_back(item_model(visit, item));
    model["title"] = visit.t(kind.empty() ? "content_all" : "content_kinds_" + kind);
    put_frame(visit, model, kind);
    model["shows_kind"] = kind.empty();
    model["is_legal"] = kind == "legal";
    model["is_question"] = kind == "question";
    model["at"] = visit.parameter("at");
    model["has_items"] = !items.empty();
    model["items"] = std::move(items);
    if (found.size() == kPage) {
        auto next = fmt::format("{}?after={}", address.in(visit.language), found.back().id);
        if (!query.q.empty()) next += "&q=" + ogc::percent_encode(query.q);
        if (!visit.parameter("at").empty()) next += "&at=" + day.iso();
        model["next_href"] = next;
    }
    if (visit.parameter("done") == "asked") model["done"] = visit.t("question_asked");
    if (auto const who = visit.somebody(); who && content::edits(who->role)) model["editing_href"] = kEditing.in(visit.language);
    return visit.show(address, "content_list", std::move(model), status);
}

http::Response get_all(Visit const& visit) { return list_page(visit, ""); }
http::Response get_news(Visit const& visit) { return list_page(visit, "news"); }
http::Response get_legal(Visit const& visit) { return list_page(visit, "legal"); }
http::Response get_guides(Visit const& visit) { return list_page(visit, "guide"); }
http::Response get_questions(Visit const& visit) { return list_page(visit, "question"); }

http::Response get_item(Visit const& visit) {
    auto const id = rest::parse_id("id", visit.request.value(0));
    auto const day = visit.parameter("at").empty() ? gis_core::business_date() : gis_core::Date::from_field("at", visit.parameter("at"));
    std::vector<Item> older;
    auto const item = visit.contact.pool.read(day.iso(), [&](Tx& tx, Session& session) {
        auto found = content::find_published(tx, session, id);
        if (found && found->kind == "legal") older = content::replaced_by(tx, session, id);
        return found;
    });
    if (!item) throw Error{ErrorKind::not_found, "there is no such page"};
    auto model = item_model(visit, *item);
    put_frame(visit, model, item->kind);
    model["html"] = content::to_html(body_of(visit, *item));
    model["source_url"] = item->source_url;
    model["updated"] = Texts::date(item->updated_at);
    model["is_only_vietnamese"] = !visit.is_vietnamese() && item->body_en.empty();
    Json replaces = Json::array();
    for (auto const& one : older)
        replaces.push_back({{"number", one.doc_number}, {"title", title_of(visit, one)}, {"href", fmt::format("{}/{}", kLegal.in(visit.language), one.id)}});
    model["has_replaces"] = !replaces.empty();
    model["replaces"] = std::move(replaces);
    model["at"] = day.iso();
    model["at_text"] = day.vietnamese();
    if (auto const who = visit.somebody(); who && content::edits(who->role)) model["edit_href"] = fmt::format("{}/{}", kEditing.in(visit.language), id);
    return visit.show(address_of(item->kind), "content_item", std::move(model), 200, fmt::format("/{}", id));
}

http::Response post_question(Visit const& visit) {
    Gate::require_same_origin(visit.request);
    Form const form{visit.request};
    try {
        visit.contact.pool.write(
            [&](Tx& tx, Session& session) { return content::ask(tx, session, form["question"], form["website"], visit.contact.source_of(visit.request)); });
        return see_other(kQuestions.in(visit.language) + "?done=asked");
    } catch (Error const& error) {
        return list_page(visit, "question", {{"error", said(visit.t, error)}, {"question", form["question"]}}, http::status_of(error.kind()));
    }
}

// --- for who writes -------------------------------------------------------------------------------------------------------

Identity editor(Visit const& visit) {
    auto who = visit.somebody();
    if (!who || !content::edits(who->role)) throw Error{ErrorKind::forbidden, visit.t("content_not_yours")};
    return *who;
}

http::Response get_editing(Visit const& visit) {
    if (!visit.somebody()) return visit.to_sign_in();
    auto const who = editor(visit);
    content::Query const query{
        .kind = visit.parameter("kind"), .q = visit.parameter("q"), .state = visit.parameter("state"), .after = visit.number("after"), .limit = kPage};
    auto const found = visit.read(who, [&](Tx& tx, Session& session) { return content::list_all(tx, session, query); });
    Json items = Json::array(), states = Json::array(), kinds = Json::array();
    for (auto const& item : found)
        items.push_back({{"title", item.title_vi},
                         {"kind", visit.t("content_kind_" + item.kind)},
                         {"state", visit.t("content_state_" + item.state)},
                         {"updated", when(item.updated_at)},
                         {"was_asked", item.was_asked && item.state == "draft"},
                         {"href", fmt::format("{}/{}", kEditing.in(visit.language), item.id)}});
    for (auto const* code : {"", "draft", "published", "withdrawn"})
        states.push_back({{"href", kEditing.in(visit.language) + (*code == '\0' ? std::string{} : std::string{"?state="} + code)},
                          {"name", visit.t(*code == '\0' ? std::string{"con_all"} : std::string{"content_state_"} + code)},
                          {"is_current", query.state == code}});
    for (auto const code : kKinds)
        kinds.push_back({{"href", fmt::format("{}/new/{}", kEditing.in(visit.language), code)}, {"name", visit.t(fmt::format("content_new_{}", code))}});
    Json model{{"title", visit.t("content_editing")}, {"has_items", !items.empty()}, {"items", std::move(items)},
               {"states", std::move(states)},         {"kinds", std::move(kinds)},   {"cq", query.q}};
    if (found.size() == kPage)
        model["next_href"] = fmt::format("{}?after={}{}", kEditing.in(visit.language), found.back().id, query.state.empty() ? "" : "&state=" + query.state);
    return visit.show(kEditing, "content_editing", std::move(model));
}

Item read_form(Form const& form) {
    Item item;
    for (auto const& [field, text] : content::kTypedTexts) item.*text = form[field];
    item.replaced_by = form["replaced_by"].empty() ? 0 : form.number("replaced_by");
    return item;
}

/// The form over an item as it is typed; `stored` says what may be done with it.
http::Response edit_page(Visit const& visit, Identity const& who, Item const& item, bool is_new, Json model, int status = 200) {
    for (auto const& [field, text] : content::kTypedTexts) model[field] = item.*text;
    Json versions = Json::array(), newer = Json::array();
    visit.read(who, [&](Tx& tx, Session& session) {
        if (!is_new) {
            for (auto const& version : programme::audit::history(tx, "content.item", std::to_string(item.id))) {
                if (version.image.empty() || version.until.empty()) continue;  // the newest is on the form
                auto const image = gis_core::parse_json(version.image, "version");
                versions.push_back({{"since", when(version.since)}, {"title", image.value("title_vi", "")}, {"body", image.value("body_vi", "")}});
            }
        }
        if (item.kind == "legal") {
            for (auto const& other : content::list_all(tx, session, {.kind = "legal", .q = {}, .state = {}, .after = 0, .limit = 100})) {
                if (other.id != item.id) newer.push_back({{"id", other.id}, {"number", other.doc_number}, {"is_chosen", other.id == item.replaced_by}});
            }
        }
    });
    model["title"] = is_new ? visit.t("content_new_" + item.kind)
                            : visit.t("content_edit", {{"kind", visit.t("content_kind_" + item.kind)}, {"n", std::to_string(item.id)}});
    model["csrf"] = who.csrf;
    model["is_legal"] = item.kind == "legal";
    model["is_question"] = item.kind == "question";
    model["newer"] = std::move(newer);
    model["has_versions"] = !versions.empty();
    model["versions"] = std::move(versions);
    model["is_new"] = is_new;
    model["version"] = item.version;
    model["state"] = visit.t("content_state_" + (is_new ? "draft" : item.state));
    model["may_publish"] = !is_new && item.state != "published";
    model["may_withdraw"] = !is_new && item.state == "published";
    if (item.state == "published") model["public_href"] = fmt::format("{}/{}", address_of(item.kind).in(visit.language), item.id);
    model["editing_href"] = kEditing.in(visit.language);
    if (visit.parameter("done") == "saved") model["done"] = visit.t("con_saved");
    return visit.show(kEditing, "content_edit", std::move(model), status, is_new ? "/new/" + item.kind : fmt::format("/{}", item.id));
}

http::Response get_new(Visit const& visit) {
    if (!visit.somebody()) return visit.to_sign_in();
    auto const who = editor(visit);
    Item item;
    item.kind = visit.request.value(0);
    if (!content::is_kind(item.kind)) throw Error{ErrorKind::not_found, "there is no such kind of content"};
    return edit_page(visit, who, item, true, Json::object());
}

std::optional<Json> preview(Form const& form, Item const& item) {
    if (form["action"] != "preview") return std::nullopt;
    return Json{
        {"is_preview", true}, {"preview_title", item.title_vi}, {"preview_vi", content::to_html(item.body_vi)}, {"preview_en", content::to_html(item.body_en)}};
}

http::Response post_new(Visit const& visit) {
    if (!visit.somebody()) return visit.to_sign_in();
    auto const who = visit.contact.gate.require_session(visit.request);
    editor(visit);
    Form const form{visit.request};
    Item item;
    try {
        item = read_form(form);
        item.kind = visit.request.value(0);
        if (auto model = preview(form, item)) return edit_page(visit, who, item, true, std::move(*model));
        auto const id = visit.write(who, [&](Tx& tx, Session& session) { return content::create(tx, session, item); });
        return see_other(fmt::format("{}/{}?done=saved", kEditing.in(visit.language), id));
    } catch (Error const& error) {
        if (!content::is_kind(item.kind)) throw;
        return edit_page(visit, who, item, true, {{"error", said(visit.t, error)}}, http::status_of(error.kind()));
    }
}

http::Response get_edit(Visit const& visit) {
    if (!visit.somebody()) return visit.to_sign_in();
    auto const who = editor(visit);
    auto const id = rest::parse_id("id", visit.request.value(0));
    auto const item = visit.read(who, [&](Tx& tx, Session& session) { return content::find(tx, session, id); });
    if (!item) throw Error{ErrorKind::not_found, "there is no such content"};
    return edit_page(visit, who, *item, false, Json::object());
}

http::Response post_edit(Visit const& visit) {
    if (!visit.somebody()) return visit.to_sign_in();
    auto const who = visit.contact.gate.require_session(visit.request);
    editor(visit);
    auto const id = rest::parse_id("id", visit.request.value(0));
    auto const stored = visit.read(who, [&](Tx& tx, Session& session) { return content::find(tx, session, id); });
    if (!stored) throw Error{ErrorKind::not_found, "there is no such content"};
    Form const form{visit.request};
    auto item = *stored;
    try {
        auto const typed = read_form(form);
        item = typed;
        item.id = id;
        item.kind = stored->kind;
        item.state = stored->state;
        item.version = static_cast<int>(form.number("version"));
        if (auto model = preview(form, item)) return edit_page(visit, who, item, false, std::move(*model));
        auto const action = form["action"];
        auto const state = action == "publish" ? "published" : action == "withdraw" ? "withdrawn" : "";
        bool const is_done = visit.write(who, [&](Tx& tx, Session& session) {
            if (!content::update(tx, session, item)) return false;
            return *state == '\0' || content::move(tx, session, id, item.version + 1, state);
        });
        if (!is_done) throw Error{ErrorKind::precondition_failed, "stale"};
        return see_other(fmt::format("{}/{}?done=saved", kEditing.in(visit.language), id));
    } catch (Error const& error) {
        return edit_page(visit, who, item, false, {{"error", said(visit.t, error)}}, http::status_of(error.kind()));
    }
}

}  // namespace

Address const& address_of(std::string_view kind) {
    if (kind == "legal") return kLegal;
    if (kind == "guide") return kGuides;
    if (kind == "question") return kQuestions;
    return kNews;
}

void add_content_pages(http::Router& router, Context& context, std::shared_ptr<pages::Pages> const& pages) {
    auto const add = [&](char const* method, Address const& address, char const* rest, Call call) {
        add_page(router, context, pages, method, address, rest, call);
    };
    add("GET", kContent, "", get_all);
    add("GET", kNews, "", get_news);
    add("GET", kLegal, "", get_legal);
    add("GET", kGuides, "", get_guides);
    add("GET", kQuestions, "", get_questions);
    add("POST", kQuestions, "", post_question);
    for (auto const* address : {&kNews, &kLegal, &kGuides, &kQuestions}) add("GET", *address, "/{id}", get_item);
    add("GET", kEditing, "", get_editing);
    add("GET", kEditing, "/new/{kind}", get_new);
    add("POST", kEditing, "/new/{kind}", post_new);
    add("GET", kEditing, "/{id}", get_edit);
    add("POST", kEditing, "/{id}", post_edit);
}

}  // namespace api::contact_pages
