#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::io {

struct CsvRow {
    std::size_t line;                 // of its first character, 1-based, as an editor counts
    std::vector<std::string> values;  // as many as there are columns; missing ones are empty
};

/// RFC 4180 with a header row, UTF-8 (a byte order mark is dropped), "," or ";" or a tab between values, quotes and
/// line breaks inside quotes.
struct CsvTable {
    std::vector<std::string> columns;
    std::vector<CsvRow> rows;
    /// The column's place. \throws Error(invalid_argument) naming the columns there are.
    std::size_t column(std::string_view name) const;
    std::string const& at(CsvRow const& row, std::string_view name) const { return row.values[column(name)]; }
};

/// \throws Error(invalid_argument) with the line: not UTF-8, an open quote, more values than columns.
CsvTable parse_csv(std::string_view text, std::string_view file_name);
CsvTable read_csv(std::filesystem::path const& file);
/// A text that a spreadsheet would take for a formula (it begins with = + - @ or a tab) gets an apostrophe before it in the CSV we
/// write; read again, it is the text it was.
std::string without_formula(std::string text);
std::string with_formula(std::string text);
/// The bytes of a file. \throws Error(invalid_argument) when it cannot be read.
std::string read_bytes(std::filesystem::path const& file);

}  // namespace gis_core::io
