#include "api/contact/handlers.hpp"
#include "api/contact/wording.hpp"
#include "api/routes.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "gis_core/log.hpp"
#include "http/server.hpp"
#include "programme/audit/sealer.hpp"
#include "programme/contact/dispatcher.hpp"
#include "programme/files/keeper.hpp"
#include "programme/imports/worker.hpp"
#include "programme/retention/worker.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace {

/// Says what is wrong with the options, or nothing.
std::string complaint(api::Config const& config) {
    namespace fs = std::filesystem;
    if (config.database.empty()) return "no database: give --database CONNINFO or set OCOPMAP_DATABASE";
    for (auto const& [option, folder] : {std::pair{"--data", config.data_dir}, {"--web", config.web_dir}, {"--styles", config.styles_dir}}) {
        if (!fs::is_directory(folder)) return fmt::format("{} names {}, which is not a folder", option, folder.string());
    }
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    api::Config config;
    CLI::App app{"ocopmap-api: REST, OGC API and the pages of ocopmap"};
    app.add_option("--database", config.database, "libpq connection string")->envname("OCOPMAP_DATABASE");
    app.add_option("--port", config.port, "port on 127.0.0.1; 0 takes a free one")->capture_default_str();
    app.add_option("--data", config.data_dir, "folder of layers.toml and the code lists")->required();
    app.add_option("--web", config.web_dir, "folder of the page templates")->required();
    app.add_option("--styles", config.styles_dir, "folder of palette.toml and the map styles")->required();
    app.add_option("--workers", config.workers, "requests answered at a time, and database connections")->check(CLI::Range(1, 64))->capture_default_str();
    app.add_option("--tiles-url", config.tiles_url, "address of the tiles as visitors see it")->capture_default_str();
    app.add_option("--secret-key", config.secret_key, "64 hexadecimal digits under which second factors are kept; better in the environment")
        ->envname("OCOPMAP_SECRET_KEY");
    app.add_flag("--second-factor-duty", config.second_factor_duty, "officials (R04 to R17) can do nothing but set up a second factor until they have one")
        ->envname("OCOPMAP_SECOND_FACTOR_DUTY");
    app.add_option("--public-url", config.public_url, "address of the pages as people open them, for links in mail: https://ocop.example.vn")
        ->envname("OCOPMAP_PUBLIC_URL");
    app.add_option("--files", config.files.place, "where files are stored: a folder, or s3://bucket/prefix; empty: none are taken")->envname("OCOPMAP_FILES");
    app.add_option("--incoming", config.files.incoming, "folder of this machine where files wait on their way; needed with s3://")
        ->envname("OCOPMAP_FILES_INCOMING");
    app.add_option("--clamd", config.files.scanner, "socket or HOST:PORT of a clamd that looks at what comes in")->envname("OCOPMAP_CLAMD");
    app.add_option("--picture-bytes", config.files.picture_bytes, "how large a picture may be")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--document-bytes", config.files.document_bytes, "how large any other file may be")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--account-bytes", config.files.account_bytes, "what an account may hold")->check(CLI::PositiveNumber)->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (CLI::CallForHelp const& help) {
        return app.exit(help);
    } catch (CLI::ParseError const& error) {
        std::fprintf(stderr, "ocopmap-api: %s\n", error.what());
        return 2;
    }
    if (auto const said = complaint(config); !said.empty()) {
        std::fprintf(stderr, "ocopmap-api: %s\n", said.c_str());
        return 2;
    }

    gis_core::log::start("ocopmap-api");
    http::block_signals();
    try {
        gis_core::db::PoolConfig pool_config;
        pool_config.conninfo = config.database;
        pool_config.application_name = "ocopmap-api";
        pool_config.size = config.workers;
        gis_core::db::Pool pool{pool_config};

        auto const catalogue = gis_core::layers::Catalogue::load(config.data_dir / "layers.toml");

        http::Server* running = nullptr;
        api::Context context{.pool = pool,
                             .catalogue = catalogue,
                             .config = config,
                             .accepting = [&] { return running && running->accepting(); },
                             .server_metrics = [&] { return running ? running->metrics() : std::string{}; }};
        http::Router router;
        api::add_routes(router, context);
        http::ServerConfig server_config;
        server_config.port = config.port;
        server_config.workers = config.workers;
        server_config.max_body_bytes_of = {{"/api/imports", programme::imports::kMostFileBytes}};
        http::Server server{server_config, std::move(router)};
        running = &server;
        server.start();
        programme::audit::Sealer sealer{config.database};
        sealer.start();
        programme::contact::Dispatcher dispatcher{config.database, programme::contact::MailConfig::from_environment(),
                                                  api::make_compose(config.web_dir, context.contact->dictionary, config.public_url)};
        dispatcher.start();
        programme::files::Keeper keeper{pool, api::files_of(context)};
        keeper.start();
        programme::imports::Worker importer{config.database, config.data_dir, config.secret_key};
        importer.start();
        programme::retention::Worker retention{config.database, config.data_dir, api::files_of(context)};
        retention.start();
        gis_core::log::info("ready address=127.0.0.1 port={} workers={}", server.port(), config.workers);
        http::wait_for_signal();
        gis_core::log::info("draining");
        server.stop();
        dispatcher.stop();
        keeper.stop();
        importer.stop();
        retention.stop();
        sealer.stop();
        gis_core::log::info("stopped");
        return 0;
    } catch (std::exception const& error) {
        gis_core::log::error("cannot run: {}", error.what());
        return 1;
    }
}
