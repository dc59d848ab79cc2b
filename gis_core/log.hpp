#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace gis_core::log {

/// error wakes somebody, warn is looked at in the morning, info is one line an event.
enum class Level { debug, info, warn, error };

/// Lines go to standard error as "2026-11-23T19:02:11.123Z info tile z=12 x=…". Call once in main.
void start(std::string_view process_name, Level lowest = Level::info);
void write(Level level, std::string_view line);
/// Control characters as escapes, so that what a client sent cannot begin a line of its own.
std::string one_line(std::string_view text);

template <typename... Args>
void info(fmt::format_string<Args...> form, Args&&... args) {
    write(Level::info, fmt::format(form, std::forward<Args>(args)...));
}
template <typename... Args>
void warn(fmt::format_string<Args...> form, Args&&... args) {
    write(Level::warn, fmt::format(form, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> form, Args&&... args) {
    write(Level::error, fmt::format(form, std::forward<Args>(args)...));
}

}  // namespace gis_core::log
