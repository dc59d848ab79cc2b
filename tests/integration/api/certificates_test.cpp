#include "programme/qr_code.hpp"
#include "tests/integration/api/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>

/// Certificates by the number on the paper, against rows written for the purpose and against arithmetic on the base table.
namespace {

using gis_core::Json;
using test_support::Api;
using testing::HasSubstr;

class CertificatesTest : public ::testing::Test {
protected:
    test_support::TestDatabase database{test_support::TestDatabase::From::demo};
    Api api{database.conninfo()};
    std::string const product = database.value("SELECT min(product_key) FROM ocop.product p JOIN ocop.producer m USING (producer_key) WHERE p.is_published AND m.is_published");

    void SetUp() override { database.execute(fmt::format("DELETE FROM ocop.certificate WHERE product_key = {}", product)); }
    /// days: from today to its end.
    void give(std::string const& serial, int days, std::string const& more = "NULL, NULL, NULL, NULL", int issued = -1000) {
        database.execute(fmt::format("INSERT INTO ocop.certificate (product_key, star, decision_no, issued_on, certificate_serial, valid_to, original_valid_to, revoked_on, "
                                     "revocation_decision_no, revocation_reason_code) VALUES ({}, 4, '12/QĐ-UBND', pub.business_date() + ({}), '{}', pub.business_date() + ({}), {})",
                                     product, issued, serial, days, more));
    }
    Json one(std::string const& address) {
        auto const answer = api.json("/api/certificates/" + address);
        EXPECT_EQ(answer.at("items").size(), 1U) << answer;
        return answer.at("items").at(0);
    }
};

TEST_F(CertificatesTest, ANumberIsFoundHoweverItIsTyped) {
    give("123/2024/GCN-Đồng Khởi", 400);
    for (auto const* typed : {"123%2F2024%2FGCN-%C4%90%E1%BB%93ng%20Kh%E1%BB%9Fi", "123-2024-GCN-DONG-KHOI", "123%202024%20gcn%20dong%20khoi", "1232024GCNDONGKHOI",
                              "123.2024.gcn.do%CC%82%CC%80ng-kho%CC%9B%CC%89i"})
        EXPECT_EQ(one(typed).at("serial"), "123/2024/GCN-Đồng Khởi") << typed;
    EXPECT_EQ(api.call("GET", "/api/certificates/124-2024-GCN-DONG-KHOI").status, 404);
    EXPECT_THAT(api.problem(404, "/api/certificates/999").at("detail").get<std::string>(), HasSubstr("letters and digits do"));
    EXPECT_EQ(api.problem(400, "/api/certificates/" + std::string(101, '1')).at("errors").at(0).at("field"), "serial");
    EXPECT_EQ(api.call("GET", "/api/certificates/---").status, 404);
    EXPECT_EQ(api.call("GET", "/api/certificates/1?at=2020-01-01").status, 400);
}

TEST_F(CertificatesTest, TwoNumbersThatDifferInHyphensOnlyAreBothShownTheOneAsTypedFirst) {
    give("11-2", -10);
    give("1-12", 400, "NULL, NULL, NULL, NULL", -5);
    auto const items = api.json("/api/certificates/1-12").at("items");
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items.at(0).at("serial"), "1-12");
    EXPECT_EQ(items.at(0).at("state"), "valid");
    EXPECT_EQ(items.at(1).at("state"), "expired");
}

TEST_F(CertificatesTest, EachStateIsToldAndTheStarGoesWithTheForce) {
    struct Case {
        int days;
        char const* more;
        char const* state;
        bool is_extended, has_star;
    };
    for (auto const& [serial, expected] : std::map<std::string, Case>{
             {"V", {181, "NULL, NULL, NULL, NULL", "valid", false, true}},
             {"S", {180, "NULL, NULL, NULL, NULL", "expiring", false, true}},
             {"L", {1, "NULL, NULL, NULL, NULL", "expiring", false, true}},  // its last day
             {"E", {0, "NULL, NULL, NULL, NULL", "expired", false, false}},
             {"X", {90, "pub.business_date() - 90, NULL, NULL, NULL", "expiring", true, true}},
             {"Y", {90, "pub.business_date(), NULL, NULL, NULL", "expiring", true, true}},         // the first day of the extension
             {"Z", {90, "pub.business_date() + 1, NULL, NULL, NULL", "expiring", false, true}},    // the day before it
             {"W", {-1, "pub.business_date() - 90, NULL, NULL, NULL", "expired", false, false}},
             {"R", {400, "NULL, pub.business_date(), '9/QĐ-TH', 'mark_misused'", "revoked", false, false}},
             {"U", {90, "pub.business_date() - 9, pub.business_date(), '9/QĐ-TH', 'mark_misused'", "revoked", false, false}},
             {"T", {400, "NULL, pub.business_date() + 1, NULL, NULL", "valid", false, true}}}) {
        SCOPED_TRACE(serial);
        database.execute(fmt::format("DELETE FROM ocop.certificate WHERE product_key = {}", product));
        give(serial, expected.days, expected.more);
        auto const found = one(serial);
        EXPECT_EQ(found.at("state"), expected.state);
        EXPECT_EQ(found.at("is_extended"), expected.is_extended);
        EXPECT_EQ(found.at("star"), expected.has_star ? Json(4) : Json(nullptr));
        EXPECT_EQ(found.at("decision_no"), "12/QĐ-UBND");
        auto const shown = api.json("/api/products/" + product);
        EXPECT_EQ(shown.at("certificate_state"), expected.state);
        EXPECT_EQ(shown.at("star"), found.at("star"));
        EXPECT_EQ(shown.at("certificates").at(0).at("star"), found.at("star"));
        if (std::string_view{expected.state} == "revoked") {
            EXPECT_EQ(found.at("revocation_reason_code"), "mark_misused");
        }
    }
}

TEST_F(CertificatesTest, ProductAndUnitsAreNamedWhileTheProductIsPublic) {
    give("N-1", 400);
    auto const wanted = database.query(fmt::format("SELECT p.name, m.name, u.name FROM ocop.product p JOIN ocop.producer m USING (producer_key) JOIN geo.admin_unit u ON "
                                                   "u.unit_key = m.unit_key WHERE p.product_key = {}",
                                                   product))
                            .at(0);
    auto const found = one("N-1");
    EXPECT_EQ(found.at("product").at("name"), wanted[0]);
    EXPECT_EQ(found.at("producer").at("name"), wanted[1]);
    EXPECT_EQ(found.at("commune_at_act").at("name"), wanted[2]);
    database.execute(fmt::format("UPDATE ocop.product SET is_published = false WHERE product_key = {}", product));
    auto const hidden = one("N-1");
    EXPECT_EQ(hidden.at("state"), "valid");
    for (auto const* name : {"product", "producer", "commune_at_act", "commune_today"}) EXPECT_TRUE(hidden.at(name).is_null()) << name;
    database.execute(fmt::format("UPDATE ocop.certificate SET retired_at = now() WHERE product_key = {}", product));
    EXPECT_EQ(api.call("GET", "/api/certificates/N-1").status, 404) << "entered by mistake";
}

TEST_F(CertificatesTest, TheQrCodeHoldsTheAddressOfItsPage) {
    give("5/GCN Mỏ Cày", 400);
    auto const answer = api.call("GET", "/api/certificates/5-gcn-mo-cay/qr.svg", {}, {{"X-Forwarded-Host", "ocop.example.vn"}, {"X-Forwarded-Proto", "https"}});
    EXPECT_EQ(answer.headers.find("Content-Type"), "image/svg+xml");
    EXPECT_THAT(Api::text(answer), HasSubstr("d=\"" + programme::make_qr_code("https://ocop.example.vn/xac-minh/5-GCN-MO-CAY").path + "\""));
    EXPECT_EQ(api.call("GET", "/api/certificates/6/qr.svg").status, 404);
}

TEST_F(CertificatesTest, NoAnswerIsKeptWithoutAsking) {
    give("C-1", 400);
    for (auto const& target : {std::string{"/api/certificates/C-1"}, "/api/products/" + product, std::string{"/api/products?limit=1"}, std::string{"/api/statistics/units?frame=province&measure=products"}})
        EXPECT_EQ(api.call("GET", target).headers.find("Cache-Control"), "no-cache") << target;
}

}  // namespace
