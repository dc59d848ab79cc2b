#include "programme/records/tile.hpp"

#include "gis_core/error.hpp"
#include "programme/records/builder.hpp"
#include "programme/records/sql/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/binarystring>
#include <pqxx/pqxx>

namespace programme::records {
namespace {

constexpr int kCells = 16;  // along a side: 32 pixels of a tile drawn at 512

dictionary::Field const& place_of(dictionary::Entity const& entity) {
    if (auto const* field = entity.place()) return *field;
    throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("{} have no place on the map", entity.id)};
}

/// The label where the role may see it.
std::string label_of(Lens const& lens) {
    auto const* field = lens.entity.find(lens.entity.label_column);
    bool const is_seen = field == nullptr || (lens.sees(*field) && !dictionary::is_sealed(*field));
    return is_seen ? fmt::format("left(t.{}::text, 200)", lens.entity.label_column) : "NULL::text";
}

}  // namespace

std::string tile(pqxx::transaction_base& tx, Lens const& lens, ListQuery const& query, gis_core::TileId tile) {
    auto const& entity = lens.entity;
    auto const& place = place_of(entity);
    if (!lens.sees(place)) throw gis_core::Error{gis_core::ErrorKind::forbidden, fmt::format("the role {} may not see {}", lens.role, place.column)};
    Builder builder;
    auto const number = [&](std::uint32_t value) { return builder.put(std::to_string(value)) + "::integer"; };
    auto const z = number(tile.z), x = number(tile.x), y = number(tile.y);
    auto where = conditions_of(lens, query, builder);
    auto const& form = tile.z <= kTileGroupsTo ? sql::record_tile_groups : sql::record_tile;
    auto const sql = fmt::format(fmt::runtime(form.text), fmt::arg("z", z), fmt::arg("x", x), fmt::arg("y", y), fmt::arg("layer", tx.quote(entity.id)),
                                 fmt::arg("key", entity.key), fmt::arg("label", label_of(lens)), fmt::arg("place", place.column),
                                 fmt::arg("table", entity.table), fmt::arg("where", fmt::join(where, " AND ")), fmt::arg("rows", kTileRows),
                                 fmt::arg("cells", kCells));
    tx.exec("SET LOCAL max_parallel_workers_per_gather = 0");  // starting a worker takes longer than the tile
    auto const found = builder.run(tx, sql);
    if (found.empty() || found[0][0].is_null()) return {};
    pqxx::binarystring const bytes{found[0][0]};
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

std::optional<std::array<double, 4>> extent(pqxx::transaction_base& tx, Lens const& lens) {
    auto const* place = lens.entity.place();
    if (place == nullptr || !lens.sees(*place)) return std::nullopt;
    auto const row = tx.exec1(fmt::format("SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT ST_Extent(t.{}) AS e FROM {} t WHERE t.retired_at IS NULL) b",
                                          place->column, lens.entity.table));
    if (row[0].is_null()) return std::nullopt;
    return std::array{row[0].as<double>(), row[1].as<double>(), row[2].as<double>(), row[3].as<double>()};
}

}  // namespace programme::records
