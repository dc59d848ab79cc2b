#include "programme/files/pictures.hpp"

#include "gis_core/date.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <vips/vips8>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

namespace programme::files {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using vips::VImage;

/// libvips, once: loaders that were not written for hostile input are off, and nothing is kept between pictures.
void start() {
    static bool const started = [] {
        if (VIPS_INIT("ocopmap") != 0) throw Error{ErrorKind::internal, "libvips does not start"};
        vips_block_untrusted_set(TRUE);
        vips_cache_set_max(0);
        vips_concurrency_set(1);
        return true;
    }();
    static_cast<void>(started);
}

template <typename Work>
auto guarded(Work work) {
    start();
    try {
        return work();
    } catch (vips::VError const& error) {
        std::string why{error.what()};
        why = why.substr(0, std::min<std::size_t>(why.find('\n'), 200));
        vips_error_clear();
        throw Error{ErrorKind::invalid_argument, "the picture is broken: " + why, {{"file", "", "a picture that can be read to its end"}}};
    }
}

/// libvips gives EXIF as text: "10/1 14/1 2544/100 (10, 14, 25.44, Rational, 3 components, 24 bytes)".
std::string exif(VImage const& image, char const* field) {
    if (image.get_typeof(field) == 0) return {};
    return image.get_string(field);
}

std::optional<double> degrees(std::string const& text, std::string const& direction) {
    double value = 0;
    std::size_t at = 0;
    for (double const part : {1.0, 60.0, 3600.0}) {
        double number = 0, divisor = 0;
        int read = 0;
        if (std::sscanf(text.c_str() + at, "%lf/%lf %n", &number, &divisor, &read) != 2 || divisor == 0) return std::nullopt;
        value += number / divisor / part;
        at += static_cast<std::size_t>(read);
    }
    if (direction.empty() || !std::isfinite(value)) return std::nullopt;
    return direction.front() == 'S' || direction.front() == 'W' ? -value : value;
}

std::optional<std::string> taken_at(VImage const& image) {
    for (auto const* field : {"exif-ifd2-DateTimeOriginal", "exif-ifd0-DateTime"}) {
        int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
        if (std::sscanf(exif(image, field).c_str(), "%4d:%2d:%2d %2d:%2d:%2d", &year, &month, &day, &hour, &minute, &second) != 6) continue;
        auto const date = fmt::format("{:04}-{:02}-{:02}", year, month, day);
        if (gis_core::Date::parse(date) && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60)
            return fmt::format("{} {:02}:{:02}:{:02}", date, hour, minute, second);
    }
    return std::nullopt;
}

std::optional<gis_core::LonLat> place(VImage const& image) {
    auto const lat = degrees(exif(image, "exif-ifd3-GPSLatitude"), exif(image, "exif-ifd3-GPSLatitudeRef"));
    auto const lon = degrees(exif(image, "exif-ifd3-GPSLongitude"), exif(image, "exif-ifd3-GPSLongitudeRef"));
    if (!lat || !lon || std::abs(*lat) > 90 || std::abs(*lon) > 180 || (*lat == 0 && *lon == 0)) return std::nullopt;
    return gis_core::LonLat{*lon, *lat};
}

/// Upright and not larger than a square of that side, in sRGB.
VImage shrunk(std::filesystem::path const& file, int side) {
    return VImage::thumbnail(file.c_str(), side,
                             VImage::option()->set("height", side)->set("size", VIPS_SIZE_DOWN)->set("export_profile", "srgb")->set("fail_on", VIPS_FAIL_ON_TRUNCATED));
}

std::string written(VImage const& image, char const* suffix, int quality) {
    auto const bare = image.copy();
    std::unique_ptr<char*, decltype(&g_strfreev)> const fields{vips_image_get_fields(bare.get_image()), &g_strfreev};
    for (auto* const* field = fields.get(); *field != nullptr; ++field) vips_image_remove(bare.get_image(), *field);  // "strip" leaves EXIF in WebP
    auto* const options = VImage::option()->set("strip", true);
    if (quality > 0) options->set("Q", quality);
    void* bytes = nullptr;
    std::size_t size = 0;
    bare.write_to_buffer(suffix, &bytes, &size, options);
    std::string out{static_cast<char const*>(bytes), size};
    g_free(bytes);
    return out;
}

}  // namespace

PictureFacts look_at_picture(std::filesystem::path const& file, std::int64_t most_pixels) {
    return guarded([&] {
        auto const image = VImage::new_from_file(file.c_str(), VImage::option()->set("access", VIPS_ACCESS_SEQUENTIAL));
        PictureFacts facts{image.width(), image.height(), taken_at(image), place(image)};
        if (auto const pixels = std::int64_t{facts.width} * facts.height; pixels > most_pixels)
            throw Error{ErrorKind::payload_too_large,
                        fmt::format("the picture has {} x {} pixels, more than {} million", facts.width, facts.height, most_pixels / 1'000'000),
                        {{"file", fmt::format("{} x {}", facts.width, facts.height), fmt::format("at most {} pixels", most_pixels)}}};
        if (vips_image_get_orientation_swap(image.get_image()) != 0) std::swap(facts.width, facts.height);
        return facts;
    });
}

std::vector<PictureCopy> copies_of_picture(std::filesystem::path const& file) {
    return guarded([&] {
        std::vector<PictureCopy> out;
        auto const whole = shrunk(file, 2560);
        if (whole.has_alpha()) out.push_back({"public", "image/png", written(whole, ".png", 0)});
        else out.push_back({"public", "image/jpeg", written(whole, ".jpg", 85)});
        for (int const side : {1280, 320}) out.push_back({std::to_string(side), "image/webp", written(shrunk(file, side), ".webp", 80)});
        return out;
    });
}

}  // namespace programme::files
