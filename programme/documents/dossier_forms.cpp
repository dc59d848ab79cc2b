#include "programme/documents/dossier_forms.hpp"

#include "programme/documents/compose.hpp"
#include "programme/documents/score_table.hpp"

#include <fmt/format.h>

namespace programme::documents {
namespace {

using namespace compose;

std::string box(bool is_ticked) { return is_ticked ? "☒ " : "☐ "; }

std::string registered(Producer const& producer) {
    if (producer.business_reg_no.empty()) return {};
    return producer.business_reg_date ? fmt::format("{}, ngày cấp {}", producer.business_reg_no, producer.business_reg_date->vietnamese())
                                      : producer.business_reg_no;
}

/// The producer is the one who writes: no letterhead.
Document start_form(Paper const& paper, Product const& product, grading::Rubric const& rubric, char const* form, char const* name) {
    auto out = start(paper, fmt::format("{}. {}", form, name), product.dossier_no, &rubric);
    out.blocks.push_back(aligned(Style::note, {{fmt::format("{} ({}, Phụ lục III)", form, document_of(rubric))}}, Align::right));
    return out;
}

}  // namespace

Document registration(Registration const& form, grading::Rubric const& rubric) {
    auto out = start_form(form.paper, form.product, rubric, "Mẫu 01", "Phiếu đăng ký đánh giá, phân hạng sản phẩm OCOP");
    auto& blocks = out.blocks;
    national_heading(out);
    blocks.push_back(text(Style::title, "PHIẾU ĐĂNG KÝ"));
    blocks.push_back(text(Style::subtitle, "Đánh giá, phân hạng sản phẩm OCOP"));
    blocks.push_back(field("Số", form.product.dossier_no));
    blocks.push_back(text(Style::heading, "I. THÔNG TIN CHỦ THỂ"));
    auto const& producer = form.producer;
    blocks.push_back(field("1. Tên đơn vị", producer.producer_name));
    blocks.push_back(field("2. Người đại diện pháp luật", producer.legal_representative));
    blocks.push_back(field("3. Chức vụ", producer.representative_position));
    blocks.push_back(field("4. Địa chỉ", producer.address));
    blocks.push_back(field("5. Điện thoại", producer.phone));
    blocks.push_back(field("6. Thư điện tử", producer.email));
    blocks.push_back(text(Style::heading, "II. THÔNG TIN SẢN PHẨM ĐĂNG KÝ"));
    blocks.push_back(field("1. Tên sản phẩm", form.product.product_name));
    blocks.push_back(field("2. Ngành, nhóm, phân nhóm", class_of(form.product)));
    blocks.push_back(field("3. Bộ tiêu chí", fmt::format("Bộ {}: {}", form.product.set, rubric.set(form.product.set).name.vi)));
    auto const is = [&](RegistrationKind kind) { return box(form.registration_kind == kind); };
    blocks.push_back(text(Style::field, fmt::format("4. Lần đăng ký: {}Lần đầu   {}Nâng hạng   {}Đánh giá, phân hạng lại", is(RegistrationKind::first),
                                                    is(RegistrationKind::upgrade), is(RegistrationKind::again))));
    if (form.registration_kind != RegistrationKind::first) blocks.push_back(field("   Giấy chứng nhận trước", form.previous_certificate_no));
    blocks.push_back(field("5. Số lượng sản phẩm mẫu", form.sample_quantity ? std::to_string(*form.sample_quantity) : std::string{}));
    blocks.push_back(text(Style::field, "6. Tài liệu gửi kèm:"));
    if (form.attachments.empty()) blocks.push_back(text(Style::field, "   " + or_dots({})));
    for (auto const& attachment : form.attachments) blocks.push_back(text(Style::field, "   - " + attachment));
    blocks.push_back(text(Style::heading, "III. CAM KẾT"));
    blocks.push_back(
        text(Style::body, "Chúng tôi cam kết những thông tin, tài liệu trong hồ sơ là đúng sự thật và chịu trách nhiệm trước pháp luật về nội dung đã khai."));
    blocks.push_back(place_and_date(form.paper));
    blocks.push_back(signatures({form.signature}));
    if (form.receipts.empty()) return out;
    blocks.push_back(text(Style::heading, "PHẦN DÀNH CHO CƠ QUAN TIẾP NHẬN"));
    for (auto const& receipt : form.receipts) {
        blocks.push_back(text(Style::subheading, or_dots(receipt.authority)));
        blocks.push_back(field("Số phiếu", receipt.receipt_no));
        blocks.push_back(field("Ngày nhận", shown(receipt.received_on)));
        auto by = receipt.received_by;
        if (by.position.empty()) by.position = "NGƯỜI NHẬN";
        blocks.push_back(signatures({by}));
    }
    return out;
}

Document self_assessment(SelfAssessment const& form, grading::Rubric const& rubric) {
    auto out = start_form(form.paper, form.product, rubric, "Mẫu 02", "Báo cáo tự đánh giá về sản phẩm");
    auto& blocks = out.blocks;
    auto const& set = rubric.set(form.product.set);
    national_heading(out);
    blocks.push_back(text(Style::title, "BÁO CÁO TỰ ĐÁNH GIÁ VỀ SẢN PHẨM"));
    blocks.push_back(text(Style::subtitle, "Sản phẩm: " + or_dots(form.product.product_name)));
    blocks.push_back(text(Style::heading, "PHẦN I. THÔNG TIN CHUNG"));
    auto const& producer = form.producer;
    blocks.push_back(field("1. Tên chủ thể", producer.producer_name));
    blocks.push_back(field("2. Loại hình tổ chức", producer.producer_kind));
    blocks.push_back(field("3. Người đại diện pháp luật", producer.legal_representative));
    blocks.push_back(text(Style::field, fmt::format("   Chức vụ: {}; giới tính: {}; dân tộc: {}", or_dots(producer.representative_position),
                                                    or_dots(producer.representative_gender), or_dots(producer.representative_ethnicity))));
    blocks.push_back(field("4. Địa chỉ", producer.address));
    blocks.push_back(text(Style::field, fmt::format("   Xã, phường: {}; tỉnh: {}", or_dots(producer.commune_name), or_dots(producer.province_name))));
    blocks.push_back(text(Style::field, fmt::format("   Điện thoại: {}; thư điện tử: {}", or_dots(producer.phone), or_dots(producer.email))));
    blocks.push_back(field("5. Số đăng ký kinh doanh, ngày cấp", registered(producer)));
    blocks.push_back(text(Style::field, "6. Giấy tờ hiện có:"));
    for (auto const& held : form.papers)
        blocks.push_back(text(Style::field, "   " + box(held.is_held) + held.name + (held.document_no.empty() ? "" : ", số " + held.document_no)));
    blocks.push_back(field("7. Lịch sử hình thành", form.history_note));
    blocks.push_back(field("8. Cơ cấu tổ chức", form.organisation_note));

    blocks.push_back(text(Style::heading, "PHẦN II. KẾT QUẢ THỰC HIỆN PHƯƠNG ÁN, KẾ HOẠCH KINH DOANH"));
    blocks.push_back(text(Style::body, or_dots(form.business_result_note)));
    if (!form.results.empty()) {
        Table table{{{"Chỉ tiêu", 2.4, Align::left}, {"Năm trước liền kề", 1, Align::right}, {"Năm gần nhất", 1, Align::right}}, {}};
        for (auto const& result : form.results) table.rows.push_back({{cell(result.indicator), cell(result.year_before_last), cell(result.last_year)}, false});
        blocks.push_back({std::move(table)});
    }

    blocks.push_back(text(Style::heading, "PHẦN III. KẾT QUẢ TỰ ĐÁNH GIÁ VÀ TÀI LIỆU MINH CHỨNG"));
    blocks.push_back(text(Style::field, fmt::format("Bộ tiêu chí: bộ {}, {} ({})", set.number, set.name.vi, document_of(rubric))));
    auto scored = score_table(rubric, set, form.sheet, form.evidence_notes, "Minh chứng", false);
    blocks.push_back({std::move(scored.table)});
    if (scored.answered < scored.asked)
        blocks.push_back(text(Style::note, fmt::format("Mới tự chấm {} trên {} tiêu chí: điểm cộng chưa đầy đủ.", scored.answered, scored.asked)));
    blocks.push_back(text(Style::subheading, "Danh mục tài liệu minh chứng"));
    Table evidence{{{"STT", 0.55, Align::centre},
                    {"Loại", 0.6, Align::centre},
                    {"Tài liệu", 2.6},
                    {"Tiêu chí", 0.8, Align::centre},
                    {"Nơi cấp, hạn", 1.4},
                    {"Tệp, SHA-256", 2.3}},
                   {}};
    int number = 0;
    for (auto const& item : form.evidence) {
        auto from = cell(item.issued_by);
        if (item.valid_to) from.push_back({Style::cell, {{"đến " + item.valid_to->vietnamese()}}, {}});
        auto file = cell(item.file_name);
        if (!item.sha256.empty()) file.push_back({Style::cell, {{item.sha256}}, {}});
        evidence.rows.push_back(
            {{cell(std::to_string(++number)), cell(item.evidence_kind), cell(item.name), cell(item.criterion_code), std::move(from), std::move(file)}, false});
    }
    if (form.evidence.empty()) blocks.push_back(text(Style::field, "Không có tài liệu kèm theo."));
    else blocks.push_back({std::move(evidence)});

    blocks.push_back(text(Style::heading, "PHẦN IV. KẾ HOẠCH SẢN XUẤT, KINH DOANH"));
    blocks.push_back(text(Style::body, or_dots(form.business_plan_note)));
    blocks.push_back(place_and_date(form.paper));
    blocks.push_back(signatures({form.signature}));
    return out;
}

Document commune_report(CommuneReport const& form, grading::Rubric const& rubric) {
    auto out = start_form(form.paper, form.product, rubric, "Mẫu 03", "Báo cáo đánh giá một số nội dung");
    auto& blocks = out.blocks;
    blocks.push_back(letterhead(form.paper));
    blocks.push_back(text(Style::title, "BÁO CÁO"));
    blocks.push_back(text(Style::subtitle, "Đánh giá một số nội dung của sản phẩm đăng ký OCOP"));
    blocks.push_back(field("Sản phẩm", form.product.product_name));
    blocks.push_back(field("Hồ sơ số", form.product.dossier_no));
    blocks.push_back(field("Ngành, nhóm, phân nhóm", class_of(form.product)));
    blocks.push_back(field("Chủ thể", form.producer.producer_name));
    blocks.push_back(field("Người đại diện pháp luật", form.producer.legal_representative));
    blocks.push_back(field("Địa chỉ", form.producer.address));
    blocks.push_back(field("Ngày nhận hồ sơ", shown(form.received_on)));
    auto const opinion = [&](char const* heading, std::string const& words) {
        blocks.push_back(text(Style::heading, heading));
        blocks.push_back(text(Style::body, or_dots(words)));
    };
    opinion("1. Về sử dụng nguyên liệu địa phương", form.commune_material_opinion);
    opinion("2. Về sử dụng lao động địa phương", form.commune_labour_opinion);
    opinion("3. Về nguồn gốc ý tưởng sản phẩm", form.commune_idea_opinion);
    opinion("4. Về bản sắc, trí tuệ địa phương", form.commune_identity_opinion);
    blocks.push_back(text(Style::heading, "5. Đề nghị"));
    blocks.push_back(
        text(Style::field, fmt::format("{}Đề nghị cấp tỉnh đánh giá, phân hạng   {}Không đề nghị", box(form.is_proposed), box(!form.is_proposed))));
    if (!form.proposal_note.empty() || !form.is_proposed) blocks.push_back(text(Style::body, or_dots(form.proposal_note)));
    blocks.push_back(recipients_and_signature(form.recipients, form.signature));
    return out;
}

Document commune_meeting(CommuneMeeting const& form, grading::Rubric const& rubric) {
    auto out = start(form.paper, "Biên bản họp xã", form.product.product_name, &rubric);
    auto& blocks = out.blocks;
    blocks.push_back(letterhead(form.paper));
    blocks.push_back(text(Style::title, "BIÊN BẢN"));
    blocks.push_back(text(Style::subtitle, "Họp đánh giá một số nội dung của sản phẩm đăng ký OCOP"));
    blocks.push_back(field("Sản phẩm", form.product.product_name));
    blocks.push_back(field("Hồ sơ số", form.product.dossier_no));
    blocks.push_back(field("Ngành, nhóm, phân nhóm", class_of(form.product)));
    blocks.push_back(field("Chủ thể", form.product.producer_name));
    blocks.push_back(field("Địa chỉ", form.product.address));
    blocks.push_back(field("Ngày họp", shown(form.held_on)));
    blocks.push_back(field("Địa điểm", form.place));
    blocks.push_back(field("Chủ trì", form.chair));
    blocks.push_back(text(Style::heading, "1. Thành phần"));
    Table people{{{"STT", 0.5, Align::centre}, {"Họ và tên", 6}}, {}};
    for (auto const& name : form.present) people.rows.push_back({{cell(std::to_string(people.rows.size() + 1)), cell(name)}, false});
    blocks.push_back({std::move(people)});
    blocks.push_back(text(Style::heading, "2. Nội dung"));
    blocks.push_back(text(Style::body, or_dots(form.notes)));
    blocks.push_back(signatures({{"", "NGƯỜI GHI", "", "", ""}, {"", "CHỦ TRÌ", form.chair, "", ""}}));
    return out;
}

}  // namespace programme::documents
