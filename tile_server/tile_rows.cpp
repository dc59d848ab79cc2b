#include "tile_server/tile_rows.hpp"

#include "tile_server/mvt_writer.hpp"
#include "tile_server/point_layer.hpp"
#include "tile_server/shape_layer.hpp"
#include "tile_server/tags.hpp"
#include "tile_server/trace.hpp"

#include <fmt/format.h>
#include <pqxx/binarystring>

#include <optional>
#include <string_view>
#include <variant>

namespace tile_server {

using gis_core::TileId;
using gis_core::layers::Layer;

namespace {

void add_tags(pqxx::row const& row, int first, Columns const& columns, std::vector<MvtLayer::Tag>& tags) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto const field = row[first + static_cast<int>(i)];
        auto const value = value_of(field, columns[i]->type);
        if (!value) continue;
        if (std::holds_alternative<std::string>(*value)) tags.push_back({columns[i]->name, std::string_view{field.c_str(), field.size()}});
        else if (auto const* number = std::get_if<double>(&*value)) tags.push_back({columns[i]->name, *number});
        else if (auto const* flag = std::get_if<bool>(&*value)) tags.push_back({columns[i]->name, *flag});
        else tags.push_back({columns[i]->name, std::get<std::int64_t>(*value)});
    }
}

}  // namespace

void draw_shape_rows(Layer const& layer, TileId tile, pqxx::result const& rows, Columns const& columns, UnitTags const* units, std::string& out) {
    trace::add_rows(rows.size());
    std::vector<GridShape> shapes;
    for (auto const& row : rows) {
        if (row[1].is_null()) {
            shapes.emplace_back();
            continue;
        }
        pqxx::binarystring const wkb{row[1]};
        shapes.push_back(to_grid_shape({reinterpret_cast<char const*>(wkb.data()), wkb.size()}));
    }
    auto const row_of = [&](std::size_t i) { return rows[static_cast<pqxx::result::size_type>(i)]; };
    ShapeRows all;
    all.size = shapes.size();
    all.key = [&](std::size_t i) { return row_of(i)[0].as<std::uint64_t>(); };
    all.shape = [&](std::size_t i) { return ShapeRows::Shape{shapes[i], row_of(i)[2].as<bool>()}; };
    all.add_tags = [&](std::size_t i, std::vector<MvtLayer::Tag>& tags) {
        add_tags(row_of(i), 3, columns, tags);
        if (units != nullptr) add_unit_tags(layer, *units, row_of(i)[0].as<std::int64_t>(), tags);
    };
    if (!layer.merge_by.empty()) {
        all.measure = [&](std::size_t i) { return measure(shapes[i]); };
        all.merge_by = [&](std::size_t i) { return all.merge_values.number_of(row_of(i)[layer.merge_by].c_str()); };
        if (!layer.merge_sum.empty()) all.merge_sum = [&](std::size_t i) { return row_of(i)[layer.merge_sum].as<double>(0); };
    }
    MvtLayer tile_layer{layer.id};
    draw_shapes(layer, tile, all, tile_layer);
    if (!tile_layer.is_empty()) tile_layer.write_to(out);
}

void draw_point_rows(Layer const& layer, TileId tile, pqxx::result const& rows, Columns const& columns, bool are_clusters,
                     std::function<std::pair<double, double>(double, double)> const& place_of, std::string& out) {
    trace::add_rows(rows.size());
    MvtLayer tile_layer{layer.id};
    auto const counted = are_clusters && layer.counts_by_star ? static_cast<int>(kCounted.size()) : 0;
    auto const place = [&](pqxx::row const& row) { return place_of(row[1].as<double>(), row[2].as<double>()); };
    if (are_clusters) {
        std::vector<MvtLayer::Tag> tags;
        for (auto const& row : rows) {
            tags.clear();
            Counts counts{row[3].as<std::int64_t>(), {}};
            std::optional<std::uint64_t> id;
            if (counts.rows > 1) {
                for (int i = 0; i < counted; ++i) counts.of[static_cast<std::size_t>(i)] = row[4 + i].as<std::int64_t>();
                add_counts(layer, counts, tags);
            } else {
                id = row[0].as<std::uint64_t>();
                add_tags(row, 4 + counted, columns, tags);
            }
            auto const [x_m, y_m] = place(row);
            tile_layer.add_feature(id, to_tile_point(x_m, y_m, tile), tags);
        }
    } else {
        auto const row_of = [&](std::size_t i) { return rows[static_cast<pqxx::result::size_type>(i)]; };
        PointRows all;
        all.size = rows.size();
        all.key = [&](std::size_t i) { return row_of(i)[0].as<std::uint64_t>(); };
        all.place = [&](std::size_t i) { return place(row_of(i)); };
        all.add_tags = [&](std::size_t i, std::vector<MvtLayer::Tag>& tags) { add_tags(row_of(i), 4, columns, tags); };
        if (layer.counts_by_star) {
            all.star = [&](std::size_t i) { return row_of(i)["star"].as<double>(0); };
            all.class_code = [&](std::size_t i) { return std::string_view{row_of(i)["class_code"].c_str()}; };
        }
        draw_points(layer, tile, all, tile_layer);
    }
    if (!tile_layer.is_empty()) tile_layer.write_to(out);
}

std::string names_of(Columns const& columns) {
    std::string out;
    for (auto const* column : columns) out += ", v." + column->name;
    return out;
}

std::pair<std::string, std::string> counting_columns(Layer const& layer) {
    std::string counts, cells;
    if (!layer.counts_by_star) return {};
    for (auto const& [name, condition] : kCounted) {
        counts += fmt::format(", count(*) FILTER (WHERE {}) AS {}", condition, name);
        cells += fmt::format(", cell.{}", name);
    }
    return {counts, cells};
}

}  // namespace tile_server
