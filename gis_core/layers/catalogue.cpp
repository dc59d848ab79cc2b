#include "gis_core/layers/catalogue.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>

namespace gis_core::layers {
namespace {

/// Reads tables and says where a mistake stands.
class Reader {
public:
    explicit Reader(std::string file) : file_{std::move(file)} {}

    [[noreturn]] void fail(toml::source_region const& where, std::string const& what) const {
        throw Error{ErrorKind::invalid_argument, fmt::format("{}:{}:{}: {}", file_, where.begin.line, where.begin.column, what)};
    }
    void allow_only(toml::table const& table, std::set<std::string_view> const& known) const {
        for (auto const& [key, node] : table) {
            if (!known.contains(key.str())) fail(key.source(), fmt::format("unknown key {}, known are {}", key.str(), fmt::join(known, ", ")));
        }
    }
    template <typename T>
    T get(toml::table const& table, char const* key) const {
        auto const* node = table.get(key);
        if (node == nullptr) fail(table.source(), fmt::format("{} is missing", key));
        return value<T>(*node, key);
    }
    template <typename T>
    T get_or(toml::table const& table, char const* key, T otherwise) const {
        auto const* node = table.get(key);
        return node == nullptr ? otherwise : value<T>(*node, key);
    }
    toml::table const& table(toml::node const& node, char const* key) const {
        auto const* found = node.as_table();
        if (found == nullptr) fail(node.source(), fmt::format("{} must be a table", key));
        return *found;
    }
    toml::table const& get_table(toml::table const& from, char const* key) const {
        auto const* node = from.get(key);
        if (node == nullptr) fail(from.source(), fmt::format("{} is missing", key));
        return table(*node, key);
    }
    toml::array const* find_array(toml::table const& from, char const* key) const {
        auto const* node = from.get(key);
        if (node == nullptr) return nullptr;
        if (!node->is_array()) fail(node->source(), fmt::format("{} must be a list", key));
        return node->as_array();
    }
    template <typename T>
    std::vector<T> list(toml::table const& from, char const* key, std::size_t least, std::size_t most) const {
        std::vector<T> out;
        auto const* array = find_array(from, key);
        if (array == nullptr) return out;
        for (auto const& node : *array) out.push_back(value<T>(node, key));
        if (out.size() < least || out.size() > most) {
            fail(array->source(), fmt::format("{} has {} entries, must have {} to {}", key, out.size(), least, most));
        }
        return out;
    }
    /// schema.name or name: goes into SQL, so nothing else may stand in it.
    void check_name(toml::table const& at, char const* key, std::string const& name, bool is_qualified) const {
        auto const is_word = [](std::string_view word) {
            return !word.empty() && (word[0] == '_' || (word[0] >= 'a' && word[0] <= 'z')) &&
                   std::all_of(word.begin(), word.end(), [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
        };
        auto const dot = name.find('.');
        auto const ok = is_qualified
                            ? dot != std::string::npos && is_word(std::string_view{name}.substr(0, dot)) && is_word(std::string_view{name}.substr(dot + 1))
                            : is_word(name);
        if (!ok)
            fail(at.get(key) ? at.get(key)->source() : at.source(),
                 fmt::format("{} is {}, must be {}", key, name, is_qualified ? "schema.name in lower case" : "a name in lower case"));
    }

private:
    template <typename T>
    T value(toml::node const& node, char const* key) const {
        if constexpr (std::is_same_v<T, double>) {
            if (auto const number = node.value<double>()) return *number;
            fail(node.source(), fmt::format("{} must be a number", key));
        } else {
            auto const found = node.value_exact<T>();
            if (!found) {
                fail(node.source(), fmt::format("{} must be {}", key,
                                                std::is_same_v<T, std::string> ? "a text"
                                                : std::is_same_v<T, bool>      ? "true or false"
                                                                               : "a whole number"));
            }
            return *found;
        }
    }
    std::string file_;
};

template <typename E, std::size_t N>
E one_of(Reader const& read, toml::table const& table, char const* key, std::array<std::pair<char const*, E>, N> const& choices) {
    auto const text = read.get<std::string>(table, key);
    std::string known;
    for (auto const& [name, choice] : choices) {
        if (text == name) return choice;
        known += (known.empty() ? "" : ", ") + std::string{name};
    }
    read.fail(table.get(key)->source(), fmt::format("{} is {}, must be one of {}", key, text, known));
}

LonLatBox read_box(Reader const& read, toml::table const& table, LonLatBox const& otherwise) {
    auto const numbers = read.list<double>(table, "bounds", 4, 4);
    if (numbers.empty()) return otherwise;
    LonLatBox const box{numbers[0], numbers[1], numbers[2], numbers[3]};
    if (!(box.west < box.east && box.south < box.north && box.west >= -180 && box.east <= 180 && box.south >= -85 && box.north <= 85)) {
        read.fail(table.get("bounds")->source(), "bounds must be west, south, east, north in degrees (lon, lat)");
    }
    return box;
}

Attribute read_attribute(Reader const& read, toml::table const& table) {
    read.allow_only(table, {"name", "type", "vi", "en", "tile", "derived", "sortable", "queryable"});
    Attribute out;
    out.name = read.get<std::string>(table, "name");
    read.check_name(table, "name", out.name, false);
    out.type = one_of(read, table, "type",
                      std::array<std::pair<char const*, AttributeType>, 6>{{{"text", AttributeType::text},
                                                                            {"integer", AttributeType::integer},
                                                                            {"number", AttributeType::number},
                                                                            {"boolean", AttributeType::boolean},
                                                                            {"date", AttributeType::date},
                                                                            {"array", AttributeType::array}}});
    out.title = {read.get<std::string>(table, "vi"), read.get<std::string>(table, "en")};
    out.is_in_tiles = read.get_or(table, "tile", true);
    out.is_derived = read.get_or(table, "derived", false);
    out.is_sortable = !out.is_derived && read.get_or(table, "sortable", true);
    out.is_queryable = !out.is_derived && read.get_or(table, "queryable", true);
    if (out.type == AttributeType::array && (out.is_in_tiles || out.is_sortable))
        read.fail(table.source(), fmt::format("{} is an array: tiles hold none and lists are not sorted by one (tile = false, sortable = false)", out.name));
    return out;
}

Dependency read_dependency(Reader const& read, toml::table const& table) {
    read.allow_only(table, {"table", "affected", "boundaries", "derived"});
    Dependency out;
    out.table = read.get<std::string>(table, "table");
    read.check_name(table, "table", out.table, true);
    out.affected = read.get<std::string>(table, "affected");
    if (out.affected.find("changed") == std::string::npos) {
        read.fail(table.get("affected")->source(), "affected must be a query over the table `changed`");
    }
    out.boundaries = read.list<std::string>(table, "boundaries", 1, 6);
    out.is_derived = read.get_or(table, "derived", false);
    out.line = static_cast<int>(table.source().begin.line);
    return out;
}

Layer read_layer(Reader const& read, toml::table const& table, LonLatBox const& bounds) {
    read.allow_only(table, {"id", "title",  "view", "key",      "geometry", "kind",   "level", "tile_view",  "coarse", "merge", "count_by_star",
                            "at", "former", "time", "versions", "zoom",     "bounds", "style", "attributes", "depends"});
    Layer out;
    out.line = static_cast<int>(table.source().begin.line);
    out.id = read.get<std::string>(table, "id");
    read.check_name(table, "id", out.id, false);
    auto const& title = read.get_table(table, "title");
    out.title = {read.get<std::string>(title, "vi"), read.get<std::string>(title, "en")};
    out.view = read.get<std::string>(table, "view");
    read.check_name(table, "view", out.view, true);
    if (!out.view.starts_with("pub."))
        read.fail(table.get("view")->source(), fmt::format("view is {}, must be in schema pub: the public reads nothing else", out.view));
    out.key = read.get<std::string>(table, "key");
    read.check_name(table, "key", out.key, false);

    auto const& geometry = read.get_table(table, "geometry");
    read.allow_only(geometry, {"column", "column_3857", "type"});
    out.geometry_column = read.get<std::string>(geometry, "column");
    read.check_name(geometry, "column", out.geometry_column, false);
    out.geometry_column_3857 = read.get<std::string>(geometry, "column_3857");
    read.check_name(geometry, "column_3857", out.geometry_column_3857, false);
    out.geometry_type = read.get<std::string>(geometry, "type");

    out.kind = one_of(read, table, "kind",
                      std::array<std::pair<char const*, LayerKind>, 4>{
                          {{"units", LayerKind::units}, {"polygons", LayerKind::polygons}, {"lines", LayerKind::lines}, {"points", LayerKind::points}}});
    auto const* expected = out.kind == LayerKind::points ? "Point" : out.kind == LayerKind::lines ? "MultiLineString" : "MultiPolygon";
    if (out.geometry_type != expected) {
        read.fail(geometry.get("type")->source(), fmt::format("type is {}, must be {} for this kind", out.geometry_type, expected));
    }
    if (out.kind == LayerKind::units) {
        out.level = read.get<std::string>(table, "level");
        if (out.level != "province" && out.level != "district" && out.level != "commune") {
            read.fail(table.get("level")->source(), fmt::format("level is {}, must be province, district or commune", out.level));
        }
    }
    out.tile_view = read.get_or<std::string>(table, "tile_view", std::string{out.view});
    read.check_name(table, "tile_view", out.tile_view, true);
    if (auto const* coarse = table.get("coarse")) {
        auto const& entry = read.table(*coarse, "coarse");
        out.coarse_column = read.get<std::string>(entry, "column");
        read.check_name(entry, "column", out.coarse_column, false);
        out.coarse_zoom = static_cast<int>(read.get<std::int64_t>(entry, "zoom"));
    }
    out.counts_by_star = read.get_or(table, "count_by_star", false);
    out.has_at = read.get_or(table, "at", false);
    out.shows_former = read.get_or(table, "former", false);
    auto const time = read.list<std::string>(table, "time", 1, 2);
    if (!time.empty()) out.valid_from_column = time[0];
    if (time.size() > 1) out.valid_to_column = time[1];
    if (out.has_at && time.empty()) read.fail(table.source(), "a layer with at = true needs time = [from, to]");

    if (auto const* merge = table.get("merge")) {
        auto const& entry = read.table(*merge, "merge");
        read.allow_only(entry, {"by", "sum"});
        out.merge_by = read.get<std::string>(entry, "by");
        out.merge_sum = read.get_or<std::string>(entry, "sum", "");
    }
    if (out.has_at) {
        auto const& versions = read.get_table(table, "versions");
        read.allow_only(versions, {"view", "since", "until"});
        out.version_view = read.get<std::string>(versions, "view");
        read.check_name(versions, "view", out.version_view, true);
        out.since_column = read.get<std::string>(versions, "since");
        read.check_name(versions, "since", out.since_column, false);
        out.until_column = read.get_or<std::string>(versions, "until", "");
        if (!out.until_column.empty()) read.check_name(versions, "until", out.until_column, false);
    }

    auto const zoom = read.list<std::int64_t>(table, "zoom", 2, 2);
    if (zoom.empty()) read.fail(table.source(), "zoom is missing");
    if (zoom[0] < 0 || zoom[1] > 18 || zoom[0] > zoom[1]) {
        read.fail(table.get("zoom")->source(), fmt::format("zoom is {} to {}, must be a range within 0 to 18", zoom[0], zoom[1]));
    }
    out.min_zoom = static_cast<int>(zoom[0]);
    out.max_zoom = static_cast<int>(zoom[1]);
    out.bounds = read_box(read, table, bounds);
    out.style = read.get<std::string>(table, "style");

    auto const* attributes = read.find_array(table, "attributes");
    if (attributes == nullptr || attributes->empty()) read.fail(table.source(), "attributes are missing");
    for (auto const& node : *attributes) {
        auto attribute = read_attribute(read, read.table(node, "attributes"));
        if (out.find_attribute(attribute.name) != nullptr) read.fail(node.source(), fmt::format("attribute {} stands twice", attribute.name));
        out.attributes.push_back(std::move(attribute));
    }
    for (auto const& [name, type] : {std::pair{out.merge_by, AttributeType::text}, std::pair{out.merge_sum, AttributeType::number}}) {
        auto const* attribute = out.find_attribute(name);
        if (!name.empty() && (attribute == nullptr || attribute->type != type || !attribute->is_in_tiles)) {
            read.fail(table.get("merge")->source(), fmt::format("merge names {}, which is not an attribute in tiles of type {}", name, to_string(type)));
        }
    }
    auto const* depends = read.find_array(table, "depends");
    if (depends == nullptr || depends->empty()) read.fail(table.source(), fmt::format("layer {} declares no base table ([[layer.depends]])", out.id));
    for (auto const& node : *depends) {
        auto dependency = read_dependency(read, read.table(node, "depends"));
        if (std::any_of(out.depends.begin(), out.depends.end(), [&](auto const& d) { return d.table == dependency.table; })) {
            read.fail(node.source(), fmt::format("table {} is declared twice", dependency.table));
        }
        out.depends.push_back(std::move(dependency));
    }
    return out;
}

}  // namespace

char const* to_string(AttributeType type) noexcept {
    switch (type) {
    case AttributeType::text: return "text";
    case AttributeType::integer: return "integer";
    case AttributeType::number: return "number";
    case AttributeType::boolean: return "boolean";
    case AttributeType::date: return "date";
    case AttributeType::array: return "text[]";
    }
    return "text";
}

Attribute const* Layer::find_attribute(std::string_view name) const {
    auto const found = std::find_if(attributes.begin(), attributes.end(), [&](auto const& a) { return a.name == name; });
    return found == attributes.end() ? nullptr : &*found;
}

bool Layer::covers(TileId tile) const {
    if (tile.z < min_zoom || tile.z > max_zoom) return false;
    auto const first = TileId::containing({bounds.west, bounds.north}, tile.z), last = TileId::containing({bounds.east, bounds.south}, tile.z);
    return tile.x >= first.x && tile.x <= last.x && tile.y >= first.y && tile.y <= last.y;
}

Catalogue Catalogue::load(std::filesystem::path const& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in) throw Error{ErrorKind::invalid_argument, fmt::format("{} cannot be read", file.string())};
    std::ostringstream text;
    text << in.rdbuf();
    return parse(text.str(), file.filename().string());
}

Catalogue Catalogue::parse(std::string_view text, std::string const& file_name) {
    toml::table root;
    try {
        root = toml::parse(text, file_name);
    } catch (toml::parse_error const& error) {
        throw Error{ErrorKind::invalid_argument,
                    fmt::format("{}:{}:{}: {}", file_name, error.source().begin.line, error.source().begin.column, error.description())};
    }
    Reader const read{file_name};
    read.allow_only(root, {"bounds", "layer", "combination"});
    auto const bounds = read_box(read, root, {-180, -85, 180, 85});
    Catalogue out;
    auto const* layers = read.find_array(root, "layer");
    if (layers == nullptr || layers->empty()) read.fail(root.source(), "no [[layer]]");
    for (auto const& node : *layers) {
        auto layer = read_layer(read, read.table(node, "layer"), bounds);
        if (out.find(layer.id) != nullptr) read.fail(node.source(), fmt::format("layer {} stands twice", layer.id));
        out.layers_.push_back(std::move(layer));
    }
    if (auto const* combinations = read.find_array(root, "combination")) {
        for (auto const& node : *combinations) {
            auto const& table = read.table(node, "combination");
            read.allow_only(table, {"id", "layers"});
            Combination combination{read.get<std::string>(table, "id"), read.list<std::string>(table, "layers", 2, 20)};
            if (out.find(combination.id) != nullptr) read.fail(node.source(), fmt::format("combination {} bears the name of a layer", combination.id));
            std::ptrdiff_t place = -1;
            for (auto const& id : combination.layers) {
                auto const* layer = out.find(id);
                if (layer == nullptr) read.fail(node.source(), fmt::format("combination {} names {}, which is no layer", combination.id, id));
                if (layer - out.layers_.data() <= place)
                    read.fail(node.source(), fmt::format("combination {}: layers must stand in the order of this file", combination.id));
                place = layer - out.layers_.data();
            }
            out.combinations_.push_back(std::move(combination));
        }
    }
    return out;
}

Layer const* Catalogue::find(std::string_view id) const {
    auto const found = std::find_if(layers_.begin(), layers_.end(), [&](auto const& layer) { return layer.id == id; });
    return found == layers_.end() ? nullptr : &*found;
}

std::vector<std::string> Catalogue::ids() const {
    std::vector<std::string> out;
    for (auto const& layer : layers_) out.push_back(layer.id);
    return out;
}

std::vector<Layer const*> Catalogue::find_list(std::string_view list) const {
    std::vector<Layer const*> out;
    for (auto const& combination : combinations_) {
        if (combination.id == list) {
            for (auto const& id : combination.layers) out.push_back(find(id));
            return out;
        }
    }
    while (true) {
        auto const comma = list.find(',');
        auto const id = list.substr(0, comma);
        auto const* layer = find(id);
        if (layer == nullptr) {
            if (id.empty()) throw invalid_field("layers", list, "names separated by single commas");
            auto const missing = invalid_field("layer", id, fmt::format("one of {}", fmt::join(ids(), ", ")));
            throw Error{ErrorKind::not_found, missing.what(), missing.fields()};
        }
        if (std::find(out.begin(), out.end(), layer) != out.end()) throw invalid_field("layers", id, "named once");
        out.push_back(layer);
        if (comma == std::string_view::npos) return out;
        list.remove_prefix(comma + 1);
    }
}

std::string Catalogue::stored_name(std::vector<Layer const*> const& list) const {
    if (list.size() == 1) return list[0]->id;
    for (auto const& combination : combinations_) {
        if (std::equal(list.begin(), list.end(), combination.layers.begin(), combination.layers.end(),
                       [](Layer const* layer, std::string const& id) { return layer->id == id; })) {
            return fmt::format("{}", fmt::join(combination.layers, ","));
        }
    }
    return {};
}

}  // namespace gis_core::layers
