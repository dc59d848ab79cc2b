#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace programme::accounts {

/// RFC 4226: HMAC-SHA-1 of the counter, truncated to that many decimal digits.
std::string hotp(std::string_view secret, std::uint64_t counter, int digits = 6);

/// RFC 6238 with steps of 30 s: the step whose code was typed, of the present one and its neighbours (clocks differ), if it is
/// later than the last one taken: a code that was seen over a shoulder is worth nothing.
std::optional<std::int64_t> totp_step(std::string_view secret, std::string_view code, std::chrono::system_clock::time_point now, std::int64_t last_step);

/// 160 random bits.
std::string new_totp_secret();
/// What authenticator apps read from the QR code.
std::string otpauth_uri(std::string_view login, std::string_view secret);

}  // namespace programme::accounts
