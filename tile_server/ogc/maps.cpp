// OGC API - Maps (20-058): the styles' pictures in any of our CRSs, as tiles, and as a page of PDF to scale.
#include "tile_server/ogc/maps.hpp"

#include "gis_core/error.hpp"
#include "tile_server/ogc/parameters.hpp"
#include "tile_server/ogc/routes.hpp"
#include "tile_server/ogc/sql/statements.hpp"
#include "tile_server/pictures/query_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace tile_server::ogc {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::TileMatrixSet;
using gis_core::crs::MapBox;
using gis_core::crs::MapProjection;
using gis_core::crs::ReferenceSystem;

constexpr gis_core::LonLatBox kBenTre{105.95, 9.75, 106.85, 10.4};
constexpr double kPixel_m = 0.00028;
constexpr int kDefaultWidth_px = 1024;
/// Of printed maps, to choose the first that holds the box.
constexpr std::array kScales{5'000,   10'000,  15'000,  20'000,  25'000,  30'000,  40'000,  50'000,    60'000,    75'000,   100'000,
                             125'000, 150'000, 200'000, 250'000, 300'000, 400'000, 500'000, 1'000'000, 2'000'000, 5'000'000};
constexpr double kLeastScale = 500, kMostScale = 5'000'000;

ReferenceSystem const& read_crs(http::Query const& query, std::string_view field, std::string_view otherwise) {
    return gis_core::crs::get_reference_system(field, query.find(field).value_or(otherwise));
}

/// The box asked for in the CRS of the map.
MapBox box_in(ReferenceSystem const& crs, http::Query const& query) {
    auto const& given_in = read_crs(query, "bbox-crs", "CRS:84");
    auto const bbox = query.find("bbox");
    if (!bbox) return MapProjection{crs}.from_lon_lat(kBenTre);
    auto const box = read_box("bbox", *bbox, given_in);
    return given_in.srid == crs.srid ? box : MapProjection{crs}.from_lon_lat(MapProjection{given_in}.to_lon_lat(box));
}

std::optional<double> read_scale(http::Query const& query) {
    auto const text = query.find("scale-denominator");
    if (!text) return std::nullopt;
    auto const allowed = fmt::format("a number from {} to {}", kLeastScale, kMostScale);
    double const scale = number_of("scale-denominator", *text, allowed);
    if (scale < kLeastScale || scale > kMostScale) throw gis_core::invalid_field("scale-denominator", *text, allowed);
    return scale;
}

/// What is not asked for follows from the box: by the scale, or in its proportions.
MapFrame read_frame(http::Query const& query) {
    auto const& crs = read_crs(query, "crs", "CRS:84");
    auto const box = box_in(crs, query);
    std::optional<int> width, height;
    if (query.find("width")) width = whole_of(query, "width", 0, kLeastSide_px, kMostSide_px);
    if (query.find("height")) height = whole_of(query, "height", 0, kLeastSide_px, kMostSide_px);
    auto const scale = read_scale(query);
    if (scale && (width || height)) throw gis_core::invalid_field("scale-denominator", *query.find("scale-denominator"), "without width and height");
    double const cell = scale    ? *scale * kPixel_m / crs.metres_per_unit()
                        : width  ? box.width() / *width
                        : height ? box.height() / *height
                                 : box.width() / kDefaultWidth_px;
    auto const pixels = [cell](double length) { return static_cast<int>(std::clamp(std::round(length / cell), 0.0, 1e6)); };
    MapFrame const frame{&crs, box, width.value_or(pixels(box.width())), height.value_or(pixels(box.height()))};
    check_size("width", "height", frame.width_px, frame.height_px);
    return frame;
}

void send_sheet(Service& service, Pictures& pictures, PictureStyle const& what, http::Request const& request, std::shared_ptr<http::Responder> responder) {
    auto const& query = request.query;
    auto const lang = read_language(request);
    auto const choose = [&query](std::string_view field, std::string_view first, std::string_view second) {
        auto const value = query.find(field).value_or(first);
        if (value != first && value != second) throw gis_core::invalid_field(field, value, fmt::format("{} or {}", first, second));
        return value == second;
    };
    SheetOrder order;
    order.crs = &read_crs(query, "crs", "EPSG:9210");
    if (order.crs->is_geographic) throw gis_core::invalid_field("crs", order.crs->short_name(), "a projected system, like EPSG:9210: the page is to scale");
    for (auto const* field : {"width", "height"}) {
        if (auto const given = query.find(field))
            throw gis_core::invalid_field(field, *given, "not with f=pdf: paper, orientation and scale-denominator say how large it is");
    }
    order.is_a3 = choose("paper", "a4", "a3");
    order.is_portrait = choose("orientation", "landscape", "portrait");
    order.lang = lang;
    order.today = service.today().iso();
    order.day = what.at.empty() ? order.today : what.at;
    auto const box = box_in(*order.crs, query);
    MapProjection const projection{*order.crs};
    order.centre = projection.to_lon_lat(gis_core::crs::EastNorth{(box.west + box.east) / 2, (box.south + box.north) / 2});
    if (auto const scale = read_scale(query)) {
        order.scale_denominator = *scale;
    } else {
        auto const size = Renderer::sheet_map_size(order.is_a3, order.is_portrait);
        double const shrink = order.crs->epsg == 3857 ? std::cos(order.centre.lat * std::numbers::pi / 180) : 1;
        double const needed = std::max(box.width() / size.width_mm, box.height() / size.height_mm) * 1000 * shrink;
        auto const fits = std::find_if(kScales.begin(), kScales.end(), [needed](int known) { return known >= needed; });
        if (fits == kScales.end())
            throw gis_core::invalid_field("bbox", query.find("bbox").value_or(""), fmt::format("a box that fits the paper at 1:{}", kScales.back()));
        order.scale_denominator = *fits;
    }
    http::Response head;
    head.headers.add("Content-Type", "application/pdf");
    head.headers.add("Content-Disposition", fmt::format("inline; filename=\"ocop-{}-{}.pdf\"", what.style, order.day));
    head.headers.add("Content-Crs", fmt::format("<{}>", order.crs->uri));
    pictures.service().draw(
        std::move(head),
        [&service, what, order](Renderer& renderer, Renderer::Between const& between) mutable {
            order.sources = read_note(service.pool()).sources(order.lang);
            return renderer.render_sheet(what, order, between);
        },
        request, std::move(responder));
}

PictureStyle read_style(Pictures& pictures, std::string const& style, http::Request const& request, std::string const& format) {
    find_style(pictures, "styleId", style);
    auto const day = read_day("datetime", request.query.find("datetime"));
    return {style, 1, format == "webp" ? PictureFormat::webp : PictureFormat::png, day ? day->iso() : std::string{}};
}

void get_map(Service& service, Pictures& pictures, std::string const& style, http::Request const& request, std::shared_ptr<http::Responder> responder) {
    request.query.allow_only({"f", "bbox", "bbox-crs", "crs", "width", "height", "scale-denominator", "datetime", "paper", "orientation", "lang"});
    auto const format = choose_format(request, {{"png", "image/png"}, {"webp", "image/webp"}, {"pdf", "application/pdf"}});
    auto const what = read_style(pictures, style, request, format);
    if (format == "pdf") {
        send_sheet(service, pictures, what, request, std::move(responder));
        return;
    }
    for (auto const* field : {"paper", "orientation", "lang"}) {
        if (auto const given = request.query.find(field)) throw gis_core::invalid_field(field, *given, "only with f=pdf");
    }
    send_map(pictures, what, read_frame(request.query), request, std::move(responder));
}

void get_map_tile(Pictures& pictures, std::string const& style, std::size_t first_value, http::Request const& request,
                  std::shared_ptr<http::Responder> responder) {
    request.query.allow_only({"f", "datetime"});
    auto const what = read_style(pictures, style, request, choose_format(request, {{"png", "image/png"}, {"webp", "image/webp"}}));
    auto const& set = gis_core::find_tile_matrix_set(request.value(first_value));
    send_map_tile(pictures, what, set, set.parse(request.value(first_value + 1), request.value(first_value + 2), request.value(first_value + 3)), request,
                  std::move(responder));
}

/// The style that colours a collection is its map.
std::string style_of_collection(Pictures& pictures, std::string const& collection) {
    std::string known;
    for (auto const& style : pictures.renderer().palette().styles) {
        if (style.choropleth == collection) return style.id;
        known += (known.empty() ? "" : ", ") + style.choropleth;
    }
    throw Error{ErrorKind::not_found, "there are maps of the collections " + known, {{"collectionId", collection, known}}};
}

}  // namespace

void check_size(std::string_view width_field, std::string_view height_field, int width_px, int height_px) {
    auto const side = fmt::format("from {} to {} pixels a side, {} in all", kLeastSide_px, kMostSide_px, kMostPixels);
    for (auto const& [field, value] : {std::pair{width_field, width_px}, {height_field, height_px}}) {
        if (value < kLeastSide_px || value > kMostSide_px) throw gis_core::invalid_field(field, fmt::format("{}", value), side);
    }
    if (width_px * height_px > kMostPixels)
        throw gis_core::invalid_field(fmt::format("{}*{}", width_field, height_field), fmt::format("{}", width_px * height_px), side);
}

styles::StyleName find_style(Pictures& pictures, std::string_view field, std::string const& id) {
    auto const& palette = pictures.renderer().palette();
    if (auto const style = styles::find_style(palette, id)) return *style;
    std::string known;
    for (auto const& style : palette.styles) known += fmt::format("{0}{1}, {1}-dark", known.empty() ? "" : ", ", style.id);
    throw Error{ErrorKind::not_found, fmt::format("there is no style {}; there are {}", id, known), {{std::string{field}, id, known}}};
}

void send_map(Pictures& pictures, PictureStyle const& what, MapFrame const& frame, http::Request const& request, std::shared_ptr<http::Responder> responder) {
    http::Response head;
    head.headers.add("Content-Type", media_type(what.format));
    head.headers.add("Content-Crs", fmt::format("<{}>", frame.crs->uri));
    head.headers.add("Content-Bbox", box_text(frame.box, *frame.crs));
    pictures.service().draw(
        std::move(head), [what, frame](Renderer& renderer, Renderer::Between const& between) { return renderer.render_map(what, frame, between); }, request,
        std::move(responder));
}

std::vector<TileMatrixSet::Limits> map_limits(TileMatrixSet const& set) { return set.limits(styles::kBounds, styles::kMinZoom, styles::kMaxZoom); }

void send_map_tile(Pictures& pictures, PictureStyle const& what, TileMatrixSet const& set, gis_core::TileId tile, http::Request const& request,
                   std::shared_ptr<http::Responder> responder) {
    auto const limits = map_limits(set);
    auto const here = std::find_if(limits.begin(), limits.end(), [&](auto const& one) { return one.level == tile.z; });
    if (here == limits.end() || !here->hold(tile)) {
        auto const allowed = here == limits.end()
                                 ? fmt::format("tile matrices {} to {}", limits.front().level, limits.back().level)
                                 : fmt::format("rows {} to {}, columns {} to {}", here->min_row, here->max_row, here->min_column, here->max_column);
        auto const name = fmt::format("{}/{}/{}", tile.z, tile.y, tile.x);
        throw Error{ErrorKind::not_found, fmt::format("tile {} of {} lies outside the map; there are {}", name, set.id, allowed), {{"tile", name, allowed}}};
    }
    if (set.id == "WebMercatorQuad") {
        pictures.service().get(what, tile, request, std::move(responder));
        return;
    }
    send_map(pictures, what, {set.crs, set.bounds(tile), set.kTileCells, set.kTileCells}, request, std::move(responder));
}

void send_legend(Pictures& pictures, PictureStyle const& what, std::string const& lang, http::Request const& request,
                 std::shared_ptr<http::Responder> responder) {
    http::Response head;
    head.headers.add("Content-Type", "image/png");
    head.headers.add("Content-Language", lang);
    pictures.service().draw(
        std::move(head), [what, lang](Renderer& renderer, Renderer::Between const&) { return renderer.render_legend(what, lang); }, request,
        std::move(responder));
}

MapNote read_note(gis_core::db::Pool& pool) {
    return pool.read("", [](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        session.prepare(sql::map_note);
        auto const row = tx.exec_prepared1(sql::map_note.name);
        bool const has_demo = row["has_demo"].as<bool>();
        auto const with = [&](char const* demo, char const* label, char const* column) {
            std::string out = has_demo ? demo : "";
            if (std::string const sources = row[column].c_str(); !sources.empty()) out += label + sources + ".";
            return out;
        };
        return MapNote{with("Có dữ liệu mẫu, không phải dữ liệu thật. ", "Nguồn: ", "sources_vi"),
                       with("Contains sample records, not real ones. ", "Sources: ", "sources_en"), row["since"].is_null() ? "" : row["since"].c_str()};
    });
}

void add_map_routes(http::Router& router, Service& service, Pictures& pictures) {
    auto const first_style = pictures.renderer().palette().styles.front().id;
    using StyleOf = std::function<std::string(http::Request const&)>;
    for (auto const& [path, style_of, first_value] :
         {std::tuple{std::string{"/ogc"}, StyleOf{[first_style](http::Request const&) { return first_style; }}, std::size_t{0}},
          {std::string{"/ogc/styles/{styleId}"}, StyleOf{[](http::Request const& request) { return request.value(0); }}, std::size_t{1}},
          {std::string{"/ogc/collections/{collectionId}"},
           StyleOf{[&pictures](http::Request const& request) { return style_of_collection(pictures, request.value(0)); }}, std::size_t{1}}}) {
        router.add_parking("GET", path + "/map", [&service, &pictures, style_of](http::Request const& request, std::shared_ptr<http::Responder> responder) {
            get_map(service, pictures, style_of(request), request, std::move(responder));
        });
        router.add_parking("GET", path + "/map/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
                           [&pictures, style_of, first_value](http::Request const& request, std::shared_ptr<http::Responder> responder) {
                               get_map_tile(pictures, style_of(request), first_value, request, std::move(responder));
                           });
    }
}

}  // namespace tile_server::ogc
