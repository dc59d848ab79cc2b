#pragma once

#include "api/ogc/links.hpp"
#include "gis_core/json.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "styles/palette.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What describes tiles (OGC 20-057, 17-083r4), maps (20-058) and styles (20-009). Tiles, pictures and style sheets themselves are the
/// tile daemon's.
namespace api::ogc {

/// A document at an address under /ogc; its values are those of the route.
using DocumentMaker = std::function<gis_core::Json(std::string const& base, std::string_view lang, http::Request const& request)>;
std::vector<std::pair<std::string, DocumentMaker>> tile_documents(gis_core::layers::Catalogue const& catalogue, styles::Palette const& palette);
/// The same as HTML: what it lists, and its links.
std::string tile_document_html(gis_core::Json const& document);

std::vector<Link> tile_landing_links(std::string const& base, std::string_view lang);
std::vector<Link> tile_collection_links(std::string const& base, std::string_view lang, gis_core::layers::Layer const& layer);
std::vector<std::string> const& tile_conformance_classes();
/// Adds the addresses of tiles, maps and styles to an OpenAPI document with the components of openapi().
void add_tile_paths(gis_core::Json& document, std::string_view lang);

}  // namespace api::ogc
