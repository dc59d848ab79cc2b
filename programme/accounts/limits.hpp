#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>

namespace programme::accounts {

using TimePoint = std::chrono::system_clock::time_point;
using Clock = std::function<TimePoint()>;
using std::chrono::seconds;

/// How failed sign-ins from one source slow down the next: some are free, then 1 s, 2 s, 4 s … up to a longest delay.
struct Patience {
    int free;
    seconds longest;
};
inline constexpr Patience kOneSource{5, seconds{15 * 60}};  // a browser we know, or an address
inline constexpr Patience kElsewhere{100, seconds{60}};     // all browsers we do not know, together
inline constexpr std::chrono::hours kForgotten{24};         // after that long without a failure the count begins anew

/// Seconds to wait after that many failures.
seconds delay_after(int failures, Patience patience);
/// How long until the next attempt is looked at; 0: at once.
seconds time_to_wait(int failures, TimePoint last_failure, Patience patience, TimePoint now);

/// Calls a minute, key by key: a bucket that holds a minute's worth and refills steadily.
class RateMeter {
public:
    explicit RateMeter(Clock clock) : clock_{std::move(clock)} {}
    /// 0 when the call is allowed, else the seconds until the next one is.
    seconds take(long long key, int per_minute);

private:
    struct Bucket {
        double left;
        TimePoint since;
    };
    Clock clock_;
    std::mutex mutex_;
    std::map<long long, Bucket> buckets_;  // one a key in use; keys are few
};

}  // namespace programme::accounts
