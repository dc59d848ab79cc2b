#include "programme/documents/compose.hpp"

#include "programme/documents/when.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace programme::documents::compose {
namespace {

Block letter(std::string text, bool is_bold, bool is_italic = false) { return runs(Style::letterhead, {{std::move(text), is_bold, is_italic}}); }

std::vector<Block> signature_blocks(Signature const& signature) {
    std::vector<Block> out;
    if (!signature.on_behalf.empty()) out.push_back(letter(signature.on_behalf, true));
    if (!signature.position.empty()) out.push_back(letter(signature.position, true));
    if (signature.signed_at.empty()) {
        out.push_back(letter("(Ký, ghi rõ họ tên)", false, true));
        out.push_back(space(20));
    } else {
        out.push_back(space(2));
        out.push_back(aligned(Style::note, {{"Ký trên hệ thống lúc " + shown_time("signed_at", signature.signed_at)}}, Align::centre));
        if (!signature.sha256.empty()) out.push_back(aligned(Style::note, {{"SHA-256: " + signature.sha256}}, Align::centre));
        out.push_back(space(4));
    }
    out.push_back(letter(or_dots(signature.name), true));
    return out;
}

}  // namespace

Document start(Paper const& paper, std::string title, std::string subject, grading::Rubric const* rubric) {
    Document out;
    out.title = std::move(title);
    out.subject = std::move(subject);
    out.author = paper.authority;
    out.created_at = paper.created_at;
    if (rubric != nullptr && !rubric->is_official) out.marks.emplace_back("BẢN HUẤN LUYỆN / TRAINING COPY");
    if (paper.is_draft) out.marks.emplace_back("DỰ THẢO");
    out.footer = out.subject.empty() ? out.title : out.title + " · " + out.subject;
    return out;
}

Run bold(std::string text) { return {std::move(text), true, false}; }
Run italic(std::string text) { return {std::move(text), false, true}; }
Block text(Style style, std::string text) { return runs(style, {{std::move(text)}}); }
Block runs(Style style, std::vector<Run> runs) { return aligned(style, std::move(runs), {}); }
Block aligned(Style style, std::vector<Run> runs, std::optional<Align> align) { return {Paragraph{style, std::move(runs), align}}; }
Block space(double height_mm) { return {Space{height_mm}}; }

std::string or_dots(std::string text) { return text.empty() ? "……………………" : text; }
std::string shown(std::optional<Date> const& date) { return date ? date->vietnamese() : "……/……/………"; }

Block field(std::string const& label, std::string const& value) { return runs(Style::field, {{label + ": "}, {or_dots(value)}}); }

Block letterhead(Paper const& paper) {
    std::vector<Block> left, right;
    if (!paper.superior_authority.empty()) left.push_back(letter(paper.superior_authority, false));
    left.push_back(letter(or_dots(paper.authority), true));
    left.push_back({Rule{0.35}});
    left.push_back(letter("Số: " + or_dots(paper.number), false));
    right.push_back(letter("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", true));
    right.push_back(letter("Độc lập - Tự do - Hạnh phúc", true));
    right.push_back({Rule{0.55}});
    right.push_back(letter(fmt::format("{}, {}", or_dots(paper.place), day_in_words(paper.date)), false, true));
    return {Sides{{{0.45, std::move(left)}, {0.55, std::move(right)}}}};
}

void national_heading(Document& document) {
    document.blocks.push_back(letter("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", true));
    document.blocks.push_back(letter("Độc lập - Tự do - Hạnh phúc", true));
    document.blocks.push_back({Rule{0.33}});
}

Block place_and_date(Paper const& paper) {
    return aligned(Style::letterhead, {italic(fmt::format("{}, {}", or_dots(paper.place), day_in_words(paper.date)))}, Align::right);
}

Block signatures(std::vector<Signature> const& signatures) {
    Sides out;
    if (signatures.size() == 1) out.sides.push_back({});  // one alone stands on the right
    for (auto const& signature : signatures) out.sides.push_back({1, signature_blocks(signature)});
    return {std::move(out)};
}

Block recipients_and_signature(std::vector<std::string> const& recipients, Signature const& signature) {
    Side left{0.45, {}};
    left.blocks.push_back(aligned(Style::note, {{"Nơi nhận:", true, true}}, Align::left));
    for (std::size_t i = 0; i < recipients.size(); ++i)
        left.blocks.push_back(aligned(Style::cell, {{fmt::format("- {}{}", recipients[i], i + 1 == recipients.size() ? "." : ";")}}, Align::left));
    return {Sides{{std::move(left), {0.55, signature_blocks(signature)}}}};
}

Cell cell(std::string text) { return {{Style::cell, {{std::move(text)}}, {}}}; }
Cell bold_cell(std::string text) { return {{Style::cell, {bold(std::move(text))}, {}}}; }
Row group(std::string text) { return {{bold_cell(std::move(text))}, true}; }

std::string class_of(Product const& product) {
    if (product.class_code.empty() || product.class_name.empty()) return product.class_code + product.class_name;
    return product.class_code + ", " + product.class_name;
}

std::string stars(int count) { return fmt::format("{} sao", count); }

std::string document_of(grading::Rubric const& rubric) {
    auto const dated = Date::parse(rubric.dated);
    return dated ? fmt::format("{} ngày {}", rubric.document, dated->vietnamese()) : rubric.document;
}

}  // namespace programme::documents::compose
