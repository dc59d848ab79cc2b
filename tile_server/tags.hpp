#pragma once

#include "gis_core/layers/catalogue.hpp"
#include "tile_server/mvt_writer.hpp"

#include <pqxx/result>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

/// What tiles made from the record and from the layer store have in common.
namespace tile_server {

/// Cells along one side of a tile: a cluster stands for 32 pixels of a tile drawn at 512.
inline constexpr int kCells = 16;

/// A column of the record as an attribute; a date is a text.
std::optional<MvtValue> value_of(pqxx::field const& field, gis_core::layers::AttributeType type);

/// Rows of a cell, and how many of them have 3, 4 and 5 stars.
void add_counts(gis_core::layers::Layer const& layer, std::int64_t count, std::array<std::int64_t, 3> const& stars, std::vector<MvtLayer::Tag>& tags);

}  // namespace tile_server
