#include "gis_core/io/csv.hpp"

#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace gis_core::io {
namespace {

/// The separator that occurs most in the header line.
char find_separator(std::string_view text) {
    auto const header = text.substr(0, text.find('\n'));
    char best = ',';
    for (auto const candidate : {',', ';', '\t'}) {
        if (std::count(header.begin(), header.end(), candidate) > std::count(header.begin(), header.end(), best)) best = candidate;
    }
    return best;
}

}  // namespace

std::size_t CsvTable::column(std::string_view name) const {
    auto const found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end()) {
        throw Error{ErrorKind::invalid_argument, fmt::format("there is no column {}; the columns are {}", name, fmt::join(columns, ", "))};
    }
    return static_cast<std::size_t>(found - columns.begin());
}

CsvTable parse_csv(std::string_view text, std::string_view file_name) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    auto const separator = find_separator(text);
    CsvTable table;
    std::size_t line = 1, row_line = 1;
    std::vector<std::string> values;
    std::string value;
    bool quoted = false, was_quoted = false;

    auto const refuse = [&](std::size_t where, std::string const& why) {
        throw Error{ErrorKind::invalid_argument, fmt::format("{} line {}: {}", file_name, where, why), {{fmt::format("line {}", where), {}, why}}};
    };
    auto const end_value = [&] {
        if (!text::is_utf8(value)) refuse(row_line, "the text is not UTF-8 (save the file as UTF-8)");
        values.push_back(std::move(value));
        value.clear();
        was_quoted = false;
    };
    auto const end_row = [&] {
        end_value();
        if (values.size() == 1 && values[0].empty()) {  // a blank line
            values.clear();
            return;
        }
        if (table.columns.empty()) {
            for (auto& name : values) name = text::to_nfc(name);
            table.columns = std::move(values);
        } else {
            if (values.size() > table.columns.size()) {
                refuse(row_line, fmt::format("{} values for {} columns", values.size(), table.columns.size()));
            }
            values.resize(table.columns.size());
            table.rows.push_back({row_line, std::move(values)});
        }
        values.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const c = text[i];
        if (quoted) {
            if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
                value += '"';
                ++i;
            } else if (c == '"') quoted = false;
            else {
                value += c;
                if (c == '\n') ++line;
            }
        } else if (c == '"' && value.empty() && !was_quoted) {
            quoted = was_quoted = true;
        } else if (c == separator) {
            end_value();
        } else if (c == '\n') {
            if (value.ends_with('\r')) value.pop_back();
            end_row();
            row_line = ++line;
        } else {
            value += c;
        }
    }
    if (quoted) refuse(row_line, "a quote is opened and never closed");
    if (!value.empty() || !values.empty()) end_row();
    if (table.columns.empty()) refuse(1, "the file is empty; a header row is expected");
    return table;
}

std::string read_bytes(std::filesystem::path const& file) {
    std::ifstream in{file, std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    if (!in && !in.eof()) throw Error{ErrorKind::invalid_argument, fmt::format("{} cannot be read", file.string())};
    return bytes;
}

CsvTable read_csv(std::filesystem::path const& file) {
    if (!std::filesystem::is_regular_file(file)) {
        throw Error{ErrorKind::invalid_argument, fmt::format("there is no file {}", file.string())};
    }
    return parse_csv(read_bytes(file), file.filename().string());
}

namespace {
bool is_like_formula(std::string_view text) { return !text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos; }
}  // namespace

std::string without_formula(std::string text) {
    if (is_like_formula(text)) text.insert(0, 1, '\'');
    return text;
}

std::string with_formula(std::string text) {
    if (text.starts_with('\'') && is_like_formula(std::string_view{text}.substr(1))) text.erase(0, 1);
    return text;
}

}  // namespace gis_core::io
