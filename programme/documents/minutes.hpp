#pragma once

#include "programme/documents/block.hpp"
#include "programme/documents/parts.hpp"
#include "programme/grading/grade.hpp"

namespace programme::documents {

struct CouncilMember {
    std::string name, agency, role;  // "Chủ tịch", "Ủy viên"
    bool is_present = true;
    std::string absence_reason;
};

/// A member who does not score a dossier.
struct Conflict {
    std::string member, product_name, reason;
};

struct ScoringRound {
    int score_round = 1;
    std::string reason;  // why it was scored again
    grading::Grade grade;
};

struct JudgedProduct {
    Product product;
    std::vector<ScoringRound> rounds;  // the last one counts; earlier ones are kept
    std::string discussion;
};

/// Biên bản họp Hội đồng. The grades come from grading::grade of the signed sheets; nothing is worked out here but the order.
struct Minutes {
    Paper paper;
    std::string council_name, council_decision_no;
    std::optional<Date> council_decision_date;
    std::string evaluation_batch;             // "đợt 1 năm 2026"
    std::string session_place, session_mode;  // "Họp", "Lấy ý kiến văn bản"
    std::string started_at, ended_at;
    std::vector<CouncilMember> members;
    std::vector<std::string> guests;
    std::vector<Conflict> conflicts;
    std::optional<grading::Exact> spread_limit, quorum;  // of the council's own rules
    std::vector<JudgedProduct> products;
    std::string conclusion;
    Signature secretary, chair;
};

/// \throws Error(invalid_argument) for a product without a round.
Document minutes(Minutes const& minutes, grading::Rubric const& rubric);
/// Bảng xếp hạng: the products of the minutes from the highest mean; equal means share a place.
Document ranking(Minutes const& minutes, grading::Rubric const& rubric);

}  // namespace programme::documents
