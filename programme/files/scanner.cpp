#include "programme/files/scanner.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

namespace programme::files {
namespace {

constexpr timeval kPatience{20, 0};  // below what the front door waits for us
constexpr std::size_t kPiece = 64 * 1024;

class Socket {
public:
    explicit Socket(std::string const& address) {
        if (address.starts_with('/')) connect_local(address);
        else connect_remote(address);
    }
    ~Socket() { drop(); }
    Socket(Socket const&) = delete;
    Socket& operator=(Socket const&) = delete;

    bool is_open() const { return fd_ >= 0; }
    bool send(void const* bytes, std::size_t size) const {
        auto const* at = static_cast<char const*>(bytes);
        while (size > 0) {
            auto const sent = ::send(fd_, at, size, MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) continue;
            if (sent <= 0) return false;
            at += sent;
            size -= static_cast<std::size_t>(sent);
        }
        return true;
    }
    /// Everything up to a NUL or the end.
    std::string receive() const {
        std::string out;
        std::array<char, 512> piece{};
        while (out.size() < 4096 && out.find('\0') == std::string::npos) {
            auto const got = ::recv(fd_, piece.data(), piece.size(), 0);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) break;
            out.append(piece.data(), static_cast<std::size_t>(got));
        }
        return out.substr(0, out.find('\0'));
    }

private:
    void drop() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    bool open(int family) {
        fd_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd_ < 0) return false;
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
        return true;
    }
    void connect_local(std::string const& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path.size() >= sizeof address.sun_path) return;
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        if (open(AF_UNIX) && ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) drop();
    }
    void connect_remote(std::string const& address) {
        auto const colon = address.rfind(':');
        if (colon == std::string::npos) return;
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        if (::getaddrinfo(address.substr(0, colon).c_str(), address.substr(colon + 1).c_str(), &hints, &found) != 0) return;
        std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const all{found, &::freeaddrinfo};
        for (auto const* one = found; one != nullptr; one = one->ai_next) {
            if (open(one->ai_family) && ::connect(fd_, one->ai_addr, one->ai_addrlen) == 0) return;
            drop();
        }
    }

    int fd_ = -1;
};

}  // namespace

ScanVerdict scan(std::string const& address, std::filesystem::path const& file) {
    using enum ScanVerdict::Kind;
    Socket const clamd{address};
    if (!clamd.is_open()) return {unknown, fmt::format("no scanner answers at {}", address)};
    std::ifstream in{file, std::ios::binary};
    constexpr std::string_view kCommand{"zINSTREAM\0", 10};
    bool sending = clamd.send(kCommand.data(), kCommand.size());
    std::array<char, kPiece> piece{};
    while (sending && in) {  // a scanner that has seen enough closes early, and has said why
        in.read(piece.data(), piece.size());
        auto const size = static_cast<std::uint32_t>(in.gcount());
        auto const length = htonl(size);
        sending = size == 0 || (clamd.send(&length, sizeof length) && clamd.send(piece.data(), size));
    }
    std::uint32_t const end = 0;
    if (sending) clamd.send(&end, sizeof end);
    auto const answer = clamd.receive();
    if (in.bad()) return {unknown, "the file cannot be read"};
    constexpr std::string_view kStream = "stream: ", kFound = " FOUND";
    if (answer == "stream: OK") return {clean, {}};
    if (answer.starts_with(kStream) && answer.ends_with(kFound))
        return {infected, answer.substr(kStream.size(), answer.size() - kStream.size() - kFound.size())};
    return {unknown, answer.empty() ? "the scanner did not answer" : answer};
}

}  // namespace programme::files
