#include "programme/producers.hpp"

#include "gis_core/db/pool.hpp"
#include "programme/frames.hpp"
#include "programme/sql/statements.hpp"

namespace programme {
namespace {

Producer to_producer(pqxx::row const& row) {
    Producer p;
    p.id = row["producer_key"].as<long long>();
    p.name = row["name"].as<std::string>();
    p.kind = row["kind"].as<std::string>();
    p.registered_on = row["registered_on"].as<std::string>();
    p.commune = {text_or_empty(row, "commune_code"), text_or_empty(row, "commune_name")};
    p.district_old = {text_or_empty(row, "district_code"), text_or_empty(row, "district_name")};
    if (!row["lon"].is_null()) p.position = gis_core::LonLat{row["lon"].as<double>(), row["lat"].as<double>()};
    p.position_approximate = row["location_approximate"].as<bool>();
    p.is_demo = row["is_demo"].as<bool>();
    p.products = row["products"].as<long long>();
    p.products_in_force = row["products_in_force"].as<long long>();
    return p;
}

std::string old_district_day(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::Date at) {
    return last_district_day(list_frames(tx, session)).value_or(at).iso();
}

/// $1 to $13 of producers_page and producer_count.
Parameters to_parameters(ProducerFilter const& filter, SearchWords const& words, std::string const& old_day) {
    Parameters p;
    p.text(filter.at.iso()).text(old_day);
    if (words.folded_words.empty()) p.null();
    else p.text(word_query(words));
    p.texts(filter.kinds);
    add_territory(p, filter.lineages, filter.no_unit);
    add_window(p, filter.box, filter.circle);
    return p;
}

}  // namespace

ProducerPage list_producers(pqxx::transaction_base& tx, gis_core::db::Session& session, ProducerFilter const& filter, PageCursor const& after, int limit) {
    constexpr long long kExactUpTo = 100'000;
    auto const words = search_words(filter.q);
    auto const old_day = old_district_day(tx, session, filter.at);
    auto parameters = to_parameters(filter, words, old_day);
    if (words.folded_words.empty()) parameters.null().null();
    else parameters.text(words.typed).text(words.folded);
    parameters.number(limit + 1);
    if (after.id > 0) parameters.number(after.tier).text(after.value).number(after.id);
    else parameters.null().null().null();

    ProducerPage page;
    for (auto const& row : execute(tx, session, sql::producers_page, parameters)) {
        if (static_cast<int>(page.items.size()) == limit) {
            page.next = PageCursor{page.next->tier, page.items.back().name, page.items.back().id};
            break;
        }
        page.items.push_back(to_producer(row));
        page.next = PageCursor{row["sort_tier"].as<int>(), {}, 0};
    }
    if (page.next && page.next->id == 0) page.next.reset();
    auto counting = to_parameters(filter, words, old_day);
    counting.number(kExactUpTo + 1);
    auto const counted = execute(tx, session, sql::producer_count, counting)[0][0].as<long long>();
    page.total = {counted, counted > kExactUpTo};
    return page;
}

std::optional<ProducerDetail> find_producer(pqxx::transaction_base& tx, gis_core::db::Session& session, long long id, gis_core::Date at) {
    auto const rows = execute(tx, session, sql::producer_by_id, Parameters{}.text(at.iso()).text(old_district_day(tx, session, at)).number(id));
    if (rows.empty()) return std::nullopt;
    auto const row = rows.front();
    ProducerDetail detail;
    detail.producer = to_producer(row);
    detail.unit_match = text_or_empty(row, "unit_match");
    detail.commune_at_act = {text_or_empty(row, "act_code"), text_or_empty(row, "act_name")};
    detail.district_at_act = {text_or_empty(row, "act_district_code"), text_or_empty(row, "act_district_name")};
    detail.commune_today = {text_or_empty(row, "today_code"), text_or_empty(row, "today_name")};
    ProductFilter of_producer;
    of_producer.at = at;
    of_producer.producer = id;
    detail.items = list_products(tx, session, of_producer, ProductSort::name, {}, 200).items;
    return detail;
}

}  // namespace programme
