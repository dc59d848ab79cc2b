#include "tests/integration/api/people.hpp"

#include <map>
#include <set>

/// Cross tables against counts over the base tables, made another way: certificate by certificate, unit by unit.
namespace {

using gis_core::Json;
using test_support::Api;
using testing::HasSubstr;

/// Every product in use on a day with what the reports divide by.
std::string plain(std::string const& at, std::string const& where) {
    return fmt::format(R"((
        SELECT p.product_key, p.producer_key, p.lineage_key, p.class_code AS class,
               CASE WHEN k.issued_on IS NULL THEN 'none' WHEN k.revoked_on <= d.at THEN 'revoked' WHEN k.valid_to <= d.at THEN 'expired'
                    WHEN k.valid_to - d.at <= 180 THEN 'expiring' ELSE 'valid' END AS state,
               CASE WHEN k.valid_to > d.at AND coalesce(k.revoked_on > d.at, true) THEN k.star::text END AS star,
               to_char(k.issued_on, 'YYYY') AS year,
               (SELECT g.decision_authority FROM ocop.grading_result g WHERE g.certificate_key = k.certificate_key AND g.retired_at IS NULL) AS level
        FROM (SELECT DATE '{}' AS at) d, ocop.product p
        LEFT JOIN LATERAL (SELECT * FROM ocop.certificate c WHERE c.product_key = p.product_key AND c.issued_on <= d.at AND c.retired_at IS NULL
                           ORDER BY c.issued_on DESC LIMIT 1) k ON true
        WHERE p.retired_at IS NULL AND p.registered_on <= d.at AND ({})) x)",
                       at, where);
}

std::string in_unit(char const* level, std::string const& code, bool is_over) {
    return fmt::format("EXISTS (SELECT FROM geo.lineage_unit l JOIN geo.admin_unit c USING (unit_key) LEFT JOIN geo.admin_unit d ON d.unit_key = c.parent_key "
                       "WHERE l.lineage_key = p.lineage_key AND {}.code = '{}' AND c.valid_to IS {}NULL)",
                       level, code, is_over ? "NOT " : "");
}

class ReportsTest : public test_support::WithPeople {
protected:
    std::string const at = "2026-06-30";

    static long long sum(Json const& figures) {
        long long all = 0;
        for (auto const& figure : figures) all += figure.is_array() ? sum(figure) : figure.get<long long>();
        return all;
    }
    static std::string text(Json const& value) { return value.is_null() ? "" : value.get<std::string>(); }
    /// Cells by row and column, those that are not nought.
    static std::map<std::pair<std::string, std::string>, long long> cells(Json const& table) {
        std::map<std::pair<std::string, std::string>, long long> out;
        auto const& rows = table.at("rows").at("values");
        auto const& columns = table.at("columns").at("values");
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (std::size_t j = 0; j < columns.size(); ++j) {
                if (auto const n = table.at("cells").at(i).at(j).get<long long>(); n != 0) out[{text(rows.at(i).at("value")), text(columns.at(j).at("value"))}] = n;
            }
        }
        return out;
    }
    /// A unit's code in a frame, of a lineage: the version in force on the frame's day, or what is above it.
    static std::string unit_of(std::string const& level, std::string const& day) {
        return fmt::format("(SELECT {} FROM geo.lineage_unit l JOIN geo.admin_unit c USING (unit_key) LEFT JOIN geo.admin_unit d ON d.unit_key = c.parent_key LEFT JOIN "
                           "geo.admin_unit g ON g.unit_key = d.parent_key WHERE l.lineage_key = x.lineage_key AND c.valid_from <= '{}' AND coalesce(c.valid_to > '{}', true))",
                           level == "commune" ? "c.code" : level == "district" ? "CASE WHEN d.level = 'district' THEN d.code END" : "coalesce(g.code, d.code)", day, day);
    }
    struct Asker {
        Person who;
        std::string where;
    };
    std::map<std::string, Asker> askers() {
        auto const own = producer(true);
        return {{"R08", {person("R08", "86"), "true"}},
                {"R04", {person("R04", kHere), in_unit("c", kHere, false)}},
                {"R06", {person("R06", "829@2025-06-30"), in_unit("d", "829", true) + " AND p.registered_on < '2025-07-01'"}},
                {"R02", {person("R02", {}, own), fmt::format("p.producer_key = {}", own)}}};
    }
};

TEST_F(ReportsTest, TotalsAgreeInEveryCutAndForEveryRole) {
    for (auto const& [role, asker] : askers()) {
        auto const total = number("SELECT count(*) FROM " + plain(at, asker.where));
        ASSERT_GT(total, 0) << role;
        for (auto const* rows : {"unit", "star", "class", "year", "level", "state"}) {
            for (auto const* columns : {"unit", "star", "class", "year", "level", "state"}) {
                if (std::string_view{rows} == columns) continue;
                SCOPED_TRACE(role + " " + rows + " " + columns);
                auto const table = get(asker.who, fmt::format("/api/reports/products?at={}&rows={}&columns={}&frame=district-old", at, rows, columns));
                EXPECT_EQ(table.at("total"), total);
                EXPECT_EQ(sum(table.at("cells")), total);
                EXPECT_EQ(sum(table.at("row_totals")), total);
                EXPECT_EQ(sum(table.at("column_totals")), total);
            }
        }
        for (auto const* frame : {"commune-new", "commune-old", "district-old", "province"}) {
            auto const table = get(asker.who, fmt::format("/api/reports/products?at={}&rows=unit&columns=none&frame={}", at, frame));
            EXPECT_EQ(table.at("total"), total) << frame;
            EXPECT_EQ(sum(table.at("row_totals")), total) << frame;
        }
    }
}

TEST_F(ReportsTest, EachCellIsWhatTheBaseTablesCount) {
    for (auto const& [role, asker] : askers()) {
        if (role == "R06") continue;  // its certificates end with the district as well: counted above
        for (auto const& [rows, columns] : std::vector<std::pair<std::string, std::string>>{{"star", "class"}, {"year", "state"}, {"level", "star"}, {"unit", "star"}, {"unit", "state"}}) {
            for (auto const& [frame, level, day] : std::vector<std::tuple<std::string, std::string, std::string>>{
                     {"commune-new", "commune", "2025-07-01"}, {"commune-old", "commune", "2025-06-30"}, {"district-old", "district", "2025-06-30"}, {"province", "province", at}}) {
                if (rows != "unit" && frame != "commune-new") continue;
                SCOPED_TRACE(role + " " + rows + " " + columns + " " + frame);
                std::map<std::pair<std::string, std::string>, long long> expected;
                for (auto const& row : database.query(fmt::format("SELECT {}, {}, count(*) FROM {} GROUP BY 1, 2", rows == "unit" ? unit_of(level, day) : rows, columns, plain(at, asker.where))))
                    expected[{row[0], row[1]}] = std::stoll(row[2]);
                EXPECT_EQ(cells(get(asker.who, fmt::format("/api/reports/products?at={}&rows={}&columns={}&frame={}", at, rows, columns, frame))), expected);
            }
        }
    }
}

TEST_F(ReportsTest, ProducersAreCountedOnceInEachTotal) {
    auto const officer = person("R08", "86");
    auto const table = get(officer, "/api/reports/products?measure=producers&rows=star&columns=state&at=" + at);
    EXPECT_EQ(table.at("total"), number("SELECT count(DISTINCT producer_key) FROM " + plain(at, "true")));
    for (std::size_t i = 0; i < table.at("rows").at("values").size(); ++i) {
        auto const star = text(table.at("rows").at("values").at(i).at("value"));
        EXPECT_EQ(table.at("row_totals").at(i), number(fmt::format("SELECT count(DISTINCT producer_key) FROM {} WHERE coalesce(star, '') = '{}'", plain(at, "true"), star)));
    }
}

TEST_F(ReportsTest, FiltersNarrowAllOfIt) {
    auto const officer = person("R08", "86");
    auto const total = [&](std::string const& query) { return get(officer, "/api/reports/products?at=" + at + "&" + query).at("total").get<long long>(); };
    auto const count = [&](std::string const& condition) { return number(fmt::format("SELECT count(*) FROM {} WHERE {}", plain(at, "true"), condition)); };
    EXPECT_EQ(total("star=4,5"), count("star IN ('4', '5')"));
    EXPECT_EQ(total("state=revoked,expired"), count("state IN ('revoked', 'expired')"));
    EXPECT_EQ(total("star=none&state=none"), count("star IS NULL AND state = 'none'"));
    EXPECT_EQ(total("level=none&year=2024,2025"), count("level IS NULL AND year IN ('2024', '2025')"));
    EXPECT_EQ(total("unit=829@2025-06-30"), count(unit_of("district", "2025-06-30") + " = '829'"));
    for (auto const& [query, said] : std::map<std::string, std::string>{{"rows=star&columns=star", "another dimension than rows"},
                                                                      {"rows=colour", "unit, star, class, year, level, state"},
                                                                      {"measure=gold", "products, producers, sales_vnd or revenue_vnd"},
                                                                      {"measure=revenue_vnd&rows=star", "unit, kind for revenue_vnd"},
                                                                      {"measure=revenue_vnd&star=4", "no filter but unit"},
                                                                      {"class=IX", "none"},
                                                                      {"year=24", "four digits"},
                                                                      {"state=good", "valid, expiring, expired, revoked, none"},
                                                                      {"frame=village", "district-old"},
                                                                      {"colour=red", "colour"},
                                                                      {"f=gpkg", "json, csv, xlsx or pdf"}}) {
        auto const refused = send(officer, "GET", "/api/reports/products?" + query);
        EXPECT_EQ(refused.status, 400) << query;
        EXPECT_THAT(Api::text(refused), HasSubstr(said)) << query;
    }
    EXPECT_EQ(send(officer, "GET", "/api/reports/gold").status, 404);
}

TEST_F(ReportsTest, MoneyOfFewerThanThreeProducersIsHidden) {
    auto const officer = person("R13", "86");
    for (auto const& [measure, rows, columns, sql] : std::vector<std::tuple<std::string, std::string, std::string, std::string>>{
             {"sales_vnd", "unit", "star",
              "SELECT " + unit_of("commune", "2025-07-01") +
                  ", star, x.producer_key, sum(s.sales_value_vnd) FROM {} JOIN ocop.sale s USING (product_key) WHERE s.retired_at IS NULL AND to_char(s.sales_month, 'YYYY') = '2026' GROUP BY 1, 2, 3"},
             {"sales_vnd", "class", "state",
              "SELECT class, state, x.producer_key, sum(s.sales_value_vnd) FROM {} JOIN ocop.sale s USING (product_key) WHERE s.retired_at IS NULL AND to_char(s.sales_month, 'YYYY') = '2026' GROUP BY 1, 2, 3"},
             {"revenue_vnd", "unit", "kind",
              "SELECT " + unit_of("commune", "2025-07-01") +
                  ", x.kind, b.producer_key, sum(b.revenue_vnd) FROM ocop.business_year b JOIN ocop.producer x USING (producer_key) WHERE b.retired_at IS NULL AND b.report_year = 2026 GROUP BY 1, 2, 3"}}) {
        SCOPED_TRACE(measure + " " + rows);
        if (measure == "revenue_vnd") database.execute("UPDATE ocop.business_year SET report_year = 2026 WHERE report_year = 2025");
        std::map<std::pair<std::string, std::string>, std::map<std::string, long long>> truth;
        auto statement = sql;
        if (auto const mark = statement.find("{}"); mark != std::string::npos) statement.replace(mark, 2, plain("2026-11-29", "true"));
        for (auto const& row : database.query(statement)) truth[{row[0], row[1]}][row[2]] = std::llround(std::stod(row[3]));
        ASSERT_GT(truth.size(), 3U);
        auto const table = get(officer, fmt::format("/api/reports/products?at=2026-11-29&money_year=2026&measure={}&rows={}&columns={}", measure, rows, columns));
        auto const& row_values = table.at("rows").at("values");
        auto const& column_values = table.at("columns").at("values");
        std::size_t hidden = 0, shown = 0;
        for (std::size_t i = 0; i < row_values.size(); ++i) {
            for (std::size_t j = 0; j < column_values.size(); ++j) {
                auto const& whose = truth[{text(row_values.at(i).at("value")), text(column_values.at(j).at("value"))}];
                auto const& cell = table.at("cells").at(i).at(j);
                if (whose.empty()) {
                    EXPECT_EQ(cell, 0);
                } else if (whose.size() < 3) {
                    EXPECT_TRUE(cell.is_null()) << row_values.at(i) << column_values.at(j);
                    ++hidden;
                } else if (!cell.is_null()) {
                    long long value = 0;
                    for (auto const& [producer, part] : whose) value += part;
                    EXPECT_EQ(cell, value);
                    ++shown;
                }
            }
        }
        EXPECT_GT(hidden, 0U);
        EXPECT_GE(table.at("hidden").get<std::size_t>(), hidden);
        // No row or column tells a single hidden cell by its total.
        auto const told = [](Json const& line, Json const& total) {
            return std::count_if(line.begin(), line.end(), [](Json const& cell) { return cell.is_null(); }) + (total.is_null() ? 1 : 0) == 1;
        };
        for (std::size_t i = 0; i < row_values.size(); ++i) EXPECT_FALSE(told(table.at("cells").at(i), table.at("row_totals").at(i))) << row_values.at(i);
        for (std::size_t j = 0; j < column_values.size(); ++j) {
            Json line = Json::array();
            for (std::size_t i = 0; i < row_values.size(); ++i) line.push_back(table.at("cells").at(i).at(j));
            EXPECT_FALSE(told(line, table.at("column_totals").at(j))) << column_values.at(j);
        }
        (void)shown;
    }
}

TEST_F(ReportsTest, OnlyRolesThatSeeTheRecordSeeItsSums) {
    auto const own = producer(true);
    auto const status = [&](Person const& who, std::string const& query) { return send(who, "GET", "/api/reports/" + query).status; };
    auto const inspector = person("R14", "86"), planner = person("R15", "86"), admin = person("R16"), staff = person("R03", {}, own);
    EXPECT_EQ(api.call("GET", "/api/reports/products").status, 401);
    EXPECT_EQ(status(admin, "products"), 403);
    EXPECT_EQ(status(planner, "products"), 200);
    EXPECT_EQ(status(planner, "products?measure=sales_vnd"), 403);
    EXPECT_EQ(status(planner, "expiring"), 403) << "a planner knows no producer";
    EXPECT_EQ(status(inspector, "products?measure=revenue_vnd&columns=none"), 200);
    EXPECT_EQ(status(inspector, "products?measure=sales_vnd"), 403);
    EXPECT_EQ(status(staff, "products"), 200);
    EXPECT_EQ(status(staff, "products?measure=revenue_vnd&columns=none"), 403);
}

TEST_F(ReportsTest, CertificatesThatEndSoonAreTheRecords) {
    for (auto const& [role, asker] : askers()) {
        if (role == "R06") continue;
        for (int const months : {1, 6, 12}) {
            std::set<long long> expected, found;
            for (auto const& row : database.query(fmt::format(
                     "SELECT c.certificate_key FROM ocop.certificate c JOIN ocop.product p USING (product_key) WHERE c.issued_on <= '{0}' AND c.valid_to > '{0}' AND c.valid_to <= DATE '{0}' + "
                     "interval '{1} months' AND coalesce(c.revoked_on > '{0}', true) AND c.certificate_key NOT IN (SELECT a.certificate_key FROM ocop.certificate a JOIN ocop.certificate b ON "
                     "b.product_key = a.product_key AND b.valid_to > a.valid_to AND b.revoked_on IS NULL) AND {2}",
                     at, months, asker.where)))
                expected.insert(std::stoll(row[0]));
            auto const list = get(asker.who, fmt::format("/api/reports/expiring?at={}&months={}&limit=1000", at, months));
            for (auto const& item : list.at("items")) found.insert(item.at("certificate").get<long long>());
            EXPECT_EQ(found, expected) << role << ' ' << months;
            EXPECT_EQ(list.at("total"), expected.size());
        }
    }
}

TEST_F(ReportsTest, FilesHoldTheSameTable) {
    auto const officer = person("R08", "86");
    auto const table = get(officer, "/api/reports/products?rows=unit&columns=star&frame=district-old&at=" + at);
    auto const csv = Api::text(send(officer, "GET", "/api/reports/products?rows=unit&columns=star&frame=district-old&f=csv&at=" + at));
    EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), table.at("row_totals").size() + 2);
    EXPECT_THAT(csv, HasSubstr(fmt::format("Tổng,{},{},{},{},{}", table.at("column_totals").at(0).get<long long>(), table.at("column_totals").at(1).get<long long>(),
                                           table.at("column_totals").at(2).get<long long>(), table.at("column_totals").at(3).get<long long>(), table.at("total").get<long long>())));
    auto const excel = send(officer, "GET", "/api/reports/expiring?f=xlsx&lang=en");
    EXPECT_EQ(excel.status, 200);
    EXPECT_TRUE(Api::text(excel).starts_with("PK"));
}

}  // namespace
