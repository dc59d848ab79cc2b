// docs/modules.md is believed by readers: what it names must exist.
#include "tests/unit/docs/page.hpp"

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;
using docs::kRoot;

struct Module {
    std::string number, state, page, address, test, missing;
};

std::string cell(std::string text) {
    if (text.size() > 1 && text.front() == '`' && text.back() == '`') text = text.substr(1, text.size() - 2);
    return text == "-" ? "" : text;
}

std::vector<Module> modules() {
    std::vector<Module> all;
    for (auto const& cells : docs::rows(kRoot / "docs/modules.md", "| M")) {
        EXPECT_EQ(cells.size(), 7U) << cells[0];
        if (cells.size() == 7) all.push_back({cell(cells[0]), cell(cells[2]), cell(cells[3]), cell(cells[4]), cell(cells[5]), cell(cells[6])});
    }
    return all;
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
    auto const text = docs::sources_of_routes();
    for (auto const& module : modules()) {
        for (auto const& address : {module.page, module.address}) {
            if (address.empty()) continue;
            EXPECT_NE(text.find('"' + address + '"'), std::string::npos) << module.number << ": no route " << address;
        }
        EXPECT_TRUE(module.test.empty() || fs::exists(kRoot / module.test)) << module.number << ": no " << module.test;
    }
}

}  // namespace
