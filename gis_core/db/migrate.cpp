#include "gis_core/db/migrate.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <pqxx/pqxx>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <map>

namespace gis_core::db {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLock = 0x6f636f706d6170;  // "ocopmap"

struct File {
    std::string name, body, sha256;
};

std::map<int, File> read_files(fs::path const& folder) {
    std::error_code gone;
    fs::directory_iterator entries{folder, gone};
    if (gone) throw Error{ErrorKind::invalid_argument, fmt::format("no migrations in {}: {}", folder.string(), gone.message())};
    std::map<int, File> files;
    for (auto const& entry : entries) {
        auto const name = entry.path().filename().string();
        if (entry.path().extension() != ".sql") continue;
        auto const numbered = name.size() > 9 && name[4] == '_' && name.find_first_not_of("0123456789") == 4;
        if (!numbered) throw Error{ErrorKind::invalid_argument, fmt::format("{} is not named NNNN_what.sql", name)};
        std::ifstream in{entry.path(), std::ios::binary};
        std::string body{std::istreambuf_iterator<char>{in}, {}};
        if (!in) throw Error{ErrorKind::invalid_argument, fmt::format("{} cannot be read", entry.path().string())};
        auto const number = std::stoi(name.substr(0, 4));
        auto const [place, fresh] = files.try_emplace(number, File{name, body, sha256_hex(body)});
        if (!fresh) throw Error{ErrorKind::invalid_argument, fmt::format("{} and {} have the same number", place->second.name, name)};
    }
    return files;
}

std::string one_line(std::string text) {
    for (auto& c : text) {
        if (c == '\n') c = ' ';
    }
    return text;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256(digest.data(), reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size());
    std::string hex;
    for (auto const byte : digest) hex += fmt::format("{:02x}", byte);
    return hex;
}

MigrationSummary migrate(std::string const& conninfo, fs::path const& folder, std::function<void(std::string_view)> const& said) {
    auto const files = read_files(folder);
    pqxx::connection connection{conninfo};
    connection.set_variable("application_name", "'ocopmap migrate'");
    connection.set_variable("client_min_messages", "warning");
    {
        pqxx::nontransaction session{connection};
        if (!session.exec1(fmt::format("SELECT pg_try_advisory_lock({})", kLock))[0].as<bool>()) {
            said("another migrate is running; waiting for it");
            session.exec(fmt::format("SELECT pg_advisory_lock({})", kLock));
        }
        session.exec(
            "CREATE TABLE IF NOT EXISTS public.ocopmap_migration ("
            " number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT now(), took_ms integer NOT NULL)");
    }
    std::map<int, File> applied;
    {
        pqxx::nontransaction session{connection};
        for (auto const& row : session.exec("SELECT number, name, sha256 FROM public.ocopmap_migration ORDER BY number")) {
            applied[row[0].as<int>()] = {row[1].as<std::string>(), {}, row[2].as<std::string>()};
        }
    }
    for (auto const& [number, was] : applied) {
        auto const file = files.find(number);
        if (file == files.end()) {
            throw Error{ErrorKind::conflict, fmt::format("{} was applied to this database but is not in {}: this program is "
                                                         "older than the database",
                                                         was.name, folder.string())};
        }
        if (file->second.sha256 != was.sha256) {
            throw Error{ErrorKind::conflict, fmt::format("{} was edited after it had been applied; put it back as it was and "
                                                         "write a new migration instead",
                                                         file->second.name)};
        }
    }
    MigrationSummary summary{.applied = 0, .already = applied.size()};
    for (auto const& [number, file] : files) {
        if (applied.contains(number)) continue;
        auto const start = std::chrono::steady_clock::now();
        pqxx::work transaction{connection};
        try {
            transaction.exec(file.body);
        } catch (pqxx::sql_error const& error) {
            throw Error{ErrorKind::invalid_argument, fmt::format("{} failed and was rolled back: {}", file.name, one_line(error.what()))};
        }
        auto const took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
        transaction.exec_params("INSERT INTO public.ocopmap_migration (number, name, sha256, took_ms) VALUES ($1, $2, $3, $4)", number, file.name, file.sha256,
                                static_cast<int>(took));
        transaction.commit();
        said(fmt::format("{} applied in {} ms", file.name, took));
        ++summary.applied;
    }
    return summary;
}

}  // namespace gis_core::db
