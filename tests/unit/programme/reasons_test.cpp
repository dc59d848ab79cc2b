// Whatever a row of a file is refused for has Vietnamese words: each kind of field is given what it cannot be.
#include "programme/imports/reasons.hpp"

#include "gis_core/error.hpp"
#include "programme/accounts/secrets.hpp"
#include "programme/records/values.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <set>

namespace {

using gis_core::Json;
using programme::dictionary::Dictionary;
using programme::imports::in_vietnamese;

std::filesystem::path const kRoot{OCOPMAP_SOURCE_DIR};
constexpr char const* kUnknown = "giá trị mà hồ sơ nhận";

TEST(Reasons, EveryFieldGivenWhatItCannotBeSaysSoInVietnamese) {
    auto const dictionary = Dictionary::load(kRoot / "data");
    std::vector<Json> const bad{Json("\x01"), Json(""), Json(std::string(30'000, 'a')), Json("x"), Json(1.5), Json(true), Json(nullptr), Json::array({1}),
                                Json::parse(R"({"type":"Point","coordinates":[10,106]})"), Json::parse(R"({"type":"Point","coordinates":[500,500]})"),
                                Json::parse(R"({"type":"Polygon","coordinates":[[[106,10],[106.1,10],[106,10]]]})"), Json::parse(R"({"type":"Polygon","coordinates":[[[10,106],[10,107],[11,106],[10,106]]]})"),
                                Json::parse(R"({"type":"Point","coordinates":[1132000,565000],"crs":"EPSG:9210"})"), Json::parse(R"({"type":"Point","coordinates":[1,2],"crs":"EPSG:1"})")};
    std::set<std::string> reasons;
    for (auto const& entity : dictionary.entities()) {
        for (auto const* field : entity.fields) {
            if (field->is_derived || field->table != entity.table) continue;
            for (auto const& value : bad) {
                try {
                    programme::records::read_values(entity, {{field->column, value}}, "R08", false);
                } catch (gis_core::Error const& error) {
                    for (auto const& wrong : error.fields()) {
                        reasons.insert(wrong.allowed);
                        EXPECT_NE(in_vietnamese(wrong.allowed, field), kUnknown) << field->column << ": " << wrong.allowed;
                    }
                }
            }
        }
    }
    EXPECT_GT(reasons.size(), 20U);
}

// What the database refuses is put into words in one function; every one of its sentences is known.
TEST(Reasons, WhatTheRecordRefusesIsSaidInVietnamese) {
    for (auto const* reason : {"a value", "a value no other row has", "the key of a row that exists", "a value that the rule plot_area_check allows", "a file of these kinds: jpg, png",
                               "a valid geometry (OGC Simple Features)", "a number is too large for its field", "another row holds for the same time",
                               "the row would lie outside what your role may write: another producer, or another territory", "the role you act under may not do this"}) {
        EXPECT_NE(in_vietnamese(reason, nullptr), kUnknown) << reason;
        std::ifstream in{kRoot / "programme/records/records.cpp"};
        std::string const source{std::istreambuf_iterator<char>{in}, {}};
        EXPECT_NE(source.find(std::string{reason}.substr(0, 18)), std::string::npos) << reason << " is said nowhere any more";
    }
}

TEST(Reasons, NumbersAndNamesAreKept) {
    EXPECT_EQ(in_vietnamese("a code that no other row of the file has; line 12 has it", nullptr), "mã không trùng dòng nào khác trong tệp; dòng 12 đã có");
    EXPECT_EQ(in_vietnamese("the position lies outside Vietnam when read as EPSG:9210; is that the right CRS?", nullptr),
              "vị trí nằm ngoài Việt Nam nếu đọc theo EPSG:9210; hãy xem lại hệ tọa độ");
    EXPECT_EQ(in_vietnamese("something new", nullptr), kUnknown);
}

}  // namespace
