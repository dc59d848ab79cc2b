#pragma once

#include <cstddef>
#include <cstdint>

namespace programme::demo {

/// SplitMix64: the same numbers from the same seed on every machine (the distributions of <random> differ by library).
class Random {
public:
    explicit Random(std::uint64_t seed) : state_{seed} {}
    std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15U;
        auto z = state_;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }
    /// 0 ≤ x < 1
    double unit() noexcept { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
    double between(double low, double high) noexcept { return low + (high - low) * unit(); }
    /// 0 ≤ i < count
    std::size_t below(std::size_t count) noexcept { return static_cast<std::size_t>(unit() * static_cast<double>(count)); }
    int days(int low, int high) noexcept { return low + static_cast<int>(below(static_cast<std::size_t>(high - low + 1))); }
    bool chance(double share) noexcept { return unit() < share; }

private:
    std::uint64_t state_;
};

}  // namespace programme::demo
