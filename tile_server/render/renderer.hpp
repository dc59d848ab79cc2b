#pragma once

#include "gis_core/crs/map_projection.hpp"
#include "gis_core/geo/lon_lat.hpp"
#include "gis_core/geo/tile_id.hpp"
#include "styles/legend.hpp"
#include "styles/palette.hpp"
#include "tile_server/render/painter.hpp"
#include "tile_server/render/scene_rows.hpp"
#include "tile_server/render/sheet.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gis_core::db {
class Pool;
}

namespace tile_server {

/// What a picture shows, apart from where.
struct PictureStyle {
    std::string style;  // "ocop", "districts-dark", …
    int scale = 1;      // 1, or 2 for @2x: the same map with twice the pixels
    PictureFormat format = PictureFormat::png;
    std::string at;  // ISO date; empty: today
};

/// What a picture of a view colours and marks.
struct ViewChoice {
    std::string measure = "products";  // of kMeasures, or none: no colours
    std::vector<double> breaks;        // of the classes, rising, one less than colours; empty: the palette's
    std::string unit_code, unit_day;   // its outline is marked; empty: none
};

/// The ground of a picture in any CRS, and how many CSS pixels it gets.
struct MapFrame {
    gis_core::crs::ReferenceSystem const* crs;
    gis_core::crs::MapBox box;
    int width_px, height_px;
};

/// The picture of a metatile, to be cut into the files of its tiles. Tiles are 256 px, 512 px at scale 2.
class Metatile {
public:
    Metatile(PictureFormat format, int scale, gis_core::TileId corner, Picture picture)
        : format_{format}, scale_{scale}, corner_{corner}, picture_{std::move(picture)} {}

    std::uint32_t side() const;
    /// The tiles of a row, from west to east. Safe to call from many threads.
    std::vector<std::pair<gis_core::TileId, std::string>> encode_row(std::uint32_t row) const;

private:
    PictureFormat format_;
    int scale_;
    gis_core::TileId corner_;
    Picture picture_;
};

/// Pictures of the record. Safe to call from many threads. Every picture is of one transaction (one snapshot, one date),
/// read as the role of the pool, from pub only, or of layers in memory that are not behind it.
class Renderer {
public:
    /// As Painter's constructor.
    Renderer(gis_core::db::Pool& pool, std::filesystem::path styles_dir, std::filesystem::path const& fonts_dir);

    /// Rows for a picture that reads nothing outside the box, as of a day (ISO; empty: today); nothing where only the record has them.
    using Memory = std::function<std::unique_ptr<SceneRows>(gis_core::MercatorBox const& box, std::string const& at, std::string const& coloured,
                                                            std::string const& measure)>;
    /// Reads from there first. Call before anything is drawn.
    void read_from(Memory memory) { memory_ = std::move(memory); }
    /// Pictures read from there, and from the record.
    std::uint64_t from_memory() const { return from_memory_; }
    std::uint64_t from_record() const { return from_record_; }

    styles::Palette const& palette() const { return painter_.palette(); }
    void reload_styles() { painter_.reload(); }

    /// Tiles along one side of a metatile: 8, or 4 at scale 2; less at zooms that have no more.
    static std::uint32_t metatile_side(int scale, std::uint8_t zoom) noexcept;
    /// The north-west tile of the metatile that holds a tile: the key of single-flight.
    static gis_core::TileId metatile_of(gis_core::TileId tile, int scale) noexcept;

    /// \throws Error(not_found) for an unknown style, or a tile outside the pictures' zooms and bounds.
    void check(PictureStyle const& what, gis_core::TileId tile) const;

    /// Called between the stages of a drawing: when its rows are read, and when they are painted. What it throws ends the drawing.
    using Between = std::function<void()>;

    /// The metatile that holds `tile`.
    /// \throws Error(not_found) for an unknown style or a zoom outside the pictures' range, and for a date without
    /// lines, naming the nearest frames.
    Metatile draw_metatile(PictureStyle const& what, gis_core::TileId tile, Between const& between = {});
    /// The same with all tiles encoded.
    std::vector<std::pair<gis_core::TileId, std::string>> render_metatile(PictureStyle const& what, gis_core::TileId tile);

    /// One picture of a box, fitted into width x height CSS pixels (times scale) with its middle kept.
    std::string render_view(PictureStyle const& what, gis_core::LonLatBox const& box, int width_px, int height_px, ViewChoice const& choice = {},
                            Between const& between = {});

    /// One picture of a box in its CRS: all of the box in all of the picture.
    std::string render_map(PictureStyle const& what, MapFrame const& frame, Between const& between = {});
    /// A page of PDF: title, map to scale, legend, scale bar, north arrow, sources, day of the boundaries.
    std::string render_sheet(PictureStyle const& what, SheetOrder const& order, Between const& between = {});
    static SheetSize sheet_map_size(bool is_a3, bool is_portrait);
    /// The whole legend of a style as a picture.
    std::string render_legend(PictureStyle const& what, std::string const& lang);

    /// What the boundaries on the map are on that day, for the legend. Empty on a record without frames.
    /// \throws Error(not_found) for a date without lines.
    std::optional<styles::BoundaryNote> boundaries(std::string const& layer, std::string const& at);

private:
    styles::StyleName style_of(PictureStyle const& what) const;
    Scene scene_of(PictureStyle const& what, gis_core::MercatorBox const& box, double zoom, ViewChoice const& choice = {});

    gis_core::db::Pool& pool_;
    std::filesystem::path styles_dir_;
    Painter painter_;
    Memory memory_;
    std::atomic<std::uint64_t> from_memory_{0}, from_record_{0};
};

}  // namespace tile_server
