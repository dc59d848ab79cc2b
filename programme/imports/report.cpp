#include "programme/imports/report.hpp"

#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "programme/imports/columns.hpp"
#include "programme/imports/reasons.hpp"
#include "programme/imports/sql/statements.hpp"

#include <fmt/format.h>
#include <xlsxwriter.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace programme::imports {
namespace {

using gis_core::db::Actor;
using gis_core::db::Pool;
using gis_core::db::Session;

constexpr int kPage = 2000;

ReportedIssue reported(dictionary::Entity const* entity, std::int64_t line, std::string field, std::string value, std::string allowed) {
    auto vietnamese = in_vietnamese(allowed, entity == nullptr ? nullptr : entity->find(field));
    return {line, std::move(field), std::move(value), std::move(allowed), std::move(vietnamese)};
}

/// "số nguyên, ví dụ 12 (a whole number)"
std::string in_both(ReportedIssue const& issue) { return fmt::format("{} ({})", issue.allowed_vi, issue.allowed); }

constexpr std::size_t kMostComments = 5000;   // the library keeps them in memory; the reason stands beside the row as well
constexpr std::size_t kLongestCell = 32'000;  // Excel takes 32,767

/// Issues one after the other, a page at a time.
class Issues {
public:
    Issues(Pool& pool, Actor const& owner, dictionary::Entity const* entity, std::int64_t key) : pool_{pool}, owner_{owner}, entity_{entity}, key_{key} {}
    /// nullptr at the end.
    ReportedIssue const* peek() {
        if (page_.empty() && !ended_) load();
        return page_.empty() ? nullptr : &page_.front();
    }
    void pop() { page_.pop_front(); }

private:
    void load() {
        auto const rows =
            pool_.read("", owner_, [&](pqxx::transaction_base& tx, Session&) { return tx.exec_params(sql::issues_page.text, key_, line_, issue_, kPage); });
        for (auto const& row : rows) {
            issue_ = row[0].as<std::int64_t>();
            line_ = row[1].as<std::int64_t>();
            page_.push_back(reported(entity_, line_, row[2].as<std::string>(), row[3].as<std::string>(), row[4].as<std::string>()));
        }
        ended_ = rows.empty();
    }

    Pool& pool_;
    Actor const& owner_;
    dictionary::Entity const* entity_;
    std::int64_t key_, line_ = -1, issue_ = 0;
    std::deque<ReportedIssue> page_;
    bool ended_ = false;
};

/// libxlsxwriter in constant memory.
class Workbook {
public:
    explicit Workbook(std::filesystem::path const& file) : folder_{file.parent_path().string()}, file_{file} {
        lxw_workbook_options options{};
        options.constant_memory = LXW_TRUE;
        options.tmpdir = folder_.data();
        book_ = workbook_new_opt(file.c_str(), &options);
        heading = workbook_add_format(book_);
        format_set_bold(heading);
        format_set_text_wrap(heading);
        format_set_bg_color(heading, 0xE8EEE4);
        format_set_border(heading, LXW_BORDER_THIN);
        wrong = workbook_add_format(book_);
        format_set_bg_color(wrong, 0xF8C9C4);
        format_set_border(wrong, LXW_BORDER_THIN);
    }
    ~Workbook() {
        if (book_ != nullptr) workbook_close(book_);
    }
    Workbook(Workbook const&) = delete;
    Workbook& operator=(Workbook const&) = delete;

    lxw_worksheet* sheet(char const* name, std::vector<std::string> const& headings) {
        auto* out = workbook_add_worksheet(book_, name);
        worksheet_freeze_panes(out, 1, 0);
        for (std::size_t i = 0; i < headings.size(); ++i) {
            worksheet_set_column(out, static_cast<lxw_col_t>(i), static_cast<lxw_col_t>(i), 22, nullptr);
            text(out, 0, i, headings[i], heading);
        }
        return out;
    }
    static void text(lxw_worksheet* sheet, lxw_row_t row, std::size_t column, std::string value, lxw_format* format = nullptr) {
        if (value.size() > kLongestCell) {
            auto end = kLongestCell;
            while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0U) == 0x80U) --end;
            value.resize(end);
        }
        worksheet_write_string(sheet, row, static_cast<lxw_col_t>(column), value.c_str(), format);
    }
    void close() {
        auto const done = workbook_close(std::exchange(book_, nullptr));
        if (done != LXW_NO_ERROR)
            throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("{} cannot be written: {}", file_.filename().string(), lxw_strerror(done))};
    }

    lxw_format *heading, *wrong;

private:
    std::string folder_;
    std::filesystem::path file_;
    lxw_workbook* book_;
};

}  // namespace

std::vector<ReportedIssue> first_issues(pqxx::transaction_base& tx, dictionary::Entity const* entity, std::int64_t key, int limit) {
    std::vector<ReportedIssue> out;
    for (auto const& row : tx.exec_params(sql::issues_page.text, key, -1, 0, limit))
        out.push_back(reported(entity, row["line"].as<std::int64_t>(), row["field"].as<std::string>(), row["value"].as<std::string>(), row["allowed"].as<std::string>()));
    return out;
}

void each_issue(Pool& pool, Actor const& owner, dictionary::Entity const* entity, std::int64_t key, std::function<void(ReportedIssue const&)> const& found) {
    for (Issues issues{pool, owner, entity, key}; auto const* issue = issues.peek(); issues.pop()) found(*issue);
}

void each_overlap(Pool& pool, Actor const& owner, std::int64_t key, std::function<void(ReportedOverlap const&)> const& found) {
    std::int64_t row_key = 0, other = 0;
    for (;;) {
        auto const rows =
            pool.read("", owner, [&](pqxx::transaction_base& tx, Session&) { return tx.exec_params(sql::overlaps_page.text, key, row_key, other, kPage); });
        if (rows.empty()) return;
        for (auto const& row : rows) {
            row_key = row[0].as<std::int64_t>();
            other = row[2].as<std::int64_t>();
            found({row_key, other, row[1].as<std::string>(), row[3].as<std::string>(), row[4].as<std::string>(), row[5].as<std::string>()});
        }
    }
}

void write_workbook(Pool& pool, Actor const& owner, dictionary::Entity const* entity, Job const& job, std::filesystem::path const& file) {
    std::vector<std::string> headings, fields;
    for (auto const &row : pool.read("", owner, [&](pqxx::transaction_base&tx, Session&) { return tx.exec_params(sql::job_headings.text, job.key); })) {
        headings.push_back(row[0].as<std::string>());
        fields.push_back(row[1].as<std::string>());
    }
    Workbook book{file};
    auto shown = headings;
    shown.emplace_back(kReportLine);
    shown.emplace_back(kReportReason);
    auto* rows = book.sheet("Dòng của tệp", shown);
    Issues issues{pool, owner, entity, job.key};
    std::size_t comments = 0;
    std::int64_t line = 0;
    lxw_row_t at = 1;
    for (;;) {
        auto const page = pool.read(
            "", owner, [&](pqxx::transaction_base& tx, Session&) { return tx.exec_params(sql::cells_page.text, job.key, line, kPage, job.state == "done"); });
        if (page.empty()) break;
        for (auto const& row : page) {
            line = row[0].as<std::int64_t>();
            std::vector<std::string> reasons(headings.size());
            std::string whole;
            while (auto const* issue = issues.peek()) {
                if (issue->line > line) break;
                if (issue->line == line) {
                    whole += fmt::format("{}{}{}{}", whole.empty() ? "" : "; ", issue->field, issue->field.empty() ? "" : ": ", in_both(*issue));
                    for (std::size_t i = 0; i < fields.size(); ++i) {
                        if (!fields[i].empty() && fields[i] == issue->field) reasons[i] = in_both(*issue);
                    }
                }
                issues.pop();
            }
            auto const cells = gis_core::parse_json(row[1].as<std::string>(), "cells");
            for (std::size_t i = 0; i < headings.size(); ++i) {
                bool const is_wrong = !reasons[i].empty();
                if (cells.at(i).is_string()) Workbook::text(rows, at, i, cells.at(i).get<std::string>(), is_wrong ? book.wrong : nullptr);
                else if (is_wrong) worksheet_write_blank(rows, at, static_cast<lxw_col_t>(i), book.wrong);
                if (is_wrong && ++comments <= kMostComments) worksheet_write_comment(rows, at, static_cast<lxw_col_t>(i), reasons[i].c_str());
            }
            worksheet_write_number(rows, at, static_cast<lxw_col_t>(headings.size()), static_cast<double>(line), nullptr);
            if (!whole.empty()) Workbook::text(rows, at, headings.size() + 1, whole, book.wrong);
            ++at;
        }
    }
    auto* wrong = book.sheet("Cần sửa", {"Dòng", "Cột", "Giá trị", "Phải là", "Must be"});
    at = 1;
    each_issue(pool, owner, entity, job.key, [&](ReportedIssue const& issue) {
        if (issue.line > 0) worksheet_write_number(wrong, at, 0, static_cast<double>(issue.line), nullptr);
        Workbook::text(wrong, at, 1, issue.field);
        Workbook::text(wrong, at, 2, issue.value);
        Workbook::text(wrong, at, 3, issue.allowed_vi);
        Workbook::text(wrong, at++, 4, issue.allowed);
    });
    if (job.same + job.dispute + job.sliver > 0) {
        auto* overlaps = book.sheet("Chồng lấn", {"Mã", "Mã kia", "Phần chung của mảnh nhỏ hơn", "Loại"});
        at = 1;
        each_overlap(pool, owner, job.key, [&](ReportedOverlap const& overlap) {
            Workbook::text(overlaps, at, 0, overlap.code);
            Workbook::text(overlaps, at, 1, overlap.other_code);
            worksheet_write_number(overlaps, at, 2, std::stod(overlap.share), nullptr);
            Workbook::text(overlaps, at++, 3, overlap.kind == "same" ? "cùng một mảnh" : overlap.kind == "dispute" ? "tranh chấp" : "mép");
        });
    }
    book.close();
}

}  // namespace programme::imports
