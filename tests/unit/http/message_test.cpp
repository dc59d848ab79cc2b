#include "http/message.hpp"

#include "gis_core/error.hpp"

#include <gtest/gtest.h>

namespace http {
namespace {

std::string message_of(auto action) {
    try {
        action();
    } catch (gis_core::Error const& error) {
        EXPECT_EQ(error.kind(), gis_core::ErrorKind::invalid_argument);
        return error.what();
    }
    return "no error";
}

TEST(QueryTest, KeepsOrderAndDuplicates) {
    auto const query = Query::parse("star=4&q=k%E1%BA%B9o+d%E1%BB%ABa&&star=5&empty=&bare");
    std::vector<std::pair<std::string, std::string>> const expected{{"star", "4"}, {"q", "kẹo dừa"}, {"star", "5"}, {"empty", ""}, {"bare", ""}};
    EXPECT_EQ((std::vector<std::pair<std::string, std::string>>{query.begin(), query.end()}), expected);
    EXPECT_EQ(query.find("q"), "kẹo dừa");
    EXPECT_EQ(query.find("none"), std::nullopt);
    EXPECT_EQ(message_of([&] { query.find("star"); }), "star is 5, must be given once");
}

TEST(QueryTest, RefusesBrokenEscapesAndBytesThatAreNotUtf8) {
    for (auto const* raw : {"q=%", "q=%4", "q=%zz", "q=%00", "q=%C3", "q=%C0%80", "q=%ED%A0%80", "q=%F4%90%80%80", "q=\xff", "%ff=1"}) {
        EXPECT_THROW(Query::parse(raw), gis_core::Error) << raw;
    }
    EXPECT_EQ(Query::parse("q=%F0%9F%A5%A5").find("q"), "🥥");
}

TEST(QueryTest, NamesTheUnknownParameterAndTheKnownOnes) {
    auto const query = Query::parse("limit=1&lmit=2");
    EXPECT_NO_THROW(query.allow_only({"limit", "lmit"}));
    EXPECT_EQ(message_of([&] { query.allow_only({"limit", "q"}); }), "unknown parameter lmit; this address knows limit, q");
}

TEST(RequestTest, BuildsLinksFromTheFrontDoor) {
    Request request;
    request.headers.add("Host", "127.0.0.1:9000");
    EXPECT_EQ(request.base_url(), "http://127.0.0.1:9000");
    request.headers.add("X-Forwarded-Proto", "https");
    request.headers.add("X-Forwarded-Host", "ocop.example");
    EXPECT_EQ(request.base_url(), "https://ocop.example");
    Request hostile;
    hostile.headers.add("Host", "x/\"><script>");
    EXPECT_EQ(hostile.base_url(), "http://localhost");
}

}  // namespace
}  // namespace http
