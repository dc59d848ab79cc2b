#include "programme/accounts/accounts.hpp"
#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "programme/accounts/totp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <set>
#include <thread>

namespace programme::accounts {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kRfcSecret = "12345678901234567890";

TimePoint at(std::int64_t unix_seconds) { return TimePoint{seconds{unix_seconds}}; }

/// RFC 4226, appendix D.
TEST(HotpTest, GivesTheValuesOfRfc4226) {
    constexpr std::array kCodes{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"};
    for (std::size_t i = 0; i < kCodes.size(); ++i) EXPECT_EQ(hotp(kRfcSecret, i), kCodes[i]) << i;
}

/// RFC 6238, appendix B, SHA-1: eight digits at seconds since 1970.
TEST(TotpTest, GivesTheValuesOfRfc6238) {
    constexpr std::array<std::pair<std::uint64_t, char const*>, 6> kCodes{
        {{59, "94287082"}, {1111111109, "07081804"}, {1111111111, "14050471"}, {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}}};
    for (auto const& [time, code] : kCodes) EXPECT_EQ(hotp(kRfcSecret, time / 30, 8), code) << time;
}

TEST(TotpTest, TakesTheStepOnceAndItsNeighbours) {
    // RFC 4226 again: steps 0, 1, 2, 3 have 755224, 287082, 359152, 969429.
    EXPECT_EQ(totp_step(kRfcSecret, "287082", at(45), 0), 1);
    EXPECT_EQ(totp_step(kRfcSecret, "287082", at(75), 0), 1);             // a clock that is 30 s late
    EXPECT_EQ(totp_step(kRfcSecret, "359152", at(45), 0), 2);             // or early
    EXPECT_EQ(totp_step(kRfcSecret, "969429", at(45), 0), std::nullopt);  // two steps off
    EXPECT_EQ(totp_step(kRfcSecret, "287082", at(45), 1), std::nullopt);  // taken before
    EXPECT_EQ(totp_step(kRfcSecret, "755224", at(45), 1), std::nullopt);  // older than what was taken
    EXPECT_EQ(totp_step(kRfcSecret, "359152", at(45), 1), 2);
    for (auto const* code : {"", "28708", "2870820", "abcdef"}) EXPECT_EQ(totp_step(kRfcSecret, code, at(45), 0), std::nullopt) << code;
}

/// RFC 4648, section 10, without padding.
TEST(Base32Test, GivesTheValuesOfRfc4648) {
    constexpr std::array<std::pair<char const*, char const*>, 7> kValues{
        {{"", ""}, {"f", "MY"}, {"fo", "MZXQ"}, {"foo", "MZXW6"}, {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI"}}};
    for (auto const& [plain, coded] : kValues) EXPECT_EQ(base32(plain), coded);
    EXPECT_EQ(otpauth_uri("an@xa.vn", "foobar"), "otpauth://totp/ocopmap:an%40xa.vn?secret=MZXW6YTBOI&issuer=ocopmap");
}

TEST(TokenTest, IsStoredAsItsBlake2b) {
    // Python's hashlib.blake2b(b"abc", digest_size=32)
    EXPECT_EQ(token_hash("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    std::set<std::string> tokens;
    for (int i = 0; i < 1000; ++i) tokens.insert(random_token());
    EXPECT_EQ(tokens.size(), 1000U);
    EXPECT_EQ(tokens.begin()->size(), 43U);  // 256 bits, six a character
    EXPECT_NE(csrf_token("a"), csrf_token("b"));
    EXPECT_EQ(csrf_token("a").find(token_hash("a").substr(0, 8)), std::string::npos);
    EXPECT_EQ(normal_code(" 7kqm-2f4d "), "7KQM2F4D");
    EXPECT_EQ(normal_code(random_code()).size(), 24U);
}

TEST(VaultTest, OpensWhatItSealedForThatOwnerOnly) {
    std::string const key(64, 'a');
    Vault const vault{key};
    auto const sealed = vault.seal("secret", "totp 1");
    EXPECT_EQ(vault.open(sealed, "totp 1"), "secret");
    EXPECT_NE(vault.seal("secret", "totp 1"), sealed);  // another nonce
    EXPECT_THROW(vault.open(sealed, "totp 2"), gis_core::Error);
    EXPECT_THROW(Vault{std::string(64, 'b')}.open(sealed, "totp 1"), gis_core::Error);
    for (std::size_t i = 0; i < sealed.size(); i += 7) {
        auto bent = sealed;
        bent[i] = bent[i] == '0' ? '1' : '0';
        EXPECT_THROW(vault.open(bent, "totp 1"), gis_core::Error) << i;
    }
    EXPECT_THROW(vault.open("", "totp 1"), gis_core::Error);
    EXPECT_THROW(Vault{""}.seal("secret", "totp 1"), gis_core::Error);
    try {
        Vault{"0123secret"};
        ADD_FAILURE() << "a key of five bytes was taken";
    } catch (gis_core::Error const& error) {
        EXPECT_THAT(error.what(), Not(HasSubstr("0123secret")));
    }
}

std::string refusal(std::string_view password, std::string_view login = "an.nguyen") {
    try {
        acceptable_password("password", password, login);
    } catch (gis_core::Error const& error) {
        EXPECT_EQ(error.kind(), gis_core::ErrorKind::invalid_argument);
        EXPECT_EQ(error.fields().at(0).value, "");
        EXPECT_THAT(error.what(), Not(HasSubstr(std::string{password})));
        return error.what();
    }
    return "taken";
}

TEST(PasswordTest, HasRules) {
    EXPECT_THAT(refusal("mười một ký"), HasSubstr("12 to 128 characters"));
    EXPECT_EQ(refusal("mười hai ký."), "taken");  // 12 characters, not 12 bytes
    EXPECT_THAT(refusal(std::string(129, 'x')), HasSubstr("12 to 128"));
    EXPECT_EQ(refusal("thuyền dừa qua sông Hàm Luông"), "taken");
    for (auto const* common : {"password1234", "P@ssw0rd!2026", "matkhau123456", "Mật khẩu 2026", "123456789012", "aaaaaaaaaaaa", "qwertyuiop12",
                               "admin@bentre.2026", "bentre123456", "ocopocop2026", "abababababab"}) {
        EXPECT_THAT(refusal(common), HasSubstr("harder to guess")) << common;
    }
    EXPECT_THAT(refusal("an.nguyen.2026"), HasSubstr("login"));
    EXPECT_THAT(refusal("\xFF\xFE long enough, but no text"), HasSubstr("UTF-8"));
}

TEST(PasswordTest, IsTheSameComposedOrNot) {
    EXPECT_EQ(acceptable_password("password",
                                  "du\xCC\x9B\xCC\x80"
                                  "a xanh Ba Tri",
                                  "x"),
              typed_password("dừa xanh Ba Tri"));
}

/// A hash of the reference implementation of Argon2 (its test.c, version 19: 2 passes, 64 MiB).
TEST(PasswordHasherTest, KnowsTheReferenceImplementationsHash) {
    PasswordHasher hasher;
    std::string const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    EXPECT_TRUE(hasher.verify(reference, "password"));
    EXPECT_FALSE(hasher.verify(reference, "Password"));
    EXPECT_FALSE(PasswordHasher::is_outdated(reference));
    EXPECT_TRUE(PasswordHasher::is_outdated("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"));
}

TEST(PasswordHasherTest, NobodysHashCostsAsMuchAndNeverMatches) {
    PasswordHasher hasher;
    EXPECT_FALSE(PasswordHasher::is_outdated(PasswordHasher::nobodys_hash()));
    EXPECT_FALSE(hasher.verify("", "password"));
    auto const hash = hasher.hash("dừa xanh");
    EXPECT_THAT(hash, testing::StartsWith("$argon2id$v=19$m=65536,t=2,p=1$"));
    EXPECT_TRUE(hasher.verify(hash, "dừa xanh"));
}

TEST(PasswordHasherTest, TurnsAwayWhatDoesNotFitIntoMemory) {
    PasswordHasher hasher{1};  // one at work, one waiting
    std::atomic<int> turned_away{0}, done{0};
    std::vector<std::thread> people;
    for (int i = 0; i < 8; ++i) {
        people.emplace_back([&] {
            try {
                hasher.verify("", "x");
                ++done;
            } catch (gis_core::Error const& error) {
                EXPECT_EQ(error.kind(), gis_core::ErrorKind::overloaded);
                ++turned_away;
            }
        });
    }
    for (auto& person : people) person.join();
    EXPECT_GE(done, 1);
    EXPECT_GE(turned_away, 1);
    EXPECT_EQ(done + turned_away, 8);
    EXPECT_FALSE(hasher.verify("", "x"));  // all places are free again
}

TEST(PatienceTest, DoublesAfterTheFreeOnes) {
    std::array<std::int64_t, 18> const wanted{0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900};
    for (std::size_t n = 0; n < wanted.size(); ++n) EXPECT_EQ(delay_after(static_cast<int>(n), kOneSource).count(), wanted[n]) << n;
    EXPECT_EQ(delay_after(1'000'000, kOneSource), seconds{900});
    EXPECT_EQ(delay_after(99, kElsewhere), seconds{0});
    EXPECT_EQ(delay_after(1'000, kElsewhere), seconds{60});
}

TEST(PatienceTest, CountsFromTheLastFailure) {
    EXPECT_EQ(time_to_wait(8, at(100), kOneSource, at(100)), seconds{8});
    EXPECT_EQ(time_to_wait(8, at(100), kOneSource, at(107)), seconds{1});
    EXPECT_EQ(time_to_wait(8, at(100), kOneSource, at(100) + std::chrono::milliseconds{7'500}), seconds{1});
    EXPECT_EQ(time_to_wait(8, at(100), kOneSource, at(108)), seconds{0});
    EXPECT_EQ(time_to_wait(0, at(100), kOneSource, at(100)), seconds{0});
}

/// What guessing without pause gains in a day from one address: 5 + 10 + one each 15 minutes.
TEST(PatienceTest, LetsFewGuessesThrough) {
    int failures = 0, guesses = 0;
    auto last = at(0);
    for (std::int64_t second = 0; second < 24 * 3600; ++second) {
        if (time_to_wait(failures, last, kOneSource, at(second)) > seconds{0}) continue;
        ++guesses;
        ++failures;
        last = at(second);
    }
    EXPECT_LT(guesses, 115);
    EXPECT_GT(guesses, 100);
}

TEST(RateMeterTest, GivesAMinutesWorthAndRefills) {
    auto now = at(0);
    RateMeter meter{[&] { return now; }};
    for (int i = 0; i < 6; ++i) EXPECT_EQ(meter.take(1, 6), seconds{0}) << i;
    EXPECT_EQ(meter.take(1, 6), seconds{10});
    EXPECT_EQ(meter.take(2, 6), seconds{0});  // another key
    now = at(9);
    EXPECT_EQ(meter.take(1, 6), seconds{1});
    now = at(10);
    EXPECT_EQ(meter.take(1, 6), seconds{0});
    now = at(3'600);
    int taken = 0;
    while (meter.take(1, 6) == seconds{0}) ++taken;
    EXPECT_EQ(taken, 6);  // an hour's rest is no store
}

TEST(CoarseTest, HidesWhoExactly) {
    EXPECT_EQ(coarse_address("203.0.113.77"), "203.0.113.0/24");
    EXPECT_EQ(coarse_address("2001:db8:1:2::3"), "2001:db8:1::/48");
    EXPECT_EQ(coarse_address("local"), "?");
    EXPECT_EQ(coarse_user_agent("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"), "Firefox, Windows");
    EXPECT_EQ(coarse_user_agent("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36"), "Chrome, Android");
    EXPECT_EQ(coarse_user_agent(""), "?, ?");
}

TEST(LoginTest, IsFolded) {
    EXPECT_EQ(folded_login(" Nguyễn.Văn.Đức "), "nguyen.van.duc");
    EXPECT_EQ(folded_login("AN@XA.VN"), "an@xa.vn");
    for (auto const* bad : {"", "ab", "a b c", "<script>", "-abc", "日本語"}) EXPECT_THROW(folded_login(bad), gis_core::Error) << bad;
    EXPECT_THROW(folded_login(std::string(101, 'a')), gis_core::Error);
}

TEST(IdentityTest, ActsUnderItsGrantOrAsThePublic) {
    Identity who;
    who.account = 7;
    who.request = "r1";
    EXPECT_EQ(who.actor().role, "ocopmap_public");
    who.role = "R04";
    who.grant = 3;
    auto const actor = who.actor("why");
    EXPECT_EQ(actor.role, "ocopmap_r04");
    EXPECT_EQ(actor.account, 7);
    EXPECT_EQ(actor.grant, 3);
    EXPECT_EQ(actor.request, "r1");
    EXPECT_EQ(actor.reason, "why");
}

}  // namespace
}  // namespace programme::accounts
