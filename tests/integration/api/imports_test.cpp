// Imports of many rows, through the routes and the worker's runner, by people of different roles.
#include "gis_core/io/table_file.hpp"
#include "programme/access/access.hpp"
#include "programme/dictionary/template.hpp"
#include "programme/imports/runner.hpp"
#include "tests/integration/api/people.hpp"
#include "tests/support/process.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <xlsxwriter.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace {

using gis_core::Json;
using testing::HasSubstr;
using testing::Not;

constexpr char kKey[] = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";  // the one of test_support::Api

std::string bytes_of(std::filesystem::path const& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// A workbook of texts: the first row names the columns.
std::string workbook(std::vector<std::vector<std::string>> const& rows) {
    gis_core::io::TemporaryFile const file{"rows.xlsx"};
    auto* book = workbook_new(file.path().c_str());
    auto* sheet = workbook_add_worksheet(book, nullptr);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (std::size_t column = 0; column < rows[row].size(); ++column)
            worksheet_write_string(sheet, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column), rows[row][column].c_str(), nullptr);
    }
    workbook_close(book);
    return bytes_of(file.path());
}

/// What GDAL, whose reading ours does not share, sees in a workbook: CSV by ogr2ogr.
std::string as_csv(std::string const& xlsx, std::string const& sheet) {
    gis_core::io::TemporaryFile const file{"report.xlsx"};
    std::ofstream{file.path(), std::ios::binary} << xlsx;
    auto const out = file.folder() / "out.csv";
    test_support::Process process{{"ogr2ogr", "-f", "CSV", out.string(), file.path().string(), sheet, "--config", "OGR_XLSX_HEADERS", "FORCE"}};
    EXPECT_EQ(process.wait(std::chrono::seconds{30}), 0) << process.output();
    return bytes_of(out);
}

/// A square of side metres with its south-west corner there, as GeoJSON.
Json square(double lon, double lat, double side) {
    double const d = side / 111'000;
    return {{"type", "Polygon"}, {"coordinates", Json::array({Json::array({{lon, lat}, {lon + d, lat}, {lon + d, lat + d}, {lon, lat + d}, {lon, lat}})})}};
}

class ImportsTest : public test_support::WithPeople {
protected:
    http::Response post(Person const& who, std::string const& query, std::string file) {
        return api.call("POST", "/api/imports?" + query, std::move(file), who.fields);
    }
    /// Hands in a file, lets the runner work, and reads the job.
    Json import(Person const& who, std::string const& query, std::string file) {
        auto const made = post(who, query, std::move(file));
        EXPECT_EQ(made.status, 202) << test_support::Api::text(made);
        if (made.status != 202) return nullptr;
        work();
        return get(who, std::string{*made.headers.find("Location")});
    }
    void work(std::function<bool()> is_stopping = [] { return false; }) {
        programme::imports::Runner runner{pool_, dictionary_, vault_, std::move(is_stopping)};
        while (runner.run_next()) {}
    }
    Json report(Person const& who, Json const& job) { return get(who, job.at("report").get<std::string>() + "?f=json"); }
    std::string report_as(Person const& who, Json const& job, std::string const& f) {
        auto const response = send(who, "GET", job.at("report").get<std::string>() + "?f=" + f);
        EXPECT_EQ(response.status, 200);
        return test_support::Api::text(response);
    }
    /// "line field" of everything wrong.
    std::vector<std::string> wrong(Person const& who, Json const& job) {
        std::vector<std::string> out;
        auto const said = report(who, job);
        for (auto const& issue : said.at("issues"))
            out.push_back(fmt::format("{} {}", issue.at("line").is_null() ? 0 : issue.at("line").get<int>(), issue.at("field").get<std::string>()));
        return out;
    }
    std::string producer_id(bool is_here) { return database.value(fmt::format("SELECT external_id FROM ocop.producer WHERE producer_key = {}", producer(is_here))); }
    /// SQL that shows all of a table's rows, but for when they were touched.
    std::string rows(std::string const& table) {
        return database.value(fmt::format("SELECT md5(string_agg((to_jsonb(t) - 'updated_at')::text, '\n' ORDER BY (to_jsonb(t) - 'updated_at')::text)) FROM {} t", table));
    }

    programme::dictionary::Dictionary dictionary_ = programme::dictionary::Dictionary::load(test_support::source_dir() + "/data");
    programme::accounts::Vault vault_{kKey};
    gis_core::db::Pool pool_{{.conninfo = database.conninfo_as("ocopmap_api"), .size = 3}};
};

TEST_F(ImportsTest, ASheetInVietnameseIsTakenAndTakenAgainWithoutAChange) {
    auto const officer = person("R04", kHere);
    auto const& products = dictionary_.entity("products");  // labels as the dictionary has them
    std::vector<std::vector<std::string>> sheet(1);
    sheet[0] = {"Mã dòng", "Mã dòng: Chủ thể OCOP", products.find("name")->label.vi, products.find("registered_on")->label.vi,
                products.find("publish_status")->label.vi, products.find("retail_price_vnd")->label.en};
    sheet.push_back({"nhap-1", producer_id(true), "Kẹo dừa nhập", "05/01/2026", products.find("publish_status")->list->find("draft")->label.vi, "45000"});
    sheet.push_back({"nhap-2", producer_id(true), "Mứt dừa nhập", "2026-01-06", "draft", "12,5"});
    auto const file = workbook(sheet);
    auto const job = import(officer, "entity=products&file=san%20pham.xlsx", file);
    ASSERT_EQ(job.at("state"), "done") << gis_core::to_text(report(officer, job));
    EXPECT_EQ(job.at("rows_taken"), 2);
    EXPECT_EQ(job.at("format"), "xlsx");
    EXPECT_EQ(database.value("SELECT string_agg(concat_ws('|', name, registered_on, publish_status, retail_price_vnd, version), ' ' ORDER BY external_id) FROM "
                             "ocop.product WHERE external_id LIKE 'nhap-%'"),
              "Kẹo dừa nhập|2026-01-05|draft|45000.00|1 Mứt dừa nhập|2026-01-06|draft|12.50|1");
    // The audit knows who, why, and each row.
    EXPECT_EQ(database.value("SELECT count(*) FROM audit.entry e JOIN auth.account a USING (account_key) WHERE e.object = 'ocop.product' AND e.action = 'insert' "
                             "AND e.role = 'ocopmap_r04' AND e.reason = 'nhập từ tệp san pham.xlsx' AND a.login LIKE 'nguoi.04.%'"),
              "2");
    auto const again = import(officer, "entity=products", file);
    EXPECT_EQ(again.at("rows_taken"), 0);
    EXPECT_EQ(again.at("rows_unchanged"), 2);
    sheet[2][2] = "Mứt dừa khác";
    auto const changed = import(officer, "entity=products", workbook(sheet));
    EXPECT_EQ(changed.at("rows_taken"), 1);
    EXPECT_EQ(database.value("SELECT string_agg(version::text, ' ' ORDER BY external_id) FROM ocop.product WHERE external_id LIKE 'nhap-%'"), "1 2");
    EXPECT_EQ(number("SELECT count(*) FROM imports.file") + number("SELECT count(*) FROM imports.staged"), 0);
}

TEST_F(ImportsTest, EveryEntityThatPeopleWriteComesBackAsItWas) {
    auto const access = programme::access::Access::load(test_support::source_dir() + "/data", dictionary_);
    auto const here = producer(true);
    std::map<std::string, Person> people{{"R08", person("R08", "86")}, {"R02", person("R02", {}, here)}, {"R04", person("R04", kHere)}, {"R15", person("R15", "86")}};
    int tried = 0;
    for (auto const& entity : dictionary_.entities()) {
        std::string role;
        for (auto const* one : {"R08", "R02", "R04", "R15"}) {
            if (role.empty() && access.right(entity.id, one).may_write) role = one;
        }
        if (role.empty()) continue;
        SCOPED_TRACE(entity.id + " as " + role);
        // The headings are those of the template; the rows are the demo's, as somebody would type them.
        std::vector<std::string> headings, expressions;
        headings.emplace_back("Mã dòng");
        expressions.emplace_back("t.external_id");
        if (entity.parent && entity.find(entity.parent->column) == nullptr) {
            auto const& parent = dictionary_.entity(entity.parent->entity);
            headings.push_back("Mã dòng: " + parent.title.vi);
            expressions.push_back(fmt::format("(SELECT p.external_id FROM {} p WHERE p.{} = t.{})", parent.table, parent.key, entity.parent->column));
        }
        using programme::dictionary::FieldType;
        std::string geometry;
        for (auto const* field : entity.fields) {
            if (field->is_derived || field->table != entity.table || programme::dictionary::is_sealed(*field) || !programme::access::may_see(*field, role)) continue;
            if (field->type == FieldType::multipolygon) {
                geometry = field->column;
            } else if (field->type == FieldType::point) {
                headings.push_back(field->label.vi + ": kinh độ");
                expressions.push_back(fmt::format("ST_X(t.{})::text", field->column));
                headings.push_back(field->label.vi + ": vĩ độ");
                expressions.push_back(fmt::format("ST_Y(t.{})::text", field->column));
            } else if (field->type == FieldType::enumeration) {
                headings.push_back(field->label.vi);
                std::string cases;
                for (auto const& code : field->list->codes) {
                    std::string label;
                    for (char const c : code.label.vi) label += c == '\'' ? std::string{"''"} : std::string{c};
                    cases += fmt::format(" WHEN '{}' THEN '{}'", code.code, label);
                }
                expressions.push_back(fmt::format("CASE t.{}::text{} END", field->column, cases));
            } else if (field->type == FieldType::boolean) {
                headings.push_back(field->label.vi);
                expressions.push_back(fmt::format("CASE WHEN t.{0} THEN 'Có' WHEN NOT t.{0} THEN 'Không' END", field->column));
            } else if (field->type == FieldType::date) {
                headings.push_back(field->label.vi);
                expressions.push_back(fmt::format("to_char(t.{}, 'DD/MM/YYYY')", field->column));
            } else {
                headings.push_back(field->label.vi);
                expressions.push_back(fmt::format("t.{}::text", field->column));
            }
        }
        std::string scope = "t.external_id IS NOT NULL AND t.retired_at IS NULL";
        if (role == "R02") scope += fmt::format(" AND t.producer_key = {}", here);
        if (role == "R04")
            scope += fmt::format(" AND t.lineage_key IN (SELECT l.lineage_key FROM geo.lineage_unit l JOIN geo.admin_unit u USING (unit_key) "
                                 "WHERE u.level = 'commune' AND u.valid_to IS NULL AND u.code = '{}')",
                                 kHere);
        auto const before = rows(entity.table);
        std::string file;
        if (geometry.empty()) {
            std::vector<std::vector<std::string>> sheet{headings};
            for (auto& row : database.query(fmt::format("SELECT {} FROM {} t WHERE {}", fmt::join(expressions, ", "), entity.table, scope))) sheet.push_back(row);
            if (sheet.size() == 1) continue;  // the demo's producer has none
            file = workbook(sheet);
        } else {
            std::string properties;
            for (std::size_t i = 0; i < headings.size(); ++i) properties += fmt::format("{}'{}', {}", i > 0 ? ", " : "", headings[i], expressions[i]);
            file = database.value(fmt::format("SELECT json_build_object('type', 'FeatureCollection', 'features', json_agg(json_build_object('type', 'Feature', "
                                              "'geometry', ST_AsGeoJSON(t.{})::json, 'properties', json_build_object({})))) FROM {} t WHERE {}",
                                              geometry, properties, entity.table, scope));
        }
        ++tried;
        auto const job = import(people.at(role), "entity=" + entity.id, file);
        EXPECT_EQ(job.at("state"), "done") << gis_core::to_text(report(people.at(role), job)).substr(0, 1500);
        EXPECT_GT(job.at("rows_read").get<int>(), 0);
        EXPECT_EQ(job.at("rows_unchanged"), job.at("rows_read"));
        EXPECT_EQ(rows(entity.table), before);
    }
    EXPECT_GE(tried, 30);
}

TEST_F(ImportsTest, AllRowsOrNoneAndEachWrongRowIsNamed) {
    auto const officer = person("R04", kHere);
    auto const here = producer_id(true), elsewhere = producer_id(false);
    std::string const file = "external_id,producer_external_id,name,registered_on,retail_price_vnd,publish_status,local_material_pct\n"
                             "x-1," + here + ",Kẹo dừa tốt,2026-01-05,10000,draft,50\n"
                             "x-2," + here + ",,2026-01-05,10000,draft,50\n"
                             "x-3," + here + ",Ngày sai,2026-02-30,10000,draft,50\n"
                             "x-4," + here + ",Số sai,2026-01-05,mười,draft,50\n"
                             "x-5," + here + ",Mã sai,2026-01-05,10000,sold,50\n"
                             "x-6," + here + ",Luật của bảng,2026-01-05,10000,draft,130\n"
                             "x-7," + elsewhere + ",Địa bàn khác,2026-01-05,10000,draft,50\n"
                             "x-8,khong-co,Không có chủ thể,2026-01-05,10000,draft,50\n"
                             "x-1," + here + ",Mã hai lần,2026-01-05,10000,draft,50\n";
    auto const before = rows("ocop.product");
    auto const job = import(officer, "entity=products", file);
    EXPECT_EQ(job.at("state"), "failed");
    EXPECT_EQ(job.at("rows_taken"), 0);
    EXPECT_EQ(job.at("rows_refused"), 8);
    EXPECT_EQ(rows("ocop.product"), before);
    // Vietnamese beside the English, for every one of them.
    for (auto const& issue : report(officer, job).at("issues")) {
        EXPECT_NE(issue.at("allowed_vi"), "giá trị mà hồ sơ nhận") << issue;
        if (issue.at("field") == "publish_status") {
            EXPECT_THAT(issue.at("allowed_vi").get<std::string>(), testing::StartsWith("một trong: "));
        }
        if (issue.at("field") == "retail_price_vnd") {
            EXPECT_EQ(issue.at("allowed_vi"), "số, ví dụ 12,5");
        }
    }
    EXPECT_THAT(wrong(officer, job), testing::UnorderedElementsAre("3 name", "4 registered_on", "5 retail_price_vnd", "6 publish_status", "7 local_material_pct",
                                                                   "8 producer_key", "9 producer_key", "10 external_id"));
    // By its key the same producer can be named; the record itself refuses the row, and the rest is looked at all the same.
    auto const keyed = import(officer, "entity=products",
                              fmt::format("external_id,producer_key,name,registered_on\ny-1,{0},Kẹo,2026-01-05\ny-2,{1},Kẹo,2026-01-05\ny-3,{0},Kẹo,2026-01-05\n",
                                          producer(true), producer(false)));
    EXPECT_EQ(wrong(officer, keyed), (std::vector<std::string>{"3 "}));
    EXPECT_EQ(report_as(officer, keyed, "csv"), "\xEF\xBB\xBFline,field,value,allowed,allowed_vi\r\n3,,,\"the row would lie outside what your role may write: another "
                                                "producer, or another territory\",dòng nằm ngoài phạm vi bạn được ghi: chủ thể khác hoặc địa bàn khác\r\n");

    auto const partial = import(officer, "entity=products&mode=partial", file);
    EXPECT_EQ(partial.at("state"), "done");
    EXPECT_EQ(partial.at("rows_taken"), 1);
    EXPECT_EQ(partial.at("rows_refused"), 8);
    EXPECT_EQ(database.value("SELECT string_agg(name, ',') FROM ocop.product WHERE external_id LIKE 'x-%'"), "Kẹo dừa tốt");
    // Nobody else sees the job.
    auto const other = person("R04", kHere);
    EXPECT_EQ(get(other, "/api/imports").at("items").size(), 0U);
    EXPECT_EQ(send(other, "GET", partial.at("report").get<std::string>()).status, 404);
    EXPECT_EQ(send(other, "DELETE", fmt::format("/api/imports/{}", partial.at("id").get<int>())).status, 404);
    EXPECT_EQ(post(person("R04", kHere), "entity=business-years", file).status, 403);
}

TEST_F(ImportsTest, TheReportIsTheFileWithTheWrongCellsNamedAndNoFormula) {
    auto const officer = person("R04", kHere);
    auto const here = producer_id(true);
    auto const job = import(officer, "entity=products",
                            workbook({{"external_id", "producer_external_id", "name", "registered_on"},
                                      {"y-1", here, "=HYPERLINK(\"http://la.example\")", "2026-13-01"},
                                      {"=1+1", here, "+Mứt", "2026-01-05"}}));
    EXPECT_EQ(job.at("state"), "failed");
    auto const book = report_as(officer, job, "xlsx");
    EXPECT_TRUE(book.starts_with("PK"));
    auto const sheet = as_csv(book, "Dòng của tệp");
    EXPECT_THAT(sheet, HasSubstr("2026-13-01"));
    EXPECT_THAT(sheet, HasSubstr("registered_on: ngày có thật, ví dụ 30/06/2026 (a day that exists"));
    EXPECT_THAT(sheet, HasSubstr("=HYPERLINK"));  // as a text: a formula would show its value here
    gis_core::io::TemporaryFile const file{"report.xlsx"};
    std::ofstream{file.path(), std::ios::binary} << book;
    test_support::Process unzip{
        {"python3", "-c", "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read('xl/worksheets/sheet1.xml').decode())", file.path().string()}};
    EXPECT_EQ(unzip.wait(std::chrono::seconds{10}), 0);
    EXPECT_THAT(unzip.output(), Not(HasSubstr("<f>")));
    // Sent back as it is, with the columns the report has added, the same cell is wrong.
    EXPECT_EQ(wrong(officer, import(officer, "entity=products", book)), (std::vector<std::string>{"2 registered_on"}));
    auto const csv = import(officer, "entity=products", "external_id,producer_external_id,name,registered_on\nz,=cmd,Kẹo,2026-01-05\n");
    EXPECT_THAT(report_as(officer, csv, "csv"), HasSubstr("'=cmd"));
}

TEST_F(ImportsTest, PlotsComeByAnyGeometryAndTheirOverlapsAreTold) {
    auto const planner = person("R15", "86");
    auto const feature = [](std::string const& id, double lon, double lat, double side) {
        return Json{{"type", "Feature"}, {"geometry", square(lon, lat, side)}, {"properties", {{"external_id", id}, {"plot_code", id}}}};
    };
    // A field; its double; one that lies half on it; one that touches it with a hundredth; one beside it.
    Json const file{{"type", "FeatureCollection"},
                    {"features", Json::array({feature("p-1", 106.40, 10.10, 111), feature("p-2", 106.40, 10.10, 111), feature("p-3", 106.4005, 10.10, 111),
                                              feature("p-4", 106.39901, 10.10, 111), feature("p-5", 106.402, 10.102, 50)})}};
    auto const job = import(planner, "entity=plots", gis_core::to_text(file));
    ASSERT_EQ(job.at("state"), "done") << gis_core::to_text(report(planner, job));
    EXPECT_EQ(job.at("overlaps"), (Json{{"same", 1}, {"dispute", 2}, {"sliver", 2}}));
    std::map<std::string, double> shares;
    auto const said = report(planner, job);
    for (auto const& pair : said.at("overlaps"))
        shares[pair.at("code").get<std::string>() + "/" + pair.at("other_code").get<std::string>()] = pair.at("share").get<double>();
    EXPECT_NEAR(shares.at("p-1/p-2"), 1.0, 0.001);
    EXPECT_NEAR(shares.at("p-1/p-3"), 0.5, 0.001);
    EXPECT_NEAR(shares.at("p-1/p-4"), 0.01, 0.001);
    EXPECT_EQ(import(planner, "entity=plots", gis_core::to_text(file)).at("rows_unchanged"), 5);

    // Points of a survey in VN-2000: the system has to be named, easting and northing are told apart.
    auto const officer = person("R08", "86");
    std::string const points = "external_id,name,kind,opened_on,x,y\nd-1,Điểm bán thử,shop,2026-01-05,565000,1132000\n";
    auto const unnamed = import(officer, "entity=sales-points", points);
    EXPECT_EQ(unnamed.at("state"), "failed");
    EXPECT_THAT(unnamed.at("message").get<std::string>(), HasSubstr("does not say in which system"));
    EXPECT_THAT(post(officer, "entity=sales-points&crs=hai", points).status, 400);
    auto const named = import(officer, "entity=sales-points&crs=EPSG:9210", points);
    ASSERT_EQ(named.at("state"), "done") << gis_core::to_text(report(officer, named));
    EXPECT_EQ(database.value("SELECT ST_Distance(geom::geography, ST_Transform(ST_SetSRID(ST_MakePoint(565000, 1132000), 990210), 4326)::geography) < 0.01 FROM "
                             "ocop.sales_point WHERE external_id = 'd-1'"),
              "t");
    auto const swapped = import(officer, "entity=sales-points&crs=EPSG:9210", "external_id,name,kind,opened_on,x,y\nd-2,Điểm,shop,2026-01-05,1132000,565000\n");
    EXPECT_EQ(wrong(officer, swapped), (std::vector<std::string>{"2 geom"}));
}

TEST_F(ImportsTest, FilesThatAreNoneAreRefusedAtOnce) {
    auto const officer = person("R04", kHere);
    auto const refused = [&](std::string file) {
        auto const response = post(officer, "entity=products", std::move(file));
        return std::pair{response.status, test_support::Api::text(response)};
    };
    EXPECT_EQ(refused("").first, 400);
    EXPECT_EQ(refused(std::string(100, '\1')).first, 415);
    EXPECT_EQ(refused("t\xEAn,gi\xE1\n").first, 400);
    EXPECT_EQ(refused("PK\x03\x04 and nothing else").first, 400);
    EXPECT_EQ(number("SELECT count(*) FROM imports.job"), 0);
    // Columns of something else: every one is named.
    auto const job = import(officer, "entity=products", "tên lạ,name,màu\n1,2,3\n");
    EXPECT_EQ(job.at("state"), "failed");
    EXPECT_EQ(wrong(officer, job), (std::vector<std::string>{"0 tên lạ", "0 màu"}));
    EXPECT_EQ(import(officer, "entity=products&map=t%C3%AAn%20l%E1%BA%A1=-&map=m%C3%A0u=description", "tên lạ,name,màu\n1,2,3\n").at("rows_refused"), 1);
    EXPECT_EQ(import(officer, "entity=products", "name,registered_on\n").at("message"), "the file holds no rows");
    EXPECT_EQ(post(officer, "entity=coconuts", "a\n1\n").status, 404);
    EXPECT_EQ(post(officer, "entity=products&mode=some", "a\n1\n").status, 400);
}

TEST_F(ImportsTest, WhatWaitsOrWorksIsCancelledAndAServersEndChangesNothing) {
    auto const officer = person("R04", kHere);
    std::string file = "external_id,producer_external_id,name,registered_on\n";
    auto const owner = producer_id(true);
    for (int i = 0; i < 5000; ++i) file += fmt::format("c-{},{},Kẹo dừa {},2026-01-05\n", i, owner, i);
    auto const made = post(officer, "entity=products", file);
    auto const target = std::string{*made.headers.find("Location")};
    EXPECT_EQ(send(officer, "GET", target + "/report").status, 409);
    EXPECT_EQ(read(send(officer, "DELETE", target)).at("state"), "cancelled");
    work();
    EXPECT_EQ(number("SELECT count(*) FROM imports.file"), 0);
    EXPECT_EQ(send(officer, "DELETE", target).status, 409);

    // In the middle of the work, by the look that the runner takes between two parts.
    auto const second = std::string{*post(officer, "entity=products", file).headers.find("Location")};
    int looks = 0;
    work([&] {
        if (++looks == 2) {
            EXPECT_EQ(send(officer, "DELETE", second).status, 200);
        }
        return false;
    });
    EXPECT_EQ(get(officer, second).at("state"), "cancelled");
    EXPECT_EQ(number("SELECT count(*) FROM ocop.product WHERE external_id LIKE 'c-%'"), 0);

    // A process that ends in good order leaves the job to the next, at each of its looks.
    auto const third = std::string{*post(officer, "entity=products", file).headers.find("Location")};
    for (int stop_at = 1; stop_at <= 6; ++stop_at) {
        int asked = 0;
        programme::imports::Runner runner{pool_, dictionary_, vault_, [&] { return ++asked >= stop_at; }};
        EXPECT_TRUE(runner.run_next());
        EXPECT_EQ(number("SELECT count(*) FROM ocop.product WHERE external_id LIKE 'c-%'"), 0);
        EXPECT_EQ(get(officer, third).at("state"), "queued");
    }
    work();
    EXPECT_EQ(get(officer, third).at("rows_taken"), 5000);
    EXPECT_EQ(send(officer, "DELETE", third).status, 409);

    // One account does not fill the queue.
    for (int i = 0; i < 5; ++i) EXPECT_EQ(post(officer, "entity=products", file).status, 202);
    EXPECT_EQ(post(officer, "entity=products", file).status, 429);
}

TEST_F(ImportsTest, AKilledProcessLeavesAllOfItOrNothing) {
    std::string file = "external_id,promotion_name,promotion_scope,promotion_date,producer_external_id\n";
    gis_core::io::TemporaryFile const csv{"rows.csv"};
    auto const owner = producer_id(true);
    for (int i = 0; i < 20'000; ++i) file += fmt::format("k-{},Hội chợ {},province,2026-01-05,{}\n", i, i, owner);
    std::ofstream{csv.path(), std::ios::binary} << file;
    auto const count = [&] { return number("SELECT count(*) FROM ocop.promotion WHERE external_id LIKE 'k-%'"); };
    auto const begin = [&] {
        return test_support::Process{{test_support::cli(), "--database", database.conninfo(), "--home", test_support::source_dir(), "import", "promotions", csv.path().string()}};
    };
    // Killed while it reads, and while it merges: what the record shows to others is nothing.
    for (auto const* phase : {"reading", "merging"}) {
        auto process = begin();
        ASSERT_TRUE(test_support::wait_until(
            [&] { return number(fmt::format("SELECT count(*) FROM imports.job WHERE state = 'running' AND phase = '{}' AND rows_read > 0 AND (phase = 'reading' OR rows_merged > 0)", phase)) > 0; },
            std::chrono::seconds{60}));
        process.kill9();
        ASSERT_TRUE(test_support::wait_until([&] { return number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ocopmap import'") == 0; },
                                             std::chrono::seconds{60}));
        EXPECT_EQ(count(), 0);
        work();  // the service finds it and says so
        EXPECT_EQ(database.value("SELECT state || ': ' || message FROM imports.job ORDER BY job_key DESC LIMIT 1"),
                  "failed: the command that did this import was ended in the middle; nothing was changed");
        EXPECT_EQ(number("SELECT count(*) FROM imports.file"), 0);
    }
    auto process = begin();
    EXPECT_EQ(process.wait(std::chrono::seconds{100}), 0) << process.output();
    EXPECT_EQ(count(), 20'000);
}

}  // namespace
