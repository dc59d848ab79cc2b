#include "tile_server/dictionary.hpp"

#include <functional>

namespace tile_server {

std::uint32_t Dictionary::number_of(std::string_view text) {
    if (2 * (ends_.size() + 1) > places_.size()) {
        places_.assign(std::max<std::size_t>(64, 2 * places_.size()), 0);
        for (std::uint32_t number = 0; number < size(); ++number) place_of((*this)[number]) = number + 1;
    }
    auto& place = place_of(text);
    if (place == 0) {
        bytes_ += text;
        ends_.push_back(bytes_.size());
        place = size();
    }
    return place - 1;
}

std::uint32_t& Dictionary::place_of(std::string_view text) {
    auto at = std::hash<std::string_view>{}(text);
    while (true) {
        auto& place = places_[at++ & (places_.size() - 1)];
        if (place == 0 || (*this)[place - 1] == text) return place;
    }
}

void Dictionary::close() {
    bytes_.shrink_to_fit();
    ends_.shrink_to_fit();
    places_ = {};
}

}  // namespace tile_server
