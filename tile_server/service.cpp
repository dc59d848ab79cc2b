#include "tile_server/service.hpp"

#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "gis_core/log.hpp"
#include "http/problem.hpp"
#include "http/server.hpp"
#include "tile_server/filter.hpp"
#include "tile_server/mvt_geometry.hpp"
#include "tile_server/operator_routes.hpp"
#include "tile_server/tags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace tile_server {

using gis_core::Date;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using gis_core::TileId;
using gis_core::layers::AttributeType;
using gis_core::layers::Catalogue;
using gis_core::layers::Layer;
using gis_core::layers::LayerKind;

namespace {

constexpr char const* kMvt = "application/vnd.mapbox-vector-tile";

double margin_of(std::vector<Layer const*> const& layers) {
    auto const only_points = std::all_of(layers.begin(), layers.end(), [](Layer const* layer) { return layer->kind == LayerKind::points; });
    return only_points ? 0 : kBufferMargin;
}

std::vector<std::string> ids_of(std::vector<Layer const*> const& layers) {
    std::vector<std::string> out;
    for (auto const* layer : layers) out.push_back(layer->id);
    return out;
}

/// The service's own connection options: a generic plan would read a whole layer for one tile.
gis_core::db::PoolConfig pool_config(ServiceConfig const& config) {
    gis_core::db::PoolConfig out;
    out.conninfo = config.conninfo;
    out.application_name = "ocopmap-tiles";
    out.size = config.render_threads + 2;
    out.wait_deadline = std::chrono::seconds{5};
    return out;
}

std::optional<Date> read_day(http::Request const& request, std::initializer_list<std::string_view> allowed) {
    request.query.allow_only(allowed);
    auto const at = request.query.find("at");
    if (!at) return std::nullopt;
    return Date::from_field("at", *at);
}

}  // namespace

bool accepts_coding(std::string_view header, std::string_view coding) {
    while (!header.empty()) {
        auto const comma = std::min(header.find(','), header.size());
        auto element = header.substr(0, comma);
        header.remove_prefix(std::min(comma + 1, header.size()));
        auto const semicolon = std::min(element.find(';'), element.size());
        auto name = element.substr(0, semicolon);
        while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
        while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
        if (name != coding) continue;
        auto const parameters = element.substr(semicolon);
        auto const q = parameters.find("q=");
        return q == std::string_view::npos || parameters.substr(q + 2).find_first_of("123456789") != std::string_view::npos;
    }
    return false;
}

http::Response answer_tile(http::Request const& request, std::shared_ptr<TileContent const> const& content) {
    http::Response response;
    response.headers.add("Cache-Control", "no-cache");
    response.headers.add("Access-Control-Allow-Origin", "*");
    if (content->is_empty()) {
        response.status = 204;
        return response;
    }
    response.headers.add("Content-Type", content->media_type.empty() ? kMvt : content->media_type);
    response.headers.add("Vary", "Accept-Encoding");
    auto const accepted = request.header_or("Accept-Encoding", "");
    auto const* bytes = &content->plain;
    if (!content->brotli.empty() && accepts_coding(accepted, "br")) {
        bytes = &content->brotli;
        response.headers.add("Content-Encoding", "br");
    } else if (!content->gzip.empty() && accepts_coding(accepted, "gzip")) {
        bytes = &content->gzip;
        response.headers.add("Content-Encoding", "gzip");
    }
    auto const etag = content->sequence > 0 ? fmt::format("\"{:x}-{:x}\"", content->sequence, bytes->size()) : http::fingerprint(*bytes);
    response.body = std::shared_ptr<std::string const>{content, bytes};
    return http::conditional(request, std::move(response), etag);
}

Service::Service(ServiceConfig config)
    : config_{std::move(config)},
      catalogue_{Catalogue::load(config_.data / "layers.toml")},
      pool_{pool_config(config_)},
      store_{{config_.conninfo, config_.store_bytes, config_.cache / "store"}, catalogue_},
      vectors_{pool_, catalogue_, store_},
      cache_{config_.cache, config_.cache_bytes, std::chrono::seconds{15}},
      flights_{config_.render_threads, config_.render_queue, config_.memory_bytes, answer_tile},
      render_log_{config_.slow_ms},
      recompressor_{cache_, [this] { return flights_.is_busy(); }},
      seeder_{catalogue_, store_, cache_, config_.render_threads, [this](Seeder::Tilesets const& tilesets, TileId tile) { return seed_tiles(tilesets, tile); }},
      events_{http::make_event_channel()},
      freshness_{config_.conninfo,
                 cache_,
                 {.changed =
                      [this](std::string const& layer, std::string const& source, Cover const& cover) {
                          store_.touch(layer, source, cover);  // first: a flight that begins after it sees the change
                          flights_.touch(layer, cover);
                          for (auto const& listener : listeners_) listener(layer, cover);
                          cache_.remove(layer, cover);
                          Json event{{"layer", layer}};
                          if (cover.whole) {
                              event["all"] = true;
                          } else {
                              event["tiles"] = Json::array();
                              for (auto const& tile : cover.summary(200)) event["tiles"].push_back(tile.path());
                          }
                          events_->publish("change", gis_core::to_text(event));
                      },
                  .everything_changed =
                      [this] {
                          store_.touch_everything();
                          flights_.touch_everything();
                          Cover everywhere;
                          everywhere.whole = true;
                          for (auto const& listener : listeners_) listener("*", everywhere);
                          cache_.clear();
                          events_->publish("change", R"({"layer":"*","all":true})");
                      },
                  .today = config_.today,
                  .followed = [this](std::string const& from, std::string const& to) { store_.follow(from, to); },
                  .oldest_needed = [this](std::string const& position) { return store_.oldest_needed(position); }}} {
    std::filesystem::create_directories(config_.cache / "store");
    auto const add = [this](std::vector<Layer const*> const& layers) {
        CacheFolder folder{catalogue_.stored_name(layers), ids_of(layers), {".mvt"}, 24, 0, margin_of(layers)};
        for (auto const* layer : layers) {
            folder.min_zoom = std::min(folder.min_zoom, layer->min_zoom);
            folder.max_zoom = std::max(folder.max_zoom, layer->max_zoom);
        }
        cache_.add_folder(std::move(folder));
    };
    for (auto const& layer : catalogue_.layers()) add({&layer});
    for (auto const& combination : catalogue_.combinations()) add(catalogue_.find_list(combination.id));
}

Service::~Service() { stop(); }

void Service::start() {
    store_.start();
    freshness_.start();
    if (config_.recompresses) recompressor_.start();
}

void Service::stop() {
    seeder_.stop();
    recompressor_.stop();
    freshness_.stop();
    flights_.stop();
    store_.stop();
}

std::optional<Date> Service::read_at(http::Request const& request) { return read_day(request, {"at"}); }

std::pair<Service::Layers, TileId> Service::read_tile(http::Request const& request) const {
    auto const layers = catalogue_.find_list(request.value(0));
    auto const tile = TileId::parse(request.value(1), request.value(2), request.value(3));
    if (!tile) {
        throw gis_core::invalid_field("tile", fmt::format("{}/{}/{}", request.value(1), request.value(2), request.value(3)),
                                      "zoom/column/row: zoom 0 to 24, column and row from 0 to 2^zoom - 1");
    }
    if (std::none_of(layers.begin(), layers.end(), [&](Layer const* layer) { return layer->covers(*tile); })) {
        std::vector<std::string> reach;
        for (auto const* layer : layers) {
            reach.push_back(fmt::format("{}: zoom {} to {} within lon {} to {}, lat {} to {}", layer->id, layer->min_zoom, layer->max_zoom, layer->bounds.west,
                                        layer->bounds.east, layer->bounds.south, layer->bounds.north));
        }
        auto const text = fmt::format("{}", fmt::join(reach, "; "));
        throw Error{ErrorKind::not_found, fmt::format("tile {} lies outside; {}", tile->path(), text), {{"tile", tile->path(), text}}};
    }
    return {layers, *tile};
}

std::pair<std::optional<Date>, std::shared_ptr<Filter const>> Service::read_choice(http::Request const& request, Layers const& layers) {
    auto const at = read_day(request, {"at", "filter", "filter-lang", "filter-crs"});
    return {at, Filter::read(request.query, layers)};
}

void Service::get_tile(http::Request const& request, std::shared_ptr<http::Responder> responder) {
    auto const [layers, tile] = read_tile(request);
    auto const [at, filter] = read_choice(request, layers);
    send_tile(layers, tile, at, filter, !request.raw_query.empty(), request, std::move(responder));
}

std::shared_ptr<TileContent const> Service::make_tile(Layers const& layers, TileId tile, std::optional<Date> at, Filter const* filter,
                                                      std::string const& folder, Flight const& flight) {
    auto const waited_s = std::chrono::duration<double>(flight.age()).count();
    auto const begun = std::chrono::steady_clock::now();
    auto const day = at.value_or(config_.today());
    if (at) vectors_.check_date(layers, day);
    trace::Recording const recording;
    auto content = std::make_shared<TileContent>();
    content->plain = vectors_.render(layers, tile, day, filter, [&flight] { flight.check_wanted(); });
    content->media_type = kMvt;
    flight.check_wanted();
    auto const rendered = std::chrono::steady_clock::now();
    compress(*content);
    auto const compress_s = trace::seconds_since(rendered);
    render_log_.add(fmt::format("{}/{}", fmt::join(ids_of(layers), ","), tile.path()), recording, waited_s, compress_s, trace::seconds_since(begun));
    if (config_.before_publish) config_.before_publish();
    if (!folder.empty()) store(*content, folder, tile, flight);
    return content;
}

void Service::store(TileContent& content, std::string const& folder, TileId tile, Flight const& flight) {
    TileAddress const address{folder, tile, ".mvt"};
    if (cache_.publish(address, content, [&flight] { return !flight.is_stale(); }) && !content.gzip.empty()) recompressor_.add(address);
}

/// A tileset's tile is those of its layers one after the other: each layer is made once, whatever it stands in.
std::vector<std::size_t> Service::seed_tiles(Seeder::Tilesets const& tilesets, TileId tile) {
    Layers all;
    for (auto const& layer : catalogue_.layers()) {
        auto const is_in = [&](Layers const* tileset) { return std::find(tileset->begin(), tileset->end(), &layer) != tileset->end(); };
        if (std::any_of(tilesets.begin(), tilesets.end(), is_in)) all.push_back(&layer);
    }
    std::vector<std::size_t> sizes;
    flights_.fly_unasked({ids_of(all), tile, 1, margin_of(all)}, [&](Flight& flight) -> std::shared_ptr<TileContent const> {
        auto const begun = std::chrono::steady_clock::now();
        trace::Recording const recording;
        auto const bytes = vectors_.render(all, tile, config_.today());
        std::map<std::string_view, std::string_view> by_layer;
        for (std::size_t i = 0, at = 0; i < recording.parts.size(); at += recording.parts[i++].bytes)
            by_layer[recording.parts[i].layer] = std::string_view{bytes}.substr(at, recording.parts[i].bytes);
        auto const total_s = trace::seconds_since(begun);
        render_log_.add(fmt::format("{}/{}", fmt::join(ids_of(all), ","), tile.path()), recording, 0, 0, total_s);
        if (config_.before_publish) config_.before_publish();
        sizes.clear();
        for (auto const* layers : tilesets) {
            TileContent content;
            for (auto const* layer : *layers) content.plain += by_layer[layer->id];
            content.media_type = kMvt;
            compress(content);
            store(content, catalogue_.stored_name(*layers), tile, flight);
            sizes.push_back(content.plain.size());
        }
        return nullptr;
    });
    return sizes;
}

void Service::send_tile(std::vector<Layer const*> const& layers, TileId tile, std::optional<Date> at, std::shared_ptr<Filter const> filter, bool past_disk,
                        http::Request const& request, std::shared_ptr<http::Responder> responder) {
    auto const folder = past_disk ? std::string{} : catalogue_.stored_name(layers);
    if (!folder.empty()) {
        if (auto stored = cache_.find({folder, tile, ".mvt"})) {
            ++disk_hits_;
            responder->send(answer_tile(request, std::make_shared<TileContent const>(std::move(*stored))));
            return;
        }
    }
    auto const ids = ids_of(layers);
    auto const key = fmt::format("{}/{}?{}&{}", fmt::join(ids, ","), tile.path(), at ? at->iso() : "", filter ? filter->normal : "");
    flights_.join(
        key, {ids, tile, 1, margin_of(layers)}, folder.empty() && (at || filter),
        [this, layers, tile, at, filter, folder](Flight& flight) { return make_tile(layers, tile, at, filter.get(), folder, flight); }, request,
        std::move(responder));
}

http::Response Service::get_tilejson(http::Request const& request) const {
    auto const layers = catalogue_.find_list(request.value(0));
    auto const at = read_at(request);
    auto const ids = ids_of(layers);
    Json out{{"tilejson", "3.0.0"}, {"scheme", "xyz"}, {"version", "1.0.0"}};
    std::vector<std::string> titles;
    int low = 24, high = 0;
    gis_core::LonLatBox box = layers[0]->bounds;
    out["vector_layers"] = Json::array();
    for (auto const* layer : layers) {
        titles.push_back(layer->title.vi);
        low = std::min(low, layer->min_zoom);
        high = std::max(high, layer->max_zoom);
        box = {std::min(box.west, layer->bounds.west), std::min(box.south, layer->bounds.south), std::max(box.east, layer->bounds.east),
               std::max(box.north, layer->bounds.north)};
        Json fields = Json::object();
        for (auto const& attribute : layer->attributes) {
            if (!attribute.is_in_tiles) continue;
            auto const* type = attribute.type == AttributeType::boolean                                              ? "Boolean"
                               : attribute.type == AttributeType::integer || attribute.type == AttributeType::number ? "Number"
                                                                                                                     : "String";
            fields[attribute.name] = fmt::format("{}: {}", type, attribute.title.vi);
        }
        if (layer->kind == LayerKind::points) {
            fields["point_count"] = "Number: rows a cluster stands for";
            fields["cells"] = "Number: cells along the tile of a cluster of the last zoom; elsewhere 16";
        }
        if (layer->counts_by_star) {
            for (auto const& [name, condition] : kCounted) fields[name] = fmt::format("Number: rows of a cluster with {}", condition);
            fields["star_mean"] = "Number: mean of the stars of a cluster's rows that have any";
        }
        if (!layer->merge_by.empty()) fields["feature_count"] = "Number: rows that were merged into one";
        out["vector_layers"].push_back({{"id", layer->id},
                                        {"description", layer->title.vi + " / " + layer->title.en},
                                        {"minzoom", layer->min_zoom},
                                        {"maxzoom", layer->max_zoom},
                                        {"fields", std::move(fields)}});
    }
    out["name"] = fmt::format("{}", fmt::join(titles, ", "));
    out["minzoom"] = low;
    out["maxzoom"] = high;
    out["bounds"] = {box.west, box.south, box.east, box.north};
    out["center"] = {106.45, 10.12, std::clamp(9, low, high)};
    out["tiles"] = {fmt::format("{}/tiles/{}/{{z}}/{{x}}/{{y}}.mvt{}", request.base_url(), fmt::join(ids, ","), at ? "?at=" + at->iso() : "")};
    auto response = http::Response::json(gis_core::to_text(out));
    response.headers.add("Cache-Control", "no-cache");
    response.headers.add("Access-Control-Allow-Origin", "*");
    return response;
}

http::Response Service::get_ready() const {
    auto const database = pool_.answers(), current = freshness_.is_current();
    Json out{{"ready", database && current}, {"database", database ? "answers" : "does not answer"}, {"changes", current ? "followed" : "not followed yet"}};
    auto response = http::Response::json(gis_core::to_text(out));
    response.status = database && current ? 200 : 503;
    if (response.status == 503) response.headers.add("Retry-After", "2");
    response.headers.add("Cache-Control", "no-store");
    return response;
}

std::string Service::metrics() const {
    return flights_.metrics() + render_log_.metrics() + recompressor_.metrics() + store_.metrics() + freshness_.metrics() +
           fmt::format(
               "# TYPE ocopmap_tile_disk_hits_total counter\nocopmap_tile_disk_hits_total {}\n"
               "# TYPE ocopmap_tile_cache_bytes gauge\nocopmap_tile_cache_bytes {}\n"
               "# TYPE ocopmap_event_listeners gauge\nocopmap_event_listeners {}\n",
               disk_hits_.load(), cache_.bytes(), events_->listeners());
}

void Service::add_routes(http::Router& router, std::function<std::string()> extra_metrics) {
    auto const health = [](http::Request const&) { return http::Response::text(200, "text/plain; charset=utf-8", "ok\n"); };
    auto const ready = [this](http::Request const&) { return get_ready(); };
    auto const figures = [this, extra_metrics](http::Request const&) {
        return http::Response::text(200, "text/plain; version=0.0.4; charset=utf-8", metrics() + (extra_metrics ? extra_metrics() : std::string{}));
    };
    router.get_now("/healthz", health);
    router.get("/readyz", ready);
    router.get_now("/metrics", figures);
    router.get_now("/tiles/healthz", health);
    router.get("/tiles/readyz", ready);
    router.get_now("/tiles/metrics", figures);
    router.get("/tiles/{layers}.json", [this](http::Request const& request) { return get_tilejson(request); });
    router.add_parking("GET", "/tiles/{layers}/{z}/{x}/{y}.mvt",
                       [this](http::Request const& request, std::shared_ptr<http::Responder> responder) { get_tile(request, std::move(responder)); });
    add_operator_routes(router, *this);
    router.add_events("/events", events_);
}

}  // namespace tile_server
