// Golden pictures: run with OCOPMAP_WRITE_GOLDEN=1 to write them anew, and look at them before committing.
#include "tile_server/render/painter.hpp"

#include "gis_core/geo/tile_id.hpp"

#include <cairo.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

namespace {

using gis_core::MercatorBox;
using tile_server::Label;
using tile_server::Marker;
using tile_server::Scene;
using tile_server::Shape;

tile_server::Painter& painter() {
    static tile_server::Painter one{OCOPMAP_STYLES_DIR, OCOPMAP_FONTS_DIR};
    return one;
}

/// WKB of a polygon from its ring, little-endian.
std::string polygon(std::vector<std::pair<double, double>> const& ring) {
    std::string wkb;
    auto const put = [&](auto value) {
        char bytes[sizeof value];
        std::memcpy(bytes, &value, sizeof value);
        wkb.append(bytes, sizeof value);
    };
    put(std::uint8_t{1}), put(std::uint32_t{3}), put(std::uint32_t{1}), put(static_cast<std::uint32_t>(ring.size()));
    for (auto const& [x, y] : ring) put(x), put(y);
    return wkb;
}
std::string square(double west, double south, double side) {
    return polygon({{west, south}, {west + side, south}, {west + side, south + side}, {west, south + side}, {west, south}});
}

constexpr double kZoom = 12;
double const kPx = 2 * gis_core::kMercatorHalfWidth_m / 256 / std::exp2(kZoom);

/// A made-up country around a corner of two tiles: units of every class, a zone, markers, and a name on the corner.
Scene scene(double x, double y) {
    Scene out;
    double const figures[] = {0, 3, 7, 12, 40};
    for (int i = 0; i < 5; ++i) {
        auto const shape = square(x + (i - 2.5) * 90 * kPx, y - 100 * kPx, 90 * kPx);
        out.choropleth.push_back({shape, figures[i], false, ""});
        out.communes_line.push_back({shape, std::nullopt, false, ""});
    }
    out.choropleth.push_back({square(x - 225 * kPx, y - 10 * kPx, 90 * kPx), std::nullopt, false, ""});
    out.zones.push_back({square(x - 100 * kPx, y + 10 * kPx, 100 * kPx), std::nullopt, false, "coconut"});
    out.zones.push_back({square(x + 20 * kPx, y + 10 * kPx, 100 * kPx), std::nullopt, false, "shrimp"});
    out.districts_line.push_back({square(x - 230 * kPx, y - 110 * kPx, 440 * kPx), std::nullopt, true, ""});
    for (int star = 0; star < 6; ++star) {
        if (star == 1 || star == 2) continue;
        out.products.push_back({x + (star - 3) * 40 * kPx, y - 120 * kPx, 1, star, ""});
    }
    out.products.push_back({x, y + 70 * kPx, 128, 5, ""});
    out.places.push_back({x - 150 * kPx, y + 60 * kPx, 1, 0, "producer"});
    out.places.push_back({x + 150 * kPx, y + 60 * kPx, 1, 0, "sales-point"});
    out.labels.push_back({"Phước Mỹ Trung", "12", "commune", "", x, y - 55 * kPx});
    out.labels.push_back({"Mỏ Cày Bắc", "", "district", "", x, y});
    out.labels.push_back({"Dừa\nVùng dừa hữu cơ", "", "zone", "coconut", x - 50 * kPx, y + 40 * kPx});
    return out;
}

struct Png {
    std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface{nullptr, cairo_surface_destroy};
    explicit Png(std::string const& file) : surface{cairo_image_surface_create_from_png(file.c_str()), cairo_surface_destroy} {}
    int width() const { return cairo_image_surface_get_width(surface.get()); }
    int height() const { return cairo_image_surface_get_height(surface.get()); }
    int channel(int x, int y, int c) const {
        return cairo_image_surface_get_data(surface.get())[y * cairo_image_surface_get_stride(surface.get()) + 4 * x + c];
    }
};

class SeamTest : public ::testing::TestWithParam<std::tuple<std::string, int>> {};

// The corner of four metatiles of z12 over the delta; names, markers, patterns and dashes lie across both seams.
TEST_P(SeamTest, FourPicturesMeetLikeOne) {
    auto const& [name, scale] = GetParam();
    auto const style = *styles::find_style(painter().palette(), name);
    auto const corner = gis_core::TileId{12, 3256, 1928}.bounds();  // 3256 and 1928 are multiples of 8
    double const x = corner.west, y = corner.north;
    auto const country = scene(x + 3.3 * kPx, y - 2.7 * kPx);
    constexpr int kSide_px = 512;
    double const side = kSide_px * kPx;
    auto const whole = painter().paint(country, style, {x - side, y - side, x + side, y + side}, 2 * kSide_px, 2 * kSide_px, kZoom, scale);
    int const n = kSide_px * scale;
    int differing = 0;
    for (int row = 0; row < 2; ++row) {
        for (int column = 0; column < 2; ++column) {
            double const west = x + (column - 1) * side, north = y + (1 - row) * side;
            auto const part = painter().paint(country, style, {west, north - side, west + side, north}, kSide_px, kSide_px, kZoom, scale);
            for (int j = 0; j < n; ++j) {
                for (int i = 0; i < n; ++i) {
                    auto const a = part.pixel(i, j), b = whole.pixel(column * n + i, row * n + j);
                    if (a == b) continue;
                    for (int c = 0; c < 32; c += 8) {
                        // one level of rounding is not seen; a shifted letter is
                        if (std::abs(int(a >> c & 255) - int(b >> c & 255)) > 8) {
                            ++differing;
                            break;
                        }
                    }
                }
            }
        }
    }
    EXPECT_LE(differing, 0);
}
INSTANTIATE_TEST_SUITE_P(Styles, SeamTest, ::testing::Values(std::tuple{"ocop", 1}, std::tuple{"ocop", 2}, std::tuple{"districts-dark", 1}));

class GoldenTest : public ::testing::TestWithParam<std::tuple<std::string, int>> {};

TEST_P(GoldenTest, LooksAsItDid) {
    auto const& [name, scale] = GetParam();
    auto const style = *styles::find_style(painter().palette(), name);
    auto const file = std::string{"scene_"} + name + (scale == 2 ? "@2x.png" : ".png");
    constexpr int kWidth = 480, kHeight = 300;
    auto const drawn =
        painter()
            .paint(scene(0, 0), style, {-kWidth / 2 * kPx, -kHeight / 2 * kPx, kWidth / 2 * kPx, kHeight / 2 * kPx}, kWidth, kHeight, kZoom, scale)
            .encode(tile_server::PictureFormat::png);
    auto const golden_file = std::string{OCOPMAP_GOLDEN_DIR} + "/" + file;
    if (std::getenv("OCOPMAP_WRITE_GOLDEN")) std::ofstream{golden_file, std::ios::binary} << drawn;
    auto const drawn_file = ::testing::TempDir() + "/drawn_" + file;
    std::ofstream{drawn_file, std::ios::binary} << drawn;

    Png const golden{golden_file}, now{drawn_file};
    ASSERT_EQ(cairo_surface_status(golden.surface.get()), CAIRO_STATUS_SUCCESS) << golden_file;
    ASSERT_EQ(now.width(), golden.width());
    ASSERT_EQ(now.height(), golden.height());
    int differing = 0;
    for (int y = 0; y < now.height(); ++y) {
        for (int x = 0; x < now.width(); ++x) {
            for (int c = 0; c < 3; ++c) {
                if (std::abs(now.channel(x, y, c) - golden.channel(x, y, c)) > 32) {
                    ++differing;
                    break;
                }
            }
        }
    }
    EXPECT_LE(differing, now.width() * now.height() / 200) << "compare " << drawn_file << " with " << golden_file;
}
INSTANTIATE_TEST_SUITE_P(Styles, GoldenTest, ::testing::Values(std::tuple{"ocop", 1}, std::tuple{"ocop-dark", 2}));

}  // namespace
