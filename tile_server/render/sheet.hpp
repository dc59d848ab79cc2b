#pragma once

#include "gis_core/crs/map_projection.hpp"
#include "gis_core/json.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

typedef struct _cairo cairo_t;

namespace tile_server {

/// A printed map to scale.
struct SheetOrder {
    gis_core::crs::ReferenceSystem const* crs = nullptr;  // a projected one
    gis_core::LonLat centre{};
    double scale_denominator = 0;
    bool is_a3 = false, is_portrait = false;
    std::string lang = "vi";
    std::string sources;     // of the data, and whether it is a sample
    std::string day, today;  // ISO dates: what the map shows, when it is printed
};

struct SheetSize {
    double width_mm, height_mm;
};

/// Where things stand on a sheet; the same for both sizes of paper, lying and upright.
struct SheetLayout {
    bool is_a3, is_portrait;
    SheetSize paper() const;
    /// The part that the map covers.
    SheetSize map_size() const;
};

/// A page of PDF round a map that draw_map puts into units of 0.28 mm, from the map's north-west corner on. legend: of
/// styles::legend(). zoom: entries that do not show there are left out. opacity: of the
/// colours over `land`.
std::string draw_sheet(SheetLayout const& layout, SheetOrder const& order, gis_core::Json const& legend, std::filesystem::path const& styles_dir, double zoom,
                       double opacity, std::string const& land, std::function<void(cairo_t*)> const& draw_map);

/// A whole legend as PNG.
std::string draw_legend_picture(gis_core::Json const& legend, std::string const& background, std::string const& ink, std::filesystem::path const& styles_dir,
                                std::string const& lang);

/// "50.000" in Vietnamese, "50,000" in English.
std::string grouped(long number, std::string_view lang);

}  // namespace tile_server
