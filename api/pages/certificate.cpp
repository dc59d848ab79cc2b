#include "api/pages/certificate.hpp"

#include "api/context.hpp"
#include "api/pages/form.hpp"
#include "api/pages/view.hpp"
#include "gis_core/db/pool.hpp"
#include "http/router.hpp"
#include "programme/certificates.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

namespace api::pages {
namespace {

using gis_core::Json;
using Language = Pages::Language;

constexpr Address kVerify{"/xac-minh", "/en/verify"}, kMisuse{"/phan-hoi?kind=misuse", "/en/feedback?kind=misuse"};

/// What is in force, or was, in one sentence below the answer.
std::string note_of(Texts const& t, programme::Certificate const& c) {
    if (c.state == "revoked") return t("state_revoked_on", {{"date", Texts::date(c.revoked_on)}});
    if (c.state == "expired") return t("state_expired_on", {{"date", Texts::date(c.valid_to)}});
    if (c.is_extended) return t("state_extended_until", {{"from", Texts::date(c.original_valid_to)}, {"to", Texts::last_day(c.valid_to)}});
    return t(c.state == "expiring" ? "state_expiring_until" : "state_valid_until", {{"date", Texts::last_day(c.valid_to)}});
}

/// The commune when the product was registered and today; one line when they are the same.
Json places_of(Texts const& t, programme::ProductDetail const& detail) {
    auto const& act = detail.commune_at_act;
    auto const& today = detail.commune_today;
    auto const name = act.name + (detail.district_at_act.name.empty() ? "" : ", " + detail.district_at_act.name);
    if (act.code == today.code && act.name == today.name) return Json::array({{{"label", t("unit_same")}, {"name", today.name}}});
    Json out = Json::array();
    if (!today.code.empty()) out.push_back({{"label", t("unit_today")}, {"name", today.name}});
    if (!act.code.empty()) out.push_back({{"label", t("unit_act")}, {"name", name}});
    return out;
}

/// One certificate: the answer first, then what it rests on.
Json answer_model(Texts const& t, Language language, programme::Certificate const& c) {
    auto const root = std::string{language == Language::vi ? "" : "/en"};
    Json out{{"serial", c.serial}, {"in_force", c.is_in_force()}, {"decided_by", c.decided_by}, {"note", note_of(t, c)}};
    out["answer"] = t(c.is_in_force() ? "cert_holds" : c.state == "revoked" ? "cert_revoked" : "cert_expired");
    if (c.star) {
        out["star"] = std::to_string(*c.star);
        out["grade"] = t("star_n", {{"n", std::to_string(*c.star)}});
    }
    auto const day = Texts::date(c.issued_on);
    out["decision"] = c.decision_no.empty() ? t("decision_date", {{"date", day}}) : t("decision", {{"no", c.decision_no}, {"date", day}});
    out["validity"] = t("validity") + " " + t("validity_range", {{"from", day}, {"to", Texts::last_day(c.valid_to)}});
    if (!c.original_valid_to.empty() && !c.is_extended)
        out["extension"] = t("state_extended_until", {{"from", Texts::date(c.original_valid_to)}, {"to", Texts::last_day(c.valid_to)}});
    if (c.state == "revoked") {
        out["revocation_decision"] = c.revocation_decision_no;
        auto const reason = "revocation_" + c.revocation_reason_code;
        out["revocation_reason"] = t.has(reason) ? t(reason) : "";
    }
    if (!c.newer_slug.empty()) {
        out["newer"] = t("cert_newer_no", {{"no", c.newer_serial}});
        out["newer_href"] = kVerify.in(language) + "/" + c.newer_slug;
    }
    auto feedback = kMisuse.in(language) + "&certificate=" + encode_value(c.serial);
    if (c.product) {
        auto const& product = c.product->product;
        feedback += fmt::format("&product={}", product.id);
        out["product"] = product.name;
        out["product_href"] = fmt::format("{}/products/{}", root, product.id);
        out["producer"] = product.producer_name;
        out["producer_href"] = fmt::format("{}/producers/{}", root, product.producer_id);
        out["places"] = places_of(t, *c.product);
        out["is_demo"] = product.is_demo;
    }
    out["feedback_href"] = std::move(feedback);
    return out;
}

std::string time_in_vietnam() {
    constexpr int kHours = 7;
    return fmt::format("{:%H:%M %d/%m/%Y}", fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + std::chrono::hours{kHours})));
}

/// serial empty: the form alone. Kept by nobody, so that what is read is how it stands now.
http::Response certificate_page(gis_core::db::Pool& pool, Pages const& pages, http::Request const& request, Language language, std::string const& serial) {
    auto const& t = pages.texts(language);
    std::vector<programme::Certificate> found;
    if (!serial.empty())
        found = pool.read("", [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
            return programme::find_certificates(tx, session, serial, gis_core::business_date());
        });
    auto const below = serial.empty() ? std::string{} : "/" + encode_value(serial);
    Json items = Json::array();
    for (auto const& certificate : found) items.push_back(answer_model(t, language, certificate));
    Json model{{"title", found.empty() ? t("cert_title") : items[0]["answer"].get<std::string>() + ": " + found.front().serial}, {"serial", serial}};
    model["here"] = kVerify.in(language);
    model["address"] = kVerify.in(language) + below;
    model["other_href"] = kVerify.in(language == Language::vi ? Language::en : Language::vi) + below;
    if (!serial.empty() && found.empty()) {
        model["unknown"] = t("cert_unknown", {{"no", serial}});
        model["unknown_href"] = kMisuse.in(language) + "&certificate=" + encode_value(serial);
    }
    model["as_of"] = t("cert_as_of", {{"when", time_in_vietnam()}});
    model["has_items"] = !items.empty();
    model["items"] = std::move(items);
    return pages.personal(request, language, "certificate_page", std::move(model), !serial.empty() && found.empty() ? 404 : 200);
}

}  // namespace

void add_certificate_pages(http::Router& router, Context& context, std::shared_ptr<Pages> const& pages) {
    for (auto const language : {Language::vi, Language::en}) {
        router.get(kVerify.in(language), [pages, language, &pool = context.pool](http::Request const& request) {
            auto const serial = std::string{request.query.find("serial").value_or("")};
            if (!serial.empty()) return see_other(kVerify.in(language) + "/" + encode_value(serial));  // what was typed becomes an address that can be sent on
            return pages->guarded(request, language, [&] { return certificate_page(pool, *pages, request, language, ""); });
        });
        router.get(kVerify.in(language) + "/{serial}", [pages, language, &pool = context.pool](http::Request const& request) {
            return pages->guarded(request, language, [&] { return certificate_page(pool, *pages, request, language, request.value(0)); });
        });
    }
}

}  // namespace api::pages
