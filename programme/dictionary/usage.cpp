#include "programme/dictionary/usage.hpp"

#include "programme/dictionary/sql/statements.hpp"

#include <pqxx/pqxx>

#include <utility>

namespace programme::dictionary {

std::map<int, Usage> field_usage(Dictionary const& dictionary, pqxx::transaction_base& tx) {
    std::map<std::pair<std::string, std::string>, Usage> counted;
    for (auto const& row : tx.exec_params(sql::field_counts.text))
        counted[{row[0].as<std::string>(), row[1].as<std::string>()}] = {row[2].as<std::int64_t>(), row[3].as<std::int64_t>()};
    std::map<int, Usage> out;
    for (auto const& field : dictionary.fields()) out[field.number] = counted[{field.table, field.column}];
    return out;
}

}  // namespace programme::dictionary
