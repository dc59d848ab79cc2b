#pragma once

#include "gis_core/error.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fuzz {

/// Runs work on the input; refusing it is fine, anything else is a find.
template <typename Work>
int run(std::uint8_t const* data, std::size_t size, Work&& work) {
    try {
        work(std::string_view{reinterpret_cast<char const*>(data), size});
    } catch (gis_core::Error const& error) {
        if (error.kind() != gis_core::ErrorKind::invalid_argument) throw;
    }
    return 0;
}

/// A find: the program ends, and the input is kept.
inline void require(bool holds, char const* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

}  // namespace fuzz
