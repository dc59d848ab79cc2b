#include "programme/products.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "programme/frames.hpp"
#include "programme/sql/statements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <unordered_map>

namespace programme {
namespace {

using gis_core::Date;

std::optional<gis_core::LonLat> to_position(pqxx::row const& row) {
    if (row["lon"].is_null()) return std::nullopt;
    return gis_core::LonLat{row["lon"].as<double>(), row["lat"].as<double>()};
}

/// Names of classes and places, by which rows are completed: joining them in each query cost more to plan than the rest.
struct Names {
    std::map<std::string, std::pair<std::string, std::string>> classes;     // vi, en
    std::unordered_map<long long, std::pair<PlaceName, PlaceName>> places;  // by lineage: commune on `at`, old district
    std::string old_day;
};

std::shared_ptr<Names const> names_on(pqxx::transaction_base& tx, gis_core::db::Session& session, Date at) {
    static gis_core::db::FigureCache cache{32};
    return cache.get<Names>(at.iso(), gis_core::db::figure_stamp(tx, session), [&] {
        Names names;
        for (auto const& row : execute(tx, session, sql::product_classes)) {
            names.classes[row["class_code"].as<std::string>()] = {row["name_vi"].as<std::string>(), row["name_en"].as<std::string>()};
        }
        names.old_day = last_district_day(list_frames(tx, session)).value_or(at).iso();
        for (auto const& row : execute(tx, session, sql::lineage_places, Parameters{}.text(at.iso()).text(names.old_day))) {
            names.places[row["lineage_key"].as<long long>()] = {{text_or_empty(row, "code"), text_or_empty(row, "name")},
                                                                {text_or_empty(row, "district_code"), text_or_empty(row, "district_name")}};
        }
        return names;
    });
}

/// The columns that every query of products shares.
Product to_product(pqxx::row const& row, Names const& names) {
    Product p;
    p.id = row["product_key"].as<long long>();
    p.name = row["name"].as<std::string>();
    p.class_code = text_or_empty(row, "class_code");
    if (auto const found = names.classes.find(p.class_code); found != names.classes.end()) {
        p.class_vi = found->second.first;
        p.class_en = found->second.second;
    }
    p.certificate_state = row["certificate_state"].as<std::string>();
    if (!row["star"].is_null()) p.star = row["star"].as<int>();
    p.certificate_valid_to = text_or_empty(row, "certificate_valid_to");
    p.producer_id = row["producer_key"].as<long long>();
    p.producer_name = row["producer_name"].as<std::string>();
    if (auto const lineage = row["lineage_key"]; !lineage.is_null()) {
        if (auto const found = names.places.find(lineage.as<long long>()); found != names.places.end()) {
            p.commune = found->second.first;
            p.district_old = found->second.second;
        }
    }
    p.position = to_position(row);
    p.position_approximate = row["location_approximate"].as<bool>();
    p.is_demo = row["is_demo"].as<bool>();
    return p;
}

struct SortTraits {
    ProductSort sort;
    char letter;
    gis_core::db::Statement const* statement;
};
constexpr std::array kSorts{SortTraits{ProductSort::relevance, 'r', &sql::products_by_words},
                            SortTraits{ProductSort::name, 'n', &sql::products_by_name},
                            SortTraits{ProductSort::name_descending, 'm', &sql::products_by_name_descending},
                            SortTraits{ProductSort::star, 's', &sql::products_by_star},
                            SortTraits{ProductSort::newest, 'd', &sql::products_by_newest},
                            SortTraits{ProductSort::distance, 'g', &sql::products_by_distance}};
SortTraits const& traits(ProductSort sort) {
    return *std::find_if(kSorts.begin(), kSorts.end(), [&](auto const& t) { return t.sort == sort; });
}

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string to_base64url(std::string_view bytes) {
    std::string out;
    unsigned buffer = 0;
    int bits = 0;
    for (char const c : bytes) {
        buffer = (buffer << 8U) | static_cast<unsigned char>(c);
        for (bits += 8; bits >= 6; bits -= 6) out += kDigits[(buffer >> static_cast<unsigned>(bits - 6)) & 63U];
    }
    if (bits > 0) out += kDigits[(buffer << static_cast<unsigned>(6 - bits)) & 63U];
    return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string out;
    unsigned buffer = 0;
    int bits = 0;
    for (char const c : text) {
        auto const digit = kDigits.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        buffer = (buffer << 6U) | static_cast<unsigned>(digit);
        if (bits += 6; bits >= 8) {
            bits -= 8;
            out += static_cast<char>((buffer >> static_cast<unsigned>(bits)) & 255U);
        }
    }
    return out;
}

/// A list's rows that are asked for together. By relevance: what a name must match, and what it must not, so that each product stands in one tier.
struct Tier {
    enum class By { prefix, words } by = By::words;
    bool typed = false;            // with the accents as typed
    bool in_name = true;           // all words stand in the name, not only in the producer's
    bool not_typed_words = false;  // but not with the accents as typed
    bool not_prefix = false;
    int star = 0;  // of a list by stars; 0: none
};
std::vector<Tier> tiers_of(SearchWords const& words) {
    constexpr auto prefix = Tier::By::prefix;
    if (words.folded_words.empty()) return {Tier{.in_name = false}};
    if (!words.has_accents) return {Tier{.by = prefix}, Tier{.by = Tier::By::words, .not_prefix = true}, Tier{.by = Tier::By::words, .in_name = false}};
    return {Tier{.by = prefix, .typed = true}, Tier{.by = Tier::By::words, .typed = true, .not_prefix = true}, Tier{.by = prefix, .not_typed_words = true},
            Tier{.by = Tier::By::words, .not_typed_words = true, .not_prefix = true}, Tier{.by = Tier::By::words, .in_name = false}};
}

/// From five stars down to none: those that the filter can leave, from the cursor's on.
std::vector<Tier> tiers_by_star(ProductFilter const& filter, PageCursor const& after) {
    auto const has = [](auto const& list, auto const& value) { return std::find(list.begin(), list.end(), value) != list.end(); };
    auto const in_force = static_cast<std::size_t>(has(filter.states, "valid")) + static_cast<std::size_t>(has(filter.states, "expiring"));
    std::vector<Tier> tiers;
    for (int const star : {5, 4, 3, 0}) {
        if (after.id > 0 && star > std::stoi(after.value)) continue;
        bool const by_stars = filter.stars.empty() || has(filter.stars, static_cast<long long>(star));
        bool const by_state = filter.states.empty() || (star > 0 ? in_force > 0 : filter.states.size() > in_force);
        if (by_stars && by_state) tiers.push_back(Tier{.star = star});
    }
    return tiers;
}

/// $21 and on of products_by_prefix or products_by_words.
void add_tier(Parameters& parameters, Tier const& tier, SearchWords const& words) {
    auto const add_text = [&](bool wanted, std::string const& value) { wanted ? parameters.text(value) : parameters.null(); };
    auto const add_texts = [&](bool wanted, std::vector<std::string> const& values) { wanted ? parameters.texts(values) : parameters.null(); };
    auto const folded_prefix = like_literal(words.folded) + '%', typed_prefix = like_literal(words.typed) + '%';
    auto const typed = contains_patterns(words.typed_words);
    if (tier.by == Tier::By::prefix) {
        add_text(true, folded_prefix);
        add_text(tier.typed, typed_prefix);
        add_texts(tier.not_typed_words, typed);
        return;
    }
    bool const searching = !words.folded_words.empty();
    add_text(searching && tier.in_name, searching ? word_query(words) : std::string{});
    add_texts(tier.typed, typed);
    add_text(tier.not_prefix && !tier.typed, folded_prefix);
    add_text(tier.not_prefix && tier.typed, typed_prefix);
    add_text(searching && !tier.in_name, searching ? word_query(words) : std::string{});
    add_texts(tier.not_typed_words, typed);
}

std::string key_of(ProductFilter const& filter, SearchWords const& words) {
    std::string key = "facets";
    auto const parameters = to_parameters(filter, words);
    for (auto const* value : parameters.values()) {
        key += '\x1f';
        key += value ? value : "\x1e";
    }
    return key;
}

enum GroupingSet { by_lineage = 14, by_state = 13, by_star = 11, by_class = 7, in_all = 15 };

}  // namespace

std::string to_text(PageCursor const& cursor, ProductSort sort) {
    return to_base64url(fmt::format("{}{}|{}|{}", traits(sort).letter, cursor.tier, cursor.id, cursor.value));
}

PageCursor parse_cursor(std::string_view text, ProductSort sort) {
    auto const refuse = [&] { return gis_core::invalid_field("after", text, "the value that `next` of the page before gives, with the same sort"); };
    auto const plain = from_base64url(text);
    if (!plain || plain->size() < 5 || plain->front() != traits(sort).letter) throw refuse();
    PageCursor cursor;
    auto const first = plain->find('|'), second = first == std::string::npos ? first : plain->find('|', first + 1);
    if (second == std::string::npos) throw refuse();
    auto const number = [&](std::size_t from, std::size_t to, auto& into) {
        auto const [end, error] = std::from_chars(plain->data() + from, plain->data() + to, into);
        if (error != std::errc{} || end != plain->data() + to) throw refuse();
    };
    number(1, first, cursor.tier);
    number(first + 1, second, cursor.id);
    cursor.value = plain->substr(second + 1);
    auto const& value = cursor.value;
    bool sound = cursor.tier >= 0 && cursor.tier <= 4 && cursor.id >= 0 && value.find('\0') == std::string::npos;
    if (sort == ProductSort::star) sound = sound && value.size() == 1 && value[0] >= '0' && value[0] <= '5';
    if (sort == ProductSort::newest) sound = sound && Date::parse(value).has_value();
    if (sort == ProductSort::distance) {
        double metres = 0;
        auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), metres);
        sound = sound && error == std::errc{} && end == value.data() + value.size();
    }
    if (!sound) throw refuse();
    return cursor;
}

ProductPage list_products(pqxx::transaction_base& tx, gis_core::db::Session& session, ProductFilter const& filter, ProductSort sort, PageCursor const& after,
                          int limit) {
    if (sort == ProductSort::distance && !filter.circle) {
        throw gis_core::invalid_field("sort", "distance", "used with lon, lat and radius_m");
    }
    auto const words = search_words(filter.q);
    auto const names = names_on(tx, session, filter.at);
    bool const by_relevance = sort == ProductSort::relevance, by_star = sort == ProductSort::star;
    auto const tiers = by_relevance ? tiers_of(words) : by_star ? tiers_by_star(filter, after) : std::vector{Tier{}};
    ProductPage page;
    for (auto tier = by_star ? 0 : after.tier; tier < static_cast<int>(tiers.size()); ++tier) {
        auto const& cut = tiers[static_cast<std::size_t>(tier)];
        auto const wanted = limit + 1 - static_cast<int>(page.items.size());  // one more tells that the list goes on
        bool const by_prefix = by_relevance && cut.by == Tier::By::prefix;
        // A name that holds the words is found by its own index: asking the index of all words as well doubled the time.
        auto parameters = to_parameters(filter, by_relevance && cut.in_name ? SearchWords{} : words);
        parameters.number(wanted);
        if (after.id > 0 && (by_star || tier == after.tier)) parameters.text(after.value).number(after.id);
        else parameters.null().null();
        if (by_relevance) add_tier(parameters, cut, words);
        if (by_star) parameters.number(cut.star);
        auto const& statement = by_prefix ? sql::products_by_prefix : *traits(sort).statement;
        for (auto const& row : execute(tx, session, statement, parameters)) {
            if (static_cast<int>(page.items.size()) == limit) return page;  // the one more: next is where the last item stands
            page.items.push_back(to_product(row, *names));
            if (sort == ProductSort::distance) page.items.back().distance_m = row["sort_value"].as<double>();
            if (static_cast<int>(page.items.size()) == limit)
                page.next = PageCursor{by_star ? 0 : tier, row["sort_value"].as<std::string>(), page.items.back().id};
        }
    }
    page.next.reset();
    return page;
}

Total count_products(pqxx::transaction_base& tx, gis_core::db::Session& session, ProductFilter const& filter) {
    constexpr long long kExactUpTo = 5'000;
    static gis_core::db::FigureCache cache{1024};
    auto const words = search_words(filter.q);
    auto const total = cache.get<Total>(key_of(filter, words), gis_core::db::figure_stamp(tx, session), [&] {
        auto parameters = to_parameters(filter, words);
        parameters.number(kExactUpTo + 1);
        auto const counted = execute(tx, session, sql::product_count, parameters)[0][0].as<long long>();
        if (counted <= kExactUpTo) return Total{counted, false};
        std::string plan;
        for (auto const& row : execute(tx, session, sql::product_estimate, to_parameters(filter, words))) plan += row[0].as<std::string>();
        auto const estimate = gis_core::parse_json(plan, "the plan").at(0).at("Plan").at("Plan Rows").get<double>();
        return Total{std::max(counted, static_cast<long long>(estimate)), true};
    });
    return *total;
}

Facets count_facets(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::db::FigureCache& cache, ProductFilter const& filter) {
    auto const words = search_words(filter.q);
    auto const stamp = gis_core::db::figure_stamp(tx, session);
    struct Counts {
        std::map<std::string, long long> classes, stars, states;
        std::map<long long, long long> lineages;  // -1: none
        long long total = 0;
    };
    auto const counts_under = [&](ProductFilter const& narrowed) {
        return cache.get<Counts>(key_of(narrowed, words), stamp, [&] {
            Counts counts;
            for (auto const& row : execute(tx, session, sql::product_facets, to_parameters(narrowed, words))) {
                auto const n = row["products"].as<long long>();
                switch (row["facet"].as<int>()) {
                case by_class: counts.classes[text_or_empty(row, "class_code")] = n; break;
                case by_star: counts.stars[text_or_empty(row, "star")] = n; break;
                case by_state: counts.states[text_or_empty(row, "certificate_state")] = n; break;
                case by_lineage: counts.lineages[row["lineage_key"].is_null() ? -1 : row["lineage_key"].as<long long>()] = n; break;
                case in_all: counts.total = n; break;
                default: break;
                }
            }
            return counts;
        });
    };
    auto const all = counts_under(filter);
    auto const without = [&](bool is_active, auto const& relax) {
        if (!is_active) return all;
        auto narrowed = filter;
        relax(narrowed);
        return counts_under(narrowed);
    };

    Facets facets;
    facets.total = all->total;
    auto const names = names_on(tx, session, filter.at);
    auto const classes = without(!filter.classes.empty(), [](auto& f) { f.classes.clear(); });
    for (auto const& [code, count] : classes->classes) {
        if (auto const found = names->classes.find(code); found != names->classes.end())
            facets.classes.push_back({code, found->second.first, found->second.second, count});
    }
    auto const stars = without(!filter.stars.empty(), [](auto& f) { f.stars.clear(); });
    for (auto const* star : {"5", "4", "3"}) {
        if (auto const found = stars->stars.find(star); found != stars->stars.end()) {
            facets.stars.push_back({star, fmt::format("{} sao", star), fmt::format("{} stars", star), found->second});
        }
    }
    auto const states = without(!filter.states.empty(), [](auto& f) { f.states.clear(); });
    constexpr std::array<std::array<char const*, 3>, 5> kStates{{{"valid", "Còn hiệu lực", "In force"},
                                                                 {"expiring", "Sắp hết hạn", "Expires within 180 days"},
                                                                 {"expired", "Hết hạn", "Expired"},
                                                                 {"revoked", "Bị thu hồi", "Revoked"},
                                                                 {"none", "Chưa được công nhận", "Never certified"}}};
    for (auto const& [state, vi, en] : kStates) {
        if (auto const found = states->states.find(state); found != states->states.end()) facets.states.push_back({state, vi, en, found->second});
    }

    auto const places = without(filter.lineages.has_value() || filter.no_unit, [](auto& f) {
        f.lineages.reset();
        f.no_unit = false;
    });
    std::map<std::string, FacetValue> communes, districts;
    long long nowhere = 0;
    if (auto const found = places->lineages.find(-1); found != places->lineages.end()) nowhere = found->second;
    for (auto const& [lineage, count] : places->lineages) {
        auto const found = names->places.find(lineage);
        if (found == names->places.end()) continue;
        auto const add = [&](auto& into, PlaceName const& place, std::string const& day) {
            if (place.code.empty()) return;
            auto& value = into[place.code];
            value.value = place.code + '@' + day;
            value.label_vi = value.label_en = place.name;
            value.count += count;
        };
        add(communes, found->second.first, filter.at.iso());
        add(districts, found->second.second, names->old_day);
    }
    auto const largest_first = [&](auto& from, auto& into) {
        for (auto& [code, value] : from) into.push_back(std::move(value));
        std::stable_sort(into.begin(), into.end(), [](auto const& a, auto const& b) { return a.count > b.count; });
        if (nowhere > 0) into.push_back({"none", "Không rõ nơi", "Place unknown", nowhere});
    };
    largest_first(communes, facets.communes);
    largest_first(districts, facets.districts_old);
    return facets;
}

void stream_products(pqxx::transaction_base& tx, gis_core::db::Session& session, ProductFilter const& filter, std::function<void(Product const&)> const& take) {
    auto const names = names_on(tx, session, filter.at);
    execute(tx, session, sql::products_stream, to_parameters(filter, search_words(filter.q)));
    for (;;) {
        auto const rows = execute(tx, session, sql::products_stream_next);
        if (rows.empty()) break;
        for (auto const& row : rows) take(to_product(row, *names));
    }
}

std::optional<ProductDetail> find_product(pqxx::transaction_base& tx, gis_core::db::Session& session, long long id, Date at) {
    auto const rows = execute(tx, session, sql::product_by_id, Parameters{}.number(id).text(at.iso()));
    if (rows.empty()) return std::nullopt;
    auto const row = rows.front();
    ProductDetail detail;
    detail.product = to_product(row, *names_on(tx, session, at));
    detail.description = text_or_empty(row, "description");
    detail.registered_on = row["registered_on"].as<std::string>();
    detail.producer_kind = row["producer_kind"].as<std::string>();
    detail.unit_match = text_or_empty(row, "unit_match");
    detail.commune_at_act = {text_or_empty(row, "act_code"), text_or_empty(row, "act_name")};
    detail.district_at_act = {text_or_empty(row, "act_district_code"), text_or_empty(row, "act_district_name")};
    detail.commune_today = {text_or_empty(row, "today_code"), text_or_empty(row, "today_name")};
    auto const of_product = Parameters{}.number(id);
    for (auto const& c : execute(tx, session, sql::product_certificates, of_product)) {
        detail.certificates.push_back({c["star"].as<int>(), text_or_empty(c, "decision_no"), text_or_empty(c, "decided_by"), c["issued_on"].as<std::string>(),
                                       c["valid_to"].as<std::string>(), text_or_empty(c, "revoked_on"), c["state"].as<std::string>(),
                                       text_or_empty(c, "slug")});
    }
    for (auto const& z : execute(tx, session, sql::product_zones, of_product)) {
        detail.zones.push_back(
            {z["zone_key"].as<long long>(), z["code"].as<std::string>(), z["name"].as<std::string>(), z["crop"].as<std::string>(), z["area_ha"].as<double>()});
    }
    for (auto const& s : execute(tx, session, sql::product_sales_points, of_product)) {
        detail.sales_points.push_back({s["sales_point_key"].as<long long>(), s["name"].as<std::string>(), s["kind"].as<std::string>(), to_position(s)});
    }
    return detail;
}

}  // namespace programme
