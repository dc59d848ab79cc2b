#pragma once

#include "gis_core/cql2/evaluate.hpp"
#include "gis_core/cql2/schema.hpp"

#include <pqxx/connection>

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace cql2_test {

namespace cql2 = gis_core::cql2;

/// The rows of one table, counted by both back ends: by PostGIS where they lie, and in memory.
class DataSet {
public:
    /// source: what stands after FROM, with the alias t.
    DataSet(std::string const& conninfo, std::string source, cql2::Schema schema);
    /// The schema is the table's columns; text[] are arrays.
    static cql2::Schema schema_of(std::string const& conninfo, std::string const& table);

    struct Counts {
        long in_sql = 0, in_memory = 0;
        std::string error_in_sql, error_in_memory;
        bool agree() const { return in_sql == in_memory && error_in_sql.empty() == error_in_memory.empty(); }
    };
    /// filter: checked against schema() here. \throws Error(invalid_argument) when it does not fit.
    Counts count(cql2::Node filter) const;

    cql2::Schema const& schema() const { return schema_; }
    std::size_t size() const { return rows_.size(); }
    /// A value of a row as CQL2 text, for filters that hit; empty for null.
    std::string literal(std::size_t row, std::size_t slot) const;

private:
    struct MemoryRow : cql2::Row {
        std::vector<cql2::Value> values;
        cql2::Value value(int slot) const override { return values[static_cast<std::size_t>(slot)]; }
    };
    void load();

    std::string source_;
    cql2::Schema schema_;
    std::unique_ptr<pqxx::connection> connection_;
    std::unique_ptr<cql2::Geos> geos_ = std::make_unique<cql2::Geos>();
    std::deque<std::string> texts_;
    std::deque<std::vector<std::string_view>> arrays_;
    std::deque<cql2::Geos::Shape> shapes_;
    std::deque<MemoryRow> rows_;
};

}  // namespace cql2_test
