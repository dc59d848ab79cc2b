#include "programme/content/content.hpp"

#include "api/accounts/gate.hpp"
#include "api/contact/handlers.hpp"
#include "api/ogc/links.hpp"
#include "api/rest/json_body.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/private_answer.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"
#include "programme/audit/history.hpp"
#include "programme/content/markdown.hpp"
#include "programme/dictionary/dictionary.hpp"

#include <fmt/format.h>

namespace api {
namespace {

namespace content = programme::content;
using content::Item;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Session;
using rest::JsonWriter;
using std::string_view;
using Tx = pqxx::transaction_base;

programme::accounts::Identity editor(Contact& at, http::Request const& request) {
    auto who = at.gate.require(request);
    if (!content::edits(who.role)) throw Error{ErrorKind::forbidden, "officers of the province (R08) and administrators (R16) write content"};
    return who;
}

void write_item(JsonWriter& json, Item const& item, bool is_whole) {
    json.begin_object().member("id", item.id).member("kind", string_view{item.kind}).member("state", string_view{item.state});
    json.member("title_vi", string_view{item.title_vi}).text_or_null("title_en", item.title_en);
    if (is_whole) {
        json.member("body_vi", string_view{item.body_vi}).text_or_null("body_en", item.body_en).member("html_vi", string_view{content::to_html(item.body_vi)});
        json.text_or_null("html_en", content::to_html(item.body_en));
    } else {
        json.member("excerpt_vi", string_view{content::excerpt(item.body_vi, 240)}).text_or_null("excerpt_en", content::excerpt(item.body_en, 240));
    }
    if (item.kind == "legal") {
        json.key("legal").begin_object().member("number", string_view{item.doc_number}).member("issuer", string_view{item.issuer});
        json.member("issued_on", string_view{item.issued_on})
            .text_or_null("effective_from", item.effective_from)
            .text_or_null("effective_to", item.effective_to);
        json.text_or_null("state", item.legal_state).key("replaced_by");
        item.replaced_by == 0 ? json.null() : json.value(item.replaced_by);
        json.end_object();
    }
    json.text_or_null("source_url", item.source_url).text_or_null("published_at", item.published_at).member("updated_at", string_view{item.updated_at});
    json.member("is_demo", item.is_demo).member("version", item.version).end_object();
}

http::Response whole(int status, Item const& item) {
    JsonWriter json;
    write_item(json, item, true);
    auto response = rest::private_json(status, json.take());
    response.headers.add("ETag", rest::etag(item.version));
    return response;
}

http::Response list(Contact& at, http::Request const& request) {
    request.query.allow_only({"kind", "q", "at", "after", "limit", "state"});
    auto const value = [&](char const* name) { return std::string{request.query.find(name).value_or("")}; };
    content::Query query{
        .kind = value("kind"), .q = value("q"), .state = value("state"), .after = 0, .limit = rest::integer_or(request.query, "limit", 20, 1, 100)};
    if (auto const after = value("after"); !after.empty()) query.after = rest::parse_id("after", after);
    auto const day = rest::at_or_today(request.query).iso();
    bool const is_editors = request.query.find("state").has_value();
    auto const items = is_editors
                           ? at.pool.read(day, editor(at, request).actor(), [&](Tx& tx, Session& session) { return content::list_all(tx, session, query); })
                           : at.pool.read(day, [&](Tx& tx, Session& session) { return content::list_published(tx, session, query); });
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& item : items) write_item(json, item, false);
    json.end_array();
    if (items.size() == static_cast<std::size_t>(query.limit))
        json.member("next", string_view{ogc::with_parameters(request, {{"after", std::to_string(items.back().id)}})});
    json.end_object();
    if (is_editors) return rest::private_json(200, json.take());
    auto response = http::Response::text(200, "application/json; charset=utf-8", json.take() + '\n');
    response.headers.add("Cache-Control", "no-cache");
    return http::conditional(request, std::move(response), fmt::format("\"{}\"", http::fingerprint(std::get<std::string>(response.body))));
}

/// What is published, to everybody; the rest to who writes it.
http::Response read(Contact& at, http::Request const& request) {
    request.query.allow_only({"at"});
    auto const id = rest::parse_id("id", request.value(0));
    auto item = at.pool.read(rest::at_or_today(request.query).iso(), [&](Tx& tx, Session& session) { return content::find_published(tx, session, id); });
    if (auto const who = item ? std::nullopt : at.gate.find(request); who && content::edits(who->role))
        item = at.pool.read("", who->actor(), [&](Tx& tx, Session& session) { return content::find(tx, session, id); });
    if (!item) throw Error{ErrorKind::not_found, fmt::format("there is no published content {}", id)};
    return whole(200, *item);
}

Item item_of(rest::JsonBody const& body) {
    Item item;
    for (auto const& [field, text] : content::kTypedTexts) item.*text = body.text_or(field, "");
    item.title_vi = body.text("title_vi");  // must be there
    item.replaced_by = body.integer_or("replaced_by", 0);
    return item;
}

std::vector<string_view> const& fields() {
    static auto const all = [] {
        std::vector<string_view> names{"kind", "replaced_by"};
        for (auto const& typed : content::kTypedTexts) names.emplace_back(typed.first);
        return names;
    }();
    return all;
}

http::Response create(Contact& at, http::Request const& request) {
    auto const who = editor(at, request);
    rest::JsonBody const body{request, fields()};
    auto item = item_of(body);
    item.kind = body.text("kind");
    auto const made = at.pool.write(who.actor(), [&](Tx& tx, Session& session) { return content::find(tx, session, content::create(tx, session, item)); });
    auto response = whole(201, made.value());
    response.headers.add("Location", fmt::format("/api/content/{}", made->id));
    return response;
}

/// Runs the change, and says how the row stands when somebody else was first.
template <typename Change>
http::Response changed(Contact& at, programme::accounts::Identity const& who, long long id, Change change) {
    bool is_done = false;
    auto const now = at.pool.write(who.actor(), [&](Tx& tx, Session& session) {
        auto const before = content::find(tx, session, id);
        if (!before) throw Error{ErrorKind::not_found, fmt::format("there is no content {}", id)};
        is_done = change(tx, session, *before);
        return content::find(tx, session, id);
    });
    if (!is_done) throw Error{ErrorKind::precondition_failed, fmt::format("content {} is at version {} by now", id, now->version)};
    return whole(200, *now);
}

http::Response replace(Contact& at, http::Request const& request) {
    auto const who = editor(at, request);
    auto const id = rest::parse_id("id", request.value(0));
    auto const version = rest::wanted_version(request);
    rest::JsonBody const body{request, fields()};
    auto item = item_of(body);
    item.id = id;
    item.version = version;
    return changed(at, who, id, [&](Tx& tx, Session& session, Item const& before) {
        item.kind = before.kind;
        return content::update(tx, session, item);
    });
}

http::Response move(Contact& at, http::Request const& request) {
    auto const who = editor(at, request);
    auto const id = rest::parse_id("id", request.value(0));
    auto const version = rest::wanted_version(request);
    rest::JsonBody const body{request, {"state"}};
    auto const state = body.text("state");
    return changed(at, who, id, [&](Tx& tx, Session& session, Item const&) { return content::move(tx, session, id, version, state); });
}

http::Response history(Contact& at, http::Request const& request) {
    request.query.allow_only({});
    auto const who = editor(at, request);
    auto const id = rest::parse_id("id", request.value(0));
    auto const versions = at.pool.read("", who.actor(), [&](Tx& tx, Session&) { return programme::audit::history(tx, "content.item", std::to_string(id)); });
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& version : versions) {
        json.begin_object().text_or_null("action", version.action).text_or_null("since", version.since).text_or_null("until", version.until);
        json.text_or_null("role", version.role).key("changed").begin_array();
        for (auto const& column : version.changed) json.value(string_view{column});
        json.end_array().key("row");
        version.image.empty() ? json.null() : json.raw(version.image);
        json.end_object();
    }
    json.end_array().end_object();
    return rest::private_json(200, json.take());
}

http::Response ask(Contact& at, http::Request const& request) {
    Gate::require_same_origin(request);
    rest::JsonBody const body{request, {"question", "website"}};
    auto const question = body.text("question"), trap = body.text_or("website", "");
    auto const id = at.pool.write([&](Tx& tx, Session& session) { return content::ask(tx, session, question, trap, at.source_of(request)); });
    JsonWriter json;
    json.begin_object().member("id", id).end_object();
    return rest::private_json(201, json.take());
}

}  // namespace

void add_content_routes(http::Router& router, std::shared_ptr<Contact> const& contact) {
    auto const to = [&](auto handler) { return [contact, handler](http::Request const& request) { return handler(*contact, request); }; };
    router.get("/api/content", to(list));
    router.post("/api/content", to(create));
    router.get("/api/content/{id}", to(read));
    router.add("PUT", "/api/content/{id}", to(replace));
    router.post("/api/content/{id}/state", to(move));
    router.get("/api/content/{id}/history", to(history));
    router.post("/api/questions", to(ask));
}

}  // namespace api
