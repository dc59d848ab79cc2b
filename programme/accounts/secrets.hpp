#pragma once

#include <string>
#include <string_view>

namespace programme::accounts {

/// 256 random bits in base64url, 43 characters.
std::string random_token();
/// For people to type: 80 random bits, "7KQM-2F4D-…". normal_code() undoes what they add: blanks, hyphens, lower case.
std::string random_code();
std::string normal_code(std::string_view typed);

/// BLAKE2b-256 as 64 hexadecimal digits: how tokens, keys and codes are stored. They are random, so no salt is wanted.
std::string token_hash(std::string_view token);
/// The CSRF token of a session: derived from its token, so that only who holds the session can know it.
std::string csrf_token(std::string_view session_token);
/// In a time that tells nothing of where they differ.
bool are_same(std::string_view a, std::string_view b);

/// RFC 4648, without padding: how authenticator apps take a secret.
std::string base32(std::string_view bytes);

/// What must be read again is kept under a key that is not in the database.
class Vault {
public:
    /// The key as 64 hexadecimal digits, or empty: then nothing can be sealed.
    /// \throws gis_core::Error(invalid_argument) when it is something else; the message does not show it.
    explicit Vault(std::string_view key_hex);

    bool has_key() const { return !key_.empty(); }
    /// Hexadecimal. `owner` is bound in: what is sealed for one row cannot be opened in another.
    /// \throws gis_core::Error(conflict) without a key.
    std::string seal(std::string_view plain, std::string_view owner) const;
    /// \throws gis_core::Error(conflict) without a key, (internal) when it is not what seal() made under this key.
    std::string open(std::string_view sealed_hex, std::string_view owner) const;
    /// Keyed where there is a key: for what has few values, such as an address.
    std::string hash(std::string_view text) const;

private:
    std::string key_;
};

}  // namespace programme::accounts
