#include "gis_core/io/table_file.hpp"

#include "gis_core/db/text_array.hpp"
#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "gis_core/json.hpp"
#include "gis_core/log.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <xlsxwriter.h>

#include <unistd.h>

#include <bit>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace gis_core::io {
namespace {

struct Naming {
    FileFormat format;
    std::string_view name;
    char const* media_type;
};
constexpr Naming kNames[] = {
    {FileFormat::csv, "csv", "text/csv; charset=utf-8; header=present"},
    {FileFormat::geojson, "geojson", "application/geo+json"},
    {FileFormat::xlsx, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {FileFormat::gpkg, "gpkg", "application/geopackage+sqlite3"},
    {FileFormat::fgb, "fgb", "application/flatgeobuf"},
    {FileFormat::kml, "kml", "application/vnd.google-earth.kml+xml"},
};

Naming const& naming(FileFormat format) noexcept {
    for (auto const& entry : kNames) {
        if (entry.format == format) return entry;
    }
    return kNames[0];
}

constexpr std::string_view kHex = "0123456789abcdef";

/// "\x01…" to bytes. Empty when it is no such text.
std::vector<unsigned char> from_hex(std::string_view text) {
    auto const digit = [](char c) -> int {
        auto const at = kHex.find(c);
        return at == std::string_view::npos ? -1 : static_cast<int>(at);
    };
    std::vector<unsigned char> bytes;
    if (!text.starts_with("\\x") || text.size() % 2 != 0) return bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 2; i < text.size(); i += 2) {
        int const high = digit(text[i]), low = digit(text[i + 1]);
        if (high < 0 || low < 0) return {};
        bytes.push_back(static_cast<unsigned char>(high * 16 + low));
    }
    return bytes;
}

double to_number(std::string_view text) {
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::pair<std::string_view, std::string_view> split_xy(std::string_view xy) {
    auto const blank = std::min(xy.find(' '), xy.size());
    return {xy.substr(0, blank), xy.substr(std::min(blank + 1, xy.size()))};
}

/// An array for people who read a table, and for programs.
std::string joined(std::string_view array) { return fmt::format("{}", fmt::join(db::parse_text_array(array), ";")); }
std::string json_array(std::string_view array) { return to_text(Json(db::parse_text_array(array))); }

/// The names under which a text table carries its point: lon and lat in degrees, else easting and northing.
std::pair<char const*, char const*> xy_names(TableInfo const& info) {
    return info.epsg == 4326 ? std::pair{"lon", "lat"} : std::pair{"easting_m", "northing_m"};
}

class CsvWriter : public TableWriter {
public:
    CsvWriter(TableInfo const& info, std::function<void(std::string_view)> sink) : has_place_{!info.geometry_type.empty()}, sink_{std::move(sink)} {
        buffer_ = "\xEF\xBB\xBF";
        for (auto const& column : info.columns) append(column.name);
        if (has_place_) {
            auto const [x, y] = xy_names(info);
            append(x);
            append(y);
        }
        end_line();
        for (auto const& column : info.columns) types_.push_back(column.type);
    }
    void add(Record const& record) override {
        for (std::size_t i = 0; i < types_.size(); ++i) {
            auto const& cell = record.cells.at(i);
            if (cell && types_[i] == CellType::boolean) append(*cell == "t" ? "true" : "false");
            else if (cell && types_[i] == CellType::text) append(without_formula(std::string{*cell}));
            else if (cell && types_[i] == CellType::array) append(without_formula(joined(*cell)));
            else append(cell.value_or(std::string_view{}));
        }
        if (has_place_) {
            auto const [x, y] = split_xy(record.geometry.value_or(std::string_view{}));
            append(x);
            append(y);
        }
        end_line();
    }
    void finish() override { flush(); }

private:
    void append(std::string_view cell) {
        if (in_line_) buffer_ += ',';
        in_line_ = true;
        if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
            buffer_ += cell;
            return;
        }
        buffer_ += '"';
        for (char const c : cell) {
            if (c == '"') buffer_ += '"';
            buffer_ += c;
        }
        buffer_ += '"';
    }
    void end_line() {
        buffer_ += "\r\n";
        in_line_ = false;
        if (buffer_.size() >= 65'536) flush();
    }
    void flush() {
        if (!buffer_.empty()) sink_(buffer_);
        buffer_.clear();
    }
    bool has_place_;
    std::function<void(std::string_view)> sink_;
    std::string buffer_;
    std::vector<CellType> types_;
    bool in_line_ = false;
};

class GeoJsonWriter : public TableWriter {
public:
    GeoJsonWriter(TableInfo const& info, std::function<void(std::string_view)> sink) : info_{info}, sink_{std::move(sink)} {
        buffer_ = R"({"type":"FeatureCollection","name":)";
        append_json_string(buffer_, info.name);
        if (!info.note.empty()) {
            buffer_ += R"(,"description":)";
            append_json_string(buffer_, info.note);
        }
        buffer_ += R"(,"features":[)";
    }
    void add(Record const& record) override {
        buffer_ += is_first_ ? "\n" : ",\n";
        is_first_ = false;
        buffer_ += R"({"type":"Feature","geometry":)";
        buffer_ += record.geometry.value_or("null");
        buffer_ += R"(,"properties":{)";
        for (std::size_t i = 0; i < info_.columns.size(); ++i) {
            if (i > 0) buffer_ += ',';
            append_json_string(buffer_, info_.columns[i].name);
            buffer_ += ':';
            auto const& cell = record.cells.at(i);
            switch (info_.columns[i].type) {
            case CellType::integer:
            case CellType::number: buffer_ += cell.value_or("null"); break;
            case CellType::boolean: buffer_ += !cell ? "null" : *cell == "t" ? "true" : "false"; break;
            case CellType::array: buffer_ += cell ? json_array(*cell) : "null"; break;
            case CellType::text:
            case CellType::date:
                if (cell) append_json_string(buffer_, *cell);
                else buffer_ += "null";
                break;
            }
        }
        buffer_ += "}}";
        if (buffer_.size() >= 65'536) flush();
    }
    void finish() override {
        buffer_ += "\n]}\n";
        flush();
    }

private:
    void flush() {
        if (!buffer_.empty()) sink_(buffer_);
        buffer_.clear();
    }
    TableInfo info_;
    std::function<void(std::string_view)> sink_;
    std::string buffer_;
    bool is_first_ = true;
};

/// Counts rows and bytes while a file grows.
class Meter {
public:
    Meter(TemporaryFile const& file, FileQuota quota, std::string_view format) : file_{file}, quota_{quota}, format_{format} {}
    void count_row() {
        if (++rows_ > quota_.rows) refuse(fmt::format("{} rows", quota_.rows));
        if (rows_ % 2'000 == 0) check_bytes();
    }
    /// For what a writer keeps where nobody sees it (libxlsxwriter's unlinked parts).
    void count_bytes(std::size_t bytes) { hidden_bytes_ += static_cast<std::int64_t>(bytes); }
    void check_bytes() const {
        if (file_.bytes() + hidden_bytes_ > quota_.bytes) refuse(fmt::format("{} MB", quota_.bytes / (1024 * 1024)));
    }

private:
    [[noreturn]] void refuse(std::string const& bound) const {
        throw Error{ErrorKind::invalid_argument,
                    fmt::format("the list is too long for one {} file (at most {}); filter it further, or take csv or geojson", format_, bound),
                    {{"format", format_, "at most " + bound}}};
    }
    TemporaryFile const& file_;
    FileQuota quota_;
    std::string format_;
    std::int64_t rows_ = 0, hidden_bytes_ = 0;
};

struct WorkbookCloser {
    void operator()(lxw_workbook* book) const noexcept { workbook_close(book); }
};

class XlsxWriter : public TableWriter {
public:
    XlsxWriter(TableInfo const& info, TemporaryFile const& file, FileQuota quota)
        : info_{info}, meter_{file, {std::min<std::int64_t>(quota.rows, LXW_ROW_MAX - 1), quota.bytes}, "xlsx"}, folder_{file.folder().string()} {
        lxw_workbook_options options{};
        options.constant_memory = LXW_TRUE;
        options.tmpdir = folder_.data();
        book_.reset(workbook_new_opt(file.path().c_str(), &options));
        if (!book_) throw Error{ErrorKind::internal, "the export file could not be written"};
        title_ = info_.title;
        lxw_doc_properties properties{};
        properties.title = title_.data();
        properties.comments = info_.note.data();
        workbook_set_properties(book_.get(), &properties);
        bold_ = workbook_add_format(book_.get());
        format_set_bold(bold_);
        date_ = workbook_add_format(book_.get());
        format_set_num_format(date_, "dd/mm/yyyy");
        // In constant memory each sheet is a file of its own, written row after row; the data stay in front.
        data_ = workbook_add_worksheet(book_.get(), "data");
        auto* notes = workbook_add_worksheet(book_.get(), "notes");
        worksheet_write_string(notes, 0, 0, info_.title.c_str(), bold_);
        worksheet_write_string(notes, 1, 0, info_.note.c_str(), nullptr);
        worksheet_write_string(notes, 2, 0, fmt::format("EPSG:{}", info_.epsg).c_str(), nullptr);
        lxw_row_t line = 4;
        for (auto const& column : info_.columns) {
            worksheet_write_string(notes, line, 0, column.name.c_str(), nullptr);
            worksheet_write_string(notes, line++, 1, column.title.c_str(), nullptr);
        }
        lxw_col_t at = 0;
        for (auto const& column : info_.columns) worksheet_write_string(data_, 0, at++, column.name.c_str(), bold_);
        auto const [x, y] = xy_names(info_);
        worksheet_write_string(data_, 0, at++, x, bold_);
        worksheet_write_string(data_, 0, at, y, bold_);
        worksheet_freeze_panes(data_, 1, 0);
    }
    void add(Record const& record) override {
        meter_.count_row();
        ++row_;
        for (std::size_t i = 0; i < info_.columns.size(); ++i) {
            auto const& cell = record.cells.at(i);
            if (!cell) continue;
            write(static_cast<lxw_col_t>(i), info_.columns[i].type, *cell);
            meter_.count_bytes(cell->size() + 40);  // with its markup
        }
        if (record.geometry) {
            auto const [x, y] = split_xy(*record.geometry);
            auto const at = static_cast<lxw_col_t>(info_.columns.size());
            worksheet_write_number(data_, row_, at, to_number(x), nullptr);
            worksheet_write_number(data_, row_, static_cast<lxw_col_t>(at + 1), to_number(y), nullptr);
        }
    }
    void finish() override {
        if (workbook_close(book_.release()) != LXW_NO_ERROR) throw Error{ErrorKind::internal, "the export file could not be written"};
        meter_.check_bytes();
    }

private:
    void write(lxw_col_t at, CellType type, std::string_view cell) {
        switch (type) {
        case CellType::integer:
        case CellType::number: worksheet_write_number(data_, row_, at, to_number(cell), nullptr); return;
        case CellType::boolean: worksheet_write_boolean(data_, row_, at, cell == "t", nullptr); return;
        case CellType::date:
            if (cell.size() == 10 && cell[4] == '-') {
                lxw_datetime day{};
                day.year = static_cast<int>(to_number(cell.substr(0, 4)));
                day.month = static_cast<int>(to_number(cell.substr(5, 2)));
                day.day = static_cast<int>(to_number(cell.substr(8, 2)));
                worksheet_write_datetime(data_, row_, at, &day, date_);
                return;
            }
            [[fallthrough]];
        case CellType::array:
        case CellType::text:
            // A cell holds 32,767 characters at most.
            text_ = type == CellType::array ? joined(cell) : std::string{cell};
            bool const is_cut = text_.size() > 32'767;
            if (is_cut) text_.resize(32'767);
            while (is_cut && !text_.empty() && (static_cast<unsigned char>(text_.back()) & 0xC0U) == 0x80U) text_.pop_back();
            worksheet_write_string(data_, row_, at, text_.c_str(), nullptr);
            return;
        }
    }
    TableInfo info_;
    Meter meter_;
    std::string folder_, title_, text_;
    std::unique_ptr<lxw_workbook, WorkbookCloser> book_;
    lxw_worksheet* data_ = nullptr;
    lxw_format* bold_ = nullptr;
    lxw_format* date_ = nullptr;
    lxw_row_t row_ = 0;
};

void discard_gdal_message(CPLErr level, CPLErrorNum number, char const* text) {
    if (level >= CE_Failure) log::warn("gdal {}: {}", number, text);
}

struct DatasetCloser {
    void operator()(void* dataset) const noexcept { GDALClose(dataset); }
};
struct FeatureDeleter {
    void operator()(void* feature) const noexcept { OGR_F_Destroy(feature); }
};
struct SrsDeleter {
    void operator()(void* srs) const noexcept { OSRRelease(srs); }
};
struct FieldDeleter {
    void operator()(void* field) const noexcept { OGR_Fld_Destroy(field); }
};

class GdalWriter : public TableWriter {
public:
    GdalWriter(FileFormat format, TableInfo const& info, TemporaryFile const& file, FileQuota quota)
        : info_{info}, meter_{file, quota, naming(format).name}, is_kml_{format == FileFormat::kml}, needs_place_{format == FileFormat::fgb} {
        static std::once_flag once;
        std::call_once(once, [] {
            GDALAllRegister();
            CPLSetErrorHandler(discard_gdal_message);
        });
        auto* driver = GDALGetDriverByName(format == FileFormat::gpkg ? "GPKG" : format == FileFormat::fgb ? "FlatGeobuf" : "KML");
        char const* kml_options[] = {"NameField=name", nullptr};
        if (driver) dataset_.reset(GDALCreate(driver, file.path().c_str(), 0, 0, 0, GDT_Unknown, is_kml_ ? const_cast<char**>(kml_options) : nullptr));
        if (!dataset_) fail();
        std::unique_ptr<void, SrsDeleter> const srs{OSRNewSpatialReference(nullptr)};
        if (OSRImportFromEPSG(srs.get(), info_.epsg) != OGRERR_NONE) fail();
        OSRSetAxisMappingStrategy(srs.get(), OAMS_TRADITIONAL_GIS_ORDER);
        auto const description = "DESCRIPTION=" + info_.note;
        auto const identifier = "IDENTIFIER=" + info_.title;
        char const* gpkg_options[] = {description.c_str(), identifier.c_str(), nullptr};
        auto const type = info_.geometry_type == "Point" ? wkbPoint : info_.geometry_type == "MultiLineString" ? wkbMultiLineString : wkbMultiPolygon;
        layer_ = GDALDatasetCreateLayer(dataset_.get(), info_.name.c_str(), srs.get(), type,
                                        format == FileFormat::gpkg ? const_cast<char**>(gpkg_options) : nullptr);
        if (!layer_) fail();
        for (auto const& column : info_.columns) {
            std::unique_ptr<void, FieldDeleter> const field{OGR_Fld_Create(column.name.c_str(), field_type(column.type))};
            if (column.type == CellType::boolean && !is_kml_) OGR_Fld_SetSubType(field.get(), OFSTBoolean);
            if (column.type == CellType::array && !is_kml_) OGR_Fld_SetSubType(field.get(), OFSTJSON);
            if (OGR_L_CreateField(layer_, field.get(), 1) != OGRERR_NONE) fail();
        }
        // KML's layers begin with fields of their own (Name, Description), so that positions are looked up.
        for (auto const& column : info_.columns) fields_.push_back(OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer_), column.name.c_str()));
        in_transaction_ = GDALDatasetStartTransaction(dataset_.get(), 0) == OGRERR_NONE;
    }
    void add(Record const& record) override {
        meter_.count_row();
        std::unique_ptr<void, FeatureDeleter> const feature{OGR_F_Create(OGR_L_GetLayerDefn(layer_))};
        for (std::size_t i = 0; i < info_.columns.size(); ++i) {
            if (auto const& cell = record.cells.at(i)) set(feature.get(), fields_[i], info_.columns[i].type, *cell);
        }
        if (record.geometry) {
            auto const wkb = from_hex(*record.geometry);
            OGRGeometryH geometry = nullptr;
            if (wkb.empty() || OGR_G_CreateFromWkb(wkb.data(), nullptr, &geometry, static_cast<int>(wkb.size())) != OGRERR_NONE) fail();
            OGR_F_SetGeometryDirectly(feature.get(), geometry);
        } else if (needs_place_) {
            return;
        }
        if (OGR_L_CreateFeature(layer_, feature.get()) != OGRERR_NONE) fail();
    }
    void finish() override {
        if (in_transaction_ && GDALDatasetCommitTransaction(dataset_.get()) != OGRERR_NONE) fail();
        CPLErrorReset();
        dataset_.reset();
        if (CPLGetLastErrorType() >= CE_Failure) fail();
        meter_.check_bytes();
    }

private:
    [[noreturn]] static void fail() { throw Error{ErrorKind::internal, "the export file could not be written"}; }
    OGRFieldType field_type(CellType type) const {
        switch (type) {
        case CellType::integer: return is_kml_ ? OFTInteger : OFTInteger64;
        case CellType::number: return OFTReal;
        case CellType::boolean: return OFTInteger;
        case CellType::date: return is_kml_ ? OFTString : OFTDate;
        case CellType::array:  // as JSON: none of the formats has lists
        case CellType::text: break;
        }
        return OFTString;
    }
    void set(OGRFeatureH feature, int field, CellType type, std::string_view cell) {
        text_ = type == CellType::array ? json_array(cell) : std::string{cell};
        switch (type) {
        case CellType::integer: OGR_F_SetFieldInteger64(feature, field, std::strtoll(text_.c_str(), nullptr, 10)); return;
        case CellType::number: OGR_F_SetFieldDouble(feature, field, to_number(cell)); return;
        case CellType::boolean: OGR_F_SetFieldInteger(feature, field, cell == "t" ? 1 : 0); return;
        case CellType::array:
        case CellType::text:
        case CellType::date: OGR_F_SetFieldString(feature, field, text_.c_str()); return;
        }
    }
    TableInfo info_;
    Meter meter_;
    bool is_kml_;
    bool needs_place_;
    std::unique_ptr<void, DatasetCloser> dataset_;
    OGRLayerH layer_ = nullptr;  // of dataset_
    bool in_transaction_ = false;
    std::vector<int> fields_;
    std::string text_;
};

constexpr char const* kFolderPrefix = "ocopmap-export-";

}  // namespace

std::optional<FileFormat> parse_format(std::string_view name) {
    for (auto const& entry : kNames) {
        if (entry.name == name) return entry.format;
    }
    return std::nullopt;
}
char const* format_names() noexcept { return "csv, geojson, xlsx, gpkg, fgb, kml"; }
char const* media_type(FileFormat format) noexcept { return naming(format).media_type; }
char const* file_extension(FileFormat format) noexcept { return naming(format).name.data(); }
bool is_streamed(FileFormat format) noexcept { return format == FileFormat::csv || format == FileFormat::geojson; }

GeometryForm geometry_form(FileFormat format) noexcept {
    switch (format) {
    case FileFormat::geojson: return GeometryForm::geojson;
    case FileFormat::csv:
    case FileFormat::xlsx: return GeometryForm::xy;
    case FileFormat::gpkg:
    case FileFormat::fgb:
    case FileFormat::kml: break;
    }
    return GeometryForm::wkb_hex;
}

std::string to_form(GeometryForm form, double x, double y) {
    switch (form) {
    case GeometryForm::geojson: return fmt::format(R"({{"type":"Point","coordinates":[{},{}]}})", x, y);
    case GeometryForm::xy: return fmt::format("{} {}", x, y);
    case GeometryForm::wkb_hex: break;
    }
    std::string hex = "\\x0101000000";  // little endian, Point
    for (double const value : {x, y}) {
        auto bits = std::bit_cast<std::uint64_t>(value);
        for (int i = 0; i < 8; ++i, bits >>= 8U) {
            hex += kHex[(bits >> 4U) & 15U];
            hex += kHex[bits & 15U];
        }
    }
    return hex;
}

std::unique_ptr<TableWriter> make_text_writer(FileFormat format, TableInfo const& info, std::function<void(std::string_view)> sink) {
    if (format == FileFormat::csv) return std::make_unique<CsvWriter>(info, std::move(sink));
    return std::make_unique<GeoJsonWriter>(info, std::move(sink));
}

std::unique_ptr<TableWriter> make_file_writer(FileFormat format, TableInfo const& info, TemporaryFile const& file, FileQuota quota) {
    if (format == FileFormat::xlsx) return std::make_unique<XlsxWriter>(info, file, quota);
    return std::make_unique<GdalWriter>(format, info, file, quota);
}

TemporaryFile::TemporaryFile(std::string const& file_name) {
    auto pattern = (std::filesystem::temp_directory_path() / (std::string{kFolderPrefix} + "XXXXXX")).string();
    if (!mkdtemp(pattern.data())) throw Error{ErrorKind::overloaded, "no room for a temporary file; try again in a moment"};
    folder_ = pattern;
    path_ = folder_ / file_name;
}

TemporaryFile::~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::int64_t TemporaryFile::bytes() const {
    std::int64_t sum = 0;
    std::error_code gone;  // a driver may remove its parts meanwhile
    for (auto const& entry : std::filesystem::directory_iterator{folder_, gone}) {
        auto const size = entry.file_size(gone);
        if (!gone) sum += static_cast<std::int64_t>(size);
    }
    return sum;
}

void TemporaryFile::sweep() noexcept {
    namespace fs = std::filesystem;
    std::error_code error;
    auto const old = fs::file_time_type::clock::now() - std::chrono::hours{1};
    for (auto const& entry : fs::directory_iterator{fs::temp_directory_path(error), error}) {
        if (!entry.path().filename().string().starts_with(kFolderPrefix)) continue;
        if (auto const written = entry.last_write_time(error); !error && written < old) fs::remove_all(entry.path(), error);
    }
}

}  // namespace gis_core::io
