#pragma once

#include "gis_core/cql2/expression.hpp"
#include "gis_core/date.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/geo/tile_matrix_set.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "tile_server/store/figures.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tile_server {

class LayerStore;
struct Filter;

/// Makes vector tiles (MVT 2.1) from the layer store, and from the record where that does not hold what is asked. Safe from
/// many threads.
class VectorSource {
public:
    VectorSource(gis_core::db::Pool& pool, gis_core::layers::Catalogue const& catalogue, LayerStore const& store);

    /// The tile of the layers as of a day; empty when nothing stands in it. Layers that do not cover the tile add nothing.
    /// filter: of the rows of the only layer; may be nullptr. between_layers: called before each; what it throws ends the render.
    std::string render(std::vector<gis_core::layers::Layer const*> const& layers, gis_core::TileId tile, gis_core::Date at, Filter const* filter = nullptr,
                       std::function<void()> const& between_layers = {});

    /// The same rows in the tiles of another matrix set, from the record; or those of one layer that a filter leaves (it counts in clusters too).
    /// search: what the tile covers with its buffer. \pre cql2::check() has run
    std::string render_grid(gis_core::TileMatrixSet const& set, std::vector<gis_core::layers::Layer const*> const& layers, gis_core::TileId tile,
                            gis_core::MercatorBox const& search, gis_core::Date at, gis_core::cql2::Node const* filter);

    /// \throws gis_core::Error(not_found) naming the nearest frames when a layer of units has no lines on that day.
    void check_date(std::vector<gis_core::layers::Layer const*> const& layers, gis_core::Date at);

private:
    struct Query {
        std::string name, text;
        std::string filtered;  // the text with a place for a condition
        std::string rows;      // the name of the rows that the condition is about
    };
    struct Queries {
        Query all, coarse, clusters;
        std::vector<gis_core::layers::Attribute const*> columns;  // read from the record, in order
    };
    struct Grid;
    struct Span {
        gis_core::Date first;
        std::optional<gis_core::Date> last;
    };

    std::vector<Span> frames(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& level);
    static std::vector<Span> spans_of(LayerVersion const& version);
    static gis_core::Date shown_day(gis_core::layers::Layer const& layer, std::vector<Span> const& spans, gis_core::Date at);
    static void check_date(gis_core::layers::Layer const& layer, std::vector<Span> const& spans, gis_core::Date at);
    gis_core::Date reference_day(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::layers::Layer const& layer, gis_core::Date at);
    std::shared_ptr<Figures const> figures(pqxx::transaction_base& tx, gis_core::db::Session& session, std::string const& level, gis_core::Date at,
                                           gis_core::Date reference);
    using Transaction = pqxx::transaction_base;
    void add_layer(Transaction&, gis_core::db::Session&, gis_core::layers::Layer const&, gis_core::TileId, gis_core::Date, Filter const*, std::string&);
    void add_units(Transaction&, gis_core::db::Session&, gis_core::layers::Layer const&, gis_core::TileId, gis_core::Date, Filter const*, std::string&);
    void add_shapes(Transaction&, gis_core::db::Session&, gis_core::layers::Layer const&, gis_core::TileId, Filter const*, std::string&);
    void add_points(Transaction&, gis_core::db::Session&, gis_core::layers::Layer const&, gis_core::TileId, Filter const*, std::string&);
    template <typename... Values>
    static pqxx::result run(Transaction&, gis_core::db::Session&, gis_core::layers::Layer const&, Query const&, Filter const*, Values...);

    void add_grid_units(Transaction&, gis_core::db::Session&, Grid const&, gis_core::layers::Layer const&, gis_core::Date, std::string&);
    void add_grid_shapes(Transaction&, Grid const&, gis_core::layers::Layer const&, std::string&);
    void add_grid_points(Transaction&, Grid const&, gis_core::layers::Layer const&, std::string&);

    gis_core::db::Pool& pool_;
    LayerStore const& store_;
    std::map<std::string, Queries> queries_;  // by layer id
};

}  // namespace tile_server
