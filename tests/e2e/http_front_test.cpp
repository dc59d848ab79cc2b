// What tests/integration/http asks of the library, asked of the running system: through nginx and straight at each daemon.
#include "tests/support/environment.hpp"
#include "tests/support/http_client.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

namespace {

using namespace std::chrono_literals;
using test_support::Connection;

/// The status of the first answer; 0 when the peer closed without one.
int status_of(Connection& connection) {
    try {
        return connection.receive().status;
    } catch (std::runtime_error const&) {
        return 0;
    }
}

void send_quietly(Connection const& connection, std::string const& bytes) {
    try {
        connection.send(bytes);
    } catch (std::runtime_error const&) {
        // closed while we were still sending: the answer says why
    }
}

class HttpFrontTest : public ::testing::TestWithParam<char const*> {
protected:
    bool through_nginx() const { return std::string_view{GetParam()} == "nginx"; }
    std::string url_ = std::string_view{GetParam()} == "nginx" ? test_support::url()
                       : std::string_view{GetParam()} == "api" ? test_support::api_url()
                                                               : test_support::tiles_url();
    void expect_alive() const { EXPECT_EQ(test_support::get(url_ + "/healthz").status, 200); }
};

TEST_P(HttpFrontTest, MalformedRequestsEndInAnErrorAndAClosedConnection) {
    struct Case {
        int status;                // straight at a daemon
        bool nginx_mends = false;  // nginx understands it in one way and passes that on
        std::string bytes;
    };
    std::string const line = "GET /healthz HTTP/1.1\r\n";
    std::string const host = line + "Host: x\r\n";
    std::vector<Case> const cases{
        {400, false, line + "\r\n"},
        {400, false, host + "Host: y\r\n\r\n"},
        {400, false, host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
        {400, false, host + "Content-Length: five\r\n\r\n"},
        {400, false, host + "Content-Length: -1\r\n\r\n"},
        {400, false, host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {400, false, host + "Transfer-Encoding: xyz\r\n\r\n"},
        {400, false, host + std::string{"X-A: \0\r\n\r\n", 10}},
        {400, true, host + "no colon\r\n\r\n"},
        {400, true, "GET /healthz HTTP/1.1\nHost: x\n\n"},
        {400, false, "\x16\x03\x01\x02 hello\r\n\r\n"},
        {505, false, "GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n"},
        {414, false, "GET " + std::string(30'000, '/') + " HTTP/1.1\r\nHost: x\r\n\r\n"},
        {414, false, "GET /api/products?q=" + std::string(100 * 1024, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"},
        {431, false, host + "X-A: " + std::string(1024 * 1024, 'a') + "\r\n\r\n"},
        {413, false, host + "Content-Length: 999999999\r\n\r\n"},
    };
    for (auto const& [status, nginx_mends, bytes] : cases) {
        Connection connection{url_, 10s};
        send_quietly(connection, bytes);
        auto const answered = status_of(connection);
        if (through_nginx()) {
            bool const refused = answered == 0 || (answered >= 400 && answered != 500 && answered != 502 && answered != 504);
            EXPECT_TRUE(refused || (nginx_mends && answered == 200)) << answered << " to " << bytes.substr(0, 80);
            if (!refused) continue;
        } else {
            EXPECT_EQ(answered, status) << bytes.substr(0, 80);
        }
        ::shutdown(connection.fd(), SHUT_WR);
        EXPECT_TRUE(connection.closed_by_peer(8s)) << bytes.substr(0, 80);
    }
    expect_alive();
}

TEST_P(HttpFrontTest, LegalHeadersThatPistacheRefusesAreAnswered) {
    for (std::string const field : {"Accept: *; q=.2", "Content-Type: foo", "Cookie: foo", "Cache-Control: stale-if-error=60", "Date: yesterday"}) {
        Connection connection{url_, 10s};
        connection.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + field + "\r\nConnection: close\r\n\r\n");
        EXPECT_EQ(status_of(connection), 200) << field;
    }
}

TEST_P(HttpFrontTest, HeadHasNoBodyAndTheConnectionGoesOn) {
    Connection connection{url_, 10s};
    for (int i = 0; i < 3; ++i) {
        connection.send("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
        EXPECT_EQ(connection.receive(true).status, 200);
    }
    connection.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(connection.receive().status, 200);
}

/// A broken escape is refused with the parameter's name: that is the id each answer is known by.
TEST_P(HttpFrontTest, NoAnswerReachesTheWrongClient) {
    std::atomic<int> next{0};
    std::atomic<int> wrong{0};
    auto const ask = [&](std::string const& id) { return fmt::format("GET /healthz?{}=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", id); };
    auto const ask_until_done = [&] {
        Connection honest{url_, 20s};
        for (int number = next++; number < 1'000; number = next++) {
            {
                Connection aborting{url_, 20s};
                aborting.send(ask(fmt::format("a{}", number)));
                if (number % 2 == 0) {
                    linger const reset{1, 0};
                    ::setsockopt(aborting.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
                }
            }
            auto const id = fmt::format("h{}x", number);
            honest.send(ask(id));
            auto const reply = honest.receive();
            if (reply.status != 400 || reply.body.find(id) == std::string::npos) ++wrong;
        }
    };
    auto const client = [&] {
        try {
            ask_until_done();
        } catch (std::runtime_error const& error) {
            ADD_FAILURE() << error.what();
        }
    };
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) clients.emplace_back(client);
    for (auto& thread : clients) thread.join();
    EXPECT_EQ(wrong, 0);
    expect_alive();
}

TEST_P(HttpFrontTest, HundredsOfSlowClientsDoNotKeepOthersWaiting) {
    std::vector<std::unique_ptr<Connection>> slow;
    for (int i = 0; i < 300; ++i) {
        slow.push_back(std::make_unique<Connection>(url_, 10s));
        slow.back()->send(i % 2 == 0 ? "GET /healthz HTTP/1.1\r\nHost: lo" : "POST /api/products HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na");
    }
    auto const before = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i) expect_alive();
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
}

INSTANTIATE_TEST_SUITE_P(Fronts, HttpFrontTest, ::testing::Values("nginx", "api", "tiles"), [](auto const& front) { return std::string{front.param}; });

}  // namespace
