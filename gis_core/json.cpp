#include "gis_core/json.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>

namespace gis_core {

std::string to_text(Json const& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json parse_json(std::string_view text, std::string_view what) {
    constexpr int kDeepest = 64;
    bool too_deep = false;
    auto const guard = [&](int depth, Json::parse_event_t, Json&) {
        if (depth > kDeepest) too_deep = true;
        if (too_deep) throw Error{ErrorKind::invalid_argument, fmt::format("{} is nested deeper than {} levels", what, kDeepest)};
        return true;
    };
    try {
        return Json::parse(text, guard);
    } catch (Json::parse_error const& error) {
        throw Error{ErrorKind::invalid_argument, fmt::format("{} is not JSON: error at byte {}", what, error.byte)};
    }
}

void append_json_string(std::string& out, std::string_view text) { out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace gis_core
