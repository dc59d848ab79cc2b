#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core::db {
class Session;
struct Statement;
}  // namespace gis_core::db
namespace pqxx {
class transaction_base;
class result;
class row;
}  // namespace pqxx

namespace programme {

/// The values of $1, $2, … of a prepared statement, in order; NULL where there is none.
class Parameters {
public:
    Parameters& null();
    Parameters& text(std::string value);
    Parameters& number(long long value) { return text(std::to_string(value)); }
    Parameters& number(std::optional<long long> value) { return value ? number(*value) : null(); }
    Parameters& real(std::optional<double> value);
    Parameters& truth(bool value) { return text(value ? "t" : "f"); }
    /// A PostgreSQL array literal; NULL when empty.
    Parameters& texts(std::vector<std::string> const& values);
    Parameters& numbers(std::vector<long long> const& values);

    std::vector<char const*> const& values() const { return values_; }

private:
    std::deque<std::string> owned_;
    std::vector<char const*> values_;
};

/// Prepares on first use, then runs.
pqxx::result execute(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::db::Statement const& statement, Parameters const& parameters = {});

/// The text of a column, empty where it is NULL.
std::string text_or_empty(pqxx::row const& row, char const* column);

/// The text between % signs of a LIKE pattern: \, % and _ stand for themselves.
std::string like_literal(std::string_view text);

}  // namespace programme
