#pragma once

#include <cairo.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace test_support {

/// Pixels of a PNG, read by Cairo.
class Png {
public:
    explicit Png(std::string const& bytes) : rest_{bytes} {
        auto const read = [](void* self, unsigned char* out, unsigned size) {
            auto& rest = static_cast<Png*>(self)->rest_;
            if (rest.size() < size) return CAIRO_STATUS_READ_ERROR;
            std::copy_n(rest.data(), size, out);
            rest.remove_prefix(size);
            return CAIRO_STATUS_SUCCESS;
        };
        surface_.reset(cairo_image_surface_create_from_png_stream(read, this));
    }
    /// Red, green, blue.
    std::array<int, 3> pixel(int x, int y) const {
        auto const* bgra = cairo_image_surface_get_data(surface_.get()) + y * cairo_image_surface_get_stride(surface_.get()) + 4 * x;
        return {bgra[2], bgra[1], bgra[0]};
    }

private:
    std::string_view rest_;
    std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface_{nullptr, cairo_surface_destroy};
};

}  // namespace test_support
