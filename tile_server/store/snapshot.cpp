#include "tile_server/store/snapshot.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <type_traits>

namespace tile_server {

using gis_core::layers::Layer;

namespace {

constexpr std::string_view kMagic = "ocopmap store 3\n";

struct Writer {
    std::string out;
    template <typename Values>
    void operator()(Values& values) {
        static_assert(std::is_trivially_copyable_v<typename Values::value_type>);
        std::uint64_t const size = values.size();
        out.append(reinterpret_cast<char const*>(&size), sizeof size);
        out.append(reinterpret_cast<char const*>(values.data()), size * sizeof(typename Values::value_type));
    }
};

/// Goes on with nothing once something is missing.
struct Reader {
    std::string_view rest;
    bool is_good = true;
    template <typename Values>
    void operator()(Values& values) {
        using Value = typename Values::value_type;
        static_assert(std::is_trivially_copyable_v<Value>);
        std::uint64_t size = 0;
        is_good = is_good && rest.size() >= sizeof size;
        if (!is_good) return;
        std::memcpy(&size, rest.data(), sizeof size);
        rest.remove_prefix(sizeof size);
        is_good = size <= rest.size() / sizeof(Value);
        if (!is_good) return;
        values.resize(size);
        if (size > 0) std::memcpy(values.data(), rest.data(), size * sizeof(Value));
        rest.remove_prefix(size * sizeof(Value));
    }
};

struct Head {
    std::uint64_t size = 0;
    std::uint64_t checksum = 0;
};

std::uint64_t checksum_of(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

/// A descriptor that is closed.
struct File {
    int number;
    explicit File(int opened) : number{opened} {}
    File(File const&) = delete;
    File& operator=(File const&) = delete;
    ~File() {
        if (number >= 0) ::close(number);
    }
};

void write_all(int file, std::string_view bytes, std::filesystem::path const& path) {
    while (!bytes.empty()) {
        auto const written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("{} cannot be written: {}", path.string(), std::strerror(errno))};
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

std::string to_bytes(Segment const& segment) {
    Writer writer;
    const_cast<Segment&>(segment).transfer(writer);  // it only reads
    return std::move(writer.out);
}

std::shared_ptr<Segment> from_bytes(std::string_view bytes, Layer const& layer) {
    Reader reader{bytes};
    auto out = std::make_shared<Segment>(layer);
    out->transfer(reader);
    if (!reader.is_good || !reader.rest.empty() || !out->finish_transfer()) return nullptr;
    return out;
}

void write_snapshot(std::filesystem::path const& file, std::string_view made_of, LayerVersion const& version) {
    std::array<std::string, 3> parts{to_bytes(*version.base), to_bytes(*version.delta), {}};
    for (auto const gone : version.gone) parts[2].push_back(gone ? '\1' : '\0');
    auto part = file;
    part += ".part";
    try {
        File const opened{::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
        if (opened.number < 0)
            throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("{} cannot be written: {}", part.string(), std::strerror(errno))};
        auto const put = [&](std::string_view bytes) {
            Head const head{bytes.size(), checksum_of(bytes)};
            write_all(opened.number, {reinterpret_cast<char const*>(&head), sizeof head}, part);
            write_all(opened.number, bytes, part);
        };
        write_all(opened.number, kMagic, part);
        put(made_of);
        for (auto const& bytes : parts) put(bytes);
        if (::fsync(opened.number) != 0)
            throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("{} cannot be written: {}", part.string(), std::strerror(errno))};
        std::filesystem::rename(part, file);
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(part, ignored);
        throw;
    }
}

std::shared_ptr<LayerVersion const> read_snapshot(std::filesystem::path const& file, std::string_view made_of, Layer const& layer) {
    File const opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat status {};
    if (opened.number < 0 || ::fstat(opened.number, &status) != 0 || status.st_size == 0) return nullptr;
    auto const size = static_cast<std::size_t>(status.st_size);
    auto* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, opened.number, 0);
    if (mapped == MAP_FAILED) return nullptr;
    std::shared_ptr<void> const unmap{mapped, [size](void* there) { ::munmap(there, size); }};
    std::string_view rest{static_cast<char const*>(mapped), size};
    auto const damaged = [&](char const* what) {
        gis_core::log::warn("layer store: {} is {}; the layer is read from the record", file.string(), what);
        return nullptr;
    };
    if (!rest.starts_with(kMagic)) return damaged("no snapshot of this program");
    rest.remove_prefix(kMagic.size());
    std::array<std::string_view, 4> parts;
    for (auto& part : parts) {
        Head head;
        if (rest.size() < sizeof head) return damaged("cut short");
        std::memcpy(&head, rest.data(), sizeof head);
        rest.remove_prefix(sizeof head);
        if (head.size > rest.size()) return damaged("cut short");
        part = rest.substr(0, head.size);
        rest.remove_prefix(head.size);
        if (checksum_of(part) != head.checksum) return damaged("damaged");
    }
    if (parts[0] != made_of) return nullptr;  // another catalogue
    auto base = from_bytes(parts[1], layer);
    auto delta = from_bytes(parts[2], layer);
    if (!rest.empty() || !base || !delta || parts[3].size() != base->size()) return damaged("damaged");
    std::vector<bool> gone(base->size());
    for (std::size_t i = 0; i < gone.size(); ++i) gone[i] = parts[3][i] != '\0';
    return std::make_shared<LayerVersion const>(LayerVersion::of(1, std::move(base), std::move(delta), std::move(gone)));
}

}  // namespace tile_server
