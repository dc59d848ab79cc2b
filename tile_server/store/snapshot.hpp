#pragma once

#include "tile_server/store/segment.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tile_server {

/// Rows of a layer as bytes of this machine: what a file holds, so that a start need not ask the record for them.
std::string to_bytes(Segment const& segment);
/// Nothing when they are not what to_bytes() made of a segment of that layer.
std::shared_ptr<Segment> from_bytes(std::string_view bytes, gis_core::layers::Layer const& layer);

/// Writes the file whole or not at all. made_of: what has to be the same for the file to be read again.
/// \throws gis_core::Error(internal) when it cannot be written.
void write_snapshot(std::filesystem::path const& file, std::string_view made_of, LayerVersion const& version);
/// Nothing when there is no such file, or it is damaged, or made of something else.
std::shared_ptr<LayerVersion const> read_snapshot(std::filesystem::path const& file, std::string_view made_of, gis_core::layers::Layer const& layer);

}  // namespace tile_server
