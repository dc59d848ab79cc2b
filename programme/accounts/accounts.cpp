#include "programme/accounts/accounts.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"
#include "gis_core/text/vietnamese.hpp"
#include "programme/accounts/operator.hpp"
#include "programme/accounts/sql/statements.hpp"
#include "programme/accounts/totp.hpp"
#include "programme/parameters.hpp"
#include "programme/typed.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/except>

#include <algorithm>
#include <array>

namespace programme::accounts {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Actor;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

constexpr char kRole[] = "ocopmap_auth";
constexpr std::size_t kRecoveryCodes = 10;

/// Who manages accounts, on behalf of who asks.
Actor keeper(std::string const& request) { return {.role = kRole, .account = 0, .grant = 0, .request = request, .reason = {}}; }
Actor keeper(Identity const& who) { return {.role = kRole, .account = who.account, .grant = who.grant, .request = who.request, .reason = {}}; }

Error not_signed_in() {
    return {ErrorKind::unauthenticated, "login or password is not right"};  // the same for whatever is wrong
}
Error code_wanted(bool given) {
    return {ErrorKind::unauthenticated,
            given ? "the code is not right, or was used already" : "this account wants a second factor",
            {{"code", "", "the 6 digits that the app shows now, or a recovery code"}}};
}

std::string owner_of(long long account) { return fmt::format("totp {}", account); }

std::vector<std::string> split(std::string const& text) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = std::min(text.find(',', at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

/// The row of an account, locked.
struct Row {
    std::string login, password_hash, totp_secret;
    bool has_second_factor;
    std::int64_t last_step;
};
Row account_row(Tx& tx, Session& session, long long account) {
    auto const rows = execute(tx, session, sql::auth_account, Parameters{}.number(account));
    if (rows.empty()) throw not_signed_in();
    auto const row = rows[0];
    return {row["login"].as<std::string>(), row["password_hash"].as<std::string>(), row["totp_secret"].as<std::string>(), row["has_second_factor"].as<bool>(),
            row["totp_last_step"].as<std::int64_t>()};
}

/// True when the code is the app's and not used before, and then it is used.
bool take_code(Tx& tx, Session& session, Vault const& vault, long long account, Row const& row, std::string_view code, TimePoint now) {
    auto const typed = normal_code(code);
    if (auto const step = totp_step(vault.open(row.totp_secret, owner_of(account)), typed, now, row.last_step)) {
        return execute(tx, session, sql::auth_totp_take, Parameters{}.number(account).number(*step)).affected_rows() == 1;
    }
    return execute(tx, session, sql::auth_recovery_use, Parameters{}.text(token_hash(typed)).number(account)).affected_rows() == 1;
}

std::int64_t seconds_of(TimePoint time) { return std::chrono::duration_cast<seconds>(time.time_since_epoch()).count(); }

}  // namespace

Actor Identity::actor(std::string reason) const {
    auto database_role = role.empty() ? std::string{"ocopmap_public"} : fmt::format("ocopmap_r{}", role.substr(1));
    return {.role = std::move(database_role), .account = account, .grant = grant, .request = request, .reason = std::move(reason)};
}

std::string coarse_address(std::string_view address) {
    if (auto const dot = address.rfind('.'); dot != std::string_view::npos && address.find(':') == std::string_view::npos) {
        return std::string{address.substr(0, dot)} + ".0/24";
    }
    std::size_t end = 0;
    for (int groups = 0; groups < 3 && end != std::string_view::npos; ++groups) end = address.find(':', end + (groups > 0 ? 1 : 0));
    if (end == std::string_view::npos || address.empty()) return "?";
    return std::string{address.substr(0, end)} + "::/48";
}

std::string coarse_user_agent(std::string_view header) {
    auto const first_of = [&](auto const& names) -> std::string {
        for (auto const& [mark, name] : names) {
            if (header.find(mark) != std::string_view::npos) return name;
        }
        return "?";
    };
    using Name = std::pair<std::string_view, char const*>;
    static constexpr std::array<Name, 8> kBrowsers{Name{"Edg", "Edge"},  {"coc_coc", "Cốc Cốc"}, {"OPR/", "Opera"}, {"Firefox", "Firefox"},
                                                   {"Chrome", "Chrome"}, {"Safari", "Safari"},   {"curl", "curl"},  {"python", "Python"}};
    static constexpr std::array<Name, 6> kSystems{Name{"Android", "Android"}, {"iPhone", "iOS"},   {"iPad", "iOS"},
                                                  {"Windows", "Windows"},     {"Mac OS", "macOS"}, {"Linux", "Linux"}};
    return first_of(kBrowsers) + ", " + first_of(kSystems);
}

std::string folded_login(std::string_view typed) {
    auto const login = gis_core::text::fold(gis_core::text::to_nfc(typed));
    auto const good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view{"._@+-"}.find(c) != std::string_view::npos; };
    bool const is_login =
        login.size() >= 3 && login.size() <= 100 && std::all_of(login.begin(), login.end(), good) && std::isalnum(static_cast<unsigned char>(login[0])) != 0;
    if (!is_login)
        throw gis_core::invalid_field("login", login.size() > 100 ? "longer" : login, "3 to 100 letters, digits and . _ @ + -, a letter or digit first");
    return login;
}

Accounts::Accounts(gis_core::db::Pool& pool, std::string_view secret_key_hex, Clock clock)
    : pool_{pool}, vault_{secret_key_hex}, clock_{clock}, rates_{std::move(clock)} {}

// --- attempts ------------------------------------------------------------------------------------------------------------

struct Accounts::Attempt {
    std::string login, request;
    long long account = 0;
    std::string state, password_hash;
    bool has_second_factor = false;
    bool knows_device = false;
    std::string own_counter;        // of the browser we know, else of the address
    std::string elsewhere_counter;  // of all others; empty for a browser we know
};

/// Counts an attempt as failed before it is looked at: thousands at the same time are then no faster than one after the other.
Accounts::Attempt Accounts::begin_attempt(std::string_view login, Client const& client, std::string const& request) {
    Attempt attempt;
    attempt.login = login;
    attempt.request = request;
    auto const now = clock_();
    auto const wait = pool_.write(keeper(request), [&](Tx& tx, Session& session) {
        auto const device = client.device.empty() ? std::string{} : token_hash(client.device);
        auto const rows = execute(tx, session, sql::auth_candidate, Parameters{}.text(attempt.login).text(device));
        if (!rows.empty()) {
            auto const row = rows[0];
            attempt.account = row["account_key"].as<long long>();
            attempt.state = row["state"].as<std::string>();
            attempt.password_hash = row["password_hash"].as<std::string>();
            attempt.has_second_factor = row["has_second_factor"].as<bool>();
            attempt.knows_device = row["knows_device"].as<bool>();
        }
        auto const source = attempt.knows_device ? "browser " + device : "address " + client.address;
        attempt.own_counter = vault_.hash(attempt.login + '\n' + source);
        if (!attempt.knows_device) attempt.elsewhere_counter = vault_.hash(attempt.login + "\nelsewhere");
        seconds longest{0};
        for (auto const& [counter, patience] : {std::pair{attempt.own_counter, kOneSource}, std::pair{attempt.elsewhere_counter, kElsewhere}}) {
            if (counter.empty()) continue;
            auto const found = execute(tx, session, sql::auth_counter, Parameters{}.text(counter));
            if (found.empty()) continue;
            auto const last = TimePoint{seconds{found[0]["last_at"].as<std::int64_t>()}};
            if (now - last > kForgotten) continue;
            longest = std::max(longest, time_to_wait(found[0]["failures"].as<int>(), last, patience, now));
        }
        if (longest > seconds{0}) return longest;
        for (auto const& counter : {attempt.own_counter, attempt.elsewhere_counter}) {
            if (counter.empty()) continue;
            execute(tx, session, sql::auth_counter_add, Parameters{}.text(counter).number(seconds_of(now)).number(seconds{kForgotten}.count()));
        }
        return longest;
    });
    if (wait > seconds{0}) {
        gis_core::log::warn("sign-in delayed account={} seconds={} request={}", attempt.account, wait.count(), request);
        throw Error{ErrorKind::too_many_requests,
                    fmt::format("too many failed attempts; try again in {} s", wait.count()),
                    {{"retry_after_s", "0", std::to_string(wait.count())}}};
    }
    return attempt;
}

void Accounts::end_attempt(Attempt const& attempt) {
    pool_.write(keeper(attempt.request), [&](Tx& tx, Session& session) {
        execute(tx, session, sql::auth_counter_clear, Parameters{}.text(attempt.own_counter));
        if (!attempt.elsewhere_counter.empty()) execute(tx, session, sql::auth_counter_give_back, Parameters{}.text(attempt.elsewhere_counter));
    });
}

void Accounts::give_back(Attempt const& attempt) {
    pool_.write(keeper(attempt.request), [&](Tx& tx, Session& session) {
        for (auto const& counter : {attempt.own_counter, attempt.elsewhere_counter}) {
            if (!counter.empty()) execute(tx, session, sql::auth_counter_give_back, Parameters{}.text(counter));
        }
    });
}

// --- sessions ------------------------------------------------------------------------------------------------------------

SignedIn Accounts::sign_in(std::string_view login, std::string_view password, std::string_view code, Client const& client, std::string const& request) {
    auto const attempt = begin_attempt(folded_login(login), client, request);
    auto const typed = typed_password(password);
    auto const source = coarse_address(client.address) + ", " + coarse_user_agent(client.user_agent);
    auto const note = [&](char const* action, long long account) {
        pool_.write(keeper(request), [&](Tx& tx, Session& session) { note_act(tx, session, action, account, source); });
    };
    if (!hasher_.verify(attempt.password_hash, typed) || attempt.state == "closed" || attempt.state == "pending") {
        gis_core::log::warn("sign-in refused account={} request={}", attempt.account, request);
        note("sign-in-refused", attempt.account);
        throw not_signed_in();
    }
    if (attempt.state == "locked") {
        give_back(attempt);
        note("sign-in-locked", attempt.account);
        throw Error{ErrorKind::forbidden, "this account is locked; its operator can unlock it"};
    }
    if (attempt.has_second_factor && code.empty()) {
        give_back(attempt);  // nothing was guessed
        throw code_wanted(false);
    }
    auto const new_hash = PasswordHasher::is_outdated(attempt.password_hash) ? hasher_.hash(typed) : std::string{};
    SignedIn result{random_token(), attempt.knows_device ? client.device : random_token()};
    bool const is_code_right = pool_.write(keeper(request), [&](Tx& tx, Session& session) {
        if (attempt.has_second_factor) {
            auto const row = account_row(tx, session, attempt.account);
            if (!take_code(tx, session, vault_, attempt.account, row, code, clock_())) return false;
        }
        auto const number = [&] { return Parameters{}.number(attempt.account); };
        execute(tx, session, sql::auth_session_add,
                Parameters{}
                    .text(token_hash(result.token))
                    .number(attempt.account)
                    .number(kSessionHours)
                    .text(coarse_address(client.address))
                    .text(coarse_user_agent(client.user_agent)));
        execute(tx, session, sql::auth_device_add, Parameters{}.text(token_hash(result.device)).number(attempt.account));
        execute(tx, session, sql::auth_device_prune, number());
        execute(tx, session, sql::auth_signed_in, number());
        if (!new_hash.empty()) execute(tx, session, sql::auth_password_rehash, Parameters{}.number(attempt.account).text(new_hash));
        note_act(tx, session, "sign-in", attempt.account, source);
        return true;
    });
    if (!is_code_right) {
        gis_core::log::warn("second factor refused account={} request={}", attempt.account, request);
        note("second-factor-refused", attempt.account);
        throw code_wanted(true);
    }
    end_attempt(attempt);
    gis_core::log::info("signed in account={} request={}", attempt.account, request);
    return result;
}

std::optional<Identity> Accounts::find_session(std::string_view token, std::string const& request) {
    auto const rows = pool_.read({}, keeper(request), [&](Tx& tx, Session& session) {
        return execute(tx, session, sql::auth_session, Parameters{}.text(token_hash(token)).number(kIdleMinutes).number(kRecentMinutes));
    });
    if (rows.empty()) return std::nullopt;
    auto const row = rows[0];
    Identity who;
    who.account = row["account_key"].as<long long>();
    who.session = row["session_key"].as<long long>();
    who.grant = row["grant_key"].as<long long>();
    who.role = row["role"].as<std::string>();
    who.login = row["login"].as<std::string>();
    who.display_name = row["display_name"].as<std::string>();
    who.csrf = csrf_token(token);
    who.has_second_factor = row["has_second_factor"].as<bool>();
    who.is_recent = row["is_recent"].as<bool>();
    who.request = request;
    if (row["is_stale"].as<bool>()) {
        pool_.write(keeper(who), [&](Tx& tx, Session& session) { execute(tx, session, sql::auth_session_seen, Parameters{}.number(who.session)); });
    }
    return who;
}

std::vector<SessionInfo> Accounts::sessions(Identity const& who) {
    return pool_.read({}, keeper(who), [&](Tx& tx, Session& session) {
        std::vector<SessionInfo> found;
        for (auto const& row : execute(tx, session, sql::auth_sessions, Parameters{}.number(who.account).number(kIdleMinutes))) {
            found.push_back({row["session_key"].as<long long>(), row["created_at"].as<std::string>(), row["last_seen_at"].as<std::string>(),
                             row["address"].as<std::string>(), row["user_agent"].as<std::string>()});
        }
        return found;
    });
}

bool Accounts::revoke_session(Identity const& who, long long session_key) {
    return pool_.write(keeper(who), [&](Tx& tx, Session& session) {
        bool const is_revoked =
            execute(tx, session, sql::auth_session_revoke, Parameters{}.number(who.account).number(session_key).null()).affected_rows() == 1;
        if (is_revoked) note_act(tx, session, session_key == who.session ? "sign-out" : "session-ended", who.account);
        return is_revoked;
    });
}

void Accounts::revoke_sessions(Identity const& who) {
    pool_.write(keeper(who), [&](Tx& tx, Session& session) {
        execute(tx, session, sql::auth_session_revoke, Parameters{}.number(who.account).null().null());
        note_act(tx, session, "sessions-ended", who.account);
    });
}

std::string Accounts::about(Identity const& who) {
    return pool_.write(keeper(who), [&](Tx& tx, Session& session) {
        note_act(tx, session, "export", who.account);
        return execute(tx, session, sql::auth_about, Parameters{}.number(who.account))[0]["about"].as<std::string>();
    });
}

std::vector<Grant> Accounts::grants(Identity const& who) {
    return pool_.read({}, keeper(who), [&](Tx& tx, Session& session) {
        std::vector<Grant> found;
        for (auto const& row : execute(tx, session, sql::auth_grants, Parameters{}.number(who.account))) {
            found.push_back({row["grant_key"].as<long long>(), row["role"].as<std::string>(), row["scope"].as<std::string>(), row["unit_key"].as<long long>(),
                             row["producer_key"].as<long long>(), row["valid_from"].as<std::string>(), row["valid_to"].as<std::string>()});
        }
        return found;
    });
}

void Accounts::act_under(Identity const& who, long long grant) {
    bool const done = pool_.write(keeper(who), [&](Tx& tx, Session& session) {
        return execute(tx, session, sql::auth_session_act, Parameters{}.number(who.session).number(who.account).number(grant)).affected_rows() == 1;
    });
    if (!done) throw gis_core::invalid_field("grant", std::to_string(grant), "a grant of this account that is in force today");
}

// --- passwords and second factor -----------------------------------------------------------------------------------------

/// The password once more, where a stolen session could do lasting harm; guesses are counted for the session's account.
void Accounts::require_password(Identity const& who, std::string_view password, char const* field) {
    auto const attempt = begin_attempt(who.login, {.address = fmt::format("session {}", who.session), .user_agent = {}, .device = {}}, who.request);
    if (!hasher_.verify(attempt.password_hash, typed_password(password))) {
        throw Error{ErrorKind::forbidden, "the present password is not right", {{field, "", "the password you signed in with"}}};
    }
    end_attempt(attempt);
}

void Accounts::require_recent(Identity const& who, std::string_view password) {
    if (who.is_recent || who.session == 0) return;
    if (password.empty()) {
        throw Error{ErrorKind::forbidden,
                    fmt::format("you signed in more than {} minutes ago; this wants your password once more", kRecentMinutes),
                    {{"own_password", "", "the password you signed in with"}}};
    }
    require_password(who, password, "own_password");
}

void Accounts::change_password(Identity const& who, std::string_view current, std::string_view next) {
    auto const password = acceptable_password("password", next, who.login);
    require_password(who, current, "current");
    auto const hash = hasher_.hash(password);
    pool_.write(keeper(who), [&](Tx& tx, Session& session) {
        execute(tx, session, sql::auth_password_set, Parameters{}.number(who.account).text(hash));
        execute(tx, session, sql::auth_session_revoke, Parameters{}.number(who.account).null().number(who.session));
        note_act(tx, session, "password-changed", who.account);
    });
    gis_core::log::info("password changed account={} request={}", who.account, who.request);
}

void Accounts::reset_password(std::string_view login, std::string_view code, std::string_view next, Client const& client, std::string const& request) {
    auto const name = folded_login(login);
    auto const password = acceptable_password("password", next, name);
    auto const attempt = begin_attempt(name, client, request);
    auto const hash = hasher_.hash(password);  // before the code is looked at: a wrong one takes as long
    pool_.write(keeper(request), [&](Tx& tx, Session& session) {
        auto const used = execute(tx, session, sql::auth_reset_use, Parameters{}.text(name).text(token_hash(normal_code(code))));
        if (used.empty()) {
            throw Error{
                ErrorKind::unauthenticated, "login or code is not right, or the code is used or too old", {{"code", "", "the one-time code you were given"}}};
        }
        auto const account = used[0][0].as<long long>();
        execute(tx, session, sql::auth_password_set, Parameters{}.number(account).text(hash));
        execute(tx, session, sql::auth_session_revoke, Parameters{}.number(account).null().null());
        note_act(tx, session, "password-reset", account);
    });
    end_attempt(attempt);
    gis_core::log::info("password reset account={} request={}", attempt.account, request);
}

SecondFactorOffer Accounts::offer_second_factor(Identity const& who, std::string_view password) {
    require_password(who, password, "current");
    auto const secret = new_totp_secret();
    auto const sealed = vault_.seal(secret, owner_of(who.account));
    bool const offered = pool_.write(keeper(who), [&](Tx& tx, Session& session) {
        return execute(tx, session, sql::auth_totp_offer, Parameters{}.number(who.account).text(sealed)).affected_rows() == 1;
    });
    if (!offered) throw Error{ErrorKind::conflict, "this account has a second factor; remove it first"};
    return {base32(secret), otpauth_uri(who.login, secret)};
}

std::vector<std::string> Accounts::confirm_second_factor(Identity const& who, std::string_view code) {
    std::vector<std::string> codes;
    for (std::size_t i = 0; i < kRecoveryCodes; ++i) codes.push_back(random_code());
    pool_.write(keeper(who), [&](Tx& tx, Session& session) {
        auto const row = account_row(tx, session, who.account);
        if (row.has_second_factor) throw Error{ErrorKind::conflict, "this account has a second factor; remove it first"};
        if (row.totp_secret.empty()) throw Error{ErrorKind::conflict, "there is no second factor to confirm; ask for one first"};
        auto const step = totp_step(vault_.open(row.totp_secret, owner_of(who.account)), normal_code(code), clock_(), row.last_step);
        if (!step)
            throw Error{ErrorKind::invalid_argument, "code must be the 6 digits that the app shows now", {{"code", "", "the 6 digits that the app shows now"}}};
        execute(tx, session, sql::auth_totp_take, Parameters{}.number(who.account).number(*step));
        execute(tx, session, sql::auth_totp_confirm, Parameters{}.number(who.account));
        execute(tx, session, sql::auth_recovery_clear, Parameters{}.number(who.account));
        for (auto const& recovery : codes)
            execute(tx, session, sql::auth_recovery_add, Parameters{}.text(token_hash(normal_code(recovery))).number(who.account));
        note_act(tx, session, "second-factor-on", who.account);
    });
    gis_core::log::info("second factor on account={} request={}", who.account, who.request);
    return codes;
}

void Accounts::remove_second_factor(Identity const& who, std::string_view password) {
    require_password(who, password, "current");
    pool_.write(keeper(who), [&](Tx& tx, Session& session) {
        forget_second_factor(tx, session, who.account);
        note_act(tx, session, "second-factor-off", who.account);
    });
    gis_core::log::info("second factor off account={} request={}", who.account, who.request);
}

bool Accounts::has_second_factor(Identity const& who) {
    return pool_.read({}, keeper(who), [&](Tx& tx, Session& session) {
        auto const rows = execute(tx, session, sql::auth_candidate, Parameters{}.text(who.login).text(""));
        return !rows.empty() && rows[0]["has_second_factor"].as<bool>();
    });
}

// --- keys ----------------------------------------------------------------------------------------------------------------

std::optional<Identity> Accounts::find_key(std::string_view key, std::string const& request) {
    auto const rows =
        pool_.read({}, keeper(request), [&](Tx& tx, Session& session) { return execute(tx, session, sql::auth_key, Parameters{}.text(token_hash(key))); });
    if (rows.empty()) return std::nullopt;
    auto const row = rows[0];
    Identity who;
    who.account = row["account_key"].as<long long>();
    who.key = row["key_key"].as<long long>();
    who.grant = row["grant_key"].as<long long>();
    who.role = row["role"].as<std::string>();
    who.login = row["login"].as<std::string>();
    who.display_name = row["display_name"].as<std::string>();
    who.scopes = split(row["scopes"].as<std::string>());
    who.rate_per_minute = row["rate_per_minute"].as<int>();
    who.request = request;
    if (row["is_stale"].as<bool>()) {
        pool_.write(keeper(who), [&](Tx& tx, Session& session) { execute(tx, session, sql::auth_key_used, Parameters{}.number(who.key)); });
    }
    return who;
}

std::vector<KeyInfo> Accounts::keys(Identity const& who) {
    return pool_.read({}, keeper(who), [&](Tx& tx, Session& session) {
        std::vector<KeyInfo> found;
        for (auto const& row : execute(tx, session, sql::auth_keys, Parameters{}.number(who.account))) {
            found.push_back({row["key_key"].as<long long>(), row["prefix"].as<std::string>(), row["name"].as<std::string>(), row["grant_key"].as<long long>(),
                             row["role"].as<std::string>(), row["scope"].as<std::string>(), split(row["scopes"].as<std::string>()),
                             row["rate_per_minute"].as<int>(), row["expires_on"].as<std::string>(), row["last_used_on"].as<std::string>()});
        }
        return found;
    });
}

std::string Accounts::make_key(Identity const& who, KeyRequest const& wanted) {
    auto key = pool_.write(keeper(who), [&](Tx& tx, Session& session) { return accounts::make_key(tx, session, who.account, wanted); });
    gis_core::log::info("key made account={} prefix={} request={}", who.account, key.substr(0, 11), who.request);
    return key;
}

bool Accounts::revoke_key(Identity const& who, long long key) {
    return pool_.write(keeper(who), [&](Tx& tx, Session& session) {
        return execute(tx, session, sql::auth_key_revoke, Parameters{}.number(who.account).number(key)).affected_rows() == 1;
    });
}

// --- sign-ups ------------------------------------------------------------------------------------------------------------

std::vector<Commune> Accounts::communes(std::string const& request) {
    return pool_.read({}, keeper(request), [](Tx& tx, Session& session) {
        std::vector<Commune> found;
        for (auto const& row : execute(tx, session, sql::auth_communes)) found.push_back({row["code"].as<std::string>(), row["name"].as<std::string>()});
        return found;
    });
}

long long Accounts::sign_up(SignUp const& wanted, std::string const& request) {
    static constexpr std::array<std::string_view, 5> kKinds{"cooperative", "company", "household", "cooperative_group", "private_enterprise"};
    auto const producer = typed_text("producer", wanted.producer, 2, 200);
    auto const contact = typed_text("contact", wanted.contact, 2, 200);
    auto const note = typed_text("note", wanted.note, 0, 2000);
    if (std::find(kKinds.begin(), kKinds.end(), wanted.kind) == kKinds.end()) {
        throw gis_core::invalid_field("kind", wanted.kind, fmt::format("{}", fmt::join(kKinds, ", ")));
    }
    typed_text("phone", wanted.phone, 8, 20);  // asked for, where an account may do without
    auto const phone = typed_phone("phone", wanted.phone), email = typed_email("email", wanted.email);
    if (wanted.consent_version != kConsentVersion) {
        throw gis_core::invalid_field("consent_version", wanted.consent_version, fmt::format("{}, the text that was shown and agreed to", kConsentVersion));
    }
    auto const rows = pool_.write(keeper(request), [&](Tx& tx, Session& session) {
        Parameters values;
        values.text(producer).text(wanted.kind).text(wanted.commune).text(contact).text(phone);
        email.empty() ? values.null() : values.text(email);
        note.empty() ? values.null() : values.text(note);
        return execute(tx, session, sql::auth_sign_up_add, values.text(kConsentVersion));
    });
    if (rows.empty()) throw gis_core::invalid_field("commune", wanted.commune, "the code of a commune that is in force today");
    return rows[0][0].as<long long>();
}

std::vector<SignUpInfo> Accounts::sign_ups(Identity const& who, std::string const& state) {
    if (who.role != "R04" && who.role != "R05" && who.role != "R08") {
        throw Error{ErrorKind::forbidden, "sign-ups are for officers and leaders of a commune (R04, R05) and officers of the province (R08)"};
    }
    if (!state.empty() && state != "pending" && state != "confirmed" && state != "refused") {
        throw gis_core::invalid_field("state", state, "pending, confirmed or refused");
    }
    return pool_.read({}, keeper(who), [&](Tx& tx, Session& session) {
        std::vector<SignUpInfo> found;
        Parameters values;
        state.empty() ? values.null() : values.text(state);
        for (auto const& row : execute(tx, session, sql::auth_sign_ups, values)) {
            auto const text = [&](char const* column) { return row[column].as<std::string>(); };
            found.push_back({row["sign_up_key"].as<long long>(), text("producer_name"), text("kind"), text("commune_code"), text("commune_name"),
                             text("contact_name"), text("phone"), text("email"), text("note"), text("consent_version"), text("asked_at"), text("state"),
                             text("reason"), row["producer_key"].as<long long>()});
        }
        return found;
    });
}

Decided Accounts::decide(Identity const& who, long long sign_up, Decision const& decision) {
    if (who.role != "R04") throw Error{ErrorKind::forbidden, "an officer of the commune (R04) decides on sign-ups"};
    auto const reason = typed_text("reason", decision.reason, decision.confirm ? 0 : 3, 2000);
    Decided result;
    if (decision.confirm) {
        auto login = decision.login;
        if (login.empty()) {
            auto const rows =
                pool_.read({}, keeper(who), [&](Tx& tx, Session& session) { return execute(tx, session, sql::auth_contact, Parameters{}.number(sign_up)); });
            if (rows.empty()) throw Error{ErrorKind::not_found, fmt::format("there is no sign-up {} in your commune", sign_up)};
            login = rows[0][0].as<std::string>();
        }
        result.login = folded_login(login);
        result.code = random_code();
    }
    return pool_.write(who.actor(reason), [&](Tx& tx, Session& session) {
        try {
            auto const row = execute(tx, session, sql::auth_sign_up_decide,
                                     Parameters{}
                                         .number(sign_up)
                                         .truth(decision.confirm)
                                         .text(reason)
                                         .text(result.login)
                                         .text(token_hash(normal_code(result.code)))
                                         .number(kResetHours))[0];
            result.state = row["state"].as<std::string>();
            result.producer = row["producer_key"].as<long long>();
            return result;
        } catch (pqxx::unique_violation const&) {
            throw Error{ErrorKind::conflict, fmt::format("the login {} is taken; name another", result.login), {{"login", result.login, "a login nobody has"}}};
        } catch (pqxx::plpgsql_no_data_found const&) {
            throw Error{ErrorKind::not_found, fmt::format("there is no sign-up {} in your commune", sign_up)};
        } catch (pqxx::sql_error const& error) {
            if (error.sqlstate() == "55000") throw Error{ErrorKind::conflict, fmt::format("sign-up {} was decided on already", sign_up)};
            throw;
        }
    });
}

}  // namespace programme::accounts
