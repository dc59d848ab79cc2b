#include "http/parser.hpp"

#include <gtest/gtest.h>

#include <random>

namespace http {
namespace {

using Progress = RequestParser::Progress;
RequestParser::Limits const kLimits{.head_bytes = 1'024, .target_bytes = 200, .body_bytes = 100};

/// The status a request is refused with; 0: accepted, -1: not complete.
int status_of_request(std::string_view bytes) {
    RequestParser parser{kLimits};
    auto const progress = parser.feed(bytes);
    return progress == Progress::complete ? 0 : progress == Progress::refused ? parser.refusal().status : -1;
}

TEST(RequestParserTest, ReadsARequestHoweverItIsCut) {
    std::string const bytes = "POST /a%2Fb?q=1&q=2 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX-A:  two words \r\n\r\nhello";
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
        RequestParser parser{kLimits};
        auto progress = Progress::incomplete;
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            ASSERT_EQ(progress, Progress::incomplete) << step;
            progress = parser.feed(std::string_view{bytes}.substr(at, step));
        }
        ASSERT_EQ(progress, Progress::complete) << step;
        auto const request = parser.take();
        EXPECT_EQ(request.method, "POST");
        EXPECT_EQ(request.path, "/a%2Fb");
        EXPECT_EQ(request.raw_query, "q=1&q=2");
        EXPECT_EQ(request.body, "hello");
        EXPECT_EQ(request.headers.find("x-a"), "two words");
        EXPECT_TRUE(parser.keep_alive());
    }
}

TEST(RequestParserTest, ReadsAChunkedBodyHoweverItIsCut) {
    std::string const bytes = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\n";
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
        RequestParser parser{kLimits};
        auto progress = Progress::incomplete;
        for (std::size_t at = 0; at < bytes.size(); at += step) progress = parser.feed(std::string_view{bytes}.substr(at, step));
        ASSERT_EQ(progress, Progress::complete) << step;
        EXPECT_EQ(parser.take().body, "hello!");
    }
}

TEST(RequestParserTest, RefusesWhatTwoReadersCouldUnderstandInTwoWays) {
    struct Case {
        int status;
        std::string bytes;
    };
    std::string const line = "GET / HTTP/1.1\r\n";
    std::string const host = line + "Host: x\r\n";
    std::vector<Case> const cases{
        {0, host + "\r\n"},
        {0, "\r\n" + host + "\r\n"},
        {0, "GET http://a/b HTTP/1.1\r\nHost: x\r\n\r\n"},
        {0, "GET / HTTP/1.0\r\n\r\n"},
        {400, line + "\r\n"},
        {400, host + "Host: y\r\n\r\n"},
        {400, line + "Host: a b\r\n\r\n"},
        {400, host + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"},
        {400, host + "Content-Length: 1, 1\r\n\r\na"},
        {400, host + "Content-Length: -1\r\n\r\n"},
        {400, host + "Content-Length: +1\r\n\r\na"},
        {400, host + "Content-Length: 0x1\r\n\r\na"},
        {400, host + "Content-Length:\r\n\r\n"},
        {413, host + "Content-Length: 101\r\n\r\n"},
        {413, host + "Content-Length: 99999999999999999999999999\r\n\r\n"},
        {400, host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {400, host + "Transfer-Encoding: gzip, chunked\r\n\r\n"},
        {400, host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {400, host + "Transfer-Encoding: xchunked\r\n\r\n"},
        {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {400, host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"},
        {400, host + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"},
        {400, host + "Transfer-Encoding: chunked\r\n\r\n1\na"},
        {413, host + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"},
        {413, host + "Transfer-Encoding: chunked\r\n\r\n65\r\n"},
        {400, host + "X : 1\r\n\r\n"},
        {400, host + "X-A: 1\r\n folded\r\n\r\n"},
        {400, host + "no colon\r\n\r\n"},
        {400, host + std::string{"X-A: 1\0 2\r\n\r\n", 13}},
        {400, "GET / HTTP/1.1\nHost: x\n\n"},
        {400, host + "X-A: 1\rX-B: 2\r\n\r\n"},
        {400, "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET a HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET  / HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET /\r\nHost: x\r\n\r\n"},
        {400, "G(T / HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET / HTTP/1.11\r\nHost: x\r\n\r\n"},
        {400, std::string{"\x16\x03\x01\x02\x00", 5}},
        {505, "GET / HTTP/2.0\r\nHost: x\r\n\r\n"},
        {417, host + "Expect: cake\r\n\r\n"},
        {414, "GET /" + std::string(30'000, '/')},
        {414, "GET /" + std::string(200, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"},
        {431, host + "X-A: " + std::string(2'000, 'a')},
        {431, host + "X-A: " + std::string(2'000, 'a') + "\r\n\r\n"},
        {-1, host + "Content-Length: 2\r\n\r\na"},
    };
    for (auto const& [status, bytes] : cases) EXPECT_EQ(status_of_request(bytes), status) << bytes.substr(0, 200);
}

/// Damaged requests: no crash (run it under the sanitizers), and the same outcome whole and byte by byte.
TEST(RequestParserTest, DamagedRequestsEndTheSameWayHoweverTheyAreCut) {
    std::vector<std::string> const seeds{
        "GET /a?b=c HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: x\r\n\r\n",
    };
    RequestParser::Limits const kRoomy{.head_bytes = 100'000, .target_bytes = 100'000, .body_bytes = 100'000};
    std::minstd_rand random{2026};
    std::string const interesting{"\r\n \t:;,0159afAF-+/?%#\x7f\x80\xff\x00", 25};
    for (int round = 0; round < 30'000; ++round) {
        auto bytes = seeds[random() % seeds.size()];
        for (auto changes = 1 + random() % 4; changes > 0; --changes) {
            auto const at = random() % bytes.size();
            auto const with = interesting[random() % interesting.size()];
            if (random() % 3 == 0) bytes.erase(at, 1 + random() % 3);
            else if (random() % 2 == 0) bytes.insert(at, 1, with);
            else bytes[at] = with;
            if (bytes.empty()) bytes = "\r";
        }
        RequestParser whole{kRoomy};
        auto const expected = whole.feed(bytes);
        RequestParser cut{kRoomy};
        auto progress = Progress::incomplete;
        for (std::size_t at = 0; at < bytes.size() && progress == Progress::incomplete; ++at) progress = cut.feed({&bytes[at], 1});
        ASSERT_EQ(progress, expected) << testing::PrintToString(bytes);
        ASSERT_EQ(cut.refusal().detail, whole.refusal().detail) << testing::PrintToString(bytes);
        if (expected == Progress::complete) {
            auto const a = whole.take();
            auto const b = cut.take();
            ASSERT_EQ(a.target, b.target);
            ASSERT_EQ(a.body, b.body);
        }
    }
}

TEST(RequestParserTest, TellsWhatCameAfterTheRequest) {
    RequestParser parser{kLimits};
    EXPECT_EQ(parser.feed("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /second"), Progress::complete);
    EXPECT_EQ(parser.surplus(), 11U);
}

TEST(RequestParserTest, KnowsWhenTheConnectionEnds) {
    for (auto const* head : {"GET / HTTP/1.1\r\nHost: x\r\nConnection: Keep-Alive, Close\r\n\r\n", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"}) {
        RequestParser parser{kLimits};
        ASSERT_EQ(parser.feed(head), Progress::complete);
        EXPECT_FALSE(parser.keep_alive()) << head;
    }
}

TEST(RequestParserTest, AsksToGoOnOnlyWhileTheBodyIsMissing) {
    RequestParser waiting{kLimits};
    ASSERT_EQ(waiting.feed("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"), Progress::incomplete);
    EXPECT_TRUE(waiting.take_continue());
    EXPECT_FALSE(waiting.take_continue());
    RequestParser hasty{kLimits};
    ASSERT_EQ(hasty.feed("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\na"), Progress::incomplete);
    EXPECT_FALSE(hasty.take_continue());
}

TEST(RequestParserTest, GivesForwardedHeadersTheirNamesBack) {
    RequestParser parser{kLimits};
    ASSERT_EQ(
        parser.feed("GET / HTTP/1.1\r\nHost: x\r\nAccept: wrong\r\nx-ocop-accept: *; q=.2\r\nX-Ocop-Cookie: foo\r\nCache-Control: stale-if-error=60\r\n\r\n"),
        Progress::complete);
    auto const request = parser.take();
    EXPECT_EQ(request.headers.find("Accept"), "*; q=.2");
    EXPECT_EQ(request.headers.find("Cookie"), "foo");
    EXPECT_EQ(request.headers.find("Cache-Control"), "stale-if-error=60");
    EXPECT_EQ(request.headers.find("X-Ocop-Accept"), std::nullopt);
}

}  // namespace
}  // namespace http
