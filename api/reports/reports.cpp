#include "api/reports/reports.hpp"

#include "api/exports.hpp"
#include "api/rest/parameters.hpp"
#include "gis_core/error.hpp"
#include "programme/documents/pdf.hpp"
#include "programme/documents/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

namespace api::reports {

namespace io = gis_core::io;
using programme::reports::CrossQuery;
using programme::reports::CrossTable;
using programme::reports::Figure;
using programme::reports::Heading;
using programme::reports::StepsQuery;

namespace {

/// The values of a filter, each one of a list or "none".
std::vector<std::string> read_filter(http::Query const& query, char const* name, std::vector<std::string> allowed) {
    auto values = rest::list_of(query, name);
    allowed.emplace_back("none");
    for (auto const& value : values) {
        if (std::find(allowed.begin(), allowed.end(), value) == allowed.end())
            throw gis_core::invalid_field(name, value, fmt::format("some of {}", fmt::join(allowed, ", ")));
    }
    return values;
}

std::vector<std::string> codes_of(programme::dictionary::Dictionary const& dictionary, std::string_view list) {
    std::vector<std::string> out;
    for (auto const& code : dictionary.find_list(list)->codes) out.push_back(code.code);
    return out;
}

std::string const& name_of(Heading const& heading, bool is_vietnamese) { return is_vietnamese ? heading.vi : heading.en; }

using Rows = std::vector<std::vector<std::optional<std::string>>>;

std::string printed(std::optional<std::string> const& cell, io::CellType type) {
    auto const date = type == io::CellType::date && cell ? gis_core::Date::parse(*cell) : std::nullopt;
    return date ? date->vietnamese() : cell.value_or("");
}

/// Adds a column to the table under its name in the reader's language.
auto columns_of(io::TableInfo& info, bool is_vietnamese) {
    return [&info, is_vietnamese](char const* name, char const* vi, char const* en, io::CellType type) { info.columns.push_back({name, is_vietnamese ? vi : en, type}); };
}

http::Response pdf_of(io::TableInfo const& info, Rows const& rows, bool has_total, bool is_vietnamese) {
    constexpr std::size_t kMostRows = 2000;  // some 60 pages; beyond that nobody prints
    if (rows.size() > kMostRows)
        throw gis_core::invalid_field("f", "pdf", fmt::format("csv hoặc xlsx cho hơn {} dòng (csv or xlsx for more than {} rows)", kMostRows, kMostRows));
    auto const today = gis_core::business_date();
    programme::documents::Report report{
        info.title, info.note, (is_vietnamese ? "Lập ngày " : "Made on ") + today.vietnamese(), today.iso() + "T00:00:00+07:00", {}, {}, has_total};
    for (auto const& column : info.columns) report.heads.push_back({column.title, column.type == io::CellType::integer || column.type == io::CellType::number});
    for (auto const& row : rows) {
        auto& line = report.rows.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i) line.push_back(printed(row[i], info.columns[i].type));
    }
    auto response = http::Response::text(200, "application/pdf", programme::documents::to_pdf(programme::documents::report(report)));
    response.headers.add("Content-Disposition", fmt::format("inline; filename=\"{}.pdf\"", info.name));
    response.headers.add("Cache-Control", "no-store");
    return response;
}

/// Rows that are there already, handed over as the writers want them. has_total: the last one.
http::Response list_of_rows(std::string_view form, io::TableInfo const& info, Rows rows, bool has_total, bool is_vietnamese) {
    if (form == "pdf") return pdf_of(info, rows, has_total, is_vietnamese);
    auto const wanted = io::parse_format(form);
    if (!wanted || (*wanted != io::FileFormat::csv && *wanted != io::FileFormat::xlsx)) throw gis_core::invalid_field("f", form, "json, csv, xlsx or pdf");
    auto const kept = std::make_shared<Rows const>(std::move(rows));
    return export_list(*wanted, info, [kept](std::function<void(io::Record const&)> const& give) {
        for (auto const& row : *kept) {
            io::Record record;
            for (auto const& cell : row) record.cells.push_back(cell ? std::optional<std::string_view>{*cell} : std::nullopt);
            give(record);
        }
    });
}

}  // namespace

CrossQuery read_cross_query(http::Query const& query, programme::dictionary::Dictionary const& dictionary, std::vector<std::string_view> also) {
    also.insert(also.end(), {"measure", "rows", "columns", "frame", "at", "money_year", "star", "class", "state", "level", "year", "unit"});
    query.allow_only(also);
    auto const word = [&](char const* name, std::string_view otherwise) {
        auto const found = query.find(name);
        return found && !found->empty() ? std::string{*found} : std::string{otherwise};
    };
    CrossQuery out;
    out.figure = programme::reports::parse_figure(word("measure", "products"));
    bool const is_revenue = out.figure == Figure::revenue_vnd;
    out.rows = programme::reports::parse_dimension("rows", word("rows", "unit"), out.figure);
    auto const columns = word("columns", is_revenue ? "none" : "star");
    if (columns != "none") out.columns = programme::reports::parse_dimension("columns", columns, out.figure);
    if (out.columns == out.rows) throw gis_core::invalid_field("columns", columns, "another dimension than rows, or none");
    out.frame = word("frame", "commune-new");
    out.at = word("at", "").empty() ? gis_core::business_date() : rest::at_or_today(query);
    constexpr int kFirstYear = 2018, kLastYear = 2100;  // the programme began in 2018
    out.year = word("money_year", "").empty() ? std::stoi(out.at.iso().substr(0, 4)) - 1 : rest::integer_or(query, "money_year", 0, kFirstYear, kLastYear);
    out.stars = read_filter(query, "star", {"3", "4", "5"});
    out.classes = rest::list_of(query, "class");
    out.states = read_filter(query, "state", codes_of(dictionary, "certificate_state"));
    out.levels = read_filter(query, "level", codes_of(dictionary, "decision_authority"));
    out.years = rest::list_of(query, "year");
    for (auto const& year : out.years) {
        bool const is_year = year.size() == 4 && year.find_first_not_of("0123456789") == std::string::npos;
        if (!is_year && year != "none") throw gis_core::invalid_field("year", year, "years of four digits, or none");
    }
    out.unit = word("unit", "");
    if (is_revenue) {
        for (auto const* name : {"star", "class", "state", "level", "year"}) {
            if (auto const value = word(name, ""); !value.empty()) throw gis_core::invalid_field(name, value, "no filter but unit for revenue_vnd, which is a producer's");
        }
    }
    return out;
}

bool may_see(programme::access::Access const& access, std::string_view role, Figure figure) {
    return access.right("products", role).may_read() && access.right("certificates", role).may_read() &&
           access.right(programme::reports::entity_of(figure), role).may_read();
}

bool may_see_expiring(programme::access::Access const& access, std::string_view role) {
    return may_see(access, role, Figure::products) && access.right("producers", role).may_read();
}

bool may_see_dossiers(programme::access::Access const& access, std::string_view role) { return access.right("dossiers", role).may_read(); }

http::Response file_of(CrossTable const& table, CrossQuery const& query, std::string_view form, bool is_vietnamese) {
    io::TableInfo info;
    info.name = fmt::format("ocop-{}-{}", programme::reports::to_text(query.figure), programme::reports::to_text(query.rows));
    info.title = is_vietnamese ? "Báo cáo OCOP" : "OCOP report";
    if (table.hidden > 0)
        info.note = is_vietnamese ? "Ô trống: số tiền của dưới 3 chủ thể, hoặc từ đó tính ra được, không công bố." : "Empty: money of fewer than 3 producers, or what would tell it.";
    auto const add = columns_of(info, is_vietnamese);
    add("code", "Mã", "Code", io::CellType::text);
    add("name", "Tên", "Name", io::CellType::text);
    for (auto const& column : table.columns) info.columns.push_back({column.code.empty() ? "none" : column.code, name_of(column, is_vietnamese), io::CellType::number});
    add("total", "Tổng", "Total", io::CellType::number);
    Rows rows;
    for (std::size_t i = 0; i <= table.rows.size(); ++i) {
        auto& row = rows.emplace_back();
        bool const is_total = i == table.rows.size();
        row.emplace_back(is_total ? std::string{} : table.rows[i].code);
        row.emplace_back(is_total ? std::string{is_vietnamese ? "Tổng" : "Total"} : name_of(table.rows[i], is_vietnamese));
        for (auto const& cell : table.cells[i]) row.push_back(cell ? std::optional{std::to_string(*cell)} : std::nullopt);
    }
    return list_of_rows(form, info, std::move(rows), true, is_vietnamese);
}

http::Response file_of(programme::reports::ExpiringList const& list, gis_core::Date at, std::string_view form, bool is_vietnamese) {
    io::TableInfo info;
    info.name = "ocop-expiring-" + at.iso();
    info.title = is_vietnamese ? "Giấy chứng nhận sắp hết hạn" : "Certificates that end soon";
    auto const add = columns_of(info, is_vietnamese);
    add("serial", "Số giấy", "Number", io::CellType::text);
    add("product", "Sản phẩm", "Product", io::CellType::text);
    add("producer", "Chủ thể", "Producer", io::CellType::text);
    add("commune", "Xã, phường", "Commune", io::CellType::text);
    add("star", "Hạng sao", "Stars", io::CellType::integer);
    add("decision_no", "Quyết định", "Decision", io::CellType::text);
    add("issued_on", "Cấp ngày", "Issued on", io::CellType::date);
    add("valid_to", "Hết hiệu lực từ ngày", "Out of force from", io::CellType::date);
    add("days", "Còn (ngày)", "Days left", io::CellType::integer);
    Rows rows;
    for (auto const& item : list.items)
        rows.push_back({item.serial, item.product, item.producer, item.commune, std::to_string(item.star), item.decision_no, item.issued_on, item.valid_to, std::to_string(item.days)});
    return list_of_rows(form, info, std::move(rows), false, is_vietnamese);
}

StepsQuery read_steps_query(http::Query const& query, std::vector<std::string_view> also) {
    also.insert(also.end(), {"by", "frame", "from", "to"});
    query.allow_only(also);
    auto const word = [&](char const* name, std::string otherwise) {
        auto const found = query.find(name);
        return found && !found->empty() ? std::string{*found} : std::move(otherwise);
    };
    StepsQuery out;
    out.by = word("by", out.by);
    out.frame = word("frame", out.frame);
    out.to = gis_core::Date::from_field("to", word("to", gis_core::business_date().iso()));
    out.from = gis_core::Date::from_field("from", word("from", out.to.iso().substr(0, 4) + "-01-01"));
    return out;
}

http::Response file_of(programme::reports::StepsReport const& report, StepsQuery const& query, std::string_view form, bool is_vietnamese) {
    io::TableInfo info;
    info.name = "ocop-steps-" + query.to.iso();
    info.title = is_vietnamese ? fmt::format("Thời gian xử lý hồ sơ từ {} đến {}", query.from.vietnamese(), query.to.vietnamese())
                               : fmt::format("Time dossiers took from {} to {}", query.from.vietnamese(), query.to.vietnamese());
    info.note = is_vietnamese ? "Ngày làm việc, của các lần đã xong." : "Working days, of stays that ended.";
    auto const add = columns_of(info, is_vietnamese);
    if (query.by != "unit") add("state", "Trạng thái", "State", io::CellType::text);
    if (query.by != "state") add("unit", "Đơn vị", "Unit", io::CellType::text);
    add("stays", "Số lần", "Stays", io::CellType::integer);
    add("open", "Đang xử lý", "Open", io::CellType::integer);
    add("overdue", "Quá hạn", "Overdue", io::CellType::integer);
    add("median", "Trung vị (ngày)", "Median (days)", io::CellType::integer);
    add("p90", "90 % trong (ngày)", "90 % within (days)", io::CellType::integer);
    Rows rows;
    auto const put = [&](programme::reports::StepTimes const& times, bool is_total) {
        auto& row = rows.emplace_back();
        std::string const total = is_vietnamese ? "Tổng" : "Total";
        if (query.by != "unit") row.emplace_back(is_total ? total : name_of(times.state, is_vietnamese));
        if (query.by != "state") row.emplace_back(is_total ? (query.by == "unit" ? total : "") : name_of(times.unit, is_vietnamese));
        for (auto const figure : {times.stays, times.open, times.overdue}) row.emplace_back(std::to_string(figure));
        for (auto const& figure : {times.median, times.p90}) row.push_back(figure ? std::optional{std::to_string(*figure)} : std::nullopt);
    };
    for (auto const& times : report.items) put(times, false);
    put(report.total, true);
    return list_of_rows(form, info, std::move(rows), true, is_vietnamese);
}

http::Response file_of(programme::reports::DeadlineList const& list, programme::dictionary::Dictionary const& dictionary, std::string_view form,
                       bool is_vietnamese) {
    io::TableInfo info;
    info.name = "ocop-deadlines";
    info.title = is_vietnamese ? "Hạn xử lý hồ sơ" : "What is due";
    auto const add = columns_of(info, is_vietnamese);
    add("kind", "Loại hạn", "Limit", io::CellType::text);
    add("dossier_no", "Số hồ sơ", "Dossier", io::CellType::text);
    add("product", "Sản phẩm", "Product", io::CellType::text);
    add("producer", "Chủ thể", "Producer", io::CellType::text);
    add("commune", "Xã, phường", "Commune", io::CellType::text);
    add("state", "Trạng thái", "State", io::CellType::text);
    add("since", "Từ ngày", "Since", io::CellType::date);
    add("due_on", "Hạn", "Due on", io::CellType::date);
    add("days", "Còn (ngày)", "Days left", io::CellType::integer);
    auto const word = [&](char const* vi, char const* en) { return std::string{is_vietnamese ? vi : en}; };
    Rows rows;
    for (auto const& item : list.items) {
        auto const kind = item.kind == "step"      ? word("Bước hiện tại", "Present step")
                          : item.kind == "renewal" ? word("Đánh giá lại, 45 ngày", "Re-evaluation, 45 days")
                                                   : word("Thu hồi, 15 ngày", "Withdrawal, 15 days");
        auto const* state = dictionary.find_list("dossier_state")->find(item.state);
        rows.push_back({kind, item.dossier_no, item.product, item.producer, item.commune, is_vietnamese ? state->label.vi : state->label.en, item.since,
                        item.due_on, std::to_string(item.days)});
    }
    return list_of_rows(form, info, std::move(rows), false, is_vietnamese);
}

}  // namespace api::reports
