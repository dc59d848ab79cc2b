// The load generator of the benchmarks: one thread, one epoll, a list of paths asked in turn over a number of kept connections. Closed loop: each
// connection asks again when it has its answer. Open loop (--rate): requests fall due by the clock, whether or not earlier ones were answered, and
// their latency counts from that moment. Prints one object of JSON.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;

struct Options {
    int port = 0, connections = 16;
    double seconds = 1, warm_up_s = 0, rate = 0;
    bool once = false, awake = false;
    std::string list;
    std::vector<std::string> headers;
};

struct Connection {
    int fd = -1;
    bool is_busy = false;
    Clock::time_point due;  // of the request being answered
    std::string received;
};

struct Answers {
    std::vector<float> latency_ms;
    std::uint64_t bytes = 0, with_retry_after = 0, in_time = 0;
};

class Load {
public:
    explicit Load(Options options) : options_{std::move(options)}, connections_(static_cast<std::size_t>(options_.connections)) {
        std::string headers;
        for (auto const& header : options_.headers) headers += header + "\r\n";
        std::ifstream in{options_.list};
        for (std::string line; std::getline(in, line);) {  // path, and perhaps a tab and the tag of what the client has
            auto const tab = line.find('\t');
            auto const tag = tab == std::string::npos ? std::string{} : "If-None-Match: " + line.substr(tab + 1) + "\r\n";
            requests_.push_back("GET " + line.substr(0, tab) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + tag + "\r\n");
        }
        if (requests_.empty()) throw std::runtime_error{options_.list + " holds no path"};
    }

    nlohmann::json run() {
        epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
        for (auto& connection : connections_) open(connection);
        begun_ = Clock::now();
        counts_from_ = begun_ + std::chrono::duration_cast<Clock::duration>(duration<double>{options_.warm_up_s});
        auto const end = counts_from_ + std::chrono::duration_cast<Clock::duration>(duration<double>{options_.seconds});
        for (auto& connection : connections_) release(connection);
        std::vector<epoll_event> events(512);
        // What is under way at the end still counts, for a while: the slowest answers are the ones to know of.
        while (!is_over_ || (busy_ > 0 && Clock::now() < end + std::chrono::seconds{10})) {
            is_over_ = is_over_ || Clock::now() >= end;
            auto const count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), patience_ms());
            for (int i = 0; i < count; ++i) receive(connections_[events[static_cast<std::size_t>(i)].data.u64]);
            if (options_.rate > 0 && !is_over_) send_due();
        }
        return report(options_.once ? duration<double>(Clock::now() - begun_).count() : options_.seconds);
    }

private:
    void open(Connection& connection) {
        if (connection.fd >= 0) ::close(connection.fd);
        connection.received.clear();
        connection.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connection.fd < 0 || ::connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error{std::string{"cannot connect: "} + std::strerror(errno)};
        }
        int const one = 1;
        ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = static_cast<std::uint64_t>(&connection - connections_.data());
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
    }

    /// Until the next request falls due; at least a millisecond.
    int patience_ms() const {
        if (options_.awake) return 0;
        if (options_.rate <= 0 || is_over_) return 50;
        auto const next_s = static_cast<double>(offered_) / options_.rate - duration<double>(Clock::now() - begun_).count();
        return std::clamp(static_cast<int>(next_s * 1000), 1, 50);
    }

    void send_due() {
        auto const now = Clock::now();
        auto const due_by = static_cast<std::uint64_t>(duration<double>(now - begun_).count() * options_.rate) + 1;  // the first at once
        for (; offered_ < due_by; ++offered_) {
            due_.push_back(begun_ + std::chrono::duration_cast<Clock::duration>(duration<double>{static_cast<double>(offered_) / options_.rate}));
        }
        while (!due_.empty() && !idle_.empty()) {
            auto& connection = *idle_.back();
            idle_.pop_back();
            send(connection, due_.front());
            due_.pop_front();
        }
    }

    void send(Connection& connection, Clock::time_point due) {
        auto const& request = requests_[next_++ % requests_.size()];
        connection.is_busy = true;
        connection.due = due;
        ++busy_;
        if (::send(connection.fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) return;
        ++reconnected_;
        open(connection);
        if (::send(connection.fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
            throw std::runtime_error{"cannot send"};
    }

    /// The connection has nothing to wait for.
    void release(Connection& connection) {
        is_over_ = is_over_ || (options_.once && next_ >= requests_.size());
        if (is_over_) return;
        if (options_.rate > 0) idle_.push_back(&connection);
        else send(connection, Clock::now());
    }

    void receive(Connection& connection) {
        char buffer[65536];
        auto const count = ::recv(connection.fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (count <= 0) {
            auto const was_busy = std::exchange(connection.is_busy, false);
            open(connection);
            ++reconnected_;
            if (!was_busy) return;
            --busy_;
            ++lost_;
            release(connection);
            return;
        }
        auto& received = connection.received;
        received.append(buffer, static_cast<std::size_t>(count));
        auto const head = received.find("\r\n\r\n");
        if (head == std::string::npos || !connection.is_busy) return;
        auto const status = std::atoi(received.c_str() + std::strlen("HTTP/1.1 "));
        if (status == 200 || status >= 400) {
            auto const length = value_of(received, head, "content-length");
            if (length.empty()) throw std::runtime_error{"an answer without Content-Length:\n" + received.substr(0, head)};
            if (received.size() < head + 4 + std::stoul(length)) return;
        }
        if (auto const now = Clock::now(); now >= counts_from_) {
            auto& answers = answers_[status];
            answers.latency_ms.push_back(duration<float, std::milli>(now - connection.due).count());
            answers.bytes += received.size();
            answers.in_time += is_over_ ? 0 : 1;
            answers.with_retry_after += value_of(received, head, "retry-after").empty() ? 0 : 1;
        }
        connection.is_busy = false;
        --busy_;
        if (value_of(received, head, "connection") == "close") open(connection);
        received.clear();
        release(connection);
    }

    static std::string value_of(std::string const& answer, std::size_t head, char const* name) {
        auto const length = std::strlen(name);
        for (auto at = answer.find("\r\n"); at < head; at = answer.find("\r\n", at + 2)) {
            if (::strncasecmp(answer.c_str() + at + 2, name, length) != 0 || answer[at + 2 + length] != ':') continue;
            auto const from = answer.find_first_not_of(' ', at + 3 + length);
            return answer.substr(from, answer.find("\r\n", from) - from);
        }
        return {};
    }

    nlohmann::json report(double seconds) {
        nlohmann::json out{{"seconds", seconds}, {"offered", offered_},         {"not_sent", due_.size()},           {"unanswered", busy_},
                           {"lost", lost_},      {"reconnected", reconnected_}, {"status", nlohmann::json::object()}};
        std::uint64_t all = 0;
        for (auto& [status, answers] : answers_) {
            auto& times = answers.latency_ms;
            std::sort(times.begin(), times.end());
            auto const at = [&](double share) { return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))]; };
            out["status"][std::to_string(status)] = {{"count", times.size()},
                                                     {"per_s", static_cast<double>(options_.once ? times.size() : answers.in_time) / seconds},
                                                     {"p50_ms", at(0.5)},
                                                     {"p99_ms", at(0.99)},
                                                     {"max_ms", times.back()},
                                                     {"bytes", answers.bytes},
                                                     {"with_retry_after", answers.with_retry_after}};
            all += options_.once ? times.size() : answers.in_time;
        }
        out["per_s"] = static_cast<double>(all) / seconds;
        return out;
    }

    Options options_;
    int epoll_ = -1;
    std::vector<std::string> requests_;
    std::vector<Connection> connections_;
    std::vector<Connection*> idle_;
    std::deque<Clock::time_point> due_;
    Clock::time_point begun_, counts_from_;
    bool is_over_ = false;
    std::uint64_t next_ = 0, offered_ = 0, busy_ = 0, lost_ = 0, reconnected_ = 0;
    std::map<int, Answers> answers_;
};

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"bench_load: asks a server on this machine for a list of paths"};
    app.add_option("--port", options.port, "of 127.0.0.1")->required()->check(CLI::Range(1, 65535));
    app.add_option("--list", options.list, "file of paths, one a line; after a tab the tag for If-None-Match")->required()->check(CLI::ExistingFile);
    app.add_option("--connections", options.connections)->check(CLI::Range(1, 20000));
    app.add_option("--seconds", options.seconds)->check(CLI::Range(0.1, 3600.0));
    app.add_option("--warm-up", options.warm_up_s, "seconds before answers count: connections are made, queues fill")->check(CLI::Range(0.0, 60.0));
    app.add_flag("--once", options.once, "ends when every path of the list has been asked once");
    app.add_option("--rate", options.rate, "requests a second, whatever the answers; 0: as fast as the answers come")->check(CLI::Range(0.0, 1e6));
    app.add_flag("--awake", options.awake, "never sleeps, so that no server has to wake it: between machines that is not the server's work");
    app.add_option("--header", options.headers, "as it is sent: 'Accept-Encoding: gzip'");
    CLI11_PARSE(app, argc, argv);
    try {
        std::puts(Load{options}.run().dump().c_str());
    } catch (std::exception const& error) {
        std::fprintf(stderr, "bench_load: %s\n", error.what());
        return 1;
    }
    return 0;
}
