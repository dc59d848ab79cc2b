// The same store in a folder and behind GDAL's virtual file systems, as S3 is.
#include "programme/files/store.hpp"
#include "tests/integration/files/support.hpp"

namespace files_test {
namespace {

class StoreTest : public testing::TestWithParam<bool> {};

TEST_P(StoreTest, KeepsWhatItIsGivenUnderItsHash) {
    Folder const folder;
    auto const store = programme::files::open_store(GetParam() ? "/vsimem/store-" + std::to_string(::getpid()) : folder / "store");
    std::string const content(700'001, 'd');
    write(folder / "in", content);
    auto const sha256 = sha256sum(folder / "in");
    EXPECT_EQ(programme::files::sha256_of(fs::path{folder / "in"}), sha256);
    EXPECT_EQ(store->open(sha256), nullptr);
    store->put(sha256, folder / "in");
    EXPECT_FALSE(fs::exists(folder / "in"));
    write(folder / "again", content);
    store->put(sha256, folder / "again");
    auto const reader = store->open(sha256);
    ASSERT_NE(reader, nullptr);
    EXPECT_EQ(reader->size(), 700'001);
    EXPECT_EQ(reader->read(700'000, 10), "d");
    EXPECT_EQ(reader->read(700'001, 10), "");
    EXPECT_EQ(programme::files::sha256_of(*reader), sha256);
    std::vector<std::string> there;
    store->each([&](std::string const& one) { there.push_back(one); });
    EXPECT_EQ(there, std::vector{sha256});
    store->remove(sha256);
    store->remove(sha256);
    EXPECT_EQ(store->open(sha256), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Places, StoreTest, testing::Values(false, true), [](auto const& which) { return which.param ? "Virtual" : "Folder"; });

}  // namespace
}  // namespace files_test
