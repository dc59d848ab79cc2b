#include "cli/command.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <pqxx/except>

#include <cstdio>
#include <cstdlib>

namespace cli {
namespace {

namespace fs = std::filesystem;

std::string environment(char const* name) {
    auto const* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

/// The nearest folder above the program or the working directory that holds data/migrations.
fs::path find_home() {
    std::error_code ignored;
    for (auto const& start : {fs::read_symlink("/proc/self/exe", ignored).parent_path(), fs::current_path(ignored)}) {
        for (auto folder = start; !folder.empty(); folder = folder.parent_path()) {
            if (fs::exists(folder / "data/migrations", ignored)) return folder;
            if (folder == folder.parent_path()) break;
        }
    }
    return "/usr/share/ocopmap";
}

}  // namespace

std::string const& Context::database() const {
    if (conninfo.empty()) {
        throw gis_core::Error{gis_core::ErrorKind::invalid_argument,
                              "no database named: give --database or set OCOPMAP_DATABASE (libpq keywords, such as dbname=ocopmap)"};
    }
    return conninfo;
}

}  // namespace cli

int main(int argc, char** argv) {
    gis_core::log::start("ocopmap");
    cli::Context context;
    context.conninfo = cli::environment("OCOPMAP_DATABASE");
    context.home = cli::environment("OCOPMAP_HOME");
    if (context.home.empty()) context.home = cli::find_home();

    CLI::App app{"ocopmap: the record of the OCOP map", "ocopmap"};
    app.require_subcommand(1);
    app.add_option("--database", context.conninfo, "libpq keywords or URI; else OCOPMAP_DATABASE");
    app.add_option("--home", context.home, "folder that holds data/; else OCOPMAP_HOME, else found beside the program");
    app.fallthrough();
    cli::add_migrate(app, context);
    cli::add_load(app, context);
    cli::add_import(app, context);
    cli::add_layers(app, context);
    cli::add_dictionary(app, context);
    cli::add_access(app, context);
    cli::add_user(app, context);
    cli::add_audit(app, context);
    cli::add_person(app, context);
    cli::add_mail(app, context);
    cli::add_files(app, context);
    cli::add_retention(app, context);
    cli::add_backup(app, context);
    cli::add_rubric(app, context);
    cli::add_workflow(app, context);
    cli::add_document(app, context);
    cli::add_tiles(app, context);
    try {
        app.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
        return app.exit(error) == 0 ? cli::kDone : cli::kUsage;
    } catch (gis_core::Error const& error) {
        std::fprintf(stderr, "ocopmap: %s\n", error.what());
        switch (error.kind()) {
        case gis_core::ErrorKind::invalid_argument: return context.exit_code == cli::kDone ? cli::kUsage : context.exit_code;
        case gis_core::ErrorKind::conflict:
        case gis_core::ErrorKind::precondition_failed:
        case gis_core::ErrorKind::not_found: return cli::kRefused;
        default: return cli::kFailed;
        }
    } catch (pqxx::broken_connection const& error) {
        std::fprintf(stderr, "ocopmap: the database does not answer; is it running, and is --database right? %s\n", error.what());
        return cli::kFailed;
    } catch (std::exception const& error) {
        std::fprintf(stderr, "ocopmap: %s\n", error.what());
        return cli::kFailed;
    }
    return context.exit_code;
}
