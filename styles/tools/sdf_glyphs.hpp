#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace styles {

/// Signed distance fields of a font's glyphs, as MapLibre draws text (the glyph PBF of node-fontnik):
/// 24 px, 3 px of margin, distances to 8 px, the outline at 75 % of the byte range.
class SdfFont {
public:
    static constexpr int kSize_px = 24, kBuffer_px = 3, kRadius_px = 8;
    static constexpr double kCutoff = 0.25;

    /// \throws gis_core::Error(internal) when the file is no font FreeType reads.
    explicit SdfFont(std::filesystem::path const& file);
    ~SdfFont();
    SdfFont(SdfFont const&) = delete;
    SdfFont& operator=(SdfFont const&) = delete;

    /// The 256 characters from first on as one glyphs message; characters that the font lacks are left out.
    std::string range(std::string_view stack, std::uint32_t first) const;

private:
    struct Face;
    std::unique_ptr<Face> face_;
};

}  // namespace styles
