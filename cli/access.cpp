#include "programme/access/access.hpp"

#include "cli/command.hpp"

#include <CLI/App.hpp>
#include <pqxx/pqxx>

#include <cstdio>

namespace cli {

void add_access(CLI::App& app, Context& context) {
    auto* access = app.add_subcommand("access", "who may read and write which records, data/access.csv");
    access->require_subcommand(1);
    access->add_subcommand("apply", "make row-level policies and grants of it")->callback([&context] {
        auto const dictionary = programme::dictionary::Dictionary::load(context.data());
        auto const list = programme::access::Access::load(context.data(), dictionary);
        pqxx::connection connection{context.database()};
        pqxx::work tx{connection};
        auto const written = programme::access::apply(list, dictionary, tx);
        tx.commit();
        std::printf("%zu entities, %s\n", dictionary.entities().size(), written ? "policies written" : "policies stand already");
    });
}

}  // namespace cli
