#include "cli/command.hpp"
#include "gis_core/date.hpp"
#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "programme/grading/grade.hpp"
#include "programme/grading/import.hpp"
#include "programme/workflow/impact.hpp"
#include "programme/workflow/rubrics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/App.hpp>
#include <pqxx/pqxx>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>

namespace cli {
namespace {

namespace fs = std::filesystem;
namespace grading = programme::grading;

/// What a list of criteria does not hold comes from the version we ship; of a version we do not know nothing is known.
grading::Rubric head_for(Context const& context, std::string const& version) {
    try {
        return grading::load(grading::find_folder(context.data() / "rubrics", version));
    } catch (gis_core::Error const& error) {
        if (error.kind() != gis_core::ErrorKind::not_found) throw;
    }
    grading::Rubric head;
    head.version = version;
    head.is_draft = true;
    return head;
}

grading::Imported import(Context const& context, std::string const& csv, std::string const& disqualifiers) {
    return grading::import_csv(csv, disqualifiers, head_for(context, grading::version_of(csv)), product_classes(context));
}

void print(std::vector<grading::Finding> const& findings) {
    for (auto const& finding : findings)
        std::fprintf(stderr, "%s: %s\n", finding.kind == grading::Finding::Kind::wrong ? "wrong" : "undecided", grading::to_text(finding).c_str());
}

std::string size_of(grading::Rubric const& rubric) {
    std::size_t criteria = 0, options = 0, minima = 0;
    for (auto const& set : rubric.sets) {
        for (auto const& criterion : set.criteria) {
            criteria += criterion.is_heading() ? 0 : 1;
            options += criterion.options.size();
            minima += static_cast<std::size_t>(
                std::count_if(criterion.options.begin(), criterion.options.end(), [](auto const& option) { return option.min_star != 0; }));
        }
    }
    return fmt::format("{}, {} text: {} sets, {} criteria, {} options, {} star minima", rubric.version, rubric.is_official ? "official" : "training",
                       rubric.sets.size(), criteria, options, minima);
}

void check(Context& context, std::string const& what) {
    if (!fs::is_regular_file(what)) {
        auto const rubric = grading::load(grading::find_folder(context.data() / "rubrics", what));
        auto const findings = grading::check(rubric, product_classes(context));
        print(findings);
        std::printf("%s; %zu findings\n", size_of(rubric).c_str(), findings.size());
        if (!findings.empty()) context.exit_code = kRefused;
        return;
    }
    auto const imported = import(context, what, {});
    print(imported.findings);
    std::printf("%s would be taken; %zu sets refused, %zu findings\n", size_of(imported.rubric).c_str(), imported.refused_sets.size(),
                imported.findings.size());
    if (!imported.findings.empty()) context.exit_code = kRefused;
}

void add_rubric_commands(CLI::App& app, Context& context) {
    auto* rubric = app.add_subcommand("rubric", "score cards as data: data/rubrics");
    rubric->require_subcommand(1);

    auto const what = std::make_shared<std::string>();
    auto* checked = rubric->add_subcommand("check", "what stands between a version and being published; 3: something does");
    checked->add_option("VERSION|FOLDER|CSV", *what, "QD26-2026, a folder, or a list of official criteria")->required();
    checked->callback([&context, what] { check(context, *what); });

    auto const csv = std::make_shared<std::string>(), to = std::make_shared<std::string>(), disqualifiers = std::make_shared<std::string>();
    auto* imported = rubric->add_subcommand("import", "take the official text from a list of criteria; 4: some sets were refused");
    imported->add_option("CSV", *csv, "a row an option")->required()->check(CLI::ExistingFile);
    imported->add_option("--to", *to, "the new folder")->required();
    imported->add_option("--disqualifiers", *disqualifiers, "what ends an evaluation, as CSV")->check(CLI::ExistingFile);
    imported->callback([&context, csv, to, disqualifiers] {
        auto const result = import(context, *csv, *disqualifiers);
        for (auto const& note : result.notes) std::fprintf(stderr, "note: %s\n", note.c_str());
        print(result.findings);
        if (result.rubric.sets.empty()) {
            context.exit_code = kRefused;
            std::printf("no set checks; nothing was written\n");
            return;
        }
        grading::write(result.rubric, *to);
        std::printf("%s; %zu sets refused, %zu findings, %zu notes\n", size_of(result.rubric).c_str(), result.refused_sets.size(), result.findings.size(),
                    result.notes.size());
        if (!result.refused_sets.empty()) context.exit_code = kPartly;
    });

    auto const published = std::make_shared<std::string>(), proposer = std::make_shared<std::string>(), publisher = std::make_shared<std::string>();
    auto* publish = rubric->add_subcommand("publish", "bring a checked version into the database and publish it; two people answer for it");
    publish->add_option("VERSION|FOLDER", *published)->required();
    publish->add_option("--proposed-by", *proposer, "login of an officer of the province (R08)")->required();
    publish->add_option("--published-by", *publisher, "login of another one")->required();
    publish->callback([&context, published, proposer, publisher] {
        auto const version = grading::load(grading::find_folder(context.data() / "rubrics", *published));
        pqxx::connection connection{context.database()};
        pqxx::work tx{connection};
        auto const key = programme::workflow::bring_rubric(tx, version, product_classes(context));
        programme::workflow::publish_for(tx, key, *proposer, *publisher);
        tx.commit();
        std::printf("%s is published\n", size_of(version).c_str());
    });

    auto const other = std::make_shared<std::string>(), since = std::make_shared<std::string>("2000-01-01");
    auto* impact = rubric->add_subcommand("impact", "how what councils scored would fare under another version; CSV, and a summary on the standard error");
    impact->add_option("VERSION|FOLDER", *other)->required();
    impact->add_option("--since", *since, "only results made since that day");
    impact->callback([&context, other, since] {
        auto const version = grading::load(grading::find_folder(context.data() / "rubrics", *other));
        gis_core::Date::from_field("--since", *since);
        pqxx::connection connection{context.database()};
        pqxx::read_transaction tx{connection};
        auto const result = programme::workflow::impact_of(tx, version, *since);
        std::printf("dossier,product,star_before,star_after,mean_before,mean_after,changed,why_not\n");
        auto const quoted = [](std::string const& text) {
            std::string out = "\"";
            for (char const c : gis_core::io::without_formula(text)) out += c == '"' ? "\"\"" : std::string(1, c);
            return out + '"';
        };
        for (auto const& fared : result.dossiers)
            std::printf("%lld,%s,%d,%s,%s,%s,%s,%s\n", fared.dossier, quoted(fared.product).c_str(), fared.star_before,
                        fared.star_after == 0 ? "" : std::to_string(fared.star_after).c_str(), fared.mean_before.c_str(), fared.mean_after.c_str(),
                        quoted(fmt::format("{}", fmt::join(fared.changed, " "))).c_str(), quoted(fared.why_not).c_str());
        for (auto const& [stars, n] : result.stars) std::fprintf(stderr, "%d -> %d stars: %d\n", stars.first, stars.second, n);
        std::fprintf(stderr, "%zu dossiers\n", result.dossiers.size());
    });

    auto const before = std::make_shared<std::string>(), after = std::make_shared<std::string>();
    auto* diff = rubric->add_subcommand("diff", "what differs between two versions, a line each");
    diff->add_option("BEFORE", *before, "a version or a folder")->required();
    diff->add_option("AFTER", *after, "a version or a folder")->required();
    diff->callback([&context, before, after] {
        auto const rubrics = context.data() / "rubrics";
        auto const lines = grading::differences(grading::load(grading::find_folder(rubrics, *before)), grading::load(grading::find_folder(rubrics, *after)));
        for (auto const& line : lines) std::printf("%s\n", line.c_str());
        std::printf("%zu differences\n", lines.size());
    });
}

struct GradeOptions {
    std::string rubric;
    int set = 0;
    bool is_lines = false, is_for_decision = false;
};

/// A line may name its own set, so that one run grades all of them.
gis_core::Json grade_one(grading::Rubric const& rubric, int set, std::string_view text, std::string_view what) {
    auto json = gis_core::parse_json(text, what);
    if (json.is_object() && json.contains("set")) {
        auto const& named = json["set"];
        if (!named.is_number_integer() || (set != 0 && named != set))
            throw gis_core::invalid_field("set", gis_core::to_text(named), set == 0 ? "a number" : fmt::format("{}, as --set says", set));
        set = named.get<int>();
        json.erase("set");
    }
    if (set == 0) throw gis_core::Error{gis_core::ErrorKind::invalid_argument, "no set: give --set, or \"set\" beside the members"};
    return grading::to_json(grading::grade(rubric, set, grading::to_evaluation(json)));
}

void grade(Context& context, GradeOptions const& options) {
    auto const rubric = grading::load(grading::find_folder(context.data() / "rubrics", options.rubric));
    if (options.is_for_decision) grading::require_for_decision(rubric);
    if (!options.is_lines) {
        std::string const text{std::istreambuf_iterator<char>{std::cin}, {}};
        std::printf("%s\n", grade_one(rubric, options.set, text, "the standard input").dump(2).c_str());
        return;
    }
    std::string line;
    for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
        gis_core::Json out;
        try {
            out = grade_one(rubric, options.set, line, fmt::format("line {}", number));
        } catch (gis_core::Error const& error) {
            out = {{"error", error.what()}};
            context.exit_code = kPartly;
        }
        std::printf("%s\n", gis_core::to_text(out).c_str());
        std::fflush(stdout);  // whoever waits for this line before sending the next gets it
    }
}

}  // namespace

std::vector<std::string> product_classes(Context const& context) {
    auto const table = gis_core::io::read_csv(context.data() / "product_classes.csv");
    std::vector<std::string> out;
    for (auto const& row : table.rows) out.push_back(table.at(row, "class_code"));
    return out;
}

void add_rubric(CLI::App& app, Context& context) {
    add_rubric_commands(app, context);
    auto const options = std::make_shared<GradeOptions>();
    auto* graded = app.add_subcommand("grade", "signed sheets as JSON in, stars and reasons out (docs/reference/grading.md)");
    graded->add_option("--rubric", options->rubric, "a version or a folder")->required();
    graded->add_option("--set", options->set, "number of the set; else each evaluation names its own")->check(CLI::Range(1, 999));
    graded->add_flag("--lines", options->is_lines, "one evaluation a line, one result a line; 4: some were refused");
    graded->add_flag("--for-decision", options->is_for_decision, "refuse all but the official text");
    graded->callback([&context, options] { grade(context, *options); });
}

}  // namespace cli
