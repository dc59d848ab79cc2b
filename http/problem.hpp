#pragma once

#include "gis_core/error.hpp"
#include "http/message.hpp"

namespace http {

/// RFC 9457 application/problem+json: type (/problems/<slug>), title, status, detail, instance (the request id) and
/// errors[] {field, value, allowed}. 503 and 429 carry Retry-After, 401 WWW-Authenticate, 405 Allow.
Response to_problem(gis_core::Error const& error, Request const& request);
/// A problem that no ErrorKind stands for (what the guard refuses before a handler is reached): each slug is a heading
/// of docs/problems.md.
Response problem(int status, std::string_view slug, std::string_view title, std::string_view detail, std::string_view instance,
                 std::vector<gis_core::FieldError> const& errors = {});
/// The status of a kind; one table for all daemons.
int status_of(gis_core::ErrorKind kind) noexcept;

/// RFC 9110 §13: answers 304 when If-None-Match names the ETag, else passes the response on with the ETag set.
Response conditional(Request const& request, Response response, std::string const& etag);

/// XXH3, 64 bits, as an ETag's value: enough to tell two representations of one address apart.
std::string fingerprint(std::string_view bytes);

/// The media type of `offered` (best first) that the request's Accept prefers (RFC 9110 §12.5.1). Empty: none will do.
std::string negotiate(std::string_view accept, std::vector<std::string> const& offered);

}  // namespace http
