#pragma once

#include "gis_core/layers/catalogue.hpp"
#include "tile_server/mvt_writer.hpp"

#include <pqxx/result>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

/// What tiles made from the record and from the layer store have in common.
namespace tile_server {

/// Cells along one side of a tile: a cluster stands for 32 pixels of a tile drawn at 512.
inline constexpr int kCells = 16;

/// A column of the record as an attribute; a date is a text.
std::optional<MvtValue> value_of(pqxx::field const& field, gis_core::layers::AttributeType type);

/// What clusters of products count beside their rows: the tag, and what SQL says of star and class_code. A sector is the first part of
/// a class code: food, drinks, medicinal herbs, crafts, ornamental plants and animals, services.
inline constexpr std::array<std::pair<char const*, char const*>, 9> kCounted{{{"star_3", "star = 3"},
                                                                              {"star_4", "star = 4"},
                                                                              {"star_5", "star = 5"},
                                                                              {"sector_1", "class_code LIKE 'I.%'"},
                                                                              {"sector_2", "class_code LIKE 'II.%'"},
                                                                              {"sector_3", "class_code LIKE 'III.%'"},
                                                                              {"sector_4", "class_code LIKE 'IV.%'"},
                                                                              {"sector_5", "class_code LIKE 'V.%'"},
                                                                              {"sector_6", "class_code LIKE 'VI.%'"}}};

/// Rows of a cell, and how many of them are what.
struct Counts {
    std::int64_t rows = 0;
    std::array<std::int64_t, kCounted.size()> of{};
    void add(double star, std::string_view class_code) { add(star, sector_of(class_code)); }
    void add(double star, int sector) {
        if (star >= 3 && star <= 5) ++of[static_cast<std::size_t>(star) - 3];
        if (sector > 0) ++of[static_cast<std::size_t>(sector) + 2];
    }
    void add(Counts const& other) {
        rows += other.rows;
        for (std::size_t i = 0; i < of.size(); ++i) of[i] += other.of[i];
    }
    /// 1 to 6, or 0 for none.
    static int sector_of(std::string_view class_code);
};

/// point_count; of products also what kCounted names, where there is any, and star_mean of those that have stars.
void add_counts(gis_core::layers::Layer const& layer, Counts const& counts, std::vector<MvtLayer::Tag>& tags);

}  // namespace tile_server
