#pragma once

#include "programme/products.hpp"

namespace programme {

struct ProducerFilter {
    gis_core::Date at;
    std::string q;
    std::vector<std::string> kinds;  // cooperative, company, household, cooperative_group, private_enterprise
    std::optional<std::vector<long long>> lineages;
    bool no_unit = false;
    std::optional<gis_core::LonLatBox> box;
    std::optional<Circle> circle;
};
inline constexpr char const* kProducerKinds = "cooperative, company, household, cooperative_group or private_enterprise";

struct Producer {
    long long id = 0;
    std::string name, kind, registered_on;
    PlaceName commune, district_old;  // on `at`; of the last districts
    std::optional<gis_core::LonLat> position;
    bool position_approximate = false, is_demo = false;
    long long products = 0, products_in_force = 0;
};
struct ProducerPage {
    std::vector<Producer> items;
    std::optional<PageCursor> next;
    Total total;
};
/// By name; with q, names that begin with it as typed first, then names that begin with it, then the rest.
ProducerPage list_producers(pqxx::transaction_base& tx, gis_core::db::Session& session, ProducerFilter const& filter, PageCursor const& after, int limit);

struct ProducerDetail {
    Producer producer;
    PlaceName commune_at_act, district_at_act, commune_today;
    std::string unit_match;
    std::vector<Product> items;  // its products as of `at`, at most 200, by name
};
std::optional<ProducerDetail> find_producer(pqxx::transaction_base& tx, gis_core::db::Session& session, long long id, gis_core::Date at);

}  // namespace programme
