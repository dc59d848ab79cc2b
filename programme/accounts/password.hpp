#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>

namespace programme::accounts {

/// The password in the form that is hashed (NFC), if it may be one: 12 to 200 characters, not the login, none of the commonest.
/// \throws gis_core::Error(invalid_argument) that names the field and the rule, never the password.
std::string acceptable_password(std::string_view field, std::string_view typed, std::string_view login);
/// What was typed, in the form that is hashed: for verification, where rules of today do not matter.
std::string typed_password(std::string_view typed);

/// Argon2id with 64 MiB and two passes. Memory is bounded: so many at a time, as many again may wait, the next is told to
/// come back.
class PasswordHasher {
public:
    explicit PasswordHasher(int at_a_time = 2) : at_a_time_{at_a_time} {}

    /// "$argon2id$v=19$m=65536,t=2,p=1$…". \throws gis_core::Error(overloaded)
    std::string hash(std::string const& password);
    /// An empty hash (there is no such account, or it has no password) takes as long and is false.
    bool verify(std::string const& hash, std::string const& password);
    /// Made with other limits than those of today: hash again while the password is known.
    static bool is_outdated(std::string const& hash);
    /// What an empty hash is compared with.
    static std::string const& nobodys_hash();

private:
    class Place;
    int at_a_time_;
    int inside_ = 0;   // hashing or waiting
    int running_ = 0;  // under mutex_
    std::mutex mutex_;
    std::condition_variable freed_;
};

}  // namespace programme::accounts
