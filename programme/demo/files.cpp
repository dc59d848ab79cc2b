#include "programme/demo/files.hpp"

#include "gis_core/error.hpp"
#include "programme/files/files.hpp"

#include <fmt/format.h>
#include <gdal_priv.h>
#include <vips/vips8>
#include <pqxx/pqxx>

#include <memory>

namespace programme::demo {
namespace {

namespace fs = std::filesystem;
using vips::VImage;

constexpr int kPictures = 6, kDocuments = 2;

/// Sky and field, and what it is; taken at a place and time that are invented, so that the evidence shows.
void draw(int number, fs::path const& to) {
    std::vector<double> const sky{150.0 + 10 * number, 200, 235}, field{60, 140.0 + 12 * number, 80};
    auto picture = VImage::black(640, 480, VImage::option()->set("bands", 3)).new_from_image(sky).cast(VIPS_FORMAT_UCHAR).copy_memory();
    picture.draw_rect(field, 0, 300, 640, 180, VImage::option()->set("fill", true));
    picture.draw_circle({250, 220, 120}, 520 - 40 * number, 110, 50, VImage::option()->set("fill", true));
    auto const words = VImage::text(fmt::format("Ảnh mẫu {}\nkhông có thật", number + 1).c_str(), VImage::option()->set("font", "Noto Sans 36")->set("align", VIPS_ALIGN_CENTRE));
    picture = words.embed((640 - words.width()) / 2, 330, 640, 480).ifthenelse(std::vector<double>{255, 255, 255}, picture);
    picture = picture.copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
    picture.set("exif-ifd2-DateTimeOriginal", fmt::format("2026:03:{:02} 08:30:00", 2 + number).c_str());
    picture.set("exif-ifd3-GPSLatitudeRef", "N");
    picture.set("exif-ifd3-GPSLatitude", fmt::format("10/1 {}/1 0/1", 10 + number).c_str());
    picture.set("exif-ifd3-GPSLongitudeRef", "E");
    picture.set("exif-ifd3-GPSLongitude", fmt::format("106/1 {}/1 0/1", 20 + number).c_str());
    picture.write_to_file((to.string() + ".jpg").c_str());
    fs::rename(to.string() + ".jpg", to);
}

void print(fs::path const& picture, fs::path const& to) {
    GDALAllRegister();
    auto* const driver = GetGDALDriverManager()->GetDriverByName("PDF");
    std::unique_ptr<GDALDataset> const from{GDALDataset::Open(picture.c_str(), GDAL_OF_RASTER)};
    if (driver == nullptr || !from) throw gis_core::Error{gis_core::ErrorKind::internal, "GDAL cannot make a PDF of the demo"};
    std::unique_ptr<GDALDataset> const made{driver->CreateCopy(to.c_str(), from.get(), false, nullptr, nullptr, nullptr)};
    if (!made) throw gis_core::Error{gis_core::ErrorKind::internal, "GDAL cannot make a PDF of the demo"};
}

}  // namespace

void load_files(pqxx::transaction_base& tx, files::Config const& config) {
    if (config.place.empty()) return;
    if (VIPS_INIT("ocopmap") != 0) throw gis_core::Error{gis_core::ErrorKind::internal, "libvips does not start"};
    auto const store = files::open_store(config.place);
    auto const folder = files::incoming_folder(config);
    auto const keep = [&](char const* kind, int number, files::Incoming const& file) {
        tx.exec_params("INSERT INTO demo_file VALUES ($1, $2, $3)", kind, number, files::keep_for_nobody(tx, *store, config, file.path()));
    };
    auto const name = [&](char const* kind, int number) { return files::Incoming{folder / fmt::format("demo-{}-{}-{}", ::getpid(), kind, number)}; };
    for (int i = 0; i < kPictures; ++i) {
        auto const picture = name("picture", i);
        draw(i, picture.path());
        if (i < kDocuments) {
            auto const document = name("document", i);
            print(picture.path(), document.path());
            keep("document", i, document);
        }
        keep("picture", i, picture);
    }
}

}  // namespace programme::demo
