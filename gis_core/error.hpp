#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gis_core {

/// What went wrong, said once, in terms a caller can act on. http/ maps each kind to one status.
enum class ErrorKind {
    invalid_argument,    // 400
    unauthenticated,     // 401
    forbidden,           // 403
    not_found,           // 404
    method_not_allowed,  // 405
    not_acceptable,      // 406
    conflict,            // 409
    precondition_failed,    // 412, the row is another by now
    payload_too_large,   // 413
    unsupported_media,   // 415
    precondition_required,  // 428, a write must say which version it means
    too_many_requests,   // 429, after the seconds that the field "retry_after_s" allows
    overloaded,          // 503, the caller may try again
    upstream,            // 502
    internal             // 500
};

/// One wrong input: where it stood, what it was, what is allowed.
struct FieldError {
    std::string field;    // "zoom", "line 12, column star"
    std::string value;    // as it came, cut to a readable length
    std::string allowed;  // "0 to 18"
};

/// The one exception type our code throws; what() and fields() are safe to show to a client.
class Error : public std::runtime_error {
public:
    Error(ErrorKind kind, std::string const& message) : std::runtime_error{message}, kind_{kind} {}
    Error(ErrorKind kind, std::string const& message, std::vector<FieldError> fields) : std::runtime_error{message}, kind_{kind}, fields_{std::move(fields)} {}

    ErrorKind kind() const noexcept { return kind_; }
    std::vector<FieldError> const& fields() const noexcept { return fields_; }

private:
    ErrorKind kind_;
    std::vector<FieldError> fields_;
};

/// An invalid_argument about one field: "zoom is 31, must be 0 to 18".
Error invalid_field(std::string_view field, std::string_view value, std::string_view allowed);

}  // namespace gis_core
