#pragma once

#include "tile_server/archive/archive_writer.hpp"
#include "tile_server/archive/part_file.hpp"

#include <map>
#include <memory>

struct sqlite3;
struct sqlite3_stmt;

namespace tile_server {

/// Writes MBTiles 1.3, a database of SQLite: rows counted from the south, each content once (the table "tiles" is a view, as
/// the specification allows).
class MbtilesWriter : public ArchiveWriter {
public:
    MbtilesWriter(std::filesystem::path const& file, ArchiveInfo info);
    ~MbtilesWriter() override;
    void add(gis_core::TileId tile, std::string_view bytes) override;
    void finish() override;
    std::uint64_t bytes() const override { return bytes_; }
    std::uint64_t repeated() const override { return tiles_ - contents_; }

private:
    struct Close {
        void operator()(sqlite3* database) const noexcept;
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Close>;
    void run(char const* sql);
    Statement prepare(char const* sql);
    /// Runs it once, and makes it ready for the next values. \returns true when there is a row (then it is not reset)
    bool step(Statement const& statement);
    [[noreturn]] void fail();

    PartFile file_;
    ArchiveInfo info_;
    std::unique_ptr<sqlite3, Close> database_;
    Statement find_, insert_content_, insert_tile_;
    std::uint64_t bytes_ = 0, tiles_ = 0, contents_ = 0;
};

}  // namespace tile_server
