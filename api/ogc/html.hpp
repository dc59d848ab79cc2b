#pragma once

#include "api/ogc/collections.hpp"
#include "gis_core/json.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace api::ogc {

/// `<`, `>`, `&` and both quotes as references.
std::string escape_html(std::string_view text);

/// Where a page stands: titles and addresses from the landing page down.
using Trail = std::vector<std::pair<std::string, std::string>>;

/// The frame of every page; the look is app.css of the built assets.
class HtmlFrame {
public:
    /// Reads dist/manifest.json for the names of the built assets; without it pages have no stylesheet.
    explicit HtmlFrame(std::filesystem::path const& web_dir);
    /// body is HTML. json_href: the same thing for programs; other_href: in the other language.
    std::string page(std::string_view lang, std::string const& title, Trail const& trail, std::string const& json_href, std::string const& other_href,
                     std::string const& body) const;

private:
    std::string stylesheet_;
};

/// Links of a JSON document as a list.
std::string links_html(gis_core::Json const& links);
/// The filters of a page of items, as a form.
std::string filter_form(std::string_view lang, http::Request const& request, gis_core::layers::Layer const& layer);
/// A row of a table of features, and its head.
std::string table_head(std::string_view lang, std::vector<gis_core::layers::Attribute const*> const& columns);
void append_table_row(std::string& out, std::string_view lang, std::string const& items_path, FeatureRow const& row,
                      std::vector<gis_core::layers::Attribute const*> const& columns);
/// One feature as a list of names and values.
std::string feature_html(std::string_view lang, FeatureRow const& row, std::vector<gis_core::layers::Attribute const*> const& columns);

}  // namespace api::ogc
