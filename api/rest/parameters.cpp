#include "api/rest/parameters.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace api::rest {
namespace {

using gis_core::invalid_field;

std::string_view trimmed(std::string_view text) {
    auto const begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

double parse_number(std::string_view name, std::string_view text, std::string_view allowed) {
    auto const plain = trimmed(text);
    double value = 0;
    auto const [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
    if (error != std::errc{} || end != plain.data() + plain.size() || !std::isfinite(value)) throw invalid_field(name, text, allowed);
    return value;
}

/// True when the two numbers make a position only the other way round.
bool looks_swapped(double lon, double lat) { return std::abs(lat) > 90 && std::abs(lat) <= 180 && std::abs(lon) <= 90; }

gis_core::LonLat check_position(double lon, double lat) {
    if (looks_swapped(lon, lat))
        throw invalid_field("lat", fmt::format("{}", lat), "-90 to 90; lon and lat look swapped (lon is the easting, about 106 in Bến Tre)");
    if (lon < -180 || lon > 180) throw invalid_field("lon", fmt::format("{}", lon), "-180 to 180");
    if (lat < -90 || lat > 90) throw invalid_field("lat", fmt::format("{}", lat), "-90 to 90");
    return {lon, lat};
}

std::string joined(std::vector<std::string_view> const& values) { return fmt::format("{}", fmt::join(values, ", ")); }

void check_each(std::string_view name, std::vector<std::string> const& values, std::vector<std::string_view> const& allowed) {
    for (auto const& value : values) {
        if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) throw invalid_field(name, value, "of " + joined(allowed));
    }
}

std::optional<programme::Circle> circle_of(http::Query const& query) {
    constexpr double kLargest_m = 200'000;
    auto const lon = number(query, "lon"), lat = number(query, "lat"), radius = number(query, "radius_m");
    if (!lon && !lat && !radius) return std::nullopt;
    if (!lon || !lat || !radius) {
        throw invalid_field(!lon ? "lon" : !lat ? "lat" : "radius_m", "absent", "given: lon, lat and radius_m go together");
    }
    if (*radius <= 0 || *radius > kLargest_m) throw invalid_field("radius_m", fmt::format("{}", *radius), "above 0 and at most 200000 metres");
    return programme::Circle{check_position(*lon, *lat), *radius};
}

}  // namespace

gis_core::LonLatBox parse_box(std::string_view text) {
    constexpr auto kForm = "four numbers west,south,east,north in degrees";
    std::array<double, 4> numbers{};
    auto rest = text;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        auto const comma = rest.find(',');
        if ((comma == std::string_view::npos) != (i == 3)) throw invalid_field("bbox", text, kForm);
        numbers[i] = parse_number("bbox", rest.substr(0, comma), kForm);
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    auto const [west, south, east, north] = numbers;
    if (looks_swapped(west, south) || looks_swapped(east, north)) {
        throw invalid_field("bbox", text, "west,south,east,north; longitude and latitude look swapped");
    }
    if (std::abs(west) > 180 || std::abs(east) > 180) throw invalid_field("bbox", text, "with longitudes from -180 to 180");
    if (std::abs(south) > 90 || std::abs(north) > 90) throw invalid_field("bbox", text, "with latitudes from -90 to 90");
    if (west > east || south > north) throw invalid_field("bbox", text, "west,south,east,north with west not above east and south not above north");
    return {west, south, east, north};
}

gis_core::Date at_or_today(http::Query const& query) {
    auto const text = query.find("at");
    return text ? gis_core::Date::from_field("at", *text) : gis_core::business_date();
}

int integer_or(http::Query const& query, std::string_view name, int otherwise, int lowest, int highest) {
    auto const text = query.find(name);
    if (!text) return otherwise;
    int value = 0;
    auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size() || value < lowest || value > highest) {
        throw invalid_field(name, *text, fmt::format("a whole number from {} to {}", lowest, highest));
    }
    return value;
}

std::optional<double> number(http::Query const& query, std::string_view name) {
    auto const text = query.find(name);
    if (!text) return std::nullopt;
    return parse_number(name, *text, "a number");
}

gis_core::LonLat required_position(http::Query const& query) {
    auto const lon = number(query, "lon"), lat = number(query, "lat");
    if (!lon) throw invalid_field("lon", "absent", "given in degrees, -180 to 180");
    if (!lat) throw invalid_field("lat", "absent", "given in degrees, -90 to 90");
    return check_position(*lon, *lat);
}

std::vector<std::string> list_of(http::Query const& query, std::string_view name) {
    std::vector<std::string> values;
    auto rest = query.find(name).value_or(std::string_view{});
    while (!rest.empty()) {
        auto const comma = rest.find(',');
        if (auto const value = trimmed(rest.substr(0, comma)); !value.empty()) values.emplace_back(value);
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    if (values.size() > 100) throw invalid_field(name, fmt::format("{} values", values.size()), "at most 100 values");
    return values;
}

long long parse_id(std::string_view name, std::string_view text) {
    long long id = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size() || id < 1) throw invalid_field(name, text, "a whole number above 0");
    return id;
}

std::vector<std::string_view> const& product_filter_names() {
    static std::vector<std::string_view> const names{"q", "class", "star", "state", "at", "unit", "zone", "producer", "bbox", "lon", "lat", "radius_m"};
    return names;
}

ProductRequest parse_product_filter(http::Query const& query) {
    ProductRequest request;
    auto& filter = request.filter;
    filter.at = at_or_today(query);
    filter.q = query.find("q").value_or(std::string_view{});
    (void)programme::search_words(filter.q);  // refuses what is too long
    filter.classes = list_of(query, "class");
    for (auto const& star : list_of(query, "star")) {
        if (star != "3" && star != "4" && star != "5") throw invalid_field("star", star, "3, 4 or 5, or several with commas");
        filter.stars.push_back(star[0] - '0');
    }
    filter.states = list_of(query, "state");
    check_each("state", filter.states, {"valid", "expiring", "expired", "revoked", "none"});
    request.unit = query.find("unit").value_or(std::string_view{});
    if (auto const zone = query.find("zone"); zone && !zone->empty()) filter.zone = parse_id("zone", *zone);
    if (auto const producer = query.find("producer"); producer && !producer->empty()) filter.producer = parse_id("producer", *producer);
    if (auto const box = query.find("bbox"); box && !box->empty()) filter.box = parse_box(*box);
    filter.circle = circle_of(query);
    return request;
}

ProductRequest parse_product_request(http::Query const& query) {
    auto known = product_filter_names();
    known.insert(known.end(), {"sort", "after", "limit", "facets"});
    query.allow_only(known);
    auto request = parse_product_filter(query);
    using programme::ProductSort;
    request.sort = programme::search_words(request.filter.q).folded_words.empty() ? ProductSort::name : ProductSort::relevance;
    if (auto const sort = query.find("sort"); sort && !sort->empty()) {
        constexpr std::array<std::pair<std::string_view, ProductSort>, 6> kSorts{{{"relevance", ProductSort::relevance},
                                                                                  {"name", ProductSort::name},
                                                                                  {"-name", ProductSort::name_descending},
                                                                                  {"-star", ProductSort::star},
                                                                                  {"-registered_on", ProductSort::newest},
                                                                                  {"distance", ProductSort::distance}}};
        auto const found = std::find_if(kSorts.begin(), kSorts.end(), [&](auto const& s) { return s.first == *sort; });
        if (found == kSorts.end()) throw invalid_field("sort", *sort, "relevance, name, -name, -star, -registered_on or distance");
        request.sort = found->second;
        if (request.sort == ProductSort::distance && !request.filter.circle) throw invalid_field("sort", *sort, "used with lon, lat and radius_m");
    }
    request.limit = integer_or(query, "limit", 20, 1, kLargestPage);
    if (auto const after = query.find("after"); after && !after->empty()) request.after = programme::parse_cursor(*after, request.sort);
    request.facets = list_of(query, "facets");
    if (request.facets == std::vector<std::string>{"all"}) request.facets = {"class", "star", "state", "district", "commune"};
    check_each("facets", request.facets, {"class", "star", "state", "district", "commune", "all"});
    return request;
}

void resolve(pqxx::transaction_base& tx, gis_core::db::Session& session, ProductRequest& request) {
    if (request.unit == "none") request.filter.no_unit = true;
    else if (!request.unit.empty()) request.filter.lineages = programme::find_unit(tx, session, request.unit, request.filter.at).lineages;
    if (request.filter.classes.empty()) return;
    auto const classes = programme::list_classes(tx, session);
    std::vector<std::string_view> codes;
    codes.reserve(classes.size());
    for (auto const& c : classes) codes.push_back(c.code);
    check_each("class", request.filter.classes, codes);
}

ProducerRequest parse_producer_request(http::Query const& query) {
    query.allow_only({"q", "kind", "at", "unit", "bbox", "lon", "lat", "radius_m", "after", "limit"});
    ProducerRequest request;
    auto& filter = request.filter;
    filter.at = at_or_today(query);
    filter.q = query.find("q").value_or(std::string_view{});
    (void)programme::search_words(filter.q);
    filter.kinds = list_of(query, "kind");
    check_each("kind", filter.kinds, {"cooperative", "company", "household", "cooperative_group", "private_enterprise"});
    request.unit = query.find("unit").value_or(std::string_view{});
    if (auto const box = query.find("bbox"); box && !box->empty()) filter.box = parse_box(*box);
    filter.circle = circle_of(query);
    request.limit = integer_or(query, "limit", 20, 1, kLargestPage);
    if (auto const after = query.find("after"); after && !after->empty()) request.after = programme::parse_cursor(*after, programme::ProductSort::name);
    return request;
}

void resolve(pqxx::transaction_base& tx, gis_core::db::Session& session, ProducerRequest& request) {
    if (request.unit == "none") request.filter.no_unit = true;
    else if (!request.unit.empty()) request.filter.lineages = programme::find_unit(tx, session, request.unit, request.filter.at).lineages;
}

std::string next_address(http::Request const& request, std::string const& after) {
    std::string address = request.path + '?';
    std::string_view rest = request.raw_query;
    while (!rest.empty()) {
        auto const end = std::min(rest.find('&'), rest.size());
        auto const pair = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (pair.empty() || pair == "after" || pair.starts_with("after=")) continue;
        address += pair;
        address += '&';
    }
    return address + "after=" + after;
}

}  // namespace api::rest
