#include "api/rest/handlers.hpp"
#include "api/rest/openapi_document.hpp"
#include "api/rest/representations.hpp"

namespace api::rest {

http::Response GetOpenApi::operator()(http::Request const& request) const {
    request.query.allow_only({});
    return cacheable(request, "application/vnd.oai.openapi+json;version=3.1", std::string{kOpenApiDocument});
}

}  // namespace api::rest
