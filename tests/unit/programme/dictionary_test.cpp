#include "programme/dictionary/dictionary.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "gis_core/json.hpp"
#include "programme/dictionary/template.hpp"
#include "tests/support/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace {

using programme::dictionary::Dictionary;
using testing::HasSubstr;
namespace fs = std::filesystem;

fs::path const kRoot = OCOPMAP_SOURCE_DIR;

Dictionary const& dictionary() {
    static auto const loaded = Dictionary::load(kRoot / "data");
    return loaded;
}

constexpr char const* kHead = "field,group,table,column,label_vi,label_en,type,unit,list,visibility,personal,source,note,required\n";
constexpr char const* kLists = "list,code,label_vi,label_en\nstate,on,Bật,On\nstate,off,Tắt,Off\n";
constexpr char const* kEntities = R"([[group]]
number = 1
title = { vi = "Một", en = "One" }
[[entity]]
id = "things"
table = "geo.thing"
key = "thing_key"
group = 1
title = { vi = "Vật", en = "Things" }
label = "name"
scope = "unit"
)";
constexpr char const* kGood =
    "1,1,geo.thing,name,Tên,Name,text,,,public,none,proposal,,yes\n2,1,geo.thing,state,Tình trạng,State,enum,,state,public,none,proposal,,\n";

std::string refusal(std::string const& fields, std::string const& lists = kLists, std::string const& entities = kEntities) {
    try {
        Dictionary::parse(kHead + fields, lists, entities);
    } catch (gis_core::Error const& error) {
        EXPECT_EQ(error.kind(), gis_core::ErrorKind::invalid_argument);
        return error.what();
    }
    return "accepted";
}

std::string replaced(std::string text, std::string const& what, std::string const& by) {
    auto const at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), by);
}

TEST(DictionaryTest, SaysWhereAMistakeStandsAndWhatIsAllowed) {
    EXPECT_EQ(refusal(kGood), "accepted");
    auto const fields = [](char const* what, char const* by) { return refusal(replaced(kGood, what, by)); };
    EXPECT_EQ(fields("Name,text", "Name,string"),
              "dictionary.csv:2: type is 'string', must be one of text, integer, decimal, boolean, date, timestamp, enum, file, point, multipolygon");
    EXPECT_EQ(fields("enum,,state", "enum,,status"), "dictionary.csv:3: list is 'status', must be a list of code_lists.csv, since type is enum");
    EXPECT_EQ(fields("text,,,", "text,,state,"), "dictionary.csv:2: list is 'state', must be empty, since type is not enum");
    EXPECT_EQ(fields("2,1,", "3,1,"), "dictionary.csv:3: field is '3', must be 2: fields are numbered without a gap");
    EXPECT_EQ(fields("1,1,geo.thing", "1,2,geo.thing"), "dictionary.csv:2: group is '2', must be 1, the group of things");
    EXPECT_THAT(fields("geo.thing,name", "geo.other,name"), HasSubstr("dictionary.csv:2: table is 'geo.other', must be the table or view of an entity"));
    EXPECT_THAT(fields("geo.thing,state", "geo.thing,name"),
                HasSubstr("dictionary.csv:3: column is 'name', must be a column that its table does not have yet"));
    EXPECT_THAT(fields("geo.thing,state", "geo.thing,\"state; DROP\""), HasSubstr("dictionary.csv:3: column is 'state; DROP'"));
    EXPECT_THAT(fields("Tình trạng", "Tên"), HasSubstr("dictionary.csv:3: label_vi is 'Tên'"));
    EXPECT_THAT(fields("public,none", "everyone,none"), HasSubstr("visibility is 'everyone', must be one of public, producer, official, restricted"));
    EXPECT_THAT(fields("public,none", "public,sensitive"), HasSubstr("personal is 'sensitive', must be none or personal, unless visibility is restricted"));
    EXPECT_THAT(fields("proposal,,yes", ",,yes"), HasSubstr("dictionary.csv:2: source is ''"));
    EXPECT_THAT(fields("proposal,,yes", "proposal,,no"), HasSubstr("dictionary.csv:2: required is 'no', must be yes or empty"));
    EXPECT_THAT(fields("T\u00ean", "Te\u0302n"), HasSubstr("dictionary.csv:2: label_vi"));  // decomposed

    auto const lists = [](char const* what, char const* by) { return refusal(kGood, replaced(kLists, what, by)); };
    EXPECT_THAT(lists("state,off", "state,on"), HasSubstr("code_lists.csv:3: code is 'on', must be a code that its list does not have yet"));
    EXPECT_THAT(lists("Tắt", "Bật"), HasSubstr("code_lists.csv:3: label_vi is 'Bật'"));

    auto const entities = [](char const* what, char const* by) { return refusal(kGood, kLists, replaced(kEntities, what, by)); };
    EXPECT_THAT(entities("scope = \"unit\"", "scope = \"village\""),
                HasSubstr("entities.toml:11:9: scope is village, must be one of producer, unit, programme"));
    EXPECT_THAT(entities("key = ", "keys = "), HasSubstr("unknown key keys, known are dated, derived, group, id, key"));
    EXPECT_THAT(entities("label = \"name\"\n", ""), HasSubstr("label is missing"));
    EXPECT_THAT(entities("group = 1", "group = 2"), HasSubstr("entities.toml:8:9: group is 2, must be the number of a [[group]]"));
    EXPECT_THAT(entities("geo.thing", "geo.thing\\\"; --"), HasSubstr("must be schema.table in lower case"));
}

/// 359 fields of the programme's dictionary in six groups, none lost: counted in the file, not by the reader.
TEST(DictionaryTest, HasEveryFieldOfTheProgramme) {
    auto const rows = gis_core::io::read_csv(kRoot / "data/dictionary.csv");
    std::map<std::string, int> by_group;
    std::set<int> numbers;
    for (auto const& row : rows.rows) {
        auto const number = std::stoi(rows.at(row, "field"));
        EXPECT_TRUE(numbers.insert(number).second) << number;
        if (number <= 359) ++by_group[rows.at(row, "group")];
    }
    EXPECT_EQ(by_group, (std::map<std::string, int>{{"1", 46}, {"2", 60}, {"3", 61}, {"4", 60}, {"5", 76}, {"6", 56}}));
    EXPECT_EQ(*numbers.rbegin(), static_cast<int>(numbers.size()));
    EXPECT_EQ(dictionary().fields().size(), numbers.size());
    for (auto const& field : dictionary().fields()) {  // what the law protects is never in a table of ordinary fields
        if (field.personal != programme::dictionary::Personal::sensitive) continue;
        EXPECT_TRUE(field.table == "ocop.representative_private" || field.table == "ocop.insured_worker") << field.number;
    }
}

TEST(DictionaryTest, TheReferencePageIsUpToDate) {
    std::ifstream in{kRoot / "docs/reference/dictionary.md"};
    std::string const page{std::istreambuf_iterator<char>{in}, {}};
    EXPECT_EQ(page, programme::dictionary::reference_page(dictionary())) << "run: ocopmap dictionary docs";
}

class Folder {
public:
    Folder() : path{fs::temp_directory_path() / ("ocopmap-dictionary-" + std::to_string(getpid()))} { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
    fs::path path;
};

/// A second implementation of JSON Schema judges the schemas, and rows by them.
TEST(DictionaryTest, SchemasJudgeRows) {
    Folder const folder;
    for (auto const& entity : dictionary().entities())
        std::ofstream{folder.path / (entity.id + ".json")} << programme::dictionary::json_schema(dictionary(), entity.id);
    std::ofstream{folder.path / "judge.py"} << R"(
import json, pathlib, sys
from jsonschema import Draft202012Validator
folder = pathlib.Path(sys.argv[1])
schemas = {f.stem: json.loads(f.read_text()) for f in folder.glob('*.json')}
for schema in schemas.values(): Draft202012Validator.check_schema(schema)
rows = [
 ('products', True, {'name': 'Kẹo dừa', 'registered_on': '2026-01-02', 'producer_key': 1, 'retail_price_vnd': 35000.5, 'packaging_eco': True, 'publish_status': 'draft'}),
 ('products', True, {'name': 'Kẹo dừa', 'registered_on': '2026-01-02', 'processing_level': None, 'net_content': None}),
 ('products', False, {'registered_on': '2026-01-02'}),
 ('products', False, {'name': '', 'registered_on': '2026-01-02'}),
 ('products', False, {'name': 'Kẹo', 'registered_on': '02/01/2026'}),
 ('products', False, {'name': 'Kẹo', 'registered_on': '2026-01-02', 'publish_status': 'secret'}),
 ('products', False, {'name': 'Kẹo', 'registered_on': '2026-01-02', 'price': 1}),
 ('products', False, {'name': 'Kẹo', 'registered_on': '2026-01-02', 'shelf_life_days': 1.5}),
 ('products', False, {'name': 'Kẹo', 'registered_on': '2026-01-02', 'label_file': 'label.pdf'}),
 ('sales-points', True, {'name': 'Chợ', 'kind': 'market', 'opened_on': '2025-01-01', 'geom': {'type': 'Point', 'coordinates': [106.37, 10.24]}}),
 ('sales-points', False, {'name': 'Chợ', 'kind': 'market', 'opened_on': '2025-01-01', 'geom': {'type': 'Point', 'coordinates': [10.24, 106.37]}}),
 ('sales-points', False, {'name': 'Chợ', 'kind': 'market', 'opened_on': '2025-01-01', 'geom': None}),
 ('plots', True, {'plot_code': 'A', 'plot_geom': {'type': 'MultiPolygon', 'coordinates': [[[[106, 10], [107, 10], [107, 11], [106, 10]]]]}}),
 ('plots', False, {'plot_code': 'A', 'plot_geom': {'type': 'Polygon', 'coordinates': [[[106, 10], [107, 10], [107, 11], [106, 10]]]}}),
]
for entity, good, row in rows:
    assert Draft202012Validator(schemas[entity]).is_valid(row) == good, (entity, row)
print(len(schemas), 'schemas', len(rows), 'rows')
)";
    auto const judged = test_support::run({"/usr/bin/python3", (folder.path / "judge.py").string(), folder.path.string()});
    EXPECT_EQ(judged.exit_code, 0) << judged.output;
    EXPECT_THAT(judged.output, HasSubstr(std::to_string(dictionary().entities().size()) + " schemas 14 rows"));
}

/// Read back by other programs: GDAL reads the headings, and every list, number and date has its rule in the XML.
TEST(DictionaryTest, TemplatesHeadCheckAndExplain) {
    Folder const folder;
    auto const file = (folder.path / "a.xlsx").string();
    for (auto const& entity : dictionary().entities()) ASSERT_NO_THROW(programme::dictionary::write_template(dictionary(), entity.id, file)) << entity.id;
    programme::dictionary::write_template(dictionary(), "facilities", file);
    std::ofstream{folder.path / "read.py"} << R"(
import re, sys, zipfile
from xml.etree import ElementTree
ns = {'m': 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'}
z = zipfile.ZipFile(sys.argv[1])
texts = [''.join(t.text or '' for t in s.iter('{%s}t' % ns['m'])) for s in ElementTree.fromstring(z.read('xl/sharedStrings.xml'))]
sheets = [s.get('name') for s in ElementTree.fromstring(z.read('xl/workbook.xml')).find('m:sheets', ns)]
sheet = ElementTree.fromstring(z.read('xl/worksheets/sheet1.xml'))
head = [texts[int(c.find('m:v', ns).text)] for c in sheet.find('m:sheetData', ns)[0]]
rules = {v.get('sqref'): (v.get('type'), v.find('m:formula1', ns).text) for v in sheet.iter('{%s}dataValidation' % ns['m'])}
pane = next(sheet.iter('{%s}pane' % ns['m']))
lists = ElementTree.fromstring(z.read('xl/worksheets/sheet3.xml'))
values = [texts[int(c.find('m:v', ns).text)] for c in lists.iter('{%s}c' % ns['m']) if c.get('r')[0] == 'A']
print('|'.join(sheets)); print('|'.join(head)); print(sorted(rules.items())); print(pane.get('state'), pane.get('ySplit')); print('|'.join(values))
)";
    auto const read = test_support::run({"python3", (folder.path / "read.py").string(), file});
    ASSERT_EQ(read.exit_code, 0) << read.output;
    EXPECT_THAT(read.output, HasSubstr("Cơ sở sản xuất|Giải thích|Danh mục\n"));
    EXPECT_THAT(
        read.output,
        HasSubstr("Mã dòng|Mã dòng: Chủ thể OCOP|Tên cơ sở sản xuất|Chức năng|Mã xã/phường cơ sở|Vị trí cơ sở: kinh độ|Vị trí cơ sở: vĩ độ|Công suất|"));
    EXPECT_THAT(read.output, HasSubstr("('D2:D10001', ('list', \"'Danh mục'!$A$2:$A$6\"))"));
    EXPECT_THAT(read.output, HasSubstr("('F2:F10001', ('decimal', '-180'))"));
    EXPECT_THAT(read.output, HasSubstr("('K2:K10001', ('date', '1'))"));
    EXPECT_THAT(read.output, HasSubstr("frozen 1\n"));
    EXPECT_THAT(read.output, HasSubstr("facility_role|Sơ chế|Chế biến|Đóng gói|Kho|Dịch vụ\n"));
    auto const gdal = test_support::run({"ogr2ogr", "-f", "CSV", "/vsistdout/", file, "Giải thích"});
    EXPECT_THAT(gdal.output, HasSubstr("Ngày hết hạn GCN ATTP,Food-safety certificate expiry,"));
    EXPECT_THAT(gdal.output, HasSubstr("Sơ chế; Chế biến; Đóng gói; Kho; Dịch vụ"));
    try {
        programme::dictionary::write_template(dictionary(), "planets", file);
        FAIL();
    } catch (gis_core::Error const& error) {
        EXPECT_EQ(error.kind(), gis_core::ErrorKind::not_found);
        EXPECT_THAT(error.what(), HasSubstr("there is no entity planets; the entities are units, unit-changes"));
    }
}

}  // namespace
