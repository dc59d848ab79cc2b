#pragma once

#include <protozero/pbf_reader.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test_support {

/// A strict reader of MVT 2.1, apart from the writer it tests: what breaks a rule of the specification throws.
struct MvtFeature {
    std::optional<std::uint64_t> id;
    int type = 0;
    std::map<std::string, std::string> tags;              // values as text; booleans true and false
    std::vector<std::vector<std::pair<int, int>>> parts;  // points, lines, or rings without the closing vertex

    /// Rings with a positive area begin a polygon. \throws when a hole comes first or an area is 0.
    std::string polygon_wkt() const {
        std::string out = "MULTIPOLYGON(";
        bool is_open = false;
        for (auto const& ring : parts) {
            auto const area = doubled_area(ring);
            if (area == 0 || (area < 0 && !is_open)) throw std::runtime_error{"a ring without area, or a hole before its exterior"};
            if (area > 0) out += is_open ? "),(" : "(";
            else out += ",";
            is_open = true;
            out += "(";
            for (auto const& [x, y] : ring) out += std::to_string(x) + " " + std::to_string(y) + ",";
            out += std::to_string(ring[0].first) + " " + std::to_string(ring[0].second) + ")";
        }
        return out + "))";
    }
    static std::int64_t doubled_area(std::vector<std::pair<int, int>> const& ring) {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < ring.size(); ++i) {
            auto const& [x, y] = ring[i];
            auto const& [next_x, next_y] = ring[(i + 1) % ring.size()];
            sum += std::int64_t{x} * next_y - std::int64_t{next_x} * y;
        }
        return sum;
    }
    long number(std::string const& key, long otherwise) const {
        auto const found = tags.find(key);
        return found == tags.end() ? otherwise : std::stol(found->second);
    }
};

struct MvtLayerRead {
    std::string name;
    std::uint32_t extent = 0;
    std::vector<MvtFeature> features;
};

inline std::vector<MvtLayerRead> decode_mvt(std::string const& bytes) {
    std::vector<MvtLayerRead> out;
    auto const require = [](bool condition, char const* what) {
        if (!condition) throw std::runtime_error{what};
    };
    protozero::pbf_reader tile{bytes};
    while (tile.next()) {
        require(tile.tag() == 3, "a tile holds layers only");
        auto message = tile.get_message();
        MvtLayerRead layer;
        std::vector<std::string> keys, values;
        std::vector<protozero::data_view> features;
        std::uint32_t version = 0;
        while (message.next()) {
            switch (message.tag()) {
            case 15: version = message.get_uint32(); break;
            case 1: layer.name = message.get_string(); break;
            case 2: features.push_back(message.get_view()); break;
            case 3: keys.push_back(message.get_string()); break;
            case 4: {
                auto value = message.get_message();
                require(value.next(), "a value is empty");
                switch (value.tag()) {
                case 1: values.push_back(value.get_string()); break;
                case 2: values.push_back(std::to_string(value.get_float())); break;
                case 3: values.push_back(std::to_string(value.get_double())); break;
                case 4: values.push_back(std::to_string(value.get_int64())); break;
                case 5: values.push_back(std::to_string(value.get_uint64())); break;
                case 6: values.push_back(std::to_string(value.get_sint64())); break;
                case 7: values.push_back(value.get_bool() ? "true" : "false"); break;
                default: require(false, "a value of no known type");
                }
                require(!value.next(), "a value has two types");
                break;
            }
            case 5: layer.extent = message.get_uint32(); break;
            default: require(false, "an unknown field in a layer");
            }
        }
        require(version == 2 && !layer.name.empty() && layer.extent == 4096, "version, name or extent of a layer");
        for (auto const& view : features) {
            protozero::pbf_reader reader{view};
            MvtFeature feature;
            std::vector<std::uint32_t> commands;
            while (reader.next()) {
                switch (reader.tag()) {
                case 1: feature.id = reader.get_uint64(); break;
                case 2: {
                    auto const range = reader.get_packed_uint32();
                    for (auto it = range.begin(); it != range.end();) {
                        auto const key = *it++;
                        require(it != range.end(), "an odd number of tags");
                        auto const value = *it++;
                        require(key < keys.size() && value < values.size(), "a tag out of range");
                        require(feature.tags.emplace(keys[key], values[value]).second, "a key twice in a feature");
                    }
                    break;
                }
                case 3: feature.type = reader.get_enum(); break;
                case 4: {
                    auto const range = reader.get_packed_uint32();
                    commands.assign(range.begin(), range.end());
                    break;
                }
                default: require(false, "an unknown field in a feature");
                }
            }
            require(feature.type >= 1 && feature.type <= 3 && !commands.empty(), "type or geometry of a feature");
            int x = 0, y = 0;
            auto const unzig = [](std::uint32_t v) { return static_cast<int>(v >> 1U) ^ -static_cast<int>(v & 1U); };
            bool is_closed = true;
            for (std::size_t i = 0; i < commands.size();) {
                auto const id = commands[i] & 7U, count = commands[i] >> 3U;
                ++i;
                require(count > 0, "a command without repetitions");
                if (id == 7) {
                    require(feature.type == 3 && count == 1 && feature.parts.back().size() >= 3, "ClosePath");
                    is_closed = true;
                    continue;
                }
                require(id == 1 || id == 2, "an unknown command");
                require(i + 2 * count <= commands.size(), "commands end early");
                if (id == 1) {
                    require(is_closed || feature.type != 3, "a ring is not closed");
                    require(count == 1 || feature.type == 1, "MoveTo of several");
                    is_closed = false;
                }
                for (std::uint32_t k = 0; k < count; ++k, i += 2) {
                    auto const dx = unzig(commands[i]), dy = unzig(commands[i + 1]);
                    require(id == 1 || dx != 0 || dy != 0, "a step of length 0");
                    x += dx;
                    y += dy;
                    if (id == 1) feature.parts.emplace_back();
                    feature.parts.back().emplace_back(x, y);
                }
            }
            require(feature.type != 3 || is_closed, "a ring is not closed");
            layer.features.push_back(std::move(feature));
        }
        out.push_back(std::move(layer));
    }
    return out;
}

}  // namespace test_support
