#pragma once

#include "tile_server/pictures/folder_watch.hpp"
#include "tile_server/pictures/picture_service.hpp"
#include "tile_server/pictures/store_rows.hpp"
#include "tile_server/pictures/style_routes.hpp"
#include "tile_server/service.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

namespace tile_server {

/// Pictures, styles, glyphs and sprites beside the vector tiles of a Service: they share its pool, its cache and its news. Follows the
/// styles folder: what looks otherwise now is drawn anew, and told to /events; a folder that cannot be used changes nothing.
class Pictures {
public:
    /// Make it before service.start(), destroy it after service.stop().
    /// styles_dir and fonts_dir: as Painter's constructor.
    Pictures(Service& service, std::filesystem::path const& styles_dir, std::filesystem::path const& fonts_dir, PictureConfig config = {});
    void add_routes(http::Router& router);
    std::string metrics() const;
    /// For seeding, and for pictures that others ask for.
    PictureService& service() { return *pictures_; }
    Renderer& renderer() { return renderer_; }

private:
    void reload_styles();
    void forget_former_looks();

    Service& service_;
    std::shared_ptr<StoreRows> store_rows_;
    std::filesystem::path styles_dir_;
    Renderer renderer_;
    std::atomic<std::shared_ptr<StyleAssets const>> assets_;
    std::shared_ptr<PictureService> pictures_;
    std::atomic<std::uint64_t> reloaded_{0};
    std::atomic<bool> is_refused_{false};
    FolderWatch watch_;  // last: it uses the others
};

}  // namespace tile_server
