#include "programme/record/import_kinds.hpp"

#include "gis_core/io/stage.hpp"
#include "programme/record/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

namespace programme::record {

std::vector<gis_core::io::ImportKind> const& import_kinds() {
    using Kind = gis_core::io::ImportKind;
    static std::vector<Kind> const kKinds{
        {"producers", Kind::Geometry::point, false, {"name", "kind", "registered_on"}, sql::import_producers_check, sql::import_producers_merge, {}, false},
        {"products",
         Kind::Geometry::none,
         false,
         {"name", "producer|producer_id", "registered_on"},
         sql::import_products_check,
         sql::import_products_merge,
         {},
         false},
        {"certificates",
         Kind::Geometry::none,
         false,
         {"product|product_id", "star", "issued_on"},
         sql::import_certificates_check,
         sql::import_certificates_merge,
         {},
         false},
        {"sales-points",
         Kind::Geometry::point,
         true,
         {"name", "kind", "opened_on"},
         sql::import_sales_points_check,
         sql::import_sales_points_merge,
         {},
         false}};
    return kKinds;
}

void load_press_list(pqxx::transaction_base& tx, std::filesystem::path const& file, std::function<void(std::string_view)> const& said) {
    gis_core::io::FeatureReader reader{file, {}};
    auto const rows = gis_core::io::stage_features(tx, reader, "ocop_products_press");
    tx.exec(sql::load_press.text);
    auto const left_out = tx.exec(
        "SELECT line, product, CASE WHEN producer IS NULL THEN 'no producer is named' WHEN commune IS NULL THEN 'no commune is named'"
        " ELSE 'no commune bears this name on that day' END AS reason FROM press WHERE producer IS NULL OR unit_key IS NULL ORDER BY line");
    said(fmt::format("press list: {} of {} products name producer and commune", rows - static_cast<std::size_t>(left_out.size()), rows));
    for (auto const& row : left_out) said(fmt::format("  line {} {}: left out, {}", row[0].as<int>(), row[1].as<std::string>(), row[2].as<std::string>()));
}

}  // namespace programme::record
