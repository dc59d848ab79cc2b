#pragma once

#include <cairo.h>

#include <string>
#include <string_view>

/// Drawings both writers have: in a PDF as paths, in a DOCX as a picture.
namespace programme::documents {

/// A five-pointed star whose points lie on a circle.
void draw_star(cairo_t* context, double centre_x, double centre_y, double radius);
/// The QR code of the text as a square, quiet zone and white ground included.
void draw_qr_code(cairo_t* context, std::string_view text, double x, double y, double size);

/// \throws Error(internal) with Cairo's words when something went wrong since `what` began.
void require_success(cairo_status_t status, char const* what);
/// For Cairo's stream functions; the closure is a std::string.
cairo_status_t append_bytes(void* closure, unsigned char const* data, unsigned length);

}  // namespace programme::documents
