#include "programme/documents/draw.hpp"

#include "gis_core/error.hpp"
#include "programme/qr_code.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace programme::documents {

void draw_star(cairo_t* context, double centre_x, double centre_y, double radius) {
    constexpr double kInner = 0.381966;  // where the lines of a pentagram cross
    cairo_new_path(context);             // text before it leaves a point that the first line would start from
    for (int i = 0; i < 10; ++i) {
        auto const angle = std::numbers::pi * (i / 5.0 - 0.5);
        auto const r = i % 2 == 0 ? radius : radius * kInner;
        cairo_line_to(context, centre_x + r * std::cos(angle), centre_y + r * std::sin(angle));
    }
    cairo_close_path(context);
    cairo_set_source_rgb(context, 0.80, 0.58, 0.05);
    cairo_fill(context);
    cairo_set_source_rgb(context, 0, 0, 0);
}

void draw_qr_code(cairo_t* context, std::string_view text, double x, double y, double size) {
    auto const code = make_qr_code(text);
    auto const module = size / code.size;
    cairo_set_source_rgb(context, 1, 1, 1);
    cairo_rectangle(context, x, y, size, size);
    cairo_fill(context);
    cairo_set_source_rgb(context, 0, 0, 0);
    for (auto const& bar : code.bars) cairo_rectangle(context, x + bar.x * module, y + bar.y * module, bar.width * module, module);
    cairo_fill(context);
}

void require_success(cairo_status_t status, char const* what) {
    if (status != CAIRO_STATUS_SUCCESS)
        throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("{} failed: {}", what, cairo_status_to_string(status))};
}

cairo_status_t append_bytes(void* closure, unsigned char const* data, unsigned length) {
    static_cast<std::string*>(closure)->append(reinterpret_cast<char const*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

}  // namespace programme::documents
