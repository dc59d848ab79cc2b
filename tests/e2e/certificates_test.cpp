// A certificate that ends shows nowhere a star after a minute: asked of the running system, through nginx.
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/mvt_decoder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <string>

namespace {

using namespace std::chrono_literals;

constexpr auto kBound = 60s;

class CertificateTest : public ::testing::Test {
protected:
    std::string const database = test_support::database();
    std::string key, product, slug, folded, star, tile;
    long counted = 0;  // stars of all products
    std::string before;  // the row's dates, put back at the end

    void SetUp() override {
        // In force and on the map.
        auto const row = test_support::query(
            database,
            "SELECT c.certificate_key, p.product_key, pub.serial_slug(c.certificate_serial), replace(p.name_folded, ' ', '+'), c.star, ST_X(p.geom), ST_Y(p.geom) FROM pub.product p JOIN pub.certificate c USING "
            "(certificate_key) WHERE c.state = 'valid' AND c.certificate_serial IS NOT NULL AND p.geom IS NOT NULL AND p.lineage_key IS NOT NULL ORDER BY 1 LIMIT 1");
        ASSERT_EQ(row.size(), 1U);
        key = row[0][0], product = row[0][1], slug = row[0][2], folded = row[0][3], star = row[0][4];
        counted = stars_counted();
        auto const width = std::exp2(14), lon = std::stod(row[0][5]), lat = std::stod(row[0][6]) * std::numbers::pi / 180;
        tile = fmt::format("14/{}/{}", static_cast<int>((lon + 180) / 360 * width), static_cast<int>((1 - std::asinh(std::tan(lat)) / std::numbers::pi) / 2 * width));
        before = test_support::value(database, fmt::format("SELECT format('valid_to = %L, revoked_on = %L, revocation_reason_code = %L', valid_to, revoked_on, revocation_reason_code) FROM "
                                                           "ocop.certificate WHERE certificate_key = {}",
                                                           key));
    }
    void TearDown() override {
        if (!before.empty()) change(before);
    }
    void change(std::string const& columns) { test_support::query(database, fmt::format("UPDATE ocop.certificate SET {} WHERE certificate_key = {}", columns, key)); }
    static std::string body(std::string const& target) {
        auto const reply = test_support::get(test_support::url() + target);
        EXPECT_EQ(reply.status, 200) << target;
        auto const kept = reply.header("Cache-Control");
        EXPECT_TRUE(kept == "no-cache" || kept == "no-store") << target << ": " << kept;
        return reply.body;
    }
    static bool has(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }
    static long stars_counted() {
        auto const text = body("/api/statistics/units?frame=district-old&measure=stars");
        return std::stol(text.substr(text.find("\"total\":") + std::string_view{"\"total\":"}.size()));
    }
    std::string in_tile() {
        for (auto const& layer : test_support::decode_mvt(body("/tiles/products/" + tile + ".mvt"))) {
            for (auto const& feature : layer.features) {
                if (feature.id && std::to_string(*feature.id) == product) return feature.tags.contains("star") ? feature.tags.at("star") : "none";
            }
        }
        return "not there";
    }
    /// Everything that shows the star, and whether it does.
    std::map<std::string, std::function<bool()>> places() {
        auto const in_page = [](std::string const& target) { return [=] { return has(body(target), "class=\"star star-"); }; };
        return {{"the certificate's page", in_page("/xac-minh/" + slug)},
                {"its page in English", in_page("/en/verify/" + slug)},
                {"its answer", [this] { return has(body("/api/certificates/" + slug), "\"star\":" + star); }},
                {"the product's page", [=, this] { return in_page("/products/" + product)() || has(body("/products/" + product), "class=\"grade"); }},
                {"the product's answer", [this] { return has(body("/api/products/" + product), "\"star\":" + star); }},
                {"a search with that star", [this] { return has(body(fmt::format("/api/products?q={}&star={}&limit=1000", folded, star)), "\"id\":" + product + ","); }},
                {"the features", [this] { return has(body("/ogc/collections/products/items/" + product + "?f=json"), "\"star\":" + star); }},
                {"the tile", [this] { return in_tile() == star; }},
                {"the figures of a unit", [this] { return stars_counted() == counted; }}};
    }
    void expect(bool shown, std::string const& what) {
        auto const deadline = std::chrono::steady_clock::now() + kBound;  // of all places together
        for (auto const& [place, shows] : places()) {
            auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            EXPECT_TRUE(test_support::wait_until([&, &shows = shows] { return shows() == shown; }, left)) << what << ": " << place;
        }
    }
};

TEST_F(CertificateTest, WhatEndsIsSeenEverywhereWithinAMinute) {
    expect(true, "as it is");
    for (auto const* end : {"revoked_on = pub.business_date(), revocation_reason_code = 'other'", "valid_to = pub.business_date()"}) {
        change(end);
        expect(false, end);
        change(before);
        expect(true, "put back");
    }
}

}  // namespace
