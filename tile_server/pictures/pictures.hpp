#pragma once

#include "tile_server/pictures/picture_service.hpp"
#include "tile_server/service.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace tile_server {

/// Pictures, styles, glyphs and sprites beside the vector tiles of a Service: they share its pool, its cache and its news.
class Pictures {
public:
    /// Make it before service.start(), destroy it after service.stop().
    /// styles_dir and fonts_dir: as Painter's constructor.
    Pictures(Service& service, std::filesystem::path const& styles_dir, std::filesystem::path const& fonts_dir, PictureConfig config = {});
    void add_routes(http::Router& router);
    std::string metrics() const { return pictures_->metrics(); }
    /// For seeding, and for pictures that others ask for.
    PictureService& service() { return *pictures_; }
    Renderer& renderer() { return renderer_; }

private:
    Service& service_;
    std::filesystem::path styles_dir_;
    Renderer renderer_;
    std::shared_ptr<PictureService> pictures_;
};

}  // namespace tile_server
