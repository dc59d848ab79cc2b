#include "tile_server/render/png8.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <new>
#include <queue>
#include <string_view>
#include <vector>

namespace tile_server {
namespace {

constexpr std::size_t kMostColours = 256;
constexpr int kCompression = 2;  // of libdeflate; 6 makes a file of a map 5 % smaller and takes half as long again

int channel(std::uint32_t colour, int c) { return static_cast<int>(colour >> (8 * c) & 0xFF); }

using Rgb = std::array<std::uint8_t, 3>;

struct Colour {
    std::uint32_t rgb;
    std::uint32_t count;
    std::uint32_t number;  // in the order of their first pixels
};

/// The colours of a picture, and for each pixel the number of its colour.
struct Histogram {
    std::vector<Colour> colours;
    std::vector<std::uint32_t> numbers;
    std::vector<std::uint32_t> table;  // numbers of colours by hash
};

/// The histogram is the thread's own: a tile of a metatile uses what the one before has left.
Histogram const& count_colours(std::uint32_t const* pixels, std::size_t row_px, int width_px, int height_px) {
    thread_local Histogram out;
    auto const width = static_cast<std::size_t>(width_px), height = static_cast<std::size_t>(height_px);
    constexpr std::uint32_t kFree = 0xFFFFFFFF;
    out.colours.clear();
    out.numbers.resize(width * height);
    out.table.assign(1024, kFree);
    auto shift = 32 - 10;
    auto const slot_of = [&](std::uint32_t rgb) {
        auto const mask = out.table.size() - 1;
        std::size_t slot = (rgb * 2654435769U) >> shift;
        while (out.table[slot] != kFree && out.colours[out.table[slot]].rgb != rgb) slot = (slot + 1) & mask;
        return slot;
    };
    auto* number = out.numbers.data();
    for (std::size_t y = 0; y < height; ++y) {
        for (auto const *p = pixels + y * row_px, *end = p + width; p != end;) {
            auto const rgb = *p & 0xFFFFFF;
            auto const* last = p + 1;  // of a run of that colour
            while (last != end && (*last & 0xFFFFFF) == rgb) ++last;
            auto slot = slot_of(rgb);
            if (out.table[slot] == kFree) {
                if (2 * out.colours.size() >= out.table.size()) {  // half full at most, so a look-up ends soon
                    out.table.assign(4 * out.table.size(), kFree);
                    shift -= 2;
                    for (auto const& colour : out.colours) out.table[slot_of(colour.rgb)] = colour.number;
                    slot = slot_of(rgb);
                }
                out.table[slot] = static_cast<std::uint32_t>(out.colours.size());
                out.colours.push_back({rgb, 0, out.table[slot]});
            }
            auto const run = static_cast<std::size_t>(last - p);
            out.colours[out.table[slot]].count += static_cast<std::uint32_t>(run);
            number = std::fill_n(number, run, out.table[slot]);
            p = last;
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

Rgb entry_of(std::vector<Colour> const& colours, Box const& box) {
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
        return static_cast<std::uint8_t>(2 * most->count >= n ? channel(most->rgb, c) : static_cast<int>(sum[static_cast<std::size_t>(c)] / n + 0.5));
    };
    return Rgb{level(0), level(1), level(2)};
}

struct Palette {
    std::vector<Rgb> entries;
    std::vector<std::uint8_t> entry_of;  // by the number of a colour
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
        for (auto i = box.first; i < box.last; ++i) out.entry_of[colours[i].number] = static_cast<std::uint8_t>(out.entries.size());
        out.entries.push_back(entry_of(colours, box));
    }
    return out;
}

void put(std::string& out, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

/// A chunk of PNG: length, type, data, checksum.
void add_chunk(std::string& png, std::string_view type, std::string_view data) {
    put(png, static_cast<std::uint32_t>(data.size()));
    auto const from = png.size();
    png += type;
    png += data;
    put(png, libdeflate_crc32(0, png.data() + from, png.size() - from));
}

std::string zlib(std::string const& bytes) {
    struct Free {
        void operator()(libdeflate_compressor* compressor) const noexcept { libdeflate_free_compressor(compressor); }
    };
    thread_local std::unique_ptr<libdeflate_compressor, Free> const compressor{libdeflate_alloc_compressor(kCompression)};
    if (!compressor) throw std::bad_alloc{};
    std::string out(libdeflate_zlib_compress_bound(compressor.get(), bytes.size()), '\0');
    out.resize(libdeflate_zlib_compress(compressor.get(), bytes.data(), bytes.size(), out.data(), out.size()));
    return out;
}

}  // namespace

std::string encode_png8(std::uint32_t const* pixels, std::size_t row_px, int width_px, int height_px) {
    auto const& histogram = count_colours(pixels, row_px, width_px, height_px);
    auto const palette = choose_palette(histogram.colours);
    auto const n = palette.entries.size();
    std::size_t const depth = n <= 2 ? 1 : n <= 4 ? 2 : n <= 16 ? 4 : 8;
    auto const width = static_cast<std::size_t>(width_px), height = static_cast<std::size_t>(height_px);

    // Rows of indices, each behind a 0: no filter, for neighbours in a palette are no neighbours in colour.
    auto const row_bytes = (width * depth + 7) / 8 + 1;
    std::string rows(row_bytes * height, '\0');
    for (std::size_t y = 0; y < height; ++y) {
        auto const* number = histogram.numbers.data() + y * width;
        auto* out = rows.data() + y * row_bytes + 1;
        if (depth == 8) {
            for (std::size_t x = 0; x < width; ++x) out[x] = static_cast<char>(palette.entry_of[number[x]]);
        } else {
            auto const in_byte = 8 / depth;
            for (std::size_t x = 0; x < width; ++x) {
                auto& byte = out[x / in_byte];
                byte = static_cast<char>(byte | palette.entry_of[number[x]] << (8 - depth * (x % in_byte + 1)));
            }
        }
    }
    std::string head, colours, png{"\x89PNG\r\n\x1a\n"};
    put(head, static_cast<std::uint32_t>(width_px));
    put(head, static_cast<std::uint32_t>(height_px));
    head += {static_cast<char>(depth), 3, 0, 0, 0};  // a palette; deflate; one of the filters; no interlace
    for (auto const& entry : palette.entries) colours.append(entry.begin(), entry.end());
    add_chunk(png, "IHDR", head);
    add_chunk(png, "PLTE", colours);
    add_chunk(png, "IDAT", zlib(rows));
    add_chunk(png, "IEND", {});
    return png;
}

}  // namespace tile_server
