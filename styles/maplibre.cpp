#include "styles/maplibre.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace styles {
namespace {

using gis_core::Json;

Json array(std::initializer_list<Json> items) {
    Json out = Json::array();
    for (auto const& item : items) out.push_back(item);
    return out;
}
Json get(char const* attribute) { return array({"get", attribute}); }
Json has(char const* attribute) { return array({"has", attribute}); }
Json negate(Json condition) { return array({"!", std::move(condition)}); }
Json is_former() { return array({"==", get("in_force"), false}); }
Json is_in_force() { return array({"!=", get("in_force"), false}); }
Json font(char const* face) { return array({face}); }
Json literal_font(char const* face) { return array({"literal", font(face)}); }
/// Linear between (zoom, value) pairs.
Json by_zoom(std::initializer_list<std::pair<double, double>> stops) {
    Json out = array({"interpolate", array({"linear"}), array({"zoom"})});
    for (auto const& [zoom, value] : stops) {
        out.push_back(zoom);
        out.push_back(value);
    }
    return out;
}

class Layers {
public:
    explicit Layers(std::vector<TileSource> const& sources) : sources_{sources} {}
    /// A layer over one tile source; left out where that source is not published.
    void add(char const* id, char const* type, char const* source, Json paint, Json layout = Json::object(), Json filter = nullptr, double min_zoom = 0,
             double max_zoom = 24) {
        if (std::none_of(sources_.begin(), sources_.end(), [&](auto const& s) { return s.id == source; })) return;
        Json layer{{"id", id}, {"type", type}, {"source", source}, {"source-layer", source}};
        layer["metadata"] = {{"ocopmap:layer", source}};
        if (min_zoom > 0) layer["minzoom"] = min_zoom;
        if (max_zoom < 24) layer["maxzoom"] = max_zoom;
        if (!filter.is_null()) layer["filter"] = std::move(filter);
        if (!layout.empty()) layer["layout"] = std::move(layout);
        layer["paint"] = std::move(paint);
        layers.push_back(std::move(layer));
    }
    Json layers = Json::array();

private:
    std::vector<TileSource> const& sources_;
};

Json choropleth_colour(Theme const& theme, std::vector<std::int64_t> const& breaks) {
    Json step = array({"step", array({"to-number", get("products"), 0}), theme.choropleth[0]});
    for (std::size_t i = 0; i < breaks.size(); ++i) {
        step.push_back(breaks[i]);
        step.push_back(theme.choropleth[i + 1]);
    }
    return step;
}

/// The same value for each crop of the palette, "other" for the rest.
template <typename Value>
Json by_crop(Palette const& palette, Value value) {
    Json match = array({"match", get("crop")});
    for (auto const& crop : palette.crops) {
        if (crop.code != "other") match.push_back(crop.code);
        match.push_back(value(crop));
    }
    return match;
}

Json area_ha() { return array({"to-number", get("area_ha"), 0}); }
/// kPatternMin_px as an area at each zoom; MapLibre's zooms are of tiles of 512 px.
Json pattern_min_area() {
    Json step = array({"step", array({"zoom"}), pattern_min_area_ha(kZoneMinZoom + 1)});
    for (int zoom = kZoneMinZoom + 1; zoom <= kMaxZoom; ++zoom) {
        step.push_back(zoom);
        step.push_back(pattern_min_area_ha(zoom + 1));
    }
    return step;
}

}  // namespace

gis_core::Json maplibre_style(Palette const& palette, StyleName const& style, std::vector<TileSource> const& sources, std::string const& base_url,
                              std::string const& at) {
    auto const& theme = style.theme(palette);
    auto const c = [&](std::string_view name) { return Json(theme.colour(name)); };
    auto const& units = style.definition->choropleth;
    bool const by_district = units == "districts";
    auto const fonts = [](char const* face, double size) { return Json{{"text-font", font(face)}, {"text-size", size}}; };
    auto const halo = [&](char const* colour, double width) {
        return Json{{"text-color", c(colour)}, {"text-halo-color", c("halo")}, {"text-halo-width", width}};
    };

    Json out{{"version", 8}, {"name", style.definition->title.vi}};
    out["metadata"] = {{"ocopmap:style", style.text()},
                       {"ocopmap:legend", fmt::format("{}/styles/{}/legend.json{}", base_url, style.text(), at.empty() ? "" : "?at=" + at)},
                       {"ocopmap:at", at.empty() ? Json(nullptr) : Json(at)},
                       {"ocopmap:title", {{"vi", style.definition->title.vi}, {"en", style.definition->title.en}}}};
    out["center"] = {106.45, 10.12};
    out["zoom"] = 9.4;
    out["glyphs"] = base_url + "/fonts/{fontstack}/{range}.pbf";
    out["sprite"] = fmt::format("{}/sprites/{}", base_url, style.is_dark ? "dark" : "light");
    for (auto const& source : sources) {
        auto const query = source.is_dated && !at.empty() ? "?at=" + at : std::string{};
        out["sources"][source.id] = {{"type", "vector"},
                                     {"tiles", array({fmt::format("{}/tiles/{}/{{z}}/{{x}}/{{y}}.mvt{}", base_url, source.id, query)})},
                                     {"minzoom", source.min_zoom},
                                     {"maxzoom", source.max_zoom}};
        if (auto const& box = source.bounds) out["sources"][source.id]["bounds"] = {box->west, box->south, box->east, box->north};
    }

    Layers map{sources};
    map.layers.push_back({{"id", "background"}, {"type", "background"}, {"paint", {{"background-color", c("background")}}}});
    map.add("provinces-land", "fill", "provinces", {{"fill-color", c("land")}});

    auto const fill_id = units + "-choropleth";
    auto const no_data_id = units + "-no-data";
    map.add(
        fill_id.c_str(), "fill", units.c_str(),
        {{"fill-color", choropleth_colour(theme, palette.breaks_of(units))}, {"fill-opacity", by_zoom({{kFadeFromZoom, 1.0}, {kFadeToZoom, kFadedOpacity}})}},
        Json::object(), has("products"));
    map.add(no_data_id.c_str(), "fill", units.c_str(), {{"fill-pattern", "no-data"}}, Json::object(), negate(has("products")));

    auto const crop_colour = by_crop(palette, [&](Crop const& crop) { return crop.colour(style.is_dark); });
    map.add("zones-tint", "fill", "zones", {{"fill-color", crop_colour}, {"fill-opacity", kTintOpacity}}, Json::object(),
            array({"<", area_ha(), pattern_min_area()}), kZoneMinZoom);
    map.add("zones-pattern", "fill", "zones", {{"fill-pattern", by_crop(palette, [](Crop const& crop) { return "crop-" + crop.code; })}}, Json::object(),
            array({">=", area_ha(), pattern_min_area()}), kZoneMinZoom);
    map.add("zones-outline", "line", "zones", {{"line-color", crop_colour}, {"line-width", 1}}, Json::object(), array({">=", area_ha(), pattern_min_area()}),
            kZoneMinZoom);
    map.add("rivers", "line", "rivers", {{"line-color", c("water")}, {"line-width", by_zoom({{7, 0.7}, {12, 2}})}},
            {{"line-join", "round"}, {"line-cap", "round"}});
    map.add("shoreline", "line", "shoreline", {{"line-color", c("shoreline")}, {"line-width", by_zoom({{7, 0.6}, {12, 1.2}})}}, {{"line-join", "round"}});

    auto const boundary = [&](char const* id, char const* former_id, char const* source, char const* colour, double width, double min_zoom) {
        map.add(id, "line", source, {{"line-color", c(colour)}, {"line-width", by_zoom({{8, width * 0.7}, {13, width * 1.5}})}}, {{"line-join", "round"}},
                is_in_force(), min_zoom);
        map.add(former_id, "line", source,
                {{"line-color", c("former_line")}, {"line-width", by_zoom({{8, width * 0.7}, {13, width * 1.5}})}, {"line-dasharray", {4, 2.5}}},
                {{"line-join", "round"}}, is_former(), min_zoom);
    };
    boundary("communes-line", "communes-line-former", "communes", "commune_line", 0.7, by_district ? 11 : 0);
    boundary("districts-line", "districts-line-former", "districts", "district_line", 1.1, 0);
    boundary("provinces-line", "provinces-line-former", "provinces", "province_line", 1.6, 0);

    // Places: a small marker each; the products above them carry the figures.
    auto const place = [&](char const* id, char const* source, char const* icon) {
        map.add(id, "symbol", source, Json::object(), {{"icon-image", icon}, {"icon-allow-overlap", true}, {"icon-size", 1}}, negate(has("point_count")),
                kPlaceMinZoom);
    };
    place("producers", "producers", "producer");
    place("sales_points", "sales_points", "sales-point");

    auto const one = negate(has("point_count"));
    auto const star_colour = array({"match", array({"to-number", get("star"), 0}), 3, c("star3"), 4, c("star4"), 5, c("star5"), c("uncertified")});
    map.add("products-cluster", "circle", "products",
            {{"circle-color", c("cluster")},
             {"circle-stroke-color", c("cluster_text")},
             {"circle-stroke-width", 1.2},
             {"circle-radius", array({"step", get("point_count"), 10, 10, 12, 100, 15, 1000, 18})}},
            Json::object(), has("point_count"), kProductMinZoom);
    map.add("products-cluster-count", "symbol", "products", {{"text-color", c("cluster_text")}},
            {{"text-field", array({"to-string", get("point_count")})},
             {"text-font", font("Noto Sans Bold")},
             {"text-size", 11},
             {"text-allow-overlap", true},
             {"text-ignore-placement", true}},
            has("point_count"), kProductMinZoom);
    map.add("products-star", "circle", "products",
            {{"circle-color", star_colour}, {"circle-radius", 9}, {"circle-stroke-color", c("marker_line")}, {"circle-stroke-width", 1.5}}, Json::object(), one,
            kProductMinZoom);
    map.add("products-star-figure", "symbol", "products", {{"text-color", c("marker_text")}},
            {{"text-field", array({"case", array({">=", array({"to-number", get("star"), 0}), 3}), array({"to-string", get("star")}), "–"})},
             {"text-font", font("Noto Sans Bold")},
             {"text-size", 12},
             {"text-allow-overlap", true},
             {"text-ignore-placement", true}},
            one, kProductMinZoom);

    // Names, most important last: MapLibre gives the topmost layer the first choice of place.
    // "Phường 6" keeps its type: a bare 6 would read as a figure.
    auto const name = array({"case", array({">", array({"length", array({"to-string", get("short_name")})}), 2}), get("short_name"), get("name")});
    auto const below = [&](Json layout) {
        layout["text-anchor"] = "top";
        layout["text-offset"] = {0, 0.9};
        layout["text-max-width"] = 9;
        return layout;
    };
    auto product_name = fonts("Noto Sans Regular", 11);
    product_name["text-field"] = get("name");
    map.add("products-name", "symbol", "products", halo("label", 1.2), below(product_name), one, kNameMinZoom);
    auto zone_name = fonts("Noto Sans Regular", 10);
    zone_name["text-field"] = array({"format",
                                     by_crop(palette, [](Crop const& crop) { return crop.label.vi; }),
                                     Json::object(),
                                     "\n",
                                     Json::object(),
                                     array({"coalesce", get("name"), ""}),
                                     {{"font-scale", 0.9}}});
    zone_name["text-max-width"] = 8;
    map.add("zones-label", "symbol", "zones",
            {{"text-color", by_crop(palette, [&](Crop const& crop) { return crop.colour(style.is_dark); })},
             {"text-halo-color", c("halo")},
             {"text-halo-width", 1.4}},
            zone_name, nullptr, kPlaceMinZoom);

    auto const unit_label = [&](char const* id, char const* source, char const* face, double size, char const* colour, bool with_figure, double min_zoom,
                                double max_zoom) {
        auto layout = fonts(face, size);
        layout["text-max-width"] = 7;
        layout["text-padding"] = 3;
        layout["symbol-sort-key"] = array({"-", array({"to-number", get("products"), 0})});
        if (with_figure) {
            layout["text-field"] = array({"format",
                                          name,
                                          Json::object(),
                                          "\n",
                                          Json::object(),
                                          array({"case", has("products"), array({"to-string", get("products")}), "–"}),
                                          {{"text-font", literal_font("Noto Sans Bold")}}});
        } else {
            layout["text-field"] = name;
        }
        map.add(id, "symbol", source, halo(colour, 1.5), layout, nullptr, min_zoom, max_zoom);
    };
    if (by_district) {
        unit_label("communes-label", "communes", "Noto Sans Regular", 11, "label_muted", false, 12, 24);
        unit_label("districts-label", "districts", "Noto Sans Bold", 12, "label", true, 8, 24);
    } else {
        unit_label("communes-label", "communes", "Noto Sans Regular", 11, "label", true, 9, 24);
        unit_label("districts-label", "districts", "Noto Sans Bold", 12, "label_muted", false, 8, 9);
    }
    unit_label("provinces-label", "provinces", "Noto Sans Bold", 14, "label", false, 4, 8);
    out["layers"] = std::move(map.layers);
    return out;
}

}  // namespace styles
