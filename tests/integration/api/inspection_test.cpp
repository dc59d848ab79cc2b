#include "programme/inspection/inspection.hpp"
#include "tests/integration/api/people.hpp"

#include <map>
#include <set>

/// Inspection through the record's addresses: who plans, who is told, who answers; and whom to visit, against rows counted another way.
namespace {

using gis_core::Json;
using test_support::Api;
using testing::HasSubstr;

class InspectionTest : public test_support::WithPeople {
protected:
    // A product with a certificate in force, made in the commune of the tests.
    long long const product = number(fmt::format("SELECT min(k.product_key) FROM pub.product k JOIN ocop.product p USING (product_key) WHERE k.star IS NOT NULL AND p.lineage_key IN (SELECT l.lineage_key FROM geo.lineage_unit l "
                                                 "JOIN geo.admin_unit u USING (unit_key) WHERE u.level = 'commune' AND u.valid_to IS NULL AND u.code = '{}')",
                                                 kHere));
    long long const own = number(fmt::format("SELECT producer_key FROM ocop.product WHERE product_key = {}", product));

    long long made(Person const& who, std::string const& entity, Json const& body) {
        auto const answer = send(who, "POST", "/api/records/" + entity, body);
        EXPECT_EQ(answer.status, 201) << entity << Api::text(answer);
        auto const row = read(answer);
        for (auto const& [name, value] : row.items()) {
            if (name.ends_with("_key") && name != "product_key" && name != "producer_key" && name != "lineage_key" && !body.contains(name)) return value.get<long long>();
        }
        return 0;
    }
    std::set<long long> seen(Person const& who, std::string const& entity, std::string const& key) {
        std::set<long long> out;
        auto const page = get(who, "/api/records/" + entity + "?limit=1000");
        for (auto const& row : page.at("items")) out.insert(row.at(key).get<long long>());
        return out;
    }
    Json const plan{{"inspection_plan_no", "KH-thử"}, {"inspection_plan_kind", "unannounced"}, {"inspection_plan_from", "2026-11-01"}, {"inspection_plan_to", "2026-12-31"}};
};

TEST_F(InspectionTest, AProducerReadsOfAVisitWhenItWasMadeAndAnswersItsFindings) {
    auto const inspector = person("R14", "86"), owner = person("R02", {}, own), stranger = person("R02", {}, producer(false)), officer = person("R04", kHere);
    made(inspector, "inspection-plans", plan);
    auto const target = made(inspector, "inspection-targets", {{"product_key", product}, {"inspection_plan_no", "KH-thử"}, {"target_reason", "complaint"}});
    EXPECT_EQ(send(owner, "GET", "/api/records/inspection-plans").status, 403);
    EXPECT_EQ(send(owner, "GET", "/api/records/inspection-targets").status, 403);
    EXPECT_TRUE(seen(officer, "inspection-targets", "inspection_target_key").contains(target));
    EXPECT_EQ(send(officer, "POST", "/api/records/inspection-targets", {{"product_key", product}, {"inspection_plan_no", "KH-thử"}, {"target_reason", "other"}}).status, 403);

    auto const visit = made(inspector, "post-inspections",
                            {{"product_key", product}, {"inspection_plan_no", "KH-thử"}, {"inspection_date", "2026-11-20"}, {"inspection_kind", "unannounced"}, {"inspection_accuracy_m", 7.5},
                             {"inspection_geom", {{"type", "Point"}, {"coordinates", {106.375, 10.241}}}}});
    auto const finding = made(inspector, "inspection-findings",
                              {{"post_inspection_key", visit}, {"finding_severity", "major"}, {"finding_text", "In sao không đúng"}, {"finding_ground", "mark_misused"}, {"finding_remedy_due", "2026-12-05"}});
    auto const shown = get(owner, fmt::format("/api/records/inspection-findings/{}", finding));
    EXPECT_EQ(shown.at("finding_text"), "In sao không đúng");
    EXPECT_EQ(shown.at("finding_state"), "open");
    EXPECT_FALSE(shown.contains("finding_ground"));
    auto const told = get(owner, fmt::format("/api/records/post-inspections/{}", visit));
    EXPECT_EQ(told.at("inspection_accuracy_m"), 7.5);
    EXPECT_FALSE(told.contains("inspection_plan_no"));
    EXPECT_EQ(send(stranger, "GET", fmt::format("/api/records/inspection-findings/{}", finding)).status, 404);
    EXPECT_EQ(send(owner, "POST", "/api/records/inspection-findings", {{"post_inspection_key", visit}, {"finding_severity", "minor"}, {"finding_text", "x"}}).status, 403);

    Json const answer{{"inspection_finding_key", finding}, {"remedy_note", "Đã in lại bao bì"}, {"remedy_on", "2026-11-28"}};
    auto const remedy = made(owner, "remedies", answer);
    EXPECT_NE(send(stranger, "POST", "/api/records/remedies", answer).status, 201);
    EXPECT_EQ(send(inspector, "POST", "/api/records/remedies", answer).status, 403);
    EXPECT_TRUE(seen(inspector, "remedies", "remedy_key").contains(remedy));

    auto const target_of_finding = fmt::format("/api/records/inspection-findings/{}", finding);
    auto const etag = std::string{send(inspector, "GET", target_of_finding).headers.find("ETag").value_or("")};
    EXPECT_EQ(send(inspector, "PATCH", target_of_finding, {{"finding_state", "remedied"}}, {{"If-Match", etag}}).status, 400) << "a remedied finding says when";
    EXPECT_EQ(send(inspector, "PATCH", target_of_finding, {{"finding_state", "remedied"}, {"finding_remedied_on", "2026-11-29"}, {"finding_closed_by", "Người thử"}}, {{"If-Match", etag}}).status, 200);
}

TEST_F(InspectionTest, OnePlanChoosesAProductOnce) {
    auto const inspector = person("R14", "86");
    made(inspector, "inspection-plans", plan);
    Json const choice{{"product_key", product}, {"inspection_plan_no", "KH-thử"}, {"target_reason", "other"}};
    made(inspector, "inspection-targets", choice);
    EXPECT_EQ(send(inspector, "POST", "/api/records/inspection-targets", choice).status, 409);
    EXPECT_EQ(send(inspector, "POST", "/api/records/inspection-targets", {{"product_key", product}, {"inspection_plan_no", "KH-không-có"}, {"target_reason", "other"}}).status, 400);
    auto wrong = plan;
    wrong["inspection_plan_no"] = "KH-2";
    wrong["inspection_plan_to"] = "2026-10-01";
    EXPECT_EQ(send(inspector, "POST", "/api/records/inspection-plans", wrong).status, 400) << "it ends before it begins";
}

TEST_F(InspectionTest, WhomToVisitIsWhatTheRecordSays) {
    database.execute(fmt::format("INSERT INTO contact.feedback (kind, product_key, body, code_hash) SELECT 'misuse', {}, 'Gắn sao không đúng', encode(sha256('x'), 'hex')", product));
    std::map<long long, std::string> expected, found;
    for (auto const& row : database.query(
             "SELECT p.product_key, "
             "concat_ws(',', CASE WHEN EXISTS (SELECT FROM ocop.inspection_finding f JOIN ocop.post_inspection v USING (post_inspection_key) WHERE v.product_key = p.product_key AND "
             "f.finding_state = 'open') THEN 'open_finding' END, "
             "CASE WHEN EXISTS (SELECT FROM contact.feedback f WHERE f.product_key = p.product_key AND f.kind IN ('complaint', 'misuse') AND f.state IN ('received', 'looking')) OR EXISTS "
             "(SELECT FROM ocop.post_inspection v WHERE v.product_key = p.product_key AND v.complaint_content IS NOT NULL AND v.complaint_result IS NULL) THEN 'complaint' END, "
             "CASE WHEN k.certificate_state = 'expiring' THEN 'expiring' END, "
             "CASE WHEN NOT EXISTS (SELECT FROM ocop.post_inspection v WHERE v.product_key = p.product_key AND v.inspection_date >= pub.business_date() - 365) THEN 'long_unvisited' END) "
             "FROM ocop.product p JOIN pub.product k USING (product_key) WHERE k.star IS NOT NULL")) {
        if (!row[1].empty()) expected[std::stoll(row[0])] = row[1];
    }
    ASSERT_GT(expected.size(), 100U);
    gis_core::db::Pool owner{{.conninfo = database.conninfo()}};
    auto const all = owner.read("", [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        return programme::inspection::candidates(tx, session, {.id = 0, .number = "none", .kind = {}, .from = "2026-11-01", .to = {}, .unit_code = {}, .unit_name = {}}, "", 100'000);
    });
    for (auto const& one : all.items) {
        std::string reasons;
        for (auto const& reason : one.reasons) reasons += (reasons.empty() ? "" : ",") + reason;
        found[one.product_id] = reasons;
    }
    EXPECT_EQ(found, expected);
    EXPECT_EQ(static_cast<std::size_t>(all.total), expected.size());
    EXPECT_THAT(found.at(product), HasSubstr("complaint"));
    EXPECT_EQ(all.items.front().reasons.front(), "open_finding") << "what weighs most comes first";
}

}  // namespace
