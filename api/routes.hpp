#pragma once

#include "api/context.hpp"

#include <memory>

namespace http {
class Router;
}

namespace programme::dictionary {
class Dictionary;
}

namespace api {
namespace pages {
class Pages;
}

/// Every route of the daemon, in order of matching. The context must outlive the router.
void add_routes(http::Router& router, Context& context);

void add_health_routes(http::Router& router, Context& context);   // api/health.cpp
void add_rest_routes(http::Router& router, Context& context);     // api/rest/routes.cpp, with the next seven
void add_account_routes(http::Router& router, Context& context);  // api/accounts/routes.cpp
void add_administration_routes(http::Router& router, Context& context);  // api/accounts/administration.cpp
void add_record_routes(http::Router& router, Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary);   // api/records/routes.cpp
void add_dossier_routes(http::Router& router, Context& context);  // api/dossiers/dossiers.cpp, with the next three
void add_scoring_routes(http::Router& router, Context& context);  // api/dossiers/scoring.cpp
void add_rubric_routes(http::Router& router, Context& context);   // api/dossiers/rubrics.cpp
void add_paper_routes(http::Router& router, Context& context);    // api/dossiers/papers.cpp
void add_contact_routes(http::Router& router, Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary);  // api/contact/routes.cpp
void add_form_routes(http::Router& router, Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary);     // api/workplace/routes.cpp
void add_import_routes(http::Router& router, Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary);   // api/imports/routes.cpp
void add_file_routes(http::Router& router, Context& context);                                                                          // api/files/routes.cpp
void add_ogc_routes(http::Router& router, Context& context);                                                                           // api/ogc/routes.cpp
std::shared_ptr<pages::Pages> add_page_routes(http::Router& router, Context& context);                                                 // api/pages/routes.cpp

/// The stored files of the daemon; made on first use, before requests are served.
programme::files::Files& files_of(Context& context);

}  // namespace api
