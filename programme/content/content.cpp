#include "programme/content/content.hpp"

#include "gis_core/date.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"
#include "programme/contact/feedback.hpp"
#include "programme/content/sql/statements.hpp"
#include "programme/parameters.hpp"
#include "programme/typed.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace programme::content {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

constexpr std::array<std::string_view, 4> kKinds{"news", "legal", "guide", "question"};
constexpr std::array<std::string_view, 3> kStates{"draft", "published", "withdrawn"};

Item item_of(pqxx::row const& row) {
    Item out;
    out.id = row["item_key"].as<long long>();
    out.kind = row["kind"].as<std::string>();
    out.state = row["state"].as<std::string>();
    for (auto const& [column, text] : kTypedTexts) out.*text = text_or_empty(row, column);
    for (auto const& [column, text] : {std::pair{"replaced_by_number", &out.replaced_by_number},
                                       {"legal_state", &out.legal_state},
                                       {"published_at", &out.published_at},
                                       {"updated_at", &out.updated_at}})
        *text = text_or_empty(row, column);
    out.replaced_by = row["replaced_by"].is_null() ? 0 : row["replaced_by"].as<long long>();
    out.was_asked = row["was_asked"].as<bool>();
    out.is_demo = row["is_demo"].as<bool>();
    out.version = row["version"].as<int>();
    return out;
}

std::vector<Item> items_of(pqxx::result const& rows) {
    std::vector<Item> found;
    for (auto const& row : rows) found.push_back(item_of(row));
    return found;
}

/// $1 kind, $2 patterns of the words, $3 after, $4 limit
Parameters parameters(Query const& query) {
    if (!query.kind.empty() && !is_kind(query.kind)) throw gis_core::invalid_field("kind", query.kind, fmt::format("{}", fmt::join(kKinds, ", ")));
    std::vector<std::string> patterns;
    std::istringstream words{gis_core::text::fold(typed_text("q", query.q, 0, 200))};
    for (std::string word; words >> word;) patterns.push_back("%" + like_literal(word) + "%");
    Parameters values;
    query.kind.empty() ? values.null() : values.text(query.kind);
    values.texts(patterns);
    query.after == 0 ? values.null() : values.number(query.after);
    return std::move(values.number(query.limit));
}

Parameters& put(Parameters& values, std::string const& text) { return text.empty() ? values.null() : values.text(text); }
Parameters& put_day(Parameters& values, char const* field, std::string const& text) {
    return text.empty() ? values.null() : values.text(gis_core::Date::from_field(field, text).iso());
}

/// Texts, days and source as $1 …, after they were looked at.
void put_texts(Parameters& values, Item const& item) {
    bool const is_legal = item.kind == "legal";
    values.text(typed_text("title_vi", item.title_vi, 2, item.kind == "question" ? 1000 : 300));
    put(values, typed_text("title_en", item.title_en, 0, 300));
    values.text(typed_text("body_vi", item.body_vi, 0, 50'000));
    put(values, typed_text("body_en", item.body_en, 0, 50'000));
    put(values, typed_text("doc_number", is_legal ? item.doc_number : "", is_legal ? 1 : 0, 100));
    put(values, typed_text("issuer", is_legal ? item.issuer : "", is_legal ? 2 : 0, 200));
    if (is_legal && item.issued_on.empty()) throw gis_core::invalid_field("issued_on", "", "the day the text was issued, YYYY-MM-DD");
    put_day(values, "issued_on", is_legal ? item.issued_on : "");
    put_day(values, "effective_from", is_legal ? item.effective_from : "");
    put_day(values, "effective_to", is_legal ? item.effective_to : "");
    is_legal&& item.replaced_by != 0 ? values.number(item.replaced_by) : values.null();
    auto const url = typed_text("source_url", item.source_url, 0, 500);
    if (!url.empty() && !url.starts_with("https://") && !url.starts_with("http://"))
        throw gis_core::invalid_field("source_url", url, "an address that begins with https://");
    put(values, url);
}

/// What the table refused, in words.
template <typename Work>
auto in_words(Item const& item, Work&& work) {
    try {
        return work();
    } catch (pqxx::sql_error const& error) {
        auto const state = gis_core::db::state_of(error);
        std::string_view const said{error.what()};
        if (state == "23505")
            throw Error{ErrorKind::conflict,
                        fmt::format("document {} is there already", item.doc_number),
                        {{"doc_number", item.doc_number, "a number that no other text has"}}};
        if (state == "23503" || said.find("replaced_by") != std::string_view::npos)
            throw gis_core::invalid_field("replaced_by", std::to_string(item.replaced_by), "the number of another legal text here");
        if (state == "55000")
            throw Error{ErrorKind::conflict,
                        fmt::format("content {} cannot go to {} from where it is", item.id, item.state),
                        {{"state", item.state, "a state that may follow"}}};
        if (state == "23514" && said.find("effective_to") != std::string_view::npos)
            throw gis_core::invalid_field("effective_to", item.effective_to, "a day after the text came into force");
        if (state == "23514" && said.find("item_body_vi") != std::string_view::npos)
            throw gis_core::invalid_field("body_vi", "", "a text, before it is published");
        throw;
    }
}

}  // namespace

bool is_kind(std::string_view text) { return std::find(kKinds.begin(), kKinds.end(), text) != kKinds.end(); }
bool edits(std::string_view role) { return role == "R08" || role == "R16"; }

std::vector<Item> list_published(Tx& tx, Session& session, Query const& query) {
    return items_of(execute(tx, session, sql::content_published, parameters(query)));
}

std::optional<Item> find_published(Tx& tx, Session& session, long long id) {
    auto const rows = execute(tx, session, sql::content_published_one, Parameters{}.number(id));
    return rows.empty() ? std::nullopt : std::optional{item_of(rows[0])};
}

std::vector<Item> replaced_by(Tx& tx, Session& session, long long id) { return items_of(execute(tx, session, sql::content_replaced, Parameters{}.number(id))); }

std::vector<Item> list_all(Tx& tx, Session& session, Query const& query) {
    auto values = parameters(query);
    if (!query.state.empty() && std::find(kStates.begin(), kStates.end(), query.state) == kStates.end())
        throw gis_core::invalid_field("state", query.state, fmt::format("{}", fmt::join(kStates, ", ")));
    return items_of(execute(tx, session, sql::content_all, put(values, query.state)));
}

std::optional<Item> find(Tx& tx, Session& session, long long id) {
    auto const rows = execute(tx, session, sql::content_one, Parameters{}.number(id));
    return rows.empty() ? std::nullopt : std::optional{item_of(rows[0])};
}

long long create(Tx& tx, Session& session, Item const& item) {
    if (!is_kind(item.kind)) throw gis_core::invalid_field("kind", item.kind, fmt::format("{}", fmt::join(kKinds, ", ")));
    Parameters values;
    put_texts(values, item);
    return in_words(item, [&] { return execute(tx, session, sql::content_add, values.text(item.kind))[0][0].as<long long>(); });
}

bool update(Tx& tx, Session& session, Item const& item) {
    Parameters values;
    put_texts(values, item);
    return in_words(item, [&] { return execute(tx, session, sql::content_change, values.number(item.id).number(item.version)).affected_rows() == 1; });
}

bool move(Tx& tx, Session& session, long long id, int version, std::string const& state) {
    if (std::find(kStates.begin(), kStates.end(), state) == kStates.end())
        throw gis_core::invalid_field("state", state, fmt::format("{}", fmt::join(kStates, ", ")));
    Item asked;
    asked.id = id;
    asked.state = state;
    return in_words(asked, [&] { return execute(tx, session, sql::content_move, Parameters{}.number(id).number(version).text(state)).affected_rows() == 1; });
}

long long ask(Tx& tx, Session& session, std::string_view question, std::string_view trap, std::string const& source) {
    if (!trap.empty()) throw gis_core::invalid_field("website", trap, "empty");
    auto const text = typed_text("question", question, 10, 1000);
    try {
        return execute(tx, session, sql::content_ask, Parameters{}.text(text).text(source))[0][0].as<long long>();
    } catch (pqxx::sql_error const& error) {
        contact::explain_refused_text(error, 0);
    }
}

}  // namespace programme::content
