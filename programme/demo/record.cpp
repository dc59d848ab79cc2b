#include "programme/demo/record.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "programme/demo/files.hpp"
#include "programme/demo/sql/statements.hpp"
#include "programme/dictionary/dictionary.hpp"
#include "programme/parameters.hpp"
#include "programme/records/values.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

namespace programme::demo {

namespace {

/// The sample's identity and insurance numbers, none of them anybody's: province 099 does not exist.
void seal_numbers(pqxx::transaction_base& tx, dictionary::Dictionary const& fields, accounts::Vault const& vault) {
    constexpr long long kProducers = 1000;  // with a full record; see record_ways.sql
    auto const identity = records::seal_owner(*fields.entity("representatives-private").find("legal_rep_identity_no"));
    auto const insurance = records::seal_owner(*fields.entity("insured-workers").find("worker_insurance_no"));
    std::vector<std::string> tags, sealed;
    std::vector<long long> numbers;
    for (long long i = 1; i <= kProducers; ++i) {
        for (auto const& [tag, owner, digits] :
             {std::tuple{"identity", identity, fmt::format("0990{:08}", i)}, std::tuple{"insurance1", insurance, fmt::format("099{:07}", i)},
              std::tuple{"insurance2", insurance, fmt::format("098{:07}", i)}}) {
            tags.emplace_back(tag);
            numbers.push_back(i);
            sealed.push_back(vault.seal(digits, owner));
        }
    }
    Parameters parameters;
    parameters.texts(tags).numbers(numbers).texts(sealed);
    tx.exec_params(sql::sealed_numbers.text, pqxx::prepare::make_dynamic_params(parameters.values()));
}

}  // namespace

void clear_record(pqxx::transaction_base& tx) { tx.exec(sql::record_clear.text); }

void load_record(pqxx::transaction_base& tx, std::filesystem::path const& data, SampleConfig const& config) {
    tx.exec_params("SELECT set_config('demo.seed', $1, true), set_config('demo.today', $2, true)", config.seed, config.today.iso());
    auto const fields = dictionary::Dictionary::load(data);
    tx.exec(sql::record_ways.text);
    load_files(tx, config.files);
    if (accounts::Vault const vault{config.secret_key}; vault.has_key()) seal_numbers(tx, fields, vault);
    for (auto const& part :
         {sql::record_territory, sql::record_producers, sql::record_products, sql::record_raw_material, sql::record_dossiers, sql::record_market})
        tx.exec(part.text);

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
