#pragma once

#include "programme/files/config.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace gis_core::db {
class Pool;
}
namespace gis_core::layers {
class Catalogue;
}
namespace programme::files {
class Files;
}

namespace api {

/// What the command line of ocopmap-api says.
struct Config {
    std::string database;  // libpq conninfo, never logged
    std::uint16_t port = 8081;
    std::filesystem::path data_dir;    // layers.toml, code lists
    std::filesystem::path web_dir;     // page templates and the built assets
    std::filesystem::path styles_dir;  // palette, legends, map styles
    std::string tiles_url = "/tiles";  // where visitors find the tiles
    int workers = 8;
    bool second_factor_duty = false;  // officials do nothing without a second factor
    std::string secret_key;           // 64 hexadecimal digits, never logged; empty: no second factor
    std::string public_url;           // address of the pages, for links in mail; empty: none
    programme::files::Config files;
};

class Gate;
struct Contact;
namespace dossiers {
struct Desk;
}

/// What a handler needs. Lives as long as the server; shared by all workers, so everything in it is thread-safe.
struct Context {
    gis_core::db::Pool& pool;
    gis_core::layers::Catalogue const& catalogue;  // data/layers.toml
    Config const& config;
    std::function<bool()> accepting;                           // false while the daemon drains
    std::function<std::string()> server_metrics;               // Prometheus text of the http layer
    std::shared_ptr<Gate> gate = nullptr;                      // who asks; gate_of() makes it
    std::shared_ptr<Contact> contact = nullptr;                // messages, feedback, content; add_contact_routes() makes it
    std::shared_ptr<dossiers::Desk> desk = nullptr;            // dossiers, sheets, rubrics; dossiers::desk_of() makes it
    std::shared_ptr<programme::files::Files> files = nullptr;  // files_of() makes it
};

}  // namespace api
