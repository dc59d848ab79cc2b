#include "tile_server/store/snapshot.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tile_server/store/draw.hpp"

using gis_core::layers::AttributeType;
using gis_core::layers::LayerKind;

/// Rows of a layer from a file, and what is drawn of them. The first byte chooses the kind of layer.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    return fuzz::run(data, size, [](std::string_view input) {
        if (input.empty()) return;
        gis_core::layers::Layer layer;
        layer.id = "fuzzed";
        layer.kind = input[0] == 'p' ? LayerKind::points : input[0] == 'l' ? LayerKind::lines : LayerKind::polygons;
        layer.has_at = true;
        layer.attributes = {{"name", AttributeType::text, {}}, {"from", AttributeType::date, {}}, {"codes", AttributeType::array, {}, false}};
        if (layer.kind == LayerKind::polygons) layer.merge_by = "name";
        auto const segment = tile_server::from_bytes(input.substr(1), layer);
        if (!segment) return;
        fuzz::require(tile_server::to_bytes(*segment) == input.substr(1), "what is read is written the same");
        auto const version = tile_server::LayerVersion::whole(1, segment);
        for (int const zoom : {0, 10, 14}) {
            std::string tile;
            tile_server::draw(version, gis_core::TileId::containing({106.4, 10.2}, static_cast<std::uint8_t>(zoom)), gis_core::Date{}, nullptr, {}, tile);
        }
    });
}
