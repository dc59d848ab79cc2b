#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// A document is described once, as blocks; two writers (pdf.hpp, docx.hpp) render the same blocks. Text is text everywhere: no block
/// knows any markup, so that nothing in the data can be taken for it.
namespace programme::documents {

struct Run {
    std::string text;
    bool is_bold = false, is_italic = false;
};

enum class Align { left, centre, right, justified };

/// What a paragraph is; how it looks stands in style.cpp.
enum class Style {
    body,        // running text, first line indented
    field,       // a line of a form
    title,       // name of the document
    subtitle,    // what it is about
    heading,     // "I. …", "Điều 1."
    subheading,  // "1. …"
    letterhead,  // authority, national heading, date, signatures
    cell,        // in a table
    note,        // small
    certificate_title,
    certificate_name,  // the product on its certificate
    certificate_line,
};

struct Paragraph {
    Style style = Style::body;
    std::vector<Run> runs;
    std::optional<Align> align;  // else the style's
};

struct Column {
    std::string title;
    double share = 1;  // of the width
    Align align = Align::left;
};

using Cell = std::vector<Paragraph>;

struct Row {
    std::vector<Cell> cells;  // as many as columns, or one that goes across
    bool is_group = false;    // names the rows below it and is never parted from the next
};

/// Breaks across pages between rows and shows its column titles again; a row breaks only where it is higher than much of a page.
struct Table {
    std::vector<Column> columns;
    std::vector<Row> rows;
};

struct Block;
struct Side {
    double share = 1;
    std::vector<Block> blocks;
};
/// Beside each other, never broken: letterheads, signatures, the parts of a certificate.
struct Sides {
    std::vector<Side> sides;
};

struct Stars {
    int count = 0;
};
struct QrSquare {
    std::string text;
    double size_mm = 0;
};
/// An empty frame with a word in it: the place of something that is put there by hand.
struct Place {
    std::string label;
    double width_mm = 0, height_mm = 0;
};
/// The line under a letterhead.
struct Rule {
    double share = 0.4;  // of the width
};
struct Space {
    double height_mm = 0;
};
struct PageBreak {};

struct Block {
    std::variant<Paragraph, Table, Sides, Stars, QrSquare, Place, Rule, Space, PageBreak> content;
};

struct Document {
    std::string title, author, subject;
    std::string created_at;  // ISO 8601; the only time that enters the file
    bool is_landscape = false, is_framed = false;
    bool is_one_page = false;        // long texts are set smaller, never on a second page
    std::vector<std::string> marks;  // at the head of every page: training copy, draft
    std::string footer;              // at the foot of every page, beside its number
    std::vector<Block> blocks;
};

/// What reaches a page: NFC; no controls, no direction overrides, nothing XML forbids; bad UTF-8 becomes U+FFFD. Line breaks stay.
std::string printable(std::string_view text);

}  // namespace programme::documents
