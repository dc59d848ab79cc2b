#include "tile_server/dictionary.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tile_server {

std::uint32_t Dictionary::number_of(std::string_view text) {
    if (2 * (ends_.size() + 1) > places_.size()) grow();
    auto const hash = static_cast<std::uint32_t>(XXH3_64bits(text.data(), text.size()));
    for (std::size_t at = hash;; ++at) {
        auto& place = places_[at & (places_.size() - 1)];
        if (place.number == 0) {
            bytes_ += text;
            ends_.push_back(bytes_.size());
            place = {hash, size()};
            return size() - 1;
        }
        if (place.hash == hash && (*this)[place.number - 1] == text) return place.number - 1;
    }
}

void Dictionary::grow() {
    std::vector<Place> more(std::max<std::size_t>(256, 2 * places_.size()));
    for (auto const& place : places_) {
        if (place.number == 0) continue;
        std::size_t at = place.hash;
        while (more[at & (more.size() - 1)].number != 0) ++at;
        more[at & (more.size() - 1)] = place;
    }
    places_ = std::move(more);
}

void Dictionary::close() {
    bytes_.shrink_to_fit();
    ends_.shrink_to_fit();
    places_ = {};
}

}  // namespace tile_server
