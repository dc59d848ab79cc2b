#pragma once

#include "programme/documents/block.hpp"
#include "programme/documents/parts.hpp"
#include "programme/grading/rubric.hpp"

namespace programme::documents {

struct RecognisedProduct {
    Product product;
    grading::Exact mean_total;
    int star = 0;
    std::string certificate_serial;  // may come later
    std::optional<Date> valid_to;
};

/// Dự thảo quyết định công nhận. A draft for the office, until paper.is_draft is false.
struct Decision {
    Paper paper;             // authority: "ỦY BAN NHÂN DÂN TỈNH …"
    std::string decided_by;  // "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH …"
    std::string evaluation_batch;
    std::vector<std::string> legal_bases;  // after the decision that holds the score cards, which stands first
    std::string minutes_no, proposed_by;   // "Giám đốc Sở Nông nghiệp và Môi trường"
    std::optional<Date> minutes_date;
    std::vector<RecognisedProduct> products;
    std::vector<std::string> responsible;  // who carries it out, beside the producers
    Signature signature;
    std::vector<std::string> recipients;
};

/// Giấy chứng nhận sản phẩm OCOP.
struct Certificate {
    Paper paper;
    Product product;
    int star = 0;
    std::string certificate_serial;
    std::string decision_no;
    std::optional<Date> decision_date, valid_to;
    std::string verify_url;  // the page with the certificate's state of today; empty: no QR code
    Signature signature;
};

/// The decision with its list as annex. \throws Error(invalid_argument) for stars that get no certificate by the rubric.
Document decision(Decision const& decision, grading::Rubric const& rubric);
/// The annex alone.
Document product_list(Decision const& decision, grading::Rubric const& rubric);
/// Landscape. The place of the OCOP logo, a protected certification mark, stays empty. \throws as decision does.
Document certificate(Certificate const& certificate, grading::Rubric const& rubric);

}  // namespace programme::documents
