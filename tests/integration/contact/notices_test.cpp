#include "gis_core/db/pool.hpp"
#include "programme/contact/dispatcher.hpp"
#include "tests/integration/api/people.hpp"
#include "tests/support/process.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

namespace {

namespace fs = std::filesystem;
using Json = gis_core::Json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class NoticesTest : public test_support::WithPeople {
protected:
    /// As the daemon does, in its role.
    void as_notifier(std::string const& sql) const { database.execute("SET ROLE ocopmap_notifier; " + sql); }
    void dispatch(bool with_mail = false) const { as_notifier(std::string{"SELECT notify.dispatch(1000, "} + (with_mail ? "true)" : "false)")); }
    /// Kinds of what somebody was told, newest first.
    std::vector<std::string> told(std::string const& login) const {
        std::vector<std::string> kinds;
        for (auto const& row : database.query(
                 "SELECT e.kind FROM notify.inbox i JOIN notify.event e USING (event_key) JOIN auth.account a USING (account_key) WHERE a.login = '" + login +
                 "' ORDER BY i.inbox_key DESC"))
            kinds.push_back(row.at(0));
        return kinds;
    }
    long long product_of(long long of_producer) {
        return number(fmt::format("SELECT min(product_key) FROM ocop.product WHERE producer_key = {}", of_producer));
    }
    /// A submitted dossier on a producer's product.
    long long dossier_of(long long of_producer) {
        return number(
            fmt::format("INSERT INTO ocop.dossier (product_key, legal_regime_code, registration_kind, dossier_state, submitted_at) VALUES ({}, 'qd26_2026', "
                        "'first', 'submitted', now()) RETURNING dossier_key",
                        product_of(of_producer)));
    }
};

TEST_F(NoticesTest, AChangeThatIsRolledBackIsNotTold) {
    auto const dossier = dossier_of(producer(true));
    auto const before = number("SELECT count(*) FROM notify.event");
    database.execute(fmt::format("BEGIN; UPDATE ocop.dossier SET dossier_state = 'received', received_at = now() WHERE dossier_key = {}; ROLLBACK", dossier));
    EXPECT_EQ(number("SELECT count(*) FROM notify.event"), before);
    database.execute(fmt::format("UPDATE ocop.dossier SET dossier_state = 'received', received_at = now() WHERE dossier_key = {}", dossier));
    EXPECT_EQ(number("SELECT count(*) FROM notify.event"), before + 1);
    database.execute(fmt::format("UPDATE ocop.dossier SET receipt_no = 'x' WHERE dossier_key = {}", dossier));  // no other state
    EXPECT_EQ(number("SELECT count(*) FROM notify.event"), before + 1);
}

TEST_F(NoticesTest, TheProducerAndItsCommuneAreToldAndNobodyElse) {
    auto const here = producer(true);
    auto const owner = person("R02", {}, here), other_owner = person("R02", {}, producer(false)), officer = person("R04", kHere),
               other_officer = person("R04", "28783"), leader = person("R05", kHere), province = person("R08", "86"), admin = person("R16");
    auto const dossier = dossier_of(here);
    auto const to = [&](char const* state, char const* more = "") {
        database.execute(fmt::format("UPDATE ocop.dossier SET dossier_state = '{}'{} WHERE dossier_key = {}", state, more, dossier));
        dispatch();
    };
    to("received", ", received_at = now()");
    to("supplement_commune", ", supplement_due_date = '2027-01-31'");
    to("submitted");
    EXPECT_THAT(told(owner.login), ElementsAre("supplement_asked", "dossier_state"));
    EXPECT_THAT(told(officer.login), ElementsAre("dossier_submitted"));
    EXPECT_THAT(told(leader.login), ElementsAre("dossier_submitted"));
    for (auto const& who : {other_owner, other_officer, province, admin}) EXPECT_THAT(told(who.login), ElementsAre()) << who.login;

    auto const list = get(owner, "/api/notifications");
    EXPECT_EQ(list.at("unread"), 2);
    auto const& newest = list.at("items").at(0);
    EXPECT_EQ(newest.at("facts").at("due"), "2027-01-31");
    EXPECT_EQ(newest.at("record"), fmt::format("/api/records/dossiers/{}", dossier));
    auto const id = std::to_string(newest.at("id").get<long long>());
    EXPECT_EQ(send(other_owner, "POST", "/api/notifications/" + id + "/read", Json::object()).status, 404);
    EXPECT_EQ(send(owner, "POST", "/api/notifications/" + id + "/read", Json::object()).status, 204);
    EXPECT_EQ(send(owner, "POST", "/api/notifications/" + id + "/read", Json::object()).status, 204);  // once more is no fault
    auto const after = get(owner, "/api/notifications?limit=1");
    EXPECT_EQ(after.at("unread"), 1);
    EXPECT_EQ(after.at("items").at(0).at("kind"), "dossier_state");  // unread ones first, though older
    auto const rest = get(owner, path_of(after.at("next")));
    EXPECT_EQ(rest.at("items").at(0).at("kind"), "supplement_asked");
    EXPECT_FALSE(rest.contains("next"));
    EXPECT_EQ(send(owner, "POST", "/api/notifications/read-all", Json::object()).status, 204);
    EXPECT_EQ(get(owner, "/api/notifications").at("unread"), 0);
    EXPECT_EQ(send(owner, "GET", "/api/notifications?after=read-x").status, 400);
    EXPECT_EQ(api.call("GET", "/api/notifications").status, 401);
}

TEST_F(NoticesTest, WhoDidItIsNotTold) {
    auto const officer = person("R04", kHere), colleague = person("R04", kHere);
    auto const dossier = dossier_of(producer(true));
    database.execute(fmt::format("UPDATE ocop.dossier SET dossier_state = 'received', received_at = now() WHERE dossier_key = {}", dossier));
    database.execute(
        fmt::format("SELECT set_config('ocopmap.account', (SELECT account_key::text FROM auth.account WHERE login = '{}'), true);"
                    "UPDATE ocop.dossier SET dossier_state = 'submitted' WHERE dossier_key = {}",
                    officer.login, dossier));
    dispatch();
    EXPECT_THAT(told(officer.login), ElementsAre());
    EXPECT_THAT(told(colleague.login), ElementsAre("dossier_submitted"));
}

/// Thresholds counted from the calendar: 1 June 2027 is 90 days after 3 March, 60 after 2 April, 30 after 2 May.
TEST_F(NoticesTest, PapersAreToldAt90And60And30DaysOnceEach) {
    auto const product = product_of(producer(true));
    database.execute("TRUNCATE notify.event CASCADE");
    auto const paper =
        number(fmt::format("INSERT INTO ocop.quality_document (product_key, certificate_kind, certificate_no, certificate_expiry) VALUES ({}, 'haccp', 'H-1', "
                           "'2027-06-01') RETURNING quality_document_key",
                           product));
    auto const days_told = [&](std::string const& day) {
        as_notifier("SELECT notify.tell_expiring('" + day + "')");
        return database.value(
            fmt::format("SELECT coalesce(string_agg(facts->>'days', ' ' ORDER BY event_key), '') FROM notify.event WHERE object = 'ocop.quality_document' AND "
                        "row_key = {}",
                        paper));
    };
    EXPECT_EQ(days_told("2027-03-02"), "");
    EXPECT_EQ(days_told("2027-03-03"), "90");
    EXPECT_EQ(days_told("2027-03-03"), "90");  // the same day again
    EXPECT_EQ(days_told("2027-04-01"), "90");
    EXPECT_EQ(days_told("2027-04-02"), "90 60");
    EXPECT_EQ(days_told("2027-05-01"), "90 60");
    EXPECT_EQ(days_told("2027-05-04"), "90 60 28");  // the service was down on the 2nd
    EXPECT_EQ(days_told("2027-06-01"), "90 60 28");
    EXPECT_EQ(days_told("2027-06-02"), "90 60 28");
    // Renewed: a new day, and it begins anew. Taken out of the record: nothing any more.
    database.execute(fmt::format("UPDATE ocop.quality_document SET certificate_expiry = '2028-06-01' WHERE quality_document_key = {}", paper));
    EXPECT_EQ(days_told("2028-03-03"), "90 60 28 90");
    database.execute(fmt::format("UPDATE ocop.quality_document SET retired_at = now() WHERE quality_document_key = {}", paper));
    EXPECT_EQ(days_told("2028-04-02"), "90 60 28 90");
}

TEST_F(NoticesTest, ACertificateThatHasASuccessorIsNotToldOf) {
    auto const product = number(
        fmt::format("INSERT INTO ocop.product (producer_key, name, registered_on) VALUES ({}, 'Kẹo thử', '2024-01-01') RETURNING product_key", producer(true)));
    auto const certificate = number(fmt::format(
        "INSERT INTO ocop.certificate (product_key, star, issued_on, valid_to) VALUES ({}, 4, '2024-03-01', '2027-03-01') RETURNING certificate_key", product));
    auto const told_of = [&] {
        as_notifier("SELECT notify.tell_expiring('2027-01-30')");  // 30 days before
        return database.value(fmt::format("SELECT count(*) FROM notify.event WHERE object = 'ocop.certificate' AND row_key = {}", certificate));
    };
    database.execute(fmt::format("INSERT INTO ocop.certificate (product_key, star, issued_on, valid_to) VALUES ({}, 4, '2027-03-01', '2030-03-01')", product));
    EXPECT_EQ(told_of(), "0");
    database.execute(fmt::format("UPDATE ocop.certificate SET revoked_on = '2027-03-02' WHERE product_key = {} AND issued_on = '2027-03-01'", product));
    EXPECT_EQ(told_of(), "1");
}

TEST_F(NoticesTest, TheDaysWorkIsDoneOnceADay) {
    as_notifier("SELECT 1/(notify.begin_day('2027-01-01'))::integer");  // true
    EXPECT_THROW(as_notifier("SELECT 1/(notify.begin_day('2027-01-01'))::integer"), std::exception);
    EXPECT_THROW(database.execute("SET ROLE ocopmap_r08; SELECT notify.dispatch(1, false)"), std::exception);
    EXPECT_THROW(database.execute("SET ROLE ocopmap_r08; SELECT notify.tell('message', '{}', 'x', 1, NULL, NULL)"), std::exception);
}

/// The daemon, killed while it hands on: each event reaches each of its people once, and wholly.
TEST_F(NoticesTest, EachIsToldOnceHoweverOftenTheDispatcherIsKilled) {
    auto const officer = person("R04", kHere), colleague = person("R04", kHere);
    std::string const for_officers = "SELECT count(*) FROM notify.inbox JOIN notify.event e USING (event_key) WHERE e.object = 'thử'";
    database.execute("UPDATE auth.account SET email = login || '@example.vn' WHERE login LIKE 'nguoi.%'");
    database.execute(
        fmt::format("INSERT INTO notify.event (kind, facts, object, row_key, lineages) SELECT 'sign_up', '{{\"producer\": \"Thử\"}}', 'thử', n, "
                    "auth.lineages_of(u.unit_key) "
                    "FROM generate_series(1, 20000) n, geo.admin_unit u WHERE u.code = '{}' AND u.level = 'commune' AND u.valid_to IS NULL",
                    kHere));
    auto const build = test_support::env("OCOPMAP_TEST_BUILD"), root = test_support::source_dir();
    std::vector<std::string> const daemon{build + "/api/ocopmap-api",
                                          "--database",
                                          database.conninfo_as("ocopmap_api"),
                                          "--port",
                                          "0",
                                          "--data",
                                          root + "/data",
                                          "--web",
                                          root + "/web",
                                          "--styles",
                                          root + "/styles"};
    std::vector<std::string> const mail{"OCOPMAP_SMTP_URL=smtp://127.0.0.1:1", "OCOPMAP_SMTP_FROM=ocop@example.vn"};  // nobody listens: mail waits
    long long before = 0;
    for (int kills = 0; kills < 4; ++kills) {
        test_support::Process process{daemon, mail};
        ASSERT_TRUE(test_support::wait_until([&] { return number(for_officers) > before; }, std::chrono::seconds{60})) << process.output();
        process.kill9();
        before = number(for_officers);
        EXPECT_EQ(number("SELECT count(*) FROM notify.event e WHERE e.object = 'thử' AND (e.told_at IS NOT NULL) <> (2 = (SELECT count(*) FROM notify.inbox i "
                         "JOIN auth.account a USING (account_key) WHERE i.event_key = e.event_key AND a.login LIKE 'nguoi.%'))"),
                  0);
    }
    test_support::Process process{daemon, mail};
    ASSERT_TRUE(test_support::wait_until([&] { return number("SELECT count(*) FROM notify.event WHERE told_at IS NULL") == 0; }, std::chrono::seconds{120}))
        << process.output();
    EXPECT_EQ(process.stop(), 0);
    for (auto const& who : {officer, colleague})
        EXPECT_EQ(number(for_officers + " AND account_key = (SELECT account_key FROM auth.account WHERE login = '" + who.login + "')"), 20000);
    EXPECT_EQ(number("SELECT count(*) FROM notify.mail JOIN notify.event e USING (event_key) WHERE e.object = 'thử'"), 40000);
}

// --- mail -----------------------------------------------------------------------------------------------------------------

class MailTest : public NoticesTest {
protected:
    MailTest() {
        fs::create_directories(folder);
        database.execute("UPDATE notify.event SET told_at = now()");  // only what this test makes
        config.url = fmt::format("smtp://127.0.0.1:{}", port);
        config.from = "ocop@example.vn";
    }
    ~MailTest() override { fs::remove_all(folder); }

    std::unique_ptr<test_support::Process> server() {
        auto process = std::make_unique<test_support::Process>(
            std::vector<std::string>{"/usr/bin/python3", test_support::source_dir() + "/tests/support/smtp_server.py", std::to_string(port), folder.string()});
        EXPECT_TRUE(test_support::wait_until([&] { return process->output().find("ready") != std::string::npos; }, std::chrono::seconds{20}))
            << process->output();
        return process;
    }
    /// Head and decoded text of every mail that arrived, by Python's own reader.
    std::string arrived() const {
        return test_support::run(
                   {"python3", "-c",
                    "import email, email.policy, pathlib, sys\n"
                    "for f in sorted(pathlib.Path(sys.argv[1]).glob('*.eml')):\n"
                    "    m = email.message_from_bytes(f.read_bytes(), policy=email.policy.default)\n"
                    "    print(m['X-To'], '|', m['From'], '|', m['Subject'], '|', m['Message-ID'], '|', m.get_content_type(), '|', m.get_content())\n",
                    folder.string()})
            .output;
    }
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::count_if(fs::directory_iterator{folder}, {}, [](auto const& entry) { return entry.path().extension() == ".eml"; }));
    }
    programme::contact::Dispatcher dispatcher() {
        return {database.conninfo_as("ocopmap_api"), config, [](std::string_view kind, std::string_view facts) {
                    return programme::contact::Letter{"Hồ sơ đổi trạng thái: một dòng chủ đề dài hơn bảy mươi lăm ký tự để phải gấp lại",
                                                      fmt::format("Chào bạn, {} {}", kind, facts)};
                }};
    }
    std::string state_of(std::string const& login) const {
        return database.value(
            "SELECT coalesce(string_agg(m.state || ' ' || m.attempts, ', '), '') FROM notify.mail m JOIN auth.account a USING (account_key) WHERE a.login = '" +
            login + "'");
    }
    void mail_to(Person const& who, std::string const& address) const {
        database.execute("UPDATE auth.account SET email = '" + address + "' WHERE login = '" + who.login + "'");
        database.execute("DELETE FROM notify.event WHERE kind = 'account'");  // that the address is new is told as well
    }

    fs::path folder = fs::path{test_support::state()} / fmt::format("mail-{}", ::getpid());
    int port = test_support::free_port();
    programme::contact::MailConfig config;
};

TEST_F(MailTest, WaitsWhileTheServerIsDownAndGoesOutOnceItIsUp) {
    auto const here = producer(true);
    auto const owner = person("R02", {}, here), refused = person("R02", {}, here), without = person("R02", {}, here), unwilling = person("R02", {}, here);
    mail_to(owner, "chu.the@example.vn");
    mail_to(refused, "reject@example.vn");
    mail_to(unwilling, "khong@example.vn");
    EXPECT_EQ(send(unwilling, "PATCH", "/api/notifications/settings", Json{{"kind", "dossier_state"}, {"mail", false}}).status, 200);
    EXPECT_EQ(get(unwilling, "/api/notifications/settings").at("mail").at("dossier_state"), false);
    EXPECT_EQ(get(owner, "/api/notifications/settings").at("mail").at("dossier_state"), true);
    auto mailer = dispatcher();
    mailer.start();
    database.execute(fmt::format("UPDATE ocop.dossier SET dossier_state = 'received', received_at = now() WHERE dossier_key = {}", dossier_of(here)));
    ASSERT_TRUE(
        test_support::wait_until([&] { return state_of(owner.login) == "waiting 1" || state_of(refused.login) == "waiting 1"; }, std::chrono::seconds{30}));
    EXPECT_EQ(told(owner.login).size(), 1U);  // the system itself does not wait for mail
    EXPECT_EQ(files(), 0U);

    auto const up = server();
    auto const bell = "UPDATE notify.mail SET next_at = now() WHERE state = 'waiting'; NOTIFY ocopmap_notify";
    database.execute(bell);
    ASSERT_TRUE(test_support::wait_until([&] { return files() == 1 && state_of(refused.login).starts_with("dead"); }, std::chrono::seconds{60}))
        << state_of(owner.login) << "; " << state_of(refused.login) << "\n"
        << up->output();
    ASSERT_TRUE(test_support::wait_until([&] { return state_of(owner.login).starts_with("sent"); }, std::chrono::seconds{20}));
    mailer.stop();
    EXPECT_THAT(arrived(),
                testing::MatchesRegex(
                    "chu.the@example.vn \\| OCOP <ocop@example.vn> \\| Hồ sơ đổi trạng thái: một dòng chủ đề dài hơn bảy mươi lăm ký tự để phải gấp lại \\| "
                    "<ocopmap-[0-9]+@example.vn> \\| text/plain \\| Chào bạn, dossier_state [^\n]*\n+"));
    EXPECT_EQ(state_of(without.login), "");
    EXPECT_EQ(state_of(unwilling.login), "");
    auto const status = test_support::run({test_support::cli(), "--database", database.conninfo(), "mail", "status"});
    EXPECT_THAT(status.output, testing::AllOf(HasSubstr("sent"), HasSubstr("given up"), HasSubstr(refused.login), HasSubstr("550")));
    EXPECT_THAT(test_support::run({test_support::cli(), "--database", database.conninfo(), "mail", "retry"}).output, HasSubstr("1 mails wait again"));
    EXPECT_EQ(state_of(refused.login), "waiting 0");
}

TEST_F(MailTest, IsGivenUpAfterTwelveAttempts) {
    auto const here = producer(true);
    auto const owner = person("R02", {}, here);
    mail_to(owner, "chu.the@example.vn");
    database.execute(fmt::format("UPDATE ocop.dossier SET dossier_state = 'received', received_at = now() WHERE dossier_key = {}", dossier_of(here)));
    dispatch(true);
    EXPECT_EQ(state_of(owner.login), "waiting 0");
    // Between two attempts lie 1, 2, 4 … minutes, never more than 6 hours.
    std::vector<std::string> pauses;
    for (int attempt = 1; attempt <= 12; ++attempt) {
        as_notifier("SELECT notify.mail_done((SELECT mail_key FROM notify.take_mail()), 'no answer', false)");
        pauses.push_back(database.value("SELECT round(extract(epoch FROM next_at - now()) / 60) FROM notify.mail ORDER BY mail_key DESC LIMIT 1"));
        EXPECT_EQ(database.value("SELECT count(*) FROM notify.take_mail()"), "0");  // not before its time
        database.execute("UPDATE notify.mail SET next_at = now() WHERE state = 'waiting'");
    }
    EXPECT_EQ(state_of(owner.login), "dead 12");
    EXPECT_THAT(pauses, ElementsAre("1", "2", "4", "8", "16", "32", "64", "128", "256", "360", "360", "360"));
}

}  // namespace
