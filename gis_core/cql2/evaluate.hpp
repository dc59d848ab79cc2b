#pragma once

#include "gis_core/cql2/geos.hpp"
#include "gis_core/cql2/schema.hpp"

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace gis_core::cql2 {

struct Day {
    std::int64_t days;
    bool operator==(Day const&) const = default;
};
struct Moment {
    std::int64_t microseconds;
    bool operator==(Moment const&) const = default;
};
/// A value of a row: nothing, or what its queryable's type says. The row keeps what the views and pointers point to.
using Value = std::variant<std::monostate, bool, double, std::string_view, Day, Moment, GEOSGeometry const*, std::vector<std::string_view> const*>;

class Row {
public:
    virtual ~Row() = default;
    virtual Value value(int slot) const = 0;
};

/// A filter over rows in memory, with the answers of to_sql(). One thread at a time: it owns a GEOS context.
class Evaluator {
public:
    /// \pre check() has run on the filter
    explicit Evaluator(Node filter);
    ~Evaluator();
    Evaluator(Evaluator&&) noexcept;
    Evaluator& operator=(Evaluator&&) noexcept;

    /// Empty: unknown, as SQL's NULL. \throws Error(invalid_argument) when arithmetic leaves the range of a number, as SQL does.
    std::optional<bool> evaluate(Row const& row) const;
    bool matches(Row const& row) const { return evaluate(row).value_or(false); }

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gis_core::cql2
