#pragma once

#include "tile_server/dictionary.hpp"
#include "tile_server/mvt_geometry.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
        std::variant<std::int64_t, double, bool, std::string_view> value;  // a text is looked at, not kept, by add_feature()
    };
    /// Features without geometry are left out.
    void add_feature(std::optional<std::uint64_t> id, TileGeometry const& geometry, std::vector<Tag> const& tags);
    bool is_empty() const noexcept { return features_.empty(); }
    /// Appends the layer, as a field of the tile message, to the tile.
    void write_to(std::string& tile) const;

private:
    using Value = decltype(Tag::value);
    std::uint32_t key_number(std::string_view key);
    std::uint32_t value_number(Value const& value);
    char* room(std::size_t bytes);

    std::string name_, features_;  // as fields of the layer message
    std::vector<std::string> keys_;
    std::size_t next_key_ = 0;  // features of a layer mostly have the same keys in the same order
    Dictionary values_;         // as messages
    // Of the last feature, to be used again.
    std::string room_;
    std::vector<std::uint32_t> numbers_;
};

}  // namespace tile_server
