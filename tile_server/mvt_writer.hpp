#pragma once

#include "tile_server/mvt_geometry.hpp"

#include <cstdint>
#include <functional>
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
        std::variant<std::int64_t, double, bool, std::string_view> value;  // a text is looked at, not kept, by add_feature()
    };
    /// Features without geometry are left out.
    void add_feature(std::optional<std::uint64_t> id, TileGeometry const& geometry, std::vector<Tag> const& tags);
    bool is_empty() const noexcept { return features_.empty(); }
    /// Appends the layer, as a field of the tile message, to the tile.
    void write_to(std::string& tile) const;

private:
    using View = decltype(Tag::value);
    static View view(View const& value) { return value; }
    static View view(MvtValue const& value) {
        return std::visit([](auto const& one) { return View{one}; }, value);
    }
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(auto const& value) const { return std::hash<View>{}(view(value)); }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(auto const& a, auto const& b) const { return view(a) == view(b); }
    };
    std::uint32_t key_number(std::string_view key);
    std::uint32_t value_number(View const& value);

    std::string name_, features_;  // as fields of the layer message
    std::string feature_;          // the last one
    std::vector<std::uint32_t> numbers_;
    std::vector<std::string> keys_;
    std::size_t next_key_ = 0;  // features of a layer mostly have the same keys in the same order
    std::unordered_map<MvtValue, std::uint32_t, Hash, Equal> value_numbers_;
    std::vector<MvtValue const*> values_;
};

}  // namespace tile_server
