#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tile_server {

/// True of the ends of parts that one after another make up a whole of that size.
inline bool is_ascending_to(std::vector<std::size_t> const& ends, std::size_t size) {
    return std::is_sorted(ends.begin(), ends.end()) && (ends.empty() ? size == 0 : ends.back() == size);
}

/// Texts, each kept once.
class Dictionary {
public:
    std::uint32_t number_of(std::string_view text);
    std::string_view operator[](std::uint32_t number) const {
        auto const begin = number == 0 ? 0 : ends_[number - 1];
        return {bytes_.data() + begin, ends_[number] - begin};
    }
    std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(ends_.size()); }
    /// No more texts will come.
    void close();
    std::size_t bytes() const noexcept { return bytes_.capacity() + ends_.capacity() * sizeof(ends_[0]) + places_.capacity() * sizeof(places_[0]); }
    /// Hands its members to a writer or a reader (snapshot.cpp).
    template <typename Archive>
    void transfer(Archive& archive) {
        archive(bytes_);
        archive(ends_);
    }
    bool is_sound() const { return is_ascending_to(ends_, bytes_.size()); }

private:
    struct Place {
        std::uint32_t hash = 0, number = 0;  // from 1 on; 0: it is free
    };
    void grow();
    std::string bytes_;
    std::vector<std::size_t> ends_;
    std::vector<Place> places_;  // while it grows: each at its text's hash or where there was room after it
};

}  // namespace tile_server
