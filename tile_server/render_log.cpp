#include "tile_server/render_log.hpp"

#include "gis_core/log.hpp"

#include <fmt/format.h>

namespace tile_server {

void RenderLog::add(std::string const& tile, trace::Recording const& recording, double waited_s, double compress_s, double total_s) {
    auto const is_slow = total_s >= slow_s_;
    {
        std::lock_guard lock{mutex_};
        for (auto const& part : recording.parts) {
            auto& sum = by_layer_[part.layer][part.is_from_memory ? 1 : 0];
            sum.seconds += part.seconds;
            sum.bytes += part.bytes;
            ++sum.tiles;
        }
        if (is_slow) ++slow_;
    }
    if (!is_slow) return;
    std::string parts;
    for (auto const& part : recording.parts) {
        parts += fmt::format(" {}={:.0f}ms source={} rows={} bytes={}", part.layer, part.seconds * 1000, part.is_from_memory ? "memory" : "database", part.rows,
                             part.bytes);
    }
    gis_core::log::warn("slow tile {} ms={:.0f} waited={:.0f} compress={:.0f}{}", tile, total_s * 1000, waited_s * 1000, compress_s * 1000, parts);
}

std::string RenderLog::metrics() const {
    std::string seconds = "# TYPE ocopmap_tile_layer_seconds_total counter\n", bytes = "# TYPE ocopmap_tile_layer_bytes_total counter\n",
                tiles = "# TYPE ocopmap_tile_layer_tiles_total counter\n";
    std::lock_guard lock{mutex_};
    for (auto const& [layer, sums] : by_layer_) {
        for (std::size_t i = 0; i < sums.size(); ++i) {
            auto const labels = fmt::format("{{layer=\"{}\",source=\"{}\"}}", layer, i == 1 ? "memory" : "database");
            seconds += fmt::format("ocopmap_tile_layer_seconds_total{} {:.6f}\n", labels, sums.at(i).seconds);
            bytes += fmt::format("ocopmap_tile_layer_bytes_total{} {}\n", labels, sums.at(i).bytes);
            tiles += fmt::format("ocopmap_tile_layer_tiles_total{} {}\n", labels, sums.at(i).tiles);
        }
    }
    return seconds + bytes + tiles + fmt::format("# TYPE ocopmap_tile_slow_total counter\nocopmap_tile_slow_total {}\n", slow_);
}

}  // namespace tile_server
