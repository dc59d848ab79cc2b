#include "tile_server/explain.hpp"

#include "gis_core/error.hpp"

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace tile_server {

using gis_core::Json;

namespace {

constexpr std::size_t kLargest = 5;
constexpr std::array kTypes{"unknown", "point", "line", "polygon"};

struct Feature {
    Json id;
    std::size_t type = 0, bytes = 0, tags = 0, geometry = 0, vertices = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> attributes;
};

/// Positions that the commands name (MVT 2.1 §4.3): MoveTo and LineTo have one for each repetition.
std::size_t vertices_of(protozero::data_view packed) {
    std::size_t out = 0;
    protozero::pbf_reader::const_uint32_iterator command{packed.data(), packed.data() + packed.size()};
    protozero::pbf_reader::const_uint32_iterator const end{packed.data() + packed.size(), packed.data() + packed.size()};
    while (command != end) {
        auto const integer = *command++;
        if ((integer & 7U) == 7) continue;
        auto const count = integer >> 3U;
        out += count;
        for (std::uint32_t i = 0; i < 2 * count && command != end; ++i) ++command;
    }
    return out;
}

Feature read_feature(protozero::data_view bytes) {
    Feature out;
    out.bytes = bytes.size();
    protozero::pbf_reader reader{bytes};
    while (reader.next()) {
        switch (reader.tag()) {
        case 1: out.id = reader.get_uint64(); break;
        case 2: {
            auto const view = reader.get_view();
            out.tags = view.size();
            protozero::pbf_reader::const_uint32_iterator number{view.data(), view.data() + view.size()};
            protozero::pbf_reader::const_uint32_iterator const end{view.data() + view.size(), view.data() + view.size()};
            while (number != end) {
                auto const key = *number++;
                if (number == end) break;
                out.attributes.emplace_back(key, *number++);
            }
            break;
        }
        case 3: out.type = std::min<std::size_t>(static_cast<std::size_t>(std::max(reader.get_enum(), 0)), kTypes.size() - 1); break;
        case 4: {
            auto const view = reader.get_view();
            out.geometry = view.size();
            out.vertices = vertices_of(view);
            break;
        }
        default: reader.skip();
        }
    }
    return out;
}

Json layer_of(protozero::data_view bytes, std::size_t total) {
    std::string name;
    std::vector<std::string> keys;
    std::vector<std::size_t> values;  // sizes
    std::vector<Feature> features;
    std::size_t key_bytes = 0, value_bytes = 0;
    protozero::pbf_reader reader{bytes};
    while (reader.next()) {
        switch (reader.tag()) {
        case 1: name = reader.get_string(); break;
        case 2: features.push_back(read_feature(reader.get_view())); break;
        case 3:
            keys.push_back(reader.get_string());
            key_bytes += keys.back().size();
            break;
        case 4:
            values.push_back(reader.get_view().size());
            value_bytes += values.back();
            break;
        default: reader.skip();
        }
    }
    Json types = Json::object();
    std::size_t geometry = 0, tags = 0;
    struct Use {
        std::uint64_t features = 0;
        std::set<std::uint32_t> values;
    };
    std::vector<Use> uses(keys.size());
    for (auto const& feature : features) {
        auto const* const type = kTypes.at(feature.type);
        types[type] = types.value(type, 0) + 1;
        geometry += feature.geometry;
        tags += feature.tags;
        for (auto const& [key, value] : feature.attributes) {
            if (key >= keys.size() || value >= values.size()) throw gis_core::Error{gis_core::ErrorKind::internal, "an attribute that is not in the layer"};
            ++uses[key].features;
            uses[key].values.insert(value);
        }
    }
    Json attributes = Json::array();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        std::size_t own = 0;
        for (auto const value : uses[i].values) own += values[value];
        attributes.push_back({{"key", keys[i]}, {"features", uses[i].features}, {"values", uses[i].values.size()}, {"value_bytes", own}});
    }
    std::stable_sort(features.begin(), features.end(), [](Feature const& a, Feature const& b) { return a.bytes > b.bytes; });
    Json largest = Json::array();
    for (std::size_t i = 0; i < std::min(kLargest, features.size()); ++i) {
        auto const& feature = features[i];
        largest.push_back({{"id", feature.id},
                           {"type", kTypes.at(feature.type)},
                           {"bytes", feature.bytes},
                           {"geometry_bytes", feature.geometry},
                           {"vertices", feature.vertices}});
    }
    return {{"layer", name},
            {"features", features.size()},
            {"types", types},
            {"bytes",
             {{"total", total},
              {"geometry", geometry},
              {"tags", tags},
              {"keys", key_bytes},
              {"values", value_bytes},
              {"rest", total - geometry - tags - key_bytes - value_bytes}}},
            {"attributes", attributes},
            {"largest", largest}};
}

double milliseconds(double seconds) { return std::round(seconds * 1e6) / 1e3; }

}  // namespace

Json contents_of(std::string_view mvt) {
    Json out = Json::array();
    try {
        protozero::pbf_reader tile{mvt.data(), mvt.size()};
        auto before = tile.length();
        while (tile.next()) {
            if (tile.tag() != 3) {
                tile.skip();
                continue;
            }
            auto const view = tile.get_view();
            out.push_back(layer_of(view, before - tile.length()));
            before = tile.length();
        }
    } catch (protozero::exception const& error) {
        throw gis_core::Error{gis_core::ErrorKind::internal, std::string{"no vector tile: "} + error.what()};
    }
    return out;
}

Json contents_of(std::string_view mvt, trace::Recording const& recording) {
    auto const found = contents_of(mvt);
    Json out = Json::array();
    for (auto const& part : recording.parts) {
        Json layer{{"layer", part.layer}, {"features", 0}};
        for (auto const& one : found) {
            if (one["layer"] == part.layer) layer = one;
        }
        layer["source"] = part.is_from_memory ? "memory" : "database";
        layer["rows"] = part.rows;
        auto rest = part.seconds;
        for (std::size_t i = 0; i < trace::kStages.size(); ++i) {
            layer["ms"][trace::kStages.at(i)] = milliseconds(part.stage_s.at(i));
            rest -= part.stage_s.at(i);
        }
        layer["ms"]["rest"] = milliseconds(std::max(rest, 0.0));
        layer["ms"]["total"] = milliseconds(part.seconds);
        out.push_back(std::move(layer));
    }
    return out;
}

}  // namespace tile_server
