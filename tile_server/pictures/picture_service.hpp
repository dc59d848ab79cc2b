#pragma once

#include "http/router.hpp"
#include "tile_server/render/renderer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tile_server {

using PictureTile = std::pair<gis_core::TileId, std::shared_ptr<std::string const>>;

/// Where pictures go to be served without us. Called from the picture threads.
class PictureStore {
public:
    virtual ~PictureStore() = default;
    /// Goes up with every change of what pictures show. Taken before the record is read.
    virtual std::uint64_t epoch() const = 0;
    /// Stores the tiles of today that no change touched since `epoch`.
    virtual void publish(PictureStyle const& what, std::vector<PictureTile> const& tiles, std::uint64_t epoch) = 0;
};

struct PictureConfig {
    int threads = 2;                              // Mapnik has its own pool: http workers never draw
    std::size_t queue_capacity = 64;              // metatiles and views waiting; beyond: 503 with Retry-After
    std::size_t memory_bytes = 64 * 1024 * 1024;  // of dated pictures, which never go to the disk
};

/// Pictures on demand: one render a metatile however many ask (single-flight), the askers parked (T7).
class PictureService {
public:
    /// store may be null: then nothing is kept.
    PictureService(Renderer& renderer, std::shared_ptr<PictureStore> store, PictureConfig config = {});
    ~PictureService();
    PictureService(PictureService const&) = delete;
    PictureService& operator=(PictureService const&) = delete;

    /// Answers with the picture of a tile, now or when its metatile is drawn.
    void get(PictureStyle what, gis_core::TileId tile, http::Request const& request, std::shared_ptr<http::Responder> responder);
    /// Answers with a picture of a box; what is told apart by `what` alone.
    void get_view(PictureStyle what, gis_core::LonLatBox box, int width_px, int height_px, http::Request const& request,
                  std::shared_ptr<http::Responder> responder);
    /// All tiles of a metatile into the store, on this thread: for seeding.
    void seed(PictureStyle const& what, gis_core::TileId tile);
    /// Prometheus text.
    std::string metrics() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// GET /tiles/{style}/{z}/{x}/{y}[@2x].png|webp and /tiles/{style}/view.png?bbox=west,south,east,north&width=&height=
/// [&scale=2][&at=DATE].
void add_picture_routes(http::Router& router, std::shared_ptr<PictureService> service);

}  // namespace tile_server
