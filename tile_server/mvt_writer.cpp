#include "tile_server/mvt_writer.hpp"

#include "tile_server/trace.hpp"

#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

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

using protozero::pbf_tag_type;
using protozero::pbf_wire_type;

char* write_varint(char* at, std::uint64_t number) { return at + protozero::write_varint(at, number); }
char* write_tag(char* at, pbf_tag_type field, pbf_wire_type type) { return write_varint(at, field << 3U | static_cast<std::uint32_t>(type)); }
char* write_number(char* at, pbf_tag_type field, std::uint64_t number) { return write_varint(write_tag(at, field, pbf_wire_type::varint), number); }
/// Of so many bytes, which follow.
char* write_head(char* at, pbf_tag_type field, std::size_t bytes) { return write_varint(write_tag(at, field, pbf_wire_type::length_delimited), bytes); }

char* write_packed(char* at, pbf_tag_type field, std::vector<std::uint32_t> const& numbers) {
    std::size_t bytes = 0;
    for (auto const number : numbers) bytes += static_cast<std::size_t>(protozero::length_of_varint(number));
    at = write_head(at, field, bytes);
    for (auto const number : numbers) at = write_varint(at, number);
    return at;
}

/// A value message (MVT 2.1 §4.4) to `at`; where it ends.
struct WriteValue {
    char* at;
    char* operator()(std::int64_t value) const { return write_number(at, value_field::integer, static_cast<std::uint64_t>(value)); }
    char* operator()(double value) const {
        auto* const to = write_tag(at, value_field::number, pbf_wire_type::fixed64);
        static_assert(std::endian::native == std::endian::little);
        std::memcpy(to, &value, sizeof value);
        return to + sizeof value;
    }
    char* operator()(bool value) const { return write_number(at, value_field::boolean, value ? 1 : 0); }
    char* operator()(std::string_view value) const {
        auto* const to = write_head(at, value_field::text, value.size());
        return std::copy(value.begin(), value.end(), to);
    }
};

}  // namespace

std::uint32_t MvtLayer::key_number(std::string_view key) {
    auto place =
        next_key_ < keys_.size() && keys_[next_key_] == key ? next_key_ : static_cast<std::size_t>(std::find(keys_.begin(), keys_.end(), key) - keys_.begin());
    if (place == keys_.size()) keys_.emplace_back(key);
    next_key_ = place + 1;
    return static_cast<std::uint32_t>(place);
}

std::uint32_t MvtLayer::value_number(Value const& value) {
    auto const* const text = std::get_if<std::string_view>(&value);
    auto* const begin = room(16 + (text == nullptr ? 0 : text->size()));
    auto* const end = std::visit(WriteValue{begin}, value);
    return values_.number_of({begin, static_cast<std::size_t>(end - begin)});
}

/// At least so many bytes to write to, until the next call.
char* MvtLayer::room(std::size_t bytes) {
    if (room_.size() < bytes) room_.resize(2 * bytes);
    return room_.data();
}

/// By pointer, which takes half the time of protozero's writers: they append byte after byte.
void MvtLayer::add_feature(std::optional<std::uint64_t> id, TileGeometry const& geometry, std::vector<Tag> const& tags) {
    if (geometry.commands.empty()) return;
    trace::StageTimer const timer{trace::Stage::encode};
    numbers_.clear();
    next_key_ = 0;
    for (auto const& tag : tags) {
        numbers_.push_back(key_number(tag.key));
        numbers_.push_back(value_number(tag.value));
    }
    constexpr std::size_t kVarint = protozero::max_varint_length;
    auto* const begin = room(8 * kVarint + 5 * (numbers_.size() + geometry.commands.size()));
    auto* at = begin;
    if (id) at = write_number(at, feature_field::id, *id);
    at = write_packed(at, feature_field::tags, numbers_);
    at = write_number(at, feature_field::type, static_cast<std::uint64_t>(geometry.kind));
    at = write_packed(at, feature_field::geometry, geometry.commands);
    std::array<char, 2 * kVarint> head{};
    auto const* const head_end = write_head(head.data(), layer_field::features, static_cast<std::size_t>(at - begin));
    features_.append(head.data(), static_cast<std::size_t>(head_end - head.data()));
    features_.append(begin, static_cast<std::size_t>(at - begin));
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
