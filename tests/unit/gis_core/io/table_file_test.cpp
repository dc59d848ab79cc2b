#include "gis_core/io/table_file.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "gis_core/json.hpp"

#include <gdal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogr_api.h>

namespace gis_core::io {
namespace {

TableInfo info(std::string geometry_type = "Point") {
    return {"zones",
            "Vùng",
            "Có dữ liệu mẫu",
            {{"id", "id", CellType::integer},
             {"name", "Tên", CellType::text},
             {"area", "Diện tích", CellType::number},
             {"since", "Từ", CellType::date},
             {"is_demo", "Mẫu", CellType::boolean},
             {"crops", "Cây", CellType::array}},
            std::move(geometry_type),
            4326};
}

void fill(TableWriter& writer, FileFormat format) {
    auto const place = to_form(geometry_form(format), 106.375, 10.25);
    writer.add({{"1", "Dừa \"sáp\", loại 1", "12.5", "2025-07-01", "t", R"({dừa,"bưởi, cam"})"}, place});
    writer.add({{"2", std::nullopt, std::nullopt, std::nullopt, "f", std::nullopt}, std::nullopt});
    writer.finish();
}

std::string written(FileFormat format) {
    std::string text;
    auto const writer = make_text_writer(format, info(), [&](std::string_view bytes) { text += bytes; });
    fill(*writer, format);
    return text;
}

TEST(TableFileTest, CsvHasAByteOrderMarkAndQuotesAsRfc4180Says) {
    EXPECT_EQ(written(FileFormat::csv),
              "\xEF\xBB\xBFid,name,area,since,is_demo,crops,lon,lat\r\n1,\"Dừa \"\"sáp\"\", loại 1\",12.5,2025-07-01,true,\"dừa;bưởi, cam\",106.375,10.25\r\n"
              "2,,,,false,,,\r\n");
}

TEST(TableFileTest, AFormulaIsATextInCsvAndComesBack) {
    for (auto const* text : {"=HYPERLINK(\"x\")", "+84 275", "-1", "@sum", "\tx"}) {
        EXPECT_EQ(without_formula(text), std::string{"'"} + text);
        EXPECT_EQ(with_formula(without_formula(text)), text);
    }
    for (auto const* text : {"Kẹo dừa", "'tis", "", "a=b"}) {
        EXPECT_EQ(without_formula(text), text);
        EXPECT_EQ(with_formula(text), text);
    }
    std::string csv;
    auto const writer = make_text_writer(FileFormat::csv, info(), [&](std::string_view bytes) { csv += bytes; });
    writer->add({{"1", "=1+1", "-2.5", std::nullopt, "f", "{=1}"}, std::nullopt});
    writer->finish();
    EXPECT_THAT(csv, testing::HasSubstr("1,'=1+1,-2.5,,false,'=1,"));  // numbers stay numbers
}

TEST(TableFileTest, GeoJsonIsJson) {
    auto const read = parse_json(written(FileFormat::geojson), "file");
    EXPECT_EQ(read["description"], "Có dữ liệu mẫu");
    ASSERT_EQ(read["features"].size(), 2U);
    EXPECT_EQ(read["features"][0]["geometry"]["coordinates"], Json::array({106.375, 10.25}));
    EXPECT_EQ(read["features"][0]["properties"]["area"], 12.5);
    EXPECT_EQ(read["features"][0]["properties"]["crops"], Json::array({"dừa", "bưởi, cam"}));
    EXPECT_TRUE(read["features"][1]["properties"]["crops"].is_null());
    EXPECT_TRUE(read["features"][1]["geometry"].is_null());
}

struct Dataset {
    GDALDatasetH handle;
    explicit Dataset(std::filesystem::path const& path) {
        GDALAllRegister();
        handle = GDALOpenEx(path.c_str(), GDAL_OF_VECTOR, nullptr, nullptr, nullptr);
    }
    ~Dataset() {
        if (handle) GDALClose(handle);
    }
    Dataset(Dataset const&) = delete;
    Dataset& operator=(Dataset const&) = delete;
};

class TableFileFormatTest : public testing::TestWithParam<FileFormat> {};

// GDAL is the judge of what was written.
TEST_P(TableFileFormatTest, GdalReadsBackEveryCell) {
    std::filesystem::path folder;
    {
        TemporaryFile const file{std::string{"list."} + file_extension(GetParam())};
        folder = file.folder();
        auto const writer = make_file_writer(GetParam(), info(), file);
        fill(*writer, GetParam());
        EXPECT_GT(file.bytes(), 100);
        Dataset const dataset{file.path()};
        ASSERT_NE(dataset.handle, nullptr);
        auto* layer = GDALDatasetGetLayer(dataset.handle, 0);
        ASSERT_EQ(OGR_L_GetFeatureCount(layer, 1), GetParam() == FileFormat::fgb ? 1 : 2);  // no place, no FlatGeobuf
        OGR_L_ResetReading(layer);
        auto* feature = OGR_L_GetNextFeature(layer);
        ASSERT_NE(feature, nullptr);
        auto const text = [&](char const* name) { return std::string{OGR_F_GetFieldAsString(feature, OGR_F_GetFieldIndex(feature, name))}; };
        EXPECT_EQ(text("area"), "12.5");
        EXPECT_THAT(text("since"), testing::AnyOf(testing::StartsWith("2025/07/01"), "2025-07-01"));
        EXPECT_EQ(text("name"), "Dừa \"sáp\", loại 1");
        if (GetParam() == FileFormat::xlsx) EXPECT_EQ(text("crops"), "dừa;bưởi, cam");
        else EXPECT_EQ(parse_json(text("crops"), "crops"), Json::array({"dừa", "bưởi, cam"}));
        if (auto* geometry = OGR_F_GetGeometryRef(feature)) {
            EXPECT_DOUBLE_EQ(OGR_G_GetX(geometry, 0), 106.375);
            EXPECT_DOUBLE_EQ(OGR_G_GetY(geometry, 0), 10.25);
        } else {
            EXPECT_EQ(GetParam(), FileFormat::xlsx);
            EXPECT_EQ(text("lon"), "106.375");
        }
        OGR_F_Destroy(feature);
    }
    EXPECT_FALSE(std::filesystem::exists(folder)) << "nothing is left behind";
}
INSTANTIATE_TEST_SUITE_P(All, TableFileFormatTest, testing::Values(FileFormat::xlsx, FileFormat::gpkg, FileFormat::fgb, FileFormat::kml),
                         [](auto const& param) { return std::string{file_extension(param.param)}; });

TEST(TableFileTest, AQuotaEndsAFileThatGrowsTooLong) {
    TemporaryFile const file{"list.gpkg"};
    auto const writer = make_file_writer(FileFormat::gpkg, info(), file, {.rows = 3, .bytes = 1 << 30});
    auto const place = to_form(GeometryForm::wkb_hex, 106, 10);
    Record const record{{"1", "a", "1", "2025-07-01", "t", "{}"}, place};
    for (int i = 0; i < 3; ++i) writer->add(record);
    try {
        writer->add(record);
        FAIL() << "the fourth row was taken";
    } catch (Error const& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
        EXPECT_THAT(error.what(), testing::HasSubstr("at most 3 rows"));
    }
    TemporaryFile const small{"list.xlsx"};
    auto const bounded = make_file_writer(FileFormat::xlsx, info(), small, {.rows = 100'000, .bytes = 20'000});
    auto const record_xy = Record{{"1", "a long enough name to fill the file", "1", "2025-07-01", "t", "{}"}, "106 10"};
    EXPECT_THROW(
        {
            for (int i = 0; i < 100'000; ++i) bounded->add(record_xy);
        },
        Error);
}

}  // namespace
}  // namespace gis_core::io
