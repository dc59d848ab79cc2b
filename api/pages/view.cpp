#include "api/pages/view.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <string_view>

namespace api::pages {
namespace {

/// The last non-empty value: a form sends empty ones.
std::string value_of(http::Query const& query, std::string_view name) {
    std::string found;
    for (auto const& [key, value] : query) {
        if (key == name && !value.empty()) found = value;
    }
    return found;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        auto const end = text.find(separator);
        if (auto const part = text.substr(0, end); !part.empty()) parts.emplace_back(part);
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

/// Values of a name that may be repeated (check boxes) or hold a list.
std::vector<std::string> list_of(http::Query const& query, std::string_view name) {
    std::vector<std::string> values;
    for (auto const& [key, value] : query) {
        if (key != name) continue;
        for (auto& part : split(value, ',')) values.push_back(std::move(part));
    }
    return values;
}

std::string one_of(http::Query const& query, std::string_view name, std::initializer_list<std::string_view> allowed, std::string otherwise) {
    auto value = value_of(query, name);
    if (value.empty()) return otherwise;
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
        std::string list;
        for (auto const& item : allowed) list += (list.empty() ? "" : ", ") + std::string{item};
        throw gis_core::invalid_field(name, value, list);
    }
    return value;
}

std::optional<std::vector<double>> numbers(std::string_view text, char separator, std::size_t count) {
    std::vector<double> out;
    for (auto const& part : split(text, separator)) {
        double value = 0;
        auto const [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        if (error != std::errc{} || end != part.data() + part.size() || !std::isfinite(value)) return std::nullopt;
        out.push_back(value);
    }
    if (out.size() != count) return std::nullopt;
    return out;
}

std::string join(std::vector<std::string> const& values) {
    std::string out;
    for (auto const& value : values) out += (out.empty() ? "" : ",") + value;
    return out;
}

class QueryText {
public:
    void put(std::string_view name, std::string_view value) {
        if (!value.empty()) text_ += fmt::format("{}{}={}", text_.empty() ? '?' : '&', name, encode_value(value));
    }
    std::string text_;
};

std::string stars_text(std::vector<int> const& stars) {
    std::string out;
    for (auto const star : stars) out += (out.empty() ? "" : ",") + std::to_string(star);
    return out;
}

}  // namespace

std::string encode_value(std::string_view text) {
    std::string out;
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        bool const plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view{"-_.~,/@:"}.find(c) != std::string_view::npos;
        if (plain) out += c;
        else if (c == ' ') out += '+';
        else out += fmt::format("%{:02X}", byte);
    }
    return out;
}

View View::parse(http::Query const& query) {
    View view;
    view.q = value_of(query, "q");
    if (view.q.size() > 800) throw gis_core::invalid_field("q", view.q, "at most 200 characters");
    for (auto const& star : list_of(query, "star")) {
        if (star != "3" && star != "4" && star != "5") throw gis_core::invalid_field("star", star, "3, 4 or 5");
        view.stars.push_back(star.front() - '0');
    }
    std::sort(view.stars.begin(), view.stars.end());
    view.stars.erase(std::unique(view.stars.begin(), view.stars.end()), view.stars.end());
    view.state = one_of(query, "state", {"any", "in_force", "valid", "expiring", "expired", "revoked", "none"}, "");
    if (view.state == "any") view.state.clear();
    view.class_code = value_of(query, "class");
    view.unit = value_of(query, "unit");
    view.near = value_of(query, "near");
    if (!view.near.empty() && !numbers(view.near, ',', 2)) throw gis_core::invalid_field("near", view.near, "lon,lat in degrees");
    auto const today = gis_core::business_date();
    auto const at = value_of(query, "at");
    view.at = at.empty() ? today : gis_core::Date::from_field("at", at);
    view.at_given = view.at != today;
    view.by = one_of(query, "by", {"commune", "district", "none"}, kDefaultBy);
    view.measure = one_of(query, "measure", {"products", "producers", "stars", "zone_area_ha"}, kDefaultMeasure);
    // A form sends layer=… for each ticked box and layers=1 to say that it was asked; a link sends layers=a,b.
    auto layers = list_of(query, "layers");
    if (layers.size() == 1 && layers.front() == "1") layers = list_of(query, "layer");
    else if (layers.empty()) layers = split(kDefaultLayers, ',');
    for (auto const* known : {"products", "producers", "sales_points", "zones", "rivers", "labels"}) {
        if (std::find(layers.begin(), layers.end(), known) != layers.end()) view.layers.emplace_back(known);
    }
    view.product = value_of(query, "product");
    view.after = value_of(query, "after");
    view.position = value_of(query, "view");
    if (!view.position.empty() && !numbers(view.position, '/', 3)) view.position.clear();
    return view;
}

std::vector<std::string> View::default_layers() { return split(kDefaultLayers, ','); }

bool View::is_filtered() const { return !q.empty() || !stars.empty() || !state.empty() || !class_code.empty() || !unit.empty(); }

bool View::shows(std::string_view layer) const { return std::find(layers.begin(), layers.end(), layer) != layers.end(); }

std::string View::query() const {
    QueryText text;
    text.put("q", q);
    text.put("star", stars_text(stars));
    text.put("state", state);
    text.put("class", class_code);
    text.put("unit", unit);
    text.put("near", near);
    if (at_given) text.put("at", at.iso());
    if (by != kDefaultBy) text.put("by", by);
    if (measure != kDefaultMeasure) text.put("measure", measure);
    if (auto const shown = join(layers); shown != kDefaultLayers) text.put("layers", shown.empty() ? "none" : shown);
    text.put("product", product);
    text.put("after", after);
    text.put("view", position);
    return text.text_;
}

std::string View::api_query() const {
    QueryText text;
    text.put("q", q);
    text.put("star", stars_text(stars));
    text.put("state", state == "in_force" ? "valid,expiring" : state);
    text.put("class", class_code);
    text.put("unit", unit);
    if (at_given) text.put("at", at.iso());
    return text.text_;
}

gis_core::Date first_day_of_new_communes() { return *gis_core::Date::parse("2025-07-01"); }

programme::ProductSort sort_of(View const& view) {
    if (!view.near.empty()) return programme::ProductSort::distance;
    return view.q.empty() ? programme::ProductSort::star : programme::ProductSort::relevance;
}

programme::ProductFilter filter_of(View const& view) {
    programme::ProductFilter filter;
    filter.at = view.at;
    filter.q = view.q;
    if (!view.class_code.empty()) filter.classes = {view.class_code};
    for (auto const star : view.stars) filter.stars.push_back(star);
    if (view.state == "in_force") filter.states = {"valid", "expiring"};
    else if (!view.state.empty()) filter.states = {view.state};
    if (auto const near = numbers(view.near, ',', 2)) {
        constexpr double kWholeProvinceM = 200'000;
        filter.circle = programme::Circle{{(*near)[0], (*near)[1]}, kWholeProvinceM};
    }
    return filter;
}

std::array<double, 4> View::picture_bounds(int width, int height, std::optional<std::array<double, 4>> const& unit_bounds) const {
    auto const place = numbers(position, '/', 3);
    if (position.empty() || !place) {
        if (!unit_bounds) return kBounds;
        auto const [west, south, east, north] = *unit_bounds;
        constexpr double kAround = 0.25;  // of its size, on each side: the neighbours say where it lies
        auto const lon = (east - west) * kAround, lat = (north - south) * kAround;
        return {west - lon, south - lat, east + lon, north + lat};
    }
    auto const zoom = std::clamp((*place)[0], 4.0, 18.0);
    auto const lat = std::clamp((*place)[1], -80.0, 80.0);
    auto const lon = std::clamp((*place)[2], -179.0, 179.0);
    auto const degrees_px = 360.0 / (512.0 * std::exp2(zoom));  // MapLibre's zoom counts 512 px tiles
    auto const half_lon = degrees_px * width / 2;
    auto const half_lat = degrees_px * std::cos(lat * std::numbers::pi / 180) * height / 2;
    return {lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat};
}

}  // namespace api::pages
