#pragma once

#include "gis_core/geo/lon_lat.hpp"

#include <pqxx/transaction_base>

#include <filesystem>
#include <string>
#include <vector>

namespace programme::demo {

/// An old commune as the layout needs it.
struct SchematicUnit {
    std::string code, district, new_code;
};

/// A synthetic position for every unit, in the same order: evenly spread inside the schematic shoreline, the units of one
/// new commune and of one district side by side. Nothing here is computed from real geometry. Always the same.
std::vector<gis_core::LonLat> lay_out(std::vector<SchematicUnit> const& units);

/// The schematic shoreline, anticlockwise and closed.
std::vector<gis_core::LonLat> const& schematic_shoreline();

/// Loads data/demo: real names, codes, dates and crosswalk of provinces, districts and communes, with schematic shapes
/// (geometry_state = 'schematic'), the context lines and the row of geo.data_set. with_country: and an invented land beside
/// them, so that there are as many communes as in the whole country, 3,321 from 2025-07-01 on.
/// \pre geo.admin_unit is empty.
void load_schematic_units(pqxx::transaction_base& tx, std::filesystem::path const& data, bool with_country = false);

}  // namespace programme::demo
