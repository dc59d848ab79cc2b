#include "gis_core/error.hpp"
#include "programme/audit/history.hpp"
#include "programme/audit/sealer.hpp"
#include "tests/integration/record/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <pqxx/connection>
#include <pqxx/transaction>

namespace audit_test {
namespace {

using record_test::Folder;
using record_test::ocopmap;
using test_support::TestDatabase;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Audit : public testing::Test {
protected:
    void SetUp() override {
        database.execute(
            "INSERT INTO ocop.producer (producer_key, name, kind, registered_on, facility_geom)"
            " VALUES (1, 'HTX Một', 'cooperative', '2025-01-01', 'SRID=4326;POINT(106.38 10.23)'), (2, 'Hộ Hai', 'household', '2025-02-01', NULL)");
    }
    void rename(std::string const& name, int key = 1) const {
        database.execute(fmt::format("UPDATE ocop.producer SET name = '{}' WHERE producer_key = {}", name, key));
    }
    std::string unsealed() const { return database.value("SELECT count(*) FROM audit.entry WHERE seq IS NULL"); }
    void seal() const {
        auto const done = ocopmap(database.conninfo(), {"audit", "seal"});
        ASSERT_EQ(done.exit_code, 0) << done.output;
    }
    test_support::Finished verify(std::vector<std::string> options = {}) const {
        options.insert(options.begin(), {"verify", "audit"});
        return ocopmap(database.conninfo(), options);
    }
    /// As somebody with every right who wants to leave no trace.
    void tamper(std::string const& sql) const {
        database.execute("ALTER TABLE audit.entry DISABLE TRIGGER USER; " + sql + "; ALTER TABLE audit.entry ENABLE TRIGGER USER");
    }
    void five_entries_sealed() const {  // with the two of SetUp
        for (auto const* name : {"A", "B", "C"}) rename(name);
        seal();
        ASSERT_EQ(verify().exit_code, 0);
    }

    TestDatabase database;
};

TEST_F(Audit, SaysWhoDidWhatAndWhy) {
    database.execute(
        "SELECT set_config('ocopmap.account', '7', true), set_config('ocopmap.grant', '9', true), set_config('ocopmap.request', 'r-1', true),"
        " set_config('ocopmap.reason', 'đổi tên', true), set_config('ocopmap.address', '192.0.2.1', true);"
        "SET LOCAL ROLE ocopmap_editor; UPDATE ocop.producer SET name = 'HTX Mới' WHERE producer_key = 1");
    EXPECT_EQ(database.value("SELECT concat_ws('|', login = session_user, role, account_key, grant_key, request, address, action, object, row_key, reason) "
                             "FROM audit.entry ORDER BY entry_key DESC LIMIT 1"),
              "t|ocopmap_editor|7|9|r-1|192.0.2.1|update|ocop.producer|1|đổi tên");
    rename("HTX Nữa");
    EXPECT_EQ(
        database.value("SELECT concat_ws('|', login = session_user, role, account_key, request, reason) FROM audit.entry ORDER BY entry_key DESC LIMIT 1"), "t")
        << "psql: the login alone";
    auto const count = database.value("SELECT count(*) FROM audit.entry");
    database.execute("UPDATE ocop.certificate SET star = 3 WHERE false; UPDATE geo.zone SET name = name");
    EXPECT_EQ(database.value("SELECT count(*) FROM audit.entry"), count) << "nothing changed, nothing recorded";
}

TEST_F(Audit, TheHashIsThatOfTheRowWithoutNullsAndGeneratedColumns) {
    // Spelt out here: names in jsonb's order (by length, then bytes), geometry as EWKB, times in UTC.
    database.execute("UPDATE ocop.producer SET updated_at = updated_at WHERE producer_key = 1");
    EXPECT_EQ(
        database.value("SET timezone = 'Asia/Ho_Chi_Minh'; SET datestyle = 'German'; "
                       "SELECT e.after_hash = sha256(convert_to(format('{\"kind\": \"cooperative\", \"name\": \"HTX Một\", \"is_demo\": false, \"version\": "
                       "%s, \"created_at\": \"%s\", \"updated_at\": \"%s\", "
                       "\"public_geom\": \"%s\", \"is_published\": true, \"producer_key\": 1, \"facility_geom\": \"%4$s\", \"registered_on\": \"2025-01-01\", "
                       "\"location_consent\": false, \"operating_status\": \"active\", \"public_geom_approximate\": false}', p.version, "
                       "rtrim(to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), '0') || '+00:00', "
                       "rtrim(to_char(p.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), '0') || '+00:00', "
                       "upper(encode(ST_AsEWKB(p.facility_geom), 'hex'))), 'UTF8')) "
                       "FROM audit.entry e, ocop.producer p WHERE p.producer_key = 1 AND e.row_key = '1' ORDER BY e.entry_key DESC LIMIT 1"),
        "t");
}

TEST_F(Audit, ASecondImplementationFindsTheSameHashes) {
    database.execute("SELECT audit.note('reveal', 'ocop.producer', E'xem số, \"ba\" số cuối\\nmột lần', '1')");
    database.execute("DELETE FROM ocop.producer WHERE producer_key = 2; TRUNCATE ocop.sales_point CASCADE");
    seal();
    auto const python = test_support::run({"python3", test_support::source_dir() + "/tests/integration/audit/chain.py", database.conninfo()});
    EXPECT_EQ(python.output, database.value("SELECT count(*) FROM audit.entry") + " entries hold\n");
    EXPECT_EQ(unsealed(), "0");
    EXPECT_EQ(verify({"--rows"}).exit_code, 0);
}

TEST_F(Audit, AChangedEntryIsNamed) {
    five_entries_sealed();
    tamper("UPDATE audit.entry SET reason = 'khác' WHERE seq = 3");
    auto const found = verify();
    EXPECT_EQ(found.exit_code, 1);
    EXPECT_THAT(found.output, HasSubstr("broken at seq 3"));
    EXPECT_THAT(found.output, HasSubstr("its content does not give its hash; 2 entries before it hold"));
}

TEST_F(Audit, ADeletedEntryIsNamed) {
    five_entries_sealed();
    tamper("DELETE FROM audit.entry WHERE seq = 2");
    EXPECT_THAT(verify().output, HasSubstr("broken at seq 2: missing; the next entry there is has seq 3"));
    tamper("UPDATE audit.entry SET seq = seq - 1 WHERE seq = 3");
    EXPECT_THAT(verify().output, HasSubstr("previous_hash is not the hash of seq 1"));
    tamper("DELETE FROM audit.entry WHERE seq = 1");
    EXPECT_THAT(verify().output, HasSubstr("broken at seq 1: missing")) << "the first";
}

TEST_F(Audit, TwoSwappedEntriesAreNamed) {
    five_entries_sealed();
    tamper("UPDATE audit.entry SET seq = 1000 WHERE seq = 3; UPDATE audit.entry SET seq = 3 WHERE seq = 4; UPDATE audit.entry SET seq = 4 WHERE seq = 1000");
    ASSERT_EQ(database.value("SELECT string_agg(seq::text, ' ' ORDER BY entry_key) FROM audit.entry"), "1 2 4 3 5");
    EXPECT_THAT(verify().output, HasSubstr("broken at seq 3"));
}

TEST_F(Audit, AnAnchorNoticesAChainCutShort) {
    five_entries_sealed();
    Folder const folder;
    auto const anchor = folder / "anchor";
    ASSERT_EQ(verify({"--anchor", anchor}).exit_code, 0);
    rename("D");
    seal();
    EXPECT_EQ(verify({"--anchor", anchor}).exit_code, 0) << "a longer chain is no broken one";
    tamper("DELETE FROM audit.entry WHERE seq >= 5");
    EXPECT_EQ(verify().exit_code, 0) << "without an anchor nobody can tell";
    auto const cut = verify({"--anchor", anchor});
    EXPECT_EQ(cut.exit_code, 1);
    EXPECT_THAT(cut.output, HasSubstr("seq 5: missing; the chain ends at 4, the anchor was taken at 6"));
    rename("E");  // the chain grows again, as long as it was
    rename("F");
    seal();
    EXPECT_THAT(verify({"--anchor", anchor}).output, HasSubstr("seq 6: its hash is not the one the anchor noted"));
    EXPECT_EQ(verify({"--anchor", folder.write("nonsense", "6 abc")}).exit_code, 2);
}

TEST_F(Audit, TheUnsealedTailIsReported) {
    five_entries_sealed();
    rename("D");
    rename("E");
    auto const found = verify();
    EXPECT_EQ(found.exit_code, 0);
    EXPECT_THAT(found.output, HasSubstr("the chain holds: 5 entries"));
    EXPECT_THAT(found.output, HasSubstr("2 entries are not sealed yet"));
}

TEST_F(Audit, EntriesAreChainedInTheOrderOfCommits) {
    seal();
    pqxx::connection first{database.conninfo()}, second{database.conninfo()}, third{database.conninfo()};
    pqxx::work early{first}, late{second}, later{third};
    early.exec("SELECT audit.note('first to write', 'test')");
    late.exec("SELECT audit.note('second to write', 'test')");
    later.exec("SELECT audit.note('third to write', 'test')");
    later.commit();
    seal();  // two transactions with lower numbers are still open: nobody waits for them
    EXPECT_EQ(unsealed(), "0");
    late.commit();
    early.commit();
    seal();
    EXPECT_EQ(database.value("SELECT string_agg(action, ', ' ORDER BY seq) FROM audit.entry WHERE object = 'test'"),
              "third to write, second to write, first to write");
    EXPECT_EQ(verify().exit_code, 0);
    EXPECT_EQ(database.value("SELECT count(*) FROM audit.commit"), "0") << "the numbers of commits are not kept";
}

TEST_F(Audit, AKilledSealerLeavesNothingAndTheNextGoesOn) {
    five_entries_sealed();
    for (int i = 0; i < 5; ++i) rename(fmt::format("lần {}", i));
    pqxx::connection other{database.conninfo()};
    pqxx::work holder{other};
    holder.exec("SELECT FROM audit.entry WHERE seq IS NULL FOR UPDATE");
    auto const waiting = [&] {
        return database.value(
                   "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'ocopmap audit seal' "
                   "AND wait_event_type = 'Lock'") != "0";
    };
    {
        test_support::Process sealer{{test_support::cli(), "--database", database.conninfo(), "audit", "seal"}};
        ASSERT_TRUE(test_support::wait_until(waiting, std::chrono::seconds(20)));
        sealer.kill9();
    }
    holder.abort();
    ASSERT_TRUE(test_support::wait_until(
        [&] {
            return database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'ocopmap audit seal'") ==
                   "0";
        },
        std::chrono::seconds(20)));
    // The server may have finished what it was told last, the COMMIT never came.
    EXPECT_EQ(unsealed(), "5");
    seal();
    EXPECT_EQ(unsealed(), "0");
    EXPECT_EQ(verify().exit_code, 0);
}

TEST_F(Audit, SealersSealWithinASecondAndHeal) {
    programme::audit::Sealer one{database.conninfo_as("ocopmap_api")}, two{database.conninfo_as("ocopmap_api")};
    one.start();
    two.start();
    auto const sealed = [&] { return unsealed() == "0"; };
    ASSERT_TRUE(test_support::wait_until(sealed, std::chrono::seconds(10)));
    for (int i = 0; i < 5; ++i) {
        rename(fmt::format("lần {}", i));
        EXPECT_TRUE(test_support::wait_until(sealed, std::chrono::seconds(1)));
    }
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'ocopmap-api sealer'");
    rename("sau đó");
    EXPECT_TRUE(test_support::wait_until(sealed, std::chrono::seconds(5)));
    EXPECT_EQ(one.sealed() + two.sealed(), std::stoll(database.value("SELECT max(seq) FROM audit.entry")));
    one.stop();
    two.stop();
    EXPECT_EQ(verify().exit_code, 0);
}

TEST_F(Audit, NobodyChangesWhatIsWritten) {
    seal();
    rename("chưa niêm phong");
    for (auto const* role : {"ocopmap_public", "ocopmap_editor", "ocopmap_api", "ocopmap_tiles", "ocopmap_sealer", "ocopmap_auditor"}) {
        for (auto const* table : {"entry", "revision", "commit", "watched"}) {
            for (auto const* statement :
                 {"UPDATE audit.{0} SET {1} = {1}", "DELETE FROM audit.{0}", "TRUNCATE audit.{0}", "INSERT INTO audit.{0} DEFAULT VALUES"}) {
                auto const column = std::string_view{table} == "watched" ? "object" : std::string_view{table} == "commit" ? "xid" : "entry_key";
                auto const sql = fmt::format("SET ROLE {}; ", role) + fmt::format(fmt::runtime(statement), table, column);
                try {
                    database.execute(sql);
                    ADD_FAILURE() << sql;
                } catch (std::runtime_error const& error) {
                    EXPECT_THAT(error.what(), HasSubstr("permission denied")) << sql;
                }
            }
        }
    }
    for (auto const* sql : {"UPDATE audit.entry SET reason = 'x' WHERE seq IS NULL", "UPDATE audit.entry SET seq = 9 WHERE seq = 1", "DELETE FROM audit.entry",
                            "TRUNCATE audit.entry", "DELETE FROM audit.revision", "UPDATE audit.revision SET image = '{}'",
                            "SET session_replication_role = replica; DELETE FROM audit.entry"}) {
        try {
            database.execute(sql);
            ADD_FAILURE() << "the owner: " << sql;
        } catch (std::runtime_error const& error) {
            EXPECT_THAT(error.what(), HasSubstr("append-only")) << sql;
        }
    }
    EXPECT_THROW(database.execute("SET ROLE ocopmap_sealer; SELECT audit.seal(99, ARRAY[3], repeat('x', 64)::bytea)"), std::runtime_error) << "not the next";
    EXPECT_EQ(test_support::value(database.conninfo_as("ocopmap_api"), "SELECT audit.note('sign-in', 'account 7')"), "");
    EXPECT_THROW(test_support::value(database.conninfo_as("ocopmap_tiles"), "SELECT count(*) FROM audit.entry"), std::runtime_error) << "few may read";
}

TEST_F(Audit, RowsChangedBehindTheRecordAreNamed) {
    rename("HTX Hai");
    ASSERT_EQ(verify({"--rows"}).exit_code, 0);
    database.execute(
        "SET session_replication_role = replica; UPDATE ocop.producer SET name = 'lén' WHERE producer_key = 1; DELETE FROM ocop.producer WHERE producer_key = "
        "2");
    auto const found = verify({"--rows"});
    EXPECT_EQ(found.exit_code, 1);
    EXPECT_THAT(found.output, HasSubstr("ocop.producer 1 (entry 3): the row is not as its last entry left it"));
    EXPECT_THAT(found.output, HasSubstr("ocop.producer 2 (entry 2): the row is gone without an entry"));
    EXPECT_EQ(verify().exit_code, 0) << "the chain itself holds";
    database.execute("ALTER TABLE ocop.producer ADD COLUMN note text");
    EXPECT_EQ(database.value("SELECT audit.accept('ocop.producer', 'migration')"), "2");
    EXPECT_EQ(verify({"--rows"}).exit_code, 0);
    database.execute("ALTER TABLE audit.revision DISABLE TRIGGER USER; UPDATE audit.revision SET image = image || '{\"name\": \"giả\"}'");
    EXPECT_THAT(verify({"--rows"}).output, HasSubstr("ocop.producer 1 (entry 3): the version before it is not as it was"));
}

TEST_F(Audit, AHiddenColumnIsKeptAsAKeyedHashOnly) {
    database.execute(
        "CREATE TABLE ocop.person (person_key bigint PRIMARY KEY, identity_no text, name text, version integer NOT NULL DEFAULT 1, retired_at timestamptz);"
        "SELECT audit.watch('ocop.person', 'person_key', ARRAY['identity_no'])");
    database.execute("INSERT INTO ocop.person VALUES (1, '079123456789', 'An'), (2, '079123456789', 'Bình')");
    database.execute("UPDATE ocop.person SET identity_no = '079000000000', version = version + 1");
    database.execute("UPDATE ocop.person SET retired_at = now(), version = version + 1 WHERE person_key = 1");
    EXPECT_EQ(database.value("SELECT count(*) FROM audit.revision WHERE image::text ~ '0790|0791'"), "0");
    EXPECT_EQ(database.value("SELECT count(DISTINCT image->>'identity_no') FROM audit.revision"), "3")
        << "equal numbers of two people cannot be told to be equal";
    EXPECT_EQ(database.value(
                  "SELECT string_agg(action || coalesce(version, 0), ' ' ORDER BY entry_key) FROM audit.entry WHERE object = 'ocop.person' AND row_key = '1'"),
              "insert1 update2 retire3");
    pqxx::connection connection{database.conninfo()};
    pqxx::work tx{connection};
    auto const versions = programme::audit::history(tx, "ocop.person", "1");
    ASSERT_EQ(versions.size(), 3U);
    EXPECT_THAT(versions[0].changed, ElementsAre("retired_at", "version"));
    EXPECT_THAT(versions[1].changed, ElementsAre("identity_no", "version"));
    EXPECT_THROW(database.execute("SELECT audit.watch('ocop.person', 'person_key', ARRAY['identity'])"), std::runtime_error);
    database.execute("SELECT audit.blank('ocop.person', '1', ARRAY['name'], 'yêu cầu xóa')");
    EXPECT_EQ(
        database.value(
            "SELECT count(*) FROM audit.revision v JOIN audit.entry e USING (entry_key) WHERE image ? 'name' AND e.row_key = '1' AND e.object = 'ocop.person'"),
        "0");
    EXPECT_EQ(verify({"--rows"}).exit_code, 0) << "blanked is not broken";
}

TEST_F(Audit, HistoryTellsTheVersionsNewestFirst) {
    rename("HTX Hai");
    database.execute(
        "SELECT set_config('ocopmap.reason', 'chuyển đi', true); UPDATE ocop.producer SET facility_geom = 'SRID=4326;POINT(106.4 10.2)', name = 'HTX Ba' WHERE "
        "producer_key = 1");
    pqxx::connection connection{database.conninfo()};
    {
        pqxx::work tx{connection};
        auto const versions = programme::audit::history(tx, "ocop.producer", "1");
        ASSERT_EQ(versions.size(), 3U);
        EXPECT_EQ(versions[0].reason, "chuyển đi");
        EXPECT_EQ(versions[0].until, "");
        EXPECT_THAT(versions[0].changed, ElementsAre("facility_geom", "name", "public_geom", "updated_at", "version"));
        EXPECT_THAT(versions[0].image, HasSubstr("HTX Ba"));
        EXPECT_EQ(versions[1].until, versions[0].since);
        EXPECT_THAT(versions[1].image, HasSubstr("HTX Hai"));
        EXPECT_EQ(versions[2].action, "insert");
        EXPECT_THAT(versions[2].image, HasSubstr("HTX Một"));
        EXPECT_TRUE(programme::audit::history(tx, "ocop.nothing", "1").empty());
    }
    database.execute(
        "GRANT EXECUTE ON FUNCTION audit.history(text, text) TO ocopmap_editor; ALTER TABLE ocop.producer ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY mine ON ocop.producer TO ocopmap_editor USING (producer_key = 2)");
    pqxx::work tx{connection};
    tx.exec("SET LOCAL ROLE ocopmap_editor");
    EXPECT_EQ(programme::audit::history(tx, "ocop.producer", "2").size(), 1U);
    EXPECT_THROW(programme::audit::history(tx, "ocop.producer", "1"), gis_core::Error) << "a policy hides the row";
    tx.exec("RESET ROLE");
    tx.exec("DELETE FROM ocop.producer WHERE producer_key = 1");
    auto const versions = programme::audit::history(tx, "ocop.producer", "1");
    ASSERT_EQ(versions.size(), 4U);
    EXPECT_EQ(versions[0].action, "delete");
    EXPECT_THAT(versions[0].image, IsEmpty());
}

TEST_F(Audit, ALoadLeavesAnEntryAStatement) {
    TestDatabase const demo{TestDatabase::From::demo};
    EXPECT_EQ(demo.value("SELECT string_agg(object || ' ' || rows, ', ' ORDER BY object) FROM audit.entry WHERE action = 'insert' AND object IN "
                         "('ocop.product', 'ocop.producer')"),
              "ocop.producer 300, ocop.product 1000");
    EXPECT_EQ(demo.value("SELECT count(*) FROM audit.entry WHERE object = 'ocop.product' AND row_key IS NOT NULL"), "0");
    EXPECT_THAT(demo.value("SELECT DISTINCT reason FROM audit.entry WHERE rows IS NOT NULL"), HasSubstr("ocopmap seed --seed 1 --scale 1"));
    EXPECT_EQ(ocopmap(demo.conninfo(), {"audit", "seal"}).exit_code, 0);
    EXPECT_EQ(ocopmap(demo.conninfo(), {"verify", "audit", "--rows"}).exit_code, 0);
    // Only the owner's login may; a service that tries leaves its entries all the same.
    database.execute(
        "CREATE TABLE public.thing (a bigint PRIMARY KEY); SELECT audit.watch('public.thing', 'a'); GRANT INSERT ON public.thing TO ocopmap_tiles");
    test_support::query(database.conninfo_as("ocopmap_tiles"), "SET ocopmap.audit_summary = 'on'; INSERT INTO public.thing VALUES (1), (2)");
    EXPECT_EQ(database.value("SELECT string_agg(row_key, ' ' ORDER BY row_key) FROM audit.entry WHERE login = 'ocopmap_tiles'"), "1 2");
}

TEST_F(Audit, TheCommandsSayWhatIsWrong) {
    EXPECT_EQ(ocopmap("host=/nonexistent dbname=nothing", {"verify", "audit"}).exit_code, 1);
    EXPECT_EQ(ocopmap("host=/nonexistent dbname=nothing", {"audit", "seal"}).exit_code, 1);
    EXPECT_EQ(ocopmap(database.conninfo(), {"verify"}).exit_code, 2);
}

}  // namespace
}  // namespace audit_test
