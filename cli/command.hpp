#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

/// Exit codes of every command (docs/reference/cli.md).
enum ExitCode : int {
    kDone = 0,
    kFailed = 1,   // database, disk, network: nothing was changed
    kUsage = 2,    // wrong options
    kRefused = 3,  // the input was refused as a whole; nothing was changed
    kPartly = 4,   // imported, but some rows were refused: see the report
};

/// What the options before the command said.
struct Context {
    std::string conninfo;        // --database, else OCOPMAP_DATABASE
    std::filesystem::path home;  // the folder that holds data/: --home, else OCOPMAP_HOME, else found
    int exit_code = kDone;       // what the command says in the end

    /// \throws Error(invalid_argument) when no database was named.
    std::string const& database() const;
    std::filesystem::path data() const { return home / "data"; }
};

// Each adds its command; the command runs inside CLI::App's parse.
void add_migrate(CLI::App& app, Context& context);
void add_load(CLI::App& app, Context& context);  // load and seed
void add_import(CLI::App& app, Context& context);
void add_layers(CLI::App& app, Context& context);      // layers check, layers apply
void add_dictionary(CLI::App& app, Context& context);  // dictionary check, apply, docs; template
void add_access(CLI::App& app, Context& context);      // access apply
void add_user(CLI::App& app, Context& context);        // user add, grant, revoke, lock, unlock, close, list, reset, key, demo
void add_audit(CLI::App& app, Context& context);       // audit seal, verify audit
void add_person(CLI::App& app, Context& context);      // person export, erase
void add_mail(CLI::App& app, Context& context);        // mail status
void add_files(CLI::App& app, Context& context);       // files check, sweep, scan
void add_retention(CLI::App& app, Context& context);   // retention
void add_backup(CLI::App& app, Context& context);      // backup, restore
void add_rubric(CLI::App& app, Context& context);      // rubric check, import, diff, publish; grade
void add_workflow(CLI::App& app, Context& context);    // workflow apply, verify grading; after add_audit, whose verify it extends

/// Codes of data/product_classes.csv.
std::vector<std::string> product_classes(Context const& context);
void add_document(CLI::App& app, Context& context);  // document
void add_tiles(CLI::App& app, Context& context);     // tiles seed, export, explain

}  // namespace cli
