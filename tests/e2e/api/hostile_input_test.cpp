// Whatever is put into an address or a body ends in an answer that says what is wrong, and never in a 500 or in a word of
// SQL, of a path or of an exception.
#include "gis_core/json.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace {

using gis_core::Json;
using test_support::get;
using test_support::Reply;
using test_support::request;

/// Words that only our inside would say.
void expect_no_leak(Reply const& reply, std::string const& what) {
    if (reply.status < 400) return;
    for (auto const* word : {"SELECT ", "select ", "sqlstate", "SQLSTATE", "pqxx",     "libpq",          "relation \"",  "column \"", "LINE 1", "std::",
                             "/usr/",   "/tmp/",   "/home/",   "what():",  "nlohmann", "json.exception", "basic_string", "ST_",       "pub.",   "ocop."}) {
        EXPECT_THAT(reply.body, testing::Not(testing::HasSubstr(word))) << what;
    }
}

/// An answer of ours to a wrong request: 4xx as a problem that names itself.
void expect_refused(Reply const& reply, std::string const& what) {
    EXPECT_GE(reply.status, 400) << what;
    EXPECT_LT(reply.status, 500) << what << ": " << reply.body.substr(0, 300);
    EXPECT_THAT(reply.header("Content-Type"), testing::HasSubstr("application/problem+json")) << what;
    expect_no_leak(reply, what);
}

struct Operation {
    std::string path;  // {id} filled in
    std::vector<std::string> parameters;
    std::set<std::string> methods;  // GET, and what else the address takes
};

/// Every GET of a document with the names of its query parameters.
std::vector<Operation> operations(std::string const& address) {
    auto const document = gis_core::parse_json(get(test_support::url() + address).body, address);
    std::vector<Operation> found;
    for (auto const& [path, item] : document["paths"].items()) {
        if (!item.contains("get")) continue;
        Operation operation{path, {}, {}};
        for (auto const& [method, meant] : item.items()) {
            auto name = method;
            std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
            operation.methods.insert(name);
        }
        for (auto at = operation.path.find('{'); at != std::string::npos; at = operation.path.find('{'))
            operation.path.replace(at, operation.path.find('}') - at + 1, "1");
        if (item["get"].contains("parameters")) {
            for (auto const& parameter : item["get"]["parameters"]) {
                auto const& meant = parameter.contains("$ref") ? document.at(Json::json_pointer{parameter["$ref"].get<std::string>().substr(1)}) : parameter;
                if (meant["in"] == "query") operation.parameters.push_back(meant["name"].get<std::string>());
            }
        }
        found.push_back(std::move(operation));
    }
    return found;
}

class HostileInputTest : public testing::TestWithParam<char const*> {};

TEST_P(HostileInputTest, NoValueOfAnyParameterBreaksAnAnswer) {
    std::vector<std::string> const values{"",
                                          "%FF",
                                          "%C3%28",
                                          "a%00b",
                                          "%",
                                          "NaN",
                                          "-Infinity",
                                          "1e309",
                                          "-1",
                                          "9223372036854775808",
                                          "%27%20OR%201%3D1%20--",
                                          "%22%3B%24%7B1%2B1%7D",
                                          "..%2F..%2Fetc%2Fpasswd",
                                          "2025-02-30",
                                          "0000-00-00",
                                          "%F0%9F%A5%A5",
                                          "%E2%80%AE",
                                          "90,181,91,182",
                                          "106,10,NaN,11",
                                          std::string(4'000, 'a')};
    int asked = 0;
    for (auto const& operation : operations(GetParam())) {
        // Files and collections share one parser a kind: one of each is enough.
        if (operation.path.starts_with("/ogc/collections/") && !operation.path.starts_with("/ogc/collections/products") &&
            !operation.path.starts_with("/ogc/collections/zones"))
            continue;
        for (auto const& name : operation.parameters) {
            for (auto const& value : values) {
                auto const target = operation.path + "?" + name + "=" + value;
                auto const reply = get(test_support::url() + target);
                EXPECT_LT(reply.status, 500) << target.substr(0, 200) << ": " << reply.body.substr(0, 300);
                EXPECT_GE(reply.status, 200) << target.substr(0, 200);
                expect_no_leak(reply, target.substr(0, 200));
                ++asked;
            }
        }
    }
    EXPECT_GT(asked, 500);
}

TEST_P(HostileInputTest, UnknownParametersAreNamed) {
    for (auto const& operation : operations(GetParam())) {
        auto const target = operation.path + "?n%C3%B4nsense=1";
        auto const reply = get(test_support::url() + target);
        expect_refused(reply, target);
        if (reply.status == 400) {
            EXPECT_THAT(reply.body, testing::HasSubstr("nônsense")) << target;
        }
    }
}

TEST_P(HostileInputTest, BadUtf8AndNulAreRefused) {
    for (auto const& operation : operations(GetParam())) {
        for (auto const* query : {"?%FF=1", "?q=%80", "?a=%00", "?q=%zz"})
            expect_refused(get(test_support::url() + operation.path + query), operation.path + query);
    }
}

TEST_P(HostileInputTest, HeadIsGetWithoutBodyAndOtherMethodsNameWhatIsAllowed) {
    for (auto const& operation : operations(GetParam())) {
        auto const url = test_support::url() + operation.path;
        EXPECT_EQ(request("HEAD", url).status, get(url).status) << operation.path;
        for (auto const* method : {"PUT", "DELETE", "PATCH", "OPTIONS"}) {
            auto const reply = request(method, url);
            if (operation.methods.contains(method)) {  // a write: not for a visitor; tus wants its version named before all else
                EXPECT_EQ(reply.status, operation.path.starts_with("/api/files/uploads/") ? 412 : 401) << method << " " << operation.path;
                continue;
            }
            EXPECT_EQ(reply.status, 405) << method << " " << operation.path;
            for (auto const& allowed : operation.methods) EXPECT_THAT(reply.header("Allow"), testing::HasSubstr(allowed)) << method << " " << operation.path;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Documents, HostileInputTest, testing::Values("/api/openapi.json", "/ogc/api"),
                         [](auto const& param) { return std::string{param.param}.starts_with("/api") ? "Api" : "Ogc"; });

TEST(HostileAddressTest, AHundredKilobytesOfQueryAreTooLong) {
    for (auto const& url : {test_support::url(), test_support::api_url()}) {
        for (std::string const path : {"/api/products?q=", "/ogc/collections/products/items?name=", "/?q="}) {
            auto const reply = get(url + path + std::string(100'000, 'x'));
            EXPECT_THAT(reply.status, testing::AnyOf(414, 431)) << url << path;
            expect_no_leak(reply, path);
            EXPECT_EQ(get(url + "/healthz").status, 200);
        }
    }
}

TEST(HostileAddressTest, SwappedLongitudeAndLatitudeAreCalledSo) {
    for (auto const* target : {"/api/products?bbox=10.0,106.0,10.5,106.5", "/api/nearest?kind=producers&lon=10.2&lat=106.4", "/api/units/at?lon=10.2&lat=106.4",
                               "/ogc/collections/products/items?bbox=10.0,106.0,10.5,106.5"}) {
        auto const reply = get(test_support::url() + target);
        EXPECT_EQ(reply.status, 400) << target;
        EXPECT_THAT(reply.body, testing::HasSubstr("swapped")) << target;
    }
}

TEST(HostileAddressTest, PathsThatDoNotExistAreNotFound) {
    for (auto const* target : {"/api/nothing", "/ogc/nothing", "/api/products/", "/api/products/abc", "/api/products/-1", "/api/products/99999999999999999999",
                               "/api/products/1/2", "/ogc/collections/%2e%2e", "/ogc/collections/pub.product/items", "/ogc/collections/products;drop/items",
                               "/ogc/collections/%27/items", "/api/%2e%2e/%2e%2e/etc/passwd"}) {
        auto const reply = get(test_support::url() + target, {{"Accept", "application/json"}});
        EXPECT_GE(reply.status, 400) << target;
        EXPECT_LT(reply.status, 500) << target;
        expect_no_leak(reply, target);
    }
}

TEST(HostileBodyTest, NoBodyBreaksASearchByPolygon) {
    std::string const deep(20'000, '[');
    for (std::string const target : {"/api/products/search", "/api/zones/touching"}) {
        auto const url = test_support::url() + target;
        for (std::string const& body : {std::string{}, std::string{"{"}, std::string{"null"}, std::string{"[]"}, std::string{"\xFF\xFE"}, deep,
                                        std::string{R"({"type":"Point","coordinates":[106,10]})"}, std::string{R"({"type":"Polygon","coordinates":[]})"},
                                        std::string{R"({"type":"Polygon","coordinates":[[[106,10],[107,10]]]})"},
                                        std::string{R"({"type":"Polygon","coordinates":[[[106,10],[NaN,10],[107,11],[106,10]]]})"},
                                        std::string{R"({"type":"Polygon","coordinates":[[[1e308,10],[1e309,10],[107,11],[1e308,10]]]})"},
                                        std::string{R"({"type":"Polygon","coordinates":[[["a","b"],[107,10],[107,11],["a","b"]]]})"},
                                        std::string{R"({"type":"'; DROP TABLE products; --","coordinates":[]})"},
                                        std::string{R"({"type":"Polygon","coordinates":[[[10,106],[10.5,106],[10.5,106.5],[10,106]]]})"}}) {
            auto const reply = request("POST", url, {{"Content-Type", "application/geo+json"}}, body);
            expect_refused(reply, target + " " + body.substr(0, 80));
        }
        EXPECT_EQ(request("POST", url, {{"Content-Type", "application/geo+json"}}, std::string(9'000'000, ' ')).status, 413) << target;
    }
    EXPECT_EQ(request("POST", test_support::url() + "/api/products/search", {{"Content-Type", "text/plain"}},
                      R"({"type":"Polygon","coordinates":[[[106,10],[107,10],[107,11],[106,10]]]})")
                  .status,
              415);
}

}  // namespace
