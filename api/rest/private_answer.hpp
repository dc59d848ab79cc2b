#pragma once

#include "http/message.hpp"

#include <string>

namespace api::rest {

/// JSON that concerns one person, kept by nobody on the way.
http::Response private_json(int status, std::string body);
/// 204.
http::Response nothing();

/// The ETag of a row at a version.
std::string etag(int version);
/// The version an If-Match names. \throws precondition_required, invalid_argument
int wanted_version(http::Request const& request);

}  // namespace api::rest
