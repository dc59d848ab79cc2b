#include "programme/record/published_figures.hpp"

#include "gis_core/admin/sql/statements.hpp"
#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "gis_core/io/feature_reader.hpp"
#include "gis_core/io/stage.hpp"
#include "programme/record/sql/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace programme::record {
namespace {

struct Table {
    char const* name;
    std::vector<std::string> columns;
};

void check_columns(gis_core::io::FeatureReader const& reader, std::filesystem::path const& file, Table const& table) {
    for (auto const& column : table.columns) {
        auto const& there = reader.fields();
        if (std::find(there.begin(), there.end(), column) != there.end()) continue;
        throw gis_core::Error{gis_core::ErrorKind::invalid_argument,
                              fmt::format("{} has no column {}; its columns are {}", file.string(), column, fmt::join(there, ", "))};
    }
}

}  // namespace

void load_published_figures(pqxx::transaction_base& tx, std::filesystem::path const& folder, std::filesystem::path const& crops, bool is_demo,
                            std::function<void(std::string_view)> const& said) {
    static std::array<Table, 2> const kTables{{{"agri_stats", {"item", "measure", "year", "level", "unit_code", "unit_name", "value", "note", "source_url"}},
                                               {"ocop_counts", {"as_of", "total", "stars3", "stars4", "potential5", "producers", "note", "source_url"}}}};
    if (tx.exec1("SELECT to_regclass('pg_temp.raw_feature') IS NULL")[0].as<bool>()) tx.exec(gis_core::admin::sql::raw_create.text);
    for (auto const& table : kTables) {
        auto const file = folder / (std::string{table.name} + ".csv");
        if (!std::filesystem::exists(file)) continue;
        gis_core::io::FeatureReader reader{file, {}};
        check_columns(reader, file, table);
        gis_core::io::stage_features(tx, reader, table.name);
    }
    std::string codes = "{";
    auto const known = gis_core::io::read_csv(crops);
    for (auto const& row : known.rows) codes += (codes.size() > 1 ? "," : "") + known.at(row, "code");
    tx.exec("CREATE TEMP TABLE figure_option (crops text[], is_demo boolean) ON COMMIT DROP");
    tx.exec_params("INSERT INTO figure_option VALUES ($1::text[], $2)", codes + "}", is_demo);
    tx.exec(sql::figures_check.text);
    tx.exec(sql::figures_merge.text);
    auto const bad = tx.exec("SELECT file, line, field, problem FROM figure_row WHERE problem IS NOT NULL ORDER BY file, line, column_name");
    auto const rows = tx.exec1("SELECT count(*) FROM figure_row")[0].as<std::size_t>();
    if (rows > 0) said(fmt::format("press figures: {} of {} taken", rows - static_cast<std::size_t>(bad.size()), rows));
    for (auto const& row : bad) {
        said(fmt::format("  {} line {}, {}: {}; left out", row[0].as<std::string>(), row[1].as<int>(), row[2].as<std::string>(), row[3].as<std::string>()));
    }
}

}  // namespace programme::record
