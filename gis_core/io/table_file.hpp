#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::io {

enum class FileFormat { csv, geojson, xlsx, gpkg, fgb, kml };

/// "xlsx" → FileFormat::xlsx. Empty when it is none.
std::optional<FileFormat> parse_format(std::string_view name);
/// "csv, geojson, xlsx, gpkg, fgb, kml"
char const* format_names() noexcept;
char const* media_type(FileFormat format) noexcept;
char const* file_extension(FileFormat format) noexcept;
/// True for CSV and GeoJSON: written as they go, nothing kept.
bool is_streamed(FileFormat format) noexcept;

/// How a record's geometry is handed to the writer of a format.
enum class GeometryForm {
    geojson,  // RFC 7946 text
    wkb_hex,  // "\x0101…", as PostgreSQL prints bytea
    xy        // "106.3 10.2": a point of the geometry
};
GeometryForm geometry_form(FileFormat format) noexcept;
/// A point in one of the forms.
std::string to_form(GeometryForm form, double x, double y);

enum class CellType { text, integer, number, boolean, date, array };  // an array holds texts

struct Column {
    std::string name;   // ASCII, the same in every format
    std::string title;  // for people
    CellType type = CellType::text;
};

/// What a file says of itself.
struct TableInfo {
    std::string name;  // layer and file name
    std::string title;
    std::string note;  // sources, and whether records or shapes are samples; empty: nothing to say
    std::vector<Column> columns;
    std::string geometry_type;  // "Point", "MultiPolygon", "MultiLineString"; empty: a table without places (CSV)
    int epsg = 4326;            // of the coordinates (GeoJSON and KML: always 4326)
};

/// One row: PostgreSQL's text of each cell ("t", "2025-06-30", "12.5", "{a,b}"), empty optional for NULL.
struct Record {
    std::vector<std::optional<std::string_view>> cells;
    std::optional<std::string_view> geometry;
};

class TableWriter {
public:
    virtual ~TableWriter() = default;
    /// \throws Error(invalid_argument) past the quota, Error(internal) when the file cannot be written.
    virtual void add(Record const& record) = 0;
    /// Call once after the last record.
    virtual void finish() = 0;
};

/// CSV (UTF-8 with BOM, RFC 4180) or GeoJSON (RFC 7946) into a sink, some 64 KB at a time.
std::unique_ptr<TableWriter> make_text_writer(FileFormat format, TableInfo const& info, std::function<void(std::string_view)> sink);

struct FileQuota {
    std::int64_t rows = 1'000'000;
    std::int64_t bytes = 512LL * 1024 * 1024;
};

/// A file in a folder of its own under the system's temporary folder, removed with it.
class TemporaryFile {
public:
    explicit TemporaryFile(std::string const& file_name);
    ~TemporaryFile();
    TemporaryFile(TemporaryFile const&) = delete;
    TemporaryFile& operator=(TemporaryFile const&) = delete;
    std::filesystem::path const& path() const noexcept { return path_; }
    std::filesystem::path const& folder() const noexcept { return folder_; }
    /// Bytes of everything in the folder: drivers keep journals and parts beside the file.
    std::int64_t bytes() const;
    /// Removes folders that a killed process left more than an hour ago.
    static void sweep() noexcept;

private:
    std::filesystem::path folder_, path_;
};

/// XLSX through libxlsxwriter in constant memory; GPKG, FlatGeobuf and KML through GDAL. FlatGeobuf, as GDAL 3.6 writes it,
/// cannot hold a record without a place: it leaves those out.
std::unique_ptr<TableWriter> make_file_writer(FileFormat format, TableInfo const& info, TemporaryFile const& file, FileQuota quota = {});

}  // namespace gis_core::io
