#pragma once

#include "programme/access/access.hpp"
#include "programme/accounts/accounts.hpp"
#include "programme/accounts/secrets.hpp"

#include <memory>
#include <string>

namespace gis_core::db {
class Pool;
}
namespace http {
class Router;
struct Request;
}  // namespace http
namespace programme::dictionary {
class Dictionary;
struct Entity;
}  // namespace programme::dictionary

namespace api {

struct Context;
class Gate;

/// What the addresses and pages of this folder share.
struct Contact {
    gis_core::db::Pool& pool;
    Gate& gate;
    std::shared_ptr<programme::dictionary::Dictionary const> dictionary;
    programme::access::Access access;
    programme::accounts::Vault vault;  // for keyed hashes of addresses

    /// Where a text comes from, so that it can be counted and not found out.
    std::string source_of(http::Request const& request) const;
    /// Tables of the entities whose rows belong to a producer and that a role reads.
    std::vector<std::string> tables_read(std::string const& role) const;
    /// nullptr when there is none.
    programme::dictionary::Entity const* entity_of(std::string const& table) const;
};

std::shared_ptr<Contact> make_contact(Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary);

void add_notice_routes(http::Router& router, std::shared_ptr<Contact> const& contact);
void add_message_routes(http::Router& router, std::shared_ptr<Contact> const& contact);
void add_feedback_routes(http::Router& router, std::shared_ptr<Contact> const& contact);
void add_content_routes(http::Router& router, std::shared_ptr<Contact> const& contact);

}  // namespace api
