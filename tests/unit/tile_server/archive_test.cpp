#include "gis_core/error.hpp"
#include "tile_server/archive/gzip.hpp"
#include "tile_server/archive/mbtiles_writer.hpp"
#include "tile_server/archive/pmtiles_writer.hpp"
#include "tile_server/tile_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>

namespace tile_server {

namespace fs = std::filesystem;
using gis_core::TileId;

namespace {

std::string bytes_of(fs::path const& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

pmtiles::Reader reader_of(std::string const& bytes) {
    return {[&bytes](std::uint64_t offset, std::size_t length) { return offset < bytes.size() ? bytes.substr(offset, length) : std::string{}; }, bytes.size()};
}

}  // namespace

class ArchiveTest : public ::testing::Test {
protected:
    ArchiveTest() {
        char pattern[] = "/tmp/ocopmap-archive-test-XXXXXX";
        folder = ::mkdtemp(pattern);
    }
    ~ArchiveTest() override { fs::remove_all(folder); }
    static ArchiveInfo info() { return {"zones", "a test", TileType::mvt, 0, 9, {105.6, 9.3, 107.2, 10.6}, gis_core::Json::array({{{"id", "zones"}}})}; }
    fs::path folder;
};

TEST_F(ArchiveTest, TileNumbersGoAlongTheHilbertCurveOfEachZoom) {
    // The table of the specification, and tiles further on by its JavaScript reader's zxyToTileId().
    EXPECT_EQ(tile_number({0, 0, 0}), 0U);
    EXPECT_EQ(tile_number({1, 0, 0}), 1U);
    EXPECT_EQ(tile_number({1, 0, 1}), 2U);
    EXPECT_EQ(tile_number({1, 1, 1}), 3U);
    EXPECT_EQ(tile_number({1, 1, 0}), 4U);
    EXPECT_EQ(tile_number({2, 0, 0}), 5U);
    EXPECT_EQ(tile_number({12, 3423, 1763}), 19078479U);
    EXPECT_EQ(tile_number({14, 13026, 7712}), 306726907U);
    EXPECT_EQ(tile_number({24, 13338700, 7897300}), 321626474297119U);
    // Neighbours on the curve are neighbours on the ground, and no number is there twice.
    std::set<std::uint64_t> seen;
    for (std::uint32_t x = 0; x < 32; ++x) {
        for (std::uint32_t y = 0; y < 32; ++y) seen.insert(tile_number({5, x, y}));
    }
    EXPECT_EQ(seen.size(), 1024U);
    EXPECT_EQ(*seen.begin(), 341U);
    EXPECT_EQ(*seen.rbegin(), 341U + 1023U);
}

TEST_F(ArchiveTest, GzipIsOpenedWithinItsBoundOnly) {
    std::string const text(100'000, 'a');
    auto const packed = gzip(text, 9);
    EXPECT_EQ(gunzip(packed, text.size()), text);
    EXPECT_EQ(gunzip(packed, text.size() - 1), std::nullopt);
    EXPECT_EQ(gunzip(packed.substr(0, packed.size() - 1), text.size()), std::nullopt);
    EXPECT_EQ(gunzip("no gzip", 100), std::nullopt);
    EXPECT_EQ(gunzip(gzip("", 9), 0), "");
    EXPECT_EQ(packed, gzip(text, 9));
}

TEST_F(ArchiveTest, QuickGzipIsOpenedByZlib) {
    std::mt19937 random{7};
    std::string noise(200'000, '\0');
    for (auto& byte : noise) byte = static_cast<char>(random());
    for (auto const& text : {std::string{}, std::string{"tile"}, std::string(100'000, 'a'), noise}) {
        auto const packed = quick_gzip(text);
        EXPECT_EQ(gunzip(packed, text.size()), text) << text.size();
        EXPECT_LE(packed.size(), text.size() + 200);
        EXPECT_FALSE(is_thorough(packed)) << "it would not be compressed again";
    }
}

TEST_F(ArchiveTest, WhatIsWrittenIsFoundAndSharedContentStandsOnce) {
    auto const file = folder / "a.pmtiles";
    std::string const land = "land", sea = "sea";
    PmtilesWriter writer{file, info()};
    writer.add({0, 0, 0}, land);
    writer.add({1, 0, 0}, sea);   // 1
    writer.add({1, 0, 1}, sea);   // 2: a run
    writer.add({1, 1, 0}, land);  // 4, after a gap: shared with the first
    EXPECT_FALSE(fs::exists(file)) << "it appears when it is whole";
    writer.finish();
    EXPECT_FALSE(fs::exists(folder / "a.pmtiles.part"));
    auto const bytes = bytes_of(file);
    auto const reader = reader_of(bytes);
    auto const& header = reader.header();
    EXPECT_EQ(header.addressed, 4U);
    EXPECT_EQ(header.entries, 3U);
    EXPECT_EQ(header.contents, 2U);
    EXPECT_TRUE(header.is_clustered);
    EXPECT_EQ(header.type, TileType::mvt);
    EXPECT_DOUBLE_EQ(header.bounds.north, 10.6);
    EXPECT_EQ(header.leaves.length, 0U);
    auto const text = [&](TileId tile) {
        auto const found = reader.find(tile);
        return found ? gunzip(*found, 100).value_or("not gzip") : "none";
    };
    EXPECT_EQ(text({0, 0, 0}), land);
    EXPECT_EQ(text({1, 0, 0}), sea);
    EXPECT_EQ(text({1, 0, 1}), sea);
    EXPECT_EQ(text({1, 1, 1}), "none");
    EXPECT_EQ(text({1, 1, 0}), land);
    EXPECT_EQ(text({2, 0, 0}), "none");
    auto const metadata = reader.metadata();
    EXPECT_EQ(metadata["name"], "zones");
    EXPECT_EQ(metadata["vector_layers"][0]["id"], "zones");
}

TEST_F(ArchiveTest, ManyTilesNeedLeavesAndAreFoundThere) {
    auto const file = folder / "many.pmtiles";
    PmtilesWriter writer{file, info()};
    std::vector<std::pair<std::uint64_t, TileId>> tiles;
    for (std::uint32_t x = 0; x < 256; ++x) {
        for (std::uint32_t y = 0; y < 256; ++y) {
            if ((x * 7 + y * 3) % 5 != 0) tiles.emplace_back(tile_number({8, x, y}), TileId{8, x, y});
        }
    }
    std::sort(tiles.begin(), tiles.end());
    auto const content = [](std::uint64_t number) {  // that gzip cannot make shorter, so lengths do not follow a pattern
        std::mt19937 random{static_cast<std::uint32_t>(number)};
        std::string out(random() % 200 + 1, ' ');
        for (auto& byte : out) byte = static_cast<char>(random() % 256);
        return out;
    };
    for (auto const& [number, tile] : tiles) writer.add(tile, content(number));
    writer.finish();
    auto const bytes = bytes_of(file);
    auto const reader = reader_of(bytes);
    EXPECT_GT(reader.header().leaves.length, 0U);
    EXPECT_LE(reader.header().root.offset + reader.header().root.length, 16384U);
    for (auto const& [number, tile] : tiles) {
        auto const found = reader.find(tile);
        ASSERT_TRUE(found) << tile.path();
        ASSERT_EQ(gunzip(*found, 1000), content(number));
    }
    EXPECT_EQ(reader.find({8, 0, 0}), std::nullopt);
}

TEST_F(ArchiveTest, AnArchiveThatIsCutOrBentIsRefused) {
    auto const file = folder / "a.pmtiles";
    PmtilesWriter writer{file, info()};
    writer.add({0, 0, 0}, "land");
    writer.finish();
    auto const whole = bytes_of(file);
    auto const refuses = [](std::string const& bytes) {
        try {
            auto const reader = reader_of(bytes);
            reader.find({0, 0, 0});
            return std::string{};
        } catch (gis_core::Error const& error) {
            EXPECT_EQ(error.kind(), gis_core::ErrorKind::invalid_argument);
            return std::string{error.what()};
        }
    };
    EXPECT_EQ(refuses(whole), "");
    EXPECT_NE(refuses(whole.substr(0, 100)), "");
    EXPECT_NE(refuses(whole.substr(0, whole.size() - 1)).find("over the file's end"), std::string::npos);
    auto other = whole;
    other[7] = 2;
    EXPECT_NE(refuses(other).find("version 3"), std::string::npos);
    other = whole;
    other[97] = 4;  // directories by zstd
    EXPECT_NE(refuses(other).find("method 4"), std::string::npos);
    other = whole;
    other[130] ^= 0x55;  // inside the root directory
    EXPECT_NE(refuses(other), "");
}

TEST_F(ArchiveTest, NothingIsLeftOfAnArchiveThatWasGivenUp) {
    for (auto const* name : {"a.pmtiles", "a.mbtiles"}) {
        {
            auto const writer = open_archive(folder / name, info());
            EXPECT_THROW(writer->finish(), gis_core::Error) << "an empty one is none";
            writer->add({0, 0, 0}, "land");
            EXPECT_TRUE(fs::exists(folder / (std::string{name} + ".part")));
            EXPECT_THROW(open_archive(folder / name, info()), gis_core::Error) << "it is being written";
        }
        EXPECT_TRUE(fs::is_empty(folder)) << name;
    }
    EXPECT_THROW(open_archive(folder / "a.zip", info()), gis_core::Error);
}

}  // namespace tile_server
