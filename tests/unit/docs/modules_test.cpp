// docs/modules.md is believed by readers: what it names must exist.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

fs::path const kRoot{OCOPMAP_SOURCE_DIR};

std::string read(fs::path const& file) {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

struct Module {
    std::string number, state, page, address, test, missing;
};

std::string cell(std::string text) {
    auto const strip = [&](char c) {
        while (!text.empty() && text.front() == c) text.erase(0, 1);
        while (!text.empty() && text.back() == c) text.pop_back();
    };
    strip(' ');
    strip('`');
    return text == "-" ? "" : text;
}

std::vector<Module> modules() {
    std::vector<Module> all;
    std::istringstream lines{read(kRoot / "docs/modules.md")};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("| M")) continue;
        std::vector<std::string> cells;
        std::istringstream row{line.substr(1)};
        for (std::string text; std::getline(row, text, '|');) cells.push_back(cell(text));
        EXPECT_EQ(cells.size(), 7U) << line;
        if (cells.size() == 7) all.push_back({cells[0], cells[2], cells[3], cells[4], cells[5], cells[6]});
    }
    return all;
}

/// All sources in which a route can stand.
std::string sources() {
    std::string text;
    for (auto const* folder : {"api", "tile_server"}) {
        for (auto const& entry : fs::recursive_directory_iterator{kRoot / folder}) {
            auto const ending = entry.path().extension();
            if (ending == ".cpp" || ending == ".json" || ending == ".yaml") text += read(entry.path());
        }
    }
    return text;
}

TEST(ModulesTest, ListsAllFiftyFourInOrder) {
    auto const all = modules();
    ASSERT_EQ(all.size(), 54U);
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].number, (i < 9 ? "M0" : "M") + std::to_string(i + 1));
}

TEST(ModulesTest, SaysWhatIsMissingAndWhereTheRestIs) {
    for (auto const& module : modules()) {
        EXPECT_TRUE(module.state == "works" || module.state == "partly" || module.state == "not yet") << module.number << ": " << module.state;
        if (module.state == "not yet") continue;
        EXPECT_FALSE(module.test.empty()) << module.number;
        EXPECT_EQ(module.state == "works", module.missing.empty()) << module.number;
    }
}

TEST(ModulesTest, NamesOnlyWhatExists) {
    auto const text = sources();
    for (auto const& module : modules()) {
        for (auto const& address : {module.page, module.address}) {
            if (address.empty()) continue;
            EXPECT_NE(text.find('"' + address + '"'), std::string::npos) << module.number << ": no route " << address;
        }
        EXPECT_TRUE(module.test.empty() || fs::exists(kRoot / module.test)) << module.number << ": no " << module.test;
    }
}

}  // namespace
