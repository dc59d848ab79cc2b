#include "tile_server/store/column.hpp"

#include "gis_core/cql2/moment.hpp"
#include "gis_core/db/text_array.hpp"
#include "gis_core/error.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace tile_server {

using gis_core::layers::AttributeType;

namespace {

// What stands for nothing.
constexpr auto kNoText = std::numeric_limits<std::uint32_t>::max();
constexpr auto kNoInteger = std::numeric_limits<std::int64_t>::min();
constexpr auto kNoNumber = std::numeric_limits<double>::quiet_NaN();
constexpr std::int8_t kNoFlag = -1;

/// Days since 1970; "infinity" and "-infinity" are the last and the first.
std::int64_t day_of(std::string_view text) {
    if (auto const day = gis_core::cql2::parse_day(text)) return *day;
    return text.starts_with('-') ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

template <typename T>
std::size_t bytes_of(std::vector<T> const& values) {
    return values.capacity() * sizeof(T);
}

}  // namespace

void Column::add(std::optional<MvtValue> const& value) {
    switch (type_) {
    case AttributeType::text:
    case AttributeType::date:
    case AttributeType::array: texts_.push_back(value ? dictionary_.number_of(std::get<std::string>(*value)) : kNoText); break;
    case AttributeType::integer: integers_.push_back(value ? std::get<std::int64_t>(*value) : kNoInteger); break;
    case AttributeType::number: numbers_.push_back(value ? std::get<double>(*value) : kNoNumber); break;
    case AttributeType::boolean: flags_.push_back(value ? static_cast<std::int8_t>(std::get<bool>(*value)) : kNoFlag); break;
    }
}

void Column::derive() {
    if (type_ == AttributeType::date) {
        for (std::uint32_t i = 0; i < dictionary_.size(); ++i) days_.push_back(day_of(dictionary_[i]));
    }
    if (type_ == AttributeType::array) {
        std::vector<std::vector<std::uint32_t>> numbers(dictionary_.size());
        for (std::uint32_t i = 0; i < dictionary_.size(); ++i) {
            for (auto const& item : gis_core::db::parse_text_array(dictionary_[i])) numbers[i].push_back(items_.number_of(item));
        }
        items_.close();  // its texts stay where they are from here on
        for (auto const& array : numbers) {
            auto& texts = arrays_.emplace_back();
            for (auto const number : array) texts.push_back(items_[number]);
        }
    }
}

bool Column::finish_transfer(std::size_t rows) {
    auto const is_of = [&](auto const& values, std::initializer_list<AttributeType> types) {
        return values.size() == (std::find(types.begin(), types.end(), type_) != types.end() ? rows : 0);
    };
    auto const is_sound = is_of(texts_, {AttributeType::text, AttributeType::date, AttributeType::array}) && is_of(integers_, {AttributeType::integer}) &&
                          is_of(numbers_, {AttributeType::number}) && is_of(flags_, {AttributeType::boolean}) && dictionary_.is_sound() &&
                          std::all_of(texts_.begin(), texts_.end(), [&](std::uint32_t number) { return number < dictionary_.size() || number == kNoText; });
    if (!is_sound) return false;
    try {
        derive();
    } catch (gis_core::Error const&) {  // an array that is none
        return false;
    }
    return true;
}

void Column::close(std::vector<std::uint32_t> const& order) {
    dictionary_.close();
    derive();
    texts_ = arranged(texts_, order);
    integers_ = arranged(integers_, order);
    numbers_ = arranged(numbers_, order);
    flags_ = arranged(flags_, order);
}

std::optional<MvtValue> Column::value(std::uint32_t row) const {
    auto const found = in_tile(row);
    if (!found) return std::nullopt;
    if (auto const* text = std::get_if<std::string_view>(&*found)) return MvtValue{std::string{*text}};
    if (auto const* number = std::get_if<double>(&*found)) return MvtValue{*number};
    if (auto const* flag = std::get_if<bool>(&*found)) return MvtValue{*flag};
    return MvtValue{std::get<std::int64_t>(*found)};
}

std::optional<decltype(MvtLayer::Tag::value)> Column::in_tile(std::uint32_t row) const {
    using Value = decltype(MvtLayer::Tag::value);
    switch (type_) {
    case AttributeType::text:
    case AttributeType::date:
    case AttributeType::array:
        if (texts_[row] == kNoText) return std::nullopt;
        return Value{dictionary_[texts_[row]]};
    case AttributeType::integer:
        if (integers_[row] == kNoInteger) return std::nullopt;
        return Value{integers_[row]};
    case AttributeType::number:
        if (std::isnan(numbers_[row])) return std::nullopt;
        return Value{numbers_[row]};
    case AttributeType::boolean: break;
    }
    if (flags_[row] == kNoFlag) return std::nullopt;
    return Value{flags_[row] == 1};
}

gis_core::cql2::Value Column::in_filter(std::uint32_t row) const {
    switch (type_) {
    case AttributeType::text:
        if (texts_[row] == kNoText) return {};
        return dictionary_[texts_[row]];
    case AttributeType::date:
        if (texts_[row] == kNoText) return {};
        return gis_core::cql2::Day{days_[texts_[row]]};
    case AttributeType::array:
        if (texts_[row] == kNoText) return {};
        return &arrays_[texts_[row]];
    case AttributeType::integer:
        if (integers_[row] == kNoInteger) return {};
        return static_cast<double>(integers_[row]);
    case AttributeType::number:
        if (std::isnan(numbers_[row])) return {};
        return numbers_[row];
    case AttributeType::boolean: break;
    }
    if (flags_[row] == kNoFlag) return {};
    return flags_[row] == 1;
}

std::size_t Column::bytes() const noexcept {
    std::size_t arrays = bytes_of(arrays_) + items_.bytes();
    for (auto const& array : arrays_) arrays += bytes_of(array);
    return arrays + dictionary_.bytes() + bytes_of(texts_) + bytes_of(days_) + bytes_of(integers_) + bytes_of(numbers_) + bytes_of(flags_);
}

}  // namespace tile_server
