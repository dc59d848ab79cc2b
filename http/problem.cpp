#include "http/problem.hpp"

#include "gis_core/json.hpp"
#include "http/text.hpp"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace http {
namespace {

struct Naming {
    int status;
    char const* slug;
    char const* title;
};

Naming naming_of(gis_core::ErrorKind kind) noexcept {
    using enum gis_core::ErrorKind;
    switch (kind) {  // no default: -Wswitch names the kind that was forgotten
    case invalid_argument: return {400, "invalid-argument", "Invalid argument"};
    case unauthenticated: return {401, "unauthenticated", "Not signed in"};
    case forbidden: return {403, "forbidden", "Forbidden"};
    case not_found: return {404, "not-found", "Not found"};
    case method_not_allowed: return {405, "method-not-allowed", "Method not allowed"};
    case not_acceptable: return {406, "not-acceptable", "Not acceptable"};
    case conflict: return {409, "conflict", "Conflict"};
    case precondition_failed: return {412, "version-conflict", "Changed in between"};
    case payload_too_large: return {413, "payload-too-large", "Payload too large"};
    case unsupported_media: return {415, "unsupported-media", "Unsupported media type"};
    case precondition_required: return {428, "version-required", "Version required"};
    case too_many_requests: return {429, "too-many-requests", "Too many requests"};
    case overloaded: return {503, "overloaded", "Overloaded"};
    case upstream: return {502, "upstream", "Bad gateway"};
    case internal: break;
    }
    return {500, "internal", "Internal error"};
}

/// One element of Accept, split; quality in thousandths, so that no rounding decides.
struct MediaRange {
    std::string_view type;  // "text/html", "text/*", "*/*"
    int quality;
    int specificity;
};

/// RFC 9110 §12.4.2, and what clients really send (".2", "1.0000"). Nonsense counts as 1.
int parse_quality(std::string_view text) {
    int thousandths = 0;
    auto const point = std::min(text.find('.'), text.size());
    auto const whole = text.substr(0, point);
    if (!whole.empty() && whole != "0") return 1000;
    int weight = 100;
    for (char const c : text.substr(std::min(point + 1, text.size()))) {
        if (c < '0' || c > '9') return 1000;
        thousandths += (c - '0') * weight;
        weight /= 10;
    }
    return thousandths;
}

MediaRange parse_range(std::string_view element) {
    MediaRange range{{}, 1000, 0};
    auto const end = std::min(element.find(';'), element.size());
    range.type = trim(element.substr(0, end));
    if (range.type == "*") range.type = "*/*";
    auto rest = element.substr(std::min(end + 1, element.size()));
    while (!rest.empty()) {
        auto const stop = std::min(rest.find(';'), rest.size());
        auto const parameter = trim(rest.substr(0, stop));
        rest.remove_prefix(std::min(stop + 1, rest.size()));
        if (parameter.starts_with("q=") || parameter.starts_with("Q=")) range.quality = parse_quality(parameter.substr(2));
    }
    range.specificity = range.type == "*/*" ? 1 : range.type.ends_with("/*") ? 2 : 3;
    return range;
}

bool covers(std::string_view range, std::string_view offered) {
    if (range == "*/*") return true;
    offered = trim(offered.substr(0, offered.find(';')));
    if (range.ends_with("/*")) {
        auto const slash = std::min(offered.find('/'), offered.size() - 1);
        return equals_ignoring_case(range.substr(0, range.size() - 1), offered.substr(0, slash + 1));
    }
    return equals_ignoring_case(range, offered);
}

std::string_view opaque_tag(std::string_view etag) {
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    return etag;
}

}  // namespace

int status_of(gis_core::ErrorKind kind) noexcept { return naming_of(kind).status; }

Response problem(int status, std::string_view slug, std::string_view title, std::string_view detail, std::string_view instance,
                 std::vector<gis_core::FieldError> const& errors) {
    auto body = fmt::format(R"({{"type":"/problems/{}","title":)", slug);
    auto const member = [&](std::string_view text) { gis_core::append_json_string(body, text); };
    member(title);
    body += fmt::format(R"(,"status":{},"detail":)", status);
    member(detail);
    body += R"(,"instance":)";
    member(instance);
    if (!errors.empty()) {
        body += R"(,"errors":[)";
        for (auto const& error : errors) {
            body += R"({"field":)";
            member(error.field);
            body += R"(,"value":)";
            member(error.value);
            body += R"(,"allowed":)";
            member(error.allowed);
            body += "},";
        }
        body.back() = ']';
    }
    body += "}\n";
    auto response = Response::text(status, "application/problem+json; charset=utf-8", std::move(body));
    response.headers.add("Cache-Control", "no-store");
    if (status == 503) response.headers.add("Retry-After", "1");
    return response;
}

Response to_problem(gis_core::Error const& error, Request const& request) {
    auto const naming = naming_of(error.kind());
    auto response = problem(naming.status, naming.slug, naming.title, error.what(), request.id, error.fields());
    if (error.kind() == gis_core::ErrorKind::unauthenticated) response.headers.add("WWW-Authenticate", R"(Bearer realm="ocopmap")");
    for (auto const& field : error.fields()) {
        if (error.kind() == gis_core::ErrorKind::method_not_allowed && field.field == "method") response.headers.add("Allow", field.allowed);
        if (error.kind() == gis_core::ErrorKind::too_many_requests && field.field == "retry_after_s") response.headers.add("Retry-After", field.allowed);
    }
    return response;
}

Response conditional(Request const& request, Response response, std::string const& etag) {
    auto const quoted = etag.ends_with('"') ? etag : '"' + etag + '"';
    response.headers.add("ETag", quoted);
    bool const safe = request.method == "GET" || request.method == "HEAD";
    if (!safe || response.status != 200) return response;
    for (auto const& [name, value] : request.headers) {
        if (!equals_ignoring_case(name, "If-None-Match")) continue;
        for (std::string_view rest = value; !rest.empty();) {
            auto const candidate = next_element(rest);
            if (candidate != "*" && opaque_tag(candidate) != opaque_tag(quoted)) continue;
            Response unchanged;
            unchanged.status = 304;
            for (auto const& [field, text] : response.headers) {
                for (auto const* kept : {"Cache-Control", "Content-Location", "ETag", "Expires", "Vary", "Link"}) {
                    if (equals_ignoring_case(field, kept)) unchanged.headers.add(field, text);
                }
            }
            return unchanged;
        }
    }
    return response;
}

std::string fingerprint(std::string_view bytes) { return fmt::format("{:016x}", XXH3_64bits(bytes.data(), bytes.size())); }

std::string negotiate(std::string_view accept, std::vector<std::string> const& offered) {
    if (offered.empty()) return {};
    if (trim(accept).empty()) return offered.front();
    std::vector<MediaRange> ranges;
    for (auto rest = accept; !rest.empty();) {
        if (auto const element = next_element(rest); !element.empty()) ranges.push_back(parse_range(element));
    }
    std::string const* best = nullptr;
    int best_quality = 0;
    for (auto const& candidate : offered) {
        int quality = 0;
        int specificity = 0;
        for (auto const& range : ranges) {
            if (range.specificity <= specificity || !covers(range.type, candidate)) continue;
            quality = range.quality;
            specificity = range.specificity;
        }
        if (quality > best_quality) {
            best = &candidate;
            best_quality = quality;
        }
    }
    return best == nullptr ? std::string{} : *best;
}

}  // namespace http
