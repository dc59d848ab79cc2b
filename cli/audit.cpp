#include "cli/command.hpp"
#include "programme/audit/sealer.hpp"
#include "programme/audit/verify.hpp"

#include <CLI/App.hpp>

#include <cstdio>
#include <memory>

namespace cli {

void add_audit(CLI::App& app, Context& context) {
    auto* audit = app.add_subcommand("audit", "the record of who did what");
    audit->require_subcommand(1);
    audit->add_subcommand("seal", "chain the entries that are committed, once; ocopmap-api does it all the time")->callback([&context] {
        std::printf("%lld entries sealed\n", static_cast<long long>(programme::audit::seal_all(context.database())));
    });

    auto* verify = app.add_subcommand("verify", "hold the record against itself");
    verify->require_subcommand(1);
    auto const anchor = std::make_shared<std::filesystem::path>();
    auto const rows = std::make_shared<bool>(false);
    auto* chain = verify->add_subcommand("audit", "follow the chain of audit entries from its beginning; 1: it is broken");
    chain->add_option("--anchor", *anchor, "file of the chain's last hash: compared when it exists, written when the chain holds; keep it elsewhere");
    chain->add_flag("--rows", *rows, "compare the rows and their older versions with the hashes of their entries, too");
    chain->callback([&context, anchor, rows] {
        auto const noted = anchor->empty() ? programme::audit::Head{} : programme::audit::read_anchor(*anchor);
        auto const verdict = programme::audit::verify(context.database(), noted, *rows);
        if (verdict.broken.empty()) std::printf("the chain holds: %lld entries\n", static_cast<long long>(verdict.checked));
        else std::printf("the chain is broken at %s; %lld entries before it hold\n", verdict.broken.c_str(), static_cast<long long>(verdict.checked));
        if (verdict.unsealed > 0) {
            std::printf("%lld entries are not sealed yet, the oldest for %.1f s\n", static_cast<long long>(verdict.unsealed), verdict.oldest_unsealed_s);
        }
        for (auto const& row : verdict.rows) std::printf("%s\n", row.c_str());
        if (!verdict.broken.empty() || !verdict.rows.empty()) {
            context.exit_code = kFailed;
        } else if (!anchor->empty()) {
            programme::audit::write_anchor(*anchor, verdict.head);
            std::printf("anchor: %lld %s\n", static_cast<long long>(verdict.head.seq), programme::audit::to_hex(verdict.head.hash).c_str());
        }
    });
}

}  // namespace cli
