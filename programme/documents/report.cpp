#include "programme/documents/report.hpp"

#include "programme/documents/compose.hpp"

#include <algorithm>

namespace programme::documents {

using namespace compose;

Document report(Report const& report) {
    constexpr std::size_t kFigures = 10;       // beside each other
    constexpr double kNarrow = 5, kWide = 34;  // characters
    Document out;
    out.title = out.footer = report.title;
    out.author = "ocopmap";
    out.created_at = report.created_at;
    out.is_landscape = true;
    out.blocks.push_back(text(Style::title, report.title));
    out.blocks.push_back(aligned(Style::note, {{report.made}}, Align::centre));
    if (!report.note.empty()) out.blocks.push_back(text(Style::note, report.note));
    auto const first_number = std::find_if(report.heads.begin(), report.heads.end(), [](auto const& head) { return head.is_number; });
    auto words = static_cast<std::size_t>(first_number - report.heads.begin());
    if (report.heads.size() - words <= kFigures) words = report.heads.size();  // one table holds all
    auto const share = [&](std::size_t column) {
        auto longest = report.heads[column].title.size() / 2;  // titles break
        for (auto const& row : report.rows) longest = std::max(longest, row[column].size());
        return std::clamp(static_cast<double>(longest), kNarrow, kWide);
    };
    for (auto from = words; from < report.heads.size() || from == words; from += kFigures) {
        std::vector<std::size_t> columns;
        for (std::size_t i = 0; i < words; ++i) columns.push_back(i);
        for (auto i = from; i < std::min(from + kFigures, report.heads.size()); ++i) columns.push_back(i);
        Table table;
        for (auto const column : columns)
            table.columns.push_back({report.heads[column].title, share(column), report.heads[column].is_number ? Align::right : Align::left});
        for (auto const& row : report.rows) {
            Row line;
            auto const is_total = report.has_total && &row == &report.rows.back();
            for (auto const column : columns) line.cells.push_back(is_total ? bold_cell(row[column]) : cell(row[column]));
            table.rows.push_back(std::move(line));
        }
        if (from > words) out.blocks.push_back(space(4));
        out.blocks.push_back({std::move(table)});
    }
    return out;
}

}  // namespace programme::documents
