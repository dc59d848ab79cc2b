#include "programme/documents/score_sheet.hpp"

#include "programme/documents/compose.hpp"
#include "programme/documents/score_table.hpp"

#include <fmt/format.h>

namespace programme::documents {

using namespace compose;

Document score_sheet(ScoreSheet const& sheet, grading::Rubric const& rubric) {
    auto const& set = rubric.set(sheet.product.set);
    // What a finished sheet has to keep is said in one place.
    auto const grade = grading::grade(rubric, set.number, {{sheet.sheet}, {}, {}});
    auto out = start(sheet.paper, "Phiếu đánh giá sản phẩm OCOP", sheet.product.dossier_no, &rubric);
    auto& blocks = out.blocks;
    blocks.push_back(letterhead(sheet.paper));
    blocks.push_back(text(Style::title, "PHIẾU ĐÁNH GIÁ SẢN PHẨM OCOP"));
    blocks.push_back(text(Style::subtitle, fmt::format("Bộ {}: {}", set.number, set.name.vi)));
    blocks.push_back(field("Theo", document_of(rubric)));
    blocks.push_back(field("Hội đồng", sheet.council_name));
    blocks.push_back(field("Sản phẩm", sheet.product.product_name));
    blocks.push_back(field("Mã số sản phẩm", sheet.product.product_no));
    blocks.push_back(field("Hồ sơ số", sheet.product.dossier_no));
    blocks.push_back(field("Chủ thể", sheet.product.producer_name));
    blocks.push_back(field("Địa chỉ", sheet.product.address));
    blocks.push_back(field("Thành viên chấm", sheet.sheet.member));
    blocks.push_back(field("Cơ quan", sheet.member_agency));
    blocks.push_back(field("Vai trò", sheet.member_role));
    blocks.push_back(field("Lượt chấm", std::to_string(sheet.score_round)));
    auto scored = score_table(rubric, set, sheet.sheet, sheet.comments, "Nhận xét", true);
    blocks.push_back({std::move(scored.table)});
    blocks.push_back(text(Style::note, "☒ phương án được chọn. Dấu sao: yêu cầu tối thiểu của hạng 3 sao (***), 4 sao (****), 5 sao (*****)."));
    blocks.push_back(text(Style::heading, "TỔNG HỢP"));
    Table sums{{{"Phần", 3, Align::left}, {"Điểm tối đa", 1, Align::centre}, {"Điểm", 1, Align::centre}}, {}};
    grading::Exact most{0};
    for (auto const& part : rubric.parts) {
        most += part.max;
        sums.rows.push_back(
            {{cell(fmt::format("{}. {}", part.code, part.name.vi)), cell(grading::to_points(part.max)), cell(grading::to_points(grade.parts.at(part.code)))},
             false});
    }
    sums.rows.push_back({{bold_cell("Tổng điểm"), bold_cell(grading::to_points(most)), bold_cell(grading::to_points(grade.totals.front().total))}, false});
    blocks.push_back({std::move(sums)});
    blocks.push_back(field("Điều kiện loại", sheet.conditions.empty() ? "không nêu" : ""));
    if (!sheet.conditions.empty()) blocks.back() = text(Style::field, "Điều kiện loại:");
    for (auto const& condition : sheet.conditions) blocks.push_back(text(Style::field, fmt::format("- {}: {}", condition.vi, or_dots(condition.reason))));
    blocks.push_back(field("Nhận xét chung", sheet.overall_comment));
    blocks.push_back(signatures({sheet.signature}));
    return out;
}

}  // namespace programme::documents
