#pragma once

#include "gis_core/db/pool.hpp"
#include "programme/accounts/limits.hpp"
#include "programme/accounts/password.hpp"
#include "programme/accounts/secrets.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Accounts, sessions, second factor and keys (docs/adr/0008). No HTTP here.
namespace programme::accounts {

inline constexpr int kIdleMinutes = 30;
inline constexpr int kSessionHours = 12;
inline constexpr int kRecentMinutes = 10;  // after a sign-in, without the password once more
inline constexpr int kResetHours = 72;
inline constexpr char kConsentVersion[] = "2026-1";  // of the text that web/texts says as consent_text

/// Who asks, for one request: a session or a key, and the grant it acts under.
struct Identity {
    long long account = 0;
    long long session = 0;  // 0: a key asks
    long long key = 0;      // 0: a session asks
    long long grant = 0;    // 0: no grant is in force
    std::string role;       // "R04", or empty
    std::string login, display_name;
    std::string csrf;                 // of the session
    bool has_second_factor = false;   // of the session's account
    bool is_recent = false;           // the session began a moment ago: kRecentMinutes
    std::vector<std::string> scopes;  // of the key: read, write
    int rate_per_minute = 0;          // of the key
    std::string request;              // id of the request

    /// For Pool::read and Pool::write: acts under the grant's database role; without a grant, as the public does.
    gis_core::db::Actor actor(std::string reason = {}) const;
};

/// Where a sign-in comes from.
struct Client {
    std::string address;     // as the front door says it
    std::string user_agent;  // the header
    std::string device;      // token of a browser that signed in before, or empty
};
struct SignedIn {
    std::string token;   // of the session
    std::string device;  // to be kept by the browser
};

struct Grant {
    long long id;
    std::string role, scope;  // scope: name of the unit or producer
    long long unit, producer;
    std::string valid_from, valid_to;
};
struct SessionInfo {
    long long id;
    std::string created_at, last_seen_at, address, user_agent;
};
struct KeyInfo {
    long long id;
    std::string prefix, name;
    long long grant;
    std::string role, scope;
    std::vector<std::string> scopes;
    int rate_per_minute;
    std::string expires_on, last_used_on;
};
struct KeyRequest {
    std::string name;
    long long grant = 0;
    std::vector<std::string> scopes;
    int rate_per_minute = 60;
    std::string expires_on;  // ISO; empty: a year from now
};
struct SecondFactorOffer {
    std::string secret;  // base32
    std::string uri;     // otpauth://…
};

struct Commune {
    std::string code, name;
};
struct SignUp {
    std::string producer, kind, commune, contact, phone, email, note, consent_version;
};
struct SignUpInfo {
    long long id;
    std::string producer, kind, commune_code, commune_name, contact, phone, email, note, consent_version, asked_at, state, reason;
    long long producer_id;
};
struct Decision {
    bool confirm = false;
    std::string reason;
    std::string login;  // of the new account; empty: e-mail or phone
};
/// What a confirmed applicant is handed: login and one-time code.
struct Decided {
    std::string state, login, code;
    long long producer = 0;
};

/// Each call is one or two transactions of its own. Shared by all workers.
class Accounts {
public:
    Accounts(gis_core::db::Pool& pool, std::string_view secret_key_hex, Clock clock);

    /// \throws too_many_requests; unauthenticated, with the field "code" when only that is wanting; forbidden for a locked account.
    SignedIn sign_in(std::string_view login, std::string_view password, std::string_view code, Client const& client, std::string const& request);
    /// Empty when the token is not, or no longer, a session's.
    std::optional<Identity> find_session(std::string_view token, std::string const& request);
    std::optional<Identity> find_key(std::string_view key, std::string const& request);
    /// 0 when the key's rate allows the call, else the seconds until it does.
    seconds take_call(Identity const& who) { return rates_.take(who.key, who.rate_per_minute); }

    std::vector<Grant> grants(Identity const& who);
    /// A JSON object of all that is kept about who, but for what would let somebody in; noted in the audit.
    std::string about(Identity const& who);
    /// \throws invalid_argument when the grant is not one of who's in force.
    void act_under(Identity const& who, long long grant);

    std::vector<SessionInfo> sessions(Identity const& who);
    /// False when there is no such session.
    bool revoke_session(Identity const& who, long long session);
    /// All of them, the one that asks as well.
    void revoke_sessions(Identity const& who);

    /// \throws Error(forbidden) naming the field, after too many failures too_many_requests
    void require_password(Identity const& who, std::string_view password, char const* field);
    /// Before what a stolen session must not do: a sign-in of a moment ago, or the password once more. A key has neither, and passes.
    /// \throws forbidden with the field own_password
    void require_recent(Identity const& who, std::string_view password);

    /// Ends all other sessions.
    void change_password(Identity const& who, std::string_view current, std::string_view next);
    /// With a one-time code; makes a pending account active, ends all sessions.
    void reset_password(std::string_view login, std::string_view code, std::string_view next, Client const& client, std::string const& request);

    /// \throws conflict when there is a second factor already.
    SecondFactorOffer offer_second_factor(Identity const& who, std::string_view password);
    /// Takes the first code of the app; returns ten recovery codes, which are shown this once.
    std::vector<std::string> confirm_second_factor(Identity const& who, std::string_view code);
    void remove_second_factor(Identity const& who, std::string_view password);
    bool has_second_factor(Identity const& who);

    std::vector<KeyInfo> keys(Identity const& who);
    /// The key, which is shown this once.
    std::string make_key(Identity const& who, KeyRequest const& wanted);
    bool revoke_key(Identity const& who, long long key);

    /// Those of today, by name.
    std::vector<Commune> communes(std::string const& request);
    /// Number of the request. \throws invalid_argument
    long long sign_up(SignUp const& wanted, std::string const& request);
    /// Of the territory of the acting grant: a commune's officers and leaders, the province's officers. state: empty for all.
    std::vector<SignUpInfo> sign_ups(Identity const& who, std::string const& state);
    /// \throws forbidden, not_found, conflict
    Decided decide(Identity const& who, long long sign_up, Decision const& decision);

private:
    struct Attempt;
    Attempt begin_attempt(std::string_view login, Client const& client, std::string const& request);
    void end_attempt(Attempt const& attempt);
    void give_back(Attempt const& attempt);

    gis_core::db::Pool& pool_;
    Vault vault_;
    PasswordHasher hasher_;
    Clock clock_;
    RateMeter rates_;
};

/// "203.0.113.7" to "203.0.113.0/24", an IPv6 address to its /48: what a list of sessions shows.
std::string coarse_address(std::string_view address);
/// "Firefox, Windows".
std::string coarse_user_agent(std::string_view header);
/// Lower case, without accents and blanks around. \throws invalid_argument when it cannot be a login.
std::string folded_login(std::string_view typed);

}  // namespace programme::accounts
