// Papers of the procedure as files: /api/dossiers/{id}/documents, /api/council-sessions/{id}/documents.
#include "programme/workflow/papers.hpp"

#include "api/accounts/gate.hpp"
#include "api/context.hpp"
#include "api/dossiers/desk.hpp"
#include "api/rest/parameters.hpp"
#include "api/routes.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "http/router.hpp"
#include "programme/documents/docx.hpp"
#include "programme/documents/from_json.hpp"
#include "programme/documents/pdf.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace api {
namespace {

namespace documents = programme::documents;
namespace workflow = programme::workflow;
using dossiers::Desk;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

/// "minutes.pdf": the kind, and whether it is a PDF.
std::pair<std::string, bool> named(http::Request const& request) {
    std::string const file{request.value(1)};
    auto const dot = file.rfind('.');
    auto const kind = file.substr(0, dot), format = dot == std::string::npos ? std::string{} : file.substr(dot + 1);
    auto const kinds = documents::kinds();
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end() || (format != "pdf" && format != "docx"))
        throw gis_core::Error{gis_core::ErrorKind::not_found,
                              fmt::format("there is no document {}: one of {}, then .pdf or .docx", file, fmt::join(kinds, ", "))};
    return {kind, format == "pdf"};
}

http::Response file_of(std::string const& kind, long long id, bool is_pdf, documents::Document const& document) {
    auto response = http::Response::text(200, is_pdf ? "application/pdf" : "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                                         is_pdf ? documents::to_pdf(document) : documents::to_docx(document));
    response.headers.add("Content-Disposition", fmt::format("{}; filename=\"{}-{}.{}\"", is_pdf ? "inline" : "attachment", kind, id, is_pdf ? "pdf" : "docx"));
    response.headers.add("Cache-Control", "no-store");
    return response;
}

http::Response of_dossier(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    request.query.allow_only({"sheet"});
    auto const id = rest::parse_id("id", request.value(0));
    auto const [kind, is_pdf] = named(request);
    auto const text = request.query.find("sheet");
    auto const sheet = text ? rest::parse_id("sheet", *text) : 0;
    auto const document = desk.pool.read("", who.actor(), [&, &kind = kind](Tx& tx, Session&) {
        return workflow::paper_of_dossier(tx, desk.rubrics, *desk.dictionary, {kind, id, sheet, desk.public_url});
    });
    return file_of(kind, id, is_pdf, document);
}

http::Response of_session(Desk& desk, http::Request const& request) {
    auto const who = desk.gate.require(request);
    request.query.allow_only({});
    auto const id = rest::parse_id("id", request.value(0));
    auto const [kind, is_pdf] = named(request);
    dossiers::require_role(who, {"R08", "R10", "R11", "R12", "R13"});
    auto const document = desk.pool.read(
        "", who.actor(), [&, &kind = kind](Tx& tx, Session&) { return workflow::paper_of_session(tx, desk.rubrics, *desk.dictionary, kind, id); });
    return file_of(kind, id, is_pdf, document);
}

}  // namespace

void add_paper_routes(http::Router& router, Context& context) {
    auto const desk = dossiers::desk_of(context);
    router.get("/api/dossiers/{id}/documents/{file}", dossiers::at_desk(desk, of_dossier));
    router.get("/api/council-sessions/{id}/documents/{file}", dossiers::at_desk(desk, of_session));
}

}  // namespace api
