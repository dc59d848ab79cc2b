#pragma once

#include "gis_core/geo/lon_lat.hpp"
#include "gis_core/geo/tile_id.hpp"
#include "gis_core/json.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tile_server {

/// What tiles are, with the numbers of PMTiles' header.
enum class TileType : std::uint8_t { unknown = 0, mvt = 1, png = 2, jpeg = 3, webp = 4, avif = 5 };

/// What an archive says of itself.
struct ArchiveInfo {
    std::string name, description;
    TileType type = TileType::mvt;
    int min_zoom = 0, max_zoom = 0;
    gis_core::LonLatBox bounds{};
    gis_core::Json vector_layers;  // as in TileJSON 3.0; of MVT only
};

/// One file of tiles. Vector tiles are kept compressed by gzip, pictures as they are.
class ArchiveWriter {
public:
    virtual ~ArchiveWriter() = default;
    /// bytes: the tile as it is without a content coding, not empty. \pre in ascending order of tile_number()
    virtual void add(gis_core::TileId tile, std::string_view bytes) = 0;
    /// The file is there, whole and on the disk. \throws gis_core::Error(not_found) when nothing was added.
    virtual void finish() = 0;
    virtual std::uint64_t bytes() const = 0;
    /// Tiles whose bytes were there before.
    virtual std::uint64_t repeated() const = 0;
};

/// A writer of FILE.pmtiles or FILE.mbtiles. \throws gis_core::Error(invalid_argument) for another name.
std::unique_ptr<ArchiveWriter> open_archive(std::filesystem::path const& file, ArchiveInfo info);

}  // namespace tile_server
