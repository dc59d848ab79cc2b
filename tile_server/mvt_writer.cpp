#include "tile_server/mvt_writer.hpp"

#include "tile_server/trace.hpp"

#include <protozero/pbf_writer.hpp>

#include <algorithm>

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
    void operator()(std::string_view value) const { out.add_string(value_field::text, value.data(), value.size()); }
};

}  // namespace

std::uint32_t MvtLayer::key_number(std::string_view key) {
    auto place = next_key_ < keys_.size() && keys_[next_key_] == key ? next_key_
                                                                     : static_cast<std::size_t>(std::find(keys_.begin(), keys_.end(), key) - keys_.begin());
    if (place == keys_.size()) keys_.emplace_back(key);
    next_key_ = place + 1;
    return static_cast<std::uint32_t>(place);
}

std::uint32_t MvtLayer::value_number(Value const& value) {
    value_.clear();
    protozero::pbf_writer message{value_};
    std::visit(WriteValue{message}, value);
    return values_.number_of(value_);
}

/// As protozero's packed fields, which are slower: they write each byte by push_back().
std::string_view MvtLayer::packed(std::vector<std::uint32_t> const& numbers) {
    if (auto const most = numbers.size() * protozero::max_varint_length; packed_.size() < most) packed_.resize(most);
    auto* at = packed_.data();
    for (auto const number : numbers) at += protozero::write_varint(at, number);
    return {packed_.data(), static_cast<std::size_t>(at - packed_.data())};
}

void MvtLayer::add_feature(std::optional<std::uint64_t> id, TileGeometry const& geometry, std::vector<Tag> const& tags) {
    if (geometry.commands.empty()) return;
    trace::StageTimer const timer{trace::Stage::encode};
    numbers_.clear();
    next_key_ = 0;
    for (auto const& tag : tags) {
        numbers_.push_back(key_number(tag.key));
        numbers_.push_back(value_number(tag.value));
    }
    feature_.clear();
    protozero::pbf_writer feature{feature_};
    if (id) feature.add_uint64(feature_field::id, *id);
    auto const tag_bytes = packed(numbers_);
    feature.add_bytes(feature_field::tags, tag_bytes.data(), tag_bytes.size());
    feature.add_enum(feature_field::type, static_cast<std::int32_t>(geometry.kind));
    auto const command_bytes = packed(geometry.commands);
    feature.add_bytes(feature_field::geometry, command_bytes.data(), command_bytes.size());
    protozero::pbf_writer{features_}.add_message(layer_field::features, feature_);
}

void MvtLayer::write_to(std::string& tile) const {
    trace::StageTimer const timer{trace::Stage::encode};
    std::string bytes;
    bytes.reserve(features_.size() + features_.size() / 2);
    protozero::pbf_writer layer{bytes};
    layer.add_uint32(layer_field::version, 2);
    layer.add_string(layer_field::name, name_);
    bytes += features_;
    for (auto const& key : keys_) layer.add_string(layer_field::keys, key);
    for (std::uint32_t number = 0; number < values_.size(); ++number) layer.add_bytes(layer_field::values, values_[number].data(), values_[number].size());
    layer.add_uint32(layer_field::extent, kExtent);
    protozero::pbf_writer{tile}.add_message(tile_field::layers, bytes);
}

}  // namespace tile_server
