#pragma once

#include "programme/documents/block.hpp"
#include "programme/documents/parts.hpp"
#include "programme/grading/grade.hpp"

#include <map>

/// The forms of Quyết định 26/2026/QĐ-TTg, Phụ lục III. Names, order and fields are the law's; the sentences between them are ours.
namespace programme::documents {

/// The office's part of Mẫu 01, once for the commune and once for the provincial OCOP agency.
struct Receipt {
    std::string authority, receipt_no;
    std::optional<Date> received_on;
    Signature received_by;
};

/// Mẫu 01, Phiếu đăng ký đánh giá, phân hạng sản phẩm OCOP.
struct Registration {
    Paper paper;
    Producer producer;
    Product product;
    RegistrationKind registration_kind = RegistrationKind::first;
    std::string previous_certificate_no;  // of an upgrade, and again
    std::vector<std::string> attachments;
    std::optional<int> sample_quantity;
    Signature signature;
    std::vector<Receipt> receipts;
};

/// A line of the tick list of Mẫu 02, part I.
struct HeldPaper {
    std::string name, document_no;
    bool is_held = false;
};

/// A line of the results of Mẫu 02, part II; values as they are to be read, with their unit.
struct BusinessResult {
    std::string indicator, year_before_last, last_year;
};

/// A line of the evidence list of Mẫu 02.
struct Evidence {
    std::string evidence_kind;   // "E07" or the province's own
    std::string name;            // "Giấy chứng nhận đăng ký nhãn hiệu số …"
    std::string criterion_code;  // "3.5"; several parted by commas
    std::string issued_by;
    std::optional<Date> valid_to;
    std::string file_name, sha256;
};

/// Mẫu 02, Báo cáo tự đánh giá về sản phẩm. The sheet may be unfinished: what is not answered prints as dots and counts for nothing.
struct SelfAssessment {
    Paper paper;
    Producer producer;
    Product product;
    std::vector<HeldPaper> papers;
    std::string history_note, organisation_note;  // lịch sử hình thành; cơ cấu tổ chức
    std::string business_result_note;
    std::vector<BusinessResult> results;
    grading::Sheet sheet;                               // the producer's own answers
    std::map<std::string, std::string> evidence_notes;  // by criterion: what proves the answer
    std::vector<Evidence> evidence;
    std::string business_plan_note;
    Signature signature;
};

/// Mẫu 03, Báo cáo đánh giá một số nội dung, of the commune.
struct CommuneReport {
    Paper paper;
    Product product;
    Producer producer;
    std::optional<Date> received_on;  // the day the commune received the dossier
    std::string commune_material_opinion, commune_labour_opinion, commune_idea_opinion, commune_identity_opinion;
    bool is_proposed = true;
    std::string proposal_note;  // reasons, where it is not proposed
    Signature signature;
    std::vector<std::string> recipients;
};

/// Biên bản họp xã: what the commune's meeting on a dossier said. The form is ours.
struct CommuneMeeting {
    Paper paper;
    Product product;
    std::optional<Date> held_on;
    std::string place, chair, notes;
    std::vector<std::string> present;
};

Document registration(Registration const& form, grading::Rubric const& rubric);
/// \throws Error as grading does for answers the card does not have.
Document self_assessment(SelfAssessment const& form, grading::Rubric const& rubric);
Document commune_report(CommuneReport const& form, grading::Rubric const& rubric);
Document commune_meeting(CommuneMeeting const& form, grading::Rubric const& rubric);

}  // namespace programme::documents
