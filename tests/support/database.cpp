#include "tests/support/database.hpp"

#include "tests/support/environment.hpp"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace test_support {
namespace {

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

Connection connect(std::string const& conninfo) {
    Connection connection{PQconnectdb(conninfo.c_str()), &PQfinish};
    if (PQstatus(connection.get()) != CONNECTION_OK) {
        throw std::runtime_error(std::string("test database: ") + PQerrorMessage(connection.get()));
    }
    PQsetNoticeProcessor(
        connection.get(), [](void*, char const*) {}, nullptr);
    return connection;
}

Result run(PGconn* connection, std::string const& sql) {
    Result result{PQexec(connection, sql.c_str()), &PQclear};
    auto const status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
        throw std::runtime_error(std::string(PQresultErrorMessage(result.get())) + "in: " + sql.substr(0, 500));
    }
    return result;
}

std::string keyword(std::string const& conninfo, char const* wanted) {
    std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{PQconninfoParse(conninfo.c_str(), nullptr), &PQconninfoFree};
    for (auto const* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
        if (option->val != nullptr && std::string(option->keyword) == wanted) {
            return option->val;
        }
    }
    return {};
}

/// Outside ./dev test (a developer's own database) the empty template may be missing: it is made from the migrations.
void make_migrated(std::string const& server, std::string const& name) {
    auto admin = connect(server);
    run(admin.get(), "SELECT pg_advisory_lock(hashtext('ocopmap test template'))");
    if (PQntuples(run(admin.get(), "SELECT FROM pg_database WHERE datname = '" + name + "'").get()) > 0) {
        return;
    }
    auto const building = name + "_building";
    run(admin.get(), "DROP DATABASE IF EXISTS \"" + building + "\"");
    run(admin.get(), "CREATE DATABASE \"" + building + "\"");
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::directory_iterator(source_dir() + "/data/migrations")) {
        if (entry.path().extension() == ".sql") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    {
        auto fresh = connect(with_keyword(server, "dbname", building));
        for (auto const& file : files) {
            std::ifstream in{file};
            run(fresh.get(), std::string{std::istreambuf_iterator<char>(in), {}});
        }
    }
    run(admin.get(), "ALTER DATABASE \"" + building + "\" RENAME TO \"" + name + "\"");
}

}  // namespace

std::string with_keyword(std::string const& conninfo, std::string const& wanted, std::string const& new_value) {
    char* problem = nullptr;
    std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{PQconninfoParse(conninfo.c_str(), &problem), &PQconninfoFree};
    if (!options) {
        std::string const text = problem != nullptr ? problem : "out of memory";
        PQfreemem(problem);
        throw std::runtime_error("not a conninfo: " + text);
    }
    std::string out;
    auto const append = [&out](std::string const& name, std::string const& text) {
        out += (out.empty() ? "" : " ") + name + "='";
        for (char const c : text) {
            out += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string{c};
        }
        out += "'";
    };
    for (auto const* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr && option->keyword != wanted) {
            append(option->keyword, option->val);
        }
    }
    append(wanted, new_value);
    return out;
}

TestDatabase::TestDatabase(From from) {
    static std::atomic<int> counter{0};
    auto const loaded = database();
    auto const source = keyword(loaded, "dbname") + (from == From::demo ? "_demo" : "_migrated");
    auto const server = with_keyword(loaded, "dbname", "postgres");
    if (from == From::migrated) {
        make_migrated(server, source);
    }
    name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++counter);
    conninfo_ = with_keyword(loaded, "dbname", name_);
    auto admin = connect(server);
    run(admin.get(), "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    run(admin.get(), "CREATE DATABASE " + name_ + " TEMPLATE \"" + source + "\" STRATEGY file_copy");
}

TestDatabase::~TestDatabase() {
    try {
        run(connect(with_keyword(conninfo_, "dbname", "postgres")).get(), "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    } catch (std::exception const&) {
        // The cluster of ./dev test is thrown away with everything in it.
    }
}

std::string TestDatabase::conninfo_as(std::string const& role) const { return with_keyword(conninfo_, "user", role); }

void TestDatabase::execute(std::string const& sql) const { run(connect(conninfo_).get(), sql); }

std::vector<std::vector<std::string>> TestDatabase::query(std::string const& sql) const { return test_support::query(conninfo_, sql); }

std::string TestDatabase::value(std::string const& sql) const { return test_support::value(conninfo_, sql); }

std::vector<std::vector<std::string>> query(std::string const& conninfo, std::string const& sql) {
    auto const connection = connect(conninfo);
    auto const result = run(connection.get(), sql);
    std::vector<std::vector<std::string>> rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (int column = 0; column < PQnfields(result.get()); ++column) {
            rows[row].emplace_back(PQgetvalue(result.get(), static_cast<int>(row), column));
        }
    }
    return rows;
}

std::string value(std::string const& conninfo, std::string const& sql) {
    auto const rows = query(conninfo, sql);
    if (rows.size() != 1 || rows[0].size() != 1) {
        throw std::runtime_error("not one value: " + sql);
    }
    return rows[0][0];
}

}  // namespace test_support
