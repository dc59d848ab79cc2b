#include "tile_server/tile_cache.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"
#include "tile_server/archive/gzip.hpp"

#include <fmt/format.h>

#include <brotli/encode.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>

namespace tile_server {

namespace fs = std::filesystem;
using gis_core::TileId;

namespace {

std::string read_file(fs::path const& file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

fs::path with(fs::path file, char const* suffix) {
    file += suffix;
    return file;
}

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end == text.data()) return std::nullopt;
    return value;
}

/// Calls visit(entry) for what lies below, until it says false. Files may come and go meanwhile.
template <typename Visit>
void for_each_below(fs::path const& folder, Visit&& visit) {
    std::error_code error;
    for (fs::recursive_directory_iterator entry{folder, fs::directory_options::skip_permission_denied, error}, end; !error && entry != end;
         entry.increment(error)) {
        if (!visit(*entry)) return;
    }
}

}  // namespace

void compress(TileContent& content, Effort effort) {
    constexpr std::size_t kLeast = 200;  // below, the head is larger than the gain
    if (content.plain.size() < kLeast) return;
    if (effort == Effort::quick) {
        content.gzip = quick_gzip(content.plain);
        return;
    }
    content.gzip = gzip(content.plain, 12);
    auto size = BrotliEncoderMaxCompressedSize(content.plain.size());
    content.brotli.resize(size);
    auto const done =
        BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, content.plain.size(),
                              reinterpret_cast<std::uint8_t const*>(content.plain.data()), &size, reinterpret_cast<std::uint8_t*>(content.brotli.data()));
    content.brotli.resize(done == BROTLI_TRUE ? size : 0);
}

bool is_thorough(std::string_view gzip_bytes) { return gzip_bytes.size() > 8 && gzip_bytes[8] == 2; }

TileCache::TileCache(fs::path root, std::uint64_t byte_budget, std::chrono::milliseconds patience) : root_{std::move(root)}, budget_{byte_budget} {
    std::error_code error;
    fs::create_directories(root_ / "tiles", error);
    lock_file_ = ::open((root_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (error || lock_file_ < 0) throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("the cache folder {} cannot be written", root_.string())};
    auto const until = std::chrono::steady_clock::now() + patience;
    bool is_ours = false;
    while (!(is_ours = ::flock(lock_file_, LOCK_EX | LOCK_NB) == 0) && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    if (!is_ours) {
        ::close(lock_file_);
        throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("the cache folder {} is in use by another tile server", root_.string())};
    }
    std::uint64_t bytes = 0;
    for_each_below(root_ / "tiles", [&](fs::directory_entry const& entry) {
        if (entry.is_regular_file(error)) bytes += entry.file_size(error);
        return true;
    });
    bytes_ = bytes;
    // The next number of a cache whose note is lost must still be larger than any client has seen: take the clock.
    auto const kept = note("sequence");
    std::uint64_t value = 0;
    std::from_chars(kept.data(), kept.data() + kept.size(), value);
    sequence_ = reserved_ = std::max<std::uint64_t>(value, value == 0 ? static_cast<std::uint64_t>(std::time(nullptr)) : 0);
}

TileCache::~TileCache() {
    {
        std::lock_guard lock{evictor_mutex_};
        if (evictor_.joinable()) evictor_.join();
    }
    ::close(lock_file_);
}

std::string TileCache::note(std::string const& name) const {
    auto text = read_file(root_ / name);
    while (!text.empty() && (text.back() == '\n')) text.pop_back();
    return text;
}

void TileCache::set_note(std::string const& name, std::string const& text) {
    auto const file = root_ / name, temporary = with(file, ".new");
    {
        std::ofstream out{temporary, std::ios::binary | std::ios::trunc};
        out << text << '\n';
        out.flush();
        if (!out) {
            ::unlink(temporary.c_str());
            throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("{} cannot be written; is the disk full?", temporary.string())};
        }
    }
    std::error_code error;
    fs::rename(temporary, file, error);
    if (error) throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("{} cannot be written: {}", file.string(), error.message())};
}

std::uint64_t TileCache::next_sequence() {
    std::lock_guard lock{sequence_mutex_};
    if (sequence_ == reserved_) {
        set_note("sequence", std::to_string(reserved_ + 1000));  // numbers up to here count as given, whatever happens
        reserved_ += 1000;
    }
    return ++sequence_;
}

fs::path TileCache::path_of(TileAddress const& address) const {
    return root_ / "tiles" / address.folder / fmt::format("{}/{}/{}{}", address.tile.z, address.tile.x, address.tile.y, address.suffix);
}

std::mutex& TileCache::lock_of(fs::path const& plain) const { return locks_[std::hash<std::string>{}(plain.native()) % locks_.size()]; }

void TileCache::unlink(fs::path const& file) {
    struct stat state {};
    if (::stat(file.c_str(), &state) != 0) return;
    if (::unlink(file.c_str()) == 0) bytes_ -= std::min<std::uint64_t>(bytes_, static_cast<std::uint64_t>(state.st_size));
}

void TileCache::write(fs::path const& file, std::string_view bytes, std::uint64_t sequence) {
    auto const temporary = with(file, ".new");
    auto const fail = [&](int descriptor) {
        auto const why = errno;
        if (descriptor >= 0) ::close(descriptor);
        ::unlink(temporary.c_str());
        throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("a tile cannot be stored: {}", std::strerror(why))};
    };
    int const descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) fail(descriptor);
    for (auto rest = bytes; !rest.empty();) {
        auto const written = ::write(descriptor, rest.data(), rest.size());
        if (written < 0 && errno != EINTR) fail(descriptor);
        if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
    timespec const time{static_cast<time_t>(sequence), 0};
    timespec const both[2] = {time, time};
    ::futimens(descriptor, both);
    ::close(descriptor);
    struct stat before {};
    if (::stat(file.c_str(), &before) == 0) bytes_ -= std::min<std::uint64_t>(bytes_, static_cast<std::uint64_t>(before.st_size));
    if (::rename(temporary.c_str(), file.c_str()) != 0) fail(-1);
    bytes_ += bytes.size();
}

bool TileCache::publish(TileAddress const& address, TileContent& content, std::function<bool()> const& is_fresh) {
    auto const plain = path_of(address);
    std::error_code error;
    fs::create_directories(plain.parent_path(), error);
    std::uint64_t sequence = 0;
    try {
        sequence = next_sequence();
    } catch (gis_core::Error const& failure) {
        gis_core::log::warn("cache: {}", failure.what());
        return is_fresh();
    }
    {
        std::lock_guard lock{lock_of(plain)};
        if (!is_fresh()) return false;
        auto const put = [&](char const* suffix, std::string const& bytes) {
            auto const file = with(plain, suffix);
            if (bytes.empty()) unlink(file);
            else write(file, bytes, sequence);
        };
        try {
            put(".br", content.brotli);
            put(".gz", content.gzip);
            if (content.is_empty()) write(with(plain, ".empty"), {}, sequence);
            else unlink(with(plain, ".empty"));
            if (content.is_empty() || !content.gzip.empty()) unlink(plain);
            else write(plain, content.plain, sequence);
        } catch (gis_core::Error const& failure) {  // a full disk costs speed, not answers
            gis_core::log::warn("cache: {}", failure.what());
            unlink(plain);
            unlink(with(plain, ".gz"));
            unlink(with(plain, ".br"));
            return true;
        }
        content.sequence = sequence;
    }
    if (bytes_ > budget_) evict();
    return true;
}

std::optional<TileContent> TileCache::find(TileAddress const& address) const {
    auto const plain = path_of(address);
    std::lock_guard lock{lock_of(plain)};
    TileContent out;
    struct stat state {};
    if (::stat(with(plain, ".empty").c_str(), &state) == 0) {
        out.sequence = static_cast<std::uint64_t>(state.st_mtime);
        return out;
    }
    constexpr std::size_t kMostBytes = std::size_t{1} << 30U;
    auto const coded = with(plain, ".gz");
    if (::stat(coded.c_str(), &state) == 0) {
        out.gzip = read_file(coded);
        out.brotli = read_file(with(plain, ".br"));
        auto bytes = gunzip(out.gzip, kMostBytes);
        if (!bytes) return std::nullopt;  // damaged: it is made again
        out.plain = std::move(*bytes);
    } else if (::stat(plain.c_str(), &state) == 0) {
        out.plain = read_file(plain);
    } else {
        return std::nullopt;
    }
    out.sequence = static_cast<std::uint64_t>(state.st_mtime);
    return out;
}

TileCache::Stored TileCache::look(TileAddress const& address) const {
    auto const plain = path_of(address);
    if (::access(with(plain, ".gz").c_str(), F_OK) == 0 || ::access(plain.c_str(), F_OK) == 0) return Stored::tile;
    return ::access(with(plain, ".empty").c_str(), F_OK) == 0 ? Stored::empty : Stored::no;
}

std::uint64_t TileCache::recompress(TileAddress const& address, TileContent const& content) {
    auto const plain = path_of(address);
    std::lock_guard lock{lock_of(plain)};
    struct stat state {};
    if (::stat(with(plain, ".gz").c_str(), &state) != 0 || static_cast<std::uint64_t>(state.st_mtime) != content.sequence) return 0;
    std::uint64_t saved = 0;
    for (auto const& [suffix, bytes] : {std::pair{".gz", &content.gzip}, std::pair{".br", &content.brotli}}) {
        auto const file = with(plain, suffix);
        auto const had = ::stat(file.c_str(), &state) == 0 ? static_cast<std::uint64_t>(state.st_size) : std::uint64_t{0};
        // Never other bytes of the same size: they would have the same ETag.
        if (bytes->empty() || (had > 0 && had <= bytes->size())) continue;
        write(file, *bytes, content.sequence);
        if (had > 0) saved += had - bytes->size();
    }
    return saved;
}

void TileCache::for_each_coded(std::function<bool(TileAddress const&)> const& visit) const {
    auto const base = root_ / "tiles";
    for_each_below(base, [&](fs::directory_entry const& entry) {
        if (entry.path().extension() != ".gz") return true;
        auto const column = entry.path().parent_path(), zoom = column.parent_path();
        auto const name = entry.path().stem().native();  // "241.mvt"
        auto const z = number(zoom.filename().native()), x = number(column.filename().native()), y = number(name);
        if (!z || !x || !y || *z > TileId::kMaxZoom) return true;
        return visit({zoom.parent_path().lexically_relative(base).native(), {static_cast<std::uint8_t>(*z), *x, *y}, name.substr(name.find('.'))});
    });
}

void TileCache::remove_tile(fs::path const& plain) {
    std::lock_guard lock{lock_of(plain)};
    unlink(plain);
    unlink(with(plain, ".empty"));
    unlink(with(plain, ".gz"));
    unlink(with(plain, ".br"));
}

void TileCache::remove_below(fs::path const& folder) {
    std::error_code error;
    std::vector<fs::path> tiles;
    for_each_below(folder, [&](fs::directory_entry const& entry) {
        auto file = entry.path();
        auto const extension = file.extension();
        if (!entry.is_regular_file(error) || extension == ".new") return true;
        if (extension == ".gz" || extension == ".br" || extension == ".empty") file.replace_extension();
        tiles.push_back(std::move(file));
        return true;
    });
    std::sort(tiles.begin(), tiles.end());
    tiles.erase(std::unique(tiles.begin(), tiles.end()), tiles.end());
    for (auto const& tile : tiles) remove_tile(tile);
}

void TileCache::remove(std::string const& layer, Cover const& cover) {
    std::error_code error;
    for (auto const& folder : folders_) {
        if (std::find(folder.layers.begin(), folder.layers.end(), layer) == folder.layers.end()) continue;
        auto const base = root_ / "tiles" / folder.name;
        if (!fs::exists(base, error)) continue;
        if (cover.whole) {
            remove_below(base);
            continue;
        }
        for (int zoom = folder.min_zoom; zoom <= folder.max_zoom; ++zoom) {
            auto const zoom_folder = base / std::to_string(zoom);
            if (!fs::exists(zoom_folder, error)) continue;
            if (zoom <= Cover::kZoom) {
                for (auto const& tile : cover.tiles_at(static_cast<std::uint8_t>(zoom), folder.margin)) {
                    for (auto const& suffix : folder.suffixes) remove_tile(path_of({folder.name, tile, suffix}));
                }
                continue;
            }
            // Past zoom 14 a cell is many tiles: look at those that are there.
            for (auto const& column : fs::directory_iterator(zoom_folder, error)) {
                auto const x = number(column.path().filename().native());
                if (!x) continue;
                for (auto const& entry : fs::directory_iterator(column.path(), error)) {
                    auto const y = number(entry.path().filename().native());
                    if (!y || !cover.touches({static_cast<std::uint8_t>(zoom), *x, *y}, folder.margin)) continue;
                    for (auto const& suffix : folder.suffixes) remove_tile(path_of({folder.name, {static_cast<std::uint8_t>(zoom), *x, *y}, suffix}));
                }
            }
        }
    }
}

void TileCache::clear() { remove_below(root_ / "tiles"); }

void TileCache::evict() {
    if (evicting_.exchange(true)) return;
    std::lock_guard lock{evictor_mutex_};
    if (evictor_.joinable()) evictor_.join();
    evictor_ = std::thread{[this] {
        struct Entry {
            std::int64_t sequence;
            fs::path file;
        };
        std::vector<Entry> entries;
        std::error_code error;
        for_each_below(root_ / "tiles", [&](fs::directory_entry const& entry) {
            auto const extension = entry.path().extension();
            if (!entry.is_regular_file(error) || extension == ".br" || extension == ".empty" || extension == ".new") return true;
            struct stat state {};
            auto file = entry.path();
            if (::stat(file.c_str(), &state) != 0) return true;
            if (extension == ".gz") file.replace_extension();
            entries.push_back({state.st_mtime, std::move(file)});
            return true;
        });
        std::sort(entries.begin(), entries.end(), [](Entry const& a, Entry const& b) { return a.sequence < b.sequence; });
        auto const goal = budget_ / 5 * 4;
        std::size_t removed = 0;
        for (auto const& entry : entries) {
            if (bytes_ <= goal) break;
            remove_tile(entry.file);
            ++removed;
        }
        gis_core::log::info("cache over its budget of {} bytes: {} oldest tiles removed", budget_, removed);
        evicting_ = false;
    }};
}

}  // namespace tile_server
