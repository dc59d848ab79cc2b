#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace tile_server {

/// A file that appears under its name only when it is whole and on the disk: until commit() it is FILE.part, and gone if that
/// is never called.
class PartFile {
public:
    /// \throws gis_core::Error(conflict) when another process writes it, (invalid_argument) when it cannot be made.
    explicit PartFile(std::filesystem::path file);
    ~PartFile();
    PartFile(PartFile const&) = delete;
    PartFile& operator=(PartFile const&) = delete;

    std::filesystem::path const& part() const { return part_; }
    /// \throws gis_core::Error(internal), for instance on a full disk; so do the others.
    void write_at(std::uint64_t offset, std::string_view bytes);
    std::string read_at(std::uint64_t offset, std::size_t length) const;
    void commit();

private:
    [[noreturn]] void fail(char const* what) const;

    std::filesystem::path file_, part_;
    int descriptor_ = -1;
    bool is_committed_ = false;
};

}  // namespace tile_server
