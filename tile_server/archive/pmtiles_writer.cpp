#include "tile_server/archive/pmtiles_writer.hpp"

#include "gis_core/error.hpp"
#include "tile_server/archive/gzip.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tile_server {

using namespace pmtiles;

namespace {

/// The root directory, and leaves where one would not fit.
std::pair<std::string, std::string> directories_of(std::vector<Entry> const& entries) {
    constexpr std::size_t kMostRoot = kRootEnd - kHeaderBytes;
    if (auto root = encode_directory(entries); root.size() <= kMostRoot) return {std::move(root), {}};
    for (std::size_t size = 4096;; size += size / 2) {
        std::vector<Entry> in_root;
        std::string leaves;
        for (std::size_t first = 0; first < entries.size(); first += size) {
            auto const begin = entries.begin() + static_cast<std::ptrdiff_t>(first);
            auto const leaf = encode_directory({begin, begin + static_cast<std::ptrdiff_t>(std::min(size, entries.size() - first))});
            in_root.push_back({entries[first].number, leaves.size(), static_cast<std::uint32_t>(leaf.size()), 0});
            leaves += leaf;
        }
        if (auto root = encode_directory(in_root); root.size() <= kMostRoot) return {std::move(root), std::move(leaves)};
    }
}

}  // namespace

PmtilesWriter::PmtilesWriter(std::filesystem::path const& file, ArchiveInfo info) : file_{file}, info_{std::move(info)} {}

Section PmtilesWriter::place_of(std::string const& stored) {
    auto const hash = std::hash<std::string>{}(stored);
    auto const [first, last] = places_.equal_range(hash);
    for (auto place = first; place != last; ++place) {
        if (place->second.length == stored.size() && file_.read_at(kRootEnd + place->second.offset, stored.size()) == stored) return place->second;
    }
    Section const place{end_ - kRootEnd, stored.size()};
    file_.write_at(end_, stored);
    end_ += stored.size();
    ++contents_;
    places_.emplace(hash, place);
    return place;
}

void PmtilesWriter::add(gis_core::TileId tile, std::string_view bytes) {
    auto const number = tile_number(tile);
    assert(entries_.empty() || number >= entries_.back().number + entries_.back().run);
    auto const place = place_of(info_.type == TileType::mvt ? gzip(bytes, 9) : std::string{bytes});
    ++addressed_;
    if (!entries_.empty()) {
        auto& last = entries_.back();
        if (last.offset == place.offset && last.length == place.length && last.number + last.run == number) {
            ++last.run;
            return;
        }
    }
    entries_.push_back({number, place.offset, static_cast<std::uint32_t>(place.length), 1});
}

void PmtilesWriter::finish() {
    if (entries_.empty()) throw gis_core::Error{gis_core::ErrorKind::not_found, "nothing stands in these tiles: an archive without tiles is none"};
    Header header;
    header.tiles = {kRootEnd, end_ - kRootEnd};
    gis_core::Json metadata{{"name", info_.name}, {"description", info_.description}, {"type", "overlay"}, {"version", "1.0.0"}};
    if (info_.type == TileType::mvt) metadata["vector_layers"] = info_.vector_layers;
    auto const append = [&](std::string const& bytes) {
        Section const section{end_, bytes.size()};
        file_.write_at(end_, bytes);
        end_ += bytes.size();
        return section;
    };
    header.metadata = append(gzip(gis_core::to_text(metadata), 9));
    auto const [root, leaves] = directories_of(entries_);
    header.leaves = append(leaves);
    header.root = {kHeaderBytes, root.size()};
    header.addressed = addressed_;
    header.entries = entries_.size();
    header.contents = contents_;
    header.is_clustered = true;
    header.tile = info_.type == TileType::mvt ? Compression::gzip : Compression::none;
    header.type = info_.type;
    header.min_zoom = static_cast<std::uint8_t>(info_.min_zoom);
    header.max_zoom = static_cast<std::uint8_t>(info_.max_zoom);
    header.bounds = info_.bounds;
    header.center_zoom = static_cast<std::uint8_t>(std::clamp(9, info_.min_zoom, info_.max_zoom));
    header.center = {(info_.bounds.west + info_.bounds.east) / 2, (info_.bounds.south + info_.bounds.north) / 2};
    file_.write_at(0, header.bytes() + root);
    file_.commit();
}

}  // namespace tile_server
