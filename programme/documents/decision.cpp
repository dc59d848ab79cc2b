#include "programme/documents/decision.hpp"

#include "gis_core/error.hpp"
#include "programme/documents/compose.hpp"
#include "programme/documents/when.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace programme::documents {
namespace {

using namespace compose;

void require_certified(int star, std::string const& product_name, grading::Rubric const& rubric) {
    auto const* known = rubric.find_star(star);
    if (known != nullptr && known->is_certified) return;
    std::vector<int> allowed;
    for (auto const& each : rubric.stars)
        if (each.is_certified) allowed.push_back(each.star);
    throw gis_core::invalid_field("star", std::to_string(star),
                                  fmt::format("one of {} for {}: no other gets a decision and a certificate", fmt::join(allowed, ", "), product_name));
}

void add_list(Document& out, Decision const& decision) {
    Table table{{{"STT", 0.62, Align::centre},
                 {"Sản phẩm", 2.5},
                 {"Chủ thể, địa chỉ", 2.5},
                 {"Điểm TB", 0.8, Align::centre},
                 {"Hạng sao", 0.75, Align::centre},
                 {"Số giấy chứng nhận", 1.55, Align::centre},
                 {"Hiệu lực đến", 1.35, Align::centre}},
                {}};
    int number = 0;
    for (auto const& each : decision.products) {
        auto product = bold_cell(each.product.product_name);
        product.push_back({Style::cell, {{class_of(each.product)}}, {}});
        if (!each.product.product_no.empty()) product.push_back({Style::cell, {{"Mã số: " + each.product.product_no}}, {}});
        if (!each.product.dossier_no.empty()) product.push_back({Style::cell, {{"Hồ sơ: " + each.product.dossier_no}}, {}});
        auto producer = cell(each.product.producer_name);
        producer.push_back({Style::cell, {italic(each.product.address)}, {}});
        table.rows.push_back({{cell(std::to_string(++number)), std::move(product), std::move(producer), cell(grading::to_decimal(each.mean_total, 2)),
                               bold_cell(stars(each.star)), cell(each.certificate_serial), cell(each.valid_to ? each.valid_to->vietnamese() : std::string{})},
                              false});
    }
    out.blocks.push_back({std::move(table)});
    out.blocks.push_back(text(Style::field, fmt::format("Tổng số: {} sản phẩm.", decision.products.size())));
}

void require_all_certified(Decision const& decision, grading::Rubric const& rubric) {
    for (auto const& each : decision.products) require_certified(each.star, each.product.product_name, rubric);
}

std::string list_title(Decision const& decision) {
    return fmt::format("Sản phẩm được công nhận kết quả đánh giá, phân hạng OCOP {}", decision.evaluation_batch);
}

}  // namespace

Document decision(Decision const& decision, grading::Rubric const& rubric) {
    require_all_certified(decision, rubric);
    auto out = start(decision.paper, "Quyết định công nhận sản phẩm OCOP", decision.paper.number, &rubric);
    auto& blocks = out.blocks;
    auto const centred = [&](std::string words) { blocks.push_back(aligned(Style::title, {{std::move(words)}}, Align::centre)); };
    blocks.push_back(letterhead(decision.paper));
    blocks.push_back(text(Style::title, "QUYẾT ĐỊNH"));
    blocks.push_back(text(Style::subtitle, fmt::format("Về việc công nhận kết quả đánh giá, phân hạng sản phẩm OCOP {}", decision.evaluation_batch)));
    blocks.push_back({Rule{0.3}});
    centred(or_dots(decision.decided_by));
    auto const base = [&](std::string words, char const* end) { blocks.push_back(runs(Style::body, {italic(std::move(words) + end)})); };
    base("Căn cứ " + document_of(rubric), ";");
    for (auto const& basis : decision.legal_bases) base("Căn cứ " + basis, ";");
    base(
        fmt::format("Căn cứ Biên bản số {} ngày {} của Hội đồng đánh giá, phân hạng sản phẩm OCOP", or_dots(decision.minutes_no), shown(decision.minutes_date)),
        ";");
    base("Theo đề nghị của " + or_dots(decision.proposed_by), ".");
    centred("QUYẾT ĐỊNH:");
    auto const article = [&](int number, std::string words) {
        blocks.push_back(runs(Style::body, {bold(fmt::format("Điều {}. ", number)), {std::move(words)}}));
    };
    article(1, fmt::format("Công nhận kết quả đánh giá, phân hạng của {} sản phẩm OCOP {}, theo danh mục tại Phụ lục kèm theo Quyết định này.",
                           decision.products.size(), decision.evaluation_batch));
    if (rubric.periods.certificate_months)
        article(2, fmt::format("Giấy chứng nhận của các sản phẩm tại Điều 1 có hiệu lực {} tháng kể từ ngày cấp. Chủ thể giữ đúng các điều kiện đã được công "
                               "nhận trong thời gian đó.",
                               *rubric.periods.certificate_months));
    else
        article(2,
                "Giấy chứng nhận của các sản phẩm tại Điều 1 có hiệu lực đến ngày ghi trên giấy. Chủ thể giữ đúng các điều kiện đã được công nhận trong thời "
                "gian đó.");
    article(3, "Quyết định này có hiệu lực kể từ ngày ký.");
    article(4, fmt::format("{}{}các chủ thể có sản phẩm tại Điều 1 chịu trách nhiệm thi hành Quyết định này./.", fmt::join(decision.responsible, "; "),
                           decision.responsible.empty() ? "Cơ quan tham mưu quản lý OCOP cấp tỉnh và " : " và "));
    blocks.push_back(recipients_and_signature(decision.recipients, decision.signature));
    blocks.push_back({PageBreak{}});
    blocks.push_back(text(Style::title, "PHỤ LỤC"));
    blocks.push_back(text(Style::subtitle, list_title(decision)));
    blocks.push_back(aligned(Style::note,
                             {{fmt::format("(Kèm theo Quyết định số {} {} của {})", or_dots(decision.paper.number), day_in_words(decision.paper.date),
                                           or_dots(decision.decided_by))}},
                             Align::centre));
    add_list(out, decision);
    return out;
}

Document product_list(Decision const& decision, grading::Rubric const& rubric) {
    require_all_certified(decision, rubric);
    auto out = start(decision.paper, "Danh mục sản phẩm OCOP được công nhận", decision.paper.number, &rubric);
    out.blocks.push_back(letterhead(decision.paper));
    out.blocks.push_back(text(Style::title, "DANH MỤC"));
    out.blocks.push_back(text(Style::subtitle, list_title(decision)));
    add_list(out, decision);
    out.blocks.push_back(signatures({decision.signature}));
    return out;
}

Document certificate(Certificate const& certificate, grading::Rubric const& rubric) {
    require_certified(certificate.star, certificate.product.product_name, rubric);
    auto const& product = certificate.product;
    auto out = start(certificate.paper, "Giấy chứng nhận sản phẩm OCOP", certificate.certificate_serial, &rubric);
    out.is_landscape = out.is_framed = out.is_one_page = true;
    auto& blocks = out.blocks;
    auto const line = [](std::string words, bool is_bold = false) { return runs(Style::certificate_line, {{std::move(words), is_bold, false}}); };
    auto const named = [](std::string label, std::string value) {
        return runs(Style::certificate_line, {{std::move(label)}, bold(or_dots(std::move(value)))});
    };

    Side logo{0.22, {{Place{"Chỗ đặt biểu trưng OCOP (nhãn hiệu chứng nhận được bảo hộ; cơ quan cấp tự đặt)", 40, 24}}}};
    Side middle{0.56, {}}, corner{0.22, {}};
    middle.blocks.push_back(line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", true));
    middle.blocks.push_back(line("Độc lập - Tự do - Hạnh phúc", true));
    middle.blocks.push_back({Rule{0.36}});
    corner.blocks.push_back(line("Số: " + or_dots(certificate.certificate_serial)));
    blocks.push_back({Sides{{std::move(logo), std::move(middle), std::move(corner)}}});

    blocks.push_back(space(4));
    if (!certificate.paper.superior_authority.empty()) blocks.push_back(line(certificate.paper.superior_authority));
    blocks.push_back(line(or_dots(certificate.paper.authority), true));
    blocks.push_back(line("chứng nhận"));
    blocks.push_back(text(Style::certificate_title, "GIẤY CHỨNG NHẬN SẢN PHẨM OCOP"));
    blocks.push_back(text(Style::certificate_name, or_dots(product.product_name)));
    blocks.push_back(named("Chủ thể: ", product.producer_name));
    blocks.push_back(named("Địa chỉ: ", product.address));
    blocks.push_back(named("Phân nhóm: ", class_of(product)));
    blocks.push_back(runs(Style::certificate_line, {{"đạt hạng "}, bold(fmt::format("{} SAO", certificate.star))}));
    blocks.push_back({Stars{certificate.star}});
    blocks.push_back(line(fmt::format("Theo Quyết định số {} ngày {}. Có hiệu lực đến hết ngày {}.", or_dots(certificate.decision_no),
                                      shown(certificate.decision_date), shown(certificate.valid_to))));
    blocks.push_back(space(4));
    Side check{1, {}}, empty{0.5, {}}, signing{1.3, {}};
    if (!certificate.verify_url.empty()) {
        check.blocks.push_back({QrSquare{certificate.verify_url, 28}});
        check.blocks.push_back(aligned(Style::note, {{"Quét để xem giấy còn hiệu lực hay không:\n" + certificate.verify_url}}, Align::centre));
    }
    signing.blocks.push_back(
        aligned(Style::letterhead, {italic(fmt::format("{}, {}", or_dots(certificate.paper.place), day_in_words(certificate.paper.date)))}, {}));
    auto signature = signatures({certificate.signature});
    auto signed_by = std::get<Sides>(std::move(signature.content)).sides.back();
    for (auto& block : signed_by.blocks) signing.blocks.push_back(std::move(block));
    blocks.push_back({Sides{{std::move(check), std::move(empty), std::move(signing)}}});
    return out;
}

}  // namespace programme::documents
