#include "cli/command.hpp"

#include "gis_core/layers/install.hpp"

#include <CLI/App.hpp>

#include <cstdio>

namespace cli {

void add_layers(CLI::App& app, Context& context) {
    auto* layers = app.add_subcommand("layers", "the catalogue of published layers, data/layers.toml");
    layers->require_subcommand(1);
    layers->add_subcommand("check", "hold the catalogue against the database")->callback([&context] {
        auto const catalogue = gis_core::layers::Catalogue::load(context.data() / "layers.toml");
        auto const findings = gis_core::layers::check(catalogue, context.database());
        for (auto const& finding : findings) std::fprintf(stderr, "%s\n", finding.c_str());
        if (findings.empty()) std::printf("%zu layers agree with the database\n", catalogue.layers().size());
        else context.exit_code = kRefused;
    });
    layers->add_subcommand("apply", "install its triggers and generalised outlines")->callback([&context] {
        auto const catalogue = gis_core::layers::Catalogue::load(context.data() / "layers.toml");
        auto const installed = gis_core::layers::apply(catalogue, context.database());
        std::printf("%zu layers, %d tables followed, %d frames of outlines built%s\n", catalogue.layers().size(), installed.triggers, installed.frames,
                    installed.changed ? ", caches will empty" : "");
    });
}

}  // namespace cli
