#include "api/pages/form.hpp"

#include "api/accounts/gate.hpp"
#include "gis_core/error.hpp"

namespace api::pages {

Form::Form(http::Request const& request) {
    if (!is_form(request)) throw gis_core::Error{gis_core::ErrorKind::unsupported_media, "this address reads forms"};
    fields_ = http::Query::parse(request.body);
}

long long Form::number(std::string_view name) const {
    auto const text = (*this)[name];
    bool const good = !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string::npos;
    if (!good) throw gis_core::invalid_field(name, text, "a number");
    return std::stoll(text);
}

http::Response see_other(std::string const& place) {
    http::Response response;
    response.status = 303;
    response.headers.add("Location", place);
    response.headers.add("Cache-Control", "no-store");
    return response;
}

}  // namespace api::pages
