#include "gis_core/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace gis_core::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

}  // namespace

void start(std::string_view process_name, Level lowest) {
    auto logger = std::make_shared<spdlog::logger>(std::string{process_name}, std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %n %l %v", spdlog::pattern_time_type::utc);
    logger->set_level(to_spdlog(lowest));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(logger);
}

std::string one_line(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (auto const c : text) {
        auto const code = static_cast<unsigned char>(c);
        if (c == '\n') out += "\\n";
        else if (code < 0x20 || code == 0x7f) out += fmt::format("\\x{:02x}", code);
        else out += c;
    }
    return out;
}

void write(Level level, std::string_view line) { spdlog::log(to_spdlog(level), "{}", one_line(line)); }

}  // namespace gis_core::log
