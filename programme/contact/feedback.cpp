#include "programme/contact/feedback.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/contact/sql/statements.hpp"
#include "programme/parameters.hpp"
#include "programme/typed.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace programme::contact {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

constexpr std::array<std::string_view, 4> kKinds{"praise", "complaint", "misuse", "review"};
constexpr std::array<std::string_view, 4> kStates{"received", "looking", "answered", "closed"};
constexpr std::string_view kCodeMark = "PH";

/// "PH-7KQM-2F4D-XW3T": 60 random bits, more than anybody can try out.
std::string new_code() { return fmt::format("{}-{}", kCodeMark, accounts::random_code().substr(0, 14)); }

std::string hash_of_code(std::string_view typed) {
    auto normal = accounts::normal_code(typed);
    if (normal.size() == 14 && std::string_view{normal}.starts_with(kCodeMark)) normal.erase(0, kCodeMark.size());
    return accounts::token_hash(normal);
}

FeedbackRow row_of(pqxx::row const& row) {
    FeedbackRow out;
    out.id = row["feedback_key"].as<long long>();
    out.kind = row["kind"].as<std::string>();
    out.product_id = row["product_key"].is_null() ? 0 : row["product_key"].as<long long>();
    out.product = text_or_empty(row, "product");
    out.producer = text_or_empty(row, "producer");
    out.body = row["body"].as<std::string>();
    out.place = text_or_empty(row, "place");
    out.state = row["state"].as<std::string>();
    out.answer = text_or_empty(row, "answer");
    out.created_at = row["created_at"].as<std::string>();
    out.updated_at = row["updated_at"].as<std::string>();
    out.version = row["version"].as<int>();
    out.name = text_or_empty(row, "sender_name");
    out.contact = text_or_empty(row, "sender_contact");
    out.is_erased = !row["is_erased"].is_null() && row["is_erased"].as<bool>();
    return out;
}

pqxx::result query(Tx& tx, Session& session, std::string_view role, FeedbackFilter const& filter, long long id, long long before, int limit) {
    Parameters values;
    filter.state.empty() ? values.null() : values.text(filter.state);
    id == 0 ? values.null() : values.number(id);
    before == 0 ? values.null() : values.number(before);
    values.number(limit);
    filter.product == 0 ? values.null() : values.number(filter.product);
    return execute(tx, session, handles_feedback(role) ? sql::feedback_list_handler : sql::feedback_list_other, values);
}

bool is_one_of(std::string_view text, auto const& list) { return std::find(list.begin(), list.end(), text) != list.end(); }

}  // namespace

void explain_refused_text(pqxx::sql_error const& error, long long product) {
    auto const state = gis_core::db::state_of(error);
    if (state == "54000")
        throw Error{ErrorKind::too_many_requests,
                    fmt::format("{} texts came from this address today; try again tomorrow", kSentADay),
                    {{"retry_after_s", "0", "86400"}}};
    if (state == "P0002") throw gis_core::invalid_field("product", std::to_string(product), "the number of a product that is published");
    throw;
}

Sent send_feedback(Tx& tx, Session& session, Feedback const& feedback, std::string const& source) {
    if (!feedback.trap.empty()) throw gis_core::invalid_field("website", feedback.trap, "empty");
    if (!is_one_of(feedback.kind, kKinds)) throw gis_core::invalid_field("kind", feedback.kind, fmt::format("{}", fmt::join(kKinds, ", ")));
    bool const is_review = feedback.kind == "review";
    auto const body = typed_text("body", feedback.body, is_review ? 0 : 10, 4000);
    try {
        if (is_review) {
            if (feedback.product == 0) throw gis_core::invalid_field("product", "", "the number of a product that is published");
            if (feedback.rating < 1 || feedback.rating > 5) throw gis_core::invalid_field("rating", std::to_string(feedback.rating), "1 to 5");
            auto const rows = execute(tx, session, sql::review_send, Parameters{}.number(feedback.product).number(feedback.rating).text(body).text(source));
            return {rows[0][0].as<long long>(), {}};
        }
        auto const code = new_code();
        Parameters values;
        values.text(hash_of_code(code)).text(feedback.kind);
        feedback.product == 0 ? values.null() : values.number(feedback.product);
        values.text(body).text(typed_text("place", feedback.place, 0, 200)).text(typed_text("name", feedback.name, 0, 200));
        auto const rows = execute(tx, session, sql::feedback_send, values.text(typed_text("contact", feedback.contact, 0, 200)).text(source));
        return {rows[0][0].as<long long>(), code};
    } catch (pqxx::sql_error const& error) {
        explain_refused_text(error, feedback.product);
    }
}

std::optional<Followed> follow_feedback(Tx& tx, Session& session, std::string_view code) {
    auto const rows = execute(tx, session, sql::feedback_follow, Parameters{}.text(hash_of_code(code)));
    if (rows.empty()) return std::nullopt;
    auto const row = rows[0];
    return Followed{row["kind"].as<std::string>(),       row["state"].as<std::string>(),
                    text_or_empty(row, "answer"),        row["created_at"].as<std::string>(),
                    row["updated_at"].as<std::string>(), row["product_id"].is_null() ? 0 : row["product_id"].as<long long>(),
                    text_or_empty(row, "product")};
}

bool handles_feedback(std::string_view role) { return role == "R04" || role == "R08" || role == "R14"; }
bool reads_feedback(std::string_view role) { return handles_feedback(role) || role == "R02" || role == "R05"; }

std::vector<FeedbackRow> list_feedback(Tx& tx, Session& session, std::string_view role, FeedbackFilter const& filter, long long before, int limit) {
    auto const& state = filter.state;
    if (!state.empty() && !is_one_of(state, kStates)) throw gis_core::invalid_field("state", state, fmt::format("{}", fmt::join(kStates, ", ")));
    std::vector<FeedbackRow> found;
    for (auto const& row : query(tx, session, role, filter, 0, before, limit)) found.push_back(row_of(row));
    return found;
}

std::optional<FeedbackRow> find_feedback(Tx& tx, Session& session, std::string_view role, long long id) {
    auto const rows = query(tx, session, role, {}, id, 0, 1);
    return rows.empty() ? std::nullopt : std::optional{row_of(rows[0])};
}

bool change_feedback(Tx& tx, Session& session, long long id, int version, std::string const& state, std::string_view answer) {
    if (!is_one_of(state, kStates)) throw gis_core::invalid_field("state", state, fmt::format("{}", fmt::join(kStates, ", ")));
    auto const text = typed_text("answer", answer, 0, 4000);
    Parameters values;
    values.number(id).number(version).text(state);
    text.empty() ? values.null() : values.text(text);
    try {
        return execute(tx, session, sql::feedback_change, values).affected_rows() == 1;
    } catch (pqxx::sql_error const& error) {
        auto const code = gis_core::db::state_of(error);
        if (code == "55000")
            throw Error{
                ErrorKind::conflict, fmt::format("feedback {} cannot go to {} from where it is", id, state), {{"state", state, "a state that may follow"}}};
        if (code == "23514") throw gis_core::invalid_field("answer", "", "what the sender is told");
        throw;
    }
}

bool moderates(std::string_view role) { return role == "R08"; }

std::vector<PendingReview> pending_reviews(Tx& tx, Session& session) {
    std::vector<PendingReview> found;
    for (auto const& row : execute(tx, session, sql::reviews_pending))
        found.push_back({row["customer_review_key"].as<long long>(), text_or_empty(row, "product"), row["customer_rating"].as<int>(),
                         text_or_empty(row, "customer_comment"), row["at"].as<std::string>(), row["version"].as<int>()});
    return found;
}

bool moderate(Tx& tx, Session& session, long long review, int version, bool is_shown) {
    return execute(tx, session, sql::review_moderate, Parameters{}.number(review).number(version).text(is_shown ? "shown" : "hidden")).affected_rows() == 1;
}

std::vector<Review> shown_reviews(Tx& tx, Session& session, long long product) {
    std::vector<Review> found;
    for (auto const& row : execute(tx, session, sql::reviews_shown, Parameters{}.number(product)))
        found.push_back({row["customer_rating"].as<int>(), text_or_empty(row, "customer_comment"), row["on_day"].as<std::string>()});
    return found;
}

}  // namespace programme::contact
