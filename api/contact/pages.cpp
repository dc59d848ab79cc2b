#include "api/contact/pages.hpp"

#include "api/contact/visit.hpp"
#include "api/contact/wording.hpp"
#include "api/context.hpp"
#include "api/rest/parameters.hpp"
#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"
#include "programme/contact/feedback.hpp"
#include "programme/contact/messages.hpp"
#include "programme/contact/notices.hpp"
#include "programme/products.hpp"
#include "programme/records/records.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace api {
namespace contact_pages {

namespace contact = programme::contact;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using gis_core::db::Session;
using pages::Form;
using pages::see_other;
using pages::Texts;
using programme::accounts::Identity;
using Tx = pqxx::transaction_base;

std::string when(std::string const& iso) { return iso.size() < 16 ? Texts::date(iso) : fmt::format("{} {}", iso.substr(11, 5), Texts::date(iso)); }

std::string said(Texts const& t, Error const& error) {
    auto const& fields = error.fields();
    switch (error.kind()) {
    case ErrorKind::internal:
    case ErrorKind::upstream:
    case ErrorKind::overloaded:
    case ErrorKind::unauthenticated: throw error;
    case ErrorKind::too_many_requests: return t("con_error_many", {{"n", std::to_string(contact::kSentADay)}});
    case ErrorKind::precondition_failed: return t("con_error_stale");
    default: break;
    }
    if (fields.empty()) return error.kind() == ErrorKind::forbidden ? t("acc_error_forbidden") : std::string{error.what()};
    auto const key = "con_error_" + fields[0].field;
    return t.has(key) ? t(key, {{"value", fields[0].value}}) : std::string{error.what()};
}

Json talk_model(Texts const& t, std::vector<contact::Message> const& messages) {
    Json out = Json::array();
    for (auto const& message : messages)
        out.push_back(
            {{"author", message.author}, {"role", t("role_" + message.role)}, {"at", when(message.at)}, {"body", message.body}, {"is_mine", message.is_mine}});
    return out;
}

http::Response Visit::show(Address const& address, char const* name, Json model, int status, std::string const& rest) const {
    model["here"] = address.in(language) + rest;
    model["other_href"] = address.in(language == Language::vi ? Language::en : Language::vi) + rest;
    return pages.personal(request, language, name, std::move(model), status);
}

std::optional<Identity> Visit::somebody() const {
    auto who = contact.gate.find(request);
    return who && who->session != 0 && !who->role.empty() ? who : std::nullopt;
}

http::Response Visit::to_sign_in() const { return see_other(fmt::format("{}?next={}", language == Language::vi ? "/dang-nhap" : "/en/sign-in", request.path)); }

long long Visit::number(char const* name) const {
    auto const found = request.query.find(name);
    return found && !found->empty() ? rest::parse_id(name, *found) : 0;
}

void add_page(http::Router& router, Context& context, std::shared_ptr<pages::Pages> const& pages, char const* method, Address const& address, char const* rest,
              Call call) {
    for (auto const language : {Language::vi, Language::en}) {
        router.add(method, address.in(language) + rest, [contact = context.contact, pages, language, call](http::Request const& request) {
            return pages->guarded(request, language, [&] { return call({*contact, *pages, request, language, pages->texts(language)}); });
        });
    }
}

namespace {

// --- notifications --------------------------------------------------------------------------------------------------------

std::string entity_title(Visit const& visit, programme::dictionary::Entity const& entity) { return visit.is_vietnamese() ? entity.title.vi : entity.title.en; }

/// The row's own page, where the role reads such rows; empty otherwise.
std::string record_href(Visit const& visit, Identity const& who, programme::dictionary::Entity const* entity, long long row) {
    if (entity == nullptr || !visit.contact.access.right(entity->id, who.role).may_read()) return {};
    return fmt::format("{}/{}/{}", kWork.in(visit.language), entity->id, row);
}

/// Where to look at what a notice is about; empty: nowhere.
std::string notice_href(Visit const& visit, Identity const& who, contact::Notice const& notice) {
    if (notice.object == "contact.feedback") return fmt::format("{}/{}", kCases.in(visit.language), notice.row);
    if (notice.object == "content.item") return fmt::format("{}/{}", kEditing.in(visit.language), notice.row);
    if (notice.kind == "review") return kCases.in(visit.language) + "#reviews";
    if (notice.kind == "sign_up" || notice.kind == "account") return visit.is_vietnamese() ? "/tai-khoan" : "/en/account";
    if (auto const record = record_href(visit, who, visit.contact.entity_of(notice.object), notice.row); !record.empty())
        return record + (notice.kind == "message" ? "#messages" : "");
    auto const facts = gis_core::parse_json(notice.facts, "facts");
    if (auto const product = facts.find("product_id"); product != facts.end())
        return fmt::format("{}/products/{}", visit.is_vietnamese() ? "" : "/en", gis_core::to_text(*product));
    return {};
}

http::Response notices_page(Visit const& visit, Identity const& who, Json model, int status = 200) {
    std::vector<contact::Setting> settings;
    auto const page = visit.read(who, [&](Tx& tx, Session& session) {
        settings = contact::settings(tx, session, who.role);
        return contact::list_notices(tx, session, visit.parameter("after"), 30);
    });
    Json items = Json::array(), kinds = Json::array();
    for (auto const& notice : page.items) {
        items.push_back({{"id", notice.id},
                         {"kind", visit.t("notice_kind_" + notice.kind)},
                         {"text", notice_sentence(visit.t, *visit.contact.dictionary, notice.kind, gis_core::parse_json(notice.facts, "facts"))},
                         {"at", when(notice.at)},
                         {"href", notice_href(visit, who, notice)},
                         {"is_unread", notice.read_at.empty()}});
    }
    for (auto const& setting : settings) kinds.push_back({{"kind", setting.kind}, {"name", visit.t("notice_kind_" + setting.kind)}, {"mails", setting.mails}});
    model["title"] = visit.t("notices");
    model["csrf"] = who.csrf;
    model["has_items"] = !items.empty();
    model["has_unread"] = page.unread > 0;
    model["unread_text"] = visit.t("notices_unread", {{"n", visit.t.number(std::int64_t{page.unread})}});
    model["items"] = std::move(items);
    model["has_kinds"] = !kinds.empty();
    model["kinds"] = std::move(kinds);
    model["threads_href"] = kThreads.in(visit.language);
    if (contact::reads_feedback(who.role)) model["cases_href"] = kCases.in(visit.language);
    if (!page.next.empty()) model["next_href"] = kNotices.in(visit.language) + "?after=" + page.next;
    if (visit.parameter("done") == "settings") model["done"] = visit.t("con_saved");
    return visit.show(kNotices, "notices", std::move(model), status);
}

http::Response get_notices(Visit const& visit) {
    auto const who = visit.somebody();
    return who ? notices_page(visit, *who, Json::object()) : visit.to_sign_in();
}

http::Response post_notices(Visit const& visit) {
    if (!visit.somebody()) return visit.to_sign_in();
    auto const who = visit.contact.gate.require_session(visit.request);
    Form const form{visit.request};
    auto const action = form["action"];
    visit.write(who, [&](Tx& tx, Session& session) {
        if (action == "read") contact::mark_read(tx, session, form.number("id"));
        else if (action == "read-all") contact::mark_all_read(tx, session);
        else if (action == "settings")
            for (auto const& setting : contact::settings(tx, session, who.role))
                contact::set_mail(tx, session, setting.kind, !form["mail_" + setting.kind].empty());
        else throw gis_core::invalid_field("action", action, "one of the page's forms");
    });
    return see_other(kNotices.in(visit.language) + (action == "settings" ? "?done=settings" : ""));
}

// --- messages -------------------------------------------------------------------------------------------------------------

http::Response get_threads(Visit const& visit) {
    auto const who = visit.somebody();
    if (!who) return visit.to_sign_in();
    constexpr int kPage = 30;
    Json items = Json::array();
    long long last = 0;
    visit.read(*who, [&](Tx& tx, Session& session) {
        auto const threads = contact::list_threads(tx, session, visit.contact.tables_read(who->role), visit.number("before"), kPage);
        for (auto const& thread : threads) {
            auto const* entity = visit.contact.entity_of(thread.object);
            auto const newest = contact::list_messages(tx, session, thread.id, 0, 1);
            items.push_back({{"href", fmt::format("{}/{}/{}", kThreads.in(visit.language), entity->id, thread.row)},
                             {"title", fmt::format("{} {}", entity_title(visit, *entity), thread.row)},
                             {"producer", thread.producer},
                             {"at", when(thread.last_at)},
                             {"author", newest.empty() ? std::string{} : newest[0].author},
                             {"body", newest.empty() ? std::string{} : newest[0].body},
                             {"is_unread", thread.unread > 0},
                             {"unread", visit.t("threads_unread", {{"n", std::to_string(thread.unread)}})}});
        }
        if (threads.size() == kPage) last = threads.back().last_message;
    });
    Json model{{"title", visit.t("threads")}, {"has_items", !items.empty()}, {"items", std::move(items)}, {"notices_href", kNotices.in(visit.language)}};
    if (last != 0) model["next_href"] = fmt::format("{}?before={}", kThreads.in(visit.language), last);
    return visit.show(kThreads, "threads", std::move(model));
}

/// The row a thread is on, as the person's role sees it.
struct Place {
    programme::records::Lens lens;
    long long key;
    std::string rest() const { return fmt::format("/{}/{}", lens.entity.id, key); }
};

Place place_of(Visit const& visit, Identity const& who) {
    auto const& entity = visit.contact.dictionary->entity(visit.request.value(0));
    bool const may = visit.contact.access.right(entity.id, who.role).may_read() && entity.scope == programme::dictionary::Scope::producer;
    if (!may) throw Error{ErrorKind::not_found, "there are no messages here"};
    return {{entity, who.role}, rest::parse_id("id", visit.request.value(1))};
}

http::Response thread_page(Visit const& visit, Identity const& who, Place const& place, Json model, int status = 200) {
    Json items = Json::array();
    visit.write(who, [&](Tx& tx, Session& session) {  // who looks has read it
        auto const row = programme::records::find(tx, place.lens, place.key);
        if (!row) throw Error{ErrorKind::not_found, "there is no such record that you may see"};
        auto const fields = gis_core::parse_json(row->json, "row");
        auto const name = fields.find(place.lens.entity.label_column);
        model["record_name"] = name != fields.end() && name->is_string() ? name->get<std::string>() : std::to_string(place.key);
        auto const thread = contact::find_thread(tx, session, place.lens.entity.table, place.key);
        if (!thread) return;
        auto const messages = contact::list_messages(tx, session, thread->id, visit.number("before"), 100);
        items = talk_model(visit.t, messages);
        if (messages.size() == 100) model["earlier_href"] = fmt::format("{}{}?before={}", kThreads.in(visit.language), place.rest(), messages.front().id);
        contact::mark_thread_read(tx, session, thread->id);
    });
    model["title"] = visit.t("thread_on", {{"record", entity_title(visit, place.lens.entity)}});
    model["csrf"] = who.csrf;
    model["has_items"] = !items.empty();
    model["messages"] = std::move(items);
    model["thread_href"] = kThreads.in(visit.language) + place.rest();
    model["threads_href"] = kThreads.in(visit.language);
    model["record_href"] = kWork.in(visit.language) + place.rest();
    return visit.show(kThreads, "thread", std::move(model), status, place.rest());
}

http::Response get_thread(Visit const& visit) {
    auto const who = visit.somebody();
    return who ? thread_page(visit, *who, place_of(visit, *who), Json::object()) : visit.to_sign_in();
}

http::Response post_thread(Visit const& visit) {
    if (!visit.somebody()) return visit.to_sign_in();
    auto const who = visit.contact.gate.require_session(visit.request);
    auto const place = place_of(visit, who);
    Form const form{visit.request};
    try {
        visit.write(who, [&](Tx& tx, Session& session) { return contact::write_message(tx, session, place.lens.entity.table, place.key, form["body"]); });
        auto const& page = form["from"] == "record" ? kWork : kThreads;  // where it was written
        return see_other(page.in(visit.language) + place.rest() + "#last");
    } catch (Error const& error) {
        return thread_page(visit, who, place, {{"error", said(visit.t, error)}, {"body", form["body"]}}, http::status_of(error.kind()));
    }
}

// --- feedback of consumers ------------------------------------------------------------------------------------------------

http::Response feedback_form(Visit const& visit, Json model, int status = 200) {
    auto const kind = model.value("kind", std::string{});
    Json kinds = Json::array(), ratings = Json::array();
    for (auto const* code : {"praise", "complaint", "misuse", "review"})
        kinds.push_back({{"code", code},
                         {"name", visit.t(std::string{"fb_kind_"} + code)},
                         {"about", visit.t(std::string{"fb_about_"} + code)},
                         {"is_chosen", kind == code}});
    for (int n = 5; n > 0; --n)
        ratings.push_back(
            {{"n", n}, {"name", visit.t("fb_rating_n", {{"n", std::to_string(n)}})}, {"is_chosen", model.value("rating", std::string{}) == std::to_string(n)}});
    model["kinds"] = std::move(kinds);
    model["ratings"] = std::move(ratings);
    if (auto const product = model.value("product", std::string{}); !product.empty()) {
        auto const found = visit.contact.pool.read(
            "", [&](Tx& tx, Session& session) { return programme::find_product(tx, session, rest::parse_id("product", product), gis_core::business_date()); });
        if (found) model["product_name"] = found->product.name;
        else model["product"] = "";
    }
    model["title"] = visit.t("fb_title");
    return visit.show(kFeedback, "feedback", std::move(model), status);
}

http::Response get_feedback(Visit const& visit) {
    if (auto const code = visit.parameter("code"); !code.empty()) {
        std::string plain;
        for (char const c : code) {
            if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-') plain += c;
        }
        return see_other(kFeedback.in(visit.language) + "/" + (plain.empty() ? "-" : plain));
    }
    Json model{{"product", visit.parameter("product")}, {"kind", visit.parameter("kind")}};
    if (auto const serial = visit.parameter("certificate"); !serial.empty()) model["body"] = visit.t("fb_of_certificate", {{"no", serial}});
    return feedback_form(visit, std::move(model));
}

http::Response post_feedback(Visit const& visit) {
    Gate::require_same_origin(visit.request);
    Form const form{visit.request};
    Json typed;
    for (auto const* field : {"kind", "product", "rating", "body", "place", "name", "contact"}) typed[field] = form[field];
    try {
        contact::Feedback const feedback{.kind = form["kind"],
                                         .product = form["product"].empty() ? 0 : form.number("product"),
                                         .rating = form["rating"].empty() ? 0 : static_cast<int>(std::min(form.number("rating"), 100LL)),
                                         .body = form["body"],
                                         .place = form["place"],
                                         .name = form["name"],
                                         .contact = form["contact"],
                                         .trap = form["website"]};
        auto const sent = visit.contact.pool.write(
            [&](Tx& tx, Session& session) { return contact::send_feedback(tx, session, feedback, visit.contact.source_of(visit.request)); });
        if (sent.code.empty()) return feedback_form(visit, {{"done", visit.t("fb_review_done")}});
        return see_other(fmt::format("{}/{}?done=sent", kFeedback.in(visit.language), sent.code));
    } catch (Error const& error) {
        typed["error"] = said(visit.t, error);
        return feedback_form(visit, std::move(typed), http::status_of(error.kind()));
    }
}

http::Response get_followed(Visit const& visit) {
    auto const code = visit.request.value(0);
    auto const found = visit.contact.pool.read("", [&](Tx& tx, Session& session) { return contact::follow_feedback(tx, session, code); });
    if (!found) return feedback_form(visit, {{"error", visit.t("fb_unknown_code")}}, 404);
    Json model{{"title", visit.t("fb_follow_title")},
               {"code", code},
               {"kind", visit.t("fb_kind_" + found->kind)},
               {"state", visit.t("fb_state_" + found->state)},
               {"state_about", visit.t("fb_state_about_" + found->state)},
               {"answer", found->answer},
               {"created_at", when(found->created_at)},
               {"updated_at", when(found->updated_at)},
               {"product_name", found->product},
               {"feedback_href", kFeedback.in(visit.language)}};
    if (visit.parameter("done") == "sent") model["done"] = visit.t("fb_sent");
    return visit.show(kFeedback, "feedback_followed", std::move(model), 200, "/" + code);
}

// --- feedback, as officials see it ----------------------------------------------------------------------------------------

Json case_model(Visit const& visit, contact::FeedbackRow const& row) {
    Json model{{"id", row.id},
               {"kind", visit.t("fb_kind_" + row.kind)},
               {"state", visit.t("fb_state_" + row.state)},
               {"is_open", row.state == "received" || row.state == "looking"},
               {"product", row.product},
               {"producer", row.producer},
               {"body", row.body},
               {"place", row.place},
               {"answer", row.answer},
               {"at", when(row.created_at)},
               {"version", row.version},
               {"name", row.name},
               {"contact", row.contact},
               {"is_erased", row.is_erased},
               {"href", fmt::format("{}/{}", kCases.in(visit.language), row.id)}};
    if (row.product_id != 0) model["product_href"] = fmt::format("{}/products/{}", visit.is_vietnamese() ? "" : "/en", row.product_id);
    return model;
}

/// Who is signed in and has to do with feedback.
Identity reader(Visit const& visit) {
    auto const who = visit.somebody();
    if (!who) throw Error{ErrorKind::unauthenticated, "sign in first"};
    if (!contact::reads_feedback(who->role)) throw Error{ErrorKind::forbidden, visit.t("fb_not_yours")};
    return *who;
}

http::Response get_cases(Visit const& visit) {
    if (!visit.somebody()) return visit.to_sign_in();
    auto const who = reader(visit);
    constexpr int kPage = 30;
    contact::FeedbackFilter const filter{.state = visit.parameter("state"), .product = visit.number("product")};
    auto const& state = filter.state;
    auto const of_product = filter.product == 0 ? std::string{} : fmt::format("product={}", filter.product);
    Json items = Json::array(), states = Json::array(), reviews = Json::array();
    long long last = 0;
    visit.read(who, [&](Tx& tx, Session& session) {
        auto const rows = contact::list_feedback(tx, session, who.role, filter, visit.number("before"), kPage);
        for (auto const& row : rows) items.push_back(case_model(visit, row));
        if (rows.size() == kPage) last = rows.back().id;
        if (contact::moderates(who.role)) {
            for (auto const& review : contact::pending_reviews(tx, session))
                reviews.push_back({{"id", review.id},
                                   {"product", review.product},
                                   {"rating", visit.t("fb_rating_n", {{"n", std::to_string(review.rating)}})},
                                   {"comment", review.comment},
                                   {"version", review.version},
                                   {"at", when(review.at)}});
        }
    });
    for (auto const* code : {"", "received", "looking", "answered", "closed"})
        states.push_back({{"href", fmt::format("{}?{}{}{}", kCases.in(visit.language), of_product, *code == '\0' || of_product.empty() ? "" : "&",
                                               *code == '\0' ? std::string{} : std::string{"state="} + code)},
                          {"name", visit.t(*code == '\0' ? std::string{"con_all"} : std::string{"fb_state_"} + code)},
                          {"is_current", state == code}});
    Json model{{"title", visit.t("fb_cases")},    {"csrf", who.csrf},
               {"has_items", !items.empty()},     {"items", std::move(items)},
               {"states", std::move(states)},     {"moderates", contact::moderates(who.role)},
               {"has_reviews", !reviews.empty()}, {"reviews", std::move(reviews)}};
    if (last != 0)
        model["next_href"] = fmt::format("{}?before={}{}{}", kCases.in(visit.language), last, state.empty() ? "" : "&state=" + state,
                                         of_product.empty() ? "" : "&" + of_product);
    if (filter.product != 0) model["all_href"] = kCases.in(visit.language);
    if (visit.parameter("done") == "review") model["done"] = visit.t("con_saved");
    return visit.show(kCases, "feedback_cases", std::move(model));
}

http::Response post_cases(Visit const& visit) {  // a review is shown or hidden
    if (!visit.somebody()) return visit.to_sign_in();
    auto const who = visit.contact.gate.require_session(visit.request);
    Form const form{visit.request};
    if (!contact::moderates(who.role)) throw Error{ErrorKind::forbidden, visit.t("fb_not_yours")};
    visit.write(who, [&](Tx& tx, Session& session) {
        if (!contact::moderate(tx, session, form.number("id"), static_cast<int>(form.number("version")), form["action"] == "show"))
            throw Error{ErrorKind::precondition_failed, visit.t("con_error_stale")};
    });
    return see_other(kCases.in(visit.language) + "?done=review#reviews");
}

http::Response case_page(Visit const& visit, Identity const& who, long long id, Json model, int status = 200) {
    auto const row = visit.read(who, [&](Tx& tx, Session& session) { return contact::find_feedback(tx, session, who.role, id); });
    if (!row) throw Error{ErrorKind::not_found, "there is no such feedback that you may see"};
    auto const typed = model.value("answer", std::string{});
    model.update(case_model(visit, *row));
    model["typed"] = typed.empty() ? row->answer : typed;
    model["title"] = visit.t("fb_case", {{"n", std::to_string(id)}});
    model["csrf"] = who.csrf;
    model["handles"] = contact::handles_feedback(who.role);
    model["may_look"] = row->state == "received" || row->state == "closed";
    model["may_answer"] = row->state == "received" || row->state == "looking";
    model["may_close"] = row->state != "closed";
    model["cases_href"] = kCases.in(visit.language);
    if (visit.parameter("done") == "saved") model["done"] = visit.t("con_saved");
    return visit.show(kCases, "feedback_case", std::move(model), status, fmt::format("/{}", id));
}

http::Response get_case(Visit const& visit) {
    if (!visit.somebody()) return visit.to_sign_in();
    return case_page(visit, reader(visit), rest::parse_id("id", visit.request.value(0)), Json::object());
}

http::Response post_case(Visit const& visit) {
    if (!visit.somebody()) return visit.to_sign_in();
    auto const who = visit.contact.gate.require_session(visit.request);
    auto const id = rest::parse_id("id", visit.request.value(0));
    if (!contact::handles_feedback(who.role)) throw Error{ErrorKind::forbidden, visit.t("fb_not_yours")};
    Form const form{visit.request};
    try {
        bool const is_done = visit.write(who, [&](Tx& tx, Session& session) {
            return contact::change_feedback(tx, session, id, static_cast<int>(form.number("version")), form["state"],
                                            form["state"] == "answered" ? form["answer"] : "");
        });
        if (!is_done) throw Error{ErrorKind::precondition_failed, "stale"};
        return see_other(fmt::format("{}/{}?done=saved", kCases.in(visit.language), id));
    } catch (Error const& error) {
        return case_page(visit, who, id, {{"error", said(visit.t, error)}, {"answer", form["answer"]}}, http::status_of(error.kind()));
    }
}

}  // namespace
}  // namespace contact_pages

void add_contact_pages(http::Router& router, Context& context, std::shared_ptr<pages::Pages> const& pages) {
    using namespace contact_pages;
    pages->count_notices([contact = context.contact](http::Request const& request) -> long long {
        if (cookie(request, "ocopmap_session").empty()) return -1;
        try {
            auto const who = contact->gate.find(request);
            if (!who || who->role.empty()) return -1;
            return contact->pool.read("", who->actor(), [](Tx& tx, Session& session) { return contact::count_unread(tx, session); });
        } catch (gis_core::Error const&) {
            return -1;  // a page that can be shown is shown, with or without the count
        }
    });
    auto const add = [&](char const* method, Address const& address, char const* rest, Call call) {
        add_page(router, context, pages, method, address, rest, call);
    };
    add("GET", kNotices, "", get_notices);
    add("POST", kNotices, "", post_notices);
    add("GET", kThreads, "", get_threads);
    add("GET", kThreads, "/{entity}/{id}", get_thread);
    add("POST", kThreads, "/{entity}/{id}", post_thread);
    add("GET", kFeedback, "", get_feedback);
    add("POST", kFeedback, "", post_feedback);
    add("GET", kFeedback, "/{code}", get_followed);
    add("GET", kCases, "", get_cases);
    add("POST", kCases, "", post_cases);
    add("GET", kCases, "/{id}", get_case);
    add("POST", kCases, "/{id}", post_case);
    add_content_pages(router, context, pages);
}

}  // namespace api
