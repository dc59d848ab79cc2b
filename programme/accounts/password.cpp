#include "programme/accounts/password.hpp"

#include "gis_core/error.hpp"
#include "gis_core/text/vietnamese.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <set>

namespace programme::accounts {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;

constexpr std::size_t kShortest = 12, kLongest = 128;
constexpr unsigned long long kPasses = crypto_pwhash_OPSLIMIT_INTERACTIVE;  // 2
constexpr std::size_t kMemory = crypto_pwhash_MEMLIMIT_INTERACTIVE;         // 64 MiB

/// What the commonest passwords are made of, folded: one or two of these, with digits and signs in between and around.
constexpr std::array kCommon = std::to_array<std::string_view>(
    {"password", "passwort", "matkhau",  "qwerty",       "qwertyuiop", "asdfgh",        "asdfghjkl", "zxcvbn", "zxcvbnm", "qazwsx", "qazwsxedc", "abc",
     "abcd",     "abcdef",   "abcdefgh", "abcdefghijkl", "admin",      "administrator", "root",      "user",   "letmein", "login",  "welcome",   "iloveyou",
     "anhyeuem", "emyeuanh", "yeuem",    "yeuanh",       "vietnam",    "bentre",        "vinhlong",  "ocop",   "ocopmap", "chuthe", "canbo",     "hethong",
     "monkey",   "dragon",   "football", "master",       "sunshine",   "princess",      "changeme",  "secret", "test",    "demo",   "hanoi",     "saigon"});

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_common_word(std::string_view letters) { return letters.empty() || std::find(kCommon.begin(), kCommon.end(), letters) != kCommon.end(); }

/// Digits and signs alone, few different characters, or common words and nothing else.
bool is_common(std::string_view folded) {
    if (std::set<char>(folded.begin(), folded.end()).size() < 5) return true;
    auto const is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) & 0x80U) != 0; };
    auto const first = std::find_if(folded.begin(), folded.end(), is_letter);
    auto const last = std::find_if(folded.rbegin(), folded.rend(), is_letter).base();
    std::string plain, meant;  // p@ssw0rd counts as the word it stands for
    for (auto at = first; at < last; ++at) {
        if (is_letter(*at)) plain += *at;
        meant += *at == '0' ? 'o' : *at == '@' || *at == '4' ? 'a' : *at;
    }
    meant.erase(std::remove_if(meant.begin(), meant.end(), [&](char c) { return !is_letter(c); }), meant.end());
    for (std::string_view const text : {plain, meant}) {
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            if (is_common_word(text.substr(0, cut)) && is_common_word(text.substr(cut))) return true;
        }
    }
    return false;
}

Error refused(std::string_view field, std::string_view allowed) {
    return {ErrorKind::invalid_argument, std::string{field} + " must be " + std::string{allowed}, {{std::string{field}, "", std::string{allowed}}}};
}

}  // namespace

std::string typed_password(std::string_view typed) { return gis_core::text::to_nfc(typed.substr(0, 4 * kLongest + 1)); }

std::string acceptable_password(std::string_view field, std::string_view typed, std::string_view login) {
    if (!gis_core::text::is_utf8(typed)) throw refused(field, "text in UTF-8");
    auto const password = gis_core::text::to_nfc(typed);
    auto const length = characters(password);
    if (length < kShortest || length > kLongest) throw refused(field, "12 to 128 characters long; a sentence is good");
    auto const folded = gis_core::text::fold(password);
    if (is_common(folded)) throw refused(field, "harder to guess: this one is among the commonest, or made of too few different characters");
    auto const name = login.substr(0, login.find('@'));
    if (name.size() >= 3 && folded.size() < name.size() + kShortest && folded.find(name) != std::string::npos) {
        throw refused(field, "something else than the login with a little around it");
    }
    return password;
}

/// One of the places for hashing, held while it lives.
class PasswordHasher::Place {
public:
    explicit Place(PasswordHasher& owner) : owner_{owner} {
        std::unique_lock lock{owner_.mutex_};
        if (owner_.inside_ >= 2 * owner_.at_a_time_) throw Error{ErrorKind::overloaded, "too many people are signing in; try again in a moment"};
        ++owner_.inside_;
        owner_.freed_.wait(lock, [&] { return owner_.running_ < owner_.at_a_time_; });
        ++owner_.running_;
    }
    ~Place() {
        {
            std::lock_guard const lock{owner_.mutex_};
            --owner_.running_;
            --owner_.inside_;
        }
        owner_.freed_.notify_one();
    }
    Place(Place const&) = delete;
    Place& operator=(Place const&) = delete;

private:
    PasswordHasher& owner_;
};

std::string PasswordHasher::hash(std::string const& password) {
    Place const place{*this};
    std::array<char, crypto_pwhash_STRBYTES> out{};
    if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), kPasses, kMemory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        throw Error{ErrorKind::overloaded, "no memory for a password; try again in a moment"};
    }
    return out.data();
}

bool PasswordHasher::verify(std::string const& hash, std::string const& password) {
    Place const place{*this};
    auto const& stored = hash.empty() ? nobodys_hash() : hash;
    bool const matches = crypto_pwhash_str_verify(stored.c_str(), password.data(), password.size()) == 0;
    return matches && !hash.empty();
}

bool PasswordHasher::is_outdated(std::string const& hash) { return crypto_pwhash_str_needs_rehash(hash.c_str(), kPasses, kMemory) != 0; }

std::string const& PasswordHasher::nobodys_hash() {
    static std::string const hash = "$argon2id$v=19$m=65536,t=2,p=1$GIlpyKIV6fBHAlbRaeDmxA$aES5rnEVUX1/RTa7MeHWN8MtJm9j8M6nRSknCoasOS8";
    return hash;
}

}  // namespace programme::accounts
