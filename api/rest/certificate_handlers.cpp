#include "api/rest/certificate_handlers.hpp"

#include "api/rest/representations.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/certificates.hpp"
#include "programme/qr_code.hpp"

#include <fmt/format.h>

namespace api::rest {

namespace {

std::vector<programme::Certificate> require_certificates(gis_core::db::Pool& pool, http::Request const& request) {
    request.query.allow_only({});
    auto found = pool.read("", [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        return programme::find_certificates(tx, session, request.value(0), gis_core::business_date());
    });
    if (found.empty()) {
        throw gis_core::Error{gis_core::ErrorKind::not_found,
                              "there is no certificate of this number; case, accents, blanks and hyphens do not matter, letters and digits do"};
    }
    return found;
}

void write_certificate(JsonWriter& json, programme::Certificate const& c) {
    json.begin_object().member("serial", std::string_view{c.serial}).member("state", std::string_view{c.state}).member("is_extended", c.is_extended).key("star");
    if (c.star) json.value(*c.star);
    else json.null();
    json.text_or_null("decision_no", c.decision_no).text_or_null("decided_by", c.decided_by).member("issued_on", std::string_view{c.issued_on});
    json.member("valid_to", std::string_view{c.valid_to}).text_or_null("original_valid_to", c.original_valid_to).text_or_null("revoked_on", c.revoked_on);
    json.text_or_null("revocation_decision_no", c.revocation_decision_no).text_or_null("revocation_reason_code", c.revocation_reason_code);
    auto const named = [&](char const* name, long long id, std::string const& text) {
        json.key(name);
        if (c.product) json.begin_object().member("id", id).member("name", std::string_view{text}).end_object();
        else json.null();
    };
    auto const detail = c.product.value_or(programme::ProductDetail{});
    named("product", detail.product.id, detail.product.name);
    named("producer", detail.product.producer_id, detail.product.producer_name);
    write_place(json, "commune_at_act", detail.commune_at_act);
    write_place(json, "district_at_act", detail.district_at_act);
    write_place(json, "commune_today", detail.commune_today);
    json.end_object();
}

}  // namespace

http::Response GetCertificate::operator()(http::Request const& request) const {
    auto const found = require_certificates(pool, request);
    JsonWriter json;
    json.begin_object().member("at", std::string_view{gis_core::business_date().iso()}).key("items").begin_array();
    for (auto const& certificate : found) write_certificate(json, certificate);
    json.end_array().end_object();
    return json_answer(request, json);
}

http::Response GetCertificateQr::operator()(http::Request const& request) const {
    auto const found = require_certificates(pool, request);
    auto const code = programme::make_qr_code((public_url.empty() ? request.base_url() : public_url) + "/xac-minh/" + found.front().slug);
    return cacheable(request, "image/svg+xml",
                     fmt::format(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{0}v{0}H0z"/><path d="{1}"/></svg>)",
                                 code.size, code.path));
}

}  // namespace api::rest
