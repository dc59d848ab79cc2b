#pragma once

#include "gis_core/json.hpp"
#include "http/message.hpp"
#include "programme/accounts/accounts.hpp"
#include "programme/dictionary/dictionary.hpp"
#include "programme/workflow/rubrics.hpp"

#include <initializer_list>
#include <memory>
#include <string>
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
    std::shared_ptr<programme::dictionary::Dictionary const> dictionary;  // words for codes
    std::string public_url;                                               // of the pages; empty: none
    programme::workflow::Rubrics rubrics = {};
    Desk(gis_core::db::Pool& of_pool, Gate& of_gate, std::shared_ptr<programme::dictionary::Dictionary const> words, std::string url)
        : pool{of_pool}, gate{of_gate}, dictionary{std::move(words)}, public_url{std::move(url)} {}
};
/// The one desk of the daemon; made on first use, before requests are served.
std::shared_ptr<Desk> desk_of(Context& context);

/// The handler of a route, with the desk it works at.
inline auto at_desk(std::shared_ptr<Desk> const& desk, http::Response (*handler)(Desk&, http::Request const&)) {
    return [desk, handler](http::Request const& request) { return handler(*desk, request); };
}

/// \throws forbidden naming the roles there are for it
void require_role(programme::accounts::Identity const& who, std::initializer_list<std::string_view> roles);
/// \throws unsupported_media, invalid_argument
gis_core::Json json_of(http::Request const& request);

}  // namespace dossiers
}  // namespace api
