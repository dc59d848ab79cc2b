#pragma once

#include <utility>

namespace programme::workflow {

/// Inside a handler: throws the Error that a function of schema workflow meant, or returns.
void explain();

/// Runs work; what the workflow refuses becomes an Error in its words: not_found, conflict (state or condition), invalid_argument, forbidden.
template <typename Work>
auto in_words(Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (...) {
        explain();
        throw;
    }
}

}  // namespace programme::workflow
