#include "api/accounts/gate.hpp"

#include "api/context.hpp"
#include "gis_core/error.hpp"
#include "http/text.hpp"
#include "programme/accounts/administration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace api {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using programme::accounts::Identity;

constexpr std::string_view kSessionCookie = "ocopmap_session";
constexpr std::string_view kDeviceCookie = "ocopmap_device";
constexpr int kDeviceSeconds = 180 * 24 * 3600;

bool is_safe(http::Request const& request) { return request.method == "GET" || request.method == "HEAD"; }

/// The key of "Authorization: Bearer KEY"; empty for any other scheme.
std::string_view bearer(http::Request const& request) {
    auto const field = request.header_or("Authorization", "");
    if (field.size() < 8 || !http::equals_ignoring_case(field.substr(0, 7), "Bearer ")) return {};
    return http::trim(field.substr(7));
}

std::string set_cookie(http::Request const& request, std::string_view name, std::string_view value, long seconds) {
    auto const secure = request.header_or("X-Forwarded-Proto", "http") == "https" ? "; Secure" : "";
    return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}", name, value, seconds, secure);
}

/// In the header for scripts, in the field "csrf" for forms.
std::string sent_csrf(http::Request const& request) {
    if (auto const header = request.headers.find("X-CSRF-Token")) return std::string{*header};
    if (!is_form(request)) return {};
    return std::string{http::Query::parse(request.body).find("csrf").value_or("")};
}

}  // namespace

std::string_view cookie(http::Request const& request, std::string_view name) {
    for (auto const& [field, value] : request.headers) {
        if (!http::equals_ignoring_case(field, "Cookie")) continue;
        for (std::string_view rest = value; !rest.empty();) {
            auto const end = std::min(rest.find(';'), rest.size());
            auto const pair = http::trim(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') return pair.substr(name.size() + 1);
        }
    }
    return {};
}

bool is_form(http::Request const& request) {
    auto const type = request.header_or("Content-Type", "");
    return http::equals_ignoring_case(http::trim(type.substr(0, type.find(';'))), "application/x-www-form-urlencoded");
}

programme::accounts::Client client_of(http::Request const& request) {
    return {.address = std::string{request.header_or("X-Forwarded-For", "local")},
            .user_agent = std::string{request.header_or("User-Agent", "").substr(0, 500)},
            .device = std::string{cookie(request, kDeviceCookie)}};
}

void set_cookies(http::Request const& request, http::Response& response, programme::accounts::SignedIn const& signed_in) {
    response.headers.add("Set-Cookie", set_cookie(request, kSessionCookie, signed_in.token, programme::accounts::kSessionHours * 3600L));
    response.headers.add("Set-Cookie", set_cookie(request, kDeviceCookie, signed_in.device, kDeviceSeconds));
}

void clear_session_cookie(http::Request const& request, http::Response& response) {
    response.headers.add("Set-Cookie", set_cookie(request, kSessionCookie, "", 0));
}

Gate::Gate(Context const& context)
    : accounts_{context.pool, context.config.secret_key, [] { return std::chrono::system_clock::now(); }},
      second_factor_duty_{context.config.second_factor_duty} {}

std::optional<Identity> Gate::find(http::Request const& request) {
    if (auto const key = bearer(request); !key.empty()) return recognise(request);
    auto const token = cookie(request, kSessionCookie);
    return token.empty() ? std::nullopt : accounts_.find_session(token, request.id);
}

Identity Gate::require(http::Request const& request) {
    auto who = recognise(request);
    if (lacks_second_factor(who))
        throw Error{ErrorKind::forbidden, "officials sign in with a second factor; set it up at /tai-khoan", {{"second_factor", "none", "an app's code"}}};
    return who;
}

Identity Gate::recognise(http::Request const& request) {
    if (auto const key = bearer(request); !key.empty()) {
        auto who = accounts_.find_key(key, request.id);
        if (!who) throw Error{ErrorKind::unauthenticated, "the API key is not, or no longer, good"};
        if (auto const wait = accounts_.take_call(*who); wait.count() > 0) {
            throw Error{ErrorKind::too_many_requests,
                        fmt::format("this key may be used {} times a minute; try again in {} s", who->rate_per_minute, wait.count()),
                        {{"retry_after_s", "0", std::to_string(wait.count())}}};
        }
        auto const* const scope = is_safe(request) ? "read" : "write";
        if (std::find(who->scopes.begin(), who->scopes.end(), scope) == who->scopes.end()) {
            throw Error{
                ErrorKind::forbidden, fmt::format("this key has not the scope {}", scope), {{"scope", fmt::format("{}", fmt::join(who->scopes, ", ")), scope}}};
        }
        return *who;
    }
    auto const token = cookie(request, kSessionCookie);
    auto const who = token.empty() ? std::nullopt : accounts_.find_session(token, request.id);
    if (!who) throw Error{ErrorKind::unauthenticated, "sign in first: POST /api/session"};
    if (!is_safe(request) && !programme::accounts::are_same(sent_csrf(request), who->csrf)) {
        throw Error{ErrorKind::forbidden, "the request does not carry the session's CSRF token", {{"X-CSRF-Token", "", "csrf_token of GET /api/session"}}};
    }
    return *who;
}

Identity Gate::require_session(http::Request const& request) {
    if (!bearer(request).empty()) throw Error{ErrorKind::forbidden, "an API key cannot manage accounts; sign in"};
    return recognise(request);
}

Identity Gate::require_administrator(http::Request const& request) {
    if (!bearer(request).empty()) throw Error{ErrorKind::forbidden, "an API key cannot manage accounts; sign in"};
    auto who = require(request);
    programme::accounts::require_administrator(who);
    return who;
}

bool Gate::lacks_second_factor(Identity const& who) const {
    bool const is_official = who.role >= "R04" && who.role <= "R17";
    return second_factor_duty_ && is_official && who.session != 0 && !who.has_second_factor;
}

void Gate::require_same_origin(http::Request const& request) {
    auto const origin = request.headers.find("Origin");
    if (origin && *origin != request.base_url()) throw Error{ErrorKind::forbidden, "this was sent by a page of another site"};
}

Gate& gate_of(Context& context) {
    if (!context.gate) context.gate = std::make_shared<Gate>(context);
    return *context.gate;
}

}  // namespace api
