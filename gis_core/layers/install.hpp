#pragma once

#include "gis_core/layers/catalogue.hpp"

#include <string>
#include <vector>

namespace gis_core::layers {

/// Holds the catalogue against a database: views, columns and their types, geometry and SRID, declared tables against
/// those that the views really read (T1), the SQL of each declaration. One line a finding, "layers.toml:12: …"; empty: all right.
std::vector<std::string> check(Catalogue const& catalogue, std::string const& conninfo);

struct Installed {
    int triggers = 0;      // tables that now ring
    int frames = 0;        // generalised frames (re)built
    bool changed = false;  // the declarations differ from before: every tile cache empties itself
};

/// Installs what the catalogue declares: tile.depends, the statement triggers (T3), the generalised outlines (T9).
/// In one transaction. Runs as the owner. \throws Error(invalid_argument) with the findings of check().
Installed apply(Catalogue const& catalogue, std::string const& conninfo);

}  // namespace gis_core::layers
