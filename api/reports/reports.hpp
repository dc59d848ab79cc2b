#pragma once

#include "gis_core/io/table_file.hpp"
#include "http/message.hpp"
#include "programme/access/access.hpp"
#include "programme/reports/cross_table.hpp"
#include "programme/reports/steps.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace http {
class Router;
}
namespace api {
struct Context;
void add_report_routes(http::Router& router, Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary);  // routes.cpp
}  // namespace api

namespace api::reports {

/// What an address asks of the cross table; the page has the same parameters as /api/reports/products. Those in `also` are the caller's.
/// \throws gis_core::Error(invalid_argument) naming field, value and what is allowed.
programme::reports::CrossQuery read_cross_query(http::Query const& query, programme::dictionary::Dictionary const& dictionary, std::vector<std::string_view> also);

/// Whether a role may see a figure.
bool may_see(programme::access::Access const& access, std::string_view role, programme::reports::Figure figure);
/// Whether a role may see which certificates end soon, and whose they are.
bool may_see_expiring(programme::access::Access const& access, std::string_view role);
/// Whether a role may see how far dossiers are.
bool may_see_dossiers(programme::access::Access const& access, std::string_view role);

/// What an address asks of the report on steps: this year until today without from and to. \throws gis_core::Error(invalid_argument)
programme::reports::StepsQuery read_steps_query(http::Query const& query, std::vector<std::string_view> also);

/// As a file to keep, in Vietnamese or English. \throws gis_core::Error(invalid_argument) for another form than csv, xlsx and pdf.
http::Response file_of(programme::reports::CrossTable const& table, programme::reports::CrossQuery const& query, std::string_view form, bool is_vietnamese);
http::Response file_of(programme::reports::StepsReport const& report, programme::reports::StepsQuery const& query, std::string_view form, bool is_vietnamese);
http::Response file_of(programme::reports::DeadlineList const& list, programme::dictionary::Dictionary const& dictionary, std::string_view form,
                       bool is_vietnamese);
http::Response file_of(programme::reports::ExpiringList const& list, gis_core::Date at, std::string_view form, bool is_vietnamese);

inline constexpr int kMonths = 6, kMostMonths = 36;

}  // namespace api::reports
