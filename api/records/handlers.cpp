#include "api/records/handlers.hpp"

#include "api/accounts/gate.hpp"
#include "api/ogc/links.hpp"
#include "api/records/list_query.hpp"
#include "api/rest/json_body.hpp"
#include "api/rest/json_writer.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/private_answer.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "http/problem.hpp"
#include "programme/audit/history.hpp"
#include "programme/records/person.hpp"
#include "programme/records/records.hpp"
#include "programme/records/tile.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace api {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Session;
using programme::access::Right;
using programme::records::Lens;
using programme::records::Row;
using programme::records::Stale;
using rest::etag;
using rest::JsonWriter;
using rest::private_json;
using rest::wanted_version;
using std::string_view;

/// Somebody who acts under a role, and what that role may do with the entity of the path.
struct Asker {
    programme::accounts::Identity who;
    Lens lens;
    Right right;
};

std::string reason_of(http::Request const& request) { return std::string{request.header_or("X-Reason", "").substr(0, 1000)}; }

http::Response row_answer(int status, Row const& row, std::string const& overlaps = "[]") {
    auto body = row.json;
    if (overlaps != "[]") body.insert(body.size() - 1, ",\"overlaps\":" + overlaps);
    auto response = private_json(status, std::move(body));
    response.headers.add("ETag", etag(row.version));
    return response;
}

gis_core::Json body_of(http::Request const& request) {
    auto const type = request.header_or("Content-Type", "");
    if (!type.starts_with("application/json") && !type.starts_with("application/merge-patch+json"))
        throw Error{ErrorKind::unsupported_media, fmt::format("the body is {}, must be application/json", type.empty() ? "of no type" : type.substr(0, 80))};
    return gis_core::parse_json(request.body, "body");
}

/// RFC 9457 with both versions beside it.
http::Response stale_answer(http::Request const& request, Stale const& stale, string_view sent) {
    auto response = http::to_problem(Error{ErrorKind::precondition_failed, fmt::format("the record is at version {} by now", stale.current.version)}, request);
    auto& body = std::get<std::string>(response.body);
    body.insert(body.rfind('}'), fmt::format(",\"current\":{},\"sent\":{}", stale.current.json, sent.empty() ? "null" : sent));
    response.headers.add("ETag", etag(stale.current.version));
    response.headers.add("Cache-Control", "no-store");
    return response;
}

Asker ask(Gate& gate, programme::dictionary::Dictionary const& dictionary, programme::access::Access const& access, programme::accounts::Vault const& vault,
          http::Request const& request, bool writes) {
    auto who = gate.require(request);
    auto const& entity = dictionary.entity(request.value(0));
    auto const role = who.role;
    if (role.empty()) throw Error{ErrorKind::forbidden, "this account has no role in force"};
    auto const right = access.right(entity.id, role);
    if (!right.may_read()) throw Error{ErrorKind::forbidden, fmt::format("the role {} may not see {}", role, entity.id)};
    if (writes && !right.may_write) throw Error{ErrorKind::forbidden, fmt::format("the role {} may read {} and not write them", role, entity.id)};
    return {std::move(who), {entity, role, &vault, right.is_masked}, right};
}

Error no_row(Lens const& lens, std::int64_t key) {
    return {ErrorKind::not_found, fmt::format("there is no row {} of {} that you may see", key, lens.entity.id)};
}

std::int64_t key_of(http::Request const& request) { return rest::parse_id("id", request.value(1)); }

}  // namespace

http::Response Records::entities(http::Request const& request) {
    request.query.allow_only({});
    auto const who = gate_.require(request);
    auto const& role = who.role;
    JsonWriter json;
    json.begin_object().text_or_null("role", role).key("items").begin_array();
    for (auto const& entity : dictionary_->entities()) {
        auto const right = access_.right(entity.id, role);
        if (!right.may_read()) continue;
        json.begin_object().member("id", string_view{entity.id}).member("group", entity.group).member("title_vi", string_view{entity.title.vi});
        json.member("title_en", string_view{entity.title.en}).member("may_write", right.may_write).member("is_masked", right.is_masked);
        json.member("href", string_view{"/api/records/" + entity.id}).member("schema", string_view{"/api/schemas/" + entity.id}).end_object();
    }
    json.end_array().end_object();
    return private_json(200, json.take());
}

http::Response Records::list(http::Request const& request) {
    auto const asker = ask(gate_, *dictionary_, access_, vault_, request, false);
    auto const query = read_list_query(request.query, asker.lens);
    auto const page = pool_.read("", asker.who.actor(reason_of(request)),
                                 [&](pqxx::transaction_base& tx, Session&) { return programme::records::list(tx, asker.lens, query); });
    JsonWriter json;
    json.begin_object().member("total", static_cast<long long>(page.total)).key("items").begin_array();
    for (auto const& row : page.rows) json.raw(row);
    json.end_array();
    if (page.next) json.member("next", string_view{ogc::with_parameters(request, {{"after", std::to_string(*page.next)}})});
    json.end_object();
    return private_json(200, json.take());
}

http::Response Records::tile(http::Request const& request) {
    auto const asker = ask(gate_, *dictionary_, access_, vault_, request, false);
    auto const at = gis_core::TileId::parse(request.value(1), request.value(2), request.value(3));
    if (!at || at->z > programme::records::kTileLastZoom) {
        throw Error{ErrorKind::not_found, fmt::format("there is no tile {}/{}/{}: zooms are 0 to {}, columns and rows 0 to 2^zoom - 1", request.value(1),
                                                      request.value(2), request.value(3), programme::records::kTileLastZoom)};
    }
    auto const query = read_list_query(request.query, asker.lens);
    auto bytes = pool_.read("", asker.who.actor(reason_of(request)),
                            [&](pqxx::transaction_base& tx, Session&) { return programme::records::tile(tx, asker.lens, query, *at); });
    if (bytes.empty()) return rest::nothing();
    auto response = http::Response::text(200, "application/vnd.mapbox-vector-tile", std::move(bytes));
    response.headers.add("Cache-Control", "private, no-store");
    return response;
}

http::Response Records::create(http::Request const& request) {
    request.query.allow_only({});
    auto const asker = ask(gate_, *dictionary_, access_, vault_, request, true);
    auto const values = programme::records::read_values(asker.lens.entity, body_of(request), asker.lens.role, true, &vault_);
    std::int64_t key = 0;
    std::string overlaps;
    auto const row = pool_.write(asker.who.actor(reason_of(request)), [&](pqxx::transaction_base& tx, Session&) {
        return programme::records::in_words(asker.lens, [&] {
            key = programme::records::create(tx, asker.lens, values);
            overlaps = programme::records::overlaps(tx, asker.lens, key);
            return programme::records::find(tx, asker.lens, key);
        });
    });
    if (!row) throw Error{ErrorKind::internal, "the record was made and cannot be read"};
    auto response = row_answer(201, *row, overlaps);
    response.headers.add("Location", fmt::format("/api/records/{}/{}", asker.lens.entity.id, key));
    return response;
}

http::Response Records::read(http::Request const& request) {
    request.query.allow_only({});
    auto const asker = ask(gate_, *dictionary_, access_, vault_, request, false);
    auto const key = key_of(request);
    auto const row = pool_.read("", asker.who.actor(reason_of(request)),
                                [&](pqxx::transaction_base& tx, Session&) { return programme::records::find(tx, asker.lens, key); });
    if (!row) throw no_row(asker.lens, key);
    return http::conditional(request, row_answer(200, *row), etag(row->version));
}

http::Response Records::change(http::Request const& request, bool whole) {
    request.query.allow_only({});
    auto const asker = ask(gate_, *dictionary_, access_, vault_, request, true);
    auto const key = key_of(request);
    auto const version = wanted_version(request);
    auto const values = programme::records::read_values(asker.lens.entity, body_of(request), asker.lens.role, whole, &vault_);
    std::optional<Stale> stale;
    std::string overlaps;
    auto const row = pool_.write(asker.who.actor(reason_of(request)), [&](pqxx::transaction_base& tx, Session&) {
        return programme::records::in_words(asker.lens, [&] {
            stale = programme::records::update(tx, asker.lens, key, version, values);
            if (!stale) overlaps = programme::records::overlaps(tx, asker.lens, key);
            return programme::records::find(tx, asker.lens, key);
        });
    });
    if (stale) return stale_answer(request, *stale, request.body);
    if (!row) throw Error{ErrorKind::internal, "the record was changed and cannot be read"};
    return row_answer(200, *row, overlaps);
}

http::Response Records::retire(http::Request const& request) {
    request.query.allow_only({});
    auto const asker = ask(gate_, *dictionary_, access_, vault_, request, true);
    auto const key = key_of(request);
    auto const version = wanted_version(request);
    auto const stale = pool_.write(asker.who.actor(reason_of(request)), [&](pqxx::transaction_base& tx, Session&) {
        return programme::records::in_words(asker.lens, [&] { return programme::records::retire(tx, asker.lens, key, version); });
    });
    if (stale) return stale_answer(request, *stale, {});
    return rest::nothing();
}

http::Response Records::restore(http::Request const& request) {
    request.query.allow_only({});
    auto const asker = ask(gate_, *dictionary_, access_, vault_, request, true);
    auto const key = key_of(request);
    auto const version = wanted_version(request);
    std::optional<Stale> stale;
    auto const row = pool_.write(asker.who.actor(reason_of(request)), [&](pqxx::transaction_base& tx, Session&) {
        return programme::records::in_words(asker.lens, [&] {
            stale = programme::records::restore(tx, asker.lens, key, version);
            return programme::records::find(tx, asker.lens, key);
        });
    });
    if (stale) return stale_answer(request, *stale, {});
    return row_answer(200, *row);
}

http::Response Records::my_data(http::Request const& request) {
    request.query.allow_only({});
    auto const who = gate_.require_session(request);
    auto response = http::Response::stream("application/json; charset=utf-8",
                                           [this, who, about = gate_.accounts().about(who), grants = gate_.accounts().grants(who)](http::BodySink& sink) {
                                               sink.write("{\"account\":" + about + ",\n\"producers\":{");
                                               bool is_first = true;
                                               for (auto const& grant : grants) {
                                                   if (grant.producer == 0) continue;
                                                   auto acting = who;
                                                   acting.role = grant.role;
                                                   acting.grant = grant.id;
                                                   sink.write(fmt::format("{}\"{}\":", is_first ? "" : ",\n", grant.producer));
                                                   is_first = false;
                                                   pool_.read("", acting.actor(), [&](pqxx::transaction_base& tx, Session&) {
                                                       programme::records::copy_of_producer(tx, *dictionary_, access_, grant.role, grant.producer, &vault_,
                                                                                            [&](string_view part) { sink.write(part); });
                                                       return true;
                                                   });
                                               }
                                               sink.write("}}\n");
                                           });
    response.headers.add("Content-Disposition", "attachment; filename=\"my-data.json\"");
    response.headers.add("Cache-Control", "no-store");
    return response;
}

http::Response Records::reveal(http::Request const& request) {
    request.query.allow_only({});
    auto const asker = ask(gate_, *dictionary_, access_, vault_, request, false);
    auto const key = key_of(request);
    rest::JsonBody const body{request, {"field", "reason", "own_password"}};
    gate_.accounts().require_recent(asker.who, body.text_or("own_password", ""));
    auto const value = pool_.write(asker.who.actor(reason_of(request)), [&](pqxx::transaction_base& tx, Session&) {
        return programme::records::reveal(tx, asker.lens, key, body.text("field"), body.text("reason"));
    });
    JsonWriter json;
    json.begin_object().member("field", body.text("field")).member("value", string_view{value}).end_object();
    return private_json(200, json.take());
}

http::Response Records::history(http::Request const& request) {
    request.query.allow_only({});
    auto const asker = ask(gate_, *dictionary_, access_, vault_, request, false);
    auto const& entity = asker.lens.entity;
    if (asker.right.is_masked) throw Error{ErrorKind::forbidden, fmt::format("the role {} sees {} masked, and not their history", asker.who.role, entity.id)};
    auto const key = key_of(request);
    auto const versions = pool_.read("", asker.who.actor(reason_of(request)), [&](pqxx::transaction_base& tx, Session&) {
        if (!programme::records::find(tx, asker.lens, key)) throw no_row(asker.lens, key);
        return programme::audit::history(tx, entity.table, std::to_string(key));
    });
    auto const shows = [&](std::string const& column) {
        auto const* field = entity.find(column);
        return field != nullptr && asker.lens.sees(*field);
    };
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (auto const& version : versions) {
        json.begin_object().text_or_null("action", version.action).key("version");
        version.version ? json.value(*version.version) : json.null();
        json.text_or_null("since", version.since).text_or_null("until", version.until).text_or_null("login", version.login).text_or_null("role", version.role);
        json.text_or_null("reason", version.reason).text_or_null("request", version.request).key("changed").begin_array();
        for (auto const& column : version.changed) {
            if (shows(column)) json.value(string_view{column});
        }
        json.end_array().key("row");
        if (version.image.empty()) {
            json.null();
        } else {
            auto const image = gis_core::parse_json(version.image, "version");
            auto row = gis_core::Json::object();
            for (auto const& [column, value] : image.items()) {
                auto const* field = entity.find(column);
                if (shows(column) && !programme::dictionary::is_shape(*field)) row[column] = value;  // shapes: named in changed, their outlines in the record
            }
            json.raw(gis_core::to_text(row));
        }
        json.end_object();
    }
    json.end_array().end_object();
    return private_json(200, json.take());
}

}  // namespace api
