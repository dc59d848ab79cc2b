#include "gis_core/db/migrate.hpp"
#include "cli/command.hpp"

#include <fmt/format.h>
#include <CLI/App.hpp>

#include <cstdio>

namespace cli {

void add_migrate(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("migrate", "bring the database to the newest schema");
    command->callback([&context] {
        auto const say = [](std::string_view line) { std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data()); };
        auto const summary = gis_core::db::migrate(context.database(), context.data() / "migrations", say);
        say(fmt::format("{} migrations applied, {} were there already", summary.applied, summary.already));
    });
}

}  // namespace cli
