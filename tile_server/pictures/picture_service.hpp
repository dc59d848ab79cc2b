#pragma once

#include "http/router.hpp"
#include "tile_server/render/renderer.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tile_server {

using PictureTile = std::pair<gis_core::TileId, std::shared_ptr<std::string const>>;

/// Where pictures of today are served without us. Both may be empty: then nothing is stored.
struct PictureStore {
    /// Stores a picture unless is_fresh() says no, asked inside the tile's lock (T6). Called from the picture threads.
    std::function<void(PictureStyle const& what, gis_core::TileId tile, std::string const& bytes, std::function<bool()> const& is_fresh)> publish;
    /// What is stored: somebody may have put it there since nginx looked.
    std::function<std::shared_ptr<std::string const>(PictureStyle const& what, gis_core::TileId tile)> find;
};
/// True when a change touched a tile's ground, or ground within `margin` tiles of it.
using PictureTouched = std::function<bool(gis_core::TileId tile, double margin)>;

/// How far things outside a picture reach into it: a label that moves off a marker, and the label next to that.
inline constexpr double kPictureMargin_tiles = 1;

struct PictureConfig {
    int threads = 2;                                 // Mapnik has its own pool: http workers never draw
    std::size_t queue_capacity = 64;                 // metatiles and views waiting; beyond: 503 with Retry-After
    std::size_t memory_bytes = 64 * 1024 * 1024;     // of dated pictures, which never go to the disk
    std::chrono::milliseconds look_at_styles{1000};  // how often the folder is looked at
};

/// Pictures on demand: one render a metatile however many ask (single-flight), the askers parked (T7). A picture known to
/// be stale is never sent.
class PictureService {
public:
    PictureService(Renderer& renderer, PictureStore store, PictureConfig config = {});
    ~PictureService();
    PictureService(PictureService const&) = delete;
    PictureService& operator=(PictureService const&) = delete;

    /// Answers with the picture of a tile, now or when its metatile is drawn.
    void get(PictureStyle what, gis_core::TileId tile, http::Request const& request, std::shared_ptr<http::Responder> responder);
    /// Answers with a picture of a box, drawn for this asker.
    void get_view(PictureStyle what, ViewChoice choice, gis_core::LonLatBox box, int width_px, int height_px, http::Request const& request,
                  std::shared_ptr<http::Responder> responder);
    /// Makes what is asked for, calling the function between its stages.
    using Make = std::function<std::string(Renderer&, Renderer::Between const&)>;
    /// Answers with what is made on a thread for drawings, under the headers of `head`; 503 where too many wait. Ended when the asker leaves.
    void draw(http::Response head, Make make, http::Request const& request, std::shared_ptr<http::Responder> responder);
    /// Something changed: what is being drawn there is drawn again, what is kept of it is forgotten. Call before removing
    /// stored pictures: whoever asks is_fresh() afterwards hears no.
    void touch(PictureTouched const& touched);
    /// The same for all pictures of a style: it looks otherwise now.
    void touch_style(std::string const& style);

    /// All tiles of a metatile into the store, on this thread: for seeding.
    void seed(PictureStyle const& what, gis_core::TileId tile);
    /// Prometheus text.
    std::string metrics() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// GET /tiles/{style}/{z}/{x}/{y}[@2x].png|webp and /tiles/{style}/view.png?bbox=west,south,east,north&width=&height=
/// [&scale=2][&at=DATE][&measure=][&breaks=][&unit=CODE@DATE].
void add_picture_routes(http::Router& router, std::shared_ptr<PictureService> service);

}  // namespace tile_server
