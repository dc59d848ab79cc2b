#pragma once

#include "http/message.hpp"
#include "programme/accounts/accounts.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace api {

struct Context;

/// Who asks. A handler that needs to know calls require() once and hands on what it got; a public handler does not call, and
/// costs no query.
///
///     auto const who = gate.require(request);
///     pool.write(who.actor(reason), [&](auto& tx, auto& session) { … });
class Gate {
public:
    explicit Gate(Context const& context);

    /// Empty for a visitor: without cookie and key no query is made, and a session that ended counts as none.
    /// \throws what require() throws for a key.
    std::optional<programme::accounts::Identity> find(http::Request const& request);
    /// \throws gis_core::Error unauthenticated; forbidden where the CSRF token or the key's scope is wanting;
    ///         too_many_requests beyond the key's rate.
    programme::accounts::Identity require(http::Request const& request);
    /// The same, also for an official who has no second factor yet where that is a duty: to say who is signed in.
    programme::accounts::Identity recognise(http::Request const& request);
    /// The same, for what a key may not do: manage the account it belongs to.
    programme::accounts::Identity require_session(http::Request const& request);
    /// The same, for an administrator (R16) who manages the accounts of others.
    programme::accounts::Identity require_administrator(http::Request const& request);
    /// True for an official without a second factor where that is a duty: there is nothing to do but to set one up.
    bool lacks_second_factor(programme::accounts::Identity const& who) const;
    /// For what a visitor may send: a form of another site must not. \throws forbidden
    static void require_same_origin(http::Request const& request);

    programme::accounts::Accounts& accounts() { return accounts_; }

private:
    programme::accounts::Accounts accounts_;
    bool second_factor_duty_;
};

/// The one gate of the daemon; made on first use, before requests are served.
Gate& gate_of(Context& context);

programme::accounts::Client client_of(http::Request const& request);
/// Set-Cookie fields of a session that begins or ends.
void set_cookies(http::Request const& request, http::Response& response, programme::accounts::SignedIn const& signed_in);
void clear_session_cookie(http::Request const& request, http::Response& response);
/// The value of a cookie, empty when it is not there.
std::string_view cookie(http::Request const& request, std::string_view name);
bool is_form(http::Request const& request);

}  // namespace api
