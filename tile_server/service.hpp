#pragma once

#include "gis_core/db/pool.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "http/router.hpp"
#include "tile_server/flights.hpp"
#include "tile_server/freshness.hpp"
#include "tile_server/recompressor.hpp"
#include "tile_server/render_log.hpp"
#include "tile_server/seeder.hpp"
#include "tile_server/store/layer_store.hpp"
#include "tile_server/tile_cache.hpp"
#include "tile_server/vector_source.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tile_server {

struct ServiceConfig {
    std::string conninfo;
    std::filesystem::path data;  // the folder of layers.toml
    std::filesystem::path cache;
    std::uint64_t cache_bytes = std::uint64_t{2} << 30U;
    int render_threads = 2;
    std::size_t render_queue = 1200;  // more than deploy/nginx lets wait: it refuses at less cost
    std::size_t memory_bytes = std::size_t{32} << 20U;
    std::uint64_t store_bytes = std::uint64_t{512} << 20U;
    double slow_ms = 200;                                             // a render that takes longer is logged with the reason
    bool recompresses = true;                                         // stored tiles, in the background
    std::function<gis_core::Date()> today = gis_core::business_date;  // a test brings its own clock
    std::function<void()> before_publish;                             // a test forces a change in between (T6)
};

/// The tile daemon without its socket: catalogue, vector tiles, cache, freshness, and the routes over them.
class Service {
public:
    explicit Service(ServiceConfig config);
    ~Service();

    /// /tiles/{layers}/{z}/{x}/{y}.mvt, /tiles/{layers}.json, /events, those of operator_routes.hpp, /healthz, /readyz, /metrics and the last two under
    /// /tiles/. extra_metrics: text that stands below our own, such as the server's.
    void add_routes(http::Router& router, std::function<std::string()> extra_metrics);
    /// Follows the record from now on. Register cache folders of others before.
    void start();
    /// Ends what nobody waits for, so that the server drains at once. Call before the server stops.
    void end_jobs() { seeder_.stop(); }
    void stop();

    // What other makers of tiles (pictures) share.
    using Listener = std::function<void(std::string const& layer, Cover const& cover)>;
    /// Told of each change before stored tiles go: "*" and the whole when everything changed. Call before start().
    void listen(Listener listener) { listeners_.push_back(std::move(listener)); }
    /// Tells whoever listens to /events.
    void announce(std::string_view event, std::string_view data) { events_->publish(event, data); }
    gis_core::layers::Catalogue const& catalogue() const { return catalogue_; }
    gis_core::db::Pool& pool() { return pool_; }
    VectorSource& vectors() { return vectors_; }
    TileCache& cache() { return cache_; }
    Flights& flights() { return flights_; }
    Freshness const& freshness() const { return freshness_; }
    LayerStore& store() { return store_; }
    Seeder& seeder() { return seeder_; }
    gis_core::Date today() const { return config_.today(); }
    /// The day of ?at=, or nothing. \throws invalid_argument saying what a date looks like, or for another parameter.
    static std::optional<gis_core::Date> read_at(http::Request const& request);

    using Layers = std::vector<gis_core::layers::Layer const*>;
    /// {layers}/{z}/{x}/{y} of the path. \throws not_found or invalid_argument saying what there is.
    std::pair<Layers, gis_core::TileId> read_tile(http::Request const& request) const;
    /// ?at= and ?filter=.
    static std::pair<std::optional<gis_core::Date>, std::shared_ptr<Filter const>> read_choice(http::Request const& request, Layers const& layers);

    /// Answers with a tile of WebMercatorQuad, from the disk where it lies there and may be looked for.
    void send_tile(std::vector<gis_core::layers::Layer const*> const& layers, gis_core::TileId tile, std::optional<gis_core::Date> at,
                   std::shared_ptr<Filter const> filter, bool past_disk, http::Request const& request, std::shared_ptr<http::Responder> responder);

private:
    std::shared_ptr<TileContent const> make_tile(Layers const& layers, gis_core::TileId tile, std::optional<gis_core::Date> at, Filter const* filter,
                                                 std::string const& folder, Flight const& flight);
    std::vector<std::size_t> seed_tiles(Seeder::Tilesets const& tilesets, gis_core::TileId tile);
    void store(TileContent& content, std::string const& folder, gis_core::TileId tile, Flight const& flight);
    void get_tile(http::Request const& request, std::shared_ptr<http::Responder> responder);
    http::Response get_tilejson(http::Request const& request) const;
    http::Response get_ready() const;
    std::string metrics() const;

    ServiceConfig config_;
    gis_core::layers::Catalogue catalogue_;
    mutable gis_core::db::Pool pool_;
    LayerStore store_;
    VectorSource vectors_;
    TileCache cache_;
    Flights flights_;
    RenderLog render_log_;
    Recompressor recompressor_;
    Seeder seeder_;
    std::atomic<std::uint64_t> disk_hits_{0};
    std::shared_ptr<http::EventChannel> events_;
    std::vector<Listener> listeners_;
    Freshness freshness_;
};

/// True when an Accept-Encoding names the coding and does not forbid it.
bool accepts_coding(std::string_view header, std::string_view coding);

/// The answer that carries a tile: the encoding the client takes, the ETag nginx would give, 204 when empty, 304.
http::Response answer_tile(http::Request const& request, std::shared_ptr<TileContent const> const& content);

}  // namespace tile_server
