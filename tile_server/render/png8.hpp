#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tile_server {

/// A picture as PNG with a palette of at most 256 colours: all of them as they are where there are no more, else by a
/// median cut in which a colour that fills most of its box stays exact (the classes of a map keep their colours).
/// Pixels are 0xAABBGGRR and opaque; row_px: pixels from one row to the next.
std::string encode_png8(std::uint32_t const* pixels, std::size_t row_px, int width_px, int height_px);

}  // namespace tile_server
