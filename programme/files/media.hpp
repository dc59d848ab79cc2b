#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace programme::files {

/// A kind of file that is taken in, known by its content.
struct MediaType {
    std::string_view name;                     // "image/jpeg"
    std::vector<std::string_view> extensions;  // what its name may end with; the first is its own
    bool is_picture = false;                   // copies are made of it
    bool is_shown = false;                     // a browser may show it in place
};

std::vector<MediaType> const& media_types();
MediaType const* find_media_type(std::string_view name);
/// What a field takes, by its unit in the dictionary: picture, picture-pdf, paper (both and office files); empty: everything.
std::vector<MediaType> taken_by(std::string_view unit);

/// What a file is, looked up by its content (libmagic), never by its name.
/// declared_type: of Content-Type, empty or application/octet-stream when nobody said; name: as cleaned.
/// \throws gis_core::Error(unsupported_media) for a kind that is not taken, and where declaration or name say something else;
///         both name what the file really is.
MediaType const& recognise(std::filesystem::path const& file, std::string_view declared_type, std::string_view name);

/// The last part of a name that somebody's computer gave ("C:\x\anh.jpg", "../../anh.jpg"), in NFC, without control characters,
/// of at most 200 bytes. A label only: nothing is ever stored under it. "tệp" when nothing is left.
std::string clean_name(std::string_view name);

}  // namespace programme::files
