#include "programme/contact/notices.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/contact/sql/statements.hpp"
#include "programme/parameters.hpp"

#include <fmt/format.h>

#include <charconv>

namespace programme::contact {
namespace {

using Tx = pqxx::transaction_base;
using gis_core::db::Session;

/// "unread-17", "read-4": the last notice of a page, and in which half of the list it stood.
Parameters& put_cursor(Parameters& values, std::string_view after) {
    if (after.empty()) return values.null().null();
    bool const is_read = after.starts_with("read-");
    auto const digits = after.substr(after.find('-') + 1);
    long long key = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), key);
    if ((!is_read && !after.starts_with("unread-")) || error != std::errc{} || end != digits.data() + digits.size() || key <= 0)
        throw gis_core::invalid_field("after", after, "what the page before said in next");
    return values.truth(is_read).number(key);
}

}  // namespace

NoticePage list_notices(Tx& tx, Session& session, std::string_view after, int limit) {
    NoticePage page;
    Parameters values;
    for (auto const& row : execute(tx, session, sql::notices, put_cursor(values, after).number(limit + 1))) {
        if (page.items.size() == static_cast<std::size_t>(limit)) {
            auto const& last = page.items.back();
            page.next = fmt::format("{}-{}", last.read_at.empty() ? "unread" : "read", last.id);
            break;
        }
        page.items.push_back({row["inbox_key"].as<long long>(), row["kind"].as<std::string>(), row["at"].as<std::string>(), text_or_empty(row, "read_at"),
                              row["facts"].as<std::string>(), row["object"].as<std::string>(), row["row_key"].as<long long>()});
    }
    page.unread = count_unread(tx, session);
    return page;
}

long long count_unread(Tx& tx, Session& session) { return execute(tx, session, sql::notices_unread)[0][0].as<long long>(); }

bool mark_read(Tx& tx, Session& session, long long notice) { return execute(tx, session, sql::notice_read, Parameters{}.number(notice)).affected_rows() == 1; }

void mark_all_read(Tx& tx, Session& session) { execute(tx, session, sql::notices_read); }

std::vector<Setting> settings(Tx& tx, Session& session, std::string const& role) {
    std::vector<Setting> found;
    for (auto const& row : execute(tx, session, sql::notice_settings, Parameters{}.text(role)))
        found.push_back({row["kind"].as<std::string>(), row["mails"].as<bool>()});
    return found;
}

void set_mail(Tx& tx, Session& session, std::string const& kind, bool mails) {
    if (execute(tx, session, sql::notice_set_mail, Parameters{}.text(kind).truth(mails)).affected_rows() == 0)
        throw gis_core::invalid_field("kind", kind, "one of GET /api/notifications/settings");
}

}  // namespace programme::contact
