#include "programme/accounts/secrets.hpp"

#include "gis_core/error.hpp"

#include <sodium.h>

#include <array>
#include <stdexcept>

namespace programme::accounts {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;

constexpr std::size_t kHash = 32;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

unsigned char const* bytes_of(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void require_sodium() {
    static bool const ready = sodium_init() >= 0;
    if (!ready) throw std::runtime_error{"libsodium cannot start"};
}

std::string random_bytes(std::size_t size) {
    require_sodium();
    std::string bytes(size, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

std::string hex(std::string_view bytes) {
    std::string out(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(out.data(), out.size(), bytes_of(bytes), bytes.size());
    out.pop_back();
    return out;
}

/// Empty when it is not hexadecimal.
std::string from_hex(std::string_view text) {
    std::string out(text.size() / 2, '\0');
    std::size_t size = 0;
    char const* end = nullptr;
    bool const good = text.size() % 2 == 0 && sodium_hex2bin(bytes_of(out), out.size(), text.data(), text.size(), nullptr, &size, &end) == 0;
    return good && size == out.size() ? out : std::string{};
}

std::string base64url(std::string_view bytes) {
    constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string out(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes_of(bytes), bytes.size(), kVariant);
    out.pop_back();
    return out;
}

std::string blake2b(std::string_view text, std::string_view key = {}) {
    std::string out(kHash, '\0');
    crypto_generichash(bytes_of(out), out.size(), bytes_of(text), text.size(), key.empty() ? nullptr : bytes_of(key), key.size());
    return out;
}

}  // namespace

std::string random_token() { return base64url(random_bytes(32)); }

std::string random_code() {
    constexpr std::string_view kLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";  // 32, none that is read as another
    auto const bytes = random_bytes(24);  // 5 bits of each: 120
    std::string code;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0 && i % 4 == 0) code += '-';
        code += kLetters[static_cast<unsigned char>(bytes[i]) % kLetters.size()];
    }
    return code;
}

std::string normal_code(std::string_view typed) {
    std::string code;
    for (char const c : typed) {
        if (c == ' ' || c == '-') continue;
        code += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return code;
}

std::string token_hash(std::string_view token) { return hex(blake2b(token)); }

std::string csrf_token(std::string_view session_token) { return base64url(blake2b("csrf", blake2b(session_token))); }

bool are_same(std::string_view a, std::string_view b) { return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0; }

std::string base32(std::string_view bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    unsigned buffer = 0;
    int bits = 0;
    for (char const c : bytes) {
        buffer = (buffer << 8U) | static_cast<unsigned char>(c);
        for (bits += 8; bits >= 5; bits -= 5) out += kAlphabet[(buffer >> static_cast<unsigned>(bits - 5)) & 31U];
    }
    if (bits > 0) out += kAlphabet[(buffer << static_cast<unsigned>(5 - bits)) & 31U];
    return out;
}

Vault::Vault(std::string_view key_hex) : key_{from_hex(key_hex)} {
    require_sodium();
    if (!key_hex.empty() && key_.size() != crypto_aead_xchacha20poly1305_ietf_KEYBYTES) {
        throw Error{ErrorKind::invalid_argument, "OCOPMAP_SECRET_KEY must be 64 hexadecimal digits (openssl rand -hex 32 makes some)"};
    }
}

std::string Vault::seal(std::string_view plain, std::string_view owner) const {
    if (!has_key()) throw Error{ErrorKind::conflict, "this service keeps no secrets: its operator did not set OCOPMAP_SECRET_KEY"};
    auto sealed = random_bytes(kNonce);
    sealed.resize(kNonce + plain.size() + kTag);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(sealed) + kNonce, nullptr, bytes_of(plain), plain.size(), bytes_of(owner), owner.size(), nullptr,
                                               bytes_of(sealed), bytes_of(key_));
    return hex(sealed);
}

std::string Vault::open(std::string_view sealed_hex, std::string_view owner) const {
    if (!has_key()) throw Error{ErrorKind::conflict, "this service keeps no secrets: its operator did not set OCOPMAP_SECRET_KEY"};
    auto const sealed = from_hex(sealed_hex);
    std::string plain(sealed.size() < kNonce + kTag ? 0 : sealed.size() - kNonce - kTag, '\0');
    bool const good = sealed.size() >= kNonce + kTag &&
                      crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(plain), nullptr, nullptr, bytes_of(sealed) + kNonce, sealed.size() - kNonce,
                                                                 bytes_of(owner), owner.size(), bytes_of(sealed), bytes_of(key_)) == 0;
    if (!good) throw Error{ErrorKind::internal, "a sealed value does not open under OCOPMAP_SECRET_KEY; was the key replaced?"};
    return plain;
}

std::string Vault::hash(std::string_view text) const { return hex(blake2b(text, key_)); }

}  // namespace programme::accounts
