#include "programme/documents/minutes.hpp"

#include "gis_core/error.hpp"
#include "programme/documents/compose.hpp"
#include "programme/documents/when.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace programme::documents {
namespace {

using namespace compose;
using grading::to_decimal;
using grading::to_points;

char const* words_of(grading::MinimumRule rule) {
    switch (rule) {
    case grading::MinimumRule::majority: return "đạt khi quá nửa số phiếu chấm từ mức điểm đó trở lên";
    case grading::MinimumRule::every: return "đạt khi mọi phiếu chấm từ mức điểm đó trở lên";
    case grading::MinimumRule::mean: return "đạt khi điểm trung bình của các phiếu từ mức điểm đó trở lên";
    }
    return "";
}

grading::Grade const& result_of(JudgedProduct const& judged) {
    if (judged.rounds.empty()) throw gis_core::invalid_field("rounds", "no round", "one scoring round at least for " + judged.product.product_name);
    return judged.rounds.back().grade;
}

/// "87.50", and the fraction's six places where two do not tell it.
std::string mean_of(grading::Grade const& grade) {
    auto const shown = to_decimal(grade.mean_total, 2), exact = to_decimal(grade.mean_total, 6);
    return exact == shown + "0000" ? shown : fmt::format("{} (chính xác {})", shown, exact);
}

std::string yes_no(bool is) { return is ? "có" : "không"; }

class MinutesMaker {
public:
    MinutesMaker(Minutes const& minutes, grading::Rubric const& rubric)
        : minutes_{minutes},
          rubric_{rubric},
          out_{start(minutes.paper, "Biên bản họp Hội đồng đánh giá, phân hạng sản phẩm OCOP", minutes.paper.number, &rubric)} {}

    Document run() {
        add(letterhead(minutes_.paper));
        add(text(Style::title, "BIÊN BẢN"));
        add(text(Style::subtitle, fmt::format("Họp Hội đồng đánh giá, phân hạng sản phẩm OCOP {}", minutes_.evaluation_batch)));
        add_session();
        add_members();
        add_conflicts();
        add_rules();
        add(text(Style::heading, "V. KẾT QUẢ TỪNG SẢN PHẨM"));
        int number = 0;
        for (auto const& judged : minutes_.products) add_product(judged, ++number);
        if (minutes_.products.empty()) add(text(Style::field, "Không có sản phẩm nào được chấm."));
        add(text(Style::heading, "VI. BẢNG XẾP HẠNG"));
        add({ranking_table(minutes_)});
        add(text(Style::heading, "VII. KẾT LUẬN"));
        add(text(Style::body, or_dots(minutes_.conclusion)));
        add(text(Style::body, minutes_.ended_at.empty()
                                  ? "Biên bản được đọc cho các thành viên có mặt cùng nghe và thống nhất."
                                  : fmt::format("Phiên họp kết thúc lúc {}. Biên bản được đọc cho các thành viên có mặt cùng nghe và thống nhất.",
                                                shown_time("ended_at", minutes_.ended_at))));
        add(signatures({minutes_.secretary, minutes_.chair}));
        return std::move(out_);
    }

    static Table ranking_table(Minutes const& minutes) {
        std::vector<JudgedProduct const*> order;
        for (auto const& judged : minutes.products) {
            result_of(judged);
            order.push_back(&judged);
        }
        std::stable_sort(order.begin(), order.end(), [](auto const* a, auto const* b) { return result_of(*a).mean_total > result_of(*b).mean_total; });
        Table table{{{"Hạng", 0.6, Align::centre},
                     {"Sản phẩm", 2.5},
                     {"Chủ thể", 2.2},
                     {"Điểm TB", 0.85, Align::centre},
                     {"Chênh lệch", 0.85, Align::centre},
                     {"Hạng sao", 0.8, Align::centre},
                     {"Đủ điều kiện công nhận", 1, Align::centre}},
                    {}};
        std::size_t place = 0;
        for (std::size_t i = 0; i < order.size(); ++i) {
            auto const& grade = result_of(*order[i]);
            if (i == 0 || grade.mean_total != result_of(*order[i - 1]).mean_total) place = i + 1;
            auto product = cell(order[i]->product.product_name);
            if (!order[i]->product.dossier_no.empty()) product.push_back({Style::cell, {italic(order[i]->product.dossier_no)}, {}});
            table.rows.push_back(
                {{cell(std::to_string(place)), std::move(product), cell(order[i]->product.producer_name), cell(to_decimal(grade.mean_total, 2)),
                  cell(to_points(grade.spread)), bold_cell(stars(grade.star)), cell(yes_no(grade.is_certifiable))},
                 false});
        }
        return table;
    }

private:
    void add(Block block) { out_.blocks.push_back(std::move(block)); }

    void add_session() {
        add(text(Style::heading, "I. THỜI GIAN, ĐỊA ĐIỂM"));
        add(field("Hội đồng", minutes_.council_name));
        if (!minutes_.council_decision_no.empty())
            add(field("Thành lập theo", fmt::format("Quyết định số {}, ngày {}", minutes_.council_decision_no, shown(minutes_.council_decision_date))));
        add(field("Bắt đầu", shown_time("started_at", minutes_.started_at)));
        add(field("Địa điểm", minutes_.session_place));
        add(field("Hình thức", minutes_.session_mode));
    }

    void add_members() {
        add(text(Style::heading, "II. THÀNH PHẦN"));
        auto const present = std::count_if(minutes_.members.begin(), minutes_.members.end(), [](auto const& member) { return member.is_present; });
        add(text(Style::field, fmt::format("Có mặt: {} trên {} thành viên.", present, minutes_.members.size())));
        Table table{{{"STT", 0.5, Align::centre}, {"Họ và tên", 2}, {"Cơ quan", 2.4}, {"Vai trò", 1.1}, {"Có mặt", 1.4}}, {}};
        int number = 0;
        for (auto const& member : minutes_.members) {
            auto const attendance = member.is_present ? "có mặt" : member.absence_reason.empty() ? "vắng" : "vắng: " + member.absence_reason;
            table.rows.push_back({{cell(std::to_string(++number)), cell(member.name), cell(member.agency), cell(member.role), cell(attendance)}, false});
        }
        if (!minutes_.members.empty()) add({std::move(table)});
        if (!minutes_.guests.empty()) add(field("Mời dự", fmt::format("{}", fmt::join(minutes_.guests, "; "))));
    }

    void add_conflicts() {
        add(text(Style::heading, "III. XUNG ĐỘT LỢI ÍCH"));
        if (minutes_.conflicts.empty()) add(text(Style::field, "Không thành viên nào khai có xung đột lợi ích."));
        for (auto const& conflict : minutes_.conflicts)
            add(text(Style::field, fmt::format("- {} không chấm sản phẩm {}: {}", conflict.member, conflict.product_name, or_dots(conflict.reason))));
    }

    /// Law and proposal apart: who signs must know which rule stands in the decision and which does not.
    void add_rules() {
        add(text(Style::heading, "IV. CĂN CỨ VÀ CÁCH TÍNH"));
        add(text(Style::subheading, fmt::format("Theo {}", document_of(rubric_))));
        std::vector<std::string> bounds;
        for (auto const& star : rubric_.stars) bounds.push_back(fmt::format("{} sao từ {} điểm", star.star, to_points(star.from)));
        add(text(Style::field,
                 fmt::format("- Hạng theo tổng điểm trung bình của các thành viên: {}; mức dưới của hạng thuộc hạng cao hơn.", fmt::join(bounds, ", "))));
        add(text(Style::field, "- Phương án có dấu sao là yêu cầu tối thiểu phải đạt của hạng đó."));
        add(text(Style::subheading, "Đề xuất, văn bản không quy định"));
        add(text(Style::field, "- Trung bình cộng không trọng số; so với mức điểm bằng số chính xác, chỉ làm tròn khi in."));
        std::map<grading::MinimumRule, bool> rules;
        for (auto const& judged : minutes_.products)
            for (auto const& round : judged.rounds) rules[round.grade.minimum_rule] = true;
        for (auto const& [rule, used] : rules) add(text(Style::field, fmt::format("- Yêu cầu tối thiểu {}.", words_of(rule))));
        if (minutes_.spread_limit || minutes_.quorum) add(text(Style::subheading, "Theo quy chế hoạt động của Hội đồng"));
        if (minutes_.spread_limit)
            add(text(Style::field, fmt::format("- Chênh lệch giữa các thành viên quá {} điểm thì thảo luận và chấm lại.", to_points(*minutes_.spread_limit))));
        if (minutes_.quorum)
            add(text(Style::field, fmt::format("- Họp khi có ít nhất {}/{} số thành viên.", minutes_.quorum->numerator(), minutes_.quorum->denominator())));
    }

    void add_product(JudgedProduct const& judged, int number) {
        auto const& product = judged.product;
        result_of(judged);
        add(text(Style::subheading, fmt::format("{}. {}", number, or_dots(product.product_name))));
        add(text(Style::field, fmt::format("Chủ thể: {}; hồ sơ số {}; bộ {}: {}", or_dots(product.producer_name), or_dots(product.dossier_no), product.set,
                                           rubric_.set(product.set).name.vi)));
        for (auto const& round : judged.rounds) add_round(judged, round);
        if (!judged.discussion.empty()) add(field("Thảo luận", judged.discussion));
    }

    void add_round(JudgedProduct const& judged, ScoringRound const& round) {
        auto const& grade = round.grade;
        auto const is_last = &round == &judged.rounds.back();
        if (judged.rounds.size() > 1) {
            auto const words = fmt::format("Lượt {}{}", round.score_round, is_last ? " (kết quả)" : " (giữ để đối chiếu)");
            add(field(words, round.reason.empty() ? "chấm trên hồ sơ và sản phẩm mẫu" : round.reason));
        }
        Table totals{{{"STT", 0.5, Align::centre}, {"Thành viên chấm", 4, Align::left}, {"Tổng điểm", 1.2, Align::centre}}, {}};
        int number = 0;
        for (auto const& total : grade.totals)
            totals.rows.push_back({{cell(std::to_string(++number)), cell(total.member), cell(to_points(total.total))}, false});
        add({std::move(totals)});
        std::vector<std::string> parts;
        for (auto const& [code, mean] : grade.parts) parts.push_back(fmt::format("{} {}", code, to_decimal(mean, 2)));
        add(field("Điểm trung bình", fmt::format("{} ({})", mean_of(grade), fmt::join(parts, ", "))));
        add(field("Chênh lệch lớn nhất", to_points(grade.spread)));
        add(field("Yêu cầu tối thiểu chưa đạt", grade.unmet_minima.empty() ? "không" : ""));
        if (!grade.unmet_minima.empty()) {
            out_.blocks.back() = text(Style::field, "Yêu cầu tối thiểu chưa đạt:");
            add({unmet_table(grade, rubric_.set(judged.product.set))});
        }
        add(runs(Style::field, {{"Hạng: "},
                                bold(stars(grade.star)),
                                {fmt::format(" (theo điểm {}); đủ điều kiện công nhận: {}", stars(grade.star_by_points), yes_no(grade.is_certifiable))}}));
        for (auto const& reason : grade.reasons) add(text(Style::field, "- " + reason.vi));
    }

    static Table unmet_table(grading::Grade const& grade, grading::Set const& set) {
        Table table{{{"Hạng", 0.7, Align::centre},
                     {"Tiêu chí", 3.6},
                     {"Cần phương án", 1.1, Align::centre},
                     {"Điểm cần", 0.8, Align::centre},
                     {"Số phiếu thấp hơn", 1, Align::centre}},
                    {}};
        for (auto const& unmet : grade.unmet_minima) {
            auto const* criterion = set.find(unmet.criterion);
            table.rows.push_back(
                {{cell(stars(unmet.star)), cell(unmet.criterion + (criterion == nullptr ? "" : " " + criterion->label.vi)), cell(std::to_string(unmet.option)),
                  cell(to_points(unmet.points)), cell(fmt::format("{}/{}", unmet.members_below, grade.totals.size()))},
                 false});
        }
        return table;
    }

    Minutes const& minutes_;
    grading::Rubric const& rubric_;
    Document out_;
};

}  // namespace

Document minutes(Minutes const& minutes, grading::Rubric const& rubric) { return MinutesMaker{minutes, rubric}.run(); }

Document ranking(Minutes const& minutes, grading::Rubric const& rubric) {
    auto out = start(minutes.paper, "Bảng xếp hạng sản phẩm OCOP", minutes.paper.number, &rubric);
    out.blocks.push_back(letterhead(minutes.paper));
    out.blocks.push_back(text(Style::title, "BẢNG XẾP HẠNG"));
    out.blocks.push_back(text(Style::subtitle, fmt::format("Kết quả đánh giá, phân hạng sản phẩm OCOP {}", minutes.evaluation_batch)));
    out.blocks.push_back(field("Theo", document_of(rubric)));
    out.blocks.push_back({MinutesMaker::ranking_table(minutes)});
    out.blocks.push_back(signatures({minutes.secretary, minutes.chair}));
    return out;
}

}  // namespace programme::documents
