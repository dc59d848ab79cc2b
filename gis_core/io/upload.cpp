#include "gis_core/io/upload.hpp"

#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace gis_core::io {
namespace {

constexpr std::size_t kMostEntries = 2000;
constexpr std::size_t kEndSize = 22, kEntrySize = 46, kLocalSize = 30;

[[noreturn]] void refuse(std::string const& why) { throw Error{ErrorKind::invalid_argument, "the file is damaged: " + why}; }

/// A little-endian number of a ZIP. \throws Error when the file ends before.
std::size_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    if (at > bytes.size() || bytes.size() - at < size) refuse("it ends in the middle");
    std::size_t out = 0;
    for (std::size_t i = 0; i < size; ++i) out |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    return out;
}

/// Whether a packed entry unpacks to as many bytes as it says; looks at no more than one byte beyond.
bool unpacks_to(std::string_view packed, std::size_t size) {
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<Bytef const*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    std::array<Bytef, 65'536> out{};
    int result = Z_OK;
    while (result == Z_OK && stream.total_out <= size) {
        stream.next_out = out.data();
        stream.avail_out = static_cast<uInt>(out.size());
        result = inflate(&stream, Z_NO_FLUSH);
    }
    auto const written = stream.total_out;
    inflateEnd(&stream);
    return result == Z_STREAM_END && written == size;
}

bool is_safe_name(std::string_view name) {
    return !name.empty() && name.front() != '/' && name.find('\\') == std::string_view::npos && name.find("..") == std::string_view::npos &&
           name.find(':') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

}  // namespace

bool check_archive(std::string_view bytes) {
    auto const end = bytes.rfind("PK\x05\x06");
    if (end == std::string_view::npos || bytes.size() - end < kEndSize) refuse("a ZIP without a directory");
    auto const entries = number(bytes, end + 10, 2);
    auto at = number(bytes, end + 16, 4);
    if (entries > kMostEntries) throw Error{ErrorKind::payload_too_large, fmt::format("the file packs {} files, at most {} are taken", entries, kMostEntries)};
    std::size_t unpacked = 0;
    bool is_workbook = false;
    for (std::size_t i = 0; i < entries; ++i) {
        if (number(bytes, at, 4) != 0x02014b50) refuse("its directory is not one of a ZIP");
        auto const flags = number(bytes, at + 8, 2), method = number(bytes, at + 10, 2), packed = number(bytes, at + 20, 4), size = number(bytes, at + 24, 4),
                   name_size = number(bytes, at + 28, 2), local = number(bytes, at + 42, 4);
        if (bytes.size() - at < kEntrySize + name_size) refuse("it ends in the middle");
        auto const name = bytes.substr(at + kEntrySize, name_size);
        if (!is_safe_name(name)) refuse("a name inside leads out of it");
        if ((flags & 1U) != 0) throw Error{ErrorKind::unsupported_media, "the file is locked by a password: take it away and send the file again"};
        unpacked += size;
        if (unpacked > kMostUnpackedBytes)
            throw Error{ErrorKind::payload_too_large,
                        fmt::format("the file unpacks to more than {} MB; send the rows in several files, or as CSV", kMostUnpackedBytes >> 20U)};
        if (number(bytes, local, 4) != 0x04034b50) refuse("an entry is not where the directory says");
        auto const from = local + kLocalSize + number(bytes, local + 26, 2) + number(bytes, local + 28, 2);
        if (from > bytes.size() || bytes.size() - from < packed) refuse("it ends in the middle");
        auto const content = bytes.substr(from, packed);
        if (method == 8 ? !unpacks_to(content, size) : method != 0 || packed != size) refuse("an entry does not unpack to what it says");
        is_workbook = is_workbook || name == "xl/workbook.xml";
        at += kEntrySize + name_size + number(bytes, at + 30, 2) + number(bytes, at + 32, 2);
    }
    return is_workbook;
}

FileFormat recognise(std::string_view bytes) {
    if (bytes.empty()) throw Error{ErrorKind::invalid_argument, "the file is empty"};
    if (bytes.starts_with("PK\x03\x04")) {
        if (!check_archive(bytes)) throw Error{ErrorKind::unsupported_media, "the file is a ZIP and not an XLSX workbook"};
        return FileFormat::xlsx;
    }
    if (bytes.starts_with(std::string_view{"SQLite format 3\0", 16})) return FileFormat::gpkg;
    if (bytes.starts_with("fgb\x03")) return FileFormat::fgb;
    auto text = bytes;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    constexpr std::size_t kLooked = 1024;
    auto const begin = text.substr(0, kLooked);
    auto const is_control = [](unsigned char c) { return c < 0x20 && c != '\n' && c != '\r' && c != '\t'; };
    if (begin.empty() || std::any_of(begin.begin(), begin.end(), is_control))
        throw Error{ErrorKind::unsupported_media, "the file is none that is read here: XLSX, CSV, GeoPackage, GeoJSON or FlatGeobuf"};
    if (!text::is_utf8(text)) throw Error{ErrorKind::invalid_argument, "the file is not UTF-8: save it as \"CSV UTF-8\", or as XLSX"};
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) throw Error{ErrorKind::invalid_argument, "the file is empty"};
    return text[first] == '{' ? FileFormat::geojson : FileFormat::csv;
}

}  // namespace gis_core::io
