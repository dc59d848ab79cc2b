#pragma once

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>

namespace http_test {

/// True as soon as the condition is, false at the deadline.
bool eventually(auto condition, std::chrono::milliseconds within = std::chrono::seconds{10}) {
    auto const deadline = std::chrono::steady_clock::now() + within;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

inline std::string get(std::string_view target) { return fmt::format("GET {} HTTP/1.1\r\nHost: test\r\n\r\n", target); }

}  // namespace http_test
