#pragma once

#include "gis_core/cql2/evaluate.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "tile_server/dictionary.hpp"
#include "tile_server/mvt_writer.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tile_server {

/// The values in that order.
template <typename Values>
Values arranged(Values const& values, std::vector<std::uint32_t> const& order) {
    Values out;
    if (values.empty()) return out;
    out.reserve(order.size());
    for (auto const row : order) out.push_back(values[row]);
    return out;
}

/// One attribute of all rows of a segment.
class Column {
public:
    explicit Column(gis_core::layers::AttributeType type) : type_{type} {}

    void add(std::optional<MvtValue> const& value);
    /// No more values will come; those there are stand in that order from now on.
    void close(std::vector<std::uint32_t> const& order);
    /// As it stands in a tile; a text is the column's own.
    std::optional<decltype(MvtLayer::Tag::value)> in_tile(std::uint32_t row) const;
    /// As it was added.
    std::optional<MvtValue> value(std::uint32_t row) const;
    /// As a filter sees it; a text is the column's own.
    gis_core::cql2::Value in_filter(std::uint32_t row) const;
    /// Of an integer.
    double integer_or(std::uint32_t row, double nothing) const {
        return integers_[row] == std::numeric_limits<std::int64_t>::min() ? nothing : static_cast<double>(integers_[row]);
    }
    /// Of a text: its number among the texts of the column; texts().size() for none.
    std::uint32_t text_number(std::uint32_t row) const { return std::min(texts_[row], dictionary_.size()); }
    Dictionary const& texts() const noexcept { return dictionary_; }
    std::size_t bytes() const noexcept;
    template <typename Archive>
    void transfer(Archive& archive) {
        archive(texts_);
        dictionary_.transfer(archive);
        archive(integers_);
        archive(numbers_);
        archive(flags_);
    }
    /// Closes what a reader filled; false when it is no column of so many rows.
    bool finish_transfer(std::size_t rows);

private:
    void derive();
    gis_core::layers::AttributeType type_;
    std::vector<std::uint32_t> texts_;  // of texts, dates and arrays: numbers in the dictionary
    Dictionary dictionary_;
    std::vector<std::int64_t> days_;                     // of dates, by number in the dictionary
    std::vector<std::vector<std::string_view>> arrays_;  // of arrays, likewise; of the texts of items_
    Dictionary items_;
    std::vector<std::int64_t> integers_;
    std::vector<double> numbers_;
    std::vector<std::int8_t> flags_;
};

}  // namespace tile_server
