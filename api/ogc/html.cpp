#include "api/ogc/html.hpp"

#include "gis_core/date.hpp"
#include "gis_core/db/text_array.hpp"
#include "gis_core/log.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <iterator>

namespace api::ogc {
namespace {

using gis_core::layers::AttributeType;

std::string cell_text(std::string_view lang, AttributeType type, std::optional<std::string_view> const& cell) {
    if (!cell) return {};
    if (type == AttributeType::boolean) {
        if (lang == "en") return *cell == "t" ? "yes" : "no";
        return *cell == "t" ? "có" : "không";
    }
    if (type == AttributeType::date && lang != "en") {
        if (auto const day = gis_core::Date::parse(*cell)) return day->vietnamese();
    }
    if (type == AttributeType::array) return escape_html(fmt::format("{}", fmt::join(gis_core::db::parse_text_array(*cell), ", ")));
    return escape_html(*cell);
}

}  // namespace

std::string escape_html(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (char const c : text) {
        switch (c) {
        case '<': escaped += "&lt;"; break;
        case '>': escaped += "&gt;"; break;
        case '&': escaped += "&amp;"; break;
        case '"': escaped += "&quot;"; break;
        case '\'': escaped += "&#39;"; break;
        default: escaped += c;
        }
    }
    return escaped;
}

HtmlFrame::HtmlFrame(std::filesystem::path const& web_dir) {
    std::ifstream file{web_dir / "dist" / "manifest.json"};
    if (!file) return;
    try {
        auto const manifest = gis_core::parse_json(std::string{std::istreambuf_iterator<char>{file}, {}}, "manifest.json");
        if (auto const found = manifest.find("app.css"); found != manifest.end() && found->is_string()) stylesheet_ = "/assets/" + found->get<std::string>();
    } catch (std::exception const& error) {
        gis_core::log::warn("ogc pages have no stylesheet: {}", error.what());
    }
}

std::string HtmlFrame::page(std::string_view lang, std::string const& title, Trail const& trail, std::string const& json_href, std::string const& other_href,
                            std::string const& body) const {
    bool const english = lang == "en";
    auto html = fmt::format(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{} · ocopmap</title>\n<link rel=\"alternate\" type=\"application/json\" href=\"{}\">\n",
        lang, escape_html(title), escape_html(json_href));
    if (!stylesheet_.empty()) html += "<link rel=\"stylesheet\" href=\"" + escape_html(stylesheet_) + "\">\n";
    html +=
        "</head>\n<body class=\"page ogc\">\n<header class=\"top\"><a class=\"brand\" href=\"/\"><span class=\"brand-name\">ocopmap</span></a>\n<nav "
        "aria-label=\"";
    html += english ? "You are here" : "Bạn đang ở đây";
    html += "\"><ol class=\"trail\">";
    for (auto const& [name, href] : trail) html += "<li><a href=\"" + escape_html(href) + "\">" + escape_html(name) + "</a></li>";
    html += fmt::format(
        "</ol></nav>\n<nav class=\"top-links\"><a class=\"quiet\" href=\"{}\">JSON</a> <a class=\"quiet\" lang=\"{}\" "
        "href=\"{}\">{}</a></nav></header>\n<main>\n<h1>{}</h1>\n",
        escape_html(json_href), english ? "vi" : "en", escape_html(other_href), english ? "Tiếng Việt" : "English", escape_html(title));
    html += body;
    return html + "\n</main>\n</body>\n</html>\n";
}

std::string links_html(gis_core::Json const& links) {
    std::string html = "<ul>";
    for (auto const& link : links) {
        auto const href = link.value("href", "");
        auto const title = link.value("title", href);
        html += fmt::format("<li><a rel=\"{}\" href=\"{}\">{}</a></li>", escape_html(link.value("rel", "")), escape_html(href), escape_html(title));
    }
    return html + "</ul>";
}

std::string filter_form(std::string_view lang, http::Request const& request, gis_core::layers::Layer const& layer) {
    bool const english = lang == "en";
    auto const field = [&](char const* name, char const* vi, char const* en, char const* hint) {
        auto const value = request.query.find(name).value_or(std::string_view{});
        return fmt::format("<p><label for=\"{0}\">{1}</label> <input id=\"{0}\" name=\"{0}\" value=\"{2}\" placeholder=\"{3}\"></p>\n", name, english ? en : vi,
                           escape_html(value), hint);
    };
    auto html = fmt::format(
        "<form class=\"filters\" method=\"get\" action=\"{}\">\n<input type=\"hidden\" name=\"f\" value=\"html\"><input type=\"hidden\" name=\"lang\" "
        "value=\"{}\">\n",
        escape_html(request.path), lang);
    html += field("bbox", "Khung (tây, nam, đông, bắc)", "Box (west, south, east, north)", "106.2,10.0,106.5,10.3");
    if (!layer.valid_from_column.empty()) html += field("datetime", "Ngày", "Date", "2025-06-30");
    html += field("filter", "Lọc (CQL2)", "Filter (CQL2)", "name LIKE 'A%'");
    html += field("sortby", "Sắp theo", "Sort by", "-name");
    html += field("limit", "Số dòng mỗi trang", "Rows a page", "100");
    return html + fmt::format("<p><button class=\"button primary\">{}</button></p>\n</form>\n", english ? "Apply" : "Áp dụng");
}

std::string table_head(std::string_view lang, std::vector<gis_core::layers::Attribute const*> const& columns) {
    std::string html = "<div class=\"table-scroll\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">id</th>";
    for (auto const* attribute : columns) {
        auto const& title = lang == "en" ? attribute->title.en : attribute->title.vi;
        html += "<th scope=\"col\">" + escape_html(title.empty() ? attribute->name : title) + "</th>";
    }
    return html + "</tr></thead>\n<tbody>\n";
}

void append_table_row(std::string& out, std::string_view lang, std::string const& items_path, FeatureRow const& row,
                      std::vector<gis_core::layers::Attribute const*> const& columns) {
    out += fmt::format("<tr><td><a href=\"{}/{}?f=html&amp;lang={}\">{}</a></td>", escape_html(items_path), row.key, lang, row.key);
    for (std::size_t i = 0; i < columns.size(); ++i) out += "<td>" + cell_text(lang, columns[i]->type, row.cells.at(i)) + "</td>";
    out += "</tr>\n";
}

std::string feature_html(std::string_view lang, FeatureRow const& row, std::vector<gis_core::layers::Attribute const*> const& columns) {
    std::string html = "<dl>\n";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto const& title = lang == "en" ? columns[i]->title.en : columns[i]->title.vi;
        auto const text = cell_text(lang, columns[i]->type, row.cells.at(i));
        html += "<dt>" + escape_html(title.empty() ? columns[i]->name : title) + "</dt><dd>" + (text.empty() ? "–" : text) + "</dd>\n";
    }
    html += "</dl>\n";
    if (row.geometry) {
        auto const shown = row.geometry->substr(0, 600);
        html += "<details><summary>" + std::string{lang == "en" ? "Geometry" : "Hình học"} + "</summary><pre>" + escape_html(shown) +
                (shown.size() < row.geometry->size() ? " …" : "") + "</pre></details>\n";
    }
    return html;
}

}  // namespace api::ogc
