#include "cli/command.hpp"
#include "cli/files.hpp"
#include "programme/files/keeper.hpp"
#include "programme/retention/retention.hpp"

#include <fmt/format.h>
#include <CLI/App.hpp>

#include <cstdio>
#include <memory>

namespace cli {

void say_line(std::string_view line) { std::printf("%.*s\n", static_cast<int>(line.size()), line.data()); }

void add_files_options(CLI::App& command, programme::files::Config& config) {
    command.add_option("--files", config.place, "where files are stored: a folder, or s3://bucket/prefix")->envname("OCOPMAP_FILES");
    command.add_option("--incoming", config.incoming, "folder of this machine where they wait on their way; needed with s3://")->envname("OCOPMAP_FILES_INCOMING");
    command.add_option("--clamd", config.scanner, "socket or HOST:PORT of a clamd")->envname("OCOPMAP_CLAMD");
}

void add_files(CLI::App& app, Context& context) {
    auto const config = std::make_shared<programme::files::Config>();
    auto* files = app.add_subcommand("files", "stored photos, certificates and evidence");
    files->require_subcommand(1);
    add_files_options(*files, *config);
    auto const with = [&context, config](auto work) {
        gis_core::db::Pool pool{{.conninfo = context.database(), .application_name = "ocopmap files", .statement_timeout = std::chrono::minutes{10}}};
        programme::files::Files const stored{pool, *config};
        return work(pool, stored);
    };
    files->add_subcommand("check", "read every stored file and compare it with its hash; 1: something is missing or broken")->callback([&context, with] {
        auto const found = with([](auto& pool, auto const& stored) { return programme::files::check_all(pool, stored, say_line); });
        std::printf("%lld contents: %lld missing, %lld broken; %lld more that no row needs\n", static_cast<long long>(found.checked),
                    static_cast<long long>(found.missing), static_cast<long long>(found.broken), static_cast<long long>(found.strays));
        if (!found.is_good()) context.exit_code = kFailed;
    });
    auto const dry = std::make_shared<bool>(false);
    auto* sweep = files->add_subcommand("sweep", "take away files that no record has named for the time of data/retention.csv; ocopmap-api does it once a day");
    sweep->add_flag("--dry-run", *dry, "only say which");
    sweep->callback([&context, with, dry] {
        auto const list = programme::retention::List::load(context.data());
        auto const swept = with([&](auto& pool, auto const& stored) {
            return programme::files::sweep(pool, stored, nullptr, programme::retention::before(pool, list.kind("stray-files")), *dry, say_line);
        });
        std::printf("%lld files, %lld bytes%s\n", static_cast<long long>(swept.files), static_cast<long long>(swept.bytes), *dry ? " would go" : " are gone");
    });
    files->add_subcommand("scan", "ask the virus scanner about files that wait for it; ocopmap-api does it once an hour")->callback([with] {
        auto const scanned = with([](auto& pool, auto const& stored) { return programme::files::scan_waiting(pool, stored, nullptr); });
        std::printf("%lld files scanned\n", static_cast<long long>(scanned));
    });
}

}  // namespace cli
