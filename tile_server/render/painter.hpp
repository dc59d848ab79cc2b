#pragma once

#include "gis_core/geo/lon_lat.hpp"
#include "styles/palette.hpp"
#include "tile_server/render/scene.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

typedef struct _cairo cairo_t;

namespace tile_server {

enum class PictureFormat { png, webp };
std::optional<PictureFormat> find_picture_format(std::string_view extension);
char const* media_type(PictureFormat format) noexcept;

/// Pixels of a drawn scene.
class Picture {
public:
    struct Pixels;
    explicit Picture(std::unique_ptr<Pixels> pixels);
    ~Picture();
    Picture(Picture&&) noexcept;
    Picture& operator=(Picture&&) noexcept;

    int width_px() const;
    int height_px() const;
    /// 0xAABBGGRR, row 0 is the north edge.
    std::uint32_t pixel(int x, int y) const;
    /// The one colour of a part that has only one, such as land without data: its file can be made once for many tiles.
    std::optional<std::uint32_t> single_colour(int x, int y, int width_px, int height_px) const;
    /// A part of the picture as a file (png: 256 colours, webp: lossy).
    std::string encode(PictureFormat format, int x, int y, int width_px, int height_px) const;
    std::string encode(PictureFormat format) const { return encode(format, 0, 0, width_px(), height_px()); }

private:
    std::unique_ptr<Pixels> pixels_;
};

/// The choropleth's opacity: it steps back where zones and products are looked at.
double choropleth_opacity(double zoom);

/// Draws scenes with Mapnik. Safe to call from many threads: each drawing borrows a map of its own.
class Painter {
public:
    /// styles_dir: palette.toml and sprites/, as made by the build. fonts_dir: NotoSans-Regular.ttf and -Bold.ttf.
    /// \throws gis_core::Error(internal) when something of them is missing.
    Painter(std::filesystem::path styles_dir, std::filesystem::path const& fonts_dir);
    ~Painter();
    Painter(Painter const&) = delete;
    Painter& operator=(Painter const&) = delete;

    /// Valid as long as the painter, also when another one is used by now.
    styles::Palette const& palette() const;
    /// Reads styles_dir again; drawings that run go on with what they began with.
    /// \throws gis_core::Error when it cannot be used; then all stays as it is.
    void reload();
    /// width and height in CSS pixels; the picture has `scale` times as many each way. breaks: of the classes, one less than
    /// colours; empty: the palette's. box: in srs, east first.
    Picture paint(Scene const& scene, styles::StyleName const& style, gis_core::MercatorBox const& box, int width_px, int height_px, double zoom, int scale,
                  std::vector<double> const& breaks = {}, std::string const& srs = "epsg:3857");
    /// The same as lines, areas and letters on a page: a CSS pixel is a unit of the page, whose clip is the picture's edge.
    void paint_on(cairo_t* page, Scene const& scene, styles::StyleName const& style, gis_core::MercatorBox const& box, int width_px, int height_px, double zoom,
                  std::string const& srs);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tile_server
