#include "programme/dictionary/dictionary.hpp"

#include "cli/command.hpp"
#include "gis_core/error.hpp"
#include "programme/dictionary/database.hpp"
#include "programme/dictionary/template.hpp"

#include <CLI/App.hpp>
#include <pqxx/pqxx>

#include <cstdio>
#include <fstream>
#include <memory>

namespace cli {

using programme::dictionary::Dictionary;

void add_dictionary(CLI::App& app, Context& context) {
    auto* dictionary = app.add_subcommand("dictionary", "the fields of the record, data/dictionary.csv");
    dictionary->require_subcommand(1);
    auto const agrees = [&context](Dictionary const& fields, pqxx::transaction_base& tx) {
        auto const findings = programme::dictionary::check(fields, tx);
        for (auto const& finding : findings) std::fprintf(stderr, "%s\n", finding.c_str());
        if (!findings.empty()) context.exit_code = kRefused;
        return findings.empty();
    };
    dictionary->add_subcommand("check", "hold the dictionary against the database, both ways")->callback([&context, agrees] {
        auto const fields = Dictionary::load(context.data());
        pqxx::connection connection{context.database()};
        pqxx::read_transaction tx{connection};
        if (agrees(fields, tx)) std::printf("%zu fields of %zu entities agree with the database\n", fields.fields().size(), fields.entities().size());
    });
    dictionary->add_subcommand("apply", "write what columns mean as comments into the database")->callback([&context, agrees] {
        auto const fields = Dictionary::load(context.data());
        pqxx::connection connection{context.database()};
        pqxx::work tx{connection};
        if (!agrees(fields, tx)) return;
        auto const written = programme::dictionary::apply(fields, tx);
        tx.commit();
        std::printf("%zu fields, %d comments written\n", fields.fields().size(), written);
    });
    dictionary->add_subcommand("docs", "write docs/reference/dictionary.md")->callback([&context] {
        auto const file = context.home / "docs/reference/dictionary.md";
        std::ofstream out{file, std::ios::binary};
        out << programme::dictionary::reference_page(Dictionary::load(context.data()));
        out.close();
        if (!out) throw gis_core::Error{gis_core::ErrorKind::internal, file.string() + " cannot be written"};
        std::printf("%s\n", file.c_str());
    });

    auto const entity = std::make_shared<std::string>(), file = std::make_shared<std::string>();
    auto* sheet = app.add_subcommand("template", "an empty XLSX table for an entity, with drop-downs and explanations");
    sheet->add_option("ENTITY", *entity, "products, producers, zones, …: the ids of data/entities.toml")->required();
    sheet->add_option("FILE", *file, "the file to write, such as san-pham.xlsx")->required();
    sheet->callback([&context, entity, file] { programme::dictionary::write_template(Dictionary::load(context.data()), *entity, *file); });
}

}  // namespace cli
