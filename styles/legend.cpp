#include "styles/legend.hpp"

#include <fmt/format.h>

namespace styles {
namespace {

using gis_core::Json;

Json both(Title const& title) { return {{"vi", title.vi}, {"en", title.en}}; }

Title state_title(std::string const& state) {
    if (state == "schematic") return {"Ranh giới sơ đồ, không phải ranh giới thật", "Schematic boundaries, not the real ones"};
    if (state == "derived") return {"Ranh giới suy ra từ bảng thay đổi", "Boundaries derived from the table of changes"};
    return {"Ranh giới theo nguồn dữ liệu", "Boundaries as in the source"};
}

}  // namespace

Title class_label(std::vector<std::int64_t> const& breaks, std::size_t index) {
    auto const from = index == 0 ? 0 : breaks[index - 1];
    if (index == breaks.size()) return {fmt::format("{} trở lên", from), fmt::format("{} and more", from)};
    auto const to = breaks[index] - 1;
    auto const text = from == to ? fmt::format("{}", from) : fmt::format("{}–{}", from, to);
    return {text, text};
}

gis_core::Json legend(Palette const& palette, StyleName const& style, std::optional<BoundaryNote> const& boundaries) {
    auto const& theme = style.theme(palette);
    auto const& breaks = palette.breaks_of(style.definition->choropleth);
    Json out{{"style", style.text()}, {"theme", style.is_dark ? "dark" : "light"}, {"title", both(style.definition->title)}};

    Json classes = Json::array();
    for (std::size_t i = 0; i < theme.choropleth.size(); ++i) {
        Json entry{{"from", i == 0 ? 0 : breaks[i - 1]}};
        entry["to"] = i < breaks.size() ? Json(breaks[i] - 1) : Json(nullptr);
        entry["colour"] = theme.choropleth[i];
        entry["label"] = both(class_label(breaks, i));
        classes.push_back(std::move(entry));
    }
    out["choropleth"] = {{"layer", style.definition->choropleth},
                         {"measure", "products"},
                         {"title", both({"Sản phẩm còn hiệu lực", "Products with a certificate in force"})},
                         {"outline", theme.colour(style.definition->choropleth == "districts" ? "district_line" : "commune_line")},
                         {"classes", std::move(classes)},
                         {"no_data",
                          {{"colour", theme.colour("no_data")},
                           {"line", theme.colour("no_data_line")},
                           {"pattern", "no-data"},
                           {"label", both({"Không có số liệu", "No data"})}}}};
    Json stars = Json::array();
    for (int star = 3; star <= 5; ++star) {
        stars.push_back({{"star", star},
                         {"figure", std::to_string(star)},
                         {"colour", theme.colour(fmt::format("star{}", star))},
                         {"text_colour", theme.colour("marker_text")},
                         {"label", both({fmt::format("{} sao", star), fmt::format("{} stars", star)})}});
    }
    stars.push_back({{"star", nullptr},
                     {"figure", "–"},
                     {"colour", theme.colour("uncertified")},
                     {"text_colour", theme.colour("marker_text")},
                     {"label", both({"Không còn hoặc chưa có giấy chứng nhận", "No certificate in force"})}});
    out["stars"] = std::move(stars);
    out["cluster"] = {{"colour", theme.colour("cluster")},
                      {"text_colour", theme.colour("cluster_text")},
                      {"label", both({"Nhóm sản phẩm, số là số sản phẩm", "Group of products; the figure counts them"})}};
    Json zones = Json::array();
    for (auto const& crop : palette.crops) {
        zones.push_back({{"crop", crop.code}, {"colour", crop.colour(style.is_dark)}, {"pattern", "crop-" + crop.code}, {"label", both(crop.label)}});
    }
    out["zones"] = {{"title", both({"Vùng nguyên liệu", "Raw-material zones"})}, {"from_zoom", kZoneMinZoom}, {"crops", std::move(zones)}};
    auto line = [&](char const* colour, double width, bool is_dashed, Title const& title) {
        return Json{{"colour", theme.colour(colour)}, {"width_px", width}, {"dashed", is_dashed}, {"label", both(title)}};
    };
    out["lines"] = {line("province_line", 1.6, false, {"Ranh giới tỉnh", "Province boundary"}),
                    line("district_line", 1.1, false, {"Ranh giới huyện", "District boundary"}),
                    line("commune_line", 0.7, false, {"Ranh giới xã, phường", "Commune boundary"}),
                    line("former_line", 1.1, true, {"Ranh giới không còn hiệu lực", "Boundary no longer in force"}),
                    line("shoreline", 1.0, false, {"Bờ nước", "Shoreline"}),
                    line("water", 1.4, false, {"Sông", "River"})};
    out["points"] = {
        {{"layer", "producers"}, {"icon", "producer"}, {"colour", theme.colour("producer")}, {"label", both({"Chủ thể", "Producer"})}},
        {{"layer", "sales_points"}, {"icon", "sales-point"}, {"colour", theme.colour("sales_point")}, {"label", both({"Điểm bán", "Sales point"})}}};
    out["sprite"] = "/sprites/" + std::string{style.is_dark ? "dark" : "light"};
    if (boundaries) {
        Json note{{"valid_from", boundaries->valid_from}};
        note["valid_to"] = boundaries->valid_to ? Json(*boundaries->valid_to) : Json(nullptr);
        note["state"] = boundaries->state;
        note["source"] = boundaries->source;
        note["label"] = both(state_title(boundaries->state));
        out["boundaries"] = std::move(note);
    }
    return out;
}

}  // namespace styles
