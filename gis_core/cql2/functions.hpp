#pragma once

#include "gis_core/cql2/expression.hpp"

#include <string_view>
#include <vector>

namespace gis_core::cql2 {

/// A function that a filter may call. sql.cpp and evaluate.cpp each know it by its place in functions().
enum class Function { abs, ceil, floor, length, lower, upper, year, month, day };

struct FunctionInfo {
    Function function;
    std::string_view name;
    std::vector<Type> arguments;
    Type result;
    std::string_view vi, en;  // what it does
};

std::vector<FunctionInfo> const& functions();
/// Its place in functions(), -1 when there is none; letters in any case.
int find_function(std::string_view name);

}  // namespace gis_core::cql2
