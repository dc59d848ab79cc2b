#pragma once

#include "gis_core/db/figure_cache.hpp"
#include "programme/product_filter.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace programme {

/// A commune or district as it is named in an answer. Empty code: none.
struct PlaceName {
    std::string code, name;
};

struct Product {
    long long id = 0;
    std::string name;
    std::string class_code, class_vi, class_en;
    std::string certificate_state;     // valid, expiring, expired, revoked, none
    std::optional<int> star;           // while in force
    std::string certificate_valid_to;  // ISO date, while in force; the first day out of force
    long long producer_id = 0;
    std::string producer_name;
    PlaceName commune;  // on `at`
    PlaceName district_old;
    std::optional<gis_core::LonLat> position;  // what the public may see
    bool position_approximate = false;
    bool is_demo = false;
    std::optional<double> distance_m;  // from the centre of the circle
};

enum class ProductSort { relevance, name, name_descending, star, newest, distance };

/// Where a list goes on: made by one page, given to the next. Opaque to clients.
struct PageCursor {
    int tier = 0;
    std::string value;  // of the sort key, empty at the start of a tier
    long long id = 0;
};
std::string to_text(PageCursor const& cursor, ProductSort sort);
/// \throws invalid_argument when it is not one of ours for this sort.
PageCursor parse_cursor(std::string_view text, ProductSort sort);

struct ProductPage {
    std::vector<Product> items;
    std::optional<PageCursor> next;
};
/// relevance: names that begin with the text as typed, names that hold its words as typed, then the same without accents,
/// then producers' names; prefixes by name, the others by id. \throws invalid_argument for distance without a circle.
ProductPage list_products(pqxx::transaction_base& tx, gis_core::db::Session& session, ProductFilter const& filter, ProductSort sort, PageCursor const& after,
                          int limit);

struct Total {
    long long count = 0;
    bool is_estimated = false;
};
/// Exact up to 5,000, beyond that the planner's estimate.
Total count_products(pqxx::transaction_base& tx, gis_core::db::Session& session, ProductFilter const& filter);

struct FacetValue {
    std::string value, label_vi, label_en;
    long long count = 0;
};
/// Each facet counts under all filters but its own, exactly.
struct Facets {
    long long total = 0;                                                      // under all filters
    std::vector<FacetValue> classes, stars, states, districts_old, communes;  // places as CODE@DATE, most products first
};
Facets count_facets(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::db::FigureCache& cache, ProductFilter const& filter);

/// Every product of a filter in the order of its id, in batches behind a cursor: constant memory.
void stream_products(pqxx::transaction_base& tx, gis_core::db::Session& session, ProductFilter const& filter, std::function<void(Product const&)> const& take);

struct CertificateRow {
    int star = 0;
    std::string decision_no, decided_by, issued_on, valid_to, revoked_on, state;
    std::string slug;  // of its number, as it stands in an address; empty: it has none
};
struct NamedRow {
    long long id = 0;
    std::string name, kind;
    std::optional<gis_core::LonLat> position;
};
struct ZoneRow {
    long long id = 0;
    std::string code, name, crop;
    double area_ha = 0;
};
struct ProductDetail {
    Product product;
    std::string description, registered_on, producer_kind;
    PlaceName commune_at_act, district_at_act, commune_today;
    std::string unit_match;                    // inside, nearest, declared
    std::vector<CertificateRow> certificates;  // the latest first
    std::vector<ZoneRow> zones;
    std::vector<NamedRow> sales_points;
};
std::optional<ProductDetail> find_product(pqxx::transaction_base& tx, gis_core::db::Session& session, long long id, gis_core::Date at);

}  // namespace programme
