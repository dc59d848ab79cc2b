#include "gis_core/io/upload.hpp"

#include "gis_core/error.hpp"

#include <gmock/gmock.h>
#include <zlib.h>

#include <string>
#include <vector>

namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::io::FileFormat;
using gis_core::io::recognise;

struct Entry {
    std::string name, content;
    std::size_t said = 0;  // its size as the directory has it; 0: the true one
    int flags = 0;
};

std::string little(std::size_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
    return out;
}

std::string deflated(std::string const& content) {
    z_stream stream{};
    deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, content.size()), '\0');
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<Bytef const*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

/// A ZIP by APPNOTE 6.3.
std::string zip(std::vector<Entry> const& entries) {
    std::string files, directory;
    for (auto const& entry : entries) {
        auto const packed = deflated(entry.content);
        auto const size = entry.said > 0 ? entry.said : entry.content.size();
        auto const crc = crc32(0, reinterpret_cast<Bytef const*>(entry.content.data()), static_cast<uInt>(entry.content.size()));
        auto const common = little(20, 2) + little(static_cast<std::size_t>(entry.flags), 2) + little(8, 2) + little(0, 4) + little(crc, 4) +
                            little(packed.size(), 4) + little(size, 4) + little(entry.name.size(), 2) + little(0, 2);
        directory += "PK\x01\x02" + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(files.size(), 4) + entry.name;
        files += "PK\x03\x04" + common + entry.name + packed;
    }
    auto const at = files.size();
    return files + directory + "PK\x05\x06" + little(0, 4) + little(entries.size(), 2) + little(entries.size(), 2) + little(directory.size(), 4) +
           little(at, 4) + little(0, 2);
}

ErrorKind refusal(std::string const& bytes) {
    try {
        recognise(bytes);
    } catch (Error const& error) {
        return error.kind();
    }
    ADD_FAILURE() << "taken";
    return ErrorKind::internal;
}

TEST(Upload, IsToldByItsContent) {
    EXPECT_EQ(recognise(zip({{"xl/workbook.xml", "<workbook/>"}, {"xl/worksheets/sheet1.xml", "<worksheet/>"}})), FileFormat::xlsx);
    EXPECT_EQ(recognise(std::string{"SQLite format 3\0....", 20}), FileFormat::gpkg);
    EXPECT_EQ(recognise("\xEF\xBB\xBF {\"type\": \"FeatureCollection\"}"), FileFormat::geojson);
    EXPECT_EQ(recognise("tên,giá\nkẹo,1\n"), FileFormat::csv);
    EXPECT_EQ(recognise("fgb\x03" "fgb"), FileFormat::fgb);
    EXPECT_EQ(refusal(""), ErrorKind::invalid_argument);
    EXPECT_EQ(refusal(" \n\t "), ErrorKind::invalid_argument);
    EXPECT_EQ(refusal("t\xEAn,gi\xE1\n"), ErrorKind::invalid_argument);  // windows-1258
    EXPECT_EQ(refusal("\x89PNG\r\n\x1A\n"), ErrorKind::unsupported_media);
}

TEST(Upload, AWorkbookThatLiesOrBlowsUpIsRefused) {
    Entry const book{"xl/workbook.xml", "<workbook/>"};
    EXPECT_EQ(refusal(zip({{"word/document.xml", "<document/>"}})), ErrorKind::unsupported_media);
    EXPECT_EQ(refusal(zip({{"xl/workbook.xml", "<workbook/>", 0, 1}})), ErrorKind::unsupported_media);  // locked by a password
    // 40 MB of zeros are 40 KB; four of them are too much, whatever each says of itself.
    Entry const zeros{"xl/worksheets/sheet1.xml", std::string(40 << 20, '\0')};
    EXPECT_EQ(refusal(zip({book, zeros, zeros, zeros, zeros})), ErrorKind::payload_too_large);
    auto liar = zeros;
    liar.said = 100;
    EXPECT_EQ(refusal(zip({book, liar})), ErrorKind::invalid_argument);
    liar.said = 41 << 20;
    EXPECT_EQ(refusal(zip({book, liar})), ErrorKind::invalid_argument);
    for (auto const* name : {"../../etc/passwd", "/etc/passwd", "xl\\..\\x", "C:x"}) EXPECT_EQ(refusal(zip({book, {name, "x"}})), ErrorKind::invalid_argument) << name;
    EXPECT_EQ(refusal(zip(std::vector<Entry>(2001, book))), ErrorKind::payload_too_large);
    // Cut anywhere it is damaged, and nothing worse.
    auto const whole = zip({book, {"xl/worksheets/sheet1.xml", "<worksheet/>"}});
    for (std::size_t size = 4; size < whole.size(); ++size) EXPECT_EQ(refusal(whole.substr(0, size)), ErrorKind::invalid_argument) << size;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto bent = whole;
        bent[at] = static_cast<char>(bent[at] ^ 0xFF);
        try {
            recognise(bent);
        } catch (Error const&) {}
    }
}

}  // namespace
