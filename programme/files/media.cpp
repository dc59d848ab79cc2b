#include "programme/files/media.hpp"

#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <magic.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace programme::files {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;

constexpr std::size_t kLongestName = 200;

std::string lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string sniff(std::filesystem::path const& file) {
    thread_local std::unique_ptr<magic_set, decltype(&magic_close)> const magic{magic_open(MAGIC_MIME_TYPE | MAGIC_ERROR), &magic_close};
    thread_local bool const is_loaded = magic && magic_load(magic.get(), nullptr) == 0;
    char const* const said = is_loaded ? magic_file(magic.get(), file.c_str()) : nullptr;
    if (said == nullptr) throw Error{ErrorKind::internal, fmt::format("libmagic cannot look at a file: {}", magic ? magic_error(magic.get()) : "no memory")};
    return said;
}

}  // namespace

std::vector<MediaType> const& media_types() {
    static std::vector<MediaType> const types{
        {"image/jpeg", {"jpg", "jpeg", "jfif"}, true, true},
        {"image/png", {"png"}, true, true},
        {"image/webp", {"webp"}, true, true},
        {"image/heic", {"heic", "heif"}, true, false},
        {"application/pdf", {"pdf"}, false, true},
        {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", {"docx"}, false, false},
        {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", {"xlsx"}, false, false},
        {"video/mp4", {"mp4", "m4v"}, false, false},
    };
    return types;
}

MediaType const* find_media_type(std::string_view name) {
    auto const& types = media_types();
    auto const found = std::find_if(types.begin(), types.end(), [&](MediaType const& type) { return type.name == name; });
    return found == types.end() ? nullptr : &*found;
}

std::vector<MediaType> taken_by(std::string_view unit) {
    std::vector<MediaType> out;
    for (auto const& type : media_types()) {
        bool const is_pdf = type.name == "application/pdf", is_video = type.name.starts_with("video/");
        if (type.is_picture || unit.empty() || (unit == "picture-pdf" && is_pdf) || (unit == "paper" && !is_video)) out.push_back(type);
    }
    return out;
}

MediaType const& recognise(std::filesystem::path const& file, std::string_view declared_type, std::string_view name) {
    auto is = sniff(file);
    if (is == "image/heif") is = "image/heic";
    if (is == "video/x-m4v") is = "video/mp4";
    auto const* const type = find_media_type(is);
    if (type == nullptr) {
        std::vector<std::string_view> known;
        for (auto const& one : media_types()) known.push_back(one.extensions.front());
        throw Error{ErrorKind::unsupported_media, fmt::format("the file is {}, which is not taken", is), {{"file", is, fmt::format("{}", fmt::join(known, ", "))}}};
    }
    auto declared = lower(declared_type.substr(0, declared_type.find(';')));
    while (declared.ends_with(' ')) declared.pop_back();
    if (declared == "image/heif") declared = "image/heic";
    if (declared == "image/jpg") declared = "image/jpeg";
    if (!declared.empty() && declared != "application/octet-stream" && declared != is)
        throw Error{ErrorKind::unsupported_media, fmt::format("the file was declared as {} and is {}", declared.substr(0, 100), is), {{"Content-Type", declared.substr(0, 100), is}}};
    auto const dot = name.rfind('.');
    auto const extension = dot == std::string_view::npos ? std::string{} : lower(name.substr(dot + 1));
    if (!extension.empty() && std::find(type->extensions.begin(), type->extensions.end(), extension) == type->extensions.end())
        throw Error{ErrorKind::unsupported_media,
                    fmt::format("the name ends with .{} and the file is {}", extension, is),
                    {{"name", std::string{name}, fmt::format("ending with .{}", fmt::join(type->extensions, ", ."))}}};
    return *type;
}

std::string clean_name(std::string_view name) {
    auto const slash = name.find_last_of("/\\");
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    std::string out;
    for (unsigned char const c : gis_core::text::to_nfc(std::string{name})) {
        if (c >= 0x20 && c != 0x7F) out += static_cast<char>(c);
    }
    for (std::string_view const mark : {"\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"}) {  // they turn text round: gpj.exe
        for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark)) out.erase(at, mark.size());
    }
    if (out.size() > kLongestName) {  // the end says what it is, so the middle goes
        auto const dot = std::min(out.rfind('.'), out.size());
        auto const tail = out.size() - dot <= 10 ? out.substr(dot) : std::string{};
        std::size_t end = kLongestName - tail.size();
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
        out = out.substr(0, end) + tail;
    }
    while (out.starts_with('.') || out.starts_with(' ')) out.erase(0, 1);
    return out.empty() ? "tệp" : out;
}

}  // namespace programme::files
