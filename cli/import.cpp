#include "gis_core/io/import.hpp"
#include "cli/command.hpp"
#include "gis_core/admin/import_kinds.hpp"
#include "gis_core/date.hpp"
#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "gis_core/io/feature_reader.hpp"
#include "gis_core/io/upload.hpp"
#include "programme/dictionary/dictionary.hpp"
#include "programme/imports/report.hpp"
#include "programme/imports/runner.hpp"
#include "programme/record/import_kinds.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/App.hpp>
#include <pqxx/pqxx>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>

namespace cli {
namespace {

using gis_core::io::ImportKind;
using gis_core::io::ImportReport;

void say(std::string_view line) { std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data()); }

/// nullptr when there is none.
ImportKind const* find_kind(std::string const& name) {
    for (auto const* kinds : {&gis_core::admin::import_kinds(), &programme::record::import_kinds()}) {
        for (auto const& kind : *kinds) {
            if (name == kind.name) return &kind;
        }
    }
    return nullptr;
}

void print(ImportReport const& report) {
    constexpr std::size_t kMost = 200;  // the rest is in --report
    std::size_t shown = 0;
    for (auto const& issue : report.issues) {
        if (++shown > kMost) break;
        auto line = issue.line ? fmt::format("line {}", *issue.line) : std::string{"file"};
        if (!issue.field.empty()) line += ", " + issue.field;
        if (!issue.value.empty()) line += " '" + issue.value + "'";
        std::printf("%s: %s: %s\n", issue.severity.c_str(), line.c_str(), issue.reason.c_str());
    }
    if (report.issues.size() > kMost) std::printf("… and %zu more lines (use --report FILE)\n", report.issues.size() - kMost);
    std::printf("%s %s: %lld rows, %lld taken, %lld repaired, %lld refused%s%s\n", report.kind.c_str(), report.file.c_str(),
                static_cast<long long>(report.rows), static_cast<long long>(report.taken), static_cast<long long>(report.repaired),
                static_cast<long long>(report.refused), report.file_refused ? "; the file was refused, nothing changed" : "",
                report.dry_run ? " (dry run: nothing changed)" : "");
}

struct Arguments {
    std::string kind, crs, report;
    std::vector<std::string> maps;
    gis_core::io::ImportOptions options;
    std::string valid_from, valid_to, source, document, coverage;
    double repair_m2 = 100, overlap_m2 = 100;
    bool is_record = false, partial = false;
    std::string workbook, secret_key, reason;
};

/// Rows of any entity, as POST /api/imports takes them, by the operator: its login is the actor, no policy stands in the way.
void import_rows(Context& context, Arguments const& a) {
    namespace imports = programme::imports;
    constexpr char kOperatorRole[] = "R08";  // whose fields the file may hold: all of them
    auto const dictionary = programme::dictionary::Dictionary::load(context.data());
    imports::Order order;
    order.role = kOperatorRole;
    order.request = "ocopmap import";
    if (dictionary.find(a.kind) == nullptr)
        throw gis_core::invalid_field("KIND", a.kind,
                                      "communes, districts, provinces, context, certificates, or an entity of /api/schemas (producers, plots, lots, …)");
    order.entity = a.kind;
    order.file_name = a.options.file.filename().string();
    order.reason = a.reason.empty() ? "nhập từ tệp " + order.file_name : a.reason;
    order.partial = a.partial;
    order.renamed = a.options.renamed;
    order.epsg = a.options.epsg;
    order.layer = a.options.layer;
    auto const bytes = gis_core::io::read_bytes(a.options.file);
    context.exit_code = kRefused;
    order.file_format = gis_core::io::file_extension(gis_core::io::recognise(bytes));
    programme::accounts::Vault const vault{a.secret_key};
    gis_core::db::Pool pool{{.conninfo = context.database(),
                             .application_name = "ocopmap import",
                             .size = 3,
                             .wait_deadline = std::chrono::milliseconds{2000},
                             .statement_timeout = std::chrono::minutes{10}}};
    auto const actor = imports::operator_actor(order.reason);
    auto const key = pool.write(actor, [&](pqxx::transaction_base& tx, gis_core::db::Session&) { return imports::add(tx, order, bytes); });
    imports::Runner{pool, dictionary, vault, [] { return false; }}.run(key);
    auto const job = pool.read("", actor, [&](pqxx::transaction_base& tx, gis_core::db::Session&) { return imports::find(tx, key); }).value();
    constexpr std::size_t kMost = 200;
    std::size_t shown = 0;
    imports::each_issue(pool, actor, dictionary.find(job.entity), key, [&](imports::ReportedIssue const& issue) {
        if (++shown > kMost) return;
        std::printf("%s: %s%s%s: %s\n", issue.line > 0 ? fmt::format("line {}", issue.line).c_str() : "file", issue.field.c_str(),
                    issue.value.empty() ? "" : " ", issue.value.c_str(), issue.allowed.c_str());
    });
    if (shown > kMost) std::printf("… and %zu more lines (use --workbook FILE)\n", shown - kMost);
    if (!a.workbook.empty()) imports::write_workbook(pool, actor, dictionary.find(job.entity), job, a.workbook);
    std::printf("%s %s: %s; %lld rows, %lld taken, %lld unchanged, %lld refused\n", job.entity.c_str(), job.file_name.c_str(), job.state.c_str(),
                static_cast<long long>(job.rows_read), static_cast<long long>(job.rows_taken), static_cast<long long>(job.rows_unchanged),
                static_cast<long long>(job.rows_refused));
    if (job.same + job.dispute + job.sliver > 0)
        std::printf("shared ground: %lld same, %lld in dispute, %lld slivers\n", static_cast<long long>(job.same), static_cast<long long>(job.dispute),
                    static_cast<long long>(job.sliver));
    if (!job.message.empty()) std::fprintf(stderr, "ocopmap: %s\n", job.message.c_str());
    context.exit_code = job.state != "done" ? kRefused : job.rows_refused > 0 ? kPartly : kDone;
}

}  // namespace

void add_import(CLI::App& app, Context& context) {
    auto const a = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("import", "take rows from a file: GeoJSON, GeoPackage, zipped Shapefile, KML/KMZ, FlatGeobuf, CSV, XLSX");
    command
        ->add_option("KIND", a->kind,
                     "communes, districts, provinces, context, zones, producers, products, certificates, sales-points, or any entity of /api/schemas")
        ->required();
    command->add_option("FILE", a->options.file, "the file")->required();
    command->add_option("--crs", a->crs, "system of the coordinates: EPSG:4326, or VN-2000 with its meridian, such as EPSG:9210 (105°45')");
    command->add_option("--layer", a->options.layer, "layer of a file that holds several");
    command->add_option("--map", a->maps, "FIELD_OF_THE_FILE=FIELD, once a field");
    command->add_flag("--dry-run", a->options.dry_run, "check and report, change nothing");
    command->add_option("--report", a->report, "write the report as JSON to this file, too");
    command->add_option("--valid-from", a->valid_from, "units: the day from which they are in force");
    command->add_option("--valid-to", a->valid_to, "units: the day on which they cease");
    command->add_option("--source", a->source, "where the data come from, as the legend says it");
    command->add_option("--document", a->document, "units: the act that made them");
    command->add_option("--coverage", a->coverage, "units: code of the unit the file fills");
    command->add_option("--repair-area", a->repair_m2, "m² by which making a polygon valid may change it");
    command->add_option("--overlap-area", a->overlap_m2, "m² by which two units may overlap");
    command->add_flag("--record", a->is_record,
                      "columns by the dictionary, all rows or none, as /api/imports takes them; of itself for entities that are no KIND");
    command->add_flag("--partial", a->partial, "with --record: take the good rows");
    command->add_option("--workbook", a->workbook, "with --record: write the rows with the wrong cells marked to this file (XLSX)");
    command->add_option("--reason", a->reason, "with --record: why, for the history of the rows");
    command->add_option("--secret-key", a->secret_key, "with --record: key of sealed numbers; better in the environment")->envname("OCOPMAP_SECRET_KEY");
    command->callback([&context, a] {
        auto const* const known = find_kind(a->kind);
        auto& options = a->options;
        options.epsg = a->crs.empty() ? 0 : gis_core::io::parse_epsg("--crs", a->crs);
        for (auto const& map : a->maps) {
            auto const equals = map.find('=');
            if (equals == 0 || equals == std::string::npos || equals + 1 == map.size()) throw gis_core::invalid_field("--map", map, "FIELD_OF_THE_FILE=FIELD");
            options.renamed[map.substr(0, equals)] = map.substr(equals + 1);
        }
        if (known == nullptr || a->is_record) return import_rows(context, *a);
        auto const& kind = *known;
        if (kind.needs_valid_from) {
            auto const from = gis_core::Date::from_field("--valid-from", a->valid_from);
            options.values["valid_from"] = from.iso();
            options.values["valid_to"] = a->valid_to.empty() ? "" : gis_core::Date::from_field("--valid-to", a->valid_to).iso();
            if (!a->valid_to.empty() && options.values["valid_to"] <= options.values["valid_from"])
                throw gis_core::invalid_field("--valid-to", a->valid_to, "after --valid-from");
        }
        options.values["document"] = a->document;
        if (!a->source.empty()) options.values["source"] = a->source;
        if (!a->coverage.empty()) options.values["coverage"] = a->coverage;
        options.values["repair_m2"] = fmt::format("{}", a->repair_m2);
        options.values["overlap_m2"] = fmt::format("{}", a->overlap_m2);
        auto const crops = gis_core::io::read_csv(context.data() / "crops.csv");
        for (auto const& row : crops.rows) options.values["crops"] += (options.values["crops"].empty() ? "" : ", ") + crops.at(row, "code");

        pqxx::connection connection{context.database()};
        connection.set_variable("jit", "off");  // compiling costs more than these many small queries
        context.exit_code = kRefused;           // what an error of the input means from here on
        auto const report = gis_core::io::import_file(connection, kind, options, say);
        context.exit_code = report.file_refused ? kRefused : report.refused > 0 ? kPartly : kDone;
        print(report);
        if (!a->report.empty()) {
            std::ofstream out{a->report, std::ios::binary};
            out << report.json() << '\n';
            out.close();
            if (!out) throw gis_core::Error{gis_core::ErrorKind::internal, "the import is done, but the report " + a->report + " cannot be written"};
        }
    });
}

}  // namespace cli
