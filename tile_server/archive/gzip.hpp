#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tile_server {

/// RFC 1952, without name or time: the same bytes give the same bytes. level: 1 to 12.
std::string gzip(std::string_view bytes, int level);
/// In half the time of level 1, a little larger, by ISA-L.
std::string quick_gzip(std::string_view bytes);
/// Nothing when it is no gzip member, is cut short, or would be more than `most` bytes.
std::optional<std::string> gunzip(std::string_view bytes, std::size_t most);

}  // namespace tile_server
