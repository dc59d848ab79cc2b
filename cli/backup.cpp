#include "programme/backup/backup.hpp"

#include "cli/command.hpp"
#include "cli/files.hpp"

#include <CLI/App.hpp>

#include <cstdio>
#include <memory>

namespace cli {
namespace {

void say(std::string_view line) { std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data()); }

void tell(char const* what, programme::backup::Summary const& summary) {
    std::printf("%s: %lld tables, %lld rows, %lld stored files, %.1f MB\n", what, static_cast<long long>(summary.tables), static_cast<long long>(summary.rows),
                static_cast<long long>(summary.files), static_cast<double>(summary.bytes) / 1e6);
}

}  // namespace

void add_backup(CLI::App& app, Context& context) {
    struct Options {
        std::filesystem::path folder;
        programme::files::Config files;
        bool force = false;
    };
    auto const options = std::make_shared<Options>();
    auto* backup = app.add_subcommand("backup", "write the whole record and its stored files into a folder, while they are in use");
    backup->add_option("DIR", options->folder, "a folder that is not there yet, or empty")->required();
    add_files_options(*backup, options->files);
    backup->callback([&context, options] { tell("saved", programme::backup::backup(context.database(), options->files, options->folder, say)); });

    auto const from = std::make_shared<Options>();
    auto* restore = app.add_subcommand("restore", "fill an empty database and the file store from such a folder; stop the services first");
    restore->add_option("DIR", from->folder, "what ocopmap backup wrote")->required();
    restore->add_flag("--force", from->force, "throw away what the database holds");
    add_files_options(*restore, from->files);
    restore->callback([&context, from] {
        tell("restored", programme::backup::restore(context.database(), from->files, from->folder, context.data() / "migrations", from->force, say));
    });
}

}  // namespace cli
