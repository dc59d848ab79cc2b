#pragma once

#include "gis_core/geo/lon_lat.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace programme::files {

/// What a picture says of itself, read from its head alone.
struct PictureFacts {
    int width = 0, height = 0;             // upright
    std::optional<std::string> taken_at;   // "2026-11-20 08:30:00", by the camera's clock (EXIF DateTimeOriginal)
    std::optional<gis_core::LonLat> place;  // EXIF GPS
};

/// \throws gis_core::Error payload_too_large for more pixels than allowed, before any is decoded; invalid_argument when it is broken.
PictureFacts look_at_picture(std::filesystem::path const& file, std::int64_t most_pixels);

/// A copy without anything but its pixels: upright, in sRGB, no EXIF.
struct PictureCopy {
    std::string kind;  // "public", "1280", "320"
    std::string media_type;
    std::string bytes;
};
/// The public copy (at most 2,560 pixels a side; JPEG, or PNG where parts are transparent) and the thumbnails (WebP).
/// \throws gis_core::Error(invalid_argument) when the picture is broken.
std::vector<PictureCopy> copies_of_picture(std::filesystem::path const& file);

}  // namespace programme::files
