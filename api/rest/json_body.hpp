#pragma once

#include "gis_core/json.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace api::rest {

/// The JSON object a request brings. Every refusal names the field; values are not repeated, for they may be secrets.
class JsonBody {
public:
    /// \throws gis_core::Error unsupported_media when it is not application/json; invalid_argument when it is no object or holds
    ///         a field that is not known.
    JsonBody(http::Request const& request, std::vector<std::string_view> const& known);

    bool has(std::string_view field) const;
    std::string text(std::string_view field) const;  // required
    std::string text_or(std::string_view field, std::string_view otherwise) const;
    long long integer(std::string_view field) const;
    long long integer_or(std::string_view field, long long otherwise) const;
    bool truth(std::string_view field) const;
    std::vector<std::string> texts(std::string_view field) const;

private:
    gis_core::Json const& at(std::string_view field) const;
    gis_core::Json object_;
};

}  // namespace api::rest
