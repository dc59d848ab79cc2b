#include "cli/command.hpp"
#include "cli/files.hpp"
#include "programme/files/files.hpp"
#include "programme/retention/retention.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

namespace cli {

void add_retention(CLI::App& app, Context& context) {
    auto const config = std::make_shared<programme::files::Config>();
    auto const dry = std::make_shared<bool>(false);
    auto* command = app.add_subcommand("retention", "take away what is older than data/retention.csv allows; ocopmap-api does it once a day");
    add_files_options(*command, *config);
    command->add_flag("--dry-run", *dry, "only say what would go");
    command->callback([&context, config, dry] {
        namespace retention = programme::retention;
        auto const list = retention::List::load(context.data());
        gis_core::db::Pool pool{{.conninfo = context.database(), .application_name = "ocopmap retention", .statement_timeout = std::chrono::hours{1}}};
        std::optional<programme::files::Files> files;
        if (!config->place.empty()) files.emplace(pool, *config);
        auto const done = retention::run_day(pool, files ? &*files : nullptr, nullptr, list, {}, *dry ? retention::How::dry : retention::How::again, [] { return false; });
        auto const line = [&](std::string const& kind, std::string const& period, char const* does) {
            auto const found = std::find_if(done.begin(), done.end(), [&](auto const& outcome) { return outcome.kind == kind; });
            if (found == done.end()) std::printf("%-32s %-5s not done\n", kind.c_str(), period.c_str());
            else std::printf("%-32s %-5s %8lld %s%s%s\n", kind.c_str(), period.c_str(), static_cast<long long>(found->rows), does,
                             found->oldest.empty() ? "" : ", the oldest of ", found->oldest.c_str());
            return found != done.end();
        };
        bool is_whole = line(retention::kMonths, "", *dry ? "tables would be made" : "tables made");
        for (auto const& kind : list.kinds()) {
            if (kind.does == retention::Does::kept) {
                std::printf("%-32s %-5s kept: nothing is taken away\n", kind.id.c_str(), kind.period.c_str());
                continue;
            }
            bool const blanks = kind.does == retention::Does::blanked;
            bool const is_done = line(kind.id, kind.period, *dry ? blanks ? "would be blanked" : "would go" : blanks ? "blanked" : "gone");
            bool const is_elsewhere = !files && kind.table.starts_with("files.");
            is_whole = is_whole && (is_done || is_elsewhere);
        }
        if (!is_whole) context.exit_code = kFailed;
    });
}

}  // namespace cli
