#include "tile_server/operator_routes.hpp"

#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "tile_server/explain.hpp"
#include "tile_server/filter.hpp"
#include "tile_server/service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tile_server {

using gis_core::Json;
using Clock = std::chrono::steady_clock;

namespace {

gis_core::LonLatBox box_of(Json const& value) {
    constexpr auto kForm = "four numbers in degrees: west, south, east, north, like [106.2,9.9,106.7,10.3]";
    if (!value.is_array() || value.size() != 4 || !std::all_of(value.begin(), value.end(), [](Json const& one) { return one.is_number(); })) {
        throw gis_core::invalid_field("bbox", gis_core::to_text(value), kForm);
    }
    gis_core::LonLatBox const box{value[0], value[1], value[2], value[3]};
    if (box.west >= box.east || box.south >= box.north || std::abs(box.west) > 180 || std::abs(box.east) > 180 || std::abs(box.south) > 90 ||
        std::abs(box.north) > 90) {
        throw gis_core::invalid_field("bbox", gis_core::to_text(value), kForm);
    }
    return box;
}

/// {"tilesets": ["communes", "places"], "bbox": [west, south, east, north], "zoom": [0, 14]}, each optional.
Seeder::Order order_of(std::string const& body, gis_core::layers::Catalogue const& catalogue) {
    auto const json = gis_core::parse_json(body.empty() ? "{}" : body, "the body");
    if (!json.is_object()) throw gis_core::invalid_field("body", body.substr(0, 50), "a JSON object with tilesets, bbox and zoom");
    Seeder::Order order;
    order.box = {-180, -90, 180, 90};
    for (auto const& [name, value] : json.items()) {
        if (name == "bbox") {
            order.box = box_of(value);
        } else if (name == "zoom") {
            auto const is_zoom = [](Json const& one) { return one.is_number_integer() && one >= 0 && one <= int{gis_core::TileId::kMaxZoom}; };
            if (!value.is_array() || value.size() != 2 || !is_zoom(value[0]) || !is_zoom(value[1]) || value[0] > value[1])
                throw gis_core::invalid_field("zoom", gis_core::to_text(value), "the first and the last zoom, 0 to 24, like [0,14]");
            order.min_zoom = value[0];
            order.max_zoom = value[1];
        } else if (name == "tilesets") {
            constexpr auto kForm = "ids of layers and combinations of data/layers.toml, like [\"communes\",\"places\"]";
            if (!value.is_array()) throw gis_core::invalid_field("tilesets", gis_core::to_text(value), kForm);
            for (auto const& id : value) {
                if (!id.is_string() || id.get_ref<std::string const&>().find(',') != std::string::npos)
                    throw gis_core::invalid_field("tilesets", gis_core::to_text(id), kForm);
                auto layers = catalogue.find_list(id.get_ref<std::string const&>());
                if (std::find(order.tilesets.begin(), order.tilesets.end(), layers) == order.tilesets.end()) order.tilesets.push_back(std::move(layers));
            }
        } else {
            throw gis_core::invalid_field("body", name, "tilesets, bbox and zoom");
        }
    }
    if (order.tilesets.empty()) {
        for (auto const& layer : catalogue.layers()) order.tilesets.push_back({&layer});
        for (auto const& combination : catalogue.combinations()) order.tilesets.push_back(catalogue.find_list(combination.id));
    }
    if (order.tilesets.size() > Seeder::kMostTilesets)
        throw gis_core::invalid_field("tilesets", std::to_string(order.tilesets.size()), fmt::format("{} at most", Seeder::kMostTilesets));
    return order;
}

std::string line_of(SeedProgress const& progress, bool is_finished) {
    Json out{{"total", progress.total},   {"done", progress.done()}, {"made", progress.made},       {"fresh", progress.fresh}, {"empty", progress.empty},
             {"failed", progress.failed}, {"bytes", progress.bytes}, {"seconds", progress.seconds}, {"finished", is_finished}};
    if (!progress.failure.empty()) out["failure"] = progress.failure;
    return gis_core::to_text(out) + "\n";
}

http::Response seed(http::Request const& request, Service& service) {
    request.query.allow_only({});
    // A page in a browser of this machine cannot send this type here without being asked about it first.
    if (!request.header_or("Content-Type", "").starts_with("application/json"))
        throw gis_core::Error{gis_core::ErrorKind::unsupported_media, "what is to be seeded is said in JSON: Content-Type: application/json"};
    auto const order = order_of(request.body, service.catalogue());
    auto job = service.seeder().begin();
    return http::Response::stream("application/x-ndjson", [order, job = std::move(job)](http::BodySink& sink) {
        auto const progress = job->run(order, [&](SeedProgress const& so_far) {
            if (sink.is_aborted()) return false;
            sink.write(line_of(so_far, false));
            return true;
        });
        sink.write(line_of(progress, true));
    });
}

http::Response explain(http::Request const& request, Service& service) {
    auto const [layers, tile] = service.read_tile(request);
    auto const [at, filter] = Service::read_choice(request, layers);
    auto const day = at.value_or(service.today());
    if (at) service.vectors().check_date(layers, day);
    auto const folder = request.raw_query.empty() ? service.catalogue().stored_name(layers) : std::string{};
    auto const milliseconds = [](Clock::duration took) { return std::round(std::chrono::duration<double, std::milli>(took).count() * 1000) / 1000; };

    TileContent content;
    trace::Recording recording{true};
    auto const begun = Clock::now();
    content.plain = service.vectors().render(layers, tile, day, filter.get());
    auto const rendered = Clock::now();
    compress(content);
    auto const compressed = Clock::now();
    double parts_s = 0;
    for (auto const& part : recording.parts) parts_s += part.seconds;

    Json out{{"tile", tile.path()}, {"at", day.iso()}};
    if (filter) out["filter"] = filter->normal;
    out["bytes"] = {{"plain", content.plain.size()}, {"gzip", content.gzip.size()}, {"brotli", content.brotli.size()}};
    if (auto const stored = folder.empty() ? std::nullopt : service.cache().find({folder, tile, ".mvt"})) {
        out["stored"] = {{"publication", stored->sequence},
                         {"plain", stored->plain.size()},
                         {"gzip", stored->gzip.size()},
                         {"brotli", stored->brotli.size()},
                         {"recompressed", is_thorough(stored->gzip)}};
    } else {
        out["stored"] = nullptr;
    }
    out["ms"] = {{"find", std::max(0.0, milliseconds(rendered - begun) - std::round(parts_s * 1e6) / 1e3)},
                 {"layers", std::round(parts_s * 1e6) / 1e3},
                 {"compress", milliseconds(compressed - rendered)},
                 {"total", milliseconds(compressed - begun)}};
    out["layers"] = contents_of(content.plain, recording);
    auto response = http::Response::json(gis_core::to_text(out));
    response.headers.add("Cache-Control", "no-store");
    return response;
}

}  // namespace

void add_operator_routes(http::Router& router, Service& service) {
    router.post("/tiles/seed", [&service](http::Request const& request) { return seed(request, service); });
    router.get("/tiles/explain/{layers}/{z}/{x}/{y}", [&service](http::Request const& request) { return explain(request, service); });
}

}  // namespace tile_server
