#pragma once

#include "gis_core/date.hpp"
#include "gis_core/geo/lon_lat.hpp"
#include "http/message.hpp"
#include "programme/frames.hpp"
#include "programme/producers.hpp"
#include "programme/products.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// From query parameters to values. Every refusal is an invalid_argument that names parameter, value and what is allowed.
namespace api::rest {

/// ?at=DATE, else the business day.
gis_core::Date at_or_today(http::Query const& query);
/// A whole number within bounds; `otherwise` when absent.
int integer_or(http::Query const& query, std::string_view name, int otherwise, int lowest, int highest);
/// A number; empty when absent.
std::optional<double> number(http::Query const& query, std::string_view name);
/// A required position ?lon=&lat=. Swapped ones are called so.
gis_core::LonLat required_position(http::Query const& query);
/// "west,south,east,north"
gis_core::LonLatBox parse_box(std::string_view text);
/// The comma-separated values of a parameter, without blanks and empties.
std::vector<std::string> list_of(http::Query const& query, std::string_view name);
/// A positive id, as in a path.
/// west,south,east,north in degrees; says so when longitude and latitude look swapped. \throws invalid_argument.
gis_core::LonLatBox parse_box(std::string_view text);
long long parse_id(std::string_view name, std::string_view text);

/// What a list of products is asked for. `filter` is complete but for the unit, whose lineages the database knows.
struct ProductRequest {
    programme::ProductFilter filter;
    std::string unit;  // CODE, CODE@DATE, none, or empty
    programme::ProductSort sort = programme::ProductSort::name;
    programme::PageCursor after;
    int limit = 20;
    std::vector<std::string> facets;  // class, star, state, district, commune
};
inline constexpr int kLargestPage = 1000;

/// The parameters that filter products: the same for lists, facets, exports and the page.
std::vector<std::string_view> const& product_filter_names();
/// Filter and unit. Reads only its own parameters.
ProductRequest parse_product_filter(http::Query const& query);
/// Filter, sort, after, limit and facets, and refuses any other parameter.
ProductRequest parse_product_request(http::Query const& query);
/// Looks up the unit's lineages and holds the classes against the list. \throws for an unknown unit or class.
void resolve(pqxx::transaction_base& tx, gis_core::db::Session& session, ProductRequest& request);

struct ProducerRequest {
    programme::ProducerFilter filter;
    std::string unit;
    programme::PageCursor after;
    int limit = 20;
};
ProducerRequest parse_producer_request(http::Query const& query);
void resolve(pqxx::transaction_base& tx, gis_core::db::Session& session, ProducerRequest& request);

/// The address of the next page: the same path and query with another `after`.
std::string next_address(http::Request const& request, std::string const& after);

}  // namespace api::rest
