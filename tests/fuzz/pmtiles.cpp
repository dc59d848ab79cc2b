#include "tile_server/archive/pmtiles.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>

/// A whole archive: header, directories, metadata and the tiles that the root names.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    return fuzz::run(data, size, [](std::string_view input) {
        std::size_t most = 0;
        tile_server::pmtiles::Reader const reader{[&](std::uint64_t offset, std::size_t length) {
                                                      most = std::max(most, length);
                                                      return offset < input.size() ? std::string{input.substr(offset, length)} : std::string{};
                                                  },
                                                  input.size()};
        auto const& header = reader.header();
        fuzz::require(header.min_zoom <= header.max_zoom && header.max_zoom <= gis_core::TileId::kMaxZoom, "zooms there are");
        fuzz::require(tile_server::pmtiles::Header::parse(header.bytes(), input.size()).bytes() == header.bytes(), "a header is read back");
        for (std::uint8_t zoom = header.min_zoom; zoom <= header.max_zoom; ++zoom) {
            auto const last = (std::uint32_t{1} << zoom) - 1;
            for (auto const tile : {gis_core::TileId{zoom, 0, 0}, gis_core::TileId{zoom, last, 0}, gis_core::TileId{zoom, last / 2, last / 3}}) {
                try {
                    if (auto const found = reader.find(tile)) fuzz::require(!found->empty(), "a tile has bytes");
                } catch (gis_core::Error const& error) {
                    if (error.kind() != gis_core::ErrorKind::invalid_argument) throw;
                }
            }
        }
        fuzz::require(most <= input.size() || most == tile_server::pmtiles::kHeaderBytes, "no more is asked for than there is");
        fuzz::require(reader.metadata().is_object(), "metadata are an object");
    });
}
