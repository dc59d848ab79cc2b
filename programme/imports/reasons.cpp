#include "programme/imports/reasons.hpp"

#include <array>
#include <regex>

namespace programme::imports {
namespace {

struct Reason {
    char const *english, *vietnamese;  // a regular expression of the whole, and its replacement
};

/// What records::read_values, records::explain, parse_area, the readers of files and the runner say.
constexpr std::array kReasons{
    Reason{"a value: (.+)", "bắt buộc phải có: $1"},
    Reason{"a value", "bắt buộc phải có"},
    Reason{"text", "chữ"},
    Reason{"text, or null for none", "chữ, hoặc để trống"},
    Reason{"text without control characters", "chữ không có ký tự điều khiển"},
    Reason{"text of at most 200 bytes, or null", "chữ dài không quá 200 byte, hoặc để trống"},
    Reason{"at most (\\d+) bytes, this has (\\d+)", "không quá $1 byte, ở đây có $2"},
    Reason{"one of (.+)", "một trong: $1"},
    Reason{"a whole number", "số nguyên, ví dụ 12"},
    Reason{"a number", "số, ví dụ 12,5"},
    Reason{"true or false", "Có hoặc Không"},
    Reason{"a day that exists, as .+", "ngày có thật, ví dụ 30/06/2026"},
    Reason{"a time with its zone, as .+", "ngày giờ có thật, ví dụ 30/06/2026 08:30"},
    Reason{"the SHA-256 of a stored file, 64 hexadecimal digits", "mã SHA-256 của tệp đã tải lên, 64 chữ số thập lục"},
    Reason{"12 digits \\(căn cước\\) or 9 \\(the old card\\)", "12 chữ số (căn cước) hoặc 9 (giấy cũ)"},
    Reason{"10 digits", "10 chữ số"},
    Reason{"nothing: this service keeps no secrets, .+", "để trống: máy chủ này chưa được đặt khóa để giữ số kín"},
    Reason{"the key of a row of (.+)", "số (key) của một dòng có trong $1"},
    Reason{"the key of a row that exists", "số (key) của một dòng đang có"},
    Reason{"the external_id of a row of (.+) that you may see", "mã dòng (external_id) của một dòng trong $1 mà bạn được xem"},
    Reason{"a code that no other row of the file has; line (\\d+) has it", "mã không trùng dòng nào khác trong tệp; dòng $1 đã có"},
    Reason{"a field of (.+)", "một cột có trong $1"},
    Reason{"a value no other row has", "giá trị mà chưa dòng nào có"},
    Reason{"a value that the rule (.+) allows", "giá trị mà quy tắc $1 cho phép"},
    Reason{"a file that you stored, or that a record you may see names", "tệp bạn đã tải lên, hoặc tệp của một dòng bạn được xem"},
    Reason{"a file of these kinds: (.+)", "tệp thuộc một trong các loại: $1"},
    Reason{"a valid geometry \\(OGC Simple Features\\)|a geometry is not valid|a valid polygon \\(OGC Simple Features\\)", "hình hợp lệ: khép kín và không tự cắt"},
    Reason{"a GeoJSON geometry with type and coordinates", "hình GeoJSON có type và coordinates"},
    Reason{"a GeoJSON Point", "một điểm (GeoJSON Point)"},
    Reason{"Polygon, MultiPolygon, or Feature of one", "vùng (Polygon hoặc MultiPolygon)"},
    Reason{"a ring of at least four positions(.*)", "vòng có ít nhất bốn vị trí$1"},
    Reason{"a position \\[lon, lat\\](.*)", "vị trí [kinh độ, vĩ độ]$1"},
    Reason{"closed: its last position equal to its first(.*)", "vòng khép kín: vị trí cuối trùng vị trí đầu$1"},
    Reason{"at most (\\d+) positions", "không quá $1 vị trí"},
    Reason{"longitude -180 to 180, (then )?latitude -90 to 90(.*)", "kinh độ từ -180 đến 180, vĩ độ từ -90 đến 90$2"},
    Reason{"longitude first.*look swapped.*", "kinh độ trước, vĩ độ sau; hai số này có vẻ bị đảo (kinh độ ở đây khoảng 106)"},
    Reason{"easting first; X and Y look swapped.*", "hướng đông trước; X và Y có vẻ bị đảo (X trên bản đo là hướng bắc)"},
    Reason{"easting and northing in metres of that meridian, .+", "tọa độ đông và bắc tính bằng mét của kinh tuyến trục ấy, ví dụ 565000, 1132000"},
    Reason{"coordinates as nested lists of numbers", "tọa độ là các số"},
    Reason{"a coordinate is not a number", "tọa độ phải là số"},
    Reason{"longitude and latitude are swapped: longitude comes first", "kinh độ trước, vĩ độ sau: hai số đang bị đảo"},
    Reason{"easting and northing are swapped .+", "hướng đông trước, hướng bắc sau: hai số đang bị đảo (X trên bản đo là hướng bắc)"},
    Reason{"the position lies outside Vietnam when read as (EPSG:\\d+); is that the right CRS\\?", "vị trí nằm ngoài Việt Nam nếu đọc theo $1; hãy xem lại hệ tọa độ"},
    Reason{"crs .+|crs as text: .+", "hệ tọa độ OGC:CRS84, hoặc VN-2000 kèm kinh tuyến trục, ví dụ EPSG:9210"},
    Reason{"the record refuses (\\d+) rows and more; what follows line (\\d+) was not looked at", "có từ $1 dòng bị từ chối trở lên; chưa xem các dòng sau dòng $2"},
    Reason{"the file holds no rows", "tệp không có dòng nào"},
    Reason{"the row would lie outside what your role may write: .+", "dòng nằm ngoài phạm vi bạn được ghi: chủ thể khác hoặc địa bàn khác"},
    Reason{"the role you act under may not do this", "vai trò của bạn không làm được việc này"},
    Reason{"another row holds for the same time", "đã có dòng khác cho cùng thời gian"},
    Reason{"a number is too large for its field", "số nhỏ hơn, vừa với cột này"},
};

}  // namespace

std::string in_vietnamese(std::string_view allowed, dictionary::Field const* field) {
    static auto const known = [] {
        std::array<std::regex, kReasons.size()> all;
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = std::regex{kReasons[i].english};
        return all;
    }();
    if (field != nullptr && field->type == dictionary::FieldType::enumeration && allowed.starts_with("one of "))
        return "một trong: " + dictionary::allowed_values(*field);
    std::string const said{allowed};
    std::smatch parts;
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (std::regex_match(said, parts, known[i])) return parts.format(kReasons[i].vietnamese);
    }
    return "giá trị mà hồ sơ nhận";
}

}  // namespace programme::imports
