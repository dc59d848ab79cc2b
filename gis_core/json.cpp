#include "gis_core/json.hpp"

#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gis_core {

std::string to_text(Json const& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json parse_json(std::string_view text, std::string_view what, int deepest) {
    bool too_deep = false;
    auto const guard = [&](int depth, Json::parse_event_t, Json&) {
        if (depth > deepest) too_deep = true;
        if (too_deep) throw Error{ErrorKind::invalid_argument, fmt::format("{} is nested deeper than {} levels", what, deepest)};
        return true;
    };
    try {
        return Json::parse(text, guard);
    } catch (Json::parse_error const& error) {
        throw Error{ErrorKind::invalid_argument, fmt::format("{} is not JSON: error at byte {}", what, error.byte)};
    } catch (Json::out_of_range const&) {
        throw Error{ErrorKind::invalid_argument, fmt::format("{} holds a number that is too large", what)};
    }
}

void append_json_string(std::string& out, std::string_view text) {
    // Nearly every text needs nothing but its quotes; a dump costs as much as ten such copies.
    auto const is_plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
    if (std::all_of(text.begin(), text.end(), is_plain) && text::is_utf8(text)) {
        out += '"';
        out += text;
        out += '"';
        return;
    }
    out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gis_core
