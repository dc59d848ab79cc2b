#include "http/problem.hpp"

#include "gis_core/json.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace http {
namespace {

TEST(ProblemTest, NamesFieldValueAndBound) {
    Request request;
    request.id = "7";
    auto const response = to_problem(gis_core::invalid_field("zoom", "31\"", "0 to 18"), request);
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.headers.find("content-type"), "application/problem+json; charset=utf-8");
    auto const body = gis_core::parse_json(std::get<std::string>(response.body), "problem");
    EXPECT_EQ(body.at("type"), "/problems/invalid-argument");
    EXPECT_EQ(body.at("status"), 400);
    EXPECT_EQ(body.at("detail"), "zoom is 31\", must be 0 to 18");
    EXPECT_EQ(body.at("instance"), "7");
    EXPECT_EQ(body.at("errors").at(0).at("allowed"), "0 to 18");
}

TEST(ProblemTest, SaysWhenToTryAgainAndWhatIsAllowed) {
    EXPECT_EQ(to_problem({gis_core::ErrorKind::overloaded, "busy"}, {}).headers.find("Retry-After"), "1");
    gis_core::Error const wrong_method{gis_core::ErrorKind::method_not_allowed, "no", {{"method", "PUT", "GET, HEAD"}}};
    EXPECT_EQ(to_problem(wrong_method, {}).headers.find("Allow"), "GET, HEAD");
    gis_core::Error const too_often{gis_core::ErrorKind::too_many_requests, "no", {{"retry_after_s", "0", "17"}}};
    EXPECT_EQ(to_problem(too_often, {}).headers.find("Retry-After"), "17");
    EXPECT_EQ(to_problem({gis_core::ErrorKind::unauthenticated, "no"}, {}).headers.find("WWW-Authenticate"), "Bearer realm=\"ocopmap\"");
}

TEST(ProblemTest, EachTypeIsAHeadingOfTheDocumentation) {
    std::ifstream file{OCOPMAP_PROBLEMS};
    std::string const text{std::istreambuf_iterator<char>{file}, {}};
    std::vector<std::string> slugs{"bad-request", "target-too-long", "head-too-large", "request-timeout", "expectation-failed", "version-not-supported"};
    using enum gis_core::ErrorKind;
    for (auto const kind : {invalid_argument, unauthenticated, forbidden, not_found, method_not_allowed, not_acceptable, conflict, payload_too_large,
                            unsupported_media, too_many_requests, overloaded, upstream, internal}) {
        auto const body = gis_core::parse_json(std::get<std::string>(to_problem({kind, "x"}, {}).body), "problem");
        slugs.push_back(body.at("type").get<std::string>().substr(std::string_view{"/problems/"}.size()));
    }
    for (auto const& slug : slugs) EXPECT_NE(text.find("\n## " + slug + "\n"), std::string::npos) << slug;
}

Response answer_to(std::string_view if_none_match) {
    Request request;
    request.method = "GET";
    request.headers.add("If-None-Match", std::string{if_none_match});
    auto response = Response::json("{}");
    response.headers.add("Vary", "Accept");
    return conditional(request, std::move(response), "\"a,b\"");
}

TEST(ConditionalTest, Answers304WhenTheTagIsNamed) {
    for (auto const* tags : {"\"a,b\"", "W/\"a,b\"", "\"x\", \"a,b\"", "*"}) {
        auto const response = answer_to(tags);
        EXPECT_EQ(response.status, 304) << tags;
        EXPECT_EQ(response.headers.find("ETag"), "\"a,b\"");
        EXPECT_EQ(response.headers.find("Vary"), "Accept");
        EXPECT_EQ(response.headers.find("Content-Type"), std::nullopt);
    }
    for (auto const* tags : {"\"a\"", "", "a,b"}) EXPECT_EQ(answer_to(tags).status, 200) << tags;
}

TEST(NegotiateTest, TakesWhatTheClientPrefers) {
    std::vector<std::string> const offered{"application/geo+json", "text/html; charset=utf-8", "text/csv"};
    EXPECT_EQ(negotiate("", offered), offered[0]);
    EXPECT_EQ(negotiate("*/*", offered), offered[0]);
    EXPECT_EQ(negotiate("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", offered), offered[1]);
    EXPECT_EQ(negotiate("text/*;q=0.5, text/csv", offered), offered[2]);
    EXPECT_EQ(negotiate("text/*, text/html;q=0.1", offered), offered[2]);
    EXPECT_EQ(negotiate("application/*;q=0, */*;q=0.1", offered), offered[1]);
    EXPECT_EQ(negotiate("image/png", offered), "");
    EXPECT_EQ(negotiate("*;q=0", offered), "");
    EXPECT_EQ(negotiate("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", offered), offered[1]);
    EXPECT_EQ(negotiate("TEXT/HTML;level=\"1,2\"", offered), offered[1]);
}

}  // namespace
}  // namespace http
