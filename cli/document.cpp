#include "cli/command.hpp"
#include "programme/documents/docx.hpp"
#include "programme/documents/from_json.hpp"
#include "programme/documents/pdf.hpp"

#include <CLI/App.hpp>

#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>

namespace cli {
namespace {

namespace documents = programme::documents;
namespace grading = programme::grading;

struct Options {
    std::string kind, rubric = "QD26-2026", format = "pdf";
};

void write(Context const& context, Options const& options) {
    auto const rubric = grading::load(grading::find_folder(context.data() / "rubrics", options.rubric));
    std::string const text{std::istreambuf_iterator<char>{std::cin}, {}};
    auto const document = documents::from_json(options.kind, gis_core::parse_json(text, "the standard input"), rubric);
    auto const bytes = options.format == "pdf" ? documents::to_pdf(document) : documents::to_docx(document);
    std::cout.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush();
}

}  // namespace

void add_document(CLI::App& app, Context& context) {
    auto const options = std::make_shared<Options>();
    auto* document = app.add_subcommand("document", "a paper of the grading procedure: its fields as JSON in, a file out (docs/reference/documents.md)");
    document->add_option("KIND", options->kind, "which paper")->required()->check(CLI::IsMember(documents::kinds()));
    document->add_option("--format", options->format, "pdf (default) or docx")->check(CLI::IsMember({"pdf", "docx"}));
    document->add_option("--rubric", options->rubric, "a version or a folder; else QD26-2026");
    document->callback([&context, options] { write(context, *options); });
}

}  // namespace cli
