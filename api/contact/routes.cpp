#include "api/routes.hpp"

#include "api/contact/handlers.hpp"
#include "http/router.hpp"
#include "programme/dictionary/dictionary.hpp"

namespace api {

void add_contact_routes(http::Router& router, Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary) {
    context.contact = make_contact(context, std::move(dictionary));
    add_notice_routes(router, context.contact);
    add_message_routes(router, context.contact);
    add_feedback_routes(router, context.contact);
    add_content_routes(router, context.contact);
}

}  // namespace api
