#pragma once

#include "tile_server/archive/part_file.hpp"
#include "tile_server/archive/pmtiles.hpp"

#include <unordered_map>
#include <vector>

namespace tile_server {

/// Writes PMTiles 3 in one pass: room for header and root directory first, then the tiles along the curve, each content once, then
/// metadata and leaves.
class PmtilesWriter : public ArchiveWriter {
public:
    PmtilesWriter(std::filesystem::path const& file, ArchiveInfo info);
    void add(gis_core::TileId tile, std::string_view bytes) override;
    void finish() override;
    std::uint64_t bytes() const override { return end_; }
    std::uint64_t repeated() const override { return addressed_ - contents_; }

private:
    pmtiles::Section place_of(std::string const& stored);

    PartFile file_;
    ArchiveInfo info_;
    std::vector<pmtiles::Entry> entries_;
    std::unordered_multimap<std::size_t, pmtiles::Section> places_;  // by hash; the bytes decide
    std::uint64_t end_ = pmtiles::kRootEnd, addressed_ = 0, contents_ = 0;
};

}  // namespace tile_server
