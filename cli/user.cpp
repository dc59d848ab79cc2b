#include "cli/command.hpp"

#include "gis_core/error.hpp"
#include "programme/accounts/operator.hpp"

#include <fmt/format.h>
#include <CLI/App.hpp>
#include <pqxx/pqxx>

#include <cstdio>
#include <memory>

namespace cli {
namespace {

namespace accounts = programme::accounts;
using gis_core::db::Session;

/// One transaction as the operator: the owner of the database.
template <typename Work>
void as_operator(Context& context, Work work) {
    gis_core::db::PoolConfig config;
    config.conninfo = context.database();
    config.application_name = "ocopmap user";
    Session session{config};
    pqxx::work tx{session.connection()};
    context.exit_code = kRefused;  // what an error of the input means from here on
    work(tx, session);
    tx.commit();
    context.exit_code = kDone;
}

void print_code(std::string const& login, std::string const& code) {
    std::printf("%s\n", code.c_str());
    std::fprintf(stderr, "One-time code for %s, good for %d hours and shown only now. Its owner sets a password with it: /mat-khau-moi\n", login.c_str(),
                 accounts::kResetHours);
}

struct Arguments {
    accounts::NewUser user;
    accounts::NewGrant grant;
    accounts::KeyRequest key;
    std::string login;
    long long grant_id = 0;
    bool without_second_factor = false;
};

}  // namespace

void add_user(CLI::App& app, Context& context) {
    auto const a = std::make_shared<Arguments>();
    auto* user = app.add_subcommand("user", "accounts, what they may act as, and their keys");
    user->require_subcommand(1);

    auto* add = user->add_subcommand("add", "make an account and print the one-time code its owner sets a password with");
    add->add_option("LOGIN", a->user.login, "3 to 100 letters, digits and . _ @ + -")->required();
    add->add_option("--name", a->user.name, "the person's name")->required();
    add->add_option("--email", a->user.email);
    add->add_option("--phone", a->user.phone);
    add->callback([&context, a] {
        as_operator(context, [&](pqxx::transaction_base& tx, Session& session) {
            accounts::add_user(tx, session, a->user);
            print_code(a->user.login, accounts::issue_reset_code(tx, session, a->user.login, false));
        });
    });

    auto* grant = user->add_subcommand("grant", "let an account act under a role; prints the number of the grant");
    grant->add_option("LOGIN", a->login)->required();
    grant->add_option("ROLE", a->grant.role, "R02 to R18")->required();
    grant->add_option("--unit", a->grant.unit, "CODE or CODE@DATE: commune (R04, R05, R18), old district (R06, R07), province (R08 to R15)");
    grant->add_option("--producer", a->grant.producer, "id of the producer (R02, R03, R18)");
    grant->add_option("--from", a->grant.from, "first day (default: today)");
    grant->add_option("--to", a->grant.to, "the day on which it ends");
    grant->add_option("--document", a->grant.document, "the decision that gives it");
    grant->callback([&context, a] {
        as_operator(context,
                    [&](pqxx::transaction_base& tx, Session& session) { std::printf("%lld\n", accounts::grant_role(tx, session, a->login, a->grant)); });
    });

    auto* revoke = user->add_subcommand("revoke", "end a grant today; sessions and keys that act under it have no rights from then on");
    revoke->add_option("GRANT", a->grant_id, "its number, as ocopmap user list prints it")->required();
    revoke->callback(
        [&context, a] { as_operator(context, [&](pqxx::transaction_base& tx, Session& session) { accounts::end_grant(tx, session, a->grant_id); }); });

    for (auto const& [name, state, what] : {std::tuple{"lock", "locked", "keep an account from signing in, and end its sessions"},
                                            {"unlock", "active", "let a locked account sign in again"},
                                            {"close", "closed", "close an account for good"}}) {
        auto* command = user->add_subcommand(name, what);
        command->add_option("LOGIN", a->login)->required();
        command->callback([&context, a, state = state] {
            as_operator(context, [&](pqxx::transaction_base& tx, Session& session) { accounts::set_state(tx, session, a->login, state); });
        });
    }

    user->add_subcommand("list", "all accounts with their grants")->callback([&context] {
        as_operator(context, [&](pqxx::transaction_base& tx, Session& session) {
            for (auto const& row : accounts::list_users(tx, session)) {
                std::printf("%s\t%s\t%s%s%s\t%s\t%s\n", row.login.c_str(), row.name.c_str(), row.state.c_str(), row.has_second_factor ? ", second factor" : "",
                            row.is_demo ? ", demo" : "", row.last_sign_in.empty() ? "never" : row.last_sign_in.c_str(), row.grants.c_str());
            }
        });
    });

    auto* reset = user->add_subcommand("reset", "print a one-time code with which the owner sets a new password");
    reset->add_option("LOGIN", a->login)->required();
    reset->add_flag("--second-factor", a->without_second_factor, "and take the second factor away: its owner lost it");
    reset->callback([&context, a] {
        as_operator(context, [&](pqxx::transaction_base& tx, Session& session) {
            print_code(a->login, accounts::issue_reset_code(tx, session, a->login, a->without_second_factor));
        });
    });

    auto* key = user->add_subcommand("key", "make an API key for a machine and print it");
    key->add_option("LOGIN", a->login)->required();
    key->add_option("--grant", a->key.grant, "number of the grant it acts under")->required();
    key->add_option("--name", a->key.name, "what it is for")->required();
    key->add_option("--scope", a->key.scopes, "read, write")->required();
    key->add_option("--rate", a->key.rate_per_minute, "calls a minute")->capture_default_str();
    key->add_option("--expires", a->key.expires_on, "its last day (default: a year from now)");
    key->callback([&context, a] {
        as_operator(context, [&](pqxx::transaction_base& tx, Session& session) {
            std::printf("%s\n", accounts::make_key(tx, session, accounts::find_user(tx, session, a->login), a->key).c_str());
            std::fprintf(stderr, "Shown only now. Use: Authorization: Bearer …\n");
        });
    });

    user->add_subcommand("demo", "one account a role, for the demo only")->callback([&context] {
        as_operator(context, [&](pqxx::transaction_base& tx, Session& session) {
            for (auto const& login : accounts::add_demo_users(tx, session)) std::printf("%s\n", login.c_str());
            std::fprintf(stderr, "demo.r02 to demo.r17, all with the password \"%s\"\n", accounts::kDemoPassword);
        });
    });
}

}  // namespace cli
