#include "styles/tools/sdf_glyphs.hpp"

#include "gis_core/error.hpp"

#include <gtest/gtest.h>
#include <protozero/pbf_reader.hpp>

#include <map>

namespace {

struct Glyph {
    std::string bitmap;
    std::uint32_t width = 0, height = 0, advance = 0;
    std::int32_t left = 0, top = 0;
};

/// Reads the message of https://github.com/mapbox/node-fontnik/blob/master/proto/glyphs.proto.
std::map<std::uint32_t, Glyph> read(std::string const& message) {
    std::map<std::uint32_t, Glyph> out;
    protozero::pbf_reader stacks{message};
    while (stacks.next(1)) {
        auto font = stacks.get_message();
        while (font.next()) {
            if (font.tag() != 3) {
                font.skip();
                continue;
            }
            auto one = font.get_message();
            Glyph glyph;
            std::uint32_t id = 0;
            while (one.next()) {
                switch (one.tag()) {
                case 1: id = one.get_uint32(); break;
                case 2: glyph.bitmap = one.get_string(); break;
                case 3: glyph.width = one.get_uint32(); break;
                case 4: glyph.height = one.get_uint32(); break;
                case 5: glyph.left = one.get_sint32(); break;
                case 6: glyph.top = one.get_sint32(); break;
                case 7: glyph.advance = one.get_uint32(); break;
                default: one.skip();
                }
            }
            out[id] = glyph;
        }
    }
    return out;
}

styles::SdfFont const& font() {
    static styles::SdfFont const regular{OCOPMAP_NOTO_REGULAR};
    return regular;
}

TEST(GlyphTest, VietnameseLettersAreThere) {
    auto const latin = read(font().range("Noto Sans Regular", 256));
    auto const additional = read(font().range("Noto Sans Regular", 7680));
    auto const punctuation = read(font().range("Noto Sans Regular", 8192));
    EXPECT_TRUE(latin.contains(U'đ'));
    EXPECT_TRUE(latin.contains(U'ơ'));
    EXPECT_TRUE(latin.contains(U'ư'));
    EXPECT_TRUE(additional.contains(U'ế'));
    EXPECT_TRUE(additional.contains(U'ợ'));
    EXPECT_TRUE(additional.contains(U'ỹ'));
    EXPECT_TRUE(punctuation.contains(U'–'));
    EXPECT_TRUE(punctuation.contains(U'₫'));
}

TEST(GlyphTest, BitmapsHaveTheirMarginAndAnOutline) {
    auto const glyphs = read(font().range("Noto Sans Regular", 0));
    for (auto const& [code, glyph] : glyphs) {
        if (glyph.width == 0) continue;
        ASSERT_EQ(glyph.bitmap.size(), (glyph.width + 6) * (glyph.height + 6)) << code;
        unsigned char darkest = 0;
        for (char const byte : glyph.bitmap) darkest = std::max(darkest, static_cast<unsigned char>(byte));
        EXPECT_GE(darkest, 191) << code;                                           // something lies inside the outline
        EXPECT_LT(static_cast<unsigned char>(glyph.bitmap.front()), 191) << code;  // the margin does not
    }
    auto const& a = glyphs.at(U'A');
    EXPECT_EQ(glyphs.at(U' ').width, 0U);
    EXPECT_GT(glyphs.at(U' ').advance, 0U);
    EXPECT_NEAR(a.height, 17, 1);  // cap height of Noto Sans is 714/1000 em
    EXPECT_NEAR(a.advance, 15, 1);
}

TEST(GlyphTest, AFileThatIsNoFontIsRefused) { EXPECT_THROW(styles::SdfFont{"/dev/null"}, gis_core::Error); }

}  // namespace
