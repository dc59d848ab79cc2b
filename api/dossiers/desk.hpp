#pragma once

#include "gis_core/json.hpp"
#include "http/message.hpp"
#include "programme/accounts/accounts.hpp"
#include "programme/workflow/rubrics.hpp"

#include <initializer_list>
#include <memory>
#include <string_view>

namespace gis_core::db {
class Pool;
}

namespace api {

class Gate;
struct Context;

namespace dossiers {

/// What the handlers of dossiers, sheets and rubrics share.
struct Desk {
    gis_core::db::Pool& pool;
    Gate& gate;
    programme::workflow::Rubrics rubrics;
    Desk(gis_core::db::Pool& of_pool, Gate& of_gate) : pool{of_pool}, gate{of_gate} {}
};
/// The one desk of the daemon; made on first use, before requests are served.
std::shared_ptr<Desk> desk_of(Context& context);

/// \throws forbidden naming the roles there are for it
void require_role(programme::accounts::Identity const& who, std::initializer_list<std::string_view> roles);
/// \throws unsupported_media, invalid_argument
gis_core::Json json_of(http::Request const& request);

}  // namespace dossiers
}  // namespace api
