#pragma once

#include <pqxx/transaction_base>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::db {
class Session;
}

/// People hear from the record and from each other (docs/reference/contact.md). Rights are the policies of the transaction's role.
namespace programme::contact {

/// What somebody is told. The sentence is made of kind and facts where it is shown.
struct Notice {
    long long id = 0;
    std::string kind, at, read_at;  // read_at: empty while it is unread
    std::string facts;              // a JSON object
    std::string object;             // the table of the row it is about
    long long row = 0;
};

struct NoticePage {
    std::vector<Notice> items;  // unread first, newest first
    long long unread = 0;       // of all
    std::string next;           // where the next page begins; empty: this was the last
};

/// A kind that reaches a role, and whether it comes by e-mail too.
struct Setting {
    std::string kind;
    bool mails = false;
};

/// after: `next` of the page before. \throws invalid_argument when it is none.
NoticePage list_notices(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view after, int limit);
long long count_unread(pqxx::transaction_base& tx, gis_core::db::Session& session);
/// False when there is no such notice of this account's.
bool mark_read(pqxx::transaction_base& tx, gis_core::db::Session& session, long long notice);
void mark_all_read(pqxx::transaction_base& tx, gis_core::db::Session& session);

std::vector<Setting> settings(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& role);
/// \throws invalid_argument for a kind that does not exist.
void set_mail(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& kind, bool mails);

}  // namespace programme::contact
