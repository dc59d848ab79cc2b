#pragma once

#include "programme/records/records.hpp"

#include <pqxx/result>

#include <optional>
#include <string>
#include <vector>

namespace programme::records {

/// A statement that grows, and its parameters.
class Builder {
public:
    /// Adds a parameter; returns where it stands: "$3".
    std::string put(std::optional<std::string> value);
    /// The same for a value: the SQL that makes it of its text.
    std::string put(Value const& value);
    pqxx::result run(pqxx::transaction_base& tx, std::string const& sql) const;

private:
    std::vector<std::optional<std::string>> values_;
};

/// What a row `t` of the entity's table must be to stand in the list: to be joined by AND. Without the part (after, limit).
std::vector<std::string> conditions_of(Lens const& lens, ListQuery const& query, Builder& builder);

}  // namespace programme::records
