#pragma once

#include "gis_core/db/pool.hpp"
#include "tile_server/render/scene_rows.hpp"
#include "tile_server/store/layer_store.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace tile_server {

/// Rows of pictures from the layers in memory, with the few things those do not hold read from the record once for each state of it.
class StoreRows {
public:
    /// \pre all live longer
    StoreRows(LayerStore const& store, gis_core::layers::Catalogue const& catalogue, gis_core::db::Pool& pool)
        : store_{store}, catalogue_{catalogue}, pool_{pool} {}

    /// Rows for a picture that reads nothing outside the box, as of a day; nothing where memory may be behind the record, and for a day on
    /// which the level that is coloured ("communes") has no lines.
    std::unique_ptr<SceneRows> rows(gis_core::MercatorBox const& box, gis_core::Date day, std::string const& coloured, std::string const& measure);

private:
    class Rows;
    using Versions = std::map<std::string, std::shared_ptr<LayerVersion const>, std::less<>>;
    struct Place {
        double x, y;
    };
    using Places = std::map<std::int64_t, Place>;  // by unit

    std::shared_ptr<Places const> label_places(LayerVersion const& units);
    std::vector<std::string> former_lines(LayerVersion const& units, std::string const& day, int outline_zoom);
    /// A point inside each of those rows, computed once for a row.
    std::vector<Place> points_inside(std::shared_ptr<Segment const> const& zones, std::vector<std::uint32_t> const& rows);

    LayerStore const& store_;
    gis_core::layers::Catalogue const& catalogue_;
    gis_core::db::Pool& pool_;
    std::mutex mutex_;
    std::map<std::string, std::pair<std::uint64_t, std::shared_ptr<Places const>>> places_;  // by level, with the version's number
    std::map<std::string, std::pair<std::uint64_t, std::vector<std::string>>> former_lines_;
    struct Inside {
        std::weak_ptr<Segment const> segment;
        std::vector<Place> points;  // by row; no numbers: not computed yet
    };
    std::mutex inside_mutex_;
    std::map<Segment const*, Inside> inside_;
};

}  // namespace tile_server
