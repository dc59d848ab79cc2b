#pragma once

#include "gis_core/date.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/layers/catalogue.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tile_server {

/// Makes vector tiles (MVT 2.1) from the record. Safe from many threads.
class VectorSource {
public:
    VectorSource(gis_core::db::Pool& pool, gis_core::layers::Catalogue const& catalogue);

    /// The tile of the layers as of a day; empty when nothing stands in it. Layers that do not cover the tile add nothing.
    std::string render(std::vector<gis_core::layers::Layer const*> const& layers, gis_core::TileId tile, gis_core::Date at);

    /// \throws gis_core::Error(not_found) naming the nearest frames when a layer of units has no lines on that day.
    void check_date(std::vector<gis_core::layers::Layer const*> const& layers, gis_core::Date at);

    /// Figures per unit are kept until the next change of anything.
    void forget_figures();

private:
    struct Queries {
        std::string name, text;
        std::string coarse_name, coarse_text;
        std::string cluster_name, cluster_text;
        std::vector<gis_core::layers::Attribute const*> columns;  // read from the record, in order
    };
    struct Figure {
        int products = 0, producers = 0;
    };
    using Figures = std::map<std::int64_t, Figure>;
    struct Span {
        gis_core::Date first;
        std::optional<gis_core::Date> last;
    };

    std::vector<Span> frames(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& level);
    gis_core::Date reference_day(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::layers::Layer const& layer, gis_core::Date at);
    std::shared_ptr<Figures const> figures(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& level, gis_core::Date at,
                                           gis_core::Date reference);
    void add_units(pqxx::transaction_base&, gis_core::db::Session&, gis_core::layers::Layer const&, gis_core::TileId, gis_core::Date, std::string&);
    void add_shapes(pqxx::transaction_base&, gis_core::db::Session&, gis_core::layers::Layer const&, gis_core::TileId, std::string&);
    void add_points(pqxx::transaction_base&, gis_core::db::Session&, gis_core::layers::Layer const&, gis_core::TileId, std::string&);

    gis_core::db::Pool& pool_;
    std::map<std::string, Queries> queries_;  // by layer id
    std::mutex mutex_;
    std::uint64_t version_ = 0;  // counts forget_figures()
    std::map<std::string, std::shared_ptr<Figures const>> figures_;
};

}  // namespace tile_server
