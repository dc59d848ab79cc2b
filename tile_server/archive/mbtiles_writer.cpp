#include "tile_server/archive/mbtiles_writer.hpp"

#include "gis_core/error.hpp"
#include "tile_server/archive/gzip.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace tile_server {
namespace {

// application_id: "MPBX" (MBTiles 1.3). The file is made under another name, so no journal is needed.
constexpr char const* kBegin = R"(
    PRAGMA application_id = 0x4d504258; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 4096;
    CREATE TABLE metadata (name text, value text);
    CREATE TABLE content (content_key integer PRIMARY KEY, hash integer, tile_data blob);
    CREATE INDEX content_hash ON content (hash);
    CREATE TABLE tile (zoom_level integer, tile_column integer, tile_row integer, content_key integer,
                       PRIMARY KEY (zoom_level, tile_column, tile_row)) WITHOUT ROWID;
    CREATE VIEW tiles AS SELECT zoom_level, tile_column, tile_row, tile_data FROM tile JOIN content USING (content_key);
    BEGIN)";

char const* format_of(TileType type) {
    switch (type) {
    case TileType::mvt: return "pbf";
    case TileType::png: return "png";
    case TileType::jpeg: return "jpg";
    case TileType::webp: return "webp";
    case TileType::avif:
    case TileType::unknown: break;
    }
    throw gis_core::Error{gis_core::ErrorKind::invalid_argument, "MBTiles 1.3 has no such tiles"};
}

}  // namespace

void MbtilesWriter::Close::operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
void MbtilesWriter::Close::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

MbtilesWriter::MbtilesWriter(std::filesystem::path const& file, ArchiveInfo info) : file_{file}, info_{std::move(info)} {
    sqlite3* opened = nullptr;
    auto const state = sqlite3_open_v2(file_.part().c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    database_.reset(opened);
    if (state != SQLITE_OK) fail();
    run(kBegin);
    find_ = prepare("SELECT content_key FROM content WHERE hash = ?1 AND tile_data = ?2");
    insert_content_ = prepare("INSERT INTO content (hash, tile_data) VALUES (?1, ?2)");
    insert_tile_ = prepare("INSERT INTO tile VALUES (?1, ?2, ?3, ?4)");
}

MbtilesWriter::~MbtilesWriter() = default;

void MbtilesWriter::fail() {
    throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("{} cannot be written: {}", file_.part().string(), sqlite3_errmsg(database_.get()))};
}

void MbtilesWriter::run(char const* sql) {
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

MbtilesWriter::Statement MbtilesWriter::prepare(char const* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) fail();
    return Statement{statement};
}

bool MbtilesWriter::step(Statement const& statement) {
    auto const state = sqlite3_step(statement.get());
    if (state == SQLITE_ROW) return true;
    if (state != SQLITE_DONE) fail();
    sqlite3_reset(statement.get());
    return false;
}

void MbtilesWriter::add(gis_core::TileId tile, std::string_view bytes) {
    auto const stored = info_.type == TileType::mvt ? gzip(bytes, 9) : std::string{bytes};
    auto const hash = static_cast<sqlite3_int64>(std::hash<std::string>{}(stored));
    auto const bind = [&](Statement const& statement) {
        sqlite3_bind_int64(statement.get(), 1, hash);
        sqlite3_bind_blob64(statement.get(), 2, stored.data(), stored.size(), SQLITE_STATIC);
    };
    bind(find_);
    sqlite3_int64 key = 0;
    if (step(find_)) {
        key = sqlite3_column_int64(find_.get(), 0);
        sqlite3_reset(find_.get());
    } else {
        bind(insert_content_);
        step(insert_content_);
        key = sqlite3_last_insert_rowid(database_.get());
        ++contents_;
        bytes_ += stored.size();
    }
    auto const south_up = (std::int64_t{1} << tile.z) - 1 - tile.y;
    int column = 1;
    for (auto const value : {std::int64_t{tile.z}, std::int64_t{tile.x}, south_up, std::int64_t{key}}) sqlite3_bind_int64(insert_tile_.get(), column++, value);
    step(insert_tile_);
    ++tiles_;
}

void MbtilesWriter::finish() {
    if (tiles_ == 0) throw gis_core::Error{gis_core::ErrorKind::not_found, "nothing stands in these tiles: an archive without tiles is none"};
    auto const& box = info_.bounds;
    std::vector<std::pair<char const*, std::string>> rows{
        {"name", info_.name},
        {"format", format_of(info_.type)},
        {"bounds", fmt::format("{},{},{},{}", box.west, box.south, box.east, box.north)},
        {"center", fmt::format("{},{},{}", (box.west + box.east) / 2, (box.south + box.north) / 2, std::clamp(9, info_.min_zoom, info_.max_zoom))},
        {"minzoom", std::to_string(info_.min_zoom)},
        {"maxzoom", std::to_string(info_.max_zoom)},
        {"type", "overlay"},
        {"version", "1"},
        {"description", info_.description}};
    if (info_.type == TileType::mvt) rows.emplace_back("json", gis_core::to_text({{"vector_layers", info_.vector_layers}}));
    auto const insert = prepare("INSERT INTO metadata VALUES (?1, ?2)");
    for (auto const& [name, value] : rows) {
        sqlite3_bind_text(insert.get(), 1, name, -1, SQLITE_STATIC);
        sqlite3_bind_text64(insert.get(), 2, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
        step(insert);
    }
    run("COMMIT; DROP INDEX content_hash; ANALYZE");
    find_.reset();
    insert_content_.reset();
    insert_tile_.reset();
    database_.reset();
    file_.commit();
}

}  // namespace tile_server
