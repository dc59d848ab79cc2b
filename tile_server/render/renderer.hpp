#pragma once

#include "gis_core/geo/lon_lat.hpp"
#include "gis_core/geo/tile_id.hpp"
#include "styles/legend.hpp"
#include "styles/palette.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gis_core::db {
class Pool;
}

namespace tile_server {

enum class PictureFormat { png, webp };
std::optional<PictureFormat> find_picture_format(std::string_view extension);
char const* media_type(PictureFormat format) noexcept;

/// What a picture shows, apart from where.
struct PictureStyle {
    std::string style;      // "ocop", "districts-dark", …
    int scale = 1;          // 1, or 2 for @2x: the same map with twice the pixels
    PictureFormat format = PictureFormat::png;
    std::string at;         // ISO date; empty: today
};

/// Mapnik behind one door. Safe to call from many threads: each render borrows a map of its own. Every render reads the
/// record in one transaction (one snapshot, one date), as the role of the pool, from pub only.
class Renderer {
public:
    /// styles_dir: palette.toml and sprites/, as made by the build. fonts_dir: NotoSans-Regular.ttf and -Bold.ttf.
    /// \throws gis_core::Error(internal) when something of them is missing.
    Renderer(gis_core::db::Pool& pool, std::filesystem::path styles_dir, std::filesystem::path fonts_dir);
    ~Renderer();
    Renderer(Renderer const&) = delete;
    Renderer& operator=(Renderer const&) = delete;

    styles::Palette const& palette() const;

    /// Tiles along one side of a metatile: 8, or 4 at scale 2; less at zooms that have no more.
    static std::uint32_t metatile_side(int scale, std::uint8_t zoom) noexcept;
    /// The north-west tile of the metatile that holds a tile: the key of single-flight.
    static gis_core::TileId metatile_of(gis_core::TileId tile, int scale) noexcept;

    /// \throws Error(not_found) for an unknown style or a zoom outside the pictures' range.
    void check(PictureStyle const& what, gis_core::TileId tile) const;

    /// All tiles of the metatile that holds `tile`, encoded. Tiles are 256 px, 512 px at scale 2.
    /// \throws Error(not_found) for an unknown style or a zoom outside the pictures' range, and for a date without
    /// lines, naming the nearest frames.
    std::vector<std::pair<gis_core::TileId, std::string>> render_metatile(PictureStyle const& what, gis_core::TileId tile);

    /// One picture of a box, fitted into width x height CSS pixels (times scale) with its middle kept.
    std::string render_view(PictureStyle const& what, gis_core::LonLatBox const& box, int width_px, int height_px);

    /// What the boundaries on the map are on that day, for the legend. Empty on a record without frames.
    /// \throws Error(not_found) for a date without lines.
    std::optional<styles::BoundaryNote> boundaries(std::string const& layer, std::string const& at);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tile_server
