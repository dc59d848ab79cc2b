#pragma once

#include <pqxx/transaction_base>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gis_core::db {
class Session;
}

/// News, legal texts, guides, questions and answers. Visitors read what is published (pub.content); officials of the province and
/// administrators write (content.item). Older versions are in the audit record.
namespace programme::content {

struct Item {
    long long id = 0;
    std::string kind;                                                                     // news, legal, guide, question
    std::string state;                                                                    // draft, published, withdrawn
    std::string title_vi, title_en, body_vi, body_en;                                     // bodies in Markdown
    std::string doc_number, issuer, issued_on, effective_from, effective_to, source_url;  // of a legal text; days in ISO, empty: none
    long long replaced_by = 0;
    std::string replaced_by_number;
    std::string legal_state;  // on the day asked about: not_yet, in_force, ended, replaced; only of what is published
    std::string published_at, updated_at;
    bool was_asked = false, is_demo = false;
    int version = 0;
};

/// What an editor types, by the name it has in JSON, forms and SQL.
inline constexpr std::array<std::pair<char const*, std::string Item::*>, 10> kTypedTexts{{{"title_vi", &Item::title_vi},
                                                                                          {"title_en", &Item::title_en},
                                                                                          {"body_vi", &Item::body_vi},
                                                                                          {"body_en", &Item::body_en},
                                                                                          {"doc_number", &Item::doc_number},
                                                                                          {"issuer", &Item::issuer},
                                                                                          {"issued_on", &Item::issued_on},
                                                                                          {"effective_from", &Item::effective_from},
                                                                                          {"effective_to", &Item::effective_to},
                                                                                          {"source_url", &Item::source_url}}};

struct Query {
    std::string kind;   // empty: all
    std::string q;      // words, accents forgiven; all of them must be there
    std::string state;  // for editors; empty: all
    long long after = 0;
    int limit = 20;
};

bool is_kind(std::string_view text);
/// Whether a role writes.
bool edits(std::string_view role);

/// Published, newest first; legal texts by their day of issue. Legal states on the transaction's day (pub.at).
std::vector<Item> list_published(pqxx::transaction_base& tx, gis_core::db::Session& session, Query const& query);
std::optional<Item> find_published(pqxx::transaction_base& tx, gis_core::db::Session& session, long long id);
/// What a legal text took the place of.
std::vector<Item> replaced_by(pqxx::transaction_base& tx, gis_core::db::Session& session, long long id);

/// As an editor: in every state, what was changed last first.
std::vector<Item> list_all(pqxx::transaction_base& tx, gis_core::db::Session& session, Query const& query);
std::optional<Item> find(pqxx::transaction_base& tx, gis_core::db::Session& session, long long id);
/// Number of the new draft. \throws invalid_argument naming the field, conflict for a document that is there already.
long long create(pqxx::transaction_base& tx, gis_core::db::Session& session, Item const& item);
/// Texts, days and source; not kind or state. False when the row has another version by now.
bool update(pqxx::transaction_base& tx, gis_core::db::Session& session, Item const& item);
/// \throws conflict when that state may not follow, or what the row holds may not be published.
bool move(pqxx::transaction_base& tx, gis_core::db::Session& session, long long id, int version, std::string const& state);

/// As a visitor: a question for the officials; its number. \throws invalid_argument, too_many_requests
long long ask(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view question, std::string_view trap, std::string const& source);

}  // namespace programme::content
