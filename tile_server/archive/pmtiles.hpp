#pragma once

#include "tile_server/archive/archive_writer.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// PMTiles version 3: one file, a header, directories of tiles by their number along Hilbert curves, and the tiles.
namespace tile_server {

/// The tile's place on the Hilbert curves of all zooms, one after the other: PMTiles' TileId.
std::uint64_t tile_number(gis_core::TileId tile);

namespace pmtiles {

inline constexpr std::size_t kHeaderBytes = 127;
/// Header and root directory stand within these.
inline constexpr std::size_t kRootEnd = 16'384;

/// Numbers of the header's compression fields.
enum class Compression : std::uint8_t { unknown = 0, none = 1, gzip = 2, brotli = 3, zstd = 4 };

struct Section {
    std::uint64_t offset = 0, length = 0;
};

struct Header {
    Section root, metadata, leaves, tiles;
    std::uint64_t addressed = 0, entries = 0, contents = 0;  // 0: not known
    bool is_clustered = false;
    Compression internal = Compression::gzip, tile = Compression::gzip;
    TileType type = TileType::unknown;
    std::uint8_t min_zoom = 0, max_zoom = 0, center_zoom = 0;
    gis_core::LonLatBox bounds{};
    gis_core::LonLat center{};

    std::string bytes() const;
    /// \throws gis_core::Error(invalid_argument) for what is none, or whose sections do not lie in a file of that size.
    static Header parse(std::string_view bytes, std::uint64_t file_size);
};

/// `run` tiles from `number` on have these bytes of the tile section; run 0: there is a directory of what begins with `number`
/// in the section of leaves.
struct Entry {
    std::uint64_t number = 0, offset = 0;
    std::uint32_t length = 0, run = 0;
};

std::string encode_directory(std::vector<Entry> const& entries);
/// \throws gis_core::Error(invalid_argument) for what is none, or has entries out of order or outside the header's sections.
std::vector<Entry> decode_directory(std::string_view bytes, Header const& header);

/// Bytes of an archive. Comes back short where the file ends before.
using ReadAt = std::function<std::string(std::uint64_t offset, std::size_t length)>;

/// Finds tiles in an archive that anybody may have made: what is wrong in it is an Error(invalid_argument), and whatever it says, a
/// directory takes no more than 6 MB of memory, and nine are kept. Safe from many threads.
class Reader {
public:
    Reader(ReadAt read, std::uint64_t file_size);

    Header const& header() const { return header_; }
    /// The metadata, an object.
    gis_core::Json metadata() const;
    /// As it is stored: header().tile says how it is compressed.
    std::optional<std::string> find(gis_core::TileId tile) const;

private:
    using Directory = std::shared_ptr<std::vector<Entry> const>;
    Directory leaf(Section const& where) const;
    std::string read(Section const& where, std::size_t most, char const* what) const;

    ReadAt read_;
    Header header_;
    Directory root_;
    mutable std::mutex mutex_;
    mutable std::list<std::pair<std::uint64_t, Directory>> leaves_;  // by offset, the latest used first
};

}  // namespace pmtiles
}  // namespace tile_server
