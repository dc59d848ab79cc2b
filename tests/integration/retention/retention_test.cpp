// What ages goes when its period is over, and not a day before; days are passed in. The first days are counted by hand.
#include "programme/retention/retention.hpp"

#include "gis_core/error.hpp"
#include "programme/files/files.hpp"
#include "programme/records/records.hpp"
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/process.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace {

namespace fs = std::filesystem;
using namespace programme::retention;
using gis_core::db::Actor;
using gis_core::db::Pool;
using test_support::TestDatabase;

constexpr char kDay[] = "2030-03-01", kNextDay[] = "2030-03-02";

/// A kind, the first day that has not had its period on 01/03/2030, how a row of it is made, and how many there are.
struct Sample {
    char const* kind;
    char const* first_kept;
    char const* insert;  // {at}: where its period begins; {n}: 1 or 2
    char const* left;
};
std::vector<Sample> const kSamples{
    {"sessions", "2029-12-01",
     "INSERT INTO auth.session (token_hash, account_key, expires_at, revoked_at, address, user_agent) VALUES (sha256('{n}'), 900, '2030-02-28', '{at}', 'x', 'y')",
     "SELECT count(*) FROM auth.session WHERE account_key = 900"},
    {"devices", "2029-03-01", "INSERT INTO auth.device VALUES (sha256('{n}'), 900, '{at}')", "SELECT count(*) FROM auth.device WHERE account_key = 900"},
    {"sign-in-attempts", "2030-02-27", "INSERT INTO auth.sign_in_counter VALUES (sha256('{n}'), 7001, '{at}')",
     "SELECT count(*) FROM auth.sign_in_counter WHERE failures = 7001"},
    {"reset-codes", "2030-01-30", "INSERT INTO auth.reset_code (code_hash, account_key, expires_at) VALUES (sha256('{n}'), 900, '{at}')",
     "SELECT count(*) FROM auth.reset_code WHERE account_key = 900"},
    {"recovery-codes", "2030-01-30", "INSERT INTO auth.recovery_code VALUES (sha256('{n}'), 900, '{at}')", "SELECT count(*) FROM auth.recovery_code WHERE account_key = 900"},
    {"refused-sign-ups", "2029-03-01",
     "INSERT INTO auth.sign_up (producer_name, kind, unit_key, contact_name, phone, consent_version, state, decided_at, decided_by, reason) "
     "SELECT 'Cơ sở thử', 'household', min(unit_key), 'Người thử', '0911222333', '1', 'refused', '{at}', 900, 'không đúng' FROM geo.admin_unit WHERE level = 'commune'",
     "SELECT count(*) FROM auth.sign_up WHERE decided_by = 900"},
    {"read-notifications", "2029-09-01",
     "WITH e AS (INSERT INTO notify.event (kind, at, facts, object, row_key, told_at) VALUES ('review', '2030-02-01', '{{}}', 'x', 900, '2030-02-01') RETURNING event_key) "
     "INSERT INTO notify.inbox (account_key, event_key, read_at) SELECT 900, event_key, '{at}' FROM e",
     "SELECT count(*) FROM notify.inbox WHERE account_key = 900 AND read_at IS NOT NULL"},
    {"notifications", "2029-03-01",
     "INSERT INTO notify.event (kind, at, facts, object, row_key, told_at) VALUES ('review', '{at}', '{{}}', 'x', 901, '2030-02-01')",
     "SELECT count(*) FROM notify.event WHERE row_key = 901"},
    {"notified-days", "2029-01-25", "INSERT INTO notify.day VALUES ('{at}'::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')", "SELECT count(*) FROM notify.day WHERE day < '2030-01-01' AND day > '2029-01-01'"},
    {"scan-regions", "2029-03-01", "INSERT INTO trace.scan (scan_at, scan_region) VALUES ('{at}', 'Xã thử')", "SELECT count(*) FROM trace.scan WHERE scan_region = 'Xã thử'"},
    {"feedback-senders", "2029-03-01",
     "INSERT INTO contact.feedback (code_hash, kind, body, sender_name, sender_contact, created_at) "
     "VALUES (encode(sha256('{n}'), 'hex'), 'praise', 'Rất ngon, cảm ơn.', 'Người gửi thử', '0911 222 333', '{at}')",
     "SELECT count(*) FROM contact.feedback WHERE sender_name = 'Người gửi thử' OR sender_contact = '0911 222 333'"},
    {"feedback-counts", "2030-03-01", "INSERT INTO contact.day_key (day) VALUES ('{at}'::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')",
     "SELECT count(*) FROM contact.day_key WHERE day > '2030-01-01'"},
    {"drafts", "2030-01-30", "INSERT INTO draft.record_draft VALUES (900, 'plots', {n}, 'a=1', '{at}')", "SELECT count(*) FROM draft.record_draft WHERE account_key = 900"},
    {"import-rows", "2030-02-22",
     "WITH j AS (INSERT INTO imports.job (role, request, reason, entity, file_name, file_format, partial, renamed, epsg, layer, state, created_at, finished_at) "
     "VALUES ('R08', 'x', 'thử hàng', 'plots', 'x.csv', 'csv', false, '{{}}', 0, '', 'done', '2030-02-28', '{at}') RETURNING job_key) "
     "INSERT INTO imports.staged (job_key, line, is_good, cells) SELECT job_key, 1, true, '{{}}' FROM j",
     "SELECT count(*) FROM imports.staged JOIN imports.job USING (job_key) WHERE reason = 'thử hàng'"},
    {"import-jobs", "2030-01-30",
     "INSERT INTO imports.job (role, request, reason, entity, file_name, file_format, partial, renamed, epsg, layer, state, created_at, finished_at) "
     "VALUES ('R08', 'x', 'thử việc', 'plots', 'x.csv', 'csv', false, '{{}}', 0, '', 'done', '2030-02-28', '{at}')",
     "SELECT count(*) FROM imports.job WHERE reason = 'thử việc'"},
    {"uploads", "2030-03-01",
     "INSERT INTO files.upload (upload, account_key, name, declared_type, bytes_total, expires_at) VALUES (repeat('{n}', 32), 900, 'x', '', 9, '{at}')",
     "SELECT count(*) FROM files.upload WHERE account_key = 900"},
    {"stray-files", "2030-02-22",
     "INSERT INTO files.file (sha256, bytes, media_type, scan, let_go_at, created_at) VALUES (encode(sha256('{n}'), 'hex'), 9, 'application/x-thu', 'none', '{at}', '2027-01-01')",
     "SELECT count(*) FROM files.file WHERE media_type = 'application/x-thu'"},
    {"retired-representatives", "2030-01-30",
     "INSERT INTO ocop.representative (producer_key, legal_rep_name, legal_rep_gender, contact_person_phone, retired_at) VALUES (900900, 'Đại diện thử', 'female', '0911222333', '{at}')",
     "SELECT count(*) FROM ocop.representative WHERE producer_key = 900900 AND (legal_rep_name = 'Đại diện thử' OR num_nonnulls(legal_rep_gender, contact_person_phone) > 0)"},
    {"retired-representatives-private", "2030-01-30",
     "WITH r AS (INSERT INTO ocop.representative (producer_key, legal_rep_name, retired_at) VALUES (900900, 'Đại diện khác', '{at}') RETURNING representative_key) "
     "INSERT INTO ocop.representative_private (representative_key, legal_rep_ethnicity, legal_rep_permanent_address) SELECT representative_key, 'Khmer thử', 'Ấp thử' FROM r",
     "SELECT count(*) FROM ocop.representative_private WHERE legal_rep_ethnicity = 'Khmer thử' OR legal_rep_permanent_address = 'Ấp thử'"},
    {"retired-workers", "2030-01-30",
     "WITH y AS (INSERT INTO ocop.business_year (producer_key, report_year) VALUES (900900, 2000 + {n}) RETURNING business_year_key) "
     "INSERT INTO ocop.insured_worker (business_year_key, worker_name, worker_residence, worker_in_commune, retired_at) SELECT business_year_key, 'Lao động thử', 'Ấp thử', true, '{at}' FROM y",
     "SELECT count(*) FROM ocop.insured_worker WHERE worker_name = 'Lao động thử' OR worker_residence = 'Ấp thử'"},
    {"retired-farmers", "2030-01-30",
     "INSERT INTO geo.plot (plot_code, plot_geom, farmer_name, cadastral_parcel_no, retired_at) VALUES ('thu-{n}', "
     "ST_Multi(ST_GeomFromText('POLYGON((106.4{n} 10.2, 106.401 10.2, 106.401 10.201, 106.4{n} 10.2))', 4326)), 'Nông dân thử', '12', '{at}')",
     "SELECT count(*) FROM geo.plot WHERE farmer_name = 'Nông dân thử' OR plot_code LIKE 'thu-%' AND cadastral_parcel_no IS NOT NULL"},
    {"reports", "2029-01-25", "INSERT INTO retention.run (day, kind, rows) VALUES ('{at}'::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh', 'thu-{n}', 1)",
     "SELECT count(*) FROM retention.run WHERE kind LIKE 'thu-%'"},
};

class RetentionTest : public testing::Test {
protected:
    void SetUp() override {
        database.execute("INSERT INTO auth.account (account_key, login, display_name) VALUES (900, 'nguoi.thu', 'Người thử');"
                         "INSERT INTO ocop.producer (producer_key, name, kind, registered_on, unit_key, is_published, is_demo, source) "
                         "SELECT 900900, 'Cơ sở thử', 'household', '2024-01-01', min(unit_key), false, true, 'test' FROM geo.admin_unit WHERE level = 'commune' AND valid_to IS NULL");
        config.place = (folder / "store").string();
        files.emplace(pool, config);
    }
    void TearDown() override { fs::remove_all(folder); }

    /// As the daemon does, in its role.
    std::map<std::string, Outcome> run(std::string const& day, How how = How::again) {
        std::map<std::string, Outcome> out;
        for (auto& done : run_day(pool, &*files, &keeper, list, day, how, [] { return false; })) out[done.kind] = done;
        return out;
    }
    void add(Sample const& sample, std::string const& at, int n) { database.execute(fmt::format(fmt::runtime(sample.insert), fmt::arg("at", at), fmt::arg("n", n))); }
    std::string left(Sample const& sample) const { return database.value(sample.left); }

    TestDatabase database{TestDatabase::From::demo};
    fs::path folder = fs::temp_directory_path() / ("ocopmap-retention-" + database.name());
    List list = List::load(test_support::source_dir() + "/data");
    Pool pool{{.conninfo = database.conninfo_as("ocopmap_api"), .application_name = "retention test"}};
    Actor keeper{.role = "ocopmap_keeper", .account = 0, .grant = 0, .request = {}, .reason = "retention"};
    programme::files::Config config;
    std::optional<programme::files::Files> files;
};

TEST_F(RetentionTest, EachKindGoesWhenItsPeriodIsOverAndNotADayBefore) {
    std::vector<std::string> tried, wanted;
    for (auto const& kind : list.kinds()) {
        if (kind.does != Does::kept) wanted.push_back(kind.id);
    }
    for (auto const& sample : kSamples) {
        tried.emplace_back(sample.kind);
        auto const first_kept = std::string{sample.first_kept};
        add(sample, database.value("SELECT (timestamptz '" + first_kept + " 00:00+07' - interval '1 second')::text"), 1);
        add(sample, first_kept + " 00:00+07", 2);
    }
    EXPECT_EQ(tried, wanted);

    auto const tried_only = run(kDay, How::dry);
    for (auto const& sample : kSamples) {
        EXPECT_EQ(left(sample), "2") << sample.kind << " after a dry run";
        EXPECT_GE(tried_only.at(sample.kind).rows, 1) << sample.kind;
    }
    EXPECT_EQ(database.value("SELECT count(*) FROM retention.run WHERE kind NOT LIKE 'thu-%'"), "0");

    auto const done = run(kDay);
    for (auto const& sample : kSamples) {
        EXPECT_EQ(left(sample), "1") << sample.kind;
        EXPECT_EQ(done.at(sample.kind).rows, tried_only.at(sample.kind).rows) << sample.kind;
        EXPECT_FALSE(done.at(sample.kind).oldest.empty()) << sample.kind;
        EXPECT_EQ(database.value(fmt::format("SELECT rows FROM retention.run WHERE day = '{}' AND kind = '{}'", kDay, sample.kind)),
                  std::to_string(done.at(sample.kind).rows));
    }
    run(kNextDay);
    for (auto const& sample : kSamples) EXPECT_EQ(left(sample), "0") << sample.kind;
}

TEST_F(RetentionTest, ADaysWorkIsDoneOnce) {
    EXPECT_EQ(run(kDay, How::once).size(), list.kinds().size() - 2 + 1);  // all but the two that are kept, and the months
    EXPECT_TRUE(run(kDay, How::once).empty());
    EXPECT_FALSE(run(kNextDay, How::once).empty());
}

TEST_F(RetentionTest, AuditAndEvidenceStay) {
    auto const sums = [&](char const* table) { return database.value(fmt::format("SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t", table)); };
    ASSERT_NE(database.value("SELECT count(*) FROM ocop.evidence"), "0");
    auto const evidence = sums("ocop.evidence"), dossiers = sums("ocop.dossier");
    database.execute("UPDATE ocop.producer SET name = 'Cơ sở thử khác' WHERE producer_key = 900900");
    auto const entries = database.value("SELECT max(entry_key) FROM audit.entry");
    auto const old_entries = [&] { return database.value("SELECT count(*) || md5(string_agg(e::text, '|' ORDER BY entry_key)) FROM audit.entry e WHERE entry_key <= " + entries); };
    auto const before = old_entries();
    run("2060-01-01");
    EXPECT_EQ(sums("ocop.evidence"), evidence);
    EXPECT_EQ(sums("ocop.dossier"), dossiers);
    EXPECT_EQ(old_entries(), before);
    auto const verified = test_support::run({test_support::cli(), "--database", database.conninfo(), "verify", "audit", "--rows"});
    EXPECT_EQ(verified.exit_code, 0) << verified.output;
}

TEST_F(RetentionTest, PeopleWhomPapersNameStayUntilThesePapersEnd) {
    database.execute("INSERT INTO ocop.representative (producer_key, legal_rep_name, retired_at) VALUES (900900, 'Đại diện cũ', '2026-01-01');"
                     "INSERT INTO ocop.product (product_key, producer_key, name, registered_on) VALUES (900900, 900900, 'Kẹo thử', '2024-01-01');"
                     "INSERT INTO ocop.certificate (product_key, star, issued_on, valid_to) VALUES (900900, 4, pub.business_date() - 30, pub.business_date() + 900)");
    auto const name = [&] { return database.value("SELECT legal_rep_name FROM ocop.representative WHERE producer_key = 900900"); };
    run({});
    EXPECT_EQ(name(), "Đại diện cũ");
    database.execute("UPDATE ocop.certificate SET revoked_on = pub.business_date() WHERE product_key = 900900");
    run({});
    EXPECT_EQ(name(), "(đã xóa)");
    // Its older versions, which the history would show, say no more.
    EXPECT_EQ(database.value("SELECT count(*) FROM audit.revision WHERE image::text LIKE '%Đại diện cũ%'"), "0");
}

TEST_F(RetentionTest, WhatIsBlankedIsWhatTheDictionaryCallsPersonal) {
    auto const dictionary = programme::dictionary::Dictionary::load(test_support::source_dir() + "/data");
    auto const body = database.value("SELECT prosrc FROM pg_proc WHERE oid = 'retention.expire'::regproc");
    for (auto const& [kind, entity] : {std::pair{"retired-representatives", "representatives"}, {"retired-representatives-private", "representatives-private"},
                                       {"retired-workers", "insured-workers"}, {"retired-farmers", "plots"}}) {
        auto const at = body.find(fmt::format("WHEN '{}'", kind));
        ASSERT_NE(at, std::string::npos) << kind;
        auto const open = body.find('{', at);
        auto const columns = "," + body.substr(open + 1, body.find('}', open) - open - 1) + ",";
        for (auto const* field : dictionary.entity(entity).fields) {
            // What must stand and is no text says nothing of somebody whose name is gone; an outline without a name is ground.
            bool const is_taken = (field->type == programme::dictionary::FieldType::text || !field->is_required) && !programme::dictionary::is_shape(*field);
            bool const is_wanted = field->personal != programme::dictionary::Personal::none && is_taken && field->table == dictionary.entity(entity).table;
            EXPECT_EQ(columns.find("," + field->column + ",") != std::string::npos, is_wanted) << kind << " " << field->column;
        }
        EXPECT_GE(database.value(fmt::format("SELECT '2030-01-01'::date - ('2030-01-01'::date - '{}'::interval)::date", list.kind(kind).period)),
                  std::to_string(programme::records::kRestoreDays))
            << kind << " goes while it can be brought back";
    }
}

// The migrations made the months to 12/2027; from there on the day's work does.
TEST_F(RetentionTest, MonthsOfEventsAndScansAreMadeAhead) {
    database.execute("INSERT INTO trace.scan (scan_at) VALUES ('2029-05-31 23:00+07')");  // before there was a month for it
    auto const done = run("2028-05-17", How::once);
    EXPECT_EQ(done.at(kMonths).rows, 13 + 12);  // events and scans, May 2028 to May 2029; one stays where its row waits
    database.execute("INSERT INTO trace.scan (scan_at, external_id) VALUES ('2028-05-01 00:00+07', 'a'), ('2029-04-30 23:59+07', 'b')");
    EXPECT_EQ(database.value("SELECT string_agg(tableoid::regclass::text, ' ' ORDER BY external_id) FROM trace.scan WHERE external_id IN ('a', 'b')"),
              "trace.scan_2028_05 trace.scan_2029_04");
    EXPECT_EQ(database.value("SELECT to_regclass('trace.event_2029_05') IS NOT NULL"), "t");
    EXPECT_EQ(run("2028-05-18", How::once).at(kMonths).rows, 0);
    EXPECT_EQ(run("2028-06-01", How::once).at(kMonths).rows, 2);
}

TEST_F(RetentionTest, TheCommandTellsByKind) {
    database.execute("INSERT INTO draft.record_draft VALUES (900, 'plots', 1, 'a=1', now() - interval '40 days')");
    auto const command = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {test_support::cli(), "--database", database.conninfo(), "--home", test_support::source_dir(), "retention"});
        return test_support::run(more, {"OCOPMAP_FILES=" + config.place});
    };
    auto const dry = command({"--dry-run"});
    EXPECT_EQ(dry.exit_code, 0) << dry.output;
    EXPECT_THAT(dry.output, testing::ContainsRegex("drafts +P30D +1 would go, the oldest of 20"));
    EXPECT_EQ(database.value("SELECT count(*) FROM draft.record_draft WHERE account_key = 900"), "1");
    auto const done = command({});
    EXPECT_THAT(done.output, testing::ContainsRegex("drafts +P30D +1 gone"));
    EXPECT_THAT(done.output, testing::ContainsRegex("audit +P10Y  kept"));
    EXPECT_EQ(database.value("SELECT count(*) FROM draft.record_draft WHERE account_key = 900"), "0");
}

TEST(RetentionList, WhatIsWrongIsNamed) {
    std::string const head = "kind,title_vi,title_en,table,starts,period,does,basis\n";
    auto const said = [&](std::string const& lines) -> std::string {
        try {
            List::parse(head + lines);
            return {};
        } catch (gis_core::Error const& error) {
            return error.what();
        }
    };
    EXPECT_EQ(said("a,x,y,s.t,z,P30D,deleted,proposal\n"), "");
    EXPECT_THAT(said("a,x,y,s.t,z,30 days,deleted,proposal\n"), testing::HasSubstr("retention.csv:2: period is '30 days', must be a period"));
    EXPECT_THAT(said("a,x,y,s.t,z,P30D,gone,proposal\n"), testing::HasSubstr("does is 'gone', must be deleted, blanked or kept"));
    EXPECT_THAT(said("a,x,y,s.t,z,P30D,deleted,\n"), testing::HasSubstr("basis is ''"));
    EXPECT_THAT(said("a,x,y,s.t,z,P30D,deleted,proposal\na,x,y,s.t,z,P30D,deleted,proposal\n"), testing::HasSubstr("retention.csv:3: kind a stands twice"));
}

// The page that people read says the same times.
TEST(RetentionList, ThePageTellsIt) {
    std::ifstream in{test_support::source_dir() + "/docs/reference/retention.md"};
    std::string const page{std::istreambuf_iterator<char>{in}, {}};
    auto const list = List::load(test_support::source_dir() + "/data");
    for (auto const& kind : list.kinds()) {
        auto const* const does = kind.does == Does::deleted ? "deleted" : kind.does == Does::blanked ? "blanked" : "kept";
        auto const row = fmt::format("| `{}` | {} | `{}` | {} | {} | {} | {} |", kind.id, kind.title.en, kind.table, kind.starts, kind.period, does, kind.basis);
        EXPECT_NE(page.find(row), std::string::npos) << row;
    }
}

}  // namespace
