#include "styles/mapnik_xml.hpp"

#include <fmt/format.h>

namespace styles {
namespace {

class Writer {
public:
    Writer(Palette const& palette, StyleName const& style, int scale, std::filesystem::path const& sprites)
        : palette_{palette},
          style_{style},
          theme_{style.theme(palette)},
          scale_{scale},
          sprites_{(sprites / (style.is_dark ? "dark" : "light")).string()},
          suffix_{scale == 2 ? "@2x.png" : ".png"} {}

    std::string write() {
        xml_ = fmt::format("<Map srs=\"epsg:3857\" background-color=\"{}\" buffer-size=\"256\">\n", c("background"));
        layer("land", rule("", fmt::format("<PolygonSymbolizer fill=\"{}\" gamma=\"0.6\"/>", c("land"))));
        layer("choropleth", choropleth());
        layer("zones", zones());
        layer("rivers", rule("", line("water", 1.2)));
        layer("shoreline", rule("", line("shoreline", 0.9)));
        boundary("communes_line", "commune_line", 0.7);
        boundary("districts_line", "district_line", 1.1);
        boundary("provinces_line", "province_line", 1.6);
        layer("chosen", rule("", line("halo", 4.5) + line("label", 2.2)));
        layer("places", places());
        layer("products", products());
        layer("labels", labels());
        return xml_ + "</Map>\n";
    }

private:
    std::string const& c(std::string_view name) const { return theme_.colour(name); }

    void layer(std::string_view name, std::string const& rules) {
        xml_ += fmt::format(
            "<Style name=\"{0}\" filter-mode=\"first\">\n{1}</Style>\n"
            "<Layer name=\"{0}\" srs=\"epsg:3857\"><StyleName>{0}</StyleName></Layer>\n",
            name, rules);
    }
    static std::string rule(std::string_view filter, std::string const& symbolizers) {
        if (filter.empty()) return fmt::format("<Rule>{}</Rule>\n", symbolizers);
        return fmt::format("<Rule><Filter>{}</Filter>{}</Rule>\n", filter, symbolizers);
    }
    std::string file(std::string_view name) const { return fmt::format("{}/{}{}", sprites_, name, suffix_); }
    std::string line(std::string_view colour, double width, std::string_view dash = "") const {
        return fmt::format("<LineSymbolizer stroke=\"{}\" stroke-width=\"{} * @w\" stroke-linejoin=\"round\" stroke-linecap=\"{}\" clip=\"false\"{}/>",
                           c(colour), width, dash.empty() ? "round" : "butt", dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash));
    }

    std::string choropleth() const {
        // The breaks come with each drawing: a view may have its own.
        std::string rules = rule("[figure] = null", fmt::format("<PolygonPatternSymbolizer file=\"{}\" alignment=\"global\" gamma=\"0.6\"/>", file("no-data")));
        for (std::size_t i = theme_.choropleth.size() - 1; i > 0; --i) rules += rule(fmt::format("[figure] &gt;= @break{}", i), fill(theme_.choropleth[i]));
        return rules + rule("", fill(theme_.choropleth[0]));
    }
    // A gamma below 1 closes the hairline that anti-aliasing leaves between neighbours.
    static std::string fill(std::string const& colour) { return fmt::format("<PolygonSymbolizer fill=\"{}\" fill-opacity=\"@fade\" gamma=\"0.6\"/>", colour); }

    // No gamma here: Mapnik computes its table anew wherever it differs from the shape before, 20,000 times a metatile.
    std::string zones() const {
        std::string rules;
        for (bool const is_small : {true, false}) {
            for (auto const& crop : palette_.crops) {
                auto const& colour = crop.colour(style_.is_dark);
                auto filter = std::string{is_small ? "[small] = true" : ""};
                if (crop.code != "other") filter += fmt::format("{}[crop] = '{}'", is_small ? " and " : "", crop.code);
                rules += rule(filter, is_small ? fmt::format("<PolygonSymbolizer fill=\"{}\" fill-opacity=\"{}\"/>", colour, kTintOpacity)
                                               : fmt::format("<PolygonPatternSymbolizer file=\"{}\" alignment=\"global\"/>"
                                                             "<LineSymbolizer stroke=\"{}\" stroke-width=\"1\" clip=\"false\"/>",
                                                             file("crop-" + crop.code), colour));
            }
        }
        return rules;
    }
    void boundary(std::string_view name, std::string_view colour, double width) {
        layer(name, rule("[former] = true", line("former_line", width, "6, 4")) + rule("", line(colour, width)));
    }
    std::string marker(std::string const& name) const {
        return fmt::format("<MarkersSymbolizer file=\"{}\" transform=\"scale({})\" allow-overlap=\"true\" ignore-placement=\"true\" clip=\"false\"/>",
                           file(name), 1.0 / scale_);  // Mapnik enlarges markers, not patterns
    }
    std::string places() const { return rule("[icon] = 'producer'", marker("producer")) + rule("", marker("sales-point")); }
    std::string disc(std::string const& colour, std::string const& outline, double diameter) const {
        return fmt::format(
            "<MarkersSymbolizer marker-type=\"ellipse\" fill=\"{}\" stroke=\"{}\" stroke-width=\"1.5\" width=\"{}\" height=\"{}\" "
            "allow-overlap=\"true\" ignore-placement=\"true\" clip=\"false\"/>",
            colour, outline, diameter, diameter);
    }
    static std::string text(std::string_view content, std::string_view face, double size, std::string_view colour, std::string_view halo, double halo_px,
                            std::string_view more = "") {
        return fmt::format(
            "<TextSymbolizer face-name=\"{}\" size=\"{}\" fill=\"{}\" {} allow-overlap=\"true\" avoid-edges=\"false\" "
            "clip=\"false\" placement=\"point\" horizontal-alignment=\"middle\" vertical-alignment=\"middle\" {}>{}</TextSymbolizer>",
            face, size, colour, halo_px > 0 ? fmt::format("halo-fill=\"{}\" halo-radius=\"{}\"", halo, halo_px) : "", more, content);
    }
    std::string products() const {
        auto const figure = [&](std::string_view content, std::string const& colour, double size) {
            return text(content, "Noto Sans Bold", size, colour, "", 0);
        };
        std::string rules;
        for (auto const& [from, diameter] : {std::pair{1000, 36.0}, {100, 30.0}, {10, 24.0}, {2, 20.0}}) {
            rules += rule(fmt::format("[count] &gt;= {}", from), disc(c("cluster"), c("cluster_text"), diameter) + figure("[count]", c("cluster_text"), 11));
        }
        for (int star = 3; star <= 5; ++star) {
            rules +=
                rule(fmt::format("[star] = {}", star), disc(c(fmt::format("star{}", star)), c("marker_line"), 18) + figure("[star]", c("marker_text"), 12));
        }
        return rules + rule("", disc(c("uncertified"), c("marker_line"), 18) +
                                    text("'–'", "Noto Sans Bold", 12, c("marker_text"), "", 0, "dy=\"2\""));  // a dash stands above the middle of its line
    }
    std::string labels() const {
        auto const with_figure = [](double size) {
            return fmt::format("[text]<Format face-name=\"Noto Sans Bold\" size=\"{}\">'\n' + [figure]</Format>", size);
        };
        bool const by_district = style_.definition->choropleth == "districts";
        auto const& district = c(by_district ? "label" : "label_muted");
        auto const& commune = c(by_district ? "label_muted" : "label");
        std::string rules = rule("[kind] = 'province'", text("[text]", "Noto Sans Bold", 14, c("label"), c("halo"), 1.6)) +
                            rule("[kind] = 'figure'", text("[figure]", "Noto Sans Bold", 11, c("label"), c("halo"), 1.5)) +
                            rule("[kind] = 'district' and [figure] != ''", text(with_figure(12), "Noto Sans Bold", 12, district, c("halo"), 1.6)) +
                            rule("[kind] = 'district'", text("[text]", "Noto Sans Bold", 12, district, c("halo"), 1.6)) +
                            rule("[kind] = 'commune' and [figure] != ''", text(with_figure(11), "Noto Sans Regular", 11, commune, c("halo"), 1.5)) +
                            rule("[kind] = 'commune'", text("[text]", "Noto Sans Regular", 12, commune, c("halo"), 1.5)) +
                            rule("[kind] = 'product'", text("[text]", "Noto Sans Regular", 11, c("label"), c("halo"), 1.4));
        for (auto const& crop : palette_.crops) {
            rules += rule(crop.code == "other" ? "" : fmt::format("[crop] = '{}'", crop.code),
                          text("[text]", "Noto Sans Regular", 10, crop.colour(style_.is_dark), c("halo"), 1.5));
        }
        return rules;
    }

    Palette const& palette_;
    StyleName const& style_;
    Theme const& theme_;
    int scale_;
    std::string sprites_, suffix_, xml_;
};

}  // namespace

std::string mapnik_xml(Palette const& palette, StyleName const& style, int scale, std::filesystem::path const& sprites) {
    return Writer{palette, style, scale, sprites}.write();
}

}  // namespace styles
