#pragma once

#include "programme/documents/block.hpp"
#include "programme/documents/parts.hpp"
#include "programme/grading/rubric.hpp"

/// The pieces that the documents of this folder are put together from.
namespace programme::documents::compose {

/// An empty document with its properties and marks; `rubric` may be missing where no score card is behind the paper.
Document start(Paper const& paper, std::string title, std::string subject, grading::Rubric const* rubric);

Run bold(std::string text);
Run italic(std::string text);
Block text(Style style, std::string text);
Block runs(Style style, std::vector<Run> runs);
/// With another alignment than the style's.
Block aligned(Style style, std::vector<Run> runs, std::optional<Align> align);
Block space(double height_mm);

/// Dots to be filled in by hand where there is nothing.
std::string or_dots(std::string text);
std::string shown(std::optional<Date> const& date);

/// "1. Tên đơn vị: …", the value or dots after it.
Block field(std::string const& label, std::string const& value);

/// Authority and number on the left, national heading and date on the right.
Block letterhead(Paper const& paper);
/// Forms of a producer have the national heading alone, in the middle.
void national_heading(Document& document);
/// "Vĩnh Long, ngày … tháng … năm …", for papers without a letterhead.
Block place_and_date(Paper const& paper);

Block signatures(std::vector<Signature> const& signatures);
/// "Nơi nhận:" on the left, the signature on the right.
Block recipients_and_signature(std::vector<std::string> const& recipients, Signature const& signature);

Cell cell(std::string text);
Cell bold_cell(std::string text);
/// One cell across the whole table.
Row group(std::string text);

/// "I.3.c, Chế biến từ rau, củ, quả, hạt"
std::string class_of(Product const& product);
std::string stars(int count);
/// "Quyết định 26/2026/QĐ-TTg ngày 22/05/2026"
std::string document_of(grading::Rubric const& rubric);

}  // namespace programme::documents::compose
