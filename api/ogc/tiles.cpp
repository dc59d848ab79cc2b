#include "api/ogc/tiles.hpp"

#include "api/ogc/documents.hpp"
#include "api/ogc/html.hpp"
#include "gis_core/error.hpp"
#include "gis_core/geo/tile_matrix_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace api::ogc {
namespace {

using gis_core::Json;
using gis_core::TileMatrixSet;
using gis_core::layers::Catalogue;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;
using styles::Palette;

constexpr char const* kRel = "http://www.opengis.net/def/rel/ogc/1.0/";
constexpr char const* kMvt = "application/vnd.mapbox-vector-tile";
constexpr char const* kMapbox = "application/vnd.mapbox.style+json";

std::string say(std::string_view lang, char const* vi, char const* en) { return lang == "en" ? en : vi; }
std::string rel(char const* name) { return std::string{kRel} + name; }
using ogc::in;  // of the catalogue's titles
std::string const& in(std::string_view lang, styles::Title const& title) { return lang == "en" ? title.en : title.vi; }
std::string const& title_of(std::string_view lang, TileMatrixSet const& set) { return lang == "en" ? set.title_en : set.title_vi; }

Json links_of(std::string const& self, std::string_view lang, std::vector<Link> more = {}) {
    more.insert(more.begin(), {{"self", kJson, say(lang, "Tài liệu này", "This document"), self + "?f=json"},
                               {"alternate", kHtml, say(lang, "Dạng HTML", "As HTML"), self + "?f=html"}});
    return to_json(more);
}

Json templated(std::string const& relation, std::string const& type, std::string const& title, std::string const& href) {
    return {{"rel", relation}, {"type", type}, {"title", title}, {"href", href}, {"templated", true}};
}

std::string set_address(std::string const& base, TileMatrixSet const& set) { return base + "/ogc/tileMatrixSets/" + set.id; }

/// A tileset, or a list of them: of vector tiles or of maps, of all or of one.
struct TilesOf {
    std::string path;  // before /{tileMatrixSetId}: "/ogc/collections/zones/tiles"
    std::string title;
    std::vector<Layer const*> layers;  // of vector tiles; none: pictures
    bool is_map() const { return layers.empty(); }

    gis_core::LonLatBox bounds() const {
        if (is_map()) return styles::kBounds;
        auto box = layers.front()->bounds;
        for (auto const* layer : layers) {
            box = {std::min(box.west, layer->bounds.west), std::min(box.south, layer->bounds.south), std::max(box.east, layer->bounds.east),
                   std::max(box.north, layer->bounds.north)};
        }
        return box;
    }
    std::vector<TileMatrixSet::Limits> limits(TileMatrixSet const& set) const {
        int low = styles::kMinZoom, high = styles::kMaxZoom;
        if (!is_map()) {
            low = (*std::min_element(layers.begin(), layers.end(), [](auto* a, auto* b) { return a->min_zoom < b->min_zoom; }))->min_zoom;
            high = (*std::max_element(layers.begin(), layers.end(), [](auto* a, auto* b) { return a->max_zoom < b->max_zoom; }))->max_zoom;
        }
        return set.limits(bounds(), low, high);
    }
};

Json tileset_head(TilesOf const& tiles, TileMatrixSet const& set, std::string const& base, std::string_view lang) {
    return {{"title", tiles.title + " – " + title_of(lang, set)},
            {"dataType", tiles.is_map() ? "map" : "vector"},
            {"crs", set.crs->uri},
            {"tileMatrixSetId", set.id},
            {"tileMatrixSetURI", set.uri.empty() ? set_address(base, set) : set.uri}};
}

Json layer_of(Layer const& layer, TileMatrixSet const& set, std::string_view lang) {
    auto const limits = set.limits(layer.bounds, layer.min_zoom, layer.max_zoom);
    Json properties = Json::object();
    for (auto const& attribute : layer.attributes) {
        if (!attribute.is_in_tiles) continue;
        using gis_core::layers::AttributeType;
        auto const* type = attribute.type == AttributeType::boolean   ? "boolean"
                           : attribute.type == AttributeType::integer ? "integer"
                           : attribute.type == AttributeType::number  ? "number"
                                                                      : "string";
        properties[attribute.name] = {{"title", in(lang, attribute.title)}, {"type", type}};
    }
    return {{"id", layer.id},
            {"title", in(lang, layer.title)},
            {"dataType", "vector"},
            {"geometryDimension", layer.kind == LayerKind::points  ? 0
                                  : layer.kind == LayerKind::lines ? 1
                                                                   : 2},
            {"minTileMatrix", std::to_string(limits.front().level)},
            {"maxTileMatrix", std::to_string(limits.back().level)},
            {"propertiesSchema", {{"type", "object"}, {"properties", properties}}}};
}

Json tileset(TilesOf const& tiles, TileMatrixSet const& set, std::string const& base, std::string_view lang) {
    auto out = tileset_head(tiles, set, base, lang);
    auto const self = base + tiles.path + "/" + set.id;
    auto const box = tiles.bounds();
    out["boundingBox"] = {{"lowerLeft", {box.west, box.south}}, {"upperRight", {box.east, box.north}}, {"crs", kCrs84}};
    out["tileMatrixSetLimits"] = Json::array();
    for (auto const& limits : tiles.limits(set)) {
        out["tileMatrixSetLimits"].push_back({{"tileMatrix", std::to_string(limits.level)},
                                              {"minTileRow", limits.min_row},
                                              {"maxTileRow", limits.max_row},
                                              {"minTileCol", limits.min_column},
                                              {"maxTileCol", limits.max_column}});
    }
    std::vector<Link> links{{rel("tiling-scheme"), kJson, title_of(lang, set), set_address(base, set) + "?f=json"}};
    if (!tiles.is_map()) {
        out["layers"] = Json::array();
        std::vector<std::string> ids;
        for (auto const* layer : tiles.layers) out["layers"].push_back(layer_of(*layer, set, lang)), ids.push_back(layer->id);
        if (set.id == "WebMercatorQuad") links.push_back({"describedby", kJson, "TileJSON 3.0", fmt::format("{}/tiles/{}.json", base, fmt::join(ids, ","))});
    }
    out["links"] = links_of(self, lang, links);
    auto const tile = self + "/{tileMatrix}/{tileRow}/{tileCol}?f=";
    if (tiles.is_map()) {
        out["links"].push_back(templated("item", "image/png", "PNG", tile + "png"));
        out["links"].push_back(templated("item", "image/webp", "WebP", tile + "webp"));
    } else {
        out["links"].push_back(templated("item", kMvt, "Mapbox Vector Tile 2.1", tile + "mvt"));
    }
    return out;
}

Json tilesets(TilesOf const& tiles, std::string const& base, std::string_view lang) {
    Json list = Json::array();
    for (auto const& set : gis_core::tile_matrix_sets()) {
        auto one = tileset_head(tiles, set, base, lang);
        one["links"] = to_json({{"self", kJson, title_of(lang, set), base + tiles.path + "/" + set.id + "?f=json"},
                                {rel("tiling-scheme"), kJson, title_of(lang, set), set_address(base, set) + "?f=json"}});
        list.push_back(std::move(one));
    }
    return {{"title", tiles.title}, {"tilesets", std::move(list)}, {"links", links_of(base + tiles.path, lang)}};
}

Json tile_matrix_set(TileMatrixSet const& set, std::string const& base, std::string_view lang) {
    Json out{{"id", set.id}, {"title", title_of(lang, set)}};
    if (!set.uri.empty()) out["uri"] = set.uri;
    out["crs"] = set.crs->uri;
    out["orderedAxes"] = set.crs->is_geographic ? Json{"Lon", "Lat"} : set.crs->epsg == 3857 ? Json{"X", "Y"} : Json{"E", "N"};
    out["tileMatrices"] = Json::array();
    for (int level = 0; level <= set.max_level; ++level) {
        out["tileMatrices"].push_back({{"id", std::to_string(level)},
                                       {"scaleDenominator", set.scale_denominator(level)},
                                       {"cellSize", set.cell_size_of(level)},
                                       {"cornerOfOrigin", "topLeft"},
                                       {"pointOfOrigin", {set.west, set.north}},
                                       {"tileWidth", set.kTileCells},
                                       {"tileHeight", set.kTileCells},
                                       {"matrixWidth", set.columns_of(level)},
                                       {"matrixHeight", set.rows_of(level)}});
    }
    out["links"] = links_of(set_address(base, set), lang);
    return out;
}

Json tile_matrix_sets(std::string const& base, std::string_view lang) {
    Json list = Json::array();
    for (auto const& set : gis_core::tile_matrix_sets()) {
        Json one{{"id", set.id}, {"title", title_of(lang, set)}, {"crs", set.crs->uri}};
        if (!set.uri.empty()) one["uri"] = set.uri;
        one["links"] = to_json({{"self", kJson, title_of(lang, set), set_address(base, set) + "?f=json"}});
        list.push_back(std::move(one));
    }
    return {{"title", say(lang, "Các lưới ô bản đồ", "Tile matrix sets")},
            {"tileMatrixSets", std::move(list)},
            {"links", links_of(base + "/ogc/tileMatrixSets", lang)}};
}

/// "ocop" and "ocop-dark".
std::vector<styles::StyleName> style_names(Palette const& palette) {
    std::vector<styles::StyleName> out;
    for (auto const& style : palette.styles) out.push_back({&style, false}), out.push_back({&style, true});
    return out;
}

std::string style_title(styles::StyleName const& style, std::string_view lang) {
    return in(lang, style.definition->title) + (style.is_dark ? say(lang, " (tối)", " (dark)") : "");
}

std::vector<Link> style_links(std::string const& self, std::string_view lang) {
    return {{"stylesheet", kMapbox, "MapLibre", self + "?f=mapbox"},
            {"stylesheet", "application/xml", "Mapnik", self + "?f=mapnik"},
            {"describedby", kJson, say(lang, "Mô tả", "Metadata"), self + "/metadata?f=json"},
            {rel("legend"), "image/png", say(lang, "Chú giải", "Legend"), self + "/legend?f=png"},
            {rel("map"), "image/png", say(lang, "Bản đồ", "Map"), self + "/map?f=png"},
            {rel("map"), "application/pdf", say(lang, "Bản in theo tỷ lệ", "Print to scale"), self + "/map?f=pdf"},
            {rel("tilesets-map"), kJson, say(lang, "Các bộ ô ảnh", "Tilesets of pictures"), self + "/map/tiles?f=json"}};
}

Json style_list(Palette const& palette, std::string const& base, std::string_view lang) {
    Json list = Json::array();
    for (auto const& style : style_names(palette)) {
        list.push_back(
            {{"id", style.text()}, {"title", style_title(style, lang)}, {"links", to_json(style_links(base + "/ogc/styles/" + style.text(), lang))}});
    }
    return {{"title", say(lang, "Các kiểu bản đồ", "Styles of the map")},
            {"default", palette.styles.front().id},
            {"styles", std::move(list)},
            {"links", links_of(base + "/ogc/styles", lang)}};
}

Json style_metadata(styles::StyleName const& style, Catalogue const& catalogue, std::string const& base, std::string_view lang) {
    auto const self = base + "/ogc/styles/" + style.text();
    Json sheets = Json::array(), layers = Json::array();
    for (auto const& [title, version, specification, type, f] :
         {std::tuple{"MapLibre", "8", "https://maplibre.org/maplibre-style-spec/", kMapbox, "mapbox"},
          {"Mapnik", "3.1", "https://github.com/mapnik/mapnik/wiki/XMLConfigReference", "application/xml", "mapnik"}}) {
        sheets.push_back({{"title", title},
                          {"version", version},
                          {"specification", specification},
                          {"native", false},
                          {"link", {{"rel", "stylesheet"}, {"type", type}, {"href", self + "?f=" + f}}}});
    }
    for (auto const& layer : catalogue.layers()) {
        layers.push_back({{"id", layer.id},
                          {"type", layer.kind == LayerKind::points  ? "point"
                                   : layer.kind == LayerKind::lines ? "line"
                                                                    : "polygon"},
                          {"sampleData", {{"rel", "data"}, {"type", kJson}, {"href", base + "/ogc/collections/" + layer.id + "?f=json"}}}});
    }
    return {{"id", style.text()},
            {"title", style_title(style, lang)},
            {"scope", "style"},
            {"stylesheets", std::move(sheets)},
            {"layers", std::move(layers)},
            {"links", links_of(self + "/metadata", lang,
                               {{"preview", "image/png", say(lang, "Bản đồ", "Map"), self + "/map?f=png&width=512"},
                                {rel("legend"), "image/png", say(lang, "Chú giải", "Legend"), self + "/legend?f=png"}})}};
}

Layer const& layer_of(Catalogue const& catalogue, std::string const& id) {
    if (auto const* layer = catalogue.find(id)) return *layer;
    throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("no such collection; there are {}", fmt::join(catalogue.ids(), ", "))};
}

styles::StyleName style_of(Palette const& palette, std::string const& id) {
    if (auto const style = styles::find_style(palette, id)) return *style;
    std::vector<std::string> known;
    for (auto const& style : style_names(palette)) known.push_back(style.text());
    throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("there is no style {}; there are {}", id, fmt::join(known, ", "))};
}

bool has_map(Layer const& layer) { return layer.style == "choropleth"; }

}  // namespace

std::vector<std::pair<std::string, DocumentMaker>> tile_documents(Catalogue const& catalogue, Palette const& palette) {
    std::vector<std::pair<std::string, DocumentMaker>> out;
    /// A list of tilesets and each of them; of: from the first value of the route, where there is one.
    auto const add_tiles = [&out](std::string const& path, bool has_value, std::function<TilesOf(std::string const& value, std::string_view lang)> const& of) {
        out.emplace_back(path, [of, has_value](std::string const& base, std::string_view lang, http::Request const& request) {
            return tilesets(of(has_value ? request.value(0) : "", lang), base, lang);
        });
        out.emplace_back(path + "/{tileMatrixSetId}", [of, has_value](std::string const& base, std::string_view lang, http::Request const& request) {
            auto const tiles = of(has_value ? request.value(0) : "", lang);
            return tileset(tiles, gis_core::find_tile_matrix_set(request.value(has_value ? 1 : 0)), base, lang);
        });
    };
    add_tiles("/ogc/tiles", false, [&catalogue](std::string const&, std::string_view lang) {
        TilesOf tiles{"/ogc/tiles", say(lang, "Tất cả các lớp", "All layers"), {}};
        for (auto const& layer : catalogue.layers()) tiles.layers.push_back(&layer);
        return tiles;
    });
    add_tiles("/ogc/collections/{collectionId}/tiles", true, [&catalogue](std::string const& id, std::string_view lang) {
        auto const& layer = layer_of(catalogue, id);
        return TilesOf{"/ogc/collections/" + id + "/tiles", in(lang, layer.title), {&layer}};
    });
    add_tiles("/ogc/map/tiles", false, [&palette](std::string const&, std::string_view lang) {
        return TilesOf{"/ogc/map/tiles", in(lang, palette.styles.front().title), {}};
    });
    add_tiles("/ogc/styles/{styleId}/map/tiles", true, [&palette](std::string const& id, std::string_view lang) {
        return TilesOf{"/ogc/styles/" + id + "/map/tiles", style_title(style_of(palette, id), lang), {}};
    });
    add_tiles("/ogc/collections/{collectionId}/map/tiles", true, [&catalogue](std::string const& id, std::string_view lang) {
        auto const& layer = layer_of(catalogue, id);
        if (!has_map(layer)) throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("{} has no map of its own; /ogc/map shows it", id)};
        return TilesOf{"/ogc/collections/" + id + "/map/tiles", in(lang, layer.title), {}};
    });
    out.emplace_back("/ogc/tileMatrixSets", [](std::string const& base, std::string_view lang, http::Request const&) { return tile_matrix_sets(base, lang); });
    out.emplace_back("/ogc/tileMatrixSets/{tileMatrixSetId}", [](std::string const& base, std::string_view lang, http::Request const& request) {
        return tile_matrix_set(gis_core::find_tile_matrix_set(request.value(0)), base, lang);
    });
    out.emplace_back("/ogc/styles",
                     [&palette](std::string const& base, std::string_view lang, http::Request const&) { return style_list(palette, base, lang); });
    out.emplace_back("/ogc/styles/{styleId}/metadata", [&palette, &catalogue](std::string const& base, std::string_view lang, http::Request const& request) {
        return style_metadata(style_of(palette, request.value(0)), catalogue, base, lang);
    });
    return out;
}

std::string tile_document_html(Json const& document) {
    std::string body;
    for (auto const* list : {"tilesets", "tileMatrixSets", "styles"}) {
        if (!document.contains(list)) continue;
        body += "<ul>";
        for (auto const& one : document.at(list)) body += "<li>" + escape_html(one.at("title").get<std::string>()) + links_html(one.at("links")) + "</li>\n";
        body += "</ul>\n";
    }
    auto const row = [&body](std::initializer_list<std::string> const& cells, char const* tag) {
        body += "<tr>";
        for (auto const& cell : cells) body += fmt::format("<{0}>{1}</{0}>", tag, escape_html(cell));
        body += "</tr>\n";
    };
    auto const text = [](Json const& value) { return value.is_string() ? value.get<std::string>() : gis_core::to_text(value); };
    if (document.contains("tileMatrices")) {
        body += "<p>" + escape_html(text(document.at("crs"))) + "</p><div class=\"table-scroll\" tabindex=\"0\"><table>\n";
        row({"id", "1:", "cellSize", "matrixWidth", "matrixHeight"}, "th");
        for (auto const& matrix : document.at("tileMatrices"))
            row({text(matrix.at("id")), text(matrix.at("scaleDenominator")), text(matrix.at("cellSize")), text(matrix.at("matrixWidth")),
                 text(matrix.at("matrixHeight"))},
                "td");
        body += "</table></div>\n";
    }
    return body + links_html(document.at("links"));
}

std::vector<Link> tile_landing_links(std::string const& base, std::string_view lang) {
    auto const ogc = base + "/ogc";
    return {{rel("tilesets-vector"), kJson, say(lang, "Các bộ ô véc-tơ", "Tilesets of vector tiles"), ogc + "/tiles?f=json"},
            {rel("tilesets-map"), kJson, say(lang, "Các bộ ô ảnh", "Tilesets of pictures"), ogc + "/map/tiles?f=json"},
            {rel("tiling-schemes"), kJson, say(lang, "Các lưới ô bản đồ", "Tile matrix sets"), ogc + "/tileMatrixSets?f=json"},
            {rel("styles"), kJson, say(lang, "Các kiểu bản đồ", "Styles of the map"), ogc + "/styles?f=json"},
            {rel("map"), "image/png", say(lang, "Bản đồ", "Map"), ogc + "/map?f=png"},
            {rel("map"), "application/pdf", say(lang, "Bản in theo tỷ lệ", "Print to scale"), ogc + "/map?f=pdf"},
            {"alternate", "text/xml", "WMS 1.3.0", base + "/wms?SERVICE=WMS&REQUEST=GetCapabilities"},
            {"alternate", "text/xml", "WMTS 1.0.0", base + "/wmts?SERVICE=WMTS&REQUEST=GetCapabilities"}};
}

std::vector<Link> tile_collection_links(std::string const& base, std::string_view lang, Layer const& layer) {
    auto const self = base + "/ogc/collections/" + layer.id;
    std::vector<Link> links{{rel("tilesets-vector"), kJson, say(lang, "Các bộ ô véc-tơ", "Tilesets of vector tiles"), self + "/tiles?f=json"}};
    if (has_map(layer)) {
        links.push_back({rel("map"), "image/png", say(lang, "Bản đồ", "Map"), self + "/map?f=png"});
        links.push_back({rel("tilesets-map"), kJson, say(lang, "Các bộ ô ảnh", "Tilesets of pictures"), self + "/map/tiles?f=json"});
    }
    return links;
}

std::vector<std::string> const& tile_conformance_classes() {
    static std::vector<std::string> const kClasses = [] {
        std::vector<std::string> all;
        for (auto const& [standard, classes] : std::vector<std::pair<std::string, std::vector<std::string>>>{
                 {"ogcapi-tiles-1/1.0",
                  {"core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection", "datetime", "oas30", "png", "mvt"}},
                 {"tms/2.0",
                  {"tilematrixset", "json-tilematrixset", "tilematrixsetlimits", "json-tilematrixsetlimits", "tilesetmetadata", "json-tilesetmetadata"}},
                 {"ogcapi-maps-1/1.0", {"core", "dataset-map", "collection-map", "styled-map", "tilesets", "scaling", "crs", "png", "oas30"}},
                 {"ogcapi-styles-1/0.0", {"core", "mapbox-styles"}}}) {
            for (auto const& one : classes) all.push_back(fmt::format("http://www.opengis.net/spec/{}/conf/{}", standard, one));
        }
        return all;
    }();
    return kClasses;
}

void add_tile_paths(Json& document, std::string_view lang) {
    auto const reference = [](std::string const& kind, std::string const& name) { return Json{{"$ref", "#/components/" + kind + "/" + name}}; };
    auto& parameters = document["components"]["parameters"];
    auto const add = [&](std::string const& key, std::string const& name, std::string const& where, std::string const& description, Json schema) {
        parameters[key] = {{"name", name}, {"in", where}, {"required", where == "path"}, {"description", description}, {"schema", std::move(schema)}};
        if (where == "query") parameters[key]["style"] = "form", parameters[key]["explode"] = false;
    };
    Json const text{{"type", "string"}}, whole{{"type", "integer"}, {"minimum", 0}};
    Json sets{{"type", "string"}, {"enum", Json::array()}}, systems{{"type", "string"}, {"enum", Json::array()}, {"default", "CRS:84"}};
    for (auto const& set : gis_core::tile_matrix_sets()) sets["enum"].push_back(set.id);
    for (auto const& crs : gis_core::crs::reference_systems()) systems["enum"].push_back(crs.short_name()), systems["enum"].push_back(crs.uri);
    add("tileMatrixSetId", "tileMatrixSetId", "path", "Tile matrix set", sets);
    add("tileMatrix", "tileMatrix", "path", "Level", whole);
    add("tileRow", "tileRow", "path", "Row, from the north", whole);
    add("tileCol", "tileCol", "path", "Column, from the west", whole);
    add("collectionId", "collectionId", "path", "Collection", text);
    add("styleId", "styleId", "path", "Style", text);
    add("f_tile", "f", "query", "Format", {{"type", "string"}, {"enum", {"mvt"}}});
    add("f_picture", "f", "query", "Format; without it, Accept decides", {{"type", "string"}, {"enum", {"png", "webp"}}});
    add("f_map", "f", "query", "Format; without it, Accept decides", {{"type", "string"}, {"enum", {"png", "webp", "pdf"}}});
    add("f_style", "f", "query", "Format; without it, Accept decides", {{"type", "string"}, {"enum", {"mapbox", "json", "mapnik"}}});
    add("collections", "collections", "query", "Collections in the tile; without it, all", {{"type", "array"}, {"items", text}});
    add("day", "datetime", "query", "As of a day, a moment, or the last day of an interval (RFC 3339)", text);
    add("tile_filter", "filter", "query", "CQL2 over the queryables of the one collection", text);
    add("tile_filter_lang", "filter-lang", "query", "Notation of the filter",
        {{"type", "string"}, {"enum", {"cql2-text", "cql2-json", "cql-text"}}, {"default", "cql2-text"}});
    add("tile_filter_crs", "filter-crs", "query", "CRS of the filter's geometries", systems);
    add("map_bbox", "bbox", "query", "Four numbers in the order of bbox-crs; without it, Bến Tre",
        {{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", 4}, {"maxItems", 4}});
    add("map_bbox_crs", "bbox-crs", "query", "CRS of bbox", systems);
    add("map_crs", "crs", "query", "CRS of the map; of a PDF EPSG:9210 (default), EPSG:9209 or EPSG:3857", systems);
    add("map_width", "width", "query", "Pixels; width times height at most 4,194,304", {{"type", "integer"}, {"minimum", 16}, {"maximum", 4096}});
    add("map_height", "height", "query", "Pixels", {{"type", "integer"}, {"minimum", 16}, {"maximum", 4096}});
    add("map_scale", "scale-denominator", "query", "Scale at pixels of 0.28 mm, or of the page",
        {{"type", "number"}, {"minimum", 500}, {"maximum", 5'000'000}});
    add("map_paper", "paper", "query", "Of a PDF", {{"type", "string"}, {"enum", {"a4", "a3"}}, {"default", "a4"}});
    add("map_orientation", "orientation", "query", "Of a PDF", {{"type", "string"}, {"enum", {"landscape", "portrait"}}, {"default", "landscape"}});

    auto const add_path = [&](std::string const& path, std::string const& id, std::string const& tag, std::string const& summary,
                              std::vector<std::string> const& names, std::vector<std::pair<std::string, Json>> const& types) {
        Json list = Json::array(), content = Json::object();
        for (auto const* name : {"collectionId", "styleId", "tileMatrixSetId", "tileMatrix", "tileRow", "tileCol"}) {
            if (path.find(fmt::format("{{{}}}", name)) != std::string::npos) list.push_back(reference("parameters", name));
        }
        for (auto const& name : names) list.push_back(reference("parameters", name));
        for (auto const& [type, schema] : types) content[type] = {{"schema", schema}};
        Json responses{{"200", {{"description", summary}, {"content", content}}},
                       {"400", reference("responses", "invalid")},
                       {"404", reference("responses", "missing")},
                       {"406", reference("responses", "not_acceptable")},
                       {"default", reference("responses", "failed")}};
        if (path.ends_with("{tileCol}")) responses["204"] = {{"description", "Nothing stands in the tile"}};
        document["paths"][path] = {
            {"get",
             {{"operationId", id}, {"summary", summary}, {"tags", Json::array({tag})}, {"parameters", std::move(list)}, {"responses", std::move(responses)}}}};
    };
    Json const bytes{{"type", "string"}, {"format", "binary"}}, object{{"type", "object"}};
    std::vector<std::pair<std::string, Json>> const documents{{kJson, object}, {kHtml, text}}, vector{{kMvt, bytes}},
        pictures{{"image/png", bytes}, {"image/webp", bytes}};
    auto maps = pictures;
    maps.emplace_back("application/pdf", bytes);
    std::vector<std::string> const page{"f", "lang"},
        map{"f_map", "map_bbox", "map_bbox_crs", "map_crs", "map_width", "map_height", "map_scale", "day", "map_paper", "map_orientation", "lang"};
    add_path("/ogc/tileMatrixSets", "getTileMatrixSetsList", "OGC API - Tiles", say(lang, "Các lưới ô bản đồ", "Tile matrix sets"), page, documents);
    add_path("/ogc/tileMatrixSets/{tileMatrixSetId}", "getTileMatrixSet", "OGC API - Tiles", say(lang, "Một lưới ô", "A tile matrix set"), page, documents);
    for (auto const& [path, scope, standard, names, types] :
         {std::tuple{std::string{"/ogc/tiles"}, "dataset.vector", "OGC API - Tiles",
                     std::vector<std::string>{"f_tile", "collections", "day", "tile_filter", "tile_filter_lang", "tile_filter_crs"}, vector},
          {std::string{"/ogc/collections/{collectionId}/tiles"},
           "collection.vector",
           "OGC API - Tiles",
           {"f_tile", "day", "tile_filter", "tile_filter_lang", "tile_filter_crs"},
           vector},
          {std::string{"/ogc/map/tiles"}, "dataset.map", "OGC API - Maps", {"f_picture", "day"}, pictures},
          {std::string{"/ogc/styles/{styleId}/map/tiles"}, "dataset.style.map", "OGC API - Maps", {"f_picture", "day"}, pictures},
          {std::string{"/ogc/collections/{collectionId}/map/tiles"}, "collection.map", "OGC API - Maps", {"f_picture", "day"}, pictures}}) {
        auto const name = [scope = scope](char const* what) { return fmt::format("{}.{}", scope, what); };  // 20-057 table 12: operationId ends with these
        add_path(path, name("getTileSetsList"), standard, say(lang, "Các bộ ô", "Tilesets"), page, documents);
        add_path(path + "/{tileMatrixSetId}", name("getTileSet"), standard, say(lang, "Một bộ ô", "A tileset"), page, documents);
        add_path(path + "/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", name("getTile"), standard, say(lang, "Một ô", "A tile"), names, types);
    }
    add_path("/ogc/map", "dataset.getMap", "OGC API - Maps", say(lang, "Bản đồ", "Map"), map, maps);
    add_path("/ogc/collections/{collectionId}/map", "collection.getMap", "OGC API - Maps", say(lang, "Bản đồ của một tập dữ liệu", "Map of a collection"), map,
             maps);
    add_path("/ogc/styles/{styleId}/map", "dataset.style.getMap", "OGC API - Maps", say(lang, "Bản đồ theo kiểu", "Map in a style"), map, maps);
    add_path("/ogc/styles", "getStyles", "OGC API - Styles", say(lang, "Các kiểu bản đồ", "Styles of the map"), page, documents);
    add_path("/ogc/styles/{styleId}", "getStyle", "OGC API - Styles", say(lang, "Một kiểu", "A style"), {"f_style", "day"},
             {{kMapbox, object}, {kJson, object}, {"application/xml", text}});
    add_path("/ogc/styles/{styleId}/metadata", "getStyleMetadata", "OGC API - Styles", say(lang, "Mô tả kiểu", "Metadata of a style"), page, documents);
    add_path("/ogc/styles/{styleId}/legend", "getLegend", "OGC API - Styles", say(lang, "Chú giải", "Legend"), {"day", "lang"}, {{"image/png", bytes}});
    for (auto const* tag : {"OGC API - Tiles", "OGC API - Maps", "OGC API - Styles"}) document["tags"].push_back({{"name", tag}});
}

}  // namespace api::ogc
