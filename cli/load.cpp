#include "cli/command.hpp"
#include "cli/files.hpp"
#include "gis_core/admin/load_folder.hpp"
#include "gis_core/error.hpp"
#include "programme/demo/sample.hpp"
#include "programme/demo/schematic.hpp"
#include "programme/record/import_kinds.hpp"
#include "programme/record/published_figures.hpp"

#include <fmt/format.h>
#include <CLI/App.hpp>
#include <pqxx/pqxx>

#include <cstdio>
#include <memory>

namespace cli {
namespace {

void say(std::string_view line) { std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data()); }

struct SeedOptions {
    std::uint64_t seed = 1;
    int scale = 1;
    std::string today, secret_key;
    bool none = false;
    programme::files::Config files;

    programme::demo::SampleConfig config() const {
        if (scale != 1 && scale != 10 && scale != 100 && scale != 1000) {
            throw gis_core::invalid_field("--scale", std::to_string(scale), "1, 10, 100 or 1000");
        }
        auto const day = today.empty() ? gis_core::business_date() : gis_core::Date::from_field("--today", today);
        if (day < gis_core::Date::from_field("today", "2025-07-01")) throw gis_core::invalid_field("--today", today, "2025-07-01 or later");
        return {.seed = seed, .scale = scale, .secret_key = secret_key, .today = day, .files = files};
    }
};

void add_seed_options(CLI::App& command, SeedOptions& options) {
    command.add_option("--seed", options.seed, "the same number gives the same rows");
    command.add_option("--scale", options.scale, "1: 1,000 products; or 10, 100, 1000 times as many");
    command.add_option("--today", options.today, "the day certificates are dated from (default: today)");
    command.add_option("--secret-key", options.secret_key, "64 hexadecimal digits, as the service has: what sample identity numbers are sealed under")
        ->envname("OCOPMAP_SECRET_KEY");
    add_files_options(command, options.files);
}

std::string loaded_boundaries(pqxx::transaction_base& tx) {
    auto const rows = tx.exec("SELECT title_en || CASE WHEN is_demo THEN ' (demo)' ELSE '' END FROM geo.data_set WHERE data_set = 'boundaries'");
    return rows.empty() ? std::string{} : rows[0][0].as<std::string>();
}

}  // namespace

void add_load(CLI::App& app, Context& context) {
    auto const seed_options = std::make_shared<SeedOptions>();
    auto* seed = app.add_subcommand("seed", "fill the loaded boundaries with sample producers, products, zones and sales points");
    add_seed_options(*seed, *seed_options);
    seed->callback([&context, seed_options] {
        auto const config = seed_options->config();
        pqxx::connection connection{context.database()};
        connection.set_variable("jit", "off");  // compiling costs more than these many small queries
        pqxx::work tx{connection};
        programme::demo::load_sample(tx, context.data(), config, say);
        tx.commit();
    });

    auto const load_options = std::make_shared<SeedOptions>();
    auto const demo = std::make_shared<bool>(false), country = std::make_shared<bool>(false);
    auto const folder = std::make_shared<std::filesystem::path>();
    auto* load = app.add_subcommand("load", "load boundaries and sample rows into an empty record");
    auto* data_option = load->add_option("--data", *folder, "folder of real boundaries (docs/how-to/boundaries.md)");
    load->add_flag("--demo", *demo, "schematic shapes of data/demo (what it does without --data, too)")->excludes(data_option);
    load->add_flag("--country", *country, "with the demo: as many communes as the whole country has, the others invented on an invented land")
        ->excludes(data_option);
    load->add_flag("--no-seed", load_options->none, "boundaries only, no sample rows");
    add_seed_options(*load, *load_options);
    load->callback([&context, load_options, demo, country, folder] {  // demo: kept for the parser, which writes there
        auto const config = load_options->config();
        pqxx::connection connection{context.database()};
        connection.set_variable("jit", "off");  // compiling costs more than these many small queries
        connection.set_variable("client_min_messages", "warning");
        pqxx::work tx{connection};
        if (auto const there = loaded_boundaries(tx); !there.empty()) {
            say(fmt::format("boundaries are there already: {}; nothing to do", there));
            return;
        }
        programme::demo::load_product_classes(tx, context.data());
        if (folder->empty()) {
            programme::demo::load_schematic_units(tx, context.data(), *country);
            say(*country ? "schematic boundaries of 48 communes, 148 old communes and 9 old districts, and 3,273 invented communes"
                         : "schematic boundaries of 48 communes, 148 old communes and 9 old districts");
        } else {
            gis_core::admin::load_folder(tx, *folder, context.data(), say);
            tx.exec("SET CONSTRAINTS ALL IMMEDIATE");
            programme::record::load_press_list(tx, *folder / "tables/ocop_products_press.csv", say);
        }
        auto const figures = folder->empty() ? context.data() / "demo" : *folder / "tables";
        if (!load_options->none || !folder->empty()) programme::record::load_published_figures(tx, figures, context.data() / "crops.csv", folder->empty(), say);
        tx.exec("SET CONSTRAINTS ALL IMMEDIATE");  // lineages are built before facilities come in
        tx.exec("ANALYZE geo.admin_unit, geo.lineage_unit");
        if (!load_options->none) programme::demo::load_sample(tx, context.data(), config, say);
        tx.commit();
    });
}

}  // namespace cli
