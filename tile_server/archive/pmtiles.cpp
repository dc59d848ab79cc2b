#include "tile_server/archive/pmtiles.hpp"

#include "gis_core/error.hpp"
#include "tile_server/archive/gzip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace tile_server {

std::uint64_t tile_number(gis_core::TileId tile) {
    auto number = ((std::uint64_t{1} << (2U * tile.z)) - 1) / 3;  // all tiles of the zooms before
    auto x = tile.x, y = tile.y;
    for (auto side = (std::uint32_t{1} << tile.z) >> 1U; side > 0; side >>= 1U) {
        std::uint32_t const right = (x & side) != 0 ? 1 : 0, lower = (y & side) != 0 ? 1 : 0;
        number += std::uint64_t{side} * side * ((3 * right) ^ lower);
        if (lower != 0) continue;
        if (right != 0) {  // bits above `side` are not looked at any more
            x = side - 1 - x;
            y = side - 1 - y;
        }
        std::swap(x, y);
    }
    return number;
}

namespace pmtiles {
namespace {

constexpr std::string_view kMagic = "PMTiles\3";
constexpr std::size_t kMostDirectory = std::size_t{1} << 20U;  // of a directory, uncompressed: 262,144 entries at most
constexpr std::size_t kMostMetadata = std::size_t{4} << 20U;
constexpr std::size_t kMostTile = std::size_t{32} << 20U;
constexpr std::size_t kLeavesKept = 8;
constexpr int kDeepest = 4;
constexpr double kDegree = 1e7;

gis_core::Error broken(std::string const& what) { return {gis_core::ErrorKind::invalid_argument, "no PMTiles archive of version 3: " + what}; }

template <typename Number>
void put(std::string& out, Number number) {
    for (std::size_t i = 0; i < sizeof(Number); ++i) out += static_cast<char>((static_cast<std::uint64_t>(number) >> (8 * i)) & 0xFFU);
}

template <typename Number>
Number take(std::string_view& bytes) {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) out |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    bytes.remove_prefix(sizeof(Number));
    return static_cast<Number>(out);
}

void put_section(std::string& out, Section const& section) {
    put(out, section.offset);
    put(out, section.length);
}

void put_degrees(std::string& out, double degrees) { put(out, static_cast<std::int32_t>(std::lround(degrees * kDegree))); }

void put_varint(std::string& out, std::uint64_t number) {
    for (; number >= 0x80U; number >>= 7U) out += static_cast<char>((number & 0x7FU) | 0x80U);
    out += static_cast<char>(number);
}

std::uint64_t take_varint(std::string_view& bytes) {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (bytes.empty()) throw broken("a directory ends early");
        auto const byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        if (shift == 63 && byte > 1) break;
        out |= std::uint64_t{byte & 0x7FU} << shift;
        if ((byte & 0x80U) == 0) return out;
    }
    throw broken("a number of more than 64 bits");
}

bool lies_within(std::uint64_t offset, std::uint64_t length, std::uint64_t size) { return offset <= size && length <= size - offset; }

std::string uncompressed(std::string bytes, Compression compression, std::size_t most, char const* what) {
    switch (compression) {
    case Compression::none:
        if (bytes.size() > most) throw broken(fmt::format("{} of more than {} bytes", what, most));
        return bytes;
    case Compression::gzip:
        if (auto out = gunzip(bytes, most)) return std::move(*out);
        throw broken(fmt::format("{} that gzip cannot open, or of more than {} bytes", what, most));
    case Compression::unknown:
    case Compression::brotli:
    case Compression::zstd: break;
    }
    throw broken(fmt::format("{} compressed by method {}; this reader knows none (1) and gzip (2)", what, static_cast<int>(compression)));
}

}  // namespace

std::string Header::bytes() const {
    std::string out{kMagic};
    for (auto const& section : {root, metadata, leaves, tiles}) put_section(out, section);
    put(out, addressed);
    put(out, entries);
    put(out, contents);
    for (auto const byte : {std::uint8_t{is_clustered}, static_cast<std::uint8_t>(internal), static_cast<std::uint8_t>(tile), static_cast<std::uint8_t>(type),
                            min_zoom, max_zoom}) {
        put(out, byte);
    }
    for (auto const degrees : {bounds.west, bounds.south, bounds.east, bounds.north}) put_degrees(out, degrees);
    put(out, center_zoom);
    put_degrees(out, center.lon);
    put_degrees(out, center.lat);
    return out;
}

Header Header::parse(std::string_view bytes, std::uint64_t file_size) {
    if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) throw broken("it does not begin with PMTiles and 3");
    bytes.remove_prefix(kMagic.size());
    Header out;
    for (auto* section : {&out.root, &out.metadata, &out.leaves, &out.tiles}) {
        section->offset = take<std::uint64_t>(bytes);
        section->length = take<std::uint64_t>(bytes);
        if (!lies_within(section->offset, section->length, file_size)) throw broken("a section reaches over the file's end");
    }
    if (out.root.length == 0 || !lies_within(out.root.offset, out.root.length, kRootEnd)) throw broken("the root directory is not in the first 16,384 bytes");
    out.addressed = take<std::uint64_t>(bytes);
    out.entries = take<std::uint64_t>(bytes);
    out.contents = take<std::uint64_t>(bytes);
    out.is_clustered = take<std::uint8_t>(bytes) == 1;
    out.internal = static_cast<Compression>(take<std::uint8_t>(bytes));
    out.tile = static_cast<Compression>(take<std::uint8_t>(bytes));
    out.type = static_cast<TileType>(take<std::uint8_t>(bytes));
    out.min_zoom = take<std::uint8_t>(bytes);
    out.max_zoom = take<std::uint8_t>(bytes);
    if (out.min_zoom > out.max_zoom || out.max_zoom > gis_core::TileId::kMaxZoom) throw broken(fmt::format("zooms {} to {}", out.min_zoom, out.max_zoom));
    auto const degrees = [&] { return take<std::int32_t>(bytes) / kDegree; };
    out.bounds.west = degrees();
    out.bounds.south = degrees();
    out.bounds.east = degrees();
    out.bounds.north = degrees();
    out.center_zoom = take<std::uint8_t>(bytes);
    out.center.lon = degrees();
    out.center.lat = degrees();
    return out;
}

std::string encode_directory(std::vector<Entry> const& entries) {
    std::string out;
    put_varint(out, entries.size());
    std::uint64_t last = 0;
    for (auto const& entry : entries) put_varint(out, entry.number - std::exchange(last, entry.number));
    for (auto const& entry : entries) put_varint(out, entry.run);
    for (auto const& entry : entries) put_varint(out, entry.length);
    std::uint64_t end = 0;  // of the entry before; the first is never written as following another
    for (std::size_t i = 0; i < entries.size(); ++i) {
        put_varint(out, i > 0 && entries[i].offset == end ? 0 : entries[i].offset + 1);
        end = entries[i].offset + entries[i].length;
    }
    return gzip(out, 9);
}

std::vector<Entry> decode_directory(std::string_view bytes, Header const& header) {
    auto const text = uncompressed(std::string{bytes}, header.internal, kMostDirectory, "a directory");
    std::string_view rest{text};
    auto const count = take_varint(rest);
    if (count == 0 || count > rest.size() / 4) throw broken("a directory whose entries are not there");  // four numbers each
    std::vector<Entry> out(count);
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        auto const step = take_varint(rest);
        if ((i > 0 && step == 0) || step > std::numeric_limits<std::uint64_t>::max() - number) throw broken("a directory whose entries are out of order");
        out[i].number = number += step;
    }
    auto const take_32 = [&] {
        auto const value = take_varint(rest);
        if (value > std::numeric_limits<std::uint32_t>::max()) throw broken("a length of more than 32 bits");
        return static_cast<std::uint32_t>(value);
    };
    for (auto& entry : out) entry.run = take_32();
    for (auto& entry : out) entry.length = take_32();
    for (std::size_t i = 0; i < count; ++i) {
        auto const value = take_varint(rest);
        if (value == 0 && i == 0) throw broken("a first entry that follows another");
        out[i].offset = value == 0 ? out[i - 1].offset + out[i - 1].length : value - 1;
        auto const& section = out[i].run == 0 ? header.leaves : header.tiles;
        if (out[i].length == 0 || !lies_within(out[i].offset, out[i].length, section.length)) throw broken("an entry outside its section");
    }
    return out;
}

Reader::Reader(ReadAt read, std::uint64_t file_size) : read_{std::move(read)}, header_{Header::parse(read_(0, kHeaderBytes), file_size)} {
    root_ = std::make_shared<std::vector<Entry> const>(decode_directory(this->read(header_.root, kRootEnd, "the root directory"), header_));
}

std::string Reader::read(Section const& where, std::size_t most, char const* what) const {
    if (where.length > most) throw broken(fmt::format("{} of more than {} bytes", what, most));
    auto out = read_(where.offset, where.length);
    if (out.size() != where.length) throw broken("the file is shorter than it was");
    return out;
}

gis_core::Json Reader::metadata() const {
    if (header_.metadata.length == 0) return gis_core::Json::object();
    auto out = gis_core::parse_json(uncompressed(read(header_.metadata, kMostMetadata, "metadata"), header_.internal, kMostMetadata, "metadata"),
                                    "the archive's metadata");
    if (!out.is_object()) throw broken("metadata that are no JSON object");
    return out;
}

Reader::Directory Reader::leaf(Section const& where) const {
    {
        std::lock_guard lock{mutex_};
        auto const found = std::find_if(leaves_.begin(), leaves_.end(), [&](auto const& kept) { return kept.first == where.offset; });
        if (found != leaves_.end()) {
            leaves_.splice(leaves_.begin(), leaves_, found);
            return found->second;
        }
    }
    auto directory = std::make_shared<std::vector<Entry> const>(
        decode_directory(read({header_.leaves.offset + where.offset, where.length}, kMostDirectory, "a directory"), header_));
    std::lock_guard lock{mutex_};
    leaves_.emplace_front(where.offset, directory);
    if (leaves_.size() > kLeavesKept) leaves_.pop_back();
    return directory;
}

std::optional<std::string> Reader::find(gis_core::TileId tile) const {
    auto const number = tile_number(tile);
    auto directory = root_;
    for (int depth = 0; depth < kDeepest; ++depth) {
        auto const after = std::upper_bound(directory->begin(), directory->end(), number, [](std::uint64_t n, Entry const& entry) { return n < entry.number; });
        if (after == directory->begin()) return std::nullopt;
        auto const entry = *std::prev(after);
        if (entry.run > 0) {
            if (number - entry.number >= entry.run) return std::nullopt;
            return read({header_.tiles.offset + entry.offset, entry.length}, kMostTile, "a tile");
        }
        directory = leaf({entry.offset, entry.length});
    }
    throw broken("directories in directories, more than four deep");
}

}  // namespace pmtiles
}  // namespace tile_server
