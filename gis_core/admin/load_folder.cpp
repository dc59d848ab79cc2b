#include "gis_core/admin/load_folder.hpp"

#include "gis_core/admin/sql/statements.hpp"
#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "gis_core/io/stage.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <array>

namespace gis_core::admin {
namespace {

struct File {
    char const* path;
    std::size_t rows;  // what the frame of that date counts; 0: any number
};

std::array<File, 11> constexpr kFiles{{{"boundaries/communes_2025_new.geojson", 48},
                                       {"boundaries/communes_old_148_nested.geojson", 148},
                                       {"boundaries/communes_old_148.geojson", 148},
                                       {"boundaries/communes_pre2009_160.geojson", 160},
                                       {"boundaries/districts_old_9.geojson", 9},
                                       {"boundaries/province_old_ben_tre.geojson", 1},
                                       {"boundaries/province_2025_vinh_long.geojson", 1},
                                       {"context/gshhg_shoreline.geojson", 0},
                                       {"context/gshhg_rivers.geojson", 0},
                                       {"tables/crosswalk_2025.csv", 148},
                                       {"tables/census2019_population_164.csv", 164}}};

}  // namespace

void load_folder(pqxx::transaction_base& tx, std::filesystem::path const& folder, std::filesystem::path const& facts,
                 std::function<void(std::string_view)> const& said) {
    tx.exec(sql::raw_create.text);
    for (auto const& file : kFiles) {
        auto const path = folder / file.path;
        io::FeatureReader reader{path, {}};
        auto const rows = io::stage_features(tx, reader, path.stem().string());
        if (file.rows != 0 && rows != file.rows) {
            throw Error{ErrorKind::invalid_argument, fmt::format("{} has {} rows, expected {}", path.string(), rows, file.rows)};
        }
        auto const bad = tx.exec("SELECT line, geometry_problem FROM raw_feature WHERE file = " + tx.quote(path.stem().string()) +
                                 " AND (geometry_problem IS NOT NULL OR NOT coalesce(ST_IsValid(geom), true)) LIMIT 1");
        if (!bad.empty()) {
            throw Error{ErrorKind::invalid_argument,
                        fmt::format("{} feature {}: {}", path.string(), bad[0][0].as<std::string>(), bad[0][1].as<std::string>("the geometry is not valid"))};
        }
        said(fmt::format("{}: {} rows", file.path, rows));
    }
    auto const changes = io::read_csv(facts / "commune_changes.csv");
    tx.exec(
        "CREATE TEMP TABLE change_row (effective date, kind text, old_code text, new_code text, new_name text, new_type text,"
        " document text, confidence text, area_ha numeric, of_ha numeric) ON COMMIT DROP");
    for (auto const& row : changes.rows) {
        tx.exec_params("INSERT INTO change_row VALUES ($1::date, $2, $3, $4, $5, $6, nullif($7, ''), $8, nullif($9, '')::numeric, nullif($10, '')::numeric)",
                       row.values[0], row.values[1], row.values[2], row.values[3], row.values[4], row.values[5], row.values[6], row.values[7], row.values[8],
                       row.values[9]);
    }
    tx.exec(sql::stage_create.text);
    tx.exec(sql::derive_frames.text);
    tx.exec(sql::stage_publish.text);
    tx.exec(sql::refresh_frames.text);
    tx.exec(sql::load_context.text);
    for (auto const& row :
         tx.exec("SELECT level || ' ' || valid_from || ' to ' || coalesce(valid_to::text, 'now') || ': ' || units || ' (' || geometry_state || ')'"
                 " FROM geo.frame ORDER BY level, valid_from")) {
        said(row[0].as<std::string>());
    }
}

}  // namespace gis_core::admin
