#pragma once

#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/process.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace record_test {

/// Runs ocopmap with a database.
inline test_support::Finished ocopmap(std::string const& conninfo, std::vector<std::string> arguments,
                                      std::chrono::milliseconds deadline = std::chrono::seconds(110)) {
    arguments.insert(arguments.begin(), {test_support::cli(), "--database", conninfo, "--home", test_support::source_dir()});
    return test_support::run(arguments, {}, deadline);
}

/// An empty database, without our schema.
class EmptyDatabase {
public:
    EmptyDatabase()
        : name_{"ocopmap_empty_" + std::to_string(getpid()) + "_" + std::to_string(counter()++)},
          server_{test_support::with_keyword(test_support::database(), "dbname", "postgres")} {
        test_support::query(server_, "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
        test_support::query(server_, "CREATE DATABASE " + name_);
    }
    ~EmptyDatabase() { test_support::query(server_, "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)"); }
    EmptyDatabase(EmptyDatabase const&) = delete;
    EmptyDatabase& operator=(EmptyDatabase const&) = delete;
    std::string conninfo() const { return test_support::with_keyword(server_, "dbname", name_); }

private:
    static int& counter() {
        static int n = 0;
        return n;
    }
    std::string name_, server_;
};

/// All loaded rows as one number, the same whatever keys the sequences gave to units.
inline std::string fingerprint(test_support::TestDatabase const& database) {
    return database.value(
        "SELECT md5(string_agg(t, '|' ORDER BY t)) FROM ("
        "SELECT 'p' || p.external_id || p.name || p.kind || registered_on || facility_geom::text || coalesce(u.code || u.valid_from, '') AS t"
        " FROM ocop.producer p LEFT JOIN geo.admin_unit u USING (unit_key) "
        "UNION ALL SELECT 'q' || external_id || name || class_code || producer_key || registered_on FROM ocop.product "
        "UNION ALL SELECT 'c' || external_id || product_key || star || issued_on || valid_to || coalesce(revoked_on::text, '') FROM ocop.certificate "
        "UNION ALL SELECT 's' || external_id || name || geom::text FROM ocop.sales_point "
        "UNION ALL SELECT 'l' || product_key || ' ' || sales_point_key FROM ocop.product_sales_point "
        "UNION ALL SELECT 'z' || external_id || crop || geom::text FROM geo.zone "
        "UNION ALL SELECT 'u' || code || valid_from || geom::text FROM geo.admin_unit) rows");
}

/// A folder for one test's files, removed at the end.
class Folder {
public:
    Folder() : path_{std::filesystem::temp_directory_path() / ("ocopmap-record-" + std::to_string(getpid()) + "-" + std::to_string(counter()++))} {
        std::filesystem::create_directories(path_);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    std::string operator/(std::string const& name) const { return (path_ / name).string(); }
    std::string write(std::string const& name, std::string const& text) const {
        std::ofstream{path_ / name, std::ios::binary} << text;
        return *this / name;
    }

private:
    static int& counter() {
        static int n = 0;
        return n;
    }
    std::filesystem::path path_;
};

}  // namespace record_test
