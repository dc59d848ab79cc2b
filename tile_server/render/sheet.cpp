#include "tile_server/render/sheet.hpp"

#include "gis_core/date.hpp"
#include "gis_core/error.hpp"
#include "styles/palette.hpp"

#include <cairo-pdf.h>
#include <fmt/format.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace tile_server {
namespace {

using gis_core::Json;

constexpr double kPt = 72 / 25.4;  // points a millimetre
constexpr double kMargin_mm = 10, kHead_mm = 16, kFoot_mm = 13, kLegend_mm = 56, kGap_mm = 4;
constexpr double kRow_pt = 12, kText_pt = 7.5;
constexpr auto kInk = "#1D2A22";

struct SurfaceCloser {
    void operator()(cairo_surface_t* surface) const noexcept { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, SurfaceCloser>;
struct ContextCloser {
    void operator()(cairo_t* context) const noexcept { cairo_destroy(context); }
};
using Context = std::unique_ptr<cairo_t, ContextCloser>;

cairo_status_t append(void* out, unsigned char const* data, unsigned length) {
    static_cast<std::string*>(out)->append(reinterpret_cast<char const*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

void require(cairo_status_t status) {
    if (status != CAIRO_STATUS_SUCCESS)
        throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("the page could not be drawn: {}", cairo_status_to_string(status))};
}

/// Draws in points, from the top left corner.
class Pen {
public:
    Pen(cairo_t* page, std::string lang, std::string ink) : page_{page}, lang_{std::move(lang)}, ink_{std::move(ink)} {}

    cairo_t* page() const { return page_; }
    std::string_view lang() const { return lang_; }
    std::string say(char const* vi, char const* en) const { return lang_ == "en" ? en : vi; }
    std::string say(Json const& title) const { return title.at(lang_).get<std::string>(); }

    void colour(std::string_view rgb) const {  // #RRGGBB
        auto const part = [&](std::size_t at) { return std::stoi(std::string{rgb.substr(at, 2)}, nullptr, 16) / 255.0; };
        cairo_set_source_rgb(page_, part(1), part(3), part(5));
    }

    enum class Align { left, centre };
    /// Text is broken to the width; its height.
    double text(double x, double y, std::string const& words, double size, bool is_bold = false, double width = 0, Align align = Align::left,
                std::string_view rgb = {}) const {
        std::unique_ptr<PangoLayout, decltype(&g_object_unref)> const layout{pango_cairo_create_layout(page_), g_object_unref};
        std::unique_ptr<PangoFontDescription, decltype(&pango_font_description_free)> const font{pango_font_description_new(), pango_font_description_free};
        pango_font_description_set_family(font.get(), "Noto Sans");
        pango_font_description_set_weight(font.get(), is_bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
        pango_font_description_set_absolute_size(font.get(), size * PANGO_SCALE);
        pango_layout_set_font_description(layout.get(), font.get());
        pango_layout_set_text(layout.get(), words.data(), static_cast<int>(words.size()));
        if (width > 0) pango_layout_set_width(layout.get(), static_cast<int>(width * PANGO_SCALE)), pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
        if (align == Align::centre) pango_layout_set_alignment(layout.get(), PANGO_ALIGN_CENTER);
        colour(rgb.empty() ? std::string_view{ink_} : rgb);
        cairo_move_to(page_, x, y);
        pango_cairo_show_layout(page_, layout.get());
        int height = 0;
        pango_layout_get_size(layout.get(), nullptr, &height);
        return static_cast<double>(height) / PANGO_SCALE;
    }
    void line(double x, double y, double to_x, double to_y, std::string_view rgb, double width, bool is_dashed = false) const {
        double const dash[]{4, 2.5};
        if (is_dashed) cairo_set_dash(page_, dash, 2, 0);
        colour(rgb);
        cairo_set_line_width(page_, width);
        cairo_move_to(page_, x, y), cairo_line_to(page_, to_x, to_y), cairo_stroke(page_);
        cairo_set_dash(page_, nullptr, 0, 0);
    }
    void frame(double x, double y, double width, double height, double line_width) const {
        colour(ink_);
        cairo_set_line_width(page_, line_width);
        cairo_rectangle(page_, x, y, width, height), cairo_stroke(page_);
    }
    void swatch(double x, double y, std::string_view fill, std::string_view outline) const {
        colour(fill);
        cairo_rectangle(page_, x, y + 1, 16, 9), cairo_fill_preserve(page_);
        colour(outline);
        cairo_set_line_width(page_, 0.5), cairo_stroke(page_);
    }
    /// A picture of the sprite, 0.75 pt a pixel; repeated over a swatch, or once.
    void sprite(double x, double y, std::filesystem::path const& file, bool is_pattern, std::string_view outline = {}) const {
        Surface const picture{cairo_image_surface_create_from_png(file.c_str())};
        require(cairo_surface_status(picture.get()));
        double const side = is_pattern ? 0 : 0.75 * cairo_image_surface_get_width(picture.get()) / 2;
        cairo_save(page_);
        if (is_pattern) cairo_rectangle(page_, x, y + 1, 16, 9);
        else cairo_rectangle(page_, x + 8 - side / 2, y + 5.5 - side / 2, side, side);
        cairo_clip(page_);
        cairo_translate(page_, is_pattern ? x : x + 8 - side / 2, is_pattern ? y + 1 : y + 5.5 - side / 2);
        cairo_scale(page_, 0.375, 0.375);  // files of double density
        cairo_set_source_surface(page_, picture.get(), 0, 0);
        if (is_pattern) cairo_pattern_set_extend(cairo_get_source(page_), CAIRO_EXTEND_REPEAT);
        cairo_paint(page_);
        cairo_restore(page_);
        if (outline.empty()) return;
        colour(outline);
        cairo_set_line_width(page_, 0.5), cairo_rectangle(page_, x, y + 1, 16, 9), cairo_stroke(page_);
    }
    void disc(double x, double y, std::string_view fill, std::string_view outline, std::string const& figure, std::string_view text_colour) const {
        cairo_new_path(page_), cairo_arc(page_, x + 8, y + 5.5, 5, 0, 2 * 3.14159265358979);
        colour(fill), cairo_fill_preserve(page_);
        colour(outline), cairo_set_line_width(page_, 0.5), cairo_stroke(page_);
        text(x, y + 0.6, figure, 6.5, true, 16, Align::centre, text_colour);
    }

private:
    cairo_t* page_;
    std::string lang_, ink_;
};

/// A colour over another.
std::string mixed(std::string_view over, std::string_view under, double opacity) {
    std::string out = "#";
    for (std::size_t at = 1; at < 7; at += 2) {
        auto const part = [at](std::string_view rgb) { return std::stoi(std::string{rgb.substr(at, 2)}, nullptr, 16); };
        out += fmt::format("{:02X}", static_cast<int>(std::lround(part(over) * opacity + part(under) * (1 - opacity))));
    }
    return out;
}

/// Every entry that shows at the zoom, from y on; where it ends.
double draw_legend(Pen const& pen, Json const& legend, std::filesystem::path const& styles_dir, double x, double y, double width, double zoom, double opacity,
                   std::string_view land) {
    auto const sprites = styles_dir / "sprites" / legend.at("theme").get<std::string>();
    auto const text = [](Json const& value) { return value.get<std::string>(); };
    auto const heading = [&](std::string const& words) { y += pen.text(x, y, words, kText_pt + 0.5, true, width) + 2; };
    auto const label = [&](Json const& entry, double left, double room) {
        return std::max(kRow_pt, pen.text(left + 21, y + 0.5, pen.say(entry.at("label")), kText_pt, false, room - 21) + 2);
    };

    auto const& colours = legend.at("choropleth");
    heading(pen.say(colours.at("title")));
    for (auto const& entry : colours.at("classes")) {
        pen.swatch(x, y, mixed(text(entry.at("colour")), land, opacity), text(colours.at("outline")));
        y += label(entry, x, width);
    }
    auto const& no_data = colours.at("no_data");
    pen.sprite(x, y, sprites / "no-data@2x.png", true, text(no_data.at("line")));
    y += label(no_data, x, width) + 4;

    if (zoom >= styles::kProductMinZoom) {
        heading(pen.say("Sản phẩm", "Products"));
        for (auto const& entry : legend.at("stars")) {
            pen.disc(x, y, text(entry.at("colour")), text(entry.at("colour")), text(entry.at("figure")), text(entry.at("text_colour")));
            y += label(entry, x, width);
        }
        auto const& cluster = legend.at("cluster");
        pen.disc(x, y, text(cluster.at("colour")), text(cluster.at("text_colour")), "12", text(cluster.at("text_colour")));
        y += label(cluster, x, width) + 4;
    }
    if (zoom >= styles::kZoneMinZoom) {
        heading(pen.say(legend.at("zones").at("title")));
        bool is_right = false;
        for (auto const& entry : legend.at("zones").at("crops")) {
            double const left = is_right ? x + width / 2 : x;
            pen.sprite(left, y, sprites / (text(entry.at("pattern")) + "@2x.png"), true, text(entry.at("colour")));
            auto const height = label(entry, left, width / 2);
            if (is_right) y += height;
            is_right = !is_right;
        }
        y += (is_right ? kRow_pt : 0) + 4;
    }
    heading(pen.say("Đường và điểm", "Lines and points"));
    for (auto const& entry : legend.at("lines")) {
        pen.line(x, y + 5.5, x + 16, y + 5.5, text(entry.at("colour")), entry.at("width_px").get<double>() * 0.79, entry.at("dashed").get<bool>());
        y += label(entry, x, width);
    }
    if (zoom >= styles::kPlaceMinZoom) {
        for (auto const& entry : legend.at("points")) {
            pen.sprite(x, y, sprites / (text(entry.at("icon")) + "@2x.png"), false);
            y += label(entry, x, width);
        }
    }
    return y;
}

/// A bar of 1, 2 or 5 times a power of ten, 15 to 37 mm long, in four parts.
void draw_scale(Pen const& pen, double x, double y, double scale_denominator) {
    double length_m = 1;
    for (int i = 0; length_m * 1000 / scale_denominator < 15; ++i) length_m *= i % 3 == 1 ? 2.5 : 2;  // 1, 2, 5, 10 …
    double const length = length_m * 1000 / scale_denominator * kPt;
    for (int part = 0; part < 4; ++part) {
        pen.colour(part % 2 == 0 ? kInk : "#FFFFFF");
        cairo_rectangle(pen.page(), x + length * part / 4, y, length / 4, 3.5);
        cairo_fill(pen.page());
    }
    pen.frame(x, y, length, 3.5, 0.5);
    bool const in_km = length_m >= 1000;
    auto const figure = [&](double metres) {
        auto out = in_km ? fmt::format("{:g}", metres / 1000) : fmt::format("{:g}", metres);
        if (auto const point = out.find('.'); point != std::string::npos && pen.lang() != "en") out[point] = ',';
        return out;
    };
    pen.text(x - 20, y + 4.5, "0", 7, false, 40, Pen::Align::centre);
    pen.text(x + length / 2 - 20, y + 4.5, figure(length_m / 2), 7, false, 40, Pen::Align::centre);
    pen.text(x + length - 20, y + 4.5, figure(length_m) + (in_km ? " km" : " m"), 7, false, 40, Pen::Align::centre);
}

/// Points along the grid of the map.
void draw_north(Pen const& pen, double x, double y) {
    auto* const page = pen.page();
    pen.colour(kInk);
    cairo_move_to(page, x, y), cairo_line_to(page, x + 6, y + 22), cairo_line_to(page, x, y + 17), cairo_close_path(page), cairo_fill(page);
    cairo_move_to(page, x, y), cairo_line_to(page, x - 6, y + 22), cairo_line_to(page, x, y + 17), cairo_close_path(page);
    cairo_set_line_width(page, 0.6), cairo_stroke(page);
    pen.text(x - 10, y - 12, pen.say("B", "N"), 9, true, 20, Pen::Align::centre);
}

std::string day_text(std::string const& iso, std::string_view lang) {
    auto const day = gis_core::Date::parse(iso);
    return !day ? std::string{} : lang == "en" ? day->iso() : day->vietnamese();
}

}  // namespace

std::string grouped(long number, std::string_view lang) {
    auto out = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3) out.insert(static_cast<std::size_t>(at), lang == "en" ? "," : ".");
    return out;
}

SheetSize SheetLayout::paper() const {
    double const shorter = is_a3 ? 297 : 210, longer = is_a3 ? 420 : 297;
    return is_portrait ? SheetSize{shorter, longer} : SheetSize{longer, shorter};
}

SheetSize SheetLayout::map_size() const {
    auto const [width, height] = paper();
    return {width - 2 * kMargin_mm - kLegend_mm - kGap_mm, height - 2 * kMargin_mm - kHead_mm - kFoot_mm};
}

std::string draw_sheet(SheetLayout const& layout, SheetOrder const& order, Json const& legend, std::filesystem::path const& styles_dir, double zoom,
                       double opacity, std::string const& land, std::function<void(cairo_t*)> const& draw_map) {
    auto const [paper_width, paper_height] = layout.paper();
    auto const [map_width, map_height] = layout.map_size();
    std::string out;
    Surface const surface{cairo_pdf_surface_create_for_stream(append, &out, paper_width * kPt, paper_height * kPt)};
    Context const context{cairo_create(surface.get())};
    auto* const page = context.get();
    Pen const pen{page, order.lang, kInk};
    auto const title = pen.say(legend.at("title")) + " – Bến Tre";
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, title.c_str());
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, (order.today + "T00:00:00+07:00").c_str());

    double const left = kMargin_mm * kPt, top = (kMargin_mm + kHead_mm) * kPt;
    cairo_save(page);
    cairo_rectangle(page, left, top, map_width * kPt, map_height * kPt);
    cairo_clip(page);
    cairo_translate(page, left, top);
    cairo_scale(page, 0.28 * kPt, 0.28 * kPt);
    draw_map(page);
    cairo_restore(page);
    pen.frame(left, top, map_width * kPt, map_height * kPt, 0.8);

    pen.text(left, kMargin_mm * kPt - 4, title, 15, true);
    auto const scale = "1:" + grouped(std::lround(order.scale_denominator), order.lang);
    auto const day = day_text(order.day, order.lang);
    auto const vn2000 = gis_core::crs::find_vn2000(order.crs->epsg);
    auto const grid = vn2000 ? fmt::format("{} ({})", vn2000->name, order.crs->short_name()) : order.crs->short_name();
    pen.text(left, kMargin_mm * kPt + 19, fmt::format("{} {} · {} {} · {}", pen.say("Số liệu ngày", "As of"), day, pen.say("Tỷ lệ", "Scale"), scale, grid), 9);

    double const column = left + (map_width + kGap_mm) * kPt;
    draw_legend(pen, legend, styles_dir, column, top, kLegend_mm * kPt, zoom, opacity, land);
    double const bottom = top + map_height * kPt;
    draw_north(pen, column + 10, bottom - 23);
    draw_scale(pen, column + 32, bottom - 16, order.scale_denominator);

    double y = bottom + 5;
    if (legend.contains("boundaries")) {
        auto const& note = legend.at("boundaries");
        auto words = pen.say(note.at("label")) + pen.say("; có hiệu lực từ ", "; in force from ") + day_text(note.at("valid_from"), order.lang);
        if (!note.at("valid_to").is_null()) words += pen.say(" đến trước ", " until before ") + day_text(note.at("valid_to"), order.lang);
        if (auto const source = note.at("source").get<std::string>(); !source.empty()) words += fmt::format(" ({})", source);
        y += pen.text(left, y, pen.say("Ranh giới: ", "Boundaries: ") + words + ".", 7.5, false, (paper_width - 2 * kMargin_mm) * kPt) + 1;
    }
    pen.text(left, y,
             fmt::format("{}{}{} {}.", order.sources, order.sources.empty() ? "" : " ", pen.say("In ngày", "Printed on"), day_text(order.today, order.lang)),
             7.5, false, (paper_width - 2 * kMargin_mm) * kPt);

    cairo_show_page(page);
    require(cairo_status(page));
    cairo_surface_finish(surface.get());
    require(cairo_surface_status(surface.get()));
    return out;
}

std::string draw_legend_picture(Json const& legend, std::string const& background, std::string const& ink, std::filesystem::path const& styles_dir,
                                std::string const& lang) {
    constexpr double kWidth = 240, kEdge = 8, kScale = 1.5;
    auto const draw = [&](cairo_t* page) {
        return draw_legend({page, lang, ink}, legend, styles_dir, kEdge, kEdge, kWidth - 2 * kEdge, styles::kMaxZoom, 1, background) + kEdge;
    };
    Surface const trial{cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, nullptr)};
    double const height = draw(Context{cairo_create(trial.get())}.get());
    Surface const surface{cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(kWidth * kScale), static_cast<int>(std::ceil(height * kScale)))};
    Context const context{cairo_create(surface.get())};
    Pen{context.get(), lang, ink}.colour(background);
    cairo_paint(context.get());
    cairo_scale(context.get(), kScale, kScale);
    draw(context.get());
    require(cairo_status(context.get()));
    std::string out;
    require(cairo_surface_write_to_png_stream(surface.get(), append, &out));
    return out;
}

}  // namespace tile_server
