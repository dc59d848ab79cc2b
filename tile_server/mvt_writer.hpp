#pragma once

#include "tile_server/mvt_geometry.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace tile_server {

/// An attribute's value in a tile.
using MvtValue = std::variant<std::int64_t, double, bool, std::string>;

/// One layer of a tile (MVT 2.1 §4.1): features with attributes, keys and values each stored once.
class MvtLayer {
public:
    explicit MvtLayer(std::string name) : name_{std::move(name)} {}

    struct Tag {
        std::string_view key;
        MvtValue value;
    };
    /// Features without geometry are left out.
    void add_feature(std::optional<std::uint64_t> id, TileGeometry const& geometry, std::vector<Tag> const& tags);
    bool is_empty() const noexcept { return features_.empty(); }
    /// Appends the layer, as a field of the tile message, to the tile.
    void write_to(std::string& tile) const;

private:
    std::string name_;
    std::vector<std::string> features_;
    std::map<std::string, std::uint32_t, std::less<>> key_numbers_;
    std::vector<std::string_view> keys_;
    std::unordered_map<MvtValue, std::uint32_t> value_numbers_;
    std::vector<MvtValue const*> values_;
};

}  // namespace tile_server
