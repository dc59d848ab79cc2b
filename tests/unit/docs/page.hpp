#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

/// Pages of docs/ as tables, and the sources they speak of.
namespace docs {

inline std::filesystem::path const kRoot{OCOPMAP_SOURCE_DIR};

inline std::string read(std::filesystem::path const& file) {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// The cells of every line of a page that begins so.
inline std::vector<std::vector<std::string>> rows(std::filesystem::path const& page, std::string_view beginning) {
    std::vector<std::vector<std::string>> all;
    std::istringstream lines{read(page)};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(beginning)) continue;
        std::istringstream row{line.substr(1)};
        auto& cells = all.emplace_back();
        for (std::string text; std::getline(row, text, '|');) {
            auto const first = text.find_first_not_of(' ');
            cells.push_back(first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1));
        }
    }
    return all;
}

/// Files below a folder with one of the endings, one after the other.
inline std::string all_of(std::filesystem::path const& folder, std::vector<std::string> const& endings) {
    std::string text;
    for (auto const& entry : std::filesystem::recursive_directory_iterator{kRoot / folder}) {
        for (auto const& ending : endings) {
            if (entry.path().extension() == ending) text += read(entry.path());
        }
    }
    return text;
}

/// All sources in which a route can stand.
inline std::string sources_of_routes() { return all_of("api", {".cpp", ".hpp", ".json", ".yaml"}) + all_of("tile_server", {".cpp", ".json", ".yaml"}); }

}  // namespace docs
