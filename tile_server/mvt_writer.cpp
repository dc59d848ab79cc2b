#include "tile_server/mvt_writer.hpp"

#include "tile_server/trace.hpp"

#include <protozero/pbf_writer.hpp>

namespace tile_server {
namespace {

// Field numbers of vector_tile.proto, MVT 2.1 appendix A.
namespace tile_field {
constexpr protozero::pbf_tag_type layers = 3;
}
namespace layer_field {
constexpr protozero::pbf_tag_type name = 1, features = 2, keys = 3, values = 4, extent = 5, version = 15;
}
namespace feature_field {
constexpr protozero::pbf_tag_type id = 1, tags = 2, type = 3, geometry = 4;
}
namespace value_field {
constexpr protozero::pbf_tag_type text = 1, number = 3, integer = 4, boolean = 7;
}

struct WriteValue {
    protozero::pbf_writer& out;
    void operator()(std::int64_t value) const { out.add_int64(value_field::integer, value); }
    void operator()(double value) const { out.add_double(value_field::number, value); }
    void operator()(bool value) const { out.add_bool(value_field::boolean, value); }
    void operator()(std::string const& value) const { out.add_string(value_field::text, value); }
};

}  // namespace

void MvtLayer::add_feature(std::optional<std::uint64_t> id, TileGeometry const& geometry, std::vector<Tag> const& tags) {
    if (geometry.commands.empty()) return;
    trace::StageTimer const timer{trace::Stage::encode};
    std::vector<std::uint32_t> numbers;
    numbers.reserve(tags.size() * 2);
    for (auto const& tag : tags) {
        auto key = key_numbers_.find(tag.key);
        if (key == key_numbers_.end()) {
            key = key_numbers_.emplace(std::string{tag.key}, static_cast<std::uint32_t>(keys_.size())).first;
            keys_.push_back(key->first);
        }
        auto const [value, is_new] = value_numbers_.try_emplace(tag.value, static_cast<std::uint32_t>(values_.size()));
        if (is_new) values_.push_back(&value->first);
        numbers.push_back(key->second);
        numbers.push_back(value->second);
    }
    std::string bytes;
    protozero::pbf_writer feature{bytes};
    if (id) feature.add_uint64(feature_field::id, *id);
    feature.add_packed_uint32(feature_field::tags, numbers.begin(), numbers.end());
    feature.add_enum(feature_field::type, static_cast<std::int32_t>(geometry.kind));
    feature.add_packed_uint32(feature_field::geometry, geometry.commands.begin(), geometry.commands.end());
    features_.push_back(std::move(bytes));
}

void MvtLayer::write_to(std::string& tile) const {
    trace::StageTimer const timer{trace::Stage::encode};
    protozero::pbf_writer out{tile};
    protozero::pbf_writer layer{out, tile_field::layers};
    layer.add_uint32(layer_field::version, 2);
    layer.add_string(layer_field::name, name_);
    for (auto const& feature : features_) layer.add_message(layer_field::features, feature);
    for (auto const& key : keys_) layer.add_string(layer_field::keys, key.data(), key.size());
    for (auto const* value : values_) {
        protozero::pbf_writer entry{layer, layer_field::values};
        std::visit(WriteValue{entry}, *value);
    }
    layer.add_uint32(layer_field::extent, kExtent);
}

}  // namespace tile_server
