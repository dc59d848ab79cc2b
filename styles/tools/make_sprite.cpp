// make_sprite PALETTE OUT: OUT/{light,dark}[@2x].{json,png} for MapLibre, and OUT/{light,dark}/NAME[@2x].png one by one
// for Mapnik. Patterns are 16 px squares that tile without a seam, so any tile size that is a multiple of 16 px agrees
// with its neighbour.
#include "styles/palette.hpp"

#include "gis_core/error.hpp"
#include "gis_core/json.hpp"

#include <cairo.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

namespace {

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
using Context = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;

constexpr double kTile = 16;  // side of a pattern, px

void set_colour(cairo_t* c, std::string const& hex, double alpha = 1) {
    auto const part = [&](std::size_t at) { return std::stoi(hex.substr(at, 2), nullptr, 16) / 255.0; };
    cairo_set_source_rgba(c, part(1), part(3), part(5), alpha);
}

/// Draws nine times, shifted by one tile each way: what leaves the square on one side comes in on the other.
void wrapped(cairo_t* c, std::function<void()> const& draw) {
    for (int dx = -1; dx <= 1; ++dx) {
        for (int dy = -1; dy <= 1; ++dy) {
            cairo_save(c);
            cairo_translate(c, dx * kTile, dy * kTile);
            draw();
            cairo_restore(c);
        }
    }
}

void path_line(cairo_t* c, std::initializer_list<std::pair<double, double>> points) {
    bool is_first = true;
    for (auto const& [x, y] : points) {
        is_first ? cairo_move_to(c, x, y) : cairo_line_to(c, x, y);
        is_first = false;
    }
}

void circle(cairo_t* c, double x, double y, double r) {
    cairo_new_sub_path(c);
    cairo_arc(c, x, y, r, 0, 2 * std::numbers::pi);
}

void draw_pattern(cairo_t* c, std::string const& pattern) {
    cairo_set_line_width(c, 1.2);
    cairo_set_line_cap(c, CAIRO_LINE_CAP_ROUND);
    if (pattern == "dots") {
        circle(c, 4, 4, 1.6), circle(c, 12, 12, 1.6);
        cairo_fill(c);
    } else if (pattern == "rings") {
        circle(c, 4, 4, 2.4), circle(c, 12, 12, 2.4);
        cairo_stroke(c);
    } else if (pattern == "diagonal") {
        path_line(c, {{0, 16}, {16, 0}}), path_line(c, {{0, 8}, {8, 0}}), path_line(c, {{8, 16}, {16, 8}});
        cairo_stroke(c);
    } else if (pattern == "back_diagonal") {
        path_line(c, {{0, 0}, {16, 16}}), path_line(c, {{0, 8}, {8, 16}}), path_line(c, {{8, 0}, {16, 8}});
        cairo_stroke(c);
    } else if (pattern == "cross") {
        path_line(c, {{2, 2}, {6, 6}}), path_line(c, {{6, 2}, {2, 6}});
        path_line(c, {{10, 10}, {14, 14}}), path_line(c, {{14, 10}, {10, 14}});
        cairo_stroke(c);
    } else if (pattern == "plus") {
        path_line(c, {{4, 1.5}, {4, 6.5}}), path_line(c, {{1.5, 4}, {6.5, 4}});
        path_line(c, {{12, 9.5}, {12, 14.5}}), path_line(c, {{9.5, 12}, {14.5, 12}});
        cairo_stroke(c);
    } else if (pattern == "grid") {
        path_line(c, {{0, 4}, {16, 4}}), path_line(c, {{0, 12}, {16, 12}});
        path_line(c, {{4, 0}, {4, 16}}), path_line(c, {{12, 0}, {12, 16}});
        cairo_stroke(c);
    } else if (pattern == "dashes") {
        path_line(c, {{1.5, 4}, {6.5, 4}}), path_line(c, {{9.5, 12}, {14.5, 12}});
        cairo_stroke(c);
    } else if (pattern == "squares") {
        cairo_rectangle(c, 2, 2, 4, 4), cairo_rectangle(c, 10, 10, 4, 4);
        cairo_stroke(c);
    } else if (pattern == "flowers") {
        for (auto const& [x, y] : {std::pair{4.0, 4.0}, {12.0, 12.0}}) {
            for (auto const& [dx, dy] : {std::pair{-1.8, 0.0}, {1.8, 0.0}, {0.0, -1.8}, {0.0, 1.8}}) circle(c, x + dx, y + dy, 1);
        }
        cairo_fill(c);
    } else if (pattern == "ticks") {
        path_line(c, {{4, 1.5}, {4, 6.5}}), path_line(c, {{12, 9.5}, {12, 14.5}});
        cairo_stroke(c);
    } else if (pattern == "chevrons") {
        path_line(c, {{1, 6}, {4, 2.5}, {7, 6}}), path_line(c, {{9, 14}, {12, 10.5}, {15, 14}});
        cairo_stroke(c);
    } else if (pattern == "waves") {
        for (double const y : {4.0, 12.0}) {
            cairo_move_to(c, 0, y);
            cairo_curve_to(c, 3, y - 4, 5, y - 4, 8, y);
            cairo_curve_to(c, 11, y + 4, 13, y + 4, 16, y);
        }
        cairo_stroke(c);
    } else {
        throw gis_core::Error{gis_core::ErrorKind::internal, "the palette names an unknown pattern: " + pattern};
    }
}

struct Icon {
    std::string name;
    double width, height;
    std::function<void(cairo_t*)> draw;
};

/// A round plate with a white sign on it.
Icon plate(std::string name, std::string fill, std::string line, std::function<void(cairo_t*)> sign) {
    return {std::move(name), 16, 16, [fill = std::move(fill), line = std::move(line), sign = std::move(sign)](cairo_t* c) {
                cairo_scale(c, 0.8, 0.8);  // signs are drawn on 20 units
                circle(c, 10, 10, 9);
                set_colour(c, fill);
                cairo_fill_preserve(c);
                set_colour(c, line);
                cairo_set_line_width(c, 1.5);
                cairo_stroke(c);
                cairo_set_line_cap(c, CAIRO_LINE_CAP_ROUND);
                cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
                cairo_set_source_rgb(c, 1, 1, 1);
                sign(c);
            }};
}

std::vector<Icon> icons_of(styles::Palette const& palette, bool is_dark) {
    auto const& theme = is_dark ? palette.dark : palette.light;
    std::vector<Icon> icons;
    icons.push_back({"no-data", kTile, kTile, [&theme](cairo_t* c) {
                         set_colour(c, theme.colour("no_data"));
                         cairo_paint(c);
                         set_colour(c, theme.colour("no_data_line"), 0.6);
                         wrapped(c, [c] { draw_pattern(c, "diagonal"); });
                     }});
    for (auto const& crop : palette.crops) {
        icons.push_back({"crop-" + crop.code, kTile, kTile, [colour = crop.colour(is_dark), pattern = crop.pattern](cairo_t* c) {
                             set_colour(c, colour, 0.10);
                             cairo_paint(c);
                             set_colour(c, colour, 0.75);
                             wrapped(c, [c, &pattern] { draw_pattern(c, pattern); });
                         }});
    }
    icons.push_back(plate("producer", theme.colour("producer"), theme.colour("marker_line"), [](cairo_t* c) {  // a house
        path_line(c, {{5.6, 10.2}, {10, 6.2}, {14.4, 10.2}});
        cairo_set_line_width(c, 1.6);
        cairo_stroke(c);
        cairo_rectangle(c, 7.2, 10, 5.6, 4);
        cairo_fill(c);
    }));
    icons.push_back(plate("sales-point", theme.colour("sales_point"), theme.colour("marker_line"), [](cairo_t* c) {  // a basket
        cairo_arc(c, 10, 9.4, 2.8, std::numbers::pi, 2 * std::numbers::pi);
        cairo_set_line_width(c, 1.5);
        cairo_stroke(c);
        path_line(c, {{5.6, 9.4}, {14.4, 9.4}, {13, 14}, {7, 14}});
        cairo_close_path(c);
        cairo_fill(c);
    }));
    return icons;
}

void write_png(cairo_surface_t* surface, std::filesystem::path const& file) {
    if (cairo_surface_write_to_png(surface, file.c_str()) != CAIRO_STATUS_SUCCESS) {
        throw gis_core::Error{gis_core::ErrorKind::internal, "cannot write " + file.string()};
    }
}

void make_sheet(std::vector<Icon> const& icons, std::filesystem::path const& out, std::string const& theme, int scale) {
    std::string const suffix = scale == 2 ? "@2x" : "";
    double width = 0, height = 0;
    for (auto const& icon : icons) {
        width += icon.width;
        height = std::max(height, icon.height);
    }
    auto const px = [&](double length) { return static_cast<int>(std::lround(length * scale)); };
    Surface const sheet{cairo_image_surface_create(CAIRO_FORMAT_ARGB32, px(width), px(height)), cairo_surface_destroy};
    Context const on_sheet{cairo_create(sheet.get()), cairo_destroy};
    std::filesystem::create_directories(out / theme);
    gis_core::Json index = gis_core::Json::object();
    double x = 0;
    for (auto const& icon : icons) {
        Surface const own{cairo_image_surface_create(CAIRO_FORMAT_ARGB32, px(icon.width), px(icon.height)), cairo_surface_destroy};
        {
            Context const c{cairo_create(own.get()), cairo_destroy};
            cairo_scale(c.get(), scale, scale);
            icon.draw(c.get());
        }
        write_png(own.get(), out / theme / (icon.name + suffix + ".png"));
        cairo_set_source_surface(on_sheet.get(), own.get(), px(x), 0);
        cairo_paint(on_sheet.get());
        index[icon.name] = {{"x", px(x)}, {"y", 0}, {"width", px(icon.width)}, {"height", px(icon.height)}, {"pixelRatio", scale}};
        x += icon.width;
    }
    write_png(sheet.get(), out / (theme + suffix + ".png"));
    std::ofstream file{out / (theme + suffix + ".json")};
    file << gis_core::to_text(index) << '\n';
    if (!file.flush()) throw gis_core::Error{gis_core::ErrorKind::internal, "cannot write into " + out.string()};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: make_sprite PALETTE OUT\n", stderr);
        return 2;
    }
    try {
        auto const palette = styles::Palette::load(argv[1]);
        for (bool const is_dark : {false, true}) {
            auto const icons = icons_of(palette, is_dark);
            for (int const scale : {1, 2}) make_sheet(icons, argv[2], is_dark ? "dark" : "light", scale);
        }
    } catch (std::exception const& error) {
        fmt::print(stderr, "make_sprite: {}\n", error.what());
        return 1;
    }
}
