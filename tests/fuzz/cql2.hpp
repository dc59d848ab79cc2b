#pragma once

#include "gis_core/cql2/evaluate.hpp"
#include "gis_core/cql2/sql.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <vector>

namespace fuzz {

/// A row without a place and with nothing in half of its columns.
struct FixedRow : gis_core::cql2::Row {
    gis_core::cql2::Value value(int slot) const override {
        switch (slot) {
        case 1: return std::string_view{"Dừa sáp"};
        case 2: return 4.0;
        case 3: return gis_core::cql2::Day{20'000};
        case 4: return true;
        default: return {};
        }
    }
};

/// What a filter goes through: read back from both notations, checked, as SQL and in memory.
inline void use(gis_core::cql2::Node const& node) {
    namespace cql2 = gis_core::cql2;
    using cql2::Type;
    static cql2::Schema const schema{{{"geom", Type::geometry, {}, "t.geom", false},
                                      {"name", Type::text, {}, "t.name", false},
                                      {"star", Type::number, {}, "t.star", true},
                                      {"day", Type::date, {}, "t.day", false},
                                      {"flag", Type::boolean, {}, "t.flag", false},
                                      {"seen", Type::timestamp, {}, "t.seen", false},
                                      {"marks", Type::array, Type::text, "t.marks", false}}};
    require(cql2::parse_json(cql2::to_json(node)) == node, "JSON is read back");
    auto checked = node;
    cql2::check(checked, schema);
    std::vector<std::string> values;
    auto const sql = cql2::to_sql(checked, schema, values);
    require(sql.find("$" + std::to_string(values.size() + 1)) == std::string::npos, "every parameter has a value");
    cql2::Evaluator{checked}.evaluate(FixedRow{});
}

}  // namespace fuzz
