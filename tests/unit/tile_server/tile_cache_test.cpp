#include "tile_server/tile_cache.hpp"

#include "gis_core/error.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace tile_server {

namespace fs = std::filesystem;

class TileCacheTest : public ::testing::Test {
protected:
    TileCacheTest() {
        char pattern[] = "/tmp/ocopmap-cache-test-XXXXXX";
        root = ::mkdtemp(pattern);
    }
    ~TileCacheTest() override { fs::remove_all(root); }
    static TileContent content_of(std::string text) {
        TileContent content;
        content.plain = std::move(text);
        compress(content);
        return content;
    }
    static std::int64_t mtime(fs::path const& file) {
        struct stat state {};
        return ::stat(file.c_str(), &state) == 0 ? state.st_mtime : -1;
    }
    fs::path root;
    TileAddress const address{"communes", {9, 407, 241}, ".mvt"};
};

TEST_F(TileCacheTest, AFilesTimeIsItsPublicationNumber) {
    TileCache cache{root, 1 << 20};
    auto content = content_of(std::string(1000, 'a'));
    ASSERT_TRUE(cache.publish(address, content, [] { return true; }));
    auto const file = root / "tiles/communes/9/407/241.mvt.gz";
    auto const first = mtime(file);
    EXPECT_EQ(first, static_cast<std::int64_t>(content.sequence));
    ASSERT_TRUE(cache.publish(address, content, [] { return true; }));
    EXPECT_GT(mtime(file), first) << "same content in the same second, another ETag";
}

TEST_F(TileCacheTest, NumbersGrowAcrossRestarts) {
    std::uint64_t last = 0;
    for (int i = 0; i < 3; ++i) {
        TileCache cache{root, 1 << 20};
        auto const next = cache.next_sequence();
        EXPECT_GT(next, last);
        last = next;
    }
}

TEST_F(TileCacheTest, WithoutRoomForANumberTheTileIsAnsweredAndNotStored) {
    TileCache cache{root, 1 << 20};
    fs::create_directories(root / "sequence.new");  // the note of numbers cannot be written, as on a full disk
    auto content = content_of(std::string(1000, 'a'));
    EXPECT_TRUE(cache.publish(address, content, [] { return true; }));
    EXPECT_FALSE(cache.publish(address, content, [] { return false; })) << "what went stale is not answered either";
    EXPECT_EQ(content.sequence, 0U);
    EXPECT_FALSE(cache.find(address));
    fs::remove(root / "sequence.new");
    EXPECT_TRUE(cache.publish(address, content, [] { return true; }));
    EXPECT_GT(content.sequence, 0U);
    EXPECT_TRUE(cache.find(address));
}

TEST_F(TileCacheTest, WhatWentStaleIsNotPublished) {
    TileCache cache{root, 1 << 20};
    auto content = content_of("x");
    EXPECT_FALSE(cache.publish(address, content, [] { return false; }));
    EXPECT_FALSE(cache.find(address).has_value());
}

TEST_F(TileCacheTest, EmptyTilesAreMarkersAndGiveWayToContent) {
    TileCache cache{root, 1 << 20};
    auto empty = content_of("");
    cache.publish(address, empty, [] { return true; });
    auto const file = root / "tiles/communes/9/407/241.mvt";
    EXPECT_TRUE(fs::exists(file.string() + ".empty"));
    EXPECT_FALSE(fs::exists(file));
    EXPECT_TRUE(cache.find(address)->is_empty());
    auto full = content_of("x");
    cache.publish(address, full, [] { return true; });
    EXPECT_FALSE(fs::exists(file.string() + ".empty"));
    EXPECT_EQ(cache.find(address)->plain, "x");
}

TEST_F(TileCacheTest, AnEncodedTileIsOneFileAndOpenedForWhoTakesNoEncoding) {
    TileCache cache{root, 1 << 20};
    auto small = content_of("x"), large = content_of(std::string(1000, 'a'));
    auto const file = root / "tiles/communes/9/407/241.mvt";
    cache.publish(address, small, [] { return true; });
    EXPECT_TRUE(fs::exists(file));
    cache.publish(address, large, [] { return true; });
    EXPECT_FALSE(fs::exists(file)) << "it would be the former tile";
    EXPECT_EQ(cache.bytes(), large.gzip.size());
    EXPECT_EQ(cache.find(address)->plain, large.plain);
    cache.publish(address, small, [] { return true; });
    EXPECT_FALSE(fs::exists(file.string() + ".gz")) << "it would be the former tile";
    EXPECT_EQ(cache.find(address)->plain, "x");
    cache.publish(address, large, [] { return true; });
    fs::resize_file(file.string() + ".gz", large.gzip.size() - 1);
    EXPECT_FALSE(cache.find(address).has_value()) << "what is damaged is made again";
}

TEST_F(TileCacheTest, AChangeRemovesTheTilesItTouchesUpThePyramidAndNoOther) {
    TileCache cache{root, 1 << 20};
    cache.add_folder({"zones", {"zones"}, {".mvt"}, 0, 14, 0.0});
    cache.add_folder({"rivers", {"rivers"}, {".mvt"}, 0, 14, 0.0});
    gis_core::TileId const cell{14, 13040, 7720};
    auto const put = [&](std::string const& folder, gis_core::TileId tile) {
        auto content = content_of("x");
        cache.publish({folder, tile, ".mvt"}, content, [] { return true; });
    };
    for (std::uint8_t z = 0; z <= 14; ++z) {
        put("zones", cell.ancestor(z));
        put("rivers", cell.ancestor(z));
    }
    put("zones", {14, 13041, 7720});
    cache.remove("zones", {false, {13040 * 16384 + 7720}});
    for (std::uint8_t z = 0; z <= 14; ++z) {
        EXPECT_FALSE(cache.find({"zones", cell.ancestor(z), ".mvt"}).has_value()) << int{z};
        EXPECT_TRUE(cache.find({"rivers", cell.ancestor(z), ".mvt"}).has_value()) << int{z};
    }
    EXPECT_TRUE(cache.find({"zones", {14, 13041, 7720}, ".mvt"}).has_value());
    cache.clear();
    EXPECT_FALSE(cache.find({"rivers", cell, ".mvt"}).has_value());
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(TileCacheTest, OverTheBudgetTheOldestGo) {
    std::uint32_t published = 0;
    {
        TileCache cache{root, 20'000};
        // What comes while the oldest are looked for counts at the next publication.
        while (published < 60 || (cache.bytes() > 24'000 && published < 6000)) {
            std::string noise;
            for (int i = 0; i < 500; ++i) noise += static_cast<char>(std::rand());
            auto content = content_of(std::move(noise));
            cache.publish({"zones", {14, published++, 0}, ".mvt"}, content, [] { return true; });
        }
    }
    TileCache const cache{root, 20'000};
    EXPECT_LE(cache.bytes(), 24'000U);
    EXPECT_TRUE(cache.find({"zones", {14, published - 1, 0}, ".mvt"}).has_value());
    EXPECT_FALSE(cache.find({"zones", {14, 0, 0}, ".mvt"}).has_value());
}

TEST_F(TileCacheTest, OneProcessOwnsTheFolder) {
    TileCache const cache{root, 1 << 20};
    EXPECT_THROW((TileCache{root, 1 << 20}), gis_core::Error);
}

TEST(CoverTest, MarginsReachNeighboursAtTheirOwnZoom) {
    Cover const cover{false, {13040 * 16384 + 7720}};  // 13040 = 815 * 16: the west edge of a tile of zoom 10
    EXPECT_TRUE(cover.touches({10, 815, 482}, 0));
    EXPECT_FALSE(cover.touches({10, 814, 482}, 0));
    EXPECT_TRUE(cover.touches({10, 814, 482}, 0.02));
    EXPECT_EQ(cover.tiles_at(10, 0).size(), 1U);
    EXPECT_EQ(cover.tiles_at(10, 0.02).size(), 2U);
    EXPECT_TRUE(cover.touches({16, 13040 * 4 + 3, 7720 * 4}, 0));
    EXPECT_FALSE(cover.touches({16, 13040 * 4 + 4, 7720 * 4}, 0));
    EXPECT_TRUE(Cover::parse(std::nullopt).touches({5, 1, 1}, 0));
    EXPECT_EQ(Cover::parse("{6226175,3735552}").cells, (std::vector<Cover::Cell>{{3, 0, 0, 0, 0, 9}, 5}));
}

TEST(CoverTest, OnlyTheSideThatIsNearReachesANeighbour) {
    constexpr double kBuffer = 66.0 / 4096;
    std::uint32_t const cell = 13040 * 16384 + 7720;
    auto const columns = [&](std::uint8_t west, std::uint8_t east, std::uint8_t zoom) {
        std::vector<int> out;
        for (auto const& tile : (Cover{false, {{cell, west, 8, east, 8}}}).tiles_at(zoom, kBuffer))
            out.push_back(static_cast<int>(tile.x) - (13040 >> (14 - zoom)));
        return out;
    };
    EXPECT_EQ(columns(4, 11, 14), (std::vector{0}));
    EXPECT_EQ(columns(0, 11, 14), (std::vector{-1, 0}));
    EXPECT_EQ(columns(4, 15, 14), (std::vector{0, 1}));
    EXPECT_EQ(columns(4, 15, 13), (std::vector{0}));  // the east side of the cell is the middle of that tile
    EXPECT_EQ(columns(2, 4, 12), (std::vector{0}));
    EXPECT_EQ(columns(2, 4, 11), (std::vector{-1, 0}));  // the buffer is 8 times as wide there
    Cover const corner{false, {{cell, 0, 0, 3, 3}}};
    EXPECT_TRUE(corner.touches({16, 13040 * 4, 7720 * 4}, 0));
    EXPECT_FALSE(corner.touches({16, 13040 * 4 + 1, 7720 * 4}, 0)) << "past zoom 14 a part is smaller than a cell";
    // From the west side to the north side, not by way of the corner: that tile is out of reach, but for zooms whose buffer is wider.
    Cover const slanting{false, {{cell, 0, 0, 11, 11, 0}}};
    EXPECT_EQ(slanting.tiles_at(14, kBuffer), (std::vector<gis_core::TileId>{{14, 13039, 7720}, {14, 13040, 7719}, {14, 13040, 7720}}));
    EXPECT_FALSE(slanting.touches({14, 13039, 7719}, kBuffer));
    EXPECT_TRUE((Cover{false, {{cell, 0, 0, 11, 11, 1}}}).touches({14, 13039, 7719}, kBuffer));
    EXPECT_TRUE(slanting.touches({10, 814, 482}, kBuffer));
}

TEST(CoverTest, ChangesOfOneCellBecomeOneBox) {
    Cover cover{false, {{7, 1, 1, 2, 2, 1}, 9}};
    cover.add({false, {{7, 4, 0, 5, 1, 2}, {8, 3, 3, 3, 3}}});
    EXPECT_EQ(cover.cells, (std::vector<Cover::Cell>{{7, 1, 0, 5, 2, 3}, {8, 3, 3, 3, 3}, 9}));
    cover.add(Cover{true, {}});
    EXPECT_TRUE(cover.whole && cover.cells.empty());
}

TEST_F(TileCacheTest, CompressedAgainATileKeepsItsNumberAndChangesItsETagBySize) {
    TileCache cache{root, 1 << 20};
    std::string text;
    for (int i = 0; i < 4000; ++i) text += std::to_string(i * 7919 % 1000) + ",";
    auto content = content_of(text);
    ASSERT_TRUE(cache.publish(address, content, [] { return true; }));
    EXPECT_FALSE(is_thorough(content.gzip));
    auto better = *cache.find(address);
    compress(better, Effort::thorough);
    EXPECT_TRUE(is_thorough(better.gzip));
    auto const before = cache.bytes();
    auto const saved = cache.recompress(address, better);
    EXPECT_EQ(saved, content.gzip.size() - better.gzip.size());
    EXPECT_GT(saved, 0U);
    EXPECT_EQ(cache.bytes(), before - saved + better.brotli.size()) << "which comes now";
    auto const now = *cache.find(address);
    EXPECT_EQ(now.sequence, content.sequence);
    EXPECT_EQ(now.plain, text);
    EXPECT_EQ(now.gzip, better.gzip);
    EXPECT_EQ(now.brotli, better.brotli);
    for (auto const* suffix : {".gz", ".br"}) {
        EXPECT_EQ(mtime(root / (std::string{"tiles/communes/9/407/241.mvt"} + suffix)), static_cast<std::int64_t>(content.sequence)) << suffix;
    }
    EXPECT_EQ(cache.recompress(address, better), 0U) << "bytes of the same size would have the same ETag";
}

TEST_F(TileCacheTest, WhatWasPublishedOrRemovedMeanwhileIsNotCompressedAgain) {
    TileCache cache{root, 1 << 20};
    cache.add_folder({"communes", {"communes"}, {".mvt"}, 0, 14, 0});
    auto content = content_of(std::string(5000, 'a') + "old");
    ASSERT_TRUE(cache.publish(address, content, [] { return true; }));
    auto better = *cache.find(address);
    compress(better, Effort::thorough);
    auto next = content_of(std::string(5000, 'b') + "new");
    ASSERT_TRUE(cache.publish(address, next, [] { return true; }));
    EXPECT_EQ(cache.recompress(address, better), 0U);
    EXPECT_EQ(cache.find(address)->gzip, next.gzip);
    cache.clear();
    EXPECT_EQ(cache.recompress(address, better), 0U);
    EXPECT_EQ(cache.look(address), TileCache::Stored::no);
    EXPECT_FALSE(fs::exists(root / "tiles/communes/9/407/241.mvt.gz")) << "an encoding without its tile would be served";
}

TEST_F(TileCacheTest, EveryTileWithEncodingsIsVisited) {
    TileCache cache{root, 1 << 20};
    auto content = content_of(std::string(1000, 'a'));
    auto small = content_of("small"), empty = content_of("");
    ASSERT_TRUE(cache.publish(address, content, [] { return true; }));
    ASSERT_TRUE(cache.publish({"shoreline,rivers", {14, 13026, 7712}, ".mvt"}, content, [] { return true; }));
    ASSERT_TRUE(cache.publish({"communes", {9, 407, 242}, ".mvt"}, small, [] { return true; }));
    ASSERT_TRUE(cache.publish({"communes", {9, 407, 243}, ".mvt"}, empty, [] { return true; }));
    std::vector<std::string> seen;
    cache.for_each_coded([&](TileAddress const& one) {
        seen.push_back(one.folder + " " + one.tile.path() + one.suffix);
        return true;
    });
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, (std::vector<std::string>{"communes 9/407/241.mvt", "shoreline,rivers 14/13026/7712.mvt"}));
    EXPECT_EQ(cache.look(address), TileCache::Stored::tile);
    EXPECT_EQ(cache.look({"communes", {9, 407, 243}, ".mvt"}), TileCache::Stored::empty);
    EXPECT_EQ(cache.look({"communes", {9, 407, 244}, ".mvt"}), TileCache::Stored::no);
}

}  // namespace tile_server
