#include "api/rest/json_body.hpp"

#include "gis_core/error.hpp"
#include "http/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace api::rest {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;

Error wrong(std::string_view field, std::string_view allowed) {
    return {ErrorKind::invalid_argument, fmt::format("{} must be {}", field, allowed), {{std::string{field}, "", std::string{allowed}}}};
}

}  // namespace

JsonBody::JsonBody(http::Request const& request, std::vector<std::string_view> const& known) {
    auto const type = request.header_or("Content-Type", "");
    if (!http::equals_ignoring_case(http::trim(type.substr(0, type.find(';'))), "application/json")) {
        throw Error{ErrorKind::unsupported_media, "this address reads application/json", {{"Content-Type", std::string{type}, "application/json"}}};
    }
    object_ = gis_core::parse_json(request.body, "the body");
    auto const fields = fmt::format("{}", fmt::join(known, ", "));
    if (!object_.is_object()) throw wrong("the body", "an object with " + fields);
    for (auto const& [name, value] : object_.items()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) throw wrong(name.substr(0, 60), "one of the fields " + fields);
    }
}

bool JsonBody::has(std::string_view field) const {
    auto const found = object_.find(field);
    return found != object_.end() && !found->is_null();
}

gis_core::Json const& JsonBody::at(std::string_view field) const {
    if (!has(field)) throw wrong(field, "given");
    return *object_.find(field);
}

std::string JsonBody::text(std::string_view field) const {
    auto const& value = at(field);
    if (!value.is_string()) throw wrong(field, "a text");
    return value.get<std::string>();
}

std::string JsonBody::text_or(std::string_view field, std::string_view otherwise) const { return has(field) ? text(field) : std::string{otherwise}; }

long long JsonBody::integer(std::string_view field) const {
    auto const& value = at(field);
    if (!value.is_number_integer()) throw wrong(field, "a whole number");
    return value.get<long long>();
}

long long JsonBody::integer_or(std::string_view field, long long otherwise) const { return has(field) ? integer(field) : otherwise; }

bool JsonBody::truth(std::string_view field) const {
    auto const& value = at(field);
    if (!value.is_boolean()) throw wrong(field, "true or false");
    return value.get<bool>();
}

std::vector<std::string> JsonBody::texts(std::string_view field) const {
    auto const& value = at(field);
    bool const good = value.is_array() && std::all_of(value.begin(), value.end(), [](auto const& item) { return item.is_string(); });
    if (!good) throw wrong(field, "a list of texts");
    return value.get<std::vector<std::string>>();
}

}  // namespace api::rest
