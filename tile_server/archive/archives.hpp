#pragma once

#include "http/router.hpp"
#include "tile_server/archive/pmtiles.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace tile_server {

/// PMTiles archives served as tiles, by name. Files are read where a tile lies and not mapped: one that somebody cuts short gives an
/// error, a mapping of it would end the process.
class Archives {
public:
    /// \throws gis_core::Error(invalid_argument) for a name that is none, twice, or a file that cannot be served.
    void add(std::string const& name, std::filesystem::path const& file);
    /// NAME.pmtiles in the folder is served as NAME, also when it comes or is replaced later.
    void add_folder(std::filesystem::path folder) { folder_ = std::move(folder); }
    /// /archives/{name}.json and /archives/{name}/{z}/{x}/{y}.mvt, .png or .webp. Archives live as long as the router.
    void add_routes(http::Router& router);

private:
    struct Opened;
    std::shared_ptr<Opened const> open(std::string const& name);
    http::Response get_tile(http::Request const& request, TileType type, std::string_view extension);
    http::Response get_tilejson(http::Request const& request);

    std::filesystem::path folder_;
    std::mutex mutex_;
    std::map<std::string, std::filesystem::path> files_;
    std::map<std::string, std::shared_ptr<Opened const>> opened_;
};

}  // namespace tile_server
