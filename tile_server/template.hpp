#pragma once

#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>

namespace tile_server {

/// An SQL text with the catalogue's names in the places of {…}.
inline std::string fill(std::string text, std::initializer_list<std::pair<char const*, std::string>> const& values) {
    for (auto const& [name, value] : values) {
        for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) text.replace(at, std::strlen(name), value);
    }
    return text;
}

}  // namespace tile_server
