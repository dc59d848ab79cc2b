#include "http/message.hpp"

#include "gis_core/error.hpp"
#include "http/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace http {
namespace {

std::string decode_parameter(std::string_view raw, std::string_view what) {
    auto decoded = percent_decode(raw, true);
    if (!decoded) throw gis_core::invalid_field(what, raw, "percent-encoded with two hexadecimal digits after each %");
    if (!is_utf8(*decoded)) throw gis_core::invalid_field(what, raw, "UTF-8");
    if (decoded->find('\0') != std::string::npos) throw gis_core::invalid_field(what, raw, "without a NUL character");
    return std::move(*decoded);
}

bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
    });
}

}  // namespace

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (auto const& [field, value] : fields_) {
        if (equals_ignoring_case(field, name)) return value;
    }
    return std::nullopt;
}

Query Query::parse(std::string_view raw) {
    Query query;
    while (!raw.empty()) {
        auto const end = std::min(raw.find('&'), raw.size());
        auto const pair = raw.substr(0, end);
        raw.remove_prefix(std::min(end + 1, raw.size()));
        if (pair.empty()) continue;
        auto const equals = std::min(pair.find('='), pair.size());
        auto name = decode_parameter(pair.substr(0, equals), "a parameter's name");
        auto const value = equals < pair.size() ? pair.substr(equals + 1) : std::string_view{};
        auto text = decode_parameter(value, name);
        query.parameters_.emplace_back(std::move(name), std::move(text));
    }
    return query;
}

std::optional<std::string_view> Query::find(std::string_view name) const {
    std::optional<std::string_view> found;
    for (auto const& [parameter, value] : parameters_) {
        if (parameter != name) continue;
        if (found) throw gis_core::invalid_field(name, value, "given once");
        found = value;
    }
    return found;
}

void Query::allow_only(std::vector<std::string_view> const& known) const {
    std::vector<gis_core::FieldError> unknown;
    auto const allowed = known.empty() ? std::string{"no parameters"} : fmt::format("{}", fmt::join(known, ", "));
    std::string names;
    for (auto const& [name, value] : parameters_) {
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        auto error = gis_core::invalid_field(name, value, allowed).fields().front();
        names += (names.empty() ? "" : ", ") + (name.size() <= 60 ? name : std::string{"one of " + std::to_string(name.size()) + " bytes"});
        unknown.push_back(std::move(error));
    }
    if (unknown.empty()) return;
    throw gis_core::Error{gis_core::ErrorKind::invalid_argument, fmt::format("unknown parameter {}; this address knows {}", names, allowed),
                          std::move(unknown)};
}

std::string_view Request::header_or(std::string_view name, std::string_view otherwise) const { return headers.find(name).value_or(otherwise); }

std::string Request::base_url() const {
    auto const scheme = header_or("X-Forwarded-Proto", "http");
    auto host = header_or("X-Forwarded-Host", header_or("Host", "localhost"));
    if (!is_host(host)) host = "localhost";
    return fmt::format("{}://{}", scheme == "https" ? "https" : "http", host);
}

Response Response::text(int status, std::string content_type, std::string body) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", std::move(content_type));
    response.body = std::move(body);
    return response;
}

Response Response::stream(std::string content_type, BodyStream body) {
    Response response;
    response.headers.add("Content-Type", std::move(content_type));
    response.body = std::move(body);
    return response;
}

}  // namespace http
