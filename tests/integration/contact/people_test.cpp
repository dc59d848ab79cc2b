#include "tests/integration/api/people.hpp"

#include <gmock/gmock.h>

#include <set>

namespace {

using test_support::Api;
using Json = gis_core::Json;
using testing::HasSubstr;
using testing::Not;

class ContactTest : public test_support::WithPeople {
protected:
    long long product_of(long long of_producer) {
        return number(fmt::format("SELECT min(product_key) FROM ocop.product WHERE producer_key = {} AND is_published", of_producer));
    }
    std::string told(std::string const& login) const {
        return database.value(
            "SELECT coalesce(string_agg(e.kind, ' ' ORDER BY i.inbox_key), '') FROM notify.inbox i JOIN notify.event e USING (event_key) JOIN auth.account a "
            "USING "
            "(account_key) WHERE a.login = '" +
            login + "'");
    }
    void dispatch() const { database.execute("SELECT notify.dispatch(1000, false)"); }
    http::Response visitor(std::string const& target, Json const& body, std::string const& address = "203.0.113.7") {
        return api.call("POST", target, gis_core::to_text(body), {{"Content-Type", "application/json"}, {"X-Forwarded-For", address}});
    }
    static Json complaint(long long product) {
        return {{"kind", "complaint"}, {"product", product}, {"body", "Hộp bị móp, kẹo chảy."}, {"name", "Lê Thị Khách"}, {"contact", "0911 222 333"}};
    }
};

TEST_F(ContactTest, ProducerAndOfficersTalkOnARecordAndNobodyElseListens) {
    auto const here = producer(true);
    auto const owner = person("R02", {}, here), officer = person("R04", kHere), other_owner = person("R02", {}, producer(false)),
               other_officer = person("R04", "28783"), planner = person("R15", "86");
    auto const at = fmt::format("/api/records/products/{}/messages", product_of(here));
    EXPECT_EQ(get(owner, at).at("items").size(), 0U);
    auto const written = send(owner, "POST", at, Json{{"body", "Nhãn mới đã đúng chưa ạ?\r\nXin xem giúp."}});
    ASSERT_EQ(written.status, 201) << Api::text(written);
    dispatch();
    EXPECT_EQ(told(owner.login), "");
    EXPECT_EQ(told(officer.login), "message");
    EXPECT_EQ(told(other_officer.login), "");
    auto const seen = get(officer, at);
    EXPECT_EQ(seen.at("unread"), 1);
    EXPECT_EQ(seen.at("items").at(0).at("body"), "Nhãn mới đã đúng chưa ạ?\nXin xem giúp.");
    EXPECT_EQ(seen.at("items").at(0).at("role"), "R02");
    EXPECT_EQ(seen.at("items").at(0).at("is_mine"), false);
    EXPECT_EQ(get(officer, "/api/threads").at("items").at(0).at("entity"), "products");
    EXPECT_EQ(send(officer, "POST", at + "/read", Json::object()).status, 204);
    EXPECT_EQ(get(officer, at).at("unread"), 0);
    EXPECT_EQ(send(officer, "POST", at, Json{{"body", "Đúng rồi."}}).status, 201);
    dispatch();
    EXPECT_EQ(told(owner.login), "message");
    EXPECT_EQ(get(owner, at).at("unread"), 1);

    for (auto const& stranger : {other_owner, other_officer}) {
        EXPECT_EQ(send(stranger, "GET", at).status, 404);
        EXPECT_EQ(send(stranger, "POST", at, Json{{"body", "nghe trộm"}}).status, 404);
        EXPECT_EQ(send(stranger, "POST", at + "/read", Json::object()).status, 404);
        EXPECT_EQ(get(stranger, "/api/threads").at("items").size(), 0U);
    }
    EXPECT_EQ(send(planner, "GET", at).status, 403);
    EXPECT_EQ(api.call("GET", at).status, 401);
    EXPECT_EQ(send(owner, "GET", "/api/records/units/1/messages").status, 404);  // belongs to no producer
    for (auto const& bad : {Json{{"body", ""}}, Json{{"body", "  "}}, Json{{"body", std::string(4001, 'a')}}, Json{{"body", "a\u0001b"}}})
        EXPECT_EQ(send(owner, "POST", at, bad).status, 400) << bad.dump().substr(0, 60);

    // Nobody changes what was said: no role has the right.
    EXPECT_EQ(number("SELECT count(*) FROM pg_roles r WHERE r.rolname ~ '^ocopmap_(r|public|member|auth|editor)' AND (has_table_privilege(r.oid, "
                     "'contact.message', 'UPDATE') OR "
                     "has_table_privilege(r.oid, 'contact.message', 'DELETE') OR has_any_column_privilege(r.oid, 'contact.message', 'UPDATE'))"),
              0);
    EXPECT_EQ(number("SELECT count(*) FROM audit.entry WHERE object = 'contact.message'"), 2);
}

TEST_F(ContactTest, AProducerThatMovesTakesItsThreadsAlong) {
    auto const here = producer(true);
    auto const owner = person("R02", {}, here), officer = person("R04", kHere), next = person("R04", "28783");
    auto const at = fmt::format("/api/records/products/{}/messages", product_of(here));
    EXPECT_EQ(send(owner, "POST", at, Json{{"body", "Chúng tôi sắp chuyển xưởng."}}).status, 201);
    database.execute(fmt::format(
        "UPDATE ocop.producer SET facility_geom = (SELECT inner_point FROM geo.admin_unit WHERE code = '28783' AND level = 'commune' AND valid_to IS NULL), "
        "registered_on = '2025-08-01' WHERE producer_key = {}",
        here));
    EXPECT_EQ(get(next, at).at("items").size(), 1U);
    EXPECT_EQ(get(next, "/api/threads").at("items").size(), 1U);
    EXPECT_EQ(send(officer, "GET", at).status, 404);
    EXPECT_EQ(get(officer, "/api/threads").at("items").size(), 0U);
}

TEST_F(ContactTest, FeedbackIsFollowedByItsCodeAndSeenByWhoHandlesIt) {
    auto const here = producer(true);
    auto const product = product_of(here);
    auto const sent = visitor("/api/feedback", complaint(product));
    ASSERT_EQ(sent.status, 201) << Api::text(sent);
    auto const code = read(sent).at("code").get<std::string>();
    auto const id = read(sent).at("id").get<long long>();
    EXPECT_THAT(code, testing::MatchesRegex("PH-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}"));
    EXPECT_EQ(database.value("SELECT count(*) FROM contact.feedback f WHERE f::text LIKE '%" + code.substr(3) + "%'"), "0");  // kept as a hash only
    auto const followed = api.json("/api/feedback/" + code);
    EXPECT_EQ(followed.at("state"), "received");
    EXPECT_EQ(followed.at("answer"), nullptr);
    EXPECT_THAT(followed.dump(), Not(HasSubstr("0911")));
    std::string lower = code;
    for (auto& c : lower) c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(api.call("GET", "/api/feedback/" + lower).status, 200);           // as people type it
    EXPECT_EQ(api.call("GET", "/api/feedback/" + code.substr(3)).status, 200);  // without the mark
    for (auto const* wrong : {"PH-2222-2222-2222", "PH-", "1", "PH-%27%20OR%201=1"})
        EXPECT_EQ(api.call("GET", std::string{"/api/feedback/"} + wrong).status, 404) << wrong;

    auto const officer = person("R04", kHere), leader = person("R05", kHere), other_officer = person("R04", "28783"), owner = person("R02", {}, here),
               other_owner = person("R02", {}, producer(false)), province = person("R08", "86"), inspector = person("R14", "86"), admin = person("R16"),
               planner = person("R15", "86");
    dispatch();
    for (auto const& [who, kinds] :
         {std::pair{officer, "feedback"}, {owner, "feedback"}, {province, "feedback"}, {other_officer, ""}, {inspector, ""}, {other_owner, ""}})
        EXPECT_EQ(told(who.login), kinds) << who.login;
    auto const one = fmt::format("/api/feedback-cases/{}", id);
    EXPECT_EQ(get(officer, one).at("sender_contact"), "0911 222 333");
    EXPECT_EQ(get(province, one).at("sender_name"), "Lê Thị Khách");
    for (auto const& who : {leader, owner}) {
        EXPECT_THAT(get(who, one).dump(), testing::AllOf(HasSubstr("Hộp bị móp"), Not(HasSubstr("0911")), Not(HasSubstr("Lê Thị"))));
        EXPECT_EQ(send(who, "PATCH", one, Json{{"state", "closed"}}, {{"If-Match", "\"1\""}}).status, 403);
    }
    for (auto const& who : {other_officer, other_owner, inspector}) {
        EXPECT_EQ(send(who, "GET", one).status, 404) << who.login;
        EXPECT_EQ(get(who, "/api/feedback-cases").at("items").size(), 0U) << who.login;
    }
    for (auto const& who : {admin, planner}) EXPECT_EQ(send(who, "GET", one).status, 403);
    EXPECT_EQ(send(other_officer, "PATCH", one, Json{{"state", "closed"}}, {{"If-Match", "\"1\""}}).status, 404);

    EXPECT_EQ(send(officer, "PATCH", one, Json{{"state", "looking"}}).status, 428);
    EXPECT_EQ(send(officer, "PATCH", one, Json{{"state", "looking"}}, {{"If-Match", "\"1\""}}).status, 200);
    EXPECT_EQ(send(officer, "PATCH", one, Json{{"state", "closed"}}, {{"If-Match", "\"1\""}}).status, 412);
    EXPECT_EQ(send(officer, "PATCH", one, Json{{"state", "answered"}}, {{"If-Match", "\"2\""}}).status, 400);  // without an answer
    EXPECT_EQ(send(officer, "PATCH", one, Json{{"state", "answered"}, {"answer", "Đã đổi hàng cho bạn."}}, {{"If-Match", "\"2\""}}).status, 200);
    EXPECT_EQ(send(officer, "PATCH", one, Json{{"state", "looking"}}, {{"If-Match", "\"3\""}}).status, 409);
    EXPECT_EQ(api.json("/api/feedback/" + code).at("answer"), "Đã đổi hàng cho bạn.");
    EXPECT_EQ(get(officer, "/api/feedback-cases?state=answered").at("items").at(0).at("id"), id);
    EXPECT_EQ(get(officer, "/api/feedback-cases?state=received").at("items").size(), 0U);
    // The history keeps no words of the sender.
    EXPECT_EQ(
        number("SELECT count(*) FROM audit.revision v JOIN audit.entry e USING (entry_key) WHERE e.object = 'contact.feedback' AND v.image::text ~ '0911|móp'"),
        0);
}

TEST_F(ContactTest, MisuseGoesToTheProvinceAndToInspectors) {
    auto const product = product_of(producer(true));
    auto body = complaint(product);
    body["kind"] = "misuse";
    auto const id = read(visitor("/api/feedback", body)).at("id").get<long long>();
    auto const officer = person("R04", kHere), owner = person("R02", {}, producer(true)), province = person("R08", "86"), inspector = person("R14", "86");
    dispatch();
    auto const one = fmt::format("/api/feedback-cases/{}", id);
    for (auto const& who : {officer, owner}) {
        EXPECT_EQ(told(who.login), "");
        EXPECT_EQ(send(who, "GET", one).status, 404);
    }
    for (auto const& who : {province, inspector}) {
        EXPECT_EQ(told(who.login), "misuse");
        EXPECT_EQ(get(who, one).at("kind"), "misuse");
    }
    EXPECT_EQ(send(inspector, "PATCH", one, Json{{"state", "looking"}}, {{"If-Match", "\"1\""}}).status, 200);
    auto general = complaint(product);
    general.erase("product");
    auto const without = read(visitor("/api/feedback", general)).at("id").get<long long>();
    EXPECT_EQ(get(province, fmt::format("/api/feedback-cases/{}", without)).at("product"), nullptr);
    EXPECT_EQ(send(officer, "GET", fmt::format("/api/feedback-cases/{}", without)).status, 404);
}

TEST_F(ContactTest, FeedbackNamesWhatIsWrong) {
    auto const product = product_of(producer(true));
    auto const refused = [&](char const* field, Json const& value) {
        auto body = complaint(product);
        body[field] = value;
        auto const response = visitor("/api/feedback", body);
        EXPECT_EQ(response.status, 400) << field << Api::text(response);
        EXPECT_THAT(Api::text(response), HasSubstr(std::string{"\""} + field + "\""));
    };
    refused("kind", "spam");
    refused("body", "ngắn");
    refused("body", std::string(4001, 'a'));
    refused("product", 999999999);
    refused("contact", std::string(201, '1'));
    refused("website", "http://spam.example");
    database.execute(fmt::format("UPDATE ocop.product SET is_published = false WHERE product_key = {}", product));
    refused("product", product);
    EXPECT_EQ(number("SELECT count(*) FROM contact.feedback"), 0);
    EXPECT_EQ(api.call("POST", "/api/feedback", gis_core::to_text(complaint(product)),
                       {{"Content-Type", "application/json"}, {"Origin", "https://elsewhere.example"}, {"Host", "here.example"}})
                  .status,
              403);
}

TEST_F(ContactTest, OneAddressSendsTwentyADayAndIsNotKept) {
    auto const product = product_of(producer(true));
    for (int n = 0; n < 20; ++n) ASSERT_EQ(visitor("/api/feedback", complaint(product)).status, 201) << n;
    auto const refused = visitor("/api/feedback", complaint(product));
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.headers.find("Retry-After"), "86400");
    EXPECT_EQ(visitor("/api/questions", {{"question", "Làm sao để đăng ký?"}}).status, 429);  // counted together
    EXPECT_EQ(visitor("/api/feedback", complaint(product), "203.0.113.8").status, 201);
    EXPECT_EQ(number("SELECT count(*) FROM contact.sent s WHERE s.n > 20 OR s::text LIKE '%203.0.113%'"), 0);
    // The next day: the key is gone, and with it every way to tell who it was.
    EXPECT_EQ(number("SELECT count(*) FROM contact.sent"), 2);
    database.execute("SET ROLE ocopmap_keeper; SELECT retention.expire('feedback-counts', pub.business_date() + 1)");
    EXPECT_EQ(number("SELECT count(*) FROM contact.sent"), 0);
    EXPECT_EQ(number("SELECT count(*) FROM contact.day_key"), 0);
    EXPECT_EQ(visitor("/api/feedback", complaint(product)).status, 201);
}

TEST_F(ContactTest, TheSenderIsForgottenAfterTwelveMonths) {
    auto const product = product_of(producer(true));
    auto const id = read(visitor("/api/feedback", complaint(product))).at("id").get<long long>();
    database.execute(fmt::format("UPDATE contact.feedback SET created_at = '2026-03-15 08:00+07' WHERE feedback_key = {}", id));
    auto const sender_on = [&](char const* day) {
        database.execute(std::string{"SET ROLE ocopmap_keeper; SELECT retention.expire('feedback-senders', (date '"} + day + "' - interval '12 months') AT TIME ZONE 'Asia/Ho_Chi_Minh')");
        return database.value(fmt::format("SELECT coalesce(sender_contact, 'forgotten') FROM contact.feedback WHERE feedback_key = {}", id));
    };
    EXPECT_EQ(sender_on("2027-03-15"), "0911 222 333");
    EXPECT_EQ(sender_on("2027-03-16"), "forgotten");
    auto const officer = person("R04", kHere);
    auto const row = get(officer, fmt::format("/api/feedback-cases/{}", id));
    EXPECT_EQ(row.at("is_erased"), true);
    EXPECT_EQ(row.at("sender_name"), nullptr);
    EXPECT_EQ(row.at("body"), "Hộp bị móp, kẹo chảy.");
}

TEST_F(ContactTest, ARatingIsShownOnceItPassedModeration) {
    auto const product = product_of(producer(true));
    auto const shown = [&] { return api.json(fmt::format("/api/products/{}/reviews", product)).at("items"); };
    auto const before = shown().size();
    EXPECT_EQ(visitor("/api/feedback", {{"kind", "review"}, {"product", product}, {"rating", 6}}).status, 400);
    EXPECT_EQ(visitor("/api/feedback", {{"kind", "review"}, {"rating", 5}}).status, 400);
    auto const sent = read(visitor("/api/feedback", {{"kind", "review"}, {"product", product}, {"rating", 5}, {"body", "Ngon <b>lắm</b>"}}));
    EXPECT_EQ(sent.at("code"), nullptr);
    EXPECT_EQ(shown().size(), before);
    auto const province = person("R08", "86");
    auto const record = fmt::format("/api/records/customer-reviews/{}", sent.at("id").get<long long>());
    auto const version = *send(province, "GET", record).headers.find("ETag");
    EXPECT_EQ(send(province, "PATCH", record, Json{{"moderation_state", "shown"}}, {{"If-Match", std::string{version}}}).status, 200);
    ASSERT_EQ(shown().size(), before + 1);
    EXPECT_EQ(shown().at(0).at("rating"), 5);
}

}  // namespace
