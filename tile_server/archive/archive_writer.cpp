#include "tile_server/archive/archive_writer.hpp"

#include "gis_core/error.hpp"
#include "tile_server/archive/mbtiles_writer.hpp"
#include "tile_server/archive/pmtiles_writer.hpp"

namespace tile_server {

std::unique_ptr<ArchiveWriter> open_archive(std::filesystem::path const& file, ArchiveInfo info) {
    if (file.extension() == ".pmtiles") return std::make_unique<PmtilesWriter>(file, std::move(info));
    if (file.extension() == ".mbtiles") return std::make_unique<MbtilesWriter>(file, std::move(info));
    throw gis_core::invalid_field("FILE", file.string(), "a name that ends in .pmtiles or .mbtiles");
}

}  // namespace tile_server
