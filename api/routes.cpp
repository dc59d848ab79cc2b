#include "api/routes.hpp"

#include "api/accounts/pages.hpp"
#include "api/contact/pages.hpp"
#include "api/pages/certificate.hpp"
#include "api/workplace/pages.hpp"

namespace api {

void add_routes(http::Router& router, Context& context) {
    add_health_routes(router, context);
    add_rest_routes(router, context);
    add_ogc_routes(router, context);
    auto const pages = add_page_routes(router, context);
    pages::add_certificate_pages(router, context, pages);
    add_account_pages(router, context, pages);
    add_contact_pages(router, context, pages);
    add_work_pages(router, context, pages);
}

}  // namespace api
