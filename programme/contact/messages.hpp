#pragma once

#include <pqxx/transaction_base>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::db {
class Session;
}

/// Messages on a row of the record, between its producer and its officers: who sees the row reads and writes. They stay as they
/// were written; a correction is a new message.
namespace programme::contact {

struct Message {
    long long id = 0;
    std::string at, author, role, body;
    bool is_mine = false;
};

struct Thread {
    long long id = 0;
    std::string object;  // the row's table: ocop.dossier
    long long row = 0;
    std::string producer, last_at;
    long long last_message = 0, unread = 0;
};

/// Whether a role takes part at all (data/migrations/0081_contact.sql grants it).
bool writes_messages(std::string_view role);

struct Written {
    long long message = 0, thread = 0;
};

/// \throws invalid_argument for a text that cannot be one, not_found when the acting role does not see the row.
Written write_message(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& object, long long row, std::string_view body);
/// Those on rows of these tables that the acting role reaches, newest first. before: last_message of the last one seen, 0: from the
/// beginning.
std::vector<Thread> list_threads(pqxx::transaction_base& tx, gis_core::db::Session& session, std::vector<std::string> const& objects, long long before,
                                 int limit);
std::optional<Thread> find_thread(pqxx::transaction_base& tx, gis_core::db::Session& session, long long thread);
std::optional<Thread> find_thread(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& object, long long row);
/// The newest ones, oldest first. before: a message's number, 0: to the end.
std::vector<Message> list_messages(pqxx::transaction_base& tx, gis_core::db::Session& session, long long thread, long long before, int limit);
void mark_thread_read(pqxx::transaction_base& tx, gis_core::db::Session& session, long long thread);

}  // namespace programme::contact
