#include "api/rest/json_writer.hpp"

#include "gis_core/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace api::rest {

void append_json_text(std::string& out, std::string_view text) {
    bool const plain = std::all_of(text.begin(), text.end(), [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
    });
    if (!plain) return gis_core::append_json_string(out, text);
    out += '"';
    out += text;
    out += '"';
}

void JsonWriter::separate() {
    if (needs_comma_) text_ += ',';
    needs_comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    text_ += bracket;
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    text_ += bracket;
    needs_comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_json_text(text_, name);
    text_ += ':';
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    separate();
    append_json_text(text_, text);
    return *this;
}

JsonWriter& JsonWriter::value(long long number) { return raw(fmt::format("{}", number)); }
JsonWriter& JsonWriter::value(bool truth) { return raw(truth ? "true" : "false"); }

JsonWriter& JsonWriter::value(double number) {
    if (!std::isfinite(number)) return null();
    if (number == std::floor(number) && std::abs(number) < 1e15) return value(static_cast<long long>(number));
    return raw(fmt::format("{}", number));
}

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    text_ += json;
    return *this;
}

JsonWriter& JsonWriter::text_or_null(std::string_view name, std::string_view text) {
    key(name);
    return text.empty() ? null() : value(text);
}

}  // namespace api::rest
