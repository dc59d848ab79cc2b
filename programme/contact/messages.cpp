#include "programme/contact/messages.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/contact/sql/statements.hpp"
#include "programme/parameters.hpp"
#include "programme/typed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace programme::contact {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

constexpr std::size_t kLongestMessage = 4000;

Parameters& put(Parameters& values, long long key_or_0) { return key_or_0 == 0 ? values.null() : values.number(key_or_0); }

Thread thread_of(pqxx::row const& row) {
    return {row["thread_key"].as<long long>(), row["object"].as<std::string>(),     row["row_key"].as<long long>(), text_or_empty(row, "producer"),
            row["last_at"].as<std::string>(),  row["last_message"].as<long long>(), row["unread"].as<long long>()};
}

std::optional<Thread> find(Tx& tx, Session& session, Parameters const& values) {
    auto const rows = execute(tx, session, sql::thread_find, values);
    return rows.empty() ? std::nullopt : std::optional{thread_of(rows[0])};
}

}  // namespace

bool writes_messages(std::string_view role) {
    constexpr std::array<std::string_view, 8> kRoles{"R02", "R03", "R04", "R05", "R08", "R09", "R13", "R14"};
    return std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end();
}

Written write_message(Tx& tx, Session& session, std::string const& object, long long row, std::string_view body) {
    auto const text = typed_text("body", body, 1, kLongestMessage);
    auto const absent = [&] { return Error{ErrorKind::not_found, fmt::format("there is no row {} that you may see", row)}; };
    try {
        execute(tx, session, sql::thread_open, Parameters{}.text(object).number(row));
    } catch (pqxx::sql_error const& error) {
        if (error.sqlstate() == "P0002") throw absent();
        throw;
    }
    auto const rows = execute(tx, session, sql::message_add, Parameters{}.text(object).number(row).text(text));
    if (rows.empty()) throw absent();
    return {rows[0]["message_key"].as<long long>(), rows[0]["thread_key"].as<long long>()};
}

std::vector<Thread> list_threads(Tx& tx, Session& session, std::vector<std::string> const& objects, long long before, int limit) {
    std::vector<Thread> found;
    Parameters values;
    for (auto const& row : execute(tx, session, sql::threads, put(values.texts(objects), before).number(limit))) found.push_back(thread_of(row));
    return found;
}

std::optional<Thread> find_thread(Tx& tx, Session& session, long long thread) { return find(tx, session, Parameters{}.number(thread).null().null()); }

std::optional<Thread> find_thread(Tx& tx, Session& session, std::string const& object, long long row) {
    return find(tx, session, Parameters{}.null().text(object).number(row));
}

std::vector<Message> list_messages(Tx& tx, Session& session, long long thread, long long before, int limit) {
    std::vector<Message> found;
    Parameters values;
    for (auto const& row : execute(tx, session, sql::messages, put(values.number(thread), before).number(limit)))
        found.push_back({row["message_key"].as<long long>(), row["at"].as<std::string>(), row["author_name"].as<std::string>(),
                         row["author_role"].as<std::string>(), row["body"].as<std::string>(), row["is_mine"].as<bool>()});
    return found;
}

void mark_thread_read(Tx& tx, Session& session, long long thread) { execute(tx, session, sql::thread_read, Parameters{}.number(thread)); }

}  // namespace programme::contact
