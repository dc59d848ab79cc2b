#include "tests/integration/record/support.hpp"

#include <gmock/gmock.h>

namespace record_test {
namespace {

using test_support::TestDatabase;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// The dictionary as psql reads it, beside information_schema: counted in SQL, apart from `ocopmap dictionary check`.
std::string counted(TestDatabase const& database, std::string const& sql) {
    auto const root = test_support::source_dir();
    auto const done = test_support::run(
        {"psql", "-XAtq", "-v", "ON_ERROR_STOP=1", database.conninfo(), "-c",
         "CREATE TEMP TABLE field (field int, grp int, tab text, col text, vi text, en text, type text, unit text, list text, visibility text, personal text, "
         "source text, note text, required text)",
         "-c", "\\copy field FROM '" + root + "/data/dictionary.csv' CSV HEADER", "-c", "CREATE TEMP TABLE code (list text, code text, vi text, en text)", "-c",
         "\\copy code FROM '" + root + "/data/code_lists.csv' CSV HEADER", "-c", sql});
    EXPECT_EQ(done.exit_code, 0) << done.output;
    return done.output.substr(0, done.output.find_last_not_of('\n') + 1);
}

TEST(DictionaryOfTheRecord, AgreesWithTheDatabaseBothWays) {
    TestDatabase const database;
    EXPECT_EQ(counted(database,
                      "SELECT count(*) || ' ' || count(*) FILTER (WHERE field <= 359) FROM field JOIN information_schema.columns "
                      "ON table_schema || '.' || table_name = tab AND column_name = col"),
              "416 359");
    // The other way: what is in a table of the dictionary and not in the dictionary has a technical name, or is generated,
    // or is one of the few columns that triggers fill in.
    EXPECT_EQ(counted(database,
                      "SELECT string_agg(table_name || '.' || column_name, ' ' ORDER BY table_name, column_name) FROM information_schema.columns c "
                      "WHERE table_schema IN ('geo', 'ocop', 'trace') AND table_schema || '.' || table_name IN (SELECT tab FROM field) "
                      "AND NOT EXISTS (SELECT FROM field WHERE tab = table_schema || '.' || table_name AND col = column_name) "
                      "AND is_generated = 'NEVER' AND column_name NOT LIKE '%\\_key' "
                      "AND column_name NOT IN ('external_id', 'version', 'created_at', 'updated_at', 'retired_at', 'is_demo', 'source')"),
              "producer.public_geom producer.public_geom_approximate producer.unit_match sales_point.unit_match");
    // Every code list has a code that its column takes, and one that nobody has is refused.
    EXPECT_EQ(counted(database,
                      "SELECT count(*) FROM field f JOIN code c USING (list) JOIN pg_constraint k ON k.conrelid = to_regclass(f.tab) AND k.contype = 'c' "
                      "AND k.conkey = ARRAY[(SELECT attnum FROM pg_attribute WHERE attrelid = k.conrelid AND attname = f.col)] "
                      "WHERE pg_get_constraintdef(k.oid) NOT LIKE '%''' || c.code || '''%'"),
              "0");
    // Records: version, times, retirement on every table.
    EXPECT_EQ(counted(database,
                      "SELECT count(*) FROM (SELECT DISTINCT tab FROM field WHERE tab NOT LIKE 'pub.%') t "
                      "WHERE 5 <> (SELECT count(*) FROM information_schema.columns WHERE table_schema || '.' || table_name = tab "
                      "AND column_name IN ('external_id', 'version', 'created_at', 'updated_at', 'retired_at'))"),
              "0");
    // Every foreign key of the record has an index that begins with it.
    EXPECT_EQ(counted(database,
                      "SELECT coalesce(string_agg(k.conrelid::regclass || '.' || a.attname, ' '), '') FROM pg_constraint k "
                      "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] "
                      "WHERE k.contype = 'f' AND k.conrelid::regclass::text IN (SELECT tab FROM field) AND k.conparentid = 0 "
                      "AND a.attname NOT IN ('unit_key', 'new_key', 'parent_key', 'old_key', 'class_code') "
                      "AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1])"),
              "");
}

TEST(DictionaryOfTheRecord, CheckNamesEachDifference) {
    TestDatabase const database;
    auto const check = [&] { return ocopmap(database.conninfo(), {"dictionary", "check"}); };
    auto const good = check();
    EXPECT_EQ(good.exit_code, 0) << good.output;
    EXPECT_THAT(good.output, HasSubstr("416 fields of 49 entities agree with the database"));
    database.execute(
        "ALTER TABLE ocop.product RENAME brand_name TO brand; ALTER TABLE ocop.award DROP CONSTRAINT award_award_year_check, ALTER award_year TYPE text;"
        "ALTER TABLE ocop.support ADD COLUMN secret text; ALTER TABLE ocop.sale DROP CONSTRAINT sale_channel_kind_check;"
        "ALTER TABLE ocop.promotion ALTER promotion_date DROP NOT NULL");
    auto const bad = check();
    EXPECT_EQ(bad.exit_code, 3);
    EXPECT_THAT(bad.output,
                AllOf(HasSubstr("field 110: ocop.product has no column brand_name"), HasSubstr("products: ocop.product.brand is not in dictionary.csv"),
                      HasSubstr("field 167: ocop.award.award_year is text, which does not fit integer"),
                      HasSubstr("supports: ocop.support.secret is not in dictionary.csv, nor technical or derived"),
                      HasSubstr("field 341: ocop.sale.channel_kind allows anything, list sales_channel has agent, commune"),
                      HasSubstr("field 353: ocop.promotion.promotion_date is not required in the database")));
    EXPECT_EQ(ocopmap(database.conninfo(), {"dictionary", "apply"}).exit_code, 3);
}

TEST(DictionaryOfTheRecord, ApplyExplainsColumns) {
    TestDatabase const database;
    EXPECT_THAT(ocopmap(database.conninfo(), {"dictionary", "apply"}).output, HasSubstr("416 comments written"));
    EXPECT_THAT(ocopmap(database.conninfo(), {"dictionary", "apply"}).output, HasSubstr("0 comments written"));
    EXPECT_EQ(
        database.value("SELECT col_description('ocop.product'::regclass, attnum) FROM pg_attribute WHERE attrelid = 'ocop.product'::regclass AND attname = "
                       "'retail_price_vnd'"),
        "Giá bán lẻ (Retail price); đồng");
}

/// The demo has rows for every field there is, geometry and sealed bytes included; counted per field by PostgreSQL.
TEST(DictionaryOfTheRecord, NoFieldIsWithoutDemoRows) {
    TestDatabase const database{TestDatabase::From::demo};
    auto const counts =
        counted(database, "SELECT string_agg(format('SELECT %s AS field, count(%I) AS n FROM %s', field, col, tab), ' UNION ALL ' ORDER BY field) FROM field");
    EXPECT_EQ(database.value("SELECT count(*) || ' ' || coalesce(string_agg(field::text, ' ') FILTER (WHERE n = 0), 'none') FROM (" + counts + ") c"),
              "416 none");
    // and every code of those lists that the demo means to show stands where the list says
    EXPECT_EQ(database.value("SELECT count(DISTINCT dossier_state) > 5 FROM ocop.dossier"), "t");
    // What must never leak is there to be found: one row each.
    auto const root = test_support::source_dir();
    auto const planted =
        test_support::run({"psql", "-XAtq", "-v", "ON_ERROR_STOP=1", database.conninfo(), "-c", "CREATE TEMP TABLE planted (value text, tab text, col text)",
                           "-c", "\\copy planted FROM '" + root + "/data/demo/planted.csv' CSV HEADER", "-c",
                           "SELECT string_agg(format('SELECT count(*) AS n FROM %s WHERE %I = %L', tab, col, value), ' UNION ALL ') FROM planted"});
    ASSERT_EQ(planted.exit_code, 0) << planted.output;
    EXPECT_EQ(database.value("SELECT bool_and(n = 1) || ' ' || count(*) FROM (" + planted.output + ") c"), "true 17");
}

/// A demo product of a producer, with a dossier and evidence.
constexpr char const* kDossier =
    "INSERT INTO ocop.dossier (external_id, product_key, legal_regime_code, registration_kind) "
    "SELECT 'd', min(product_key), 'qd26_2026', 'first' FROM ocop.product;"
    "INSERT INTO ocop.evidence (external_id, dossier_key, evidence_kind, producer_key, lineage_key) "
    "SELECT 'e', dossier_key, 'award', 299, 1 FROM ocop.dossier WHERE external_id = 'd'";
constexpr char const* kScope =
    "SELECT e.producer_key = m.producer_key AND e.lineage_key = m.lineage_key AND d.lineage_key = m.lineage_key AND p.lineage_key = m.lineage_key "
    "FROM ocop.evidence e JOIN ocop.dossier d USING (dossier_key) JOIN ocop.product p USING (product_key) "
    "JOIN ocop.producer m ON m.producer_key = p.producer_key WHERE e.external_id = 'e'";

TEST(RecordTriggers, ScopeIsTheParentsAndFollowsIt) {
    TestDatabase const database{TestDatabase::From::demo};
    EXPECT_EQ(
        database.value("SELECT count(*) FROM ocop.product p JOIN ocop.producer m USING (producer_key) WHERE p.lineage_key IS DISTINCT FROM m.lineage_key"),
        "0");
    EXPECT_EQ(database.value("SELECT count(*) FROM ocop.certificate c JOIN ocop.product p USING (product_key) "
                             "WHERE (c.producer_key, c.lineage_key) IS DISTINCT FROM (p.producer_key, p.lineage_key)"),
              "0");
    database.execute(kDossier);
    EXPECT_EQ(database.value(kScope), "t");  // not what the writer said
    auto const lineage = [&] { return database.value("SELECT lineage_key FROM ocop.evidence WHERE external_id = 'e'"); };
    auto const before = lineage();
    // The producer moves to a commune far away, then the product to another producer: every level follows.
    database.execute(
        "UPDATE ocop.producer SET facility_geom = (SELECT inner_point FROM geo.admin_unit WHERE level = 'commune' AND valid_to IS NOT NULL "
        "ORDER BY inner_point <-> (SELECT facility_geom FROM ocop.producer WHERE producer_key = (SELECT producer_key FROM ocop.evidence WHERE external_id = "
        "'e')) "
        "DESC LIMIT 1) WHERE producer_key = (SELECT producer_key FROM ocop.evidence WHERE external_id = 'e')");
    EXPECT_NE(lineage(), before);
    EXPECT_EQ(database.value(kScope), "t");
    auto const version = std::stoi(database.value("SELECT version FROM ocop.evidence WHERE external_id = 'e'"));
    EXPECT_EQ(version, 2);
    database.execute(
        "UPDATE ocop.product SET producer_key = (SELECT max(producer_key) FROM ocop.producer) WHERE product_key = (SELECT min(product_key) FROM ocop.product)");
    EXPECT_EQ(database.value(kScope), "t");
    EXPECT_EQ(database.value("SELECT producer_key = (SELECT max(producer_key) FROM ocop.producer) FROM ocop.evidence WHERE external_id = 'e'"), "t");
    EXPECT_THAT([&] { database.execute("INSERT INTO ocop.award (product_key, award_name) VALUES (-7, 'x')"); },
                ThrowsMessage<std::exception>(HasSubstr("product_key of ocop.award is -7: ocop.product has no such row")));
    // A facility has a place of its own.
    database.execute(
        "INSERT INTO ocop.facility (external_id, producer_key, facility_name, facility_role, facility_unit_code) "
        "SELECT 'f', min(producer_key), 'Kho', 'storage', (SELECT max(code) FROM geo.admin_unit WHERE level = 'commune' AND valid_to IS NULL) FROM "
        "ocop.producer");
    EXPECT_EQ(database.value("SELECT u.code = f.facility_unit_code AND u.valid_to IS NULL AND f.lineage_key IS NOT NULL FROM ocop.facility f "
                             "JOIN geo.admin_unit u USING (unit_key) WHERE f.external_id = 'f'"),
              "t");
}

TEST(RecordTriggers, VersionsCountAndRetiredRowsLeaveTheLists) {
    TestDatabase const database{TestDatabase::From::demo};
    database.execute(
        "UPDATE ocop.product SET brand_name = 'Một', version = 77, created_at = '2000-01-01' WHERE product_key = (SELECT min(product_key) FROM ocop.product)");
    EXPECT_EQ(database.value("SELECT created_at > '2020-01-01' FROM ocop.product ORDER BY product_key LIMIT 1"), "t");
    auto const version = std::stoi(database.value("SELECT version FROM ocop.product ORDER BY product_key LIMIT 1"));
    database.execute("UPDATE ocop.product SET brand_name = 'Hai' WHERE product_key = (SELECT min(product_key) FROM ocop.product)");
    EXPECT_EQ(std::stoi(database.value("SELECT version FROM ocop.product ORDER BY product_key LIMIT 1")), version + 1);
    EXPECT_LT(version, 77);

    auto const retire = [&](std::string const& table, std::string const& key, std::string const& views) {
        auto const row = database.value("SELECT min(" + key + ") FROM " + views.substr(0, views.find(' ')));
        auto const shown = "SELECT count(*) FROM " + views + " WHERE " + key + " = " + row;
        EXPECT_NE(database.value(shown), "0") << table;
        database.execute("UPDATE " + table + " SET retired_at = now() WHERE " + key + " = " + row);
        EXPECT_EQ(database.value(shown), "0") << table;
    };
    retire("ocop.product", "product_key", "pub.product_period JOIN pub.product USING (product_key)");
    retire("ocop.producer", "producer_key", "pub.producer");
    retire("ocop.sales_point", "sales_point_key", "pub.sales_point");
    retire("geo.zone", "zone_key", "pub.zone");
    auto const certificate = database.value("SELECT certificate_key FROM pub.product WHERE certificate_state = 'valid' ORDER BY 1 LIMIT 1");
    database.execute("UPDATE ocop.certificate SET retired_at = now() WHERE certificate_key = " + certificate);
    EXPECT_EQ(database.value("SELECT count(*) FROM pub.certificate WHERE certificate_key = " + certificate), "0");
    EXPECT_EQ(database.value("SELECT count(*) FROM pub.product_period WHERE certificate_key = " + certificate), "0");
    // and is no hindrance to the right one
    database.execute(
        "INSERT INTO ocop.certificate (product_key, star, issued_on, valid_to) SELECT product_key, star, issued_on, valid_to FROM ocop.certificate "
        "WHERE certificate_key = " +
        certificate);

    // Publication: the state people see and the flag that lists read.
    auto const state = [&] { return database.value("SELECT publish_status || ' ' || is_published FROM ocop.product WHERE external_id = 'demo-product-900'"); };
    EXPECT_EQ(state(), "public true");
    database.execute("UPDATE ocop.product SET publish_status = 'draft' WHERE external_id = 'demo-product-900'");
    EXPECT_EQ(state(), "draft false");
    database.execute("UPDATE ocop.product SET is_published = true WHERE external_id = 'demo-product-900'");
    EXPECT_EQ(state(), "public true");
    database.execute("UPDATE ocop.product SET is_published = false WHERE external_id = 'demo-product-900'");
    EXPECT_EQ(state(), "hidden false");
}

TEST(RecordTriggers, AnEditThatListsDoNotShowDerivesNothing) {
    TestDatabase const database{TestDatabase::From::demo};
    auto const row = [&] {
        return database.value("SELECT min(xmin::text::bigint) FROM ocop.product_period WHERE product_key = (SELECT min(product_key) FROM ocop.product)");
    };
    auto const before = row();
    database.execute("UPDATE ocop.product SET brand_name = 'Ba' WHERE product_key = (SELECT min(product_key) FROM ocop.product)");
    EXPECT_EQ(row(), before);
    database.execute("UPDATE ocop.product SET name = 'Tên khác' WHERE product_key = (SELECT min(product_key) FROM ocop.product)");
    EXPECT_NE(row(), before);
}

TEST(RecordTriggers, FiguresAreCountedAnewWhereTheyWouldDiffer) {
    TestDatabase const database{TestDatabase::From::demo};
    auto const stamp = [&] { return database.value("SELECT pub.figure_stamp()"); };
    auto const changes = [&](std::string const& sql) {
        auto const before = stamp();
        database.execute(sql);
        return stamp() != before;
    };
    std::string const one = " WHERE product_key = (SELECT min(product_key) FROM ocop.product WHERE is_published)";
    EXPECT_FALSE(changes("UPDATE ocop.product SET brand_name = 'Ba'" + one));
    EXPECT_FALSE(changes("UPDATE ocop.product SET name = name" + one));
    EXPECT_FALSE(changes("INSERT INTO ocop.product (producer_key, name, registered_on, is_published) SELECT min(producer_key), 'Nháp', '2025-01-01', false FROM ocop.producer"));
    EXPECT_FALSE(changes("UPDATE ocop.product SET name = 'Nháp hai' WHERE name = 'Nháp'"));
    EXPECT_TRUE(changes("UPDATE ocop.product SET is_published = true WHERE name = 'Nháp hai'"));
    EXPECT_TRUE(changes("UPDATE ocop.product SET description = 'Ngọt'" + one));
    EXPECT_TRUE(changes("DELETE FROM ocop.product WHERE name = 'Nháp hai'"));
    EXPECT_TRUE(changes("INSERT INTO ocop.product (producer_key, name, registered_on) SELECT min(producer_key), 'Mới', '2025-01-01' FROM ocop.producer"));
}

TEST(RecordTriggers, EventsAreOnlyAddedAndSignedSheetsStand) {
    TestDatabase const database{TestDatabase::From::demo};
    database.execute(
        "INSERT INTO trace.event (producer_key, event_id, event_type, event_action, event_time) "
        "SELECT min(producer_key), 'urn:uuid:t', 'object', 'add', '2026-11-20 08:00+07' FROM ocop.producer");
    EXPECT_EQ(database.value("SELECT tableoid::regclass FROM trace.event WHERE event_id = 'urn:uuid:t'"), "trace.event_2026_11");
    auto const refused = [&](std::string const& sql, std::string const& what) {
        EXPECT_THAT([&] { database.execute(sql); }, ThrowsMessage<std::exception>(HasSubstr(what))) << sql;
    };
    database.execute("UPDATE trace.event SET national_portal_sync = 'sent' WHERE event_id = 'urn:uuid:t'");
    refused("UPDATE trace.event SET event_quantity = 3 WHERE event_id = 'urn:uuid:t'", "events are never changed or removed");
    refused("DELETE FROM trace.event WHERE event_id = 'urn:uuid:t'", "events are never changed or removed");
    EXPECT_EQ(database.value("SELECT trace.make_months('2030-01-01', '2030-03-01')"), "6");
    EXPECT_EQ(database.value("SELECT trace.make_months('2030-01-01', '2030-03-01')"), "0");

    // GS1 check digits, from the domain's worked examples.
    EXPECT_EQ(database.value("SELECT trace.is_gs1_key('8931234567897') AND trace.is_gs1_key('08930000000019') AND trace.is_gs1_key('08930000000026') "
                             "AND trace.is_gs1_key('8930000000002') AND NOT trace.is_gs1_key('8930000000003')"),
              "t");
    // An identity number in clear is shorter than any sealed one.
    database.execute(
        "INSERT INTO ocop.representative (producer_key, legal_rep_name) SELECT producer_key, 'Thử' FROM ocop.producer p "
        "WHERE NOT EXISTS (SELECT FROM ocop.representative r WHERE r.producer_key = p.producer_key) OR retired_at IS NOT NULL LIMIT 1");
    refused(
        "UPDATE ocop.representative_private SET legal_rep_identity_no = '083199000000'; "
        "INSERT INTO ocop.representative_private (representative_key, legal_rep_identity_no) SELECT representative_key, '083199000000' FROM "
        "ocop.representative LIMIT 1",
        "legal_rep_identity_no_check");

    database.execute(kDossier);
    database.execute(
        "INSERT INTO ocop.council (external_id, council_level, council_decision_no, council_decision_date) VALUES ('k', 'province', '1', '2026-01-01');"
        "INSERT INTO ocop.council_member (external_id, council_key, council_member_name, council_member_role) SELECT 'm', council_key, 'Thử', 'chair' FROM "
        "ocop.council WHERE external_id = 'k';"
        "INSERT INTO ocop.council_session (external_id, council_key, session_date) SELECT 's', council_key, '2026-06-01' FROM ocop.council WHERE external_id = "
        "'k';"
        "INSERT INTO ocop.score_sheet (external_id, dossier_key, council_session_key, council_member_key, score_rubric_version) "
        "SELECT 'p', d.dossier_key, s.council_session_key, m.council_member_key, 'QD26-2026' FROM ocop.dossier d, ocop.council_session s, ocop.council_member "
        "m "
        "WHERE d.external_id = 'd' AND s.external_id = 's' AND m.external_id = 'm';"
        "INSERT INTO ocop.score (score_sheet_key, score_criterion_code, score_points) SELECT score_sheet_key, '1.1', 3 FROM ocop.score_sheet WHERE external_id "
        "= 'p'");
    database.execute("UPDATE ocop.score SET score_points = 2 WHERE score_sheet_key = (SELECT score_sheet_key FROM ocop.score_sheet WHERE external_id = 'p')");
    database.execute("UPDATE ocop.score_sheet SET score_signed_at = now() WHERE external_id = 'p'");
    refused("UPDATE ocop.score SET score_points = 1 WHERE score_sheet_key = (SELECT score_sheet_key FROM ocop.score_sheet WHERE external_id = 'p')",
            "is signed");
    refused("DELETE FROM ocop.score WHERE score_sheet_key = (SELECT score_sheet_key FROM ocop.score_sheet WHERE external_id = 'p')", "is signed");
    refused(
        "INSERT INTO ocop.score (score_sheet_key, score_criterion_code, score_points) SELECT score_sheet_key, '1.2', 3 FROM ocop.score_sheet WHERE external_id "
        "= 'p'",
        "is signed");
}

}  // namespace
}  // namespace record_test
