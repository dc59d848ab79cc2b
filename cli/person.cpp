#include "programme/records/person.hpp"
#include "cli/command.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/App.hpp>
#include <pqxx/pqxx>

#include <cstdio>
#include <memory>

namespace cli {

void add_person(CLI::App& app, Context& context) {
    auto* person = app.add_subcommand("person", "what a person may ask for: a copy of what is kept about them, and its erasure");
    person->require_subcommand(1);

    struct Options {
        std::string entity, reason, secret_key;
        long long key = 0;
    };
    auto const options = std::make_shared<Options>();
    auto* copy = person->add_subcommand("export", "every row of a producer as JSON, to standard output");
    copy->add_option("PRODUCER", options->key, "the producer's key")->required();
    copy->add_option("--secret-key", options->secret_key, "as the service has; shows the last digits of sealed numbers")->envname("OCOPMAP_SECRET_KEY");
    copy->callback([&context, options] {
        auto const dictionary = programme::dictionary::Dictionary::load(context.data());
        auto const access = programme::access::Access::load(context.data(), dictionary);
        programme::accounts::Vault const vault{options->secret_key};
        pqxx::connection connection{context.database()};
        pqxx::work tx{connection};
        if (tx.exec_params("SELECT FROM ocop.producer WHERE producer_key = $1", options->key).empty())
            throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("there is no producer {}", options->key)};
        tx.exec_params("SELECT audit.note('export', 'ocop.producer', 'ocopmap person export', $1)", std::to_string(options->key));
        programme::records::copy_of_producer(tx, dictionary, access, "R02", options->key, &vault,
                                             [](std::string_view part) { std::fwrite(part.data(), 1, part.size(), stdout); });
        std::printf("\n");
        tx.commit();
    });

    auto* erase = person->add_subcommand("erase", "empty the personal fields of a row and of its older versions; refused while the law wants them kept");
    erase->add_option("ENTITY", options->entity, "representatives, representatives-private, insured-workers, plots, …")->required();
    erase->add_option("KEY", options->key, "the row's key")->required();
    erase->add_option("--reason", options->reason, "why, and who decided it")->required();
    erase->callback([&context, options] {
        auto const dictionary = programme::dictionary::Dictionary::load(context.data());
        pqxx::connection connection{context.database()};
        pqxx::work tx{connection};
        auto const erased = programme::records::erase_person(tx, dictionary.entity(options->entity), options->key, options->reason);
        tx.commit();
        std::printf("erased: %s; %lld older versions lost them too\n", fmt::format("{}", fmt::join(erased.columns, ", ")).c_str(),
                    static_cast<long long>(erased.older_versions));
    });
}

}  // namespace cli
