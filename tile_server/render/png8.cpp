#include "tile_server/render/png8.hpp"

#include "gis_core/error.hpp"

#include <png.h>

#include <algorithm>
#include <array>
#include <bit>
#include <queue>
#include <vector>

namespace tile_server {
namespace {

constexpr std::size_t kMostColours = 256;
constexpr int kCompression = 3;  // 6 makes a file of a map 1 % smaller and takes half as long again

int channel(std::uint32_t colour, int c) { return static_cast<int>(colour >> (8 * c) & 0xFF); }

struct Colour {
    std::uint32_t rgb;
    std::uint32_t count;
    std::uint32_t number;  // in the order of their first pixels
};

/// The colours of a picture, and for each pixel the number of its colour.
struct Histogram {
    std::vector<Colour> colours;
    std::vector<std::uint32_t> numbers;
};

Histogram count_colours(std::uint32_t const* pixels, std::size_t row_px, int width_px, int height_px) {
    auto const width = static_cast<std::size_t>(width_px), height = static_cast<std::size_t>(height_px);
    Histogram out;
    out.numbers.reserve(width * height);
    constexpr std::uint32_t kFree = 0xFFFFFFFF;
    auto const capacity = std::bit_ceil(2 * width * height);  // half full at most, so a look-up ends soon
    auto const shift = 32 - std::bit_width(capacity - 1);
    std::vector<std::uint32_t> table(capacity, kFree);
    std::uint32_t last = 0, last_number = kFree;
    for (std::size_t y = 0; y < height; ++y) {
        for (auto const *p = pixels + y * row_px, *end = p + width; p != end; ++p) {
            auto const rgb = *p & 0xFFFFFF;
            if (last_number == kFree || rgb != last) {
                std::size_t slot = (rgb * 2654435769U) >> shift;
                while (table[slot] != kFree && out.colours[table[slot]].rgb != rgb) slot = (slot + 1) & (capacity - 1);
                if (table[slot] == kFree) {
                    table[slot] = static_cast<std::uint32_t>(out.colours.size());
                    out.colours.push_back({rgb, 0, table[slot]});
                }
                last = rgb;
                last_number = table[slot];
            }
            ++out.colours[last_number].count;
            out.numbers.push_back(last_number);
        }
    }
    return out;
}

/// Some colours that share one entry of the palette.
struct Box {
    std::size_t first, last;  // in the list of colours
    int axis = 0;             // the channel in which they differ most
    double spread = 0;        // how much they differ there: pixels times squared distance from their mean

    Box(std::vector<Colour> const& colours, std::size_t from, std::size_t to) : first{from}, last{to} {
        for (int c = 0; c < 3; ++c) {
            double n = 0, sum = 0, squares = 0;
            for (auto i = first; i < last; ++i) {
                double const v = channel(colours[i].rgb, c), count = colours[i].count;
                n += count;
                sum += count * v;
                squares += count * v * v;
            }
            if (double const s = squares - sum * sum / n; s > spread) spread = s, axis = c;
        }
    }
    bool operator<(Box const& other) const { return spread < other.spread; }
};

/// Where to cut: at the mean of the axis, so that a large plain colour comes apart from the others.
std::size_t cut(std::vector<Colour>& colours, Box const& box) {
    double n = 0, sum = 0;
    for (auto i = box.first; i < box.last; ++i) {
        n += colours[i].count;
        sum += double(colours[i].count) * channel(colours[i].rgb, box.axis);
    }
    double const mean = sum / n;
    auto const begin = colours.begin();
    auto const middle = std::partition(begin + static_cast<std::ptrdiff_t>(box.first), begin + static_cast<std::ptrdiff_t>(box.last),
                                       [&](Colour const& colour) { return channel(colour.rgb, box.axis) <= mean; });
    return static_cast<std::size_t>(middle - begin);
}

png_color entry_of(std::vector<Colour> const& colours, Box const& box) {
    double n = 0;
    std::array<double, 3> sum{};
    auto const* most = &colours[box.first];
    for (auto i = box.first; i < box.last; ++i) {
        auto const& colour = colours[i];
        if (colour.count > most->count) most = &colour;
        n += colour.count;
        for (int c = 0; c < 3; ++c) sum[static_cast<std::size_t>(c)] += double(colour.count) * channel(colour.rgb, c);
    }
    auto const level = [&](int c) {
        return static_cast<png_byte>(2 * most->count >= n ? channel(most->rgb, c) : static_cast<int>(sum[static_cast<std::size_t>(c)] / n + 0.5));
    };
    return {level(0), level(1), level(2)};
}

struct Palette {
    std::vector<png_color> entries;
    std::vector<png_byte> entry_of;  // by the number of a colour
};

Palette choose_palette(std::vector<Colour> colours) {
    Palette out;
    out.entry_of.resize(colours.size());
    std::priority_queue<Box> boxes;
    if (colours.size() > kMostColours) {
        boxes.emplace(colours, 0, colours.size());
        while (boxes.size() < kMostColours) {
            auto const box = boxes.top();
            boxes.pop();
            auto const middle = cut(colours, box);
            boxes.emplace(colours, box.first, middle);
            boxes.emplace(colours, middle, box.last);
        }
    } else {
        for (std::size_t i = 0; i < colours.size(); ++i) boxes.emplace(colours, i, i + 1);
    }
    for (; !boxes.empty(); boxes.pop()) {
        auto const& box = boxes.top();
        for (auto i = box.first; i < box.last; ++i) out.entry_of[colours[i].number] = static_cast<png_byte>(out.entries.size());
        out.entries.push_back(entry_of(colours, box));
    }
    return out;
}

[[noreturn]] void refuse(png_structp, png_const_charp why) {
    throw gis_core::Error{gis_core::ErrorKind::internal, std::string{"a picture cannot be encoded: "} + why};
}

}  // namespace

std::string encode_png8(std::uint32_t const* pixels, std::size_t row_px, int width_px, int height_px) {
    auto const histogram = count_colours(pixels, row_px, width_px, height_px);
    auto const palette = choose_palette(histogram.colours);
    auto const n = palette.entries.size();
    int const depth = n <= 2 ? 1 : n <= 4 ? 2 : n <= 16 ? 4 : 8;

    std::string file;
    auto* png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, refuse, nullptr);
    auto* info = png_create_info_struct(png);
    struct End {
        png_structp& png;
        png_infop& info;
        ~End() { png_destroy_write_struct(&png, &info); }
    } const end{png, info};
    png_set_write_fn(
        png, &file,
        [](png_structp p, png_bytep bytes, std::size_t length) {
            static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<char*>(bytes), length);
        },
        nullptr);
    png_set_IHDR(png, info, static_cast<png_uint_32>(width_px), static_cast<png_uint_32>(height_px), depth, PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_PLTE(png, info, palette.entries.data(), static_cast<int>(n));
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);  // neighbours in a palette are no neighbours in colour
    png_set_compression_level(png, kCompression);
    png_write_info(png, info);
    png_set_packing(png);
    std::vector<png_byte> row(static_cast<std::size_t>(width_px));
    auto number = histogram.numbers.begin();
    for (int y = 0; y < height_px; ++y) {
        for (auto& index : row) index = palette.entry_of[*number++];
        png_write_row(png, row.data());
    }
    png_write_end(png, nullptr);
    return file;
}

}  // namespace tile_server
