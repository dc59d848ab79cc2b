#include "styles/palette.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace styles {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;

[[noreturn]] void refuse(toml::node const& node, std::string const& what) {
    auto const& source = node.source();
    throw Error{ErrorKind::internal, fmt::format("{}:{}: {}", source.path ? *source.path : "palette", source.begin.line, what)};
}

bool is_colour(std::string_view text) {
    return text.size() == 7 && text[0] == '#' && std::all_of(text.begin() + 1, text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

std::string text_of(toml::table const& table, std::string_view key) {
    auto const value = table[key].value<std::string>();
    if (!value) refuse(table, fmt::format("{} is missing or no text", key));
    return *value;
}

std::string colour_of(toml::table const& table, std::string_view key) {
    auto value = text_of(table, key);
    if (!is_colour(value)) refuse(table, fmt::format("{} is {}, must be #RRGGBB", key, value));
    return value;
}

toml::table const& table_of(toml::table const& table, std::string_view key) {
    auto const* child = table[key].as_table();
    if (!child) refuse(table, fmt::format("[{}] is missing", key));
    return *child;
}

toml::array const& array_of(toml::table const& table, std::string_view key) {
    auto const* child = table[key].as_array();
    if (!child || child->empty()) refuse(table, fmt::format("{} is missing or empty", key));
    return *child;
}

toml::table const& entry_of(toml::node const& node) {
    auto const* table = node.as_table();
    if (!table) refuse(node, "must be a table");
    return *table;
}

Title title_of(toml::table const& table, std::string_view key) {
    auto const& title = table_of(table, key);
    return {text_of(title, "vi"), text_of(title, "en")};
}

Theme theme_of(toml::table const& table) {
    Theme theme;
    for (auto const& [key, node] : table) {
        if (key.str() == "choropleth") continue;
        theme.colours.emplace(key.str(), colour_of(table, key.str()));
    }
    for (auto const& node : array_of(table, "choropleth")) {
        auto const value = node.value<std::string>();
        if (!value || !is_colour(*value)) refuse(node, "must be #RRGGBB");
        theme.choropleth.push_back(*value);
    }
    return theme;
}

std::vector<std::int64_t> breaks_from(toml::table const& table, std::string_view layer, std::size_t classes) {
    std::vector<std::int64_t> breaks;
    for (auto const& node : array_of(table, layer)) {
        auto const value = node.value<std::int64_t>();
        if (!value || *value <= (breaks.empty() ? 0 : breaks.back())) refuse(node, "breaks must be whole numbers above 0, ascending");
        breaks.push_back(*value);
    }
    if (breaks.size() + 1 != classes) {
        refuse(table, fmt::format("{} has {} breaks, the choropleth has {} colours: must be one less", layer, breaks.size(), classes));
    }
    return breaks;
}

}  // namespace

std::string const& Theme::colour(std::string_view name) const {
    auto const found = colours.find(name);
    if (found == colours.end()) throw Error{ErrorKind::internal, fmt::format("the palette has no colour {}", name)};
    return found->second;
}

Palette Palette::load(std::filesystem::path const& file) {
    toml::table root;
    try {
        root = toml::parse_file(file.string());
    } catch (toml::parse_error const& error) {
        throw Error{ErrorKind::internal, fmt::format("{}:{}: {}", file.string(), error.source().begin.line, error.description())};
    }
    Palette palette;
    palette.light = theme_of(table_of(root, "light"));
    palette.dark = theme_of(table_of(root, "dark"));
    for (auto const& [name, colour] : palette.light.colours) {
        if (!palette.dark.colours.contains(name)) refuse(root, fmt::format("[dark] has no {}", name));
    }
    if (palette.light.choropleth.size() != palette.dark.choropleth.size()) refuse(root, "the choropleths differ in classes");
    auto const& breaks = table_of(root, "breaks");
    for (auto const& [layer, node] : breaks) {
        palette.breaks.emplace(layer.str(), breaks_from(breaks, layer.str(), palette.light.choropleth.size()));
    }
    for (auto const& node : array_of(root, "crop")) {
        auto const& crop = entry_of(node);
        palette.crops.push_back({text_of(crop, "code"), title_of(crop, "label"), text_of(crop, "pattern"), colour_of(crop, "light"), colour_of(crop, "dark")});
    }
    if (palette.crops.back().code != "other") refuse(root, "the last [[crop]] must be other");
    for (auto const& node : array_of(root, "style")) {
        auto const& style = entry_of(node);
        palette.styles.push_back({text_of(style, "id"), title_of(style, "title"), text_of(style, "choropleth")});
        if (!palette.breaks.contains(palette.styles.back().choropleth)) refuse(style, "no [breaks] for its choropleth");
    }
    return palette;
}

std::vector<std::int64_t> const& Palette::breaks_of(std::string_view layer) const {
    auto const found = breaks.find(layer);
    if (found == breaks.end()) throw Error{ErrorKind::internal, fmt::format("the palette has no breaks for {}", layer)};
    return found->second;
}

LivePalette::LivePalette(std::filesystem::path file)
    : file_{std::move(file)},
      read_{std::filesystem::last_write_time(file_)},
      looked_at_{std::chrono::steady_clock::now()},
      palette_{std::make_shared<Palette const>(Palette::load(file_))} {}

std::shared_ptr<Palette const> LivePalette::now() {
    std::lock_guard const lock{mutex_};
    auto const now = std::chrono::steady_clock::now();
    if (now - looked_at_ < std::chrono::seconds{1}) return palette_;
    looked_at_ = now;
    std::error_code gone;
    auto const written = std::filesystem::last_write_time(file_, gone);
    if (gone || written == read_) return palette_;
    read_ = written;
    try {
        palette_ = std::make_shared<Palette const>(Palette::load(file_));
    } catch (Error const& error) {
        gis_core::log::error("colours stay as they were: {}", error.what());
    }
    return palette_;
}

std::optional<StyleName> find_style(Palette const& palette, std::string_view name) {
    constexpr std::string_view kDark = "-dark";
    bool const is_dark = name.ends_with(kDark);
    if (is_dark) name.remove_suffix(kDark.size());
    for (auto const& style : palette.styles) {
        if (style.id == name) return StyleName{&style, is_dark};
    }
    return std::nullopt;
}

double pattern_min_area_ha(double zoom) {
    double const side_m = kPatternMin_px * 40075016.685578488 / 256 / std::exp2(zoom);
    return side_m * side_m / 10'000;
}

std::size_t class_of(std::vector<std::int64_t> const& breaks, std::int64_t figure) {
    return static_cast<std::size_t>(std::upper_bound(breaks.begin(), breaks.end(), figure) - breaks.begin());
}

}  // namespace styles
