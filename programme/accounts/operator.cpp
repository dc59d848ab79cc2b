#include "programme/accounts/operator.hpp"

#include "gis_core/date.hpp"
#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"
#include "programme/accounts/sql/statements.hpp"
#include "programme/parameters.hpp"
#include "programme/typed.hpp"

#include <fmt/format.h>
#include <pqxx/except>

#include <array>
#include <map>
#include <utility>

namespace programme::accounts {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::invalid_field;
using gis_core::db::Session;
using Tx = pqxx::transaction_base;

Parameters& text_or_null(Parameters& values, std::string const& text) { return text.empty() ? values.null() : values.text(text); }

std::string level_of(std::string_view role) {
    if (role == "R04" || role == "R05") return "commune";
    if (role == "R06" || role == "R07") return "district";
    if (role >= "R08" && role <= "R15") return "province";
    return {};
}

long long find_unit(Tx& tx, Session& session, std::string const& unit, std::string const& level) {
    auto const at = unit.find('@');
    Parameters values;
    values.text(unit.substr(0, at));
    at == std::string::npos ? values.null() : values.text(gis_core::Date::from_field("unit", unit.substr(at + 1)).iso());
    auto const rows = execute(tx, session, sql::auth_unit, values.text(level));
    if (rows.empty()) throw invalid_field("unit", unit, fmt::format("CODE, or CODE@DATE, of a {} in force on that day", level));
    return rows[0][0].as<long long>();
}

}  // namespace

bool is_role(std::string_view role) {
    return role.size() == 3 && role >= "R02" && role <= "R18" && role.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

void note_act(Tx& tx, Session& session, std::string_view action, long long account, std::string const& reason) {
    Parameters values;
    values.text(std::string{action}).number(account);
    text_or_null(values, reason);
    execute(tx, session, sql::auth_note, values);
}

long long find_user(Tx& tx, Session& session, std::string_view login) {
    auto const rows = execute(tx, session, sql::auth_user, Parameters{}.text(folded_login(login)));
    if (rows.empty()) throw Error{ErrorKind::not_found, fmt::format("there is no account {}", login)};
    return rows[0][0].as<long long>();
}

long long add_user(Tx& tx, Session& session, NewUser const& user) {
    auto const login = folded_login(user.login);
    auto const name = typed_text("name", user.name, 1, 200);
    auto const email = typed_email("email", user.email), phone = typed_phone("phone", user.phone);
    if (!execute(tx, session, sql::auth_user, Parameters{}.text(login)).empty())
        throw Error{ErrorKind::conflict, fmt::format("the login {} is taken", login), {{"login", login, "a login nobody has"}}};
    Parameters values;
    values.text(login).text(name);
    text_or_null(values, email);
    text_or_null(values, phone);
    auto const account = execute(tx, session, sql::auth_user_add, values)[0][0].as<long long>();
    note_act(tx, session, "account-made", account);
    return account;
}

long long grant_role(Tx& tx, Session& session, std::string_view login, NewGrant const& grant) {
    if (!is_role(grant.role)) throw invalid_field("role", grant.role, "R02 to R18");
    bool const is_producers = grant.role == "R02" || grant.role == "R03" || (grant.role == "R18" && grant.unit.empty() && grant.producer != 0);
    auto level = level_of(grant.role);
    if (grant.role == "R18" && !grant.unit.empty()) level = "commune";
    if (is_producers != (grant.producer != 0))
        throw invalid_field("producer", grant.producer == 0 ? "" : std::to_string(grant.producer), "given for R02 and R03, and only for these (or R18)");
    if (level.empty() != grant.unit.empty()) throw invalid_field("unit", grant.unit, level.empty() ? "absent for this role" : "the code of a " + level);
    Parameters values;
    values.number(find_user(tx, session, login)).text(grant.role);
    level.empty() ? values.null() : values.number(find_unit(tx, session, grant.unit, level));
    grant.producer == 0 ? values.null() : values.number(grant.producer);
    text_or_null(values, grant.from.empty() ? std::string{} : gis_core::Date::from_field("valid_from", grant.from).iso());
    text_or_null(values, grant.to.empty() ? std::string{} : gis_core::Date::from_field("valid_to", grant.to).iso());
    text_or_null(values, gis_core::text::to_nfc(grant.document));
    try {
        return execute(tx, session, sql::auth_user_grant, values)[0][0].as<long long>();
    } catch (pqxx::foreign_key_violation const&) {
        throw invalid_field("producer", std::to_string(grant.producer), "the id of a producer");
    } catch (pqxx::check_violation const&) {
        throw invalid_field("valid_to", grant.to, "not before valid_from");
    }
}

void end_grant(Tx& tx, Session& session, long long grant, std::string const& day) {
    Parameters values;
    values.number(grant);
    auto const last = day.empty() ? gis_core::business_date() : gis_core::Date::from_field("valid_to", day);
    if (last < gis_core::business_date()) throw invalid_field("valid_to", day, "today or later: what was done under a grant was done under it");
    if (execute(tx, session, sql::auth_grant_end, values.text(last.iso())).affected_rows() == 0) {
        throw Error{ErrorKind::not_found, fmt::format("there is no grant {} that goes on after {}", grant, last.iso())};
    }
}

std::vector<UserInfo> list_users(Tx& tx, Session& session) {
    std::vector<UserInfo> users;
    for (auto const& row : execute(tx, session, sql::auth_users)) {
        users.push_back({row["login"].as<std::string>(), row["display_name"].as<std::string>(), row["state"].as<std::string>(),
                         row["last_sign_in"].as<std::string>(), row["grants"].as<std::string>(), row["has_second_factor"].as<bool>(),
                         row["is_demo"].as<bool>()});
    }
    return users;
}

void set_state(Tx& tx, Session& session, std::string_view login, std::string_view state) {
    auto const account = find_user(tx, session, login);
    execute(tx, session, sql::auth_user_state, Parameters{}.number(account).text(std::string{state}));
    execute(tx, session, sql::auth_session_revoke, Parameters{}.number(account).null().null());
    note_act(tx, session, fmt::format("account-{}", state), account);
}

std::string issue_reset_code(Tx& tx, Session& session, std::string_view login, bool without_second_factor) {
    auto const account = find_user(tx, session, login);
    auto code = random_code();
    execute(tx, session, sql::auth_reset_add, Parameters{}.text(token_hash(normal_code(code))).number(account).number(kResetHours));
    note_act(tx, session, without_second_factor ? "reset-code-without-second-factor" : "reset-code", account);
    if (without_second_factor) forget_second_factor(tx, session, account);
    return code;
}

void forget_second_factor(Tx& tx, Session& session, long long account) {
    execute(tx, session, sql::auth_totp_remove, Parameters{}.number(account));
    execute(tx, session, sql::auth_recovery_clear, Parameters{}.number(account));
}

std::string make_key(Tx& tx, Session& session, long long account, KeyRequest const& wanted) {
    auto const name = gis_core::text::to_nfc(wanted.name);
    if (name.empty() || name.size() > 200) throw invalid_field("name", name, "what the key is for");
    if (wanted.scopes.empty()) throw invalid_field("scopes", "", "read, write or both");
    for (auto const& scope : wanted.scopes) {
        if (scope != "read" && scope != "write") throw invalid_field("scopes", scope, "read, write or both");
    }
    if (wanted.rate_per_minute < 1 || wanted.rate_per_minute > 6000)
        throw invalid_field("rate_per_minute", std::to_string(wanted.rate_per_minute), "1 to 6000");
    auto const today = gis_core::business_date();
    auto const last = gis_core::Date{today.days + std::chrono::days{366}};
    auto const expires = wanted.expires_on.empty() ? last : gis_core::Date::from_field("expires_on", wanted.expires_on);
    if (expires < today || last < expires) throw invalid_field("expires_on", expires.iso(), "today to a year from now");
    auto const prefix = "ocop_" + normal_code(random_code()).substr(0, 6);
    auto key = prefix + "_" + random_token();
    auto const made = execute(tx, session, sql::auth_key_add,
                              Parameters{}
                                  .text(token_hash(key))
                                  .text(prefix)
                                  .text(name)
                                  .number(account)
                                  .number(wanted.grant)
                                  .texts(wanted.scopes)
                                  .number(wanted.rate_per_minute)
                                  .text(expires.iso()));
    if (made.empty()) throw invalid_field("grant", std::to_string(wanted.grant), "a grant of this account that is in force today");
    return key;
}

std::vector<std::string> add_demo_users(Tx& tx, Session& session) {
    if (!execute(tx, session, sql::auth_demo_check)[0][0].as<bool>()) {
        throw Error{ErrorKind::conflict, "demo accounts are for the demo: this record holds boundaries or producers that are none"};
    }
    std::map<std::string, std::vector<std::pair<long long, std::string>>> places;
    for (auto const& row : execute(tx, session, sql::auth_demo_places)) {
        places[row["kind"].as<std::string>()].emplace_back(row["key"].as<long long>(), row["code"].as<std::string>());
    }
    for (auto const* kind : {"commune", "district", "province", "producer"}) {
        if (places[kind].empty()) throw Error{ErrorKind::conflict, "the demo is not loaded; ocopmap load --demo"};
    }
    static constexpr std::array<std::pair<char const*, char const*>, 16> kPeople{{{"R02", "Chủ thể (demo)"},
                                                                                  {"R03", "Nhân viên chủ thể (demo)"},
                                                                                  {"R04", "Cán bộ xã (demo)"},
                                                                                  {"R05", "Lãnh đạo UBND xã (demo)"},
                                                                                  {"R06", "Cán bộ huyện cũ (demo)"},
                                                                                  {"R07", "Hội đồng huyện cũ (demo)"},
                                                                                  {"R08", "Cán bộ OCOP tỉnh (demo)"},
                                                                                  {"R09", "Tổ tư vấn (demo)"},
                                                                                  {"R10", "Ủy viên Hội đồng tỉnh (demo)"},
                                                                                  {"R11", "Thư ký Hội đồng (demo)"},
                                                                                  {"R12", "Chủ tịch Hội đồng (demo)"},
                                                                                  {"R13", "Người quyết định (demo)"},
                                                                                  {"R14", "Kiểm tra, giám sát (demo)"},
                                                                                  {"R15", "Cán bộ quy hoạch, GIS (demo)"},
                                                                                  {"R16", "Quản trị hệ thống (demo)"},
                                                                                  {"R17", "Kiểm toán (demo)"}}};
    auto const hash = PasswordHasher{}.hash(typed_password(kDemoPassword));
    std::vector<std::string> made;
    auto const add = [&](std::string const& login, char const* role, char const* name, std::string const& kind, std::size_t place) {
        auto const account = execute(tx, session, sql::auth_demo_account, Parameters{}.text(login).text(name).text(hash));
        if (account.empty()) return;  // there already
        Parameters values;
        values.number(account[0][0].as<long long>()).text(role);
        kind.empty() || kind == "producer" ? values.null() : values.number(places.at(kind).at(place).first);
        kind == "producer" ? values.number(places.at(kind).at(place).first) : values.null();
        execute(tx, session, sql::auth_user_grant, values.text("2025-01-01").null().text("demo"));
        made.push_back(login);
    };
    for (auto const& [role, name] : kPeople) {
        auto const level = level_of(role);
        bool const is_producers = std::string_view{role} == "R02" || std::string_view{role} == "R03";
        add(gis_core::text::fold(fmt::format("demo.{}", role)), role, name, is_producers ? "producer" : level, 0);
    }
    // A second officer, for publishing takes two; and members enough for a council.
    add("demo.r08.2", "R08", "Cán bộ OCOP tỉnh 2 (demo)", "province", 0);
    for (auto const* member : {"2", "3", "4"}) add(fmt::format("demo.r10.{}", member), "R10", "Ủy viên Hội đồng tỉnh (demo)", "province", 0);
    execute(tx, session, sql::auth_demo_seats);
    for (std::size_t place = 1; place < places["commune"].size(); ++place) {
        add(fmt::format("demo.r04.{}", places["commune"][place].second), "R04", "Cán bộ xã (demo)", "commune", place);
    }
    return made;
}

}  // namespace programme::accounts
