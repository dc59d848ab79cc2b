#include "programme/workflow/lists.hpp"

#include "cli/command.hpp"
#include "programme/workflow/rubrics.hpp"
#include "programme/workflow/scoring.hpp"

#include <CLI/App.hpp>
#include <pqxx/pqxx>

#include <cstdio>

namespace cli {
namespace {

/// The lists, and the rubrics that ship with the programme as drafts: publishing them is people's.
void apply(Context& context) {
    pqxx::connection connection{context.database()};
    pqxx::work tx{connection};
    auto const applied = programme::workflow::apply(tx, context.data());
    auto const classes = product_classes(context);
    for (auto const& folder : std::filesystem::directory_iterator{context.data() / "rubrics"})
        programme::workflow::bring_rubric(tx, programme::grading::load(folder.path()), classes);
    tx.commit();
    std::printf("%zu regimes, %zu transitions, %zu new holidays\n", applied.regimes, applied.transitions, applied.holidays);
}

void demo(Context& context) {
    pqxx::connection connection{context.database()};
    pqxx::work tx{connection};
    auto const begun = programme::workflow::begin_demo_scoring(tx);
    tx.commit();
    std::printf("%lld dossiers of the demo wait for their council\n", begun);
}

void verify(Context& context) {
    pqxx::connection connection{context.database()};
    pqxx::read_transaction tx{connection};
    programme::workflow::Rubrics rubrics;
    auto const verified = programme::workflow::verify_grading(tx, rubrics);
    for (auto const& difference : verified.differences)
        std::fprintf(stderr, "dossier %lld, round %d: %s\n", difference.dossier, difference.round, difference.what.c_str());
    std::printf("%lld results and %lld signatures, %zu differences\n", verified.results, verified.signatures, verified.differences.size());
    if (!verified.differences.empty()) context.exit_code = kFailed;
}

}  // namespace

void add_workflow(CLI::App& app, Context& context) {
    auto* workflow = app.add_subcommand("workflow", "the dossier's way as data: data/workflow.csv, regimes.csv, holidays.csv, rubrics");
    workflow->require_subcommand(1);
    workflow->add_subcommand("apply", "make the database go by them")->callback([&context] { apply(context); });
    workflow->add_subcommand("demo", "give the demo's council dossiers to score, after load --demo and user demo")->callback([&context] { demo(context); });
    app.get_subcommand("verify")->add_subcommand("grading", "every result again from its signed sheets; 1: something differs")->callback([&context] {
        verify(context);
    });
}

}  // namespace cli
