#pragma once

#include "gis_core/geo/lon_lat.hpp"
#include "gis_core/geo/tile_id.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::layers {

/// One text in both languages of the programme.
struct Title {
    std::string vi, en;
};

enum class AttributeType { text, integer, number, boolean, date, array };  // an array holds texts

struct Attribute {
    std::string name;
    AttributeType type = AttributeType::text;
    Title title;
    bool is_in_tiles = true;
    bool is_derived = false;  // made for tiles; not a column of the layer's view
    bool is_sortable = true;
    bool is_queryable = true;

    /// A value that a request's parameter of its name can equal.
    bool is_simple() const noexcept { return type != AttributeType::array; }
};

/// How a layer becomes tiles; data/layers.toml says what each kind means.
enum class LayerKind { units, polygons, lines, points };

/// A base table whose rows change what the layer shows.
struct Dependency {
    std::string table;                    // "ocop.certificate"
    std::string affected;                 // SQL over the transition table `changed` → EPSG:3857 geometries
    std::vector<std::string> boundaries;  // date expressions over the table: days on which the layer changes by itself
    bool is_derived = false;              // it changes no more than derived attributes
    int line = 0;
};

struct Layer {
    std::string id;
    Title title;
    std::string view;             // "pub.commune"
    std::string key;              // feature id column, bigint
    std::string geometry_column;  // EPSG:4326
    std::string geometry_column_3857;
    std::string geometry_type;  // "MultiPolygon", "MultiLineString", "Point"
    LayerKind kind = LayerKind::units;
    std::string level;          // of geo.admin_unit, for units
    std::string tile_view;      // what tiles read instead of view; the same rows
    std::string coarse_column;  // of tile_view: generalised geometry for zooms up to coarse_zoom; may be empty
    int coarse_zoom = -1;
    std::string merge_by, merge_sum;  // of polygons: attributes by which small ones are merged, and that is summed up then
    bool counts_by_star = false;      // clusters carry star_3, star_4, star_5
    bool has_at = false;              // takes ?at=DATE
    bool shows_former = false;        // goes on showing its last frame after that ended
    std::string version_view;         // every version of its rows, shown from since_column to the day before until_column (may be empty)
    std::string since_column, until_column;
    std::string valid_from_column;  // empty: no time
    std::string valid_to_column;    // empty: for ever
    std::vector<Attribute> attributes;
    int min_zoom = 0, max_zoom = 14;
    LonLatBox bounds{};
    std::string style;
    std::vector<Dependency> depends;
    int line = 0;  // in the file, for messages

    Attribute const* find_attribute(std::string_view name) const;
    /// True when the tile's zoom is published and its ground touches the layer's bounds.
    bool covers(TileId tile) const;
};

struct Combination {
    std::string id;
    std::vector<std::string> layers;
};

/// data/layers.toml: every published layer, in the canonical order.
class Catalogue {
public:
    /// \throws Error(invalid_argument) naming file, line and column of the first mistake.
    static Catalogue load(std::filesystem::path const& file);
    static Catalogue parse(std::string_view text, std::string const& file_name);

    std::vector<Layer> const& layers() const noexcept { return layers_; }
    std::vector<Combination> const& combinations() const noexcept { return combinations_; }
    /// nullptr when there is no such layer.
    Layer const* find(std::string_view id) const;
    /// The layers of a comma-separated list, in the order given. A combination's id stands for its layers.
    /// \throws Error(not_found) naming what exists; Error(invalid_argument) for a layer named twice or an empty name.
    std::vector<Layer const*> find_list(std::string_view list) const;
    /// "communes" or "shoreline,rivers": the address under which a list is stored on disk; empty when it is not stored.
    /// Only single layers and the combinations, in their canonical order (T4).
    std::string stored_name(std::vector<Layer const*> const& list) const;
    std::vector<std::string> ids() const;

private:
    std::vector<Layer> layers_;
    std::vector<Combination> combinations_;
};

char const* to_string(AttributeType type) noexcept;

}  // namespace gis_core::layers
