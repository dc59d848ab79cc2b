#include "programme/files/store.hpp"

#include "gis_core/error.hpp"

#include <cpl_error.h>
#include <cpl_vsi.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace programme::files {
namespace {

namespace fs = std::filesystem;
using gis_core::Error;
using gis_core::ErrorKind;

constexpr std::size_t kPiece = 256 * 1024;

[[noreturn]] void fail(std::string_view what, std::string_view why) {
    throw Error{ErrorKind::upstream, fmt::format("the file store cannot {}: {}", what, why)};
}

/// A descriptor that closes itself.
class Descriptor {
public:
    Descriptor(fs::path const& path, int flags) : fd_{::open(path.c_str(), flags | O_CLOEXEC)} {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    int get() const { return fd_; }
    bool is_open() const { return fd_ >= 0; }

private:
    int fd_;
};

void sync_path(fs::path const& path, int flags) {
    Descriptor const file{path, flags};
    if (!file.is_open() || ::fsync(file.get()) != 0) fail("write " + path.filename().string(), std::strerror(errno));
}

class LocalReader : public Reader {
public:
    explicit LocalReader(fs::path const& path) : file_{path, O_RDONLY} {
        struct stat status {};
        if (file_.is_open() && ::fstat(file_.get(), &status) == 0) size_ = status.st_size;
    }
    bool is_open() const { return file_.is_open(); }
    std::int64_t size() const override { return size_; }
    std::string read(std::int64_t from, std::size_t bytes) override {
        std::string out(bytes, '\0');
        std::size_t done = 0;
        while (done < bytes) {
            auto const got = ::pread(file_.get(), out.data() + done, bytes - done, from + static_cast<std::int64_t>(done));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) fail("read", std::strerror(errno));
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        out.resize(done);
        return out;
    }

private:
    Descriptor file_;
    std::int64_t size_ = 0;
};

std::string place_of(std::string const& sha256) { return fmt::format("{}/{}/{}", sha256.substr(0, 2), sha256.substr(2, 2), sha256); }

class FolderStore : public Store {
public:
    explicit FolderStore(fs::path root) : root_{std::move(root)} {
        std::error_code failed;
        fs::create_directories(root_, failed);
        if (failed) throw gis_core::invalid_field("files", root_.string(), "a folder that can be made: " + failed.message());
    }
    void put(std::string const& sha256, fs::path const& file) override {
        auto const target = root_ / place_of(sha256);
        std::error_code failed;
        fs::create_directories(target.parent_path(), failed);
        if (failed) fail("make a folder", failed.message());
        sync_file(file);
        fs::rename(file, target, failed);  // in one step, also over the same content
        if (failed == std::errc::cross_device_link) {
            auto const beside = target.string() + fmt::format(".{:016x}.part", random_number());
            failed.clear();
            fs::copy_file(file, beside, failed);
            if (!failed) sync_file(beside);
            if (!failed) fs::rename(beside, target, failed);
            std::error_code ignored;
            failed ? fs::remove(beside, ignored) : fs::remove(file, ignored);
        }
        if (failed) fail("keep a file", failed.message());
        for (auto folder = target.parent_path(); folder.string().size() >= root_.string().size(); folder = folder.parent_path()) {
            sync_path(folder, O_RDONLY | O_DIRECTORY);
            if (folder == folder.parent_path()) break;
        }
    }
    std::unique_ptr<Reader> open(std::string const& sha256) const override {
        auto reader = std::make_unique<LocalReader>(root_ / place_of(sha256));
        if (!reader->is_open()) return nullptr;
        return reader;
    }
    void remove(std::string const& sha256) override {
        std::error_code failed;
        fs::remove(root_ / place_of(sha256), failed);
        if (failed) fail("remove a file", failed.message());
    }
    void each(std::function<void(std::string const&)> const& look) const override {
        std::error_code gone;
        for (fs::recursive_directory_iterator entry{root_, gone}, end; !gone && entry != end; entry.increment(gone)) {
            auto const name = entry->path().filename().string();
            if (is_sha256(name) && entry->path() == root_ / place_of(name)) look(name);
        }
    }

private:
    static std::uint64_t random_number() {
        std::uint64_t number = 0;
        randombytes_buf(&number, sizeof number);
        return number;
    }
    fs::path root_;
};

/// Through GDAL's virtual file systems: S3 and what speaks its protocol. A content appears when its handle is closed.
class VsiFile {
public:
    VsiFile(std::string const& path, char const* mode) : file_{VSIFOpenL(path.c_str(), mode)} {}
    ~VsiFile() {
        if (file_ != nullptr) VSIFCloseL(file_);
    }
    VsiFile(VsiFile const&) = delete;
    VsiFile& operator=(VsiFile const&) = delete;
    VSILFILE* get() const { return file_; }
    bool close() { return VSIFCloseL(std::exchange(file_, nullptr)) == 0; }

private:
    VSILFILE* file_;
};

class VsiReader : public Reader {
public:
    explicit VsiReader(std::string const& path) : file_{path, "rb"} {
        if (file_.get() != nullptr && VSIFSeekL(file_.get(), 0, SEEK_END) == 0) size_ = static_cast<std::int64_t>(VSIFTellL(file_.get()));
    }
    bool is_open() const { return file_.get() != nullptr; }
    std::int64_t size() const override { return size_; }
    std::string read(std::int64_t from, std::size_t bytes) override {
        std::string out(static_cast<std::size_t>(std::clamp<std::int64_t>(size_ - from, 0, static_cast<std::int64_t>(bytes))), '\0');
        if (out.empty()) return out;
        if (VSIFSeekL(file_.get(), static_cast<vsi_l_offset>(from), SEEK_SET) != 0 || VSIFReadL(out.data(), 1, out.size(), file_.get()) != out.size())
            fail("read", CPLGetLastErrorMsg());
        return out;
    }

private:
    VsiFile file_;
    std::int64_t size_ = 0;
};

class VsiStore : public Store {
public:
    explicit VsiStore(std::string root) : root_{std::move(root)} {
        while (root_.ends_with('/')) root_.pop_back();
    }
    void put(std::string const& sha256, fs::path const& file) override {
        LocalReader from{file};
        if (!from.is_open()) fail("read " + file.filename().string(), std::strerror(errno));
        if (!root_.starts_with("/vsis3/")) VSIMkdirRecursive(fs::path{path_of(sha256)}.parent_path().c_str(), 0755);  // S3 knows no folders
        VsiFile to{path_of(sha256), "wb"};
        if (to.get() == nullptr) fail("write", CPLGetLastErrorMsg());
        for (std::int64_t at = 0; at < from.size();) {
            auto const piece = from.read(at, kPiece);
            if (piece.empty() || VSIFWriteL(piece.data(), 1, piece.size(), to.get()) != piece.size()) fail("write", CPLGetLastErrorMsg());
            at += static_cast<std::int64_t>(piece.size());
        }
        if (!to.close()) fail("write", CPLGetLastErrorMsg());
        VSIStatBufL status{};
        if (VSIStatL(path_of(sha256).c_str(), &status) != 0 || static_cast<std::int64_t>(status.st_size) != from.size()) fail("write", CPLGetLastErrorMsg());
        std::error_code ignored;
        fs::remove(file, ignored);
    }
    std::unique_ptr<Reader> open(std::string const& sha256) const override {
        auto reader = std::make_unique<VsiReader>(path_of(sha256));
        if (!reader->is_open()) return nullptr;
        return reader;
    }
    void remove(std::string const& sha256) override {
        VSIStatBufL status{};
        auto const path = path_of(sha256);
        if (VSIStatL(path.c_str(), &status) == 0 && VSIUnlink(path.c_str()) != 0) fail("remove a file", CPLGetLastErrorMsg());
    }
    void each(std::function<void(std::string const&)> const& look) const override {
        auto* const folder = VSIOpenDir(root_.c_str(), -1, nullptr);
        if (folder == nullptr) return;
        while (auto const* const entry = VSIGetNextDirEntry(folder)) {
            std::string_view const path{entry->pszName};
            std::string const name{path.substr(path.rfind('/') + 1)};
            if (is_sha256(name)) look(name);
        }
        VSICloseDir(folder);
    }

private:
    std::string path_of(std::string const& sha256) const { return root_ + "/" + place_of(sha256); }
    std::string root_;
};

template <typename Next>
std::string hash_pieces(Next next) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (auto piece = next(); !piece.empty(); piece = next())
        crypto_hash_sha256_update(&state, reinterpret_cast<unsigned char const*>(piece.data()), piece.size());
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_final(&state, digest.data());
    std::string hex;
    for (auto const byte : digest) fmt::format_to(std::back_inserter(hex), "{:02x}", byte);
    return hex;
}

}  // namespace

std::unique_ptr<Store> open_store(std::string const& place) {
    constexpr std::string_view kS3 = "s3://";
    if (place.starts_with(kS3)) return std::make_unique<VsiStore>("/vsis3/" + place.substr(kS3.size()));
    if (place.starts_with("/vsi")) return std::make_unique<VsiStore>(place);
    return std::make_unique<FolderStore>(fs::absolute(place).lexically_normal());
}

std::string sha256_of(Reader& reader) {
    std::int64_t at = 0;
    return hash_pieces([&] {
        auto piece = reader.read(at, kPiece);
        at += static_cast<std::int64_t>(piece.size());
        return piece;
    });
}

std::string sha256_of(fs::path const& file) {
    LocalReader reader{file};
    if (!reader.is_open()) fail("read " + file.filename().string(), std::strerror(errno));
    return sha256_of(reader);
}

bool is_sha256(std::string_view text) { return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

void sync_file(fs::path const& file) { sync_path(file, O_RDONLY); }

}  // namespace programme::files
