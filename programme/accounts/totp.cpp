#include "programme/accounts/totp.hpp"

#include "programme/accounts/secrets.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <array>
#include <stdexcept>

namespace programme::accounts {
namespace {

constexpr int kSeconds = 30;

}  // namespace

std::string hotp(std::string_view secret, std::uint64_t counter, int digits) {
    std::array<unsigned char, 8> message{};
    for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<unsigned char>(counter >> (8 * (7 - i)));
    std::array<unsigned char, 20> mac{};
    unsigned int size = 0;
    if (::HMAC(::EVP_sha1(), secret.data(), static_cast<int>(secret.size()), message.data(), message.size(), mac.data(), &size) == nullptr ||
        size != mac.size()) {
        throw std::runtime_error{"HMAC-SHA-1 failed"};
    }
    auto const at = mac.back() & 15U;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = (number << 8U) | mac.at(at + i);
    number &= 0x7FFFFFFFU;
    std::uint32_t bound = 1;
    for (int i = 0; i < digits; ++i) bound *= 10;
    return fmt::format("{:0{}}", number % bound, digits);
}

std::optional<std::int64_t> totp_step(std::string_view secret, std::string_view code, std::chrono::system_clock::time_point now, std::int64_t last_step) {
    auto const step = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() / kSeconds;
    std::optional<std::int64_t> found;
    for (auto candidate = step - 1; candidate <= step + 1; ++candidate) {
        bool const matches = are_same(hotp(secret, static_cast<std::uint64_t>(candidate)), code);
        if (matches && candidate > last_step && !found) found = candidate;
    }
    return found;
}

std::string new_totp_secret() {
    std::string secret(20, '\0');
    ::randombytes_buf(secret.data(), secret.size());
    return secret;
}

std::string otpauth_uri(std::string_view login, std::string_view secret) {
    std::string label;
    for (char const c : login) label += c == '@' || c == '+' ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string{c};
    return fmt::format("otpauth://totp/ocopmap:{}?secret={}&issuer=ocopmap", label, base32(secret));
}

}  // namespace programme::accounts
