#include "gis_core/geo/tile_matrix_set.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace gis_core {
namespace {

std::optional<std::uint32_t> number_of(std::string_view text) {
    std::uint32_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    return value;
}

}  // namespace

double TileMatrixSet::cell_size_of(int level) const { return std::ldexp(cell_size, -level); }

crs::MapBox TileMatrixSet::bounds(TileId tile) const {
    auto const side = cell_size_of(tile.z) * kTileCells;
    auto const left = west + tile.x * side, top = north - tile.y * side;
    return {left, top - side, left + side, top};
}

int TileMatrixSet::web_zoom(int level) const {
    return static_cast<int>(std::lround(std::log2(2 * kMercatorHalfWidth_m / kTileCells / (cell_size_of(level) * crs->metres_per_unit()))));
}

TileId TileMatrixSet::parse(std::string_view level_text, std::string_view row_text, std::string_view column_text) const {
    auto const level = number_of(level_text), row = number_of(row_text), column = number_of(column_text);
    auto const refuse = [&](char const* field, std::string_view value, std::string const& allowed) {
        throw Error{ErrorKind::not_found, fmt::format("{} is {}, must be {} in {}", field, value, allowed, id), {{field, std::string{value}, allowed}}};
    };
    if (!level || *level > static_cast<std::uint32_t>(max_level)) refuse("tileMatrix", level_text, fmt::format("0 to {}", max_level));
    auto const z = static_cast<int>(*level);
    if (!row || *row >= rows_of(z)) refuse("tileRow", row_text, fmt::format("0 to {}", rows_of(z) - 1));
    if (!column || *column >= columns_of(z)) refuse("tileCol", column_text, fmt::format("0 to {}", columns_of(z) - 1));
    return {static_cast<std::uint8_t>(z), *column, *row};
}

std::vector<TileMatrixSet::Limits> TileMatrixSet::limits(LonLatBox const& box, int min_web_zoom, int max_web_zoom) const {
    auto const here = crs::MapProjection{*crs}.from_lon_lat(box);
    std::vector<Limits> out;
    for (int level = 0; level <= max_level; ++level) {
        if (web_zoom(level) < min_web_zoom || web_zoom(level) > max_web_zoom) continue;
        auto const side = cell_size_of(level) * kTileCells;
        auto const index = [side](double distance, std::uint32_t count) {
            return static_cast<std::uint32_t>(std::clamp(std::floor(distance / side), 0.0, static_cast<double>(count) - 1));
        };
        out.push_back({level, index(north - here.north, rows_of(level)), index(north - here.south, rows_of(level)), index(here.west - west, columns_of(level)),
                       index(here.east - west, columns_of(level))});
    }
    return out;
}

std::vector<TileMatrixSet> const& tile_matrix_sets() {
    static std::vector<TileMatrixSet> const kSets = [] {
        constexpr double kVn2000Cell_m = 11468.8;  // 1:40,960,000 at 0.28 mm a cell
        constexpr double kVn2000Side_m = kVn2000Cell_m * TileMatrixSet::kTileCells;
        constexpr auto kRegistered = "http://www.opengis.net/def/tilematrixset/OGC/1.0/";
        auto const crs = [](std::string_view name) { return &crs::get_reference_system("crs", name); };
        std::vector<TileMatrixSet> sets{
            {"WebMercatorQuad", std::string{kRegistered} + "WebMercatorQuad", "Web Mercator", "Web Mercator", crs("EPSG:3857"), -kMercatorHalfWidth_m,
             kMercatorHalfWidth_m, 2 * kMercatorHalfWidth_m / TileMatrixSet::kTileCells, 1, 1, TileId::kMaxZoom},
            {"WorldCRS84Quad", std::string{kRegistered} + "WorldCRS84Quad", "Kinh độ, vĩ độ WGS 84", "WGS 84 longitude and latitude", crs("CRS:84"), -180, 90,
             180.0 / TileMatrixSet::kTileCells, 2, 1, 17}};
        for (auto const& [id, name, title] : {std::tuple{"VN2000TM3-10545Quad", "EPSG:9210", "VN-2000 / TM-3 105-45"},
                                              std::tuple{"VN2000TM3-10530Quad", "EPSG:9209", "VN-2000 / TM-3 105-30"}}) {
            sets.push_back({id, "", title, title, crs(name), 500'000 - kVn2000Side_m / 2, kVn2000Side_m, kVn2000Cell_m, 1, 1, 14});
        }
        return sets;
    }();
    return kSets;
}

TileMatrixSet const& find_tile_matrix_set(std::string_view id) {
    std::vector<std::string_view> known;
    for (auto const& set : tile_matrix_sets()) {
        if (set.id == id) return set;
        known.push_back(set.id);
    }
    auto const allowed = fmt::format("{}", fmt::join(known, ", "));
    throw Error{
        ErrorKind::not_found, fmt::format("there is no tile matrix set {}; there are {}", id, allowed), {{"tileMatrixSetId", std::string{id}, allowed}}};
}

TileId enclosing_tile(LonLatBox const& box) {
    constexpr std::uint8_t kFinest = 18;
    auto const first = TileId::containing({box.west, std::min(box.north, 85.0)}, kFinest),
               last = TileId::containing({box.east, std::max(box.south, -85.0)}, kFinest);
    for (std::uint8_t zoom = kFinest;; --zoom) {
        if (zoom == 0 || first.ancestor(zoom) == last.ancestor(zoom)) return first.ancestor(zoom);
    }
}

}  // namespace gis_core
