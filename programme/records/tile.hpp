#pragma once

#include "gis_core/geo/tile_id.hpp"
#include "programme/records/records.hpp"

#include <string>

namespace programme::records {

/// Down to this zoom rows of a cell of 32 pixels stand together as one point with their number; from the next on each has its shape.
inline constexpr int kTileGroupsTo = 11;
inline constexpr int kTileLastZoom = 16;  // what clients draw larger
/// A tile of more rows than this shows the first ones.
inline constexpr int kTileRows = 20'000;

/// A vector tile (MVT 2.1) of the rows that the transaction's role reaches and the query asks for; one layer, named as the entity.
/// A feature has the row's key as its id and its label, or point_count for a group. Empty: nothing is there.
std::string tile(pqxx::transaction_base& tx, Lens const& lens, ListQuery const& query, gis_core::TileId tile);
/// Where those rows lie: west, south, east, north in OGC:CRS84; empty when there are none.
std::optional<std::array<double, 4>> extent(pqxx::transaction_base& tx, Lens const& lens);

}  // namespace programme::records
