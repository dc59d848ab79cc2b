// make_glyphs OUT STACK FONT.ttf [STACK FONT.ttf]…: OUT/STACK/FIRST-LAST.pbf for the ranges that Vietnamese and English
// need: Latin and its extensions, Latin Extended Additional (ế, ợ), General Punctuation and ₫.
#include "styles/tools/sdf_glyphs.hpp"

#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

int main(int argc, char** argv) {
    if (argc < 4 || argc % 2 != 0) {
        std::fputs("usage: make_glyphs OUT STACK FONT.ttf [STACK FONT.ttf]...\n", stderr);
        return 2;
    }
    try {
        for (int i = 2; i + 1 < argc; i += 2) {
            styles::SdfFont const font{argv[i + 1]};
            auto const folder = std::filesystem::path{argv[1]} / argv[i];
            std::filesystem::create_directories(folder);
            for (std::uint32_t const first : {0U, 256U, 7680U, 8192U}) {
                std::ofstream file{folder / fmt::format("{}-{}.pbf", first, first + 255), std::ios::binary};
                file << font.range(argv[i], first);
                if (!file.flush()) throw gis_core::Error{gis_core::ErrorKind::internal, "cannot write " + folder.string()};
            }
        }
    } catch (std::exception const& error) {
        fmt::print(stderr, "make_glyphs: {}\n", error.what());
        return 1;
    }
}
