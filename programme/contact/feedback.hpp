#pragma once

#include "programme/accounts/secrets.hpp"

#include <pqxx/transaction_base>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::db {
class Session;
}

/// What consumers send: praise, complaints and reports of misuse, each with a code to follow it; ratings of a product, which are
/// shown after moderation.
namespace programme::contact {

inline constexpr int kSentADay = 20;  // texts from one address; the database counts (contact.count_sent)

struct Feedback {
    std::string kind;       // praise, complaint, misuse, review
    long long product = 0;  // 0: none; a review wants one
    int rating = 0;         // of a review: 1 to 5
    std::string body, place, name, contact;
    std::string trap;  // a field that people do not see: who fills it in is a machine
};
/// The number is the officers', the code the sender's; a review has no code.
struct Sent {
    long long id = 0;
    std::string code;
};
struct Followed {
    std::string kind, state, answer, created_at, updated_at;
    long long product_id = 0;
    std::string product;
};
struct FeedbackRow {
    long long id = 0;
    std::string kind;
    long long product_id = 0;
    std::string product, producer, body, place, state, answer, created_at, updated_at;
    int version = 0;
    std::string name, contact;  // empty for who is not shown them
    bool is_erased = false;
};
struct Review {
    int rating = 0;
    std::string comment, day;
};

/// As a visitor. source: a keyed hash of the address. \throws invalid_argument naming the field, too_many_requests.
Sent send_feedback(pqxx::transaction_base& tx, gis_core::db::Session& session, Feedback const& feedback, std::string const& source);
/// As a visitor, with the code as it was typed.
std::optional<Followed> follow_feedback(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view code);

/// Whether a role handles feedback: sees who sent it, answers and closes.
bool handles_feedback(std::string_view role);
bool reads_feedback(std::string_view role);
/// Which of them: empty and 0 for all.
struct FeedbackFilter {
    std::string state;
    long long product = 0;
};
/// Newest first; before: the last one seen, 0: from the beginning.
std::vector<FeedbackRow> list_feedback(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view role, FeedbackFilter const& filter,
                                       long long before, int limit);
std::optional<FeedbackRow> find_feedback(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view role, long long id);
/// False when the row has another version by now. answer: empty leaves it. \throws invalid_argument, conflict.
bool change_feedback(pqxx::transaction_base& tx, gis_core::db::Session& session, long long id, int version, std::string const& state, std::string_view answer);

/// A rating that waits to be shown or hidden.
struct PendingReview {
    long long id = 0;
    std::string product;
    int rating = 0;
    std::string comment, at;
    int version = 0;
};
/// Whether a role decides which ratings are shown.
bool moderates(std::string_view role);
std::vector<PendingReview> pending_reviews(pqxx::transaction_base& tx, gis_core::db::Session& session);
/// False when the row has another version by now.
bool moderate(pqxx::transaction_base& tx, gis_core::db::Session& session, long long review, int version, bool is_shown);

std::vector<Review> shown_reviews(pqxx::transaction_base& tx, gis_core::db::Session& session, long long product);

/// Inside a handler of an sql_error: throws what it means where texts of visitors are taken.
[[noreturn]] void explain_refused_text(pqxx::sql_error const& error, long long product);

}  // namespace programme::contact
