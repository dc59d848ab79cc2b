#include "programme/accounts/limits.hpp"

#include <algorithm>
#include <cmath>

namespace programme::accounts {

seconds delay_after(int failures, Patience patience) {
    if (failures < patience.free) return seconds{0};
    auto const doublings = std::min(failures - patience.free, 30);
    return std::min(patience.longest, seconds{std::int64_t{1} << doublings});
}

seconds time_to_wait(int failures, TimePoint last_failure, Patience patience, TimePoint now) {
    auto const left = last_failure + delay_after(failures, patience) - now;
    return std::max(seconds{0}, std::chrono::ceil<seconds>(left));
}

seconds RateMeter::take(long long key, int per_minute) {
    auto const now = clock_();
    std::lock_guard const lock{mutex_};
    auto& bucket = buckets_.try_emplace(key, Bucket{static_cast<double>(per_minute), now}).first->second;
    auto const passed = std::chrono::duration<double>{now - bucket.since}.count();
    bucket.left = std::min<double>(per_minute, bucket.left + std::max(0.0, passed) * per_minute / 60.0);
    bucket.since = now;
    if (bucket.left >= 1) {
        bucket.left -= 1;
        return seconds{0};
    }
    return seconds{static_cast<std::int64_t>(std::ceil((1 - bucket.left) * 60.0 / per_minute))};
}

}  // namespace programme::accounts
