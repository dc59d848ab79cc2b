#pragma once

#include "gis_core/geo/tile_id.hpp"
#include "tile_server/cover.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tile_server {

/// A tile as it is sent: content, and the same compressed. Empty content is 204.
struct TileContent {
    std::string plain, gzip, brotli;
    std::string media_type;
    std::uint64_t sequence = 0;  // of its publication; 0: never published
    bool is_empty() const { return plain.empty(); }
};

/// How hard to compress: on a miss somebody waits, in the background nobody does.
enum class Effort { quick, thorough };

/// Compresses what is worth it.
void compress(TileContent& content, Effort effort = Effort::quick);
/// True when gzip made this at its highest level: it says so in the head's XFL (RFC 1952 §2.3.1).
bool is_thorough(std::string_view gzip_bytes);

/// Where a tile lies: tiles/{folder}/{z}/{x}/{y}{suffix}. suffix: ".mvt", ".png", "@2x.webp".
struct TileAddress {
    std::string folder;
    gis_core::TileId tile;
    std::string suffix;
};

/// A folder of the cache and what its tiles are made from, so that a change finds them.
struct CacheFolder {
    std::string name;  // "communes", "shoreline,rivers", "ocop"
    std::vector<std::string> layers;
    std::vector<std::string> suffixes;
    int min_zoom = 0, max_zoom = 14;
    double margin = 0;  // how far things outside a tile reach into it, in tiles
};

/// The tiles nginx serves from disk: .gz, with a .br later, or the plain file where that is too small to be encoded or a picture. An empty one is a
/// marker. Publishing and removing hold one lock per tile; a file's mtime is its publish
/// sequence number, which makes nginx's ETag change with every publication (T4-T6).
class TileCache {
public:
    /// Takes the folder for this process alone; patience: how long to wait for one that was killed and has not quite gone.
    /// \throws gis_core::Error(internal) when it cannot be written or another process has it.
    TileCache(std::filesystem::path root, std::uint64_t byte_budget, std::chrono::milliseconds patience = {});
    ~TileCache();
    TileCache(TileCache const&) = delete;
    TileCache& operator=(TileCache const&) = delete;

    /// Call for each folder before anything is published.
    void add_folder(CacheFolder folder) { folders_.push_back(std::move(folder)); }
    std::vector<CacheFolder> const& folders() const { return folders_; }

    /// Writes the tile unless is_fresh() says no, asked inside the tile's lock. Sets content.sequence.
    bool publish(TileAddress const& address, TileContent& content, std::function<bool()> const& is_fresh);
    /// What is on disk for the address.
    std::optional<TileContent> find(TileAddress const& address) const;
    enum class Stored { no, empty, tile };
    /// What find() would find, for the price of a look.
    Stored look(TileAddress const& address) const;
    /// Puts smaller encodings beside the tile, if it is still that publication. The number stays: the plain bytes are the same, and an
    /// encoding's ETag (number and size) changes with its size. Returns the bytes saved.
    std::uint64_t recompress(TileAddress const& address, TileContent const& content);
    /// Calls visit for each stored tile with encodings until it says false. Tiles may come and go meanwhile.
    void for_each_coded(std::function<bool(TileAddress const&)> const& visit) const;
    /// Removes every tile of every folder that shows the layer there.
    void remove(std::string const& layer, Cover const& cover);
    /// Removes every tile of a folder.
    void remove_folder(std::string const& name) { remove_below(root_ / "tiles" / name); }
    /// Removes every tile.
    void clear();

    std::uint64_t next_sequence();
    std::uint64_t bytes() const { return bytes_; }

    /// A short text kept beside the tiles: what the cache was made from.
    std::string note(std::string const& name) const;
    void set_note(std::string const& name, std::string const& text);

private:
    std::filesystem::path path_of(TileAddress const& address) const;
    std::mutex& lock_of(std::filesystem::path const& plain) const;
    void remove_tile(std::filesystem::path const& plain);
    void remove_below(std::filesystem::path const& folder);
    void write(std::filesystem::path const& file, std::string_view bytes, std::uint64_t sequence);
    void unlink(std::filesystem::path const& file);
    void evict();

    std::filesystem::path root_;
    std::uint64_t budget_;
    int lock_file_ = -1;
    std::vector<CacheFolder> folders_;
    mutable std::array<std::mutex, 512> locks_;
    std::atomic<std::uint64_t> bytes_{0};
    std::mutex sequence_mutex_;
    std::uint64_t sequence_ = 0, reserved_ = 0;
    std::atomic<bool> evicting_{false};
    std::thread evictor_;
    std::mutex evictor_mutex_;
};

}  // namespace tile_server
