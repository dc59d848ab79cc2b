#pragma once

#include "api/pages/view.hpp"
#include "gis_core/db/figure_cache.hpp"
#include "programme/contact/feedback.hpp"
#include "programme/frames.hpp"
#include "programme/places.hpp"
#include "programme/producers.hpp"
#include "programme/products.hpp"
#include "programme/statistics.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gis_core::db {
class Pool;
}

namespace api::pages {

/// The figures of the units, or why there are none.
struct UnitFigures {
    std::string level;                      // commune, district: whose lines are drawn
    std::optional<programme::Frame> frame;  // the lines
    gis_core::Date lines_on;                // a day on which they hold
    std::map<std::string, double> values;   // by code
    double total = 0, elsewhere = 0;        // elsewhere: without a known place
};

/// What the map page shows, read in one transaction: list, facets, figures and card speak of the same moment.
struct HomeData {
    programme::ProductPage page;
    programme::Facets facets;
    std::vector<programme::ProductClass> classes;
    std::vector<programme::Frame> frames;
    std::vector<programme::DataSet> data_sets;
    std::optional<programme::UnitRef> unit;  // of the unit filter
    std::optional<UnitFigures> figures;      // empty: no colours asked for
    std::optional<programme::ProductDetail> card;
};
/// What a record's page shows besides the record.
template <typename Record>
struct RecordData {
    Record record;
    std::vector<programme::Frame> frames;
    std::vector<programme::DataSet> data_sets;
    std::vector<programme::contact::Review> reviews;  // of a product
};

/// What the frame of a page says about the data: sources, and the mark of the demo.
struct Standing {
    std::vector<programme::Frame> frames;
    std::vector<programme::DataSet> data_sets;
};

/// The programme's functions as the pages need them; the same that /api calls.
class Source {
public:
    explicit Source(gis_core::db::Pool& pool) : pool_{pool} {}
    HomeData home(View const& view, int limit);
    /// \throws gis_core::Error(not_found)
    RecordData<programme::ProductDetail> product(View const& view, std::string const& id);
    RecordData<programme::ProducerDetail> producer(View const& view, std::string const& id);
    /// For pages that read nothing of it themselves; asked for again after a minute, since only a load changes it. Nothing while the
    /// database is away: a page that can be shown is shown.
    std::shared_ptr<Standing const> standing();

private:
    gis_core::db::Pool& pool_;
    gis_core::db::FigureCache cache_;
    std::mutex standing_mutex_;
    std::shared_ptr<Standing const> standing_ = std::make_shared<Standing const>();
    std::chrono::steady_clock::time_point standing_until_;
};

}  // namespace api::pages
