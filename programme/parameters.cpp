#include "programme/parameters.hpp"

#include "gis_core/db/pool.hpp"

#include <fmt/format.h>

namespace programme {

Parameters& Parameters::null() {
    values_.push_back(nullptr);
    return *this;
}

Parameters& Parameters::text(std::string value) {
    owned_.push_back(std::move(value));
    values_.push_back(owned_.back().c_str());
    return *this;
}

Parameters& Parameters::real(std::optional<double> value) { return value ? text(fmt::format("{}", *value)) : null(); }

Parameters& Parameters::texts(std::vector<std::string> const& values) {
    if (values.empty()) return null();
    std::string literal = "{";
    for (auto const& value : values) {
        if (literal.size() > 1) literal += ',';
        literal += '"';
        for (char const c : value) {
            if (c == '"' || c == '\\') literal += '\\';
            literal += c;
        }
        literal += '"';
    }
    return text(literal + '}');
}

Parameters& Parameters::numbers(std::vector<long long> const& values) { return values.empty() ? null() : text(fmt::format("{{{}}}", fmt::join(values, ","))); }

pqxx::result execute(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::db::Statement const& statement, Parameters const& parameters) {
    session.prepare(statement);
    return tx.exec_prepared(statement.name, pqxx::prepare::make_dynamic_params(parameters.values()));
}

std::string text_or_empty(pqxx::row const& row, char const* column) {
    auto const field = row[column];
    return field.is_null() ? std::string{} : field.as<std::string>();
}

std::string like_literal(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (c == '\\' || c == '%' || c == '_') out += '\\';
        out += c;
    }
    return out;
}

}  // namespace programme
