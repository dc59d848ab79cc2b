#include "programme/documents/pdf.hpp"

#include "gis_core/error.hpp"
#include "programme/documents/draw.hpp"
#include "programme/documents/style.hpp"
#include "programme/documents/when.hpp"

#include <cairo-pdf.h>
#include <fmt/format.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <functional>
#include <memory>

namespace programme::documents {
namespace {

constexpr char const* kFamily = "Noto Serif";
// The boxes of the forms are not in Noto Serif; named, so that every machine takes the same.
constexpr char const* kFamilies = "Noto Serif,Noto Sans Symbols2";
// Noto Serif is larger in the body than Times at the same size: this gives lines of about the same length.
constexpr double kScale = 0.86;
constexpr double kLineHeight = 1.36;  // of the size; that of Noto Serif itself
constexpr double kCellPadding = 3;
constexpr double kLineWidth = 0.5;
// A row lower than this share of a page moves to the next page whole.
constexpr double kWholeRow = 0.35;
// Of a paper that keeps to one page: what is longer than fits at this share of its size goes on a second page after all.
constexpr double kSmallest = 0.4;

struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
};
using LayoutPtr = std::shared_ptr<PangoLayout>;

double points(int pango_units) { return static_cast<double>(pango_units) / PANGO_SCALE; }

struct Line {
    LayoutPtr layout;
    int number = 0;
    double x = 0, ascent = 0, height = 0;  // from the paragraph's left edge; from the line's top to its baseline

    void draw(cairo_t* context, double left, double top) const {
        cairo_move_to(context, left + x, top + ascent);
        pango_cairo_show_layout_line(context, pango_layout_get_line_readonly(layout.get(), number));
    }
};

/// What is never broken, and what stands around it.
struct Piece {
    double before = 0, height = 0;
    int block = 0;              // pieces of one paragraph or one table have the same
    char const* tag = nullptr;  // of the block; none: the piece tags itself or is no text
    bool keeps_next = false, ends_page = false;
    std::function<void(cairo_t*, double x, double y)> draw;
    std::function<std::optional<std::pair<Piece, Piece>>(double available)> split;  // of rows
    std::shared_ptr<Piece const> heading;                                           // of a table: shown again at the head of a page
};

struct Placed {
    Piece const* piece;
    double y;
};

class Tag {
public:
    Tag(cairo_t* context, char const* name) : context_{context}, name_{name} { cairo_tag_begin(context_, name_, nullptr); }
    ~Tag() { cairo_tag_end(context_, name_); }
    Tag(Tag const&) = delete;
    Tag& operator=(Tag const&) = delete;

private:
    cairo_t* context_;
    char const* name_;
};

/// The lines of a cell, from the top.
struct CellLines {
    std::vector<Line> lines;
    double height() const {
        double sum = 0;
        for (auto const& line : lines) sum += line.height;
        return sum;
    }
};

struct TableRow {
    std::vector<CellLines> cells;
    std::vector<double> widths;
    bool is_heading = false, is_shaded = false;

    double height() const {
        double most = 0;
        for (auto const& cell : cells) most = std::max(most, cell.height());
        return most + 2 * kCellPadding;
    }

    void draw(cairo_t* context, double x, double y) const {
        auto const h = height();
        if (is_shaded) {
            double all = 0;
            for (auto const width : widths) all += width;
            cairo_set_source_rgb(context, 0.93, 0.93, 0.93);
            cairo_rectangle(context, x, y, all, h);
            cairo_fill(context);
            cairo_set_source_rgb(context, 0, 0, 0);
        }
        Tag const row{context, "TR"};
        for (std::size_t i = 0; i < cells.size(); ++i) {
            cairo_set_line_width(context, kLineWidth);
            cairo_rectangle(context, x, y, widths[i], h);
            cairo_stroke(context);
            Tag const cell{context, is_heading ? "TH" : "TD"};
            auto top = y + kCellPadding;
            for (auto const& line : cells[i].lines) {
                line.draw(context, x + kCellPadding, top);
                top += line.height;
            }
            x += widths[i];
        }
    }

    /// The lines that fit, and the rest; empty when some cell's first line does not.
    std::optional<std::pair<TableRow, TableRow>> split(double available) const {
        auto first = *this, rest = *this;
        bool has_moved = false;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            auto const& lines = cells[i].lines;
            double sum = 2 * kCellPadding;
            std::size_t fit = 0;
            while (fit < lines.size() && sum + lines[fit].height <= available) sum += lines[fit++].height;
            if (fit == 0 && !lines.empty()) return {};
            auto const cut = static_cast<std::ptrdiff_t>(fit);
            first.cells[i].lines.assign(lines.begin(), lines.begin() + cut);
            rest.cells[i].lines.assign(lines.begin() + cut, lines.end());
            has_moved = has_moved || fit < lines.size();
        }
        if (!has_moved) return {};
        return std::pair{first, rest};
    }
};

/// Cairo 1.16 writes the structure, but says neither that it did nor in which language: an incremental update (ISO 32000-1, 7.5.6)
/// adds both to the catalog. A file of another form is left as it is.
void mark_as_tagged(std::string& pdf) {
    auto const after = [&](std::string_view word, std::size_t from) {
        auto const at = pdf.find(word, from);
        return at == std::string::npos ? at : at + word.size();
    };
    auto const trailer = pdf.rfind("trailer\n<< ");
    if (trailer == std::string::npos) return;
    auto const root = after("/Root ", trailer), last = after("startxref\n", trailer);
    if (root == std::string::npos || last == std::string::npos) return;
    auto const number = pdf.substr(root, pdf.find(' ', root) - root), previous = pdf.substr(last, pdf.find('\n', last) - last);
    auto const catalog = pdf.rfind(fmt::format("\n{} 0 obj\n<< ", number));
    if (catalog == std::string::npos) return;
    auto const end = pdf.find(">>\nendobj", catalog);
    auto object = pdf.substr(catalog + 1, end - catalog - 1);
    if (object.find("/StructTreeRoot") == std::string::npos || object.find("/MarkInfo") != std::string::npos) return;
    object += "   /MarkInfo << /Marked true >>\n   /Lang (vi-VN)\n>>\nendobj\n";
    auto const dictionary = pdf.substr(trailer, pdf.find(">>", trailer) - trailer);
    auto const at = pdf.size();
    pdf += object;
    auto const table = pdf.size();
    pdf += fmt::format("xref\n{} 1\n{:010} 00000 n \n{}   /Prev {}\n>>\nstartxref\n{}\n%%EOF\n", number, at, dictionary, previous, table);
}

class PdfWriter {
public:
    explicit PdfWriter(Document const& document) : document_{document}, page_{page_size_of(document)} {
        // Checked here, because Cairo would take the time of the clock for one it cannot read.
        require_time("created_at", document.created_at);
        surface_.reset(cairo_pdf_surface_create_for_stream(append_bytes, &out_, page_.width_mm * kPointsPerMm, page_.height_mm * kPointsPerMm));
        context_.reset(cairo_create(surface_.get()));
        require_success(cairo_status(context_.get()), "making a PDF");
        auto const set = [&](cairo_pdf_metadata_t what, std::string const& value) {
            cairo_pdf_surface_set_metadata(surface_.get(), what, printable(value).c_str());
        };
        set(CAIRO_PDF_METADATA_TITLE, document.title);
        set(CAIRO_PDF_METADATA_AUTHOR, document.author);
        set(CAIRO_PDF_METADATA_SUBJECT, document.subject);
        set(CAIRO_PDF_METADATA_CREATOR, "ocopmap");
        set(CAIRO_PDF_METADATA_CREATE_DATE, document.created_at);
        pango_.reset(pango_font_map_create_context(pango_cairo_font_map_get_default()));
        pango_cairo_context_set_resolution(pango_.get(), 72);
        pango_context_set_language(pango_.get(), pango_language_from_string("vi"));
        pango_context_set_base_dir(pango_.get(), PANGO_DIRECTION_LTR);
        pango_context_set_round_glyph_positions(pango_.get(), FALSE);
        std::unique_ptr<cairo_font_options_t, decltype(&cairo_font_options_destroy)> const options{cairo_font_options_create(), cairo_font_options_destroy};
        cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
        cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
        pango_cairo_context_set_font_options(pango_.get(), options.get());
        require_font();
    }

    std::string run() && {
        lay_out();
        while (document_.is_one_page && pages_.size() > 1 && shrink_ > kSmallest) {
            shrink_ -= 0.04;
            lay_out();
        }
        for (std::size_t i = 0; i < pages_.size(); ++i) {
            draw_page(i);
            cairo_show_page(context_.get());
        }
        if (open_ != nullptr) cairo_tag_end(context_.get(), open_);
        require_success(cairo_status(context_.get()), "drawing a PDF");
        context_.reset();
        cairo_surface_finish(surface_.get());
        require_success(cairo_surface_status(surface_.get()), "writing a PDF");
        mark_as_tagged(out_);
        return std::move(out_);
    }

private:
    double left() const { return page_.left_mm * kPointsPerMm; }
    double top() const { return page_.top_mm * kPointsPerMm; }
    double bottom() const { return (page_.height_mm - page_.bottom_mm) * kPointsPerMm; }
    double width() const { return (page_.width_mm - page_.left_mm - page_.right_mm) * kPointsPerMm; }

    /// Without it Pango takes whatever has the letters, and nobody would notice before the paper is signed.
    void require_font() const {
        std::unique_ptr<PangoFontDescription, decltype(&pango_font_description_free)> const wanted{pango_font_description_from_string(kFamily),
                                                                                                   pango_font_description_free};
        std::unique_ptr<PangoFont, Unref> const font{pango_context_load_font(pango_.get(), wanted.get())};
        std::string found = "none";
        if (font) {
            std::unique_ptr<PangoFontDescription, decltype(&pango_font_description_free)> const has{pango_font_describe(font.get()),
                                                                                                    pango_font_description_free};
            found = pango_font_description_get_family(has.get());
        }
        if (found != kFamily)
            throw gis_core::Error{gis_core::ErrorKind::internal,
                                  fmt::format("the font {} is not installed (Debian: fonts-noto-core); {} stands in for it", kFamily, found)};
    }

    /// Attributes, never markup: whatever the text holds is shown as it is.
    LayoutPtr layout_of(std::vector<Run> const& runs, double size, bool is_bold, bool is_italic, Align align, double indent, double across) {
        LayoutPtr layout{pango_layout_new(pango_.get()), Unref{}};
        std::string text;
        auto* attributes = pango_attr_list_new();
        for (auto const& run : runs) {
            auto const from = text.size();
            text += printable(run.text);
            auto const add = [&](PangoAttribute* attribute) {
                attribute->start_index = static_cast<guint>(from);
                attribute->end_index = static_cast<guint>(text.size());
                pango_attr_list_insert(attributes, attribute);
            };
            if (run.is_bold || is_bold) add(pango_attr_weight_new(PANGO_WEIGHT_BOLD));
            if (run.is_italic || is_italic) add(pango_attr_style_new(PANGO_STYLE_ITALIC));
        }
        auto* font = pango_font_description_from_string(kFamilies);
        pango_font_description_set_size(font, static_cast<gint>(size * kScale * PANGO_SCALE));
        pango_layout_set_font_description(layout.get(), font);
        pango_font_description_free(font);
        pango_layout_set_auto_dir(layout.get(), FALSE);  // the document reads from the left, whatever a name begins with
        pango_layout_set_width(layout.get(), static_cast<int>(across * PANGO_SCALE));
        pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
        pango_layout_set_indent(layout.get(), static_cast<int>(indent * PANGO_SCALE));
        pango_layout_set_alignment(layout.get(), align == Align::centre ? PANGO_ALIGN_CENTER : align == Align::right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
        pango_layout_set_justify(layout.get(), align == Align::justified ? TRUE : FALSE);
        // Letters of another font in a line must not push its neighbours apart.
        auto* height = pango_attr_line_height_new_absolute(static_cast<int>(size * kScale * kLineHeight * PANGO_SCALE));
        pango_attr_list_insert(attributes, height);
        pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));  // a hash broken by a hyphen is another hash
        pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
        pango_layout_set_attributes(layout.get(), attributes);
        pango_attr_list_unref(attributes);
        return layout;
    }

    std::vector<Line> lines_of(LayoutPtr const& layout) {
        std::vector<Line> out;
        std::unique_ptr<PangoLayoutIter, decltype(&pango_layout_iter_free)> const at{pango_layout_get_iter(layout.get()), pango_layout_iter_free};
        do {
            PangoRectangle box;
            pango_layout_iter_get_line_extents(at.get(), nullptr, &box);
            out.push_back({layout, static_cast<int>(out.size()), points(box.x), points(pango_layout_iter_get_baseline(at.get()) - box.y), points(box.height)});
        } while (pango_layout_iter_next_line(at.get()) != FALSE);
        return out;
    }

    std::vector<Line> lines_of(Paragraph const& paragraph, double across, std::optional<Align> align = {}) {
        auto const& look = look_of(paragraph.style);
        return lines_of(layout_of(paragraph.runs, look.size_pt * shrink_, look.is_bold, look.is_italic, paragraph.align.value_or(align.value_or(look.align)),
                                  look.indent_mm * kPointsPerMm, across));
    }

    void lay_out() {
        pages_.clear();
        pieces_.clear();
        kept_.clear();
        block_ = 0;
        after_ = 0;
        for (auto const& block : document_.blocks) lay(block, width(), pieces_);
        flow();
    }

    void lay(Block const& block, double across, std::vector<Piece>& to) {
        ++block_;
        std::visit([&](auto const& content) { lay(content, across, to); }, block.content);
    }

    void lay(Paragraph const& paragraph, double across, std::vector<Piece>& to) {
        auto const& look = look_of(paragraph.style);
        auto const lines = lines_of(paragraph, across);
        auto before = std::max(look.before_pt, after_);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            Piece piece;
            piece.before = i == 0 ? before : 0;
            piece.height = lines[i].height;
            piece.block = block_;
            piece.tag = look.tag;
            // Neither the first line alone at the foot of a page nor the last alone at the head of one.
            piece.keeps_next = i + 1 == lines.size() ? look.keeps_next : i == 0 || i + 2 == lines.size();
            piece.draw = [line = lines[i]](cairo_t* context, double x, double y) { line.draw(context, x, y); };
            to.push_back(std::move(piece));
        }
        after_ = look.after_pt;
    }

    static Piece piece_of(TableRow row) {
        Piece piece;
        piece.height = row.height();
        piece.tag = "Table";
        auto const shared = std::make_shared<TableRow const>(std::move(row));
        piece.draw = [shared](cairo_t* context, double x, double y) { shared->draw(context, x, y); };
        piece.split = [shared](double available) -> std::optional<std::pair<Piece, Piece>> {
            auto parts = shared->split(available);
            if (!parts) return {};
            return std::pair{piece_of(std::move(parts->first)), piece_of(std::move(parts->second))};
        };
        return piece;
    }

    static void keep_last_line(std::vector<Piece>& pieces) {
        if (!pieces.empty() && pieces.back().tag != nullptr && !pieces.back().split) pieces.back().keeps_next = true;
    }

    void lay(Table const& table, double across, std::vector<Piece>& to) {
        double shares = 0;
        for (auto const& column : table.columns) shares += column.share;
        TableRow titles;
        titles.is_heading = titles.is_shaded = true;
        for (auto const& column : table.columns) {
            titles.widths.push_back(across * column.share / shares);
            Paragraph const title{Style::cell, {{column.title, true, false}}, Align::centre};
            titles.cells.push_back({lines_of(title, titles.widths.back() - 2 * kCellPadding)});
        }
        auto const widths = titles.widths;
        auto heading = piece_of(std::move(titles));
        heading.block = block_;
        heading.before = std::max(4.0, after_);
        heading.keeps_next = true;
        auto const shared = std::make_shared<Piece const>(heading);
        keep_last_line(to);  // which says what the table is about
        to.push_back(std::move(heading));
        for (auto const& row : table.rows) {
            TableRow laid;
            laid.is_shaded = row.is_group;
            laid.widths = row.cells.size() == 1 ? std::vector{across} : widths;
            for (std::size_t i = 0; i < row.cells.size() && i < laid.widths.size(); ++i) {
                CellLines cell;
                for (auto const& paragraph : row.cells[i]) {
                    auto const lines = lines_of(paragraph, laid.widths[i] - 2 * kCellPadding, row.cells.size() == 1 ? Align::left : table.columns[i].align);
                    cell.lines.insert(cell.lines.end(), lines.begin(), lines.end());
                }
                laid.cells.push_back(std::move(cell));
            }
            auto piece = piece_of(std::move(laid));
            piece.block = block_;
            piece.keeps_next = row.is_group;
            piece.heading = shared;
            to.push_back(std::move(piece));
        }
        after_ = 6;
    }

    void lay(Sides const& sides, double across, std::vector<Piece>& to) {
        double shares = 0;
        for (auto const& side : sides.sides) shares += side.share;
        struct Part {
            double x;
            std::vector<Piece> pieces;
        };
        keep_last_line(to);  // signatures do not stand on a page of their own
        auto const before = after_;
        auto const parts = std::make_shared<std::vector<Part>>();
        double x = 0, height = 0;
        for (auto const& side : sides.sides) {
            Part part{x, {}};
            auto const wide = across * side.share / shares;
            after_ = 0;
            for (auto const& block : side.blocks) lay(block, wide - 6, part.pieces);
            double high = 0;
            for (auto const& piece : part.pieces) high += piece.before + piece.height;
            height = std::max(height, high);
            x += wide;
            parts->push_back(std::move(part));
        }
        Piece piece;
        piece.before = before;
        piece.height = height;
        piece.block = ++block_;
        piece.draw = [this, parts](cairo_t* context, double left, double top) {
            for (auto const& part : *parts) {
                auto y = top;
                for (auto const& inner : part.pieces) {
                    y += inner.before;
                    draw(inner, context, left + part.x + 3, y);
                    y += inner.height;
                }
                close_tag();
            }
        };
        to.push_back(std::move(piece));
        after_ = 4;
    }

    void lay_drawing(double height, std::vector<Piece>& to, std::function<void(cairo_t*, double, double)> how) {
        Piece piece;
        piece.before = after_;
        piece.height = height;
        piece.block = block_;
        piece.draw = std::move(how);
        to.push_back(std::move(piece));
        after_ = 2;
    }

    void lay(Stars const& stars, double across, std::vector<Piece>& to) {
        constexpr double kRadius = 15, kStep = 38;
        lay_drawing(2 * kRadius, to, [=](cairo_t* context, double x, double y) {
            Tag const tag{context, "Figure"};
            auto const first = x + across / 2 - kStep * (stars.count - 1) / 2.0;
            for (int i = 0; i < stars.count; ++i) draw_star(context, first + i * kStep, y + kRadius, kRadius);
        });
    }
    void lay(QrSquare const& qr, double across, std::vector<Piece>& to) {
        auto const size = qr.size_mm * kPointsPerMm;
        lay_drawing(size, to, [=](cairo_t* context, double x, double y) {
            Tag const tag{context, "Figure"};
            draw_qr_code(context, qr.text, x + (across - size) / 2, y, size);
        });
    }
    void lay(Place const& place, double across, std::vector<Piece>& to) {
        auto const wide = std::min(across, place.width_mm * kPointsPerMm), high = place.height_mm * kPointsPerMm;
        auto const lines = lines_of(Paragraph{Style::note, {{place.label, false, false}}, Align::centre}, wide - 8);
        lay_drawing(high, to, [=](cairo_t* context, double x, double y) {
            auto const left = x + (across - wide) / 2;
            double const dashes[] = {3, 3};
            cairo_save(context);
            cairo_set_dash(context, dashes, 2, 0);
            cairo_set_line_width(context, kLineWidth);
            cairo_rectangle(context, left, y, wide, high);
            cairo_stroke(context);
            cairo_restore(context);
            double all = 0;
            for (auto const& line : lines) all += line.height;
            auto at = y + (high - all) / 2;
            Tag const tag{context, "P"};
            for (auto const& line : lines) {
                line.draw(context, left + 4, at);
                at += line.height;
            }
        });
    }
    void lay(Rule const& rule, double across, std::vector<Piece>& to) {
        after_ = 2;
        lay_drawing(2, to, [=](cairo_t* context, double x, double y) {
            cairo_set_line_width(context, 0.8);
            cairo_move_to(context, x + across * (1 - rule.share) / 2, y);
            cairo_rel_line_to(context, across * rule.share, 0);
            cairo_stroke(context);
        });
    }
    void lay(Space const& space, double, std::vector<Piece>& to) {
        after_ = 0;
        lay_drawing(space.height_mm * kPointsPerMm, to, [](cairo_t*, double, double) {});
        after_ = 0;
    }
    void lay(PageBreak const&, double, std::vector<Piece>& to) {
        if (!to.empty()) to.back().ends_page = true;
        after_ = 0;
    }

    /// Which piece stands where.
    void flow() {
        pages_.emplace_back();
        auto y = top();
        auto const is_at_head = [&] { return pages_.back().empty(); };
        auto const turn = [&] {
            pages_.emplace_back();
            y = top();
        };
        auto const put = [&](Piece const& piece) {
            if (is_at_head() && piece.heading) {
                pages_.back().push_back({piece.heading.get(), y});
                y += piece.heading->height;
            }
            y += is_at_head() ? 0 : piece.before;
            pages_.back().push_back({&piece, y});
            y += piece.height;
            if (piece.ends_page) turn();
        };
        auto const whole_page = bottom() - top();
        for (std::size_t i = 0; i < pieces_.size(); ++i) {
            auto const& piece = pieces_[i];
            double needed = piece.before + piece.height;
            for (auto k = i; pieces_[k].keeps_next && k + 1 < pieces_.size(); ++k) {
                auto const& next = pieces_[k + 1];
                needed += next.before + (next.split && next.height > whole_page * kWholeRow ? 40 : next.height);
            }
            auto const can_split = piece.split && piece.height > whole_page * kWholeRow;
            if (!is_at_head() && y + needed > bottom() && !can_split) turn();
            if (can_split && y + piece.height > bottom()) {
                put_in_parts(piece, put, turn, y);
                continue;
            }
            put(piece);
        }
        if (pages_.size() > 1 && pages_.back().empty()) pages_.pop_back();
    }

    template <typename Put, typename Turn>
    void put_in_parts(Piece const& whole, Put const& put, Turn const& turn, double const& y) {
        auto const heading = whole.heading ? whole.heading->height : 0;
        auto const* rest = &whole;
        for (;;) {
            auto const room = bottom() - y - (pages_.back().empty() ? heading : 0);
            auto parts = rest->height <= room ? std::nullopt : rest->split(room);
            if (!parts && rest->height > room && !pages_.back().empty()) {
                turn();
                continue;
            }
            if (!parts) break;
            put(keep(std::move(parts->first), whole));
            turn();
            rest = &keep(std::move(parts->second), whole);
        }
        put(*rest);
    }

    Piece const& keep(Piece part, Piece const& whole) {
        part.block = whole.block;
        part.heading = whole.heading;
        kept_.push_back(std::make_unique<Piece>(std::move(part)));
        return *kept_.back();
    }

    void close_tag() {
        if (open_ != nullptr) cairo_tag_end(context_.get(), open_);
        open_ = nullptr;
    }

    void draw(Piece const& piece, cairo_t* context, double x, double y) {
        if (piece.block != open_block_ || piece.tag != open_) {
            close_tag();
            open_block_ = piece.block;
            open_ = piece.tag;
            if (open_ != nullptr) cairo_tag_begin(context, open_, nullptr);
        }
        piece.draw(context, x, y);
    }

    void draw_page(std::size_t number) {
        auto* context = context_.get();
        draw_marks(context);
        if (document_.is_framed) draw_frame(context);
        for (auto const& placed : pages_[number]) draw(*placed.piece, context, left(), placed.y);
        close_tag();
        draw_foot(context, number);
    }

    void draw_line(cairo_t* context, std::string const& text, double size, bool is_bold, Align align, double y) {
        auto const lines = lines_of(layout_of({{text, is_bold, false}}, size, false, false, align, 0, width()));
        lines.front().draw(context, left(), y);
    }

    void draw_marks(cairo_t* context) {
        if (document_.marks.empty()) return;
        std::string all;
        for (auto const& mark : document_.marks) all += (all.empty() ? "" : " · ") + mark;
        auto const long_side = std::max(page_.width_mm, page_.height_mm) * kPointsPerMm;
        // Large and pale across the page as a drawing, so that a copy of a part still shows it and the text of the page stays whole.
        auto const layout = layout_of({{document_.marks.front(), true, false}}, 46, false, false, Align::centre, 0, long_side);
        int high = 0;
        pango_layout_get_size(layout.get(), nullptr, &high);
        cairo_save(context);
        cairo_translate(context, page_.width_mm * kPointsPerMm / 2, page_.height_mm * kPointsPerMm / 2);
        cairo_rotate(context, document_.is_landscape ? -0.55 : -0.9);
        cairo_move_to(context, -long_side / 2, -points(high) / 2);
        pango_cairo_layout_path(context, layout.get());
        cairo_set_source_rgb(context, 0.94, 0.92, 0.92);
        cairo_fill(context);
        cairo_restore(context);
        cairo_set_source_rgb(context, 0.72, 0.11, 0.11);
        {
            Tag const tag{context, "P"};
            draw_line(context, all, 10, true, Align::right, (document_.is_framed ? 3.5 : 8) * kPointsPerMm);
        }
        cairo_set_source_rgb(context, 0, 0, 0);
    }

    void draw_frame(cairo_t* context) const {
        for (auto const& [inset, line] : {std::pair{9.0, 2.0}, std::pair{11.5, 0.6}}) {
            auto const d = inset * kPointsPerMm;
            cairo_set_line_width(context, line);
            cairo_set_source_rgb(context, 0.55, 0.10, 0.10);
            cairo_rectangle(context, d, d, page_.width_mm * kPointsPerMm - 2 * d, page_.height_mm * kPointsPerMm - 2 * d);
            cairo_stroke(context);
        }
        cairo_set_source_rgb(context, 0, 0, 0);
    }

    void draw_foot(cairo_t* context, std::size_t number) {
        if (document_.is_framed) return;
        // Nghị định 30/2020/NĐ-CP: at the head in the middle, not on the first page. The foot says how many there are.
        if (number > 0) {
            Tag const tag{context, "P"};
            draw_line(context, std::to_string(number + 1), 13, false, Align::centre, 12 * kPointsPerMm);
        }
        Tag const tag{context, "P"};
        auto const foot = fmt::format("{}{}Trang {}/{}", document_.footer, document_.footer.empty() ? "" : " · ", number + 1, pages_.size());
        draw_line(context, foot, 9, false, Align::right, bottom() + 7 * kPointsPerMm);
    }

    Document const& document_;
    PageSize page_;
    std::string out_;
    std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface_{nullptr, cairo_surface_destroy};
    std::unique_ptr<cairo_t, decltype(&cairo_destroy)> context_{nullptr, cairo_destroy};
    std::unique_ptr<PangoContext, Unref> pango_;
    std::vector<Piece> pieces_;
    std::vector<std::unique_ptr<Piece>> kept_;  // parts of rows
    std::vector<std::vector<Placed>> pages_;
    int block_ = 0, open_block_ = 0;
    char const* open_ = nullptr;
    double shrink_ = 1;  // of every size, where all has to stand on one page
    double after_ = 0;   // what the block before wants below it
};

}  // namespace

std::string to_pdf(Document const& document) { return PdfWriter{document}.run(); }

}  // namespace programme::documents
