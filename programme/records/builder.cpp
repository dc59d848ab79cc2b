#include "programme/records/builder.hpp"

#include "gis_core/text/vietnamese.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

namespace programme::records {

std::string Builder::put(std::optional<std::string> value) {
    values_.push_back(std::move(value));
    return fmt::format("${}", values_.size());
}

std::string Builder::put(Value const& value) { return fmt::format(fmt::runtime(value.conversion), put(value.text)); }

pqxx::result Builder::run(pqxx::transaction_base& tx, std::string const& sql) const {
    std::vector<char const*> pointers;
    for (auto const& value : values_) pointers.push_back(value ? value->c_str() : nullptr);
    return tx.exec_params(sql, pqxx::prepare::make_dynamic_params(pointers));
}

std::vector<std::string> conditions_of(Lens const& lens, ListQuery const& query, Builder& builder) {
    auto const& entity = lens.entity;
    std::vector<std::string> where{query.retired ? "t.retired_at IS NOT NULL" : "t.retired_at IS NULL"};
    for (auto const& condition : query.conditions) where.push_back(condition.column + " " + builder.put(condition));
    if (query.parent) where.push_back(fmt::format("t.{} = {}::bigint", entity.parent->column, builder.put(*query.parent)));
    if (!query.q.empty()) {
        auto pattern = gis_core::text::fold(query.q);
        for (std::size_t i = 0; i < pattern.size(); ++i) {
            if (pattern[i] == '%' || pattern[i] == '_' || pattern[i] == '\\') pattern.insert(i++, 1, '\\');
        }
        auto const folded = entity.search_column.empty() ? fmt::format("pub.fold(t.{}::text)", entity.label_column) : "t." + entity.search_column;
        where.push_back(fmt::format("{} LIKE {}", folded, builder.put("%" + pattern + "%")));
    }
    if (query.bbox) {
        auto const number = [&](int i) { return builder.put(fmt::format("{}", (*query.bbox)[static_cast<std::size_t>(i)])) + "::float8"; };
        where.push_back(fmt::format("t.{} && ST_MakeEnvelope({}, {}, {}, {}, 4326)", entity.place()->column, number(0), number(1), number(2), number(3)));
    }
    return where;
}

}  // namespace programme::records
