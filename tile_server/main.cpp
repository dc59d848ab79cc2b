#include "gis_core/error.hpp"
#include "gis_core/log.hpp"
#include "http/server.hpp"
#include "tile_server/archive/archives.hpp"
#include "tile_server/ogc/routes.hpp"
#include "tile_server/pictures/pictures.hpp"
#include "tile_server/service.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    http::block_signals();  // before any thread starts
    gis_core::log::start("ocopmap-tiles");
    tile_server::ServiceConfig config;
    http::ServerConfig server_config;
    server_config.queue_capacity = 4096;  // a crowd at one cold tile is one render: it has to get as far as being parked
    std::filesystem::path styles, fonts = "/usr/share/fonts/truetype/noto";
    std::filesystem::path archives_folder;
    std::vector<std::string> named_archives;
    std::uint64_t cache_mb = 2048, store_mb = 1024;
    if (auto const* conninfo = std::getenv("OCOPMAP_DATABASE")) config.conninfo = conninfo;

    CLI::App app{"ocopmap-tiles: vector and raster tiles of the OCOP map", "ocopmap-tiles"};
    app.add_option("--database", config.conninfo, "libpq keywords or URI; else OCOPMAP_DATABASE");
    app.add_option("--port", server_config.port, "port on 127.0.0.1; 0 takes a free one")->required();
    app.add_option("--cache", config.cache, "folder of the tile cache")->required();
    app.add_option("--cache-mb", cache_mb, "byte budget of the cache in MB")->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 24U));
    app.add_option("--store-mb", store_mb, "budget of the layers in memory in MB; 0 holds none")->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 20U));
    app.add_option("--data", config.data, "folder of layers.toml")->required()->check(CLI::ExistingDirectory);
    app.add_option("--styles", styles, "folder of styles, fonts and sprites")->required()->check(CLI::ExistingDirectory);
    app.add_option("--fonts", fonts, "folder of NotoSans-Regular.ttf and NotoSans-Bold.ttf")->check(CLI::ExistingDirectory);
    app.add_option("--workers", config.render_threads, "threads that make tiles")->check(CLI::Range(1, 64));
    app.add_option("--slow-ms", config.slow_ms, "a render that takes longer is logged with the reason")->check(CLI::Range(0.0, 3.6e6));
    app.add_flag("!--no-recompression", config.recompresses, "leave stored tiles as they were compressed for the first who asked");
    app.add_option("--archives", archives_folder, "folder whose NAME.pmtiles are served under /archives/NAME");
    app.add_option("--archive", named_archives, "NAME=FILE, a PMTiles archive to serve; may be given several times");
    try {
        app.parse(argc, argv);
    } catch (CLI::CallForHelp const& help) {
        return app.exit(help);
    } catch (CLI::ParseError const& error) {
        std::fprintf(stderr, "ocopmap-tiles: %s\n", error.what());
        return 2;
    }
    if (config.conninfo.empty()) {
        std::fprintf(stderr, "ocopmap-tiles: no database named: give --database or set OCOPMAP_DATABASE\n");
        return 2;
    }
    config.cache_bytes = cache_mb << 20U;
    config.store_bytes = store_mb << 20U;
    try {
        tile_server::Service service{config};
        tile_server::Pictures pictures{service, styles, fonts, {.threads = config.render_threads}};
        tile_server::Archives archives;
        archives.add_folder(archives_folder);
        for (auto const& named : named_archives) {
            auto const sign = named.find('=');
            if (sign == std::string::npos) throw gis_core::invalid_field("--archive", named, "NAME=FILE");
            archives.add(named.substr(0, sign), named.substr(sign + 1));
        }
        http::Server* running = nullptr;
        http::Router router;
        service.add_routes(router, [&] { return pictures.metrics() + (running == nullptr ? std::string{} : running->metrics()); });
        pictures.add_routes(router);
        tile_server::ogc::add_routes(router, service, pictures);
        archives.add_routes(router);
        http::Server server{server_config, std::move(router)};
        running = &server;
        service.start();
        server.start();
        gis_core::log::info("ready on 127.0.0.1:{} layers={} cache={} MB", server.port(), service.catalogue().layers().size(), cache_mb);
        http::wait_for_signal();
        gis_core::log::info("draining");
        service.end_jobs();
        server.stop();
        service.stop();
    } catch (gis_core::Error const& error) {
        std::fprintf(stderr, "ocopmap-tiles: %s\n", error.what());
        return error.kind() == gis_core::ErrorKind::invalid_argument ? 2 : 1;
    } catch (std::exception const& error) {
        std::fprintf(stderr, "ocopmap-tiles: %s\n", error.what());
        return 1;
    }
    return 0;
}
