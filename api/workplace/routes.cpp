// What the scripts of a form ask for: a draft is kept, a file or a drawing is read.
#include "api/accounts/gate.hpp"
#include "api/context.hpp"
#include "api/pages/view.hpp"
#include "api/rest/parameters.hpp"
#include "api/routes.hpp"
#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "http/router.hpp"
#include "programme/access/access.hpp"
#include "programme/drafts/drafts.hpp"
#include "programme/shapes/shapes.hpp"

#include <fmt/format.h>

#include <memory>

namespace api {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::Json;
using gis_core::db::Session;

struct Desks {
    gis_core::db::Pool& pool;
    Gate& gate;
    std::shared_ptr<programme::dictionary::Dictionary const> dictionary;
    programme::access::Access access;
};

http::Response json_answer(Json const& json) {
    auto response = http::Response::text(200, "application/json; charset=utf-8", gis_core::to_text(json) + '\n');
    response.headers.add("Cache-Control", "no-store");
    return response;
}

/// The entity and row of /api/drafts/{entity}/{id}, for somebody who may write it.
std::pair<programme::dictionary::Entity const*, std::int64_t> draft_place(Desks const& place, http::Request const& request,
                                                                          programme::accounts::Identity const& who) {
    auto const& entity = place.dictionary->entity(request.value(0));
    if (!place.access.right(entity.id, who.role).may_write) throw Error{ErrorKind::forbidden, fmt::format("the role {} may not write {}", who.role, entity.id)};
    return {&entity, request.value(1) == "new" ? 0 : rest::parse_id("id", request.value(1))};
}

/// The form without its token and without what nobody keeps outside its own table: sealed numbers and sensitive data.
std::string fit_to_keep(programme::dictionary::Entity const& entity, http::Query const& form) {
    auto const is_private = [&](std::string_view name) {
        auto const* field = entity.find(name.substr(0, name.find('.')));
        return field != nullptr && (programme::dictionary::is_sealed(*field) || field->personal == programme::dictionary::Personal::sensitive);
    };
    std::string out;
    for (auto const& [name, value] : form) {
        if (name == "csrf" || name == "action" || is_private(name)) continue;
        auto kept = value;
        if (name == "was") {
            auto was = gis_core::parse_json(value, "was");
            auto clean = Json::object();
            if (was.is_object()) {
                for (auto const& [column, mark] : was.items()) {
                    if (!is_private(column)) clean[column] = mark;
                }
            }
            kept = gis_core::to_text(clean);
        }
        out += (out.empty() ? "" : "&") + pages::encode_value(name) + '=' + pages::encode_value(kept);
    }
    return out;
}

http::Response put_draft(Desks& place, http::Request const& request) {
    request.query.allow_only({});
    auto const who = place.gate.require_session(request);
    auto const [entity, row] = draft_place(place, request, who);
    if (!is_form(request)) throw Error{ErrorKind::unsupported_media, "a draft is application/x-www-form-urlencoded, as the form would send it"};
    auto const form = fit_to_keep(*entity, http::Query::parse(request.body));
    auto const& id = entity->id;
    auto const key = row;
    auto const saved = place.pool.write(who.actor(), [&](pqxx::transaction_base& tx, Session&) { return programme::drafts::keep(tx, who.account, id, key, form); });
    return json_answer({{"saved_at", saved}});
}

http::Response delete_draft(Desks& place, http::Request const& request) {
    request.query.allow_only({});
    auto const who = place.gate.require_session(request);
    auto const [entity, row] = draft_place(place, request, who);
    auto const& id = entity->id;
    auto const key = row;
    place.pool.write(who.actor(), [&](pqxx::transaction_base& tx, Session&) { programme::drafts::drop(tx, id, key); });
    http::Response response;
    response.status = 204;
    response.headers.add("Cache-Control", "no-store");
    return response;
}

http::Response read_shapes(Desks& place, http::Request const& request) {
    request.query.allow_only({"crs"});
    auto const who = place.gate.require(request);
    auto const crs = std::string{request.query.find("crs").value_or("")};
    int epsg = 0;
    if (!crs.empty()) {
        if (!crs.starts_with("EPSG:")) throw gis_core::invalid_field("crs", crs, "EPSG and its code, as EPSG:9210");
        epsg = static_cast<int>(rest::parse_id("crs", std::string_view{crs}.substr(5)));
    }
    auto const shapes = programme::shapes::read_file(request.body, epsg);
    return json_answer(place.pool.read("", who.actor(), [&](pqxx::transaction_base& tx, Session&) { return programme::shapes::measured(tx, shapes); }));
}

}  // namespace

void add_form_routes(http::Router& router, Context& context, std::shared_ptr<programme::dictionary::Dictionary const> dictionary) {
    auto access = programme::access::Access::load(context.config.data_dir, *dictionary);
    auto const desks = std::make_shared<Desks>(Desks{context.pool, gate_of(context), std::move(dictionary), std::move(access)});
    router.add("PUT", "/api/drafts/{entity}/{id}", [desks](http::Request const& request) { return put_draft(*desks, request); });
    router.add("DELETE", "/api/drafts/{entity}/{id}", [desks](http::Request const& request) { return delete_draft(*desks, request); });
    router.post("/api/shapes", [desks](http::Request const& request) { return read_shapes(*desks, request); });
}

}  // namespace api
