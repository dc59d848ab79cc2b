#pragma once

#include "api/ogc/item_query.hpp"
#include "gis_core/db/figure_cache.hpp"
#include "gis_core/db/pool.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace api::ogc {

/// What a collection covers. Looked up at most once a minute.
struct Extent {
    std::array<std::string, 4> box;  // numbers as text
    std::string since, until;        // ISO dates; empty: open
};

/// What is said of the data as a whole, so that nobody takes a sample for the record.
struct DataNote {
    bool has_demo = false;       // sample rows
    bool has_schematic = false;  // shapes that are drawings, not surveys
    std::string sources_vi, sources_en;
    std::string text(std::string_view lang) const;
};
DataNote read_note(pqxx::transaction_base& tx, gis_core::db::Session& session);

/// One feature as the database wrote it; the views die with the call they are given to.
struct FeatureRow {
    std::string_view key;
    std::optional<std::string_view> geometry;
    std::vector<std::optional<std::string_view>> cells;  // as select_items() orders them: properties, sort keys, geometry in CRS84
};

/// The collections of the catalogue over the database. Thread-safe.
class Collections {
public:
    Collections(gis_core::layers::Catalogue catalogue, gis_core::db::Pool& pool) : catalogue_{std::move(catalogue)}, pool_{pool} {}

    gis_core::layers::Catalogue const& catalogue() const { return catalogue_; }
    /// \throws Error(not_found) naming what there is.
    gis_core::layers::Layer const& get(std::string_view id) const;

    Extent extent(gis_core::layers::Layer const& layer);
    DataNote note();
    /// The day a query shows when it names none: empty for today; of a layer that ended, the last day it was in force.
    /// \pre the query's own day is empty
    std::string default_day(gis_core::layers::Layer const& layer);

    /// numberMatched, exact: a remembered count serves only as long as the stamp of what it was counted from stays.
    std::int64_t count(ItemQuery const& query);
    /// Hands over each row in the order asked, behind a cursor where there may be many: constant memory.
    void read(ItemQuery const& query, GeometryColumn form, std::optional<int> limit, bool also_crs84, std::function<void(FeatureRow const&)> const& take);
    /// False when there is no such feature. Of the query: layer, crs, selected properties, skips_geometry.
    bool read_one(ItemQuery const& query, std::int64_t key, bool also_crs84, std::function<void(FeatureRow const&)> const& take);

private:
    template <typename Value>
    struct Remembered {
        std::chrono::steady_clock::time_point at{};
        Value value{};
    };
    Sql with_day(Sql sql, ItemQuery const& query);

    gis_core::layers::Catalogue catalogue_;
    gis_core::db::Pool& pool_;
    std::mutex mutex_;
    std::map<std::string, Remembered<Extent>, std::less<>> extents_;
    std::optional<Remembered<DataNote>> note_;
    gis_core::db::FigureCache counts_;
};

}  // namespace api::ogc
