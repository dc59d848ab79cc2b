#pragma once

#include "gis_core/json.hpp"
#include "programme/access/access.hpp"
#include "programme/accounts/secrets.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace programme::records {

/// A column of a statement: its value as PostgreSQL reads it, and how it is put there ("$3::date").
struct Value {
    std::string column;
    std::string conversion;  // SQL that makes the value of its text; {} is where the text stands, as $3
    std::optional<std::string> text;
};

/// Checks what people may send for an entity against the dictionary, all of it before anything is written.
/// whole: every required field must be there (create, replace), and what is not there becomes empty.
/// Sealed fields are sealed under the vault here, so that nothing behind sees their digits; masked as they were read they stay as they are.
/// \throws gis_core::Error(invalid_argument) with one entry for every wrong field: its name, its value, what is allowed.
std::vector<Value> read_values(dictionary::Entity const& entity, gis_core::Json const& sent, std::string_view role, bool whole,
                               accounts::Vault const* vault = nullptr);

/// What a sealed field is bound to: its place in the record, so that it opens in no other.
std::string seal_owner(dictionary::Field const& field);
/// "•••••••••123": how a sealed number is shown. Dots only when it does not open.
std::string masked(dictionary::Field const& field, std::string const& sealed_hex, accounts::Vault const* vault);

/// One condition of a list, such as kind=household or price.min=10000.
Value read_condition(dictionary::Field const& field, std::string const& name, std::string const& text);

/// How a column of that field is written in SQL as a parameter.
std::string_view cast_of(dictionary::Field const& field);

}  // namespace programme::records
