#pragma once

#include "gis_core/geo/lon_lat.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace styles {

/// One text in both languages of the programme.
struct Title {
    std::string vi, en;
};

/// The colours of one theme: #RRGGBB by the names of palette.toml, and the choropleth from few to many.
struct Theme {
    std::map<std::string, std::string, std::less<>> colours;
    std::vector<std::string> choropleth;
    /// \throws gis_core::Error(internal) when the palette has no such colour.
    std::string const& colour(std::string_view name) const;
};

struct Crop {
    std::string code;  // of data/crops.csv; "other" stands for the rest
    Title label;
    std::string pattern;  // how the sprite draws it
    std::string light, dark;
    std::string const& colour(bool is_dark) const { return is_dark ? dark : light; }
};

struct StyleDefinition {
    std::string id;
    Title title;
    std::string choropleth;  // id of the layer that is coloured
};

/// styles/palette.toml: what MapLibre, Mapnik, the sprite and the legend are made from.
struct Palette {
    Theme light, dark;
    std::map<std::string, std::vector<std::int64_t>, std::less<>> breaks;  // by layer id, ascending, one less than classes
    std::vector<Crop> crops;
    std::vector<StyleDefinition> styles;

    /// \throws gis_core::Error(internal) naming file, line and what is wrong with it.
    static Palette load(std::filesystem::path const& file);
    std::vector<std::int64_t> const& breaks_of(std::string_view layer) const;
};

/// palette.toml as it is now: read again when the file is another one. One that cannot be used changes nothing, and is logged. Safe to use
/// from many threads.
class LivePalette {
public:
    /// \throws as Palette::load
    explicit LivePalette(std::filesystem::path file);
    /// Looks at the file at most once a second.
    std::shared_ptr<Palette const> now();

private:
    std::filesystem::path file_;
    std::mutex mutex_;
    std::filesystem::file_time_type read_;
    std::chrono::steady_clock::time_point looked_at_;
    std::shared_ptr<Palette const> palette_;
};

/// A style as asked for in an address: "ocop" or "ocop-dark".
struct StyleName {
    StyleDefinition const* definition;
    bool is_dark;
    std::string text() const { return definition->id + (is_dark ? "-dark" : ""); }
    Theme const& theme(Palette const& palette) const { return is_dark ? palette.dark : palette.light; }
};
/// Empty when there is no such style.
std::optional<StyleName> find_style(Palette const& palette, std::string_view name);

/// The class (0 to breaks.size()) of a figure: a class begins at its break.
std::size_t class_of(std::vector<std::int64_t> const& breaks, std::int64_t figure);

/// Zooms and sizes that both kinds of map keep to.
inline constexpr int kMinZoom = 5, kMaxZoom = 18;                       // of pictures; vector tiles end earlier and are overzoomed
inline constexpr gis_core::LonLatBox kBounds{102.0, 8.0, 110.0, 23.5};  // of pictures' tiles: as the point layers of data/layers.toml
inline constexpr int kZoneMinZoom = 11;                                 // below: only figures per unit
/// A zone narrower than this shows its crop's colour alone: a pattern of 16 px can't be read there.
inline constexpr int kPatternMin_px = 24;
inline constexpr double kTintOpacity = 0.5;
/// The same as an area; zoom: of web tiles of 256 px.
double pattern_min_area_ha(double zoom);
inline constexpr int kProductMinZoom = 12;  // products one by one or in clusters
inline constexpr int kPlaceMinZoom = 13;    // producers, sales points, names of zones
inline constexpr int kNameMinZoom = 15;     // names of products
/// How strong the choropleth is: it steps back where zones and products are looked at.
inline constexpr int kFadeFromZoom = 11, kFadeToZoom = 14;
inline constexpr double kFadedOpacity = 0.35;

}  // namespace styles
