#pragma once

#include "api/pages/source.hpp"
#include "api/pages/texts.hpp"
#include "api/pages/view.hpp"
#include "gis_core/json.hpp"
#include "styles/palette.hpp"

#include <string>
#include <vector>

namespace api::pages {

/// What the templates of one request need to know besides its data.
struct PageContext {
    Texts const& texts;
    styles::Palette const& palette;
    gis_core::Json const& assets;               // name → address under /assets
    std::vector<std::string> const& downloads;  // csv, xlsx, …: what /api/products.… answers
    std::string prefix() const { return texts.is_vietnamese() ? "" : "/en"; }
    std::string home() const { return texts.is_vietnamese() ? "/" : "/en"; }
};

/// What every page shows: words, assets, links to the other language, sources. path: below the language's prefix.
gis_core::Json frame_model(PageContext const& page, View const& view, std::string const& path, std::string const& query,
                           std::vector<programme::Frame> const& frames, std::vector<programme::DataSet> const& data_sets);
/// The map page: list, facets, date and colours, legend, open card, and the data of its islands.
gis_core::Json home_model(PageContext const& page, View const& view, HomeData const& data);
gis_core::Json product_model(PageContext const& page, View const& view, RecordData<programme::ProductDetail> const& data);
gis_core::Json producer_model(PageContext const& page, View const& view, RecordData<programme::ProducerDetail> const& data);

}  // namespace api::pages
