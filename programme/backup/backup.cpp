#include "programme/backup/backup.hpp"

#include "gis_core/date.hpp"
#include "gis_core/db/migrate.hpp"
#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "gis_core/json.hpp"
#include "programme/audit/sealer.hpp"
#include "programme/backup/sql/statements.hpp"
#include "programme/files/files.hpp"
#include "programme/files/sql/statements.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <pqxx/pqxx>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <vector>

namespace programme::backup {
namespace {

namespace fs = std::filesystem;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;

constexpr int kForm = 1;
constexpr char const* kManifest = "manifest.json";
constexpr char const* kDump = "record.dump";
constexpr char const* kLockFiles = "SELECT pg_advisory_xact_lock_shared(hashtext('ocopmap files'))";  // no sweep meanwhile

/// Runs a program of PostgreSQL's, found in PATH or where Debian puts the newest one; its messages go to ours.
void run(std::vector<std::string> arguments) {
    fs::path const debian = "/usr/lib/postgresql/15/bin/" + arguments.front();
    if (fs::exists(debian)) arguments.front() = debian.string();
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_t child = 0;
    if (auto const failed = ::posix_spawnp(&child, argv.front(), nullptr, nullptr, argv.data(), environ); failed != 0)
        throw Error{ErrorKind::internal, fmt::format("{} cannot be started: {}", argv.front(), std::strerror(failed))};
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw Error{ErrorKind::internal, fmt::format("{} failed; its message is above", argv.front())};
}

/// Text of rows must not depend on who asks.
void settle(pqxx::transaction_base& tx) {
    tx.exec("SET LOCAL search_path = pg_catalog; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres';"
            "SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL statement_timeout = 0; SET LOCAL jit = off");
}

/// Count and hash of each table: the sum over its rows, so that their order does not matter.
Json table_sums(pqxx::transaction_base& tx) {
    auto out = Json::object();
    for (auto const& table : tx.exec(sql::tables.text)) {
        auto const name = table[0].as<std::string>();
        auto const sum = tx.exec1(fmt::format("SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 16))::bit(64)::bigint::numeric), 0) FROM {} t", name));
        out[name] = {{"rows", sum[0].as<std::int64_t>()}, {"sum", sum[1].as<std::string>()}};
    }
    return out;
}

Json migrations_of(pqxx::transaction_base& tx) {
    auto out = Json::array();
    for (auto const& row : tx.exec("SELECT name, sha256 FROM public.ocopmap_migration ORDER BY number"))
        out.push_back({{"name", row[0].as<std::string>()}, {"sha256", row[1].as<std::string>()}});
    return out;
}

std::string place_of(std::string const& sha256) { return fmt::format("files/{}/{}", sha256.substr(0, 2), sha256); }

void write_text(fs::path const& file, std::string_view text) {
    std::ofstream out{file, std::ios::binary};
    out << text;
    out.close();
    if (!out) throw Error{ErrorKind::internal, fmt::format("{} cannot be written", file.string())};
    files::sync_file(file);
}

/// Out of the store, held against its hash on the way.
void copy_out(files::Store const& store, std::string const& sha256, fs::path const& to) {
    auto const reader = store.open(sha256);
    if (!reader) throw Error{ErrorKind::upstream, fmt::format("the file store has lost {}; ocopmap files check tells more", sha256)};
    fs::create_directories(to.parent_path());
    std::ofstream out{to, std::ios::binary};
    for (std::int64_t at = 0; at < reader->size();) {
        auto const piece = reader->read(at, 1 << 18);
        if (piece.empty()) break;
        out << piece;
        at += static_cast<std::int64_t>(piece.size());
    }
    out.close();
    if (!out) throw Error{ErrorKind::internal, fmt::format("{} cannot be written", to.string())};
    if (files::sha256_of(to) != sha256) throw Error{ErrorKind::upstream, fmt::format("{} in the file store is not what it was", sha256)};
    files::sync_file(to);
}

std::vector<std::pair<std::string, std::int64_t>> contents_of(pqxx::transaction_base& tx) {
    std::vector<std::pair<std::string, std::int64_t>> out;
    while (true) {
        auto const rows = tx.exec_params(files::sql::stored_contents.text, out.empty() ? std::string{} : out.back().first);
        if (rows.empty()) return out;
        for (auto const& row : rows) out.emplace_back(row[0].as<std::string>(), row[1].as<std::int64_t>());
    }
}

void count(Summary& summary, Json const& tables) {
    for (auto const& table : tables) {
        ++summary.tables;
        summary.rows += table.at("rows").get<std::int64_t>();
    }
}

Error not_whole(std::string const& why) { return Error{ErrorKind::invalid_argument, "the backup is not whole: " + why}; }

Json read_manifest(fs::path const& folder) {
    if (!fs::exists(folder / kManifest)) throw gis_core::invalid_field("DIR", folder.string(), "a folder that ocopmap backup wrote");
    auto manifest = gis_core::parse_json(gis_core::io::read_bytes(folder / kManifest), kManifest);
    if (manifest.value("form", 0) != kForm) throw not_whole(fmt::format("its form is {}, this program reads {}", manifest.value("form", 0), kForm));
    return manifest;
}

/// Every byte of it, before anything is thrown away for it.
void check_backup(Json const& manifest, fs::path const& folder) {
    if (!fs::exists(folder / kDump) || files::sha256_of(folder / kDump) != manifest.at("dump_sha256")) throw not_whole(fmt::format("{} is not what it was", kDump));
    for (auto const& file : manifest.at("files")) {
        auto const sha256 = file.get<std::string>();
        if (!files::is_sha256(sha256)) throw not_whole("a file is not named by its hash");
        if (!fs::exists(folder / place_of(sha256)) || files::sha256_of(folder / place_of(sha256)) != sha256) throw not_whole(fmt::format("the stored file {} is not what it was", sha256));
    }
}

void check_version(Json const& manifest, fs::path const& migrations) {
    for (auto const& applied : manifest.at("migrations")) {
        auto const name = applied.at("name").get<std::string>();
        if (name.find('/') != std::string::npos || !fs::exists(migrations / name) ||
            gis_core::db::sha256_hex(gis_core::io::read_bytes(migrations / name)) != applied.at("sha256"))
            throw Error{ErrorKind::conflict, fmt::format("the backup was made with {}, which this program has not; take the program it was made with, or a newer one", name)};
    }
}

}  // namespace

Summary backup(std::string const& conninfo, files::Config const& config, fs::path const& folder, Say const& said) {
    if (fs::exists(folder) && !fs::is_empty(folder)) throw Error{ErrorKind::conflict, fmt::format("{} holds something already; name a new folder", folder.string())};
    auto part = fs::absolute(folder).lexically_normal();
    if (!part.has_filename()) part = part.parent_path();
    auto const target = part;
    part += ".part";
    fs::remove_all(part);  // of a run that was cut off
    fs::create_directories(part);
    fs::permissions(part, fs::perms::owner_all);  // personal data

    pqxx::connection connection{conninfo};
    connection.set_variable("application_name", "'ocopmap backup'");
    pqxx::transaction<pqxx::repeatable_read, pqxx::read_only> tx{connection};
    settle(tx);
    tx.exec(kLockFiles);
    auto const snapshot = tx.exec1("SELECT pg_export_snapshot()")[0].as<std::string>();
    said("the database");
    run({"pg_dump", "--format=custom", "--snapshot=" + snapshot, "--file=" + (part / kDump).string(), "--dbname=" + conninfo});
    files::sync_file(part / kDump);

    Json manifest{{"form", kForm}, {"made_at", tx.exec1("SELECT to_char(now(), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")[0].as<std::string>()}};
    manifest["postgresql"] = tx.exec1("SHOW server_version")[0].as<std::string>();
    manifest["migrations"] = migrations_of(tx);
    manifest["dump_sha256"] = files::sha256_of(part / kDump);
    auto cluster = Json::array();
    for (auto const& row : tx.exec(sql::cluster.text)) cluster.push_back(row[1].as<std::string>());
    manifest["cluster"] = std::move(cluster);
    said("counts and hashes");
    manifest["tables"] = table_sums(tx);
    Summary summary;
    count(summary, manifest["tables"]);
    auto const contents = contents_of(tx);
    manifest["files"] = Json::array();
    if (!contents.empty()) {
        if (config.place.empty()) throw gis_core::invalid_field("--files", "", "where the files lie that the record names");
        said(fmt::format("{} stored files", contents.size()));
        auto const store = files::open_store(config.place);
        for (auto const& [sha256, bytes] : contents) {
            copy_out(*store, sha256, part / place_of(sha256));
            manifest["files"].push_back(sha256);
            ++summary.files;
            summary.bytes += bytes;
        }
    }
    write_text(part / kManifest, gis_core::to_text(manifest) + '\n');
    if (fs::exists(target)) fs::remove(target);  // it is empty
    fs::rename(part, target);
    return summary;
}

Summary restore(std::string const& conninfo, files::Config const& config, fs::path const& folder, fs::path const& migrations, bool force, Say const& said) {
    auto const manifest = read_manifest(folder);
    check_version(manifest, migrations);
    Summary summary;
    count(summary, manifest.at("tables"));
    {
        pqxx::connection connection{conninfo};
        connection.set_variable("client_min_messages", "warning");
        pqxx::work tx{connection};
        tx.exec("SET LOCAL lock_timeout = '10s'");
        bool const is_empty = tx.exec1(sql::is_empty.text)[0].as<bool>();
        if (!is_empty && !force)
            throw Error{ErrorKind::conflict, "the database holds something already; make a new one, or say --force to throw away what it holds"};
        if (!manifest.at("files").empty() && config.place.empty()) throw gis_core::invalid_field("--files", "", "where the stored files of the backup go");
        said("is the backup whole?");
        check_backup(manifest, folder);
        if (!is_empty) {
            for (auto const& row : tx.exec(sql::schemas.text)) tx.exec(row[0].as<std::string>());
            tx.exec("CREATE SCHEMA public AUTHORIZATION pg_database_owner; GRANT USAGE ON SCHEMA public TO PUBLIC");  // as initdb makes it
        }
        for (auto const& statement : manifest.at("cluster")) {
            auto const text = statement.get<std::string>();
            if (!text.starts_with("ALTER FUNCTION")) tx.exec(text);  // those of extensions are not there yet
        }
        tx.commit();
    }
    said("stored files");
    if (!manifest.at("files").empty()) {
        auto const store = files::open_store(config.place);
        auto const incoming = files::incoming_folder(config);
        for (auto const& file : manifest.at("files")) {
            auto const sha256 = file.get<std::string>();
            ++summary.files;
            summary.bytes += static_cast<std::int64_t>(fs::file_size(folder / place_of(sha256)));
            files::Incoming const copy{incoming / ("one-restore-" + sha256)};
            fs::copy_file(folder / place_of(sha256), copy.path(), fs::copy_options::overwrite_existing);
            store->put(sha256, copy.path());
        }
    }
    said("the database");
    run({"pg_restore", "--single-transaction", "--exit-on-error", "--dbname=" + conninfo, (folder / kDump).string()});

    said("is it what was saved?");
    pqxx::connection connection{conninfo};
    connection.set_variable("client_min_messages", "warning");
    {
        pqxx::work tx{connection};
        settle(tx);
        auto const now = table_sums(tx);
        std::string differ;
        for (auto const& [table, sum] : manifest.at("tables").items()) {
            if (!now.contains(table) || now.at(table) != sum) differ += (differ.empty() ? "" : ", ") + table;
        }
        if (!differ.empty() || now.size() != manifest.at("tables").size())
            throw Error{ErrorKind::internal, fmt::format("the restored tables are not those that were saved: {}", differ.empty() ? "there are others" : differ)};
        for (auto const& statement : manifest.at("cluster")) {
            auto const text = statement.get<std::string>();
            if (text.starts_with("ALTER FUNCTION")) tx.exec("SET LOCAL search_path = public, pg_catalog; " + text);
        }
        tx.exec(sql::after_restore.text);
        tx.commit();
    }
    pqxx::nontransaction{connection}.exec("ANALYZE");
    audit::seal_all(conninfo);  // before transactions of this server mix with those of the other
    return summary;
}

}  // namespace programme::backup
