#pragma once

#include "gis_core/cql2/expression.hpp"

/// Shared by the two readers.
namespace gis_core::cql2 {

[[noreturn]] void refuse(std::string_view where, std::string_view found, std::string const& expected);

/// Counts what is read against the limits.
class Budget {
public:
    explicit Budget(Limits const& limits) : limits_{limits} {}
    void node(std::string const& where);
    void vertices(std::string const& where, std::size_t count);

    /// One level deeper until it ends.
    class Level {
    public:
        Level(Budget& budget, std::string const& where);
        ~Level() { --budget_.depth_; }
        Level(Level const&) = delete;
        Level& operator=(Level const&) = delete;

    private:
        Budget& budget_;
    };

private:
    Limits const& limits_;
    std::size_t nodes_ = 0, vertices_ = 0;
    int depth_ = 0;
};

/// "2025-06-30", "2025-06-30T12:00:00Z" or "..": an end of an interval.
Node interval_end(std::string_view text, std::string const& where);
Node date_node(std::string_view text, std::string const& where);
Node timestamp_node(std::string_view text, std::string const& where);
Node box_node(std::vector<double> box, std::string const& where);
Node geometry_node(Geometry geometry, std::string const& where, Budget& budget);
Node operation(Op op, std::string const& where, std::vector<Node> args);
/// How many arguments an operator takes; 0: two or more. A function is not asked.
std::size_t arity(Op op);

}  // namespace gis_core::cql2
