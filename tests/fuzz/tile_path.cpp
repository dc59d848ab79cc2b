#include "gis_core/geo/tile_id.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    return fuzz::run(data, size, [](std::string_view input) {
        auto const first = std::min(input.find('/'), input.size()), second = std::min(input.find('/', first + 1), input.size());
        auto const part = [&](std::size_t from, std::size_t to) { return from < input.size() ? input.substr(from, to - from) : std::string_view{}; };
        auto const tile = gis_core::TileId::parse(part(0, first), part(first + 1, second), part(second + 1, input.size()));
        if (!tile) return;
        fuzz::require(tile->path() == input, "a tile that is taken has this path");
        auto const box = tile->bounds();
        fuzz::require(box.west < box.east && box.south < box.north, "a tile covers ground");
    });
}
