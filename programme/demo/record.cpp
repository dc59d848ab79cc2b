#include "programme/demo/record.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "programme/demo/sql/statements.hpp"
#include "programme/dictionary/dictionary.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>

namespace programme::demo {

void clear_record(pqxx::transaction_base& tx) { tx.exec(sql::record_clear.text); }

void load_record(pqxx::transaction_base& tx, std::filesystem::path const& data, SampleConfig const& config) {
    tx.exec_params("SELECT set_config('demo.seed', $1, true), set_config('demo.today', $2, true)", config.seed, config.today.iso());
    for (auto const& part : {sql::record_ways, sql::record_territory, sql::record_producers, sql::record_products, sql::record_raw_material,
                             sql::record_dossiers, sql::record_market})
        tx.exec(part.text);

    auto const fields = dictionary::Dictionary::load(data);
    auto const planted = gis_core::io::read_csv(data / "demo/planted.csv");
    for (auto const& row : planted.rows) {
        auto const& table = planted.at(row, "table");
        auto const& entities = fields.entities();
        auto const entity = std::find_if(entities.begin(), entities.end(), [&](auto const& e) { return e.table == table; });
        if (entity == entities.end() || entity->find(planted.at(row, "column")) == nullptr)
            throw gis_core::invalid_field(fmt::format("planted.csv:{}: column", row.line), table + "." + planted.at(row, "column"),
                                          "a field of dictionary.csv");
        tx.exec_params(fmt::format("UPDATE {0} SET {1} = $1 WHERE {2} = (SELECT min({2}) FROM {0} WHERE external_id LIKE 'demo-%')", table,
                                   tx.quote_name(planted.at(row, "column")), tx.quote_name(entity->key)),
                       planted.at(row, "value"));
    }
}

}  // namespace programme::demo
