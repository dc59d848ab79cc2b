#include "programme/suggest.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/parameters.hpp"
#include "programme/product_filter.hpp"
#include "programme/sql/statements.hpp"

#include <algorithm>
#include <set>

namespace programme {
namespace {

std::vector<std::string> split(std::string const& text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = std::min(text.find(separator, at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

Parameters name_parameters(SearchWords const& words, gis_core::Date at, int limit) {
    Parameters p;
    p.text(at.iso()).text(like_literal(words.folded) + '%');
    if (words.has_accents) p.text(like_literal(words.typed) + '%');
    else p.null();
    p.text(word_query(words));
    if (words.has_accents) p.texts(contains_patterns(words.typed_words));
    else p.null();
    p.number(limit);
    return p;
}

void add_named(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::db::Statement const& statement, Suggestion::Kind kind,
               SearchWords const& words, gis_core::Date at, int limit, std::vector<Suggestion>& into) {
    for (auto const& row : execute(tx, session, statement, name_parameters(words, at, limit))) {
        Suggestion s;
        s.kind = kind;
        s.tier = row["tier"].as<int>();
        s.id = row["key"].as<long long>();
        s.label = row["name"].as<std::string>();
        s.detail = row["detail"].as<std::string>();
        if (!row["lon"].is_null()) s.position = gis_core::LonLat{row["lon"].as<double>(), row["lat"].as<double>()};
        into.push_back(std::move(s));
    }
}

void add_places(pqxx::transaction_base& tx, gis_core::db::Session& session, SearchWords const& words, gis_core::Date at, int limit,
                std::vector<Suggestion>& into) {
    Parameters p;
    p.text(words.folded).text(words.typed).texts(contains_patterns(words.folded_words)).text(at.iso()).number(limit);
    for (auto const& row : execute(tx, session, sql::suggest_places, p)) {
        Suggestion s;
        s.kind = Suggestion::Kind::place;
        s.tier = row["tier"].as<int>();
        s.label = row["name"].as<std::string>();
        s.detail = row["level"].as<std::string>();
        s.unit = row["code"].as<std::string>() + '@' + row["day"].as<std::string>();
        s.is_former = !row["valid_to"].is_null() && row["valid_to"].as<std::string>() <= at.iso();
        if (!row["today_codes"].is_null()) {
            auto const codes = split(row["today_codes"].as<std::string>(), '|'), names = split(row["today_names"].as<std::string>(), '|');
            for (std::size_t i = 0; i < std::min(codes.size(), names.size()); ++i) s.today.push_back({codes[i], names[i]});
        }
        into.push_back(std::move(s));
    }
}

/// Other spellings of the phrase in which every word is known, the likeliest first.
std::vector<std::string> mended_phrases(pqxx::transaction_base& tx, gis_core::db::Session& session, SearchWords const& words) {
    std::set<std::string> known;
    for (auto const& row : execute(tx, session, sql::known_words, Parameters{}.texts(words.folded_words))) known.insert(row[0].as<std::string>());
    struct Phrase {
        std::string text;
        int edits = 0;
    };
    std::vector<Phrase> phrases{{}};
    bool changed = false;
    for (auto const& word : words.folded_words) {
        std::vector<Phrase> candidates;
        if (known.contains(word) || word.size() < 2 || word.size() > 30) {
            candidates.push_back({word, 0});
        } else {
            changed = true;
            int const most = word.size() <= 3 ? 1 : 2;
            for (auto const& row : execute(tx, session, sql::nearest_words, Parameters{}.text(word))) {
                auto other = row["word"].as<std::string>();
                auto const edits = edits_between(word, other);
                auto letters = word, other_letters = other;
                std::sort(letters.begin(), letters.end());
                std::sort(other_letters.begin(), other_letters.end());
                // exchanged letters are the likelier slip; the first letter is seldom the wrong one
                int const cost = edits * 3 - (letters == other_letters ? 1 : 0) + (other.front() != word.front() ? 1 : 0);
                if (edits <= most) candidates.push_back({std::move(other), cost});
            }
            std::stable_sort(candidates.begin(), candidates.end(), [](auto const& a, auto const& b) { return a.edits < b.edits; });
            if (candidates.size() > 4) candidates.resize(4);
        }
        std::vector<Phrase> longer;
        for (auto const& phrase : phrases) {
            for (auto const& candidate : candidates) {
                longer.push_back({phrase.text.empty() ? candidate.text : phrase.text + ' ' + candidate.text, phrase.edits + candidate.edits});
            }
        }
        std::stable_sort(longer.begin(), longer.end(), [](auto const& a, auto const& b) { return a.edits < b.edits; });
        if (longer.size() > 6) longer.resize(6);
        phrases = std::move(longer);
    }
    std::vector<std::string> texts;
    if (changed) {
        for (auto& phrase : phrases) texts.push_back(std::move(phrase.text));
    }
    return texts;
}

}  // namespace

int edits_between(std::string_view a, std::string_view b) {
    auto const columns = b.size() + 1;
    std::vector<int> two_up(columns), up(columns), row(columns);
    for (std::size_t j = 0; j < columns; ++j) up[j] = static_cast<int>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = static_cast<int>(i);
        for (std::size_t j = 1; j < columns; ++j) {
            row[j] = std::min({up[j] + 1, row[j - 1] + 1, up[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], two_up[j - 2] + 1);
        }
        two_up = std::exchange(up, row);
    }
    return up.back();
}

Suggestions suggest(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string_view q, gis_core::Date at, int limit) {
    auto const words = search_words(q);
    Suggestions answer;
    if (words.folded_words.empty()) return answer;
    std::vector<Suggestion> products, producers, places;
    auto const look_up = [&](SearchWords const& as) {
        add_named(tx, session, sql::suggest_products, Suggestion::Kind::product, as, at, limit, products);
        add_named(tx, session, sql::suggest_producers, Suggestion::Kind::producer, as, at, limit, producers);
    };
    look_up(words);
    add_places(tx, session, words, at, limit, places);
    bool const found_well = std::any_of(places.begin(), places.end(), [](auto const& p) { return p.tier <= 3; });
    if (products.empty() && producers.empty() && !found_well) {
        for (auto const& phrase : mended_phrases(tx, session, words)) {
            look_up(search_words(phrase));
            if (products.empty() && producers.empty()) continue;
            answer.understood_as = phrase;
            for (auto* list : {&products, &producers}) {
                for (auto& s : *list) s.tier = 4;
            }
            break;
        }
    }

    // A third for each kind as far as it has candidates; what is left goes by tier.
    auto const share = static_cast<std::size_t>(std::max(1, limit / 3));
    std::vector<Suggestion> rest;
    for (auto* list : {&products, &producers, &places}) {
        for (std::size_t i = 0; i < list->size(); ++i) (i < share ? answer.items : rest).push_back(std::move((*list)[i]));
    }
    auto const by_tier = [](auto const& a, auto const& b) { return a.tier < b.tier; };
    std::stable_sort(rest.begin(), rest.end(), by_tier);
    for (auto& s : rest) {
        if (static_cast<int>(answer.items.size()) < limit) answer.items.push_back(std::move(s));
    }
    std::stable_sort(answer.items.begin(), answer.items.end(), by_tier);
    if (static_cast<int>(answer.items.size()) > limit) answer.items.resize(static_cast<std::size_t>(limit));
    return answer;
}

}  // namespace programme
