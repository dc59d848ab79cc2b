#include "styles/tools/sdf_glyphs.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H
#include <protozero/pbf_writer.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace styles {
namespace {

struct Point {
    double x, y;  // pixels, y up
};
struct Segment {
    Point a, b;
};

/// FreeType's outline as straight segments, fine enough for 24 px.
class Flattener {
public:
    static constexpr int kSteps = 8;
    static int move(FT_Vector const* to, void* self) {
        auto& me = *static_cast<Flattener*>(self);
        me.close();
        me.start_ = me.at_ = pixel(*to);
        return 0;
    }
    static int line(FT_Vector const* to, void* self) {
        static_cast<Flattener*>(self)->to(pixel(*to));
        return 0;
    }
    static int conic(FT_Vector const* control, FT_Vector const* to, void* self) {
        auto& me = *static_cast<Flattener*>(self);
        auto const a = me.at_, b = pixel(*control), c = pixel(*to);
        for (int i = 1; i <= kSteps; ++i) {
            double const t = double(i) / kSteps, s = 1 - t;
            me.to({s * s * a.x + 2 * s * t * b.x + t * t * c.x, s * s * a.y + 2 * s * t * b.y + t * t * c.y});
        }
        return 0;
    }
    static int cubic(FT_Vector const* c1, FT_Vector const* c2, FT_Vector const* to, void* self) {
        auto& me = *static_cast<Flattener*>(self);
        auto const a = me.at_, b = pixel(*c1), c = pixel(*c2), d = pixel(*to);
        for (int i = 1; i <= kSteps; ++i) {
            double const t = double(i) / kSteps, s = 1 - t;
            me.to({s * s * s * a.x + 3 * s * s * t * b.x + 3 * s * t * t * c.x + t * t * t * d.x,
                   s * s * s * a.y + 3 * s * s * t * b.y + 3 * s * t * t * c.y + t * t * t * d.y});
        }
        return 0;
    }
    void close() {
        if (at_.x != start_.x || at_.y != start_.y) to(start_);
    }
    std::vector<Segment> segments;

private:
    static Point pixel(FT_Vector const& v) { return {double(v.x) / 64, double(v.y) / 64}; }
    void to(Point next) {
        segments.push_back({at_, next});
        at_ = next;
    }
    Point start_{0, 0}, at_{0, 0};
};

double distance(Point p, Segment const& s) {
    double const dx = s.b.x - s.a.x, dy = s.b.y - s.a.y;
    double const length2 = dx * dx + dy * dy;
    double const t = length2 == 0 ? 0 : std::clamp(((p.x - s.a.x) * dx + (p.y - s.a.y) * dy) / length2, 0.0, 1.0);
    return std::hypot(p.x - s.a.x - t * dx, p.y - s.a.y - t * dy);
}

/// Non-zero winding, as fonts are filled: accents may overlap their letter.
bool is_inside(Point p, std::vector<Segment> const& segments) {
    int winding = 0;
    for (auto const& [a, b] : segments) {
        if ((a.y <= p.y) == (b.y <= p.y)) continue;
        if (a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x) > p.x) winding += b.y > a.y ? 1 : -1;
    }
    return winding != 0;
}

}  // namespace

struct SdfFont::Face {
    FT_Library library = nullptr;
    FT_Face face = nullptr;
    ~Face() {
        if (face) FT_Done_Face(face);
        if (library) FT_Done_FreeType(library);
    }
};

SdfFont::SdfFont(std::filesystem::path const& file) : face_{std::make_unique<Face>()} {
    if (FT_Init_FreeType(&face_->library) != 0 || FT_New_Face(face_->library, file.c_str(), 0, &face_->face) != 0 ||
        FT_Set_Pixel_Sizes(face_->face, 0, kSize_px) != 0) {
        throw gis_core::Error{gis_core::ErrorKind::internal, fmt::format("{} is no font that FreeType reads", file.string())};
    }
}
SdfFont::~SdfFont() = default;

std::string SdfFont::range(std::string_view stack, std::uint32_t first) const {
    std::string message;
    {
        protozero::pbf_writer glyphs{message};
        protozero::pbf_writer font{glyphs, 1};
        font.add_string(1, stack.data(), stack.size());
        font.add_string(2, fmt::format("{}-{}", first, first + 255));
        auto* const face = face_->face;
        auto const ascender = static_cast<std::int32_t>(std::lround(double(face->size->metrics.ascender) / 64));
        for (std::uint32_t code = first; code < first + 256; ++code) {
            auto const index = FT_Get_Char_Index(face, code);
            if (index == 0 || FT_Load_Glyph(face, index, FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP) != 0) continue;
            Flattener outline;
            FT_Outline_Funcs const functions{&Flattener::move, &Flattener::line, &Flattener::conic, &Flattener::cubic, 0, 0};
            if (FT_Outline_Decompose(&face->glyph->outline, &functions, &outline) != 0) continue;
            outline.close();

            int left = 0, top = 0, width = 0, height = 0;
            if (!outline.segments.empty()) {
                double x0 = std::numeric_limits<double>::max(), y0 = x0, x1 = -x0, y1 = -x0;
                for (auto const& [a, b] : outline.segments) {
                    x0 = std::min({x0, a.x, b.x}), x1 = std::max({x1, a.x, b.x});
                    y0 = std::min({y0, a.y, b.y}), y1 = std::max({y1, a.y, b.y});
                }
                left = static_cast<int>(std::floor(x0)), top = static_cast<int>(std::ceil(y1));
                width = static_cast<int>(std::ceil(x1)) - left, height = top - static_cast<int>(std::floor(y0));
            }
            std::string bitmap;
            if (width > 0 && height > 0) {
                for (int row = -kBuffer_px; row < height + kBuffer_px; ++row) {
                    for (int column = -kBuffer_px; column < width + kBuffer_px; ++column) {
                        Point const p{left + column + 0.5, top - row - 0.5};
                        double nearest = kRadius_px;
                        for (auto const& segment : outline.segments) nearest = std::min(nearest, distance(p, segment));
                        double const signed_px = is_inside(p, outline.segments) ? -nearest : nearest;
                        bitmap.push_back(static_cast<char>(
                            static_cast<unsigned char>(std::lround(std::clamp(255.0 - 255.0 * (signed_px / kRadius_px + kCutoff), 0.0, 255.0)))));
                    }
                }
            }
            protozero::pbf_writer glyph{font, 3};
            glyph.add_uint32(1, code);
            if (!bitmap.empty()) glyph.add_bytes(2, bitmap);
            glyph.add_uint32(3, static_cast<std::uint32_t>(width));
            glyph.add_uint32(4, static_cast<std::uint32_t>(height));
            glyph.add_sint32(5, left);
            glyph.add_sint32(6, top - ascender);
            glyph.add_uint32(7, static_cast<std::uint32_t>(std::lround(double(face->glyph->advance.x) / 64)));
        }
    }
    return message;
}

}  // namespace styles
