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
