#include "api/workplace/talk.hpp"

#include "api/contact/visit.hpp"
#include "programme/contact/feedback.hpp"
#include "programme/contact/messages.hpp"

#include <fmt/format.h>

namespace api::workplace {

namespace contact = programme::contact;
using gis_core::Json;
using gis_core::db::Session;

namespace {

constexpr int kMessages = 20, kCases = 5;  // the newest; the others are one link away

}  // namespace

void put_talk(Desk const& desk, Entity const& entity, std::int64_t key, Json& model) {
    if (entity.scope != programme::dictionary::Scope::producer || !contact::writes_messages(desk.role())) return;
    std::vector<contact::Message> messages;
    long long unread = 0, thread_key = 0;
    desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session& session) {
        auto const thread = contact::find_thread(tx, session, entity.table, key);
        if (!thread) return 0;
        thread_key = thread->id;
        unread = thread->unread;
        messages = contact::list_messages(tx, session, thread->id, 0, kMessages);
        return 0;
    });
    if (unread > 0)
        desk.place.pool.write(desk.who.actor(), [&](pqxx::transaction_base& tx, Session& session) { contact::mark_thread_read(tx, session, thread_key); });
    auto const href = fmt::format("{}/{}/{}", contact_pages::kThreads.in(desk.language), entity.id, key);
    model["talk"] = {{"has_items", !messages.empty()},
                     {"messages", contact_pages::talk_model(desk.t, messages)},
                     {"earlier_href", messages.size() == kMessages ? fmt::format("{}?before={}", href, messages.front().id) : ""},
                     {"thread_href", href},
                     {"from_record", true}};
}

void put_feedback(Desk const& desk, Entity const& entity, std::int64_t key, Json& model) {
    if (entity.id != "products" || !contact::reads_feedback(desk.role())) return;
    auto const rows = desk.place.pool.read("", desk.who.actor(), [&](pqxx::transaction_base& tx, Session& session) {
        return contact::list_feedback(tx, session, desk.role(), {.state = {}, .product = key}, 0, kCases + 1);
    });
    Json cases = Json::array();
    auto const list = contact_pages::kCases.in(desk.language);
    for (auto const& row : rows) {
        if (cases.size() == kCases) break;
        cases.push_back({{"case_href", fmt::format("{}/{}", list, row.id)},
                         {"case_kind", desk.t("fb_kind_" + row.kind)},
                         {"case_state", desk.t("fb_state_" + row.state)},
                         {"case_open", row.state == "received" || row.state == "looking"},
                         {"case_body", row.body},
                         {"case_at", contact_pages::when(row.created_at)}});
    }
    model["feedback"] = {
        {"has_cases", !cases.empty()}, {"cases", std::move(cases)}, {"cases_href", rows.size() > kCases ? fmt::format("{}?product={}", list, key) : ""}};
}

}  // namespace api::workplace
