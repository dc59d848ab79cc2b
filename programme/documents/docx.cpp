#include "programme/documents/docx.hpp"

#include "gis_core/error.hpp"
#include "programme/documents/draw.hpp"
#include "programme/documents/style.hpp"
#include "programme/documents/when.hpp"

#include <cairo.h>
#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace programme::documents {
namespace {

constexpr int kTwipsPerPoint = 20;
constexpr double kTwipsPerMm = 56.6929;
constexpr double kEmuPerMm = 36000;
constexpr char const* kXml = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
                             "\n";

int twips(double mm) { return static_cast<int>(std::lround(mm * kTwipsPerMm)); }

std::string escaped(std::string_view text) {
    std::string out;
    for (auto const c : printable(text)) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += c;
        }
    }
    return out;
}

char const* justification(Align align) {
    switch (align) {
    case Align::left: return "left";
    case Align::centre: return "center";
    case Align::right: return "right";
    case Align::justified: return "both";
    }
    return "left";
}

/// Files of a zip, in order, with one fixed time.
class Zip {
public:
    Zip() {
        zip_error_t error;
        zip_error_init(&error);
        source_ = zip_source_buffer_create(nullptr, 0, 0, &error);
        if (source_ != nullptr) {
            zip_source_keep(source_);  // the archive takes one reference, the bytes are read by the other
            archive_ = zip_open_from_source(source_, ZIP_TRUNCATE, &error);
        }
        if (archive_ == nullptr) fail(zip_error_strerror(&error));
    }
    ~Zip() {
        if (archive_ != nullptr) zip_discard(archive_);
        if (source_ != nullptr) zip_source_free(source_);
    }
    Zip(Zip const&) = delete;
    Zip& operator=(Zip const&) = delete;

    /// `bytes` must live until finish().
    void add(char const* name, std::string const& bytes) {
        constexpr zip_uint16_t kTime = 0, kFirstDay = (1 << 5) | 1;  // 1980-01-01, where the format begins
        auto* source = zip_source_buffer(archive_, bytes.data(), bytes.size(), 0);
        auto const index = source == nullptr ? -1 : zip_file_add(archive_, name, source, ZIP_FL_ENC_UTF_8);
        if (index < 0 || zip_file_set_dostime(archive_, static_cast<zip_uint64_t>(index), kTime, kFirstDay, 0) != 0) fail(zip_strerror(archive_));
    }

    std::string finish() {
        if (zip_close(archive_) != 0) fail(zip_strerror(archive_));
        archive_ = nullptr;
        zip_stat_t stat;
        zip_stat_init(&stat);
        if (zip_source_stat(source_, &stat) != 0 || zip_source_open(source_) != 0) fail("its size is not known");
        std::string out(stat.size, '\0');
        auto const got = zip_source_read(source_, out.data(), out.size());
        zip_source_close(source_);
        if (got != static_cast<zip_int64_t>(out.size())) fail("it could not be read back");
        return out;
    }

private:
    [[noreturn]] static void fail(std::string const& why) { throw gis_core::Error{gis_core::ErrorKind::internal, "writing a DOCX failed: " + why}; }

    zip_source_t* source_ = nullptr;
    zip_t* archive_ = nullptr;
};

std::string png_of_qr_code(std::string const& text) {
    constexpr int kPixels = 480;
    std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> const surface{cairo_image_surface_create(CAIRO_FORMAT_RGB24, kPixels, kPixels),
                                                                                     cairo_surface_destroy};
    std::unique_ptr<cairo_t, decltype(&cairo_destroy)> const context{cairo_create(surface.get()), cairo_destroy};
    draw_qr_code(context.get(), text, 0, 0, kPixels);
    std::string out;
    require_success(cairo_surface_write_to_png_stream(surface.get(), append_bytes, &out), "writing a picture");
    return out;
}

class DocxWriter {
public:
    explicit DocxWriter(Document const& document) : document_{document}, page_{page_size_of(document)} { require_time("created_at", document.created_at); }

    std::string run() && {
        for (auto const& block : document_.blocks) write(block, page_.width_mm - page_.left_mm - page_.right_mm);
        auto const main = fmt::format(
            R"({}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><w:body>{}{}</w:body></w:document>)",
            kXml, body_, section());
        std::string types = fmt::format(
            R"({}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>)",
            kXml);
        auto const type = [&](char const* part, char const* kind) {
            types += fmt::format(R"(<Override PartName="/{}" ContentType="application/vnd.openxmlformats-{}+xml"/>)", part, kind);
        };
        type("word/document.xml", "officedocument.wordprocessingml.document.main");
        type("word/styles.xml", "officedocument.wordprocessingml.styles");
        type("word/settings.xml", "officedocument.wordprocessingml.settings");
        for (auto const* header : {"word/header1.xml", "word/header2.xml"}) type(header, "officedocument.wordprocessingml.header");
        type("word/footer1.xml", "officedocument.wordprocessingml.footer");
        type("docProps/core.xml", "package.core-properties");
        types += "</Types>";

        std::string relations = relation(1, "styles", "styles.xml") + relation(2, "header", "header1.xml") + relation(3, "header", "header2.xml") +
                                relation(4, "footer", "footer1.xml") + relation(5, "settings", "settings.xml");
        std::vector<std::string> picture_names;
        for (std::size_t i = 0; i < pictures_.size(); ++i) {
            picture_names.push_back(fmt::format("word/media/qr{}.png", i + 1));
            relations += relation(kFirstPicture + static_cast<int>(i), "image", fmt::format("media/qr{}.png", i + 1));
        }
        auto const of_document = relations_of(relations);
        auto const of_package = relations_of(
            R"(<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>)");
        auto const style_part = styles(), core = properties(), first = header(false), other = header(true), foot = footer();
        std::string const settings =
            std::string{kXml} +
            R"(<w:settings xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>)";
        Zip zip;
        zip.add("[Content_Types].xml", types);
        zip.add("_rels/.rels", of_package);
        zip.add("docProps/core.xml", core);
        zip.add("word/document.xml", main);
        zip.add("word/_rels/document.xml.rels", of_document);
        zip.add("word/styles.xml", style_part);
        zip.add("word/settings.xml", settings);
        zip.add("word/header1.xml", first);
        zip.add("word/header2.xml", other);
        zip.add("word/footer1.xml", foot);
        for (std::size_t i = 0; i < pictures_.size(); ++i) zip.add(picture_names[i].c_str(), pictures_[i]);
        return zip.finish();
    }

private:
    static constexpr int kFirstPicture = 10;

    static std::string relation(int id, std::string_view kind, std::string_view target) {
        return fmt::format(R"(<Relationship Id="rId{}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"/>)", id, kind,
                           target);
    }
    static std::string relations_of(std::string_view all) {
        return fmt::format(R"({}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>)", kXml, all);
    }

    static std::string runs(std::vector<Run> const& runs, std::string_view more = {}) {
        std::string out;
        for (auto const& run : runs) {
            auto const text = escaped(run.text);
            for (std::size_t from = 0; from <= text.size();) {
                auto const end = std::min(text.find('\n', from), text.size());
                out += fmt::format(R"(<w:r><w:rPr>{}{}{}</w:rPr>{}<w:t xml:space="preserve">{}</w:t></w:r>)", run.is_bold ? "<w:b/>" : "",
                                   run.is_italic ? "<w:i/>" : "", more, from == 0 ? "" : "<w:br/>", std::string_view{text}.substr(from, end - from));
                from = end + 1;
            }
        }
        return out;
    }

    static std::string paragraph(Paragraph const& paragraph, std::optional<Align> align = {}) {
        auto const& look = look_of(paragraph.style);
        auto const chosen = paragraph.align.value_or(align.value_or(look.align));
        auto const own = chosen == look.align ? std::string{} : fmt::format(R"(<w:jc w:val="{}"/>)", justification(chosen));
        return fmt::format(R"(<w:p><w:pPr><w:pStyle w:val="{}"/>{}</w:pPr>{}</w:p>)", look.id, own, runs(paragraph.runs));
    }

    void write(Block const& block, double across_mm) {
        std::visit([&](auto const& content) { write(content, across_mm); }, block.content);
    }
    void write(Paragraph const& content, double) { body_ += paragraph(content); }

    static std::string grid(std::vector<int> const& widths) {
        std::string out = "<w:tblGrid>";
        for (auto const width : widths) out += fmt::format(R"(<w:gridCol w:w="{}"/>)", width);
        return out + "</w:tblGrid>";
    }
    static std::vector<int> widths_of(std::vector<double> const& shares, double across_mm) {
        double all = 0;
        for (auto const share : shares) all += share;
        std::vector<int> out;
        for (auto const share : shares) out.push_back(twips(across_mm * share / all));
        return out;
    }

    void write(Table const& table, double across_mm) {
        std::vector<double> shares;
        for (auto const& column : table.columns) shares.push_back(column.share);
        auto const widths = widths_of(shares, across_mm);
        body_ += R"(<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>)";
        for (auto const* side : {"top", "left", "bottom", "right", "insideH", "insideV"})
            body_ += fmt::format(R"(<w:{} w:val="single" w:sz="4" w:space="0" w:color="auto"/>)", side);
        body_ += R"(</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>)" + grid(widths);
        body_ += "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>";
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            body_ += cell(fmt::format("{}", paragraph({Style::cell, {{table.columns[i].title, true, false}}, Align::centre})), widths[i], 1, true);
        body_ += "</w:tr>";
        for (auto const& row : table.rows) {
            body_ += "<w:tr><w:trPr><w:cantSplit/></w:trPr>";
            auto const is_across = row.cells.size() == 1;
            for (std::size_t i = 0; i < row.cells.size() && i < widths.size(); ++i) {
                std::string inside;
                for (auto const& each : row.cells[i]) inside += paragraph(each, is_across ? Align::left : table.columns[i].align);
                if (inside.empty()) inside = paragraph({Style::cell, {}, {}});  // a cell must hold a paragraph
                body_ += cell(inside, widths[i], is_across ? widths.size() : 1, row.is_group);
            }
            body_ += "</w:tr>";
        }
        body_ += "</w:tbl>";
        body_ += paragraph({Style::cell, {}, {}});  // two tables that touch would become one
    }

    static std::string cell(std::string const& inside, int width, std::size_t span, bool is_shaded) {
        return fmt::format(R"(<w:tc><w:tcPr><w:tcW w:w="{}" w:type="dxa"/>{}{}</w:tcPr>{}</w:tc>)", width,
                           span == 1 ? std::string{} : fmt::format(R"(<w:gridSpan w:val="{}"/>)", span),
                           is_shaded ? R"(<w:shd w:val="clear" w:color="auto" w:fill="EDEDED"/>)" : "", inside);
    }

    void write(Sides const& sides, double across_mm) {
        std::vector<double> shares;
        for (auto const& side : sides.sides) shares.push_back(side.share);
        auto const widths = widths_of(shares, across_mm);
        body_ += R"(<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblLayout w:type="fixed"/></w:tblPr>)" + grid(widths) +
                 "<w:tr><w:trPr><w:cantSplit/></w:trPr>";
        for (std::size_t i = 0; i < sides.sides.size(); ++i) {
            auto outer = std::move(body_);
            body_.clear();
            for (auto const& block : sides.sides[i].blocks) write(block, widths[i] / kTwipsPerMm - 4);
            if (body_.empty() || body_.ends_with("</w:tbl>")) body_ += paragraph({Style::letterhead, {}, {}});
            outer += cell(body_, widths[i], 1, false);
            body_ = std::move(outer);
        }
        body_ += "</w:tr></w:tbl>" + paragraph({Style::cell, {}, {}});
    }

    void write(Stars const& stars, double) {
        std::string text;
        for (int i = 0; i < stars.count; ++i) text += "★";
        body_ += fmt::format(R"(<w:p><w:pPr><w:pStyle w:val="{}"/></w:pPr>{}</w:p>)", look_of(Style::certificate_line).id,
                             runs({{text}}, R"(<w:color w:val="CC940D"/><w:sz w:val="72"/>)"));
    }

    void write(QrSquare const& qr, double) {
        pictures_.push_back(png_of_qr_code(qr.text));
        auto const number = static_cast<int>(pictures_.size());
        auto const size = static_cast<long>(qr.size_mm * kEmuPerMm);
        body_ += fmt::format(
            R"(<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{0}" cy="{0}"/><wp:docPr id="{1}" name="QR {1}" descr="{2}"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="{1}" name="qr{1}.png"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rId{3}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{0}" cy="{0}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>)",
            size, number, escaped(qr.text), kFirstPicture + number - 1);
    }

    void write(Place const& place, double across_mm) {
        auto const width = twips(std::min(place.width_mm, across_mm));
        body_ += R"(<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:jc w:val="center"/><w:tblBorders>)";
        for (auto const* side : {"top", "left", "bottom", "right"}) body_ += fmt::format(R"(<w:{} w:val="dashed" w:sz="4" w:space="0" w:color="auto"/>)", side);
        body_ += fmt::format(R"(</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>{}<w:tr><w:trPr><w:trHeight w:val="{}" w:hRule="atLeast"/></w:trPr>)",
                             grid({width}), twips(place.height_mm));
        body_ += cell(paragraph({Style::note, {{place.label}}, Align::centre}), width, 1, false) + "</w:tr></w:tbl>" + paragraph({Style::letterhead, {}, {}});
    }

    void write(Rule const& rule, double across_mm) {
        auto const indent = twips(across_mm * (1 - rule.share) / 2);
        body_ += fmt::format(
            R"(<w:p><w:pPr><w:pBdr><w:top w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr><w:spacing w:before="20" w:after="0" w:line="120" w:lineRule="exact"/><w:ind w:left="{0}" w:right="{0}"/></w:pPr></w:p>)",
            indent);
    }
    void write(Space const& space, double) {
        body_ += fmt::format(R"(<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="{}" w:lineRule="exact"/></w:pPr></w:p>)", twips(space.height_mm));
    }
    void write(PageBreak const&, double) { body_ += R"(<w:p><w:r><w:br w:type="page"/></w:r></w:p>)"; }

    std::string section() const {
        return fmt::format(
            R"(<w:sectPr><w:headerReference w:type="default" r:id="rId3"/><w:headerReference w:type="first" r:id="rId2"/><w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="first" r:id="rId4"/><w:pgSz w:w="{}" w:h="{}"{}/><w:pgMar w:top="{}" w:right="{}" w:bottom="{}" w:left="{}" w:header="454" w:footer="454" w:gutter="0"/>{}<w:titlePg/></w:sectPr>)",
            twips(page_.width_mm), twips(page_.height_mm), document_.is_landscape ? R"( w:orient="landscape")" : "", twips(page_.top_mm), twips(page_.right_mm),
            twips(page_.bottom_mm), twips(page_.left_mm),
            document_.is_framed
                ? R"(<w:pgBorders w:offsetFrom="page"><w:top w:val="double" w:sz="12" w:space="24" w:color="8C1A1A"/><w:left w:val="double" w:sz="12" w:space="24" w:color="8C1A1A"/><w:bottom w:val="double" w:sz="12" w:space="24" w:color="8C1A1A"/><w:right w:val="double" w:sz="12" w:space="24" w:color="8C1A1A"/></w:pgBorders>)"
                : "");
    }

    static std::string number_field(char const* name) {
        return fmt::format(
            R"(<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> {} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>)",
            name);
    }

    std::string header(bool has_number) const {
        std::string out = std::string{kXml} + R"(<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">)";
        std::string all;
        for (auto const& mark : document_.marks) all += (all.empty() ? "" : " · ") + mark;
        out += fmt::format(R"(<w:p><w:pPr><w:jc w:val="right"/></w:pPr>{})", runs({{all, true, false}}, R"(<w:color w:val="B81C1C"/><w:sz w:val="20"/>)")) +
               "</w:p>";
        if (has_number && !document_.is_framed) out += R"(<w:p><w:pPr><w:jc w:val="center"/></w:pPr>)" + number_field("PAGE") + "</w:p>";
        return out + "</w:hdr>";
    }

    std::string footer() const {
        std::string out =
            std::string{kXml} + R"(<w:ftr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:pPr><w:jc w:val="right"/></w:pPr>)";
        if (!document_.is_framed)
            out += runs({{document_.footer + (document_.footer.empty() ? "" : " · ") + "Trang "}}, R"(<w:sz w:val="18"/>)") + number_field("PAGE") +
                   runs({{"/"}}) + number_field("NUMPAGES");
        return out + "</w:p></w:ftr>";
    }

    std::string properties() const {
        return fmt::format(
            R"({}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{}</dc:title><dc:subject>{}</dc:subject><dc:creator>{}</dc:creator><dc:language>vi-VN</dc:language><dcterms:created xsi:type="dcterms:W3CDTF">{}</dcterms:created></cp:coreProperties>)",
            kXml, escaped(document_.title), escaped(document_.subject), escaped(document_.author), document_.created_at);
    }

    static std::string styles() {
        std::string out =
            std::string{kXml} +
            R"(<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="Times New Roman" w:cs="Times New Roman"/><w:sz w:val="26"/><w:szCs w:val="26"/><w:lang w:val="vi-VN" w:eastAsia="vi-VN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:before="0" w:after="0"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>)";
        for (auto const style : {Style::body, Style::field, Style::title, Style::subtitle, Style::heading, Style::subheading, Style::letterhead, Style::cell,
                                 Style::note, Style::certificate_title, Style::certificate_name, Style::certificate_line}) {
            auto const& look = look_of(style);
            std::string_view const tag{look.tag};
            out += fmt::format(
                R"(<w:style w:type="paragraph" w:customStyle="1" w:styleId="{0}"><w:name w:val="{0}"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{1}<w:spacing w:before="{2}" w:after="{3}"/>{4}<w:jc w:val="{5}"/>{6}</w:pPr><w:rPr>{7}{8}<w:sz w:val="{9}"/><w:szCs w:val="{9}"/></w:rPr></w:style>)",
                look.id, look.keeps_next ? "<w:keepNext/>" : "", static_cast<int>(look.before_pt * kTwipsPerPoint),
                static_cast<int>(look.after_pt * kTwipsPerPoint),
                look.indent_mm > 0 ? fmt::format(R"(<w:ind w:firstLine="{}"/>)", twips(look.indent_mm)) : std::string{}, justification(look.align),
                tag.starts_with("H") ? fmt::format(R"(<w:outlineLvl w:val="{}"/>)", tag[1] - '1') : std::string{}, look.is_bold ? "<w:b/>" : "",
                look.is_italic ? "<w:i/>" : "", static_cast<int>(std::lround(look.size_pt * 2)));
        }
        return out + "</w:styles>";
    }

    Document const& document_;
    PageSize page_;
    std::string body_;
    std::vector<std::string> pictures_;
};

}  // namespace

std::string to_docx(Document const& document) { return DocxWriter{document}.run(); }

}  // namespace programme::documents
