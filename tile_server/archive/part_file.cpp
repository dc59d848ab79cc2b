#include "tile_server/archive/part_file.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tile_server {

using gis_core::Error;
using gis_core::ErrorKind;

PartFile::PartFile(std::filesystem::path file) : file_{std::move(file)}, part_{file_} {
    part_ += ".part";
    descriptor_ = ::open(part_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) throw Error{ErrorKind::invalid_argument, fmt::format("{} cannot be written: {}", part_.string(), std::strerror(errno))};
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor_);
        throw Error{ErrorKind::conflict, fmt::format("{} is being written by another process", file_.string())};
    }
    if (::ftruncate(descriptor_, 0) != 0) {  // what an interrupted run left
        auto const why = errno;
        ::close(descriptor_);
        throw Error{ErrorKind::internal, fmt::format("{} cannot be emptied: {}", part_.string(), std::strerror(why))};
    }
}

PartFile::~PartFile() {
    if (!is_committed_) ::unlink(part_.c_str());
    ::close(descriptor_);
}

void PartFile::fail(char const* what) const {
    throw Error{ErrorKind::internal, fmt::format("{} cannot be {}: {}", part_.string(), what, std::strerror(errno))};
}

void PartFile::write_at(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        auto const written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("written");
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
}

std::string PartFile::read_at(std::uint64_t offset, std::size_t length) const {
    std::string out(length, '\0');
    for (std::size_t have = 0; have < length;) {
        auto const got = ::pread(descriptor_, out.data() + have, length - have, static_cast<off_t>(offset + have));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) fail("read");
        have += static_cast<std::size_t>(got);
    }
    return out;
}

void PartFile::commit() {
    if (::fsync(descriptor_) != 0) fail("written");
    if (::rename(part_.c_str(), file_.c_str()) != 0) fail("renamed");
    is_committed_ = true;
    auto const folder = file_.has_parent_path() ? file_.parent_path() : std::filesystem::path{"."};
    if (int const descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); descriptor >= 0) {
        ::fsync(descriptor);  // the name
        ::close(descriptor);
    }
}

}  // namespace tile_server
