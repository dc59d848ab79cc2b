#include "tile_server/archive/archives.hpp"

#include "gis_core/error.hpp"
#include "gis_core/geo/tile_range.hpp"
#include "gis_core/log.hpp"
#include "http/problem.hpp"
#include "tile_server/archive/gzip.hpp"
#include "tile_server/service.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <tuple>
#include <vector>

namespace tile_server {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;

namespace {

constexpr std::size_t kMostOpened = std::size_t{64} << 20U;  // of a tile without its coding

struct Format {
    TileType type;
    char const* extension;
    char const* media_type;
};
constexpr std::array kFormats{Format{TileType::mvt, "mvt", "application/vnd.mapbox-vector-tile"}, Format{TileType::png, "png", "image/png"},
                              Format{TileType::webp, "webp", "image/webp"}};

Format const* format_of(TileType type) {
    auto const found = std::find_if(kFormats.begin(), kFormats.end(), [&](Format const& one) { return one.type == type; });
    return found == kFormats.end() ? nullptr : &*found;
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 &&
           std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

class File {
public:
    explicit File(std::filesystem::path const& path) : descriptor_{::open(path.c_str(), O_RDONLY | O_CLOEXEC)} {
        if (descriptor_ < 0 || ::fstat(descriptor_, &state_) != 0) {
            auto const why = errno;
            if (descriptor_ >= 0) ::close(descriptor_);
            throw Error{ErrorKind::invalid_argument, fmt::format("{} cannot be read: {}", path.string(), std::strerror(why))};
        }
    }
    ~File() { ::close(descriptor_); }
    File(File const&) = delete;
    File& operator=(File const&) = delete;

    struct stat const& state() const {
        return state_;
    }
    std::string read_at(std::uint64_t offset, std::size_t length) const {
        std::string out(length, '\0');
        std::size_t have = 0;
        while (have < length) {
            auto const got = ::pread(descriptor_, out.data() + have, length - have, static_cast<off_t>(offset + have));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) break;
            have += static_cast<std::size_t>(got);
        }
        out.resize(have);
        return out;
    }

private:
    int descriptor_;
    struct stat state_ {};
};

bool is_same_file(struct stat const& a, struct stat const& b) {
    auto const key = [](struct stat const& s) { return std::tuple{s.st_dev, s.st_ino, s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec}; };
    return key(a) == key(b);
}

/// What is wrong in a file is not the visitor's mistake.
template <typename Work>
auto reading(std::string const& name, Work&& work) {
    try {
        return work();
    } catch (Error const& error) {
        if (error.kind() != ErrorKind::invalid_argument) throw;
        gis_core::log::error("archive {}: {}", name, error.what());
        throw Error{ErrorKind::internal, fmt::format("archive {} is damaged", name)};
    }
}

}  // namespace

struct Archives::Opened {
    explicit Opened(std::filesystem::path const& path)
        : file{path},
          reader{[this](std::uint64_t offset, std::size_t length) { return file.read_at(offset, length); }, static_cast<std::uint64_t>(file.state().st_size)},
          format{format_of(reader.header().type)} {
        using pmtiles::Compression;
        auto const& header = reader.header();
        if (format == nullptr || (header.tile != Compression::none && header.tile != Compression::gzip)) {
            throw Error{
                ErrorKind::invalid_argument,
                fmt::format("{} holds tiles of type {} with compression {}; MVT (1), PNG (2) and WebP (4), not compressed (1) or by gzip (2), can be served",
                            path.string(), static_cast<int>(header.type), static_cast<int>(header.tile))};
        }
    }
    File file;
    pmtiles::Reader reader;
    Format const* format;
};

void Archives::add(std::string const& name, std::filesystem::path const& file) {
    if (!is_name(name)) throw gis_core::invalid_field("archive", name, "a name of a-z, 0-9, - and _");
    if (!files_.emplace(name, file).second) throw gis_core::invalid_field("archive", name, "named once");
    open(name);
}

std::shared_ptr<Archives::Opened const> Archives::open(std::string const& name) {
    std::lock_guard lock{mutex_};
    auto const named = files_.find(name);
    auto const path = named != files_.end() ? named->second : !folder_.empty() && is_name(name) ? folder_ / (name + ".pmtiles") : std::filesystem::path{};
    struct stat state {};
    if (path.empty() || ::stat(path.c_str(), &state) != 0) {
        opened_.erase(name);
        if (named != files_.end()) throw Error{ErrorKind::invalid_argument, fmt::format("{} cannot be read: {}", path.string(), std::strerror(errno))};
        return nullptr;
    }
    auto& opened = opened_[name];
    if (!opened || !is_same_file(opened->file.state(), state)) opened = std::make_shared<Opened const>(path);
    return opened;
}

http::Response Archives::get_tilejson(http::Request const& request) {
    request.query.allow_only({});
    auto const& name = request.value(0);
    auto const archive = reading(name, [&] { return open(name); });
    if (!archive) throw Error{ErrorKind::not_found, fmt::format("there is no archive {}", name)};
    auto const& header = archive->reader.header();
    auto const metadata = reading(name, [&] { return archive->reader.metadata(); });
    Json out{{"tilejson", "3.0.0"}, {"scheme", "xyz"}};
    for (auto const* key : {"name", "description", "attribution", "version", "vector_layers"}) {
        if (metadata.contains(key)) out[key] = metadata[key];
    }
    if (header.type == TileType::mvt && !out.contains("vector_layers")) out["vector_layers"] = Json::array();
    out["minzoom"] = header.min_zoom;
    out["maxzoom"] = header.max_zoom;
    out["bounds"] = {header.bounds.west, header.bounds.south, header.bounds.east, header.bounds.north};
    out["center"] = {header.center.lon, header.center.lat, header.center_zoom};
    out["tiles"] = {fmt::format("{}/archives/{}/{{z}}/{{x}}/{{y}}.{}", request.base_url(), name, archive->format->extension)};
    auto response = http::Response::json(gis_core::to_text(out));
    response.headers.add("Cache-Control", "no-cache");
    response.headers.add("Access-Control-Allow-Origin", "*");
    return response;
}

http::Response Archives::get_tile(http::Request const& request, TileType type, std::string_view extension) {
    request.query.allow_only({});
    auto const& name = request.value(0);
    auto const tile = gis_core::TileId::parse(request.value(1), request.value(2), request.value(3));
    if (!tile) {
        throw gis_core::invalid_field("tile", fmt::format("{}/{}/{}", request.value(1), request.value(2), request.value(3)),
                                      "zoom/column/row: zoom 0 to 24, column and row from 0 to 2^zoom - 1");
    }
    auto const archive = reading(name, [&] { return open(name); });
    if (!archive) throw Error{ErrorKind::not_found, fmt::format("there is no archive {}", name)};
    auto const& header = archive->reader.header();
    if (header.type != type) throw Error{ErrorKind::not_found, fmt::format("archive {} holds {} tiles, not {}", name, archive->format->extension, extension)};
    if (tile->z < header.min_zoom || tile->z > header.max_zoom || !gis_core::TileRange::of(header.bounds, tile->z).contains(*tile)) {
        auto const reach = fmt::format("zoom {} to {} within lon {} to {}, lat {} to {}", header.min_zoom, header.max_zoom, header.bounds.west,
                                       header.bounds.east, header.bounds.south, header.bounds.north);
        throw Error{ErrorKind::not_found, fmt::format("tile {} lies outside; {}: {}", tile->path(), name, reach), {{"tile", tile->path(), reach}}};
    }
    http::Response response;
    response.headers.add("Cache-Control", "no-cache");
    response.headers.add("Access-Control-Allow-Origin", "*");
    auto bytes = reading(name, [&] { return archive->reader.find(*tile); });
    if (!bytes) {
        response.status = 204;
        return response;
    }
    response.headers.add("Content-Type", archive->format->media_type);
    if (header.tile == pmtiles::Compression::gzip) {
        response.headers.add("Vary", "Accept-Encoding");
        if (accepts_coding(request.header_or("Accept-Encoding", ""), "gzip")) {
            response.headers.add("Content-Encoding", "gzip");
        } else {
            bytes = gunzip(*bytes, kMostOpened);
            if (!bytes) throw Error{ErrorKind::internal, fmt::format("tile {} of archive {} cannot be opened", tile->path(), name)};
        }
    }
    auto const etag = http::fingerprint(*bytes);
    response.body = std::move(*bytes);
    return http::conditional(request, std::move(response), etag);
}

void Archives::add_routes(http::Router& router) {
    router.get("/archives/{name}.json", [this](http::Request const& request) { return get_tilejson(request); });
    for (auto const& format : kFormats) {
        router.get(fmt::format("/archives/{{name}}/{{z}}/{{x}}/{{y}}.{}", format.extension),
                   [this, &format](http::Request const& request) { return get_tile(request, format.type, format.extension); });
    }
}

}  // namespace tile_server
