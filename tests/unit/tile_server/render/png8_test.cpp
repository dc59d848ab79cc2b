#include "tile_server/render/png8.hpp"

#include <gtest/gtest.h>
#include <png.h>

#include <cmath>
#include <cstdlib>
#include <set>
#include <vector>

namespace {

using tile_server::encode_png8;

/// libpng's own reader, as RGBA.
std::vector<std::uint32_t> decode(std::string const& file, int width, int height) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    EXPECT_TRUE(png_image_begin_read_from_memory(&image, file.data(), file.size())) << image.message;
    EXPECT_EQ(image.width, static_cast<unsigned>(width));
    EXPECT_EQ(image.height, static_cast<unsigned>(height));
    EXPECT_TRUE(image.format & PNG_FORMAT_FLAG_COLORMAP);
    EXPECT_LE(image.colormap_entries, 256U);
    image.format = PNG_FORMAT_RGBA;
    std::vector<std::uint32_t> pixels(image.width * image.height);
    EXPECT_TRUE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr)) << image.message;
    return pixels;
}

/// A plain ground with a soft disc on it: thousands of mixed colours beside two that fill the picture.
std::vector<std::uint32_t> map_like(int side, std::uint32_t ground, std::uint32_t disc) {
    std::vector<std::uint32_t> pixels;
    for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
            double const r = std::hypot(x - side / 2.0, y - side / 2.0), share = std::min(1.0, std::max(0.0, (r - side / 4.0) / (side / 16.0)));
            std::uint32_t colour = 0xFF000000;
            for (int c = 0; c < 24; c += 8) {
                double const mixed = double(disc >> c & 255) * (1 - share) + double(ground >> c & 255) * share;
                bool const is_mixed = share > 0 && share < 1;
                colour |= static_cast<std::uint32_t>(std::lround(mixed + (is_mixed ? (x * 7 + y * 13 + c) % 9 : 0))) << c;
            }
            pixels.push_back(colour);
        }
    }
    return pixels;
}

TEST(Png8, FewColoursComeBackAsTheyWere) {
    for (unsigned colours : {1U, 2U, 3U, 16U, 17U, 256U}) {
        std::vector<std::uint32_t> pixels;
        for (unsigned i = 0; i < 61 * 47; ++i) pixels.push_back(0xFF000000 | (i % colours) * 0x010307);
        EXPECT_EQ(decode(encode_png8(pixels.data(), 61, 61, 47), 61, 47), pixels) << colours;
    }
}

TEST(Png8, APartOfALargerPictureIsThatPart) {
    std::vector<std::uint32_t> pixels;
    for (unsigned i = 0; i < 100 * 40; ++i) pixels.push_back(0xFF000000 | (i % 100) << 8 | i / 100);
    auto const part = decode(encode_png8(pixels.data() + 20 * 100 + 30, 100, 10, 15), 10, 15);
    for (unsigned y = 0; y < 15; ++y) {
        for (unsigned x = 0; x < 10; ++x) ASSERT_EQ(part[y * 10 + x], 0xFF000000 | (30 + x) << 8 | (20 + y));
    }
}

TEST(Png8, ManyColoursStayNearAndThePlainOnesExact) {
    constexpr int kSide = 256;
    auto const pixels = map_like(kSide, 0xFF8FBF8A, 0xFF456B1F);
    ASSERT_GT((std::set<std::uint32_t>{pixels.begin(), pixels.end()}).size(), 256U);
    auto const drawn = decode(encode_png8(pixels.data(), kSide, kSide, kSide), kSide, kSide);
    int worst = 0;
    double squares = 0;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        if (pixels[i] == 0xFF8FBF8A || pixels[i] == 0xFF456B1F) {
            ASSERT_EQ(drawn[i], pixels[i]) << i;
        }
        for (int c = 0; c < 24; c += 8) {
            int const off = std::abs(int(pixels[i] >> c & 255) - int(drawn[i] >> c & 255));
            worst = std::max(worst, off);
            squares += off * off;
        }
    }
    EXPECT_LE(worst, 12);
    EXPECT_LT(std::sqrt(squares / double(pixels.size() * 3)), 1.0);
}

// 256 pairs of colours, far from each other: the more frequent of a pair is what both become.
TEST(Png8, TheMoreFrequentOfNeighboursStaysExact) {
    std::vector<std::uint32_t> pixels;
    for (unsigned pair = 0; pair < 256; ++pair) {
        auto const colour = 0xFF000000 | (pair % 16) << 20 | (pair / 16) << 12 | 0x40;
        for (unsigned i = 0; i < 10; ++i) pixels.push_back(i < 6 ? colour : colour + 4);
    }
    auto const drawn = decode(encode_png8(pixels.data(), 64, 64, 40), 64, 40);
    for (std::size_t i = 0; i < pixels.size(); ++i) ASSERT_EQ(drawn[i], pixels[i / 10 * 10]) << i;
}

TEST(Png8, APlainTileIsTiny) {
    std::vector<std::uint32_t> const pixels(256 * 256, 0xFFE7F1F3);
    EXPECT_LT(encode_png8(pixels.data(), 256, 256, 256).size(), 200U);
}

}  // namespace
