#include "api/rest/private_answer.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <charconv>

namespace api::rest {

http::Response private_json(int status, std::string body) {
    auto response = http::Response::text(status, "application/json; charset=utf-8", std::move(body) + '\n');
    response.headers.add("Cache-Control", "no-store");
    return response;
}

http::Response nothing() {
    http::Response response;
    response.status = 204;
    response.headers.add("Cache-Control", "no-store");
    return response;
}

std::string etag(int version) { return fmt::format("\"{}\"", version); }

int wanted_version(http::Request const& request) {
    auto const field = request.headers.find("If-Match");
    if (!field)
        throw gis_core::Error{gis_core::ErrorKind::precondition_required,
                              "a record is written with If-Match and the version that was read",
                              {{"If-Match", "", "the ETag of the record, as \"3\""}}};
    int version = 0;
    auto text = *field;
    if (text.size() > 2 && text.front() == '"' && text.back() == '"') {
        text.remove_prefix(1);
        text.remove_suffix(1);
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
        if (error == std::errc{} && end == text.data() + text.size() && version > 0) return version;
    }
    throw gis_core::invalid_field("If-Match", *field, "one ETag of the record, as \"3\"");
}

}  // namespace api::rest
