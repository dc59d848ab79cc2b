#include "tests/integration/api/people.hpp"
#include "tests/support/process.hpp"

namespace {

using gis_core::Json;
using testing::HasSubstr;

class RecordsTest : public test_support::WithPeople {
protected:
    /// A square of side metres with its south-west corner there, as GeoJSON.
    static Json square(double lon, double lat, double side) {
        double const d = side / 111'000;
        return {{"type", "Polygon"}, {"coordinates", Json::array({Json::array({{lon, lat}, {lon + d, lat}, {lon + d, lat + d}, {lon, lat + d}, {lon, lat}})})}};
    }
};

TEST_F(RecordsTest, EachRoleReachesItsOwnRows) {
    auto const here = producer(true), elsewhere = producer(false);
    auto const in_commune =
        number(fmt::format("SELECT count(*) FROM ocop.producer p WHERE EXISTS (SELECT FROM geo.lineage_unit l JOIN geo.admin_unit u USING (unit_key) WHERE "
                           "l.lineage_key = p.lineage_key AND u.level = 'commune' AND u.code = '{}' AND u.valid_to IS NULL)",
                           kHere));
    auto const all = number("SELECT count(*) FROM ocop.producer");
    ASSERT_GT(in_commune, 0);
    ASSERT_LT(in_commune, all);
    auto const officer = person("R04", kHere), owner = person("R02", {}, here), province = person("R08", "86"), planner = person("R15", "86"),
               admin = person("R16");
    EXPECT_EQ(get(officer, "/api/records/producers?limit=1").at("total"), in_commune);
    EXPECT_EQ(get(owner, "/api/records/producers").at("total"), 1);
    EXPECT_EQ(get(province, "/api/records/producers?limit=1").at("total"), all);
    EXPECT_EQ(send(planner, "GET", "/api/records/producers").status, 403);
    EXPECT_EQ(send(admin, "GET", "/api/records/products").status, 403);
    EXPECT_EQ(api.call("GET", "/api/records/producers").status, 401);

    auto const one = [](std::string const& entity, long long key) { return fmt::format("/api/records/{}/{}", entity, key); };
    EXPECT_EQ(send(officer, "GET", one("producers", here)).status, 200);
    EXPECT_EQ(send(officer, "GET", one("producers", elsewhere)).status, 404);
    EXPECT_EQ(send(owner, "GET", one("producers", elsewhere)).status, 404);
    EXPECT_EQ(get(officer, "/api/records/units?limit=1").at("total"), number("SELECT count(*) FROM geo.admin_unit"));
    EXPECT_EQ(send(officer, "GET", "/api/records/score-sheets").status, 403);
    // Personal data: the officer's commune only, never the planner.
    auto const people_here = number(
        fmt::format("SELECT count(*) FROM ocop.representative r JOIN ocop.producer p USING (producer_key) WHERE r.retired_at IS NULL AND EXISTS (SELECT FROM "
                    "geo.lineage_unit l JOIN geo.admin_unit u USING (unit_key) WHERE l.lineage_key = p.lineage_key AND u.code = '{}' AND u.valid_to IS NULL)",
                    kHere));
    EXPECT_EQ(get(officer, "/api/records/representatives?limit=1").at("total"), people_here);
    EXPECT_EQ(send(planner, "GET", "/api/records/representatives").status, 403);
    auto const plots = get(planner, "/api/records/plots?limit=5");
    ASSERT_FALSE(plots.at("items").empty());
    for (auto const& plot : plots.at("items")) {
        EXPECT_FALSE(plot.contains("farmer_name")) << plot;
        EXPECT_TRUE(plot.contains("plot_geom")) << plot;
    }
}

TEST_F(RecordsTest, PagesMeetEachRowOnceAndEachTellsTheNumber) {
    auto const officer = person("R04", kHere);
    for (std::string const query : {"sort=-updated_at", "sort=name", "q=a&sort=-name", "sort=product_key"}) {
        auto const whole = get(officer, "/api/records/products?limit=1000&" + query);
        auto const total = whole.at("total").get<long long>();
        ASSERT_EQ(whole.at("items").size(), static_cast<std::size_t>(total)) << query;
        ASSERT_GT(total, 4) << query;
        std::vector<long long> wanted, met;
        for (auto const& row : whole.at("items")) wanted.push_back(row.at("product_key").get<long long>());
        auto page = get(officer, "/api/records/products?limit=4&" + query);
        while (true) {
            EXPECT_EQ(page.at("total"), total) << query;
            for (auto const& row : page.at("items")) met.push_back(row.at("product_key").get<long long>());
            if (!page.contains("next")) break;
            page = get(officer, path_of(page.at("next")));
        }
        EXPECT_EQ(met, wanted) << query;
        auto const beyond = get(officer, fmt::format("/api/records/products?limit=4&{}&after={}", query, wanted.back()));
        EXPECT_EQ(beyond.at("total"), total) << query;
        EXPECT_TRUE(beyond.at("items").empty()) << query;
    }
    EXPECT_EQ(get(officer, "/api/records/products?q=khongcosanphamnao").at("total"), 0);
}

TEST_F(RecordsTest, AnOwnerProposesAndTheAuthorityPublishes) {
    auto const key = number("SELECT min(producer_key) FROM ocop.producer WHERE is_published AND producer_key IN (SELECT producer_key FROM ocop.product WHERE is_published)"
                            " AND lineage_key IN (SELECT l.lineage_key FROM geo.lineage_unit l JOIN geo.admin_unit u USING (unit_key) WHERE u.level = 'commune' AND "
                            "u.valid_to IS NULL AND u.code = '28777')");
    auto const owner = person("R02", {}, key), officer = person("R04", kHere);
    auto const is_public = [&](long long product) { return api.call("GET", fmt::format("/api/products/{}", product)).status == 200; };
    auto const change = [&](Person const& who, long long product, Json const& body) {
        auto const target = fmt::format("/api/records/products/{}", product);
        auto const before = send(who, "GET", target);
        auto const after = send(who, "PATCH", target, body, {{"If-Match", std::string{before.headers.find("ETag").value_or("")}}});
        EXPECT_EQ(after.status, 200) << test_support::Api::text(after);
        return read(after).at("publish_status").get<std::string>();
    };
    for (auto const& said : {Json(nullptr), Json("public")}) {
        Json body{{"producer_key", key}, {"name", "Mứt dừa thử"}, {"registered_on", "2026-01-05"}};
        if (!said.is_null()) body["publish_status"] = said;
        auto const made = send(owner, "POST", "/api/records/products", body);
        ASSERT_EQ(made.status, 201) << test_support::Api::text(made);
        auto const product = read(made).at("product_key").get<long long>();
        EXPECT_EQ(read(made).at("publish_status"), "pending");
        EXPECT_FALSE(is_public(product));
        EXPECT_EQ(change(owner, product, {{"publish_status", "public"}}), "pending");
        EXPECT_EQ(change(owner, product, {{"publish_status", "draft"}}), "draft");
        EXPECT_EQ(change(officer, product, {{"publish_status", "public"}}), "public");
        EXPECT_TRUE(is_public(product));
        EXPECT_EQ(change(owner, product, {{"name", "Mứt dừa non"}}), "public");
        EXPECT_EQ(change(owner, product, {{"publish_status", "hidden"}}), "hidden");
        EXPECT_FALSE(is_public(product));
        EXPECT_EQ(change(owner, product, {{"publish_status", "public"}}), "pending");
    }
    database.execute(fmt::format("UPDATE ocop.producer SET is_published = false WHERE producer_key = {}", key));
    auto const profile = fmt::format("/api/records/producers/{}", key);
    auto const etag = std::string{send(owner, "GET", profile).headers.find("ETag").value_or("")};
    EXPECT_EQ(read(send(owner, "PATCH", profile, {{"is_published", true}}, {{"If-Match", etag}})).at("is_published"), false);
}

TEST_F(RecordsTest, AnOldDistrictReadsWhatBeganBeforeItEndedAndWritesNothing) {
    auto const district = person("R06", "829@2025-06-30");
    auto const wanted = number(
        "SELECT count(*) FROM ocop.producer p WHERE p.registered_on < '2025-07-01' AND EXISTS (SELECT FROM geo.lineage_unit l JOIN geo.admin_unit c USING "
        "(unit_key) "
        "JOIN geo.admin_unit d ON d.unit_key = c.parent_key WHERE l.lineage_key = p.lineage_key AND d.code = '829' AND d.level = 'district')");
    ASSERT_GT(wanted, 0);
    auto const seen = get(district, "/api/records/producers?limit=1");
    EXPECT_EQ(seen.at("total"), wanted);
    auto const key = seen.at("items").at(0).at("producer_key").get<long long>();
    EXPECT_EQ(send(district, "PATCH", fmt::format("/api/records/producers/{}", key), {{"phone", "0275 3822 000"}}, {{"If-Match", "\"1\""}}).status, 403);
}

TEST_F(RecordsTest, NoUpdateIsLost) {
    auto const key = producer(true);
    auto const target = fmt::format("/api/records/producers/{}", key);
    auto const officer = person("R04", kHere), owner = person("R02", {}, key);
    auto const first = send(officer, "GET", target);
    ASSERT_EQ(first.status, 200) << test_support::Api::text(first);
    auto const etag = std::string{*first.headers.find("ETag")};
    EXPECT_EQ(send(owner, "PATCH", target, {{"phone", "0275 3822 001"}}).status, 428);
    auto const changed = send(owner, "PATCH", target, {{"phone", "0275 3822 001"}}, {{"If-Match", etag}});
    ASSERT_EQ(changed.status, 200) << test_support::Api::text(changed);
    EXPECT_EQ(read(changed).at("phone"), "0275 3822 001");
    EXPECT_EQ(read(changed).at("version"), read(first).at("version").get<int>() + 1);
    auto const late = send(officer, "PATCH", target, {{"phone", "0275 3822 002"}}, {{"If-Match", etag}});
    EXPECT_EQ(late.status, 412);
    EXPECT_EQ(read(late).at("current").at("phone"), "0275 3822 001");
    EXPECT_EQ(read(late).at("sent").at("phone"), "0275 3822 002");
    EXPECT_EQ(database.value(fmt::format("SELECT phone FROM ocop.producer WHERE producer_key = {}", key)), "0275 3822 001");
    auto const history = get(officer, target + "/history").at("items");
    EXPECT_EQ(history.at(0).at("row").at("phone"), "0275 3822 001");
    EXPECT_EQ(history.at(0).at("changed"), Json::array({"phone"})) << history.at(0);
    // The audit knows who it was.
    EXPECT_EQ(database.value(fmt::format(
                  "SELECT a.login LIKE 'nguoi.02.%' FROM audit.entry e JOIN auth.account a USING (account_key) WHERE e.row_key = '{}' AND e.object = "
                  "'ocop.producer' ORDER BY e.entry_key DESC LIMIT 1",
                  key)),
              "t");
}

TEST_F(RecordsTest, WhatIsWrongIsNamedFieldByField) {
    auto const key = producer(true);
    auto const officer = person("R04", kHere);
    auto const refused = send(
        officer, "POST", "/api/records/products",
        {{"producer_key", key}, {"name", "  "}, {"registered_on", "2026-02-30"}, {"retail_price_vnd", "10"}, {"publish_status", "sold"}, {"colour", "red"}});
    EXPECT_EQ(refused.status, 400);
    std::set<std::string> fields;
    auto const said = read(refused);
    for (auto const& error : said.at("errors")) fields.insert(error.at("field").get<std::string>());
    for (auto const* field : {"name", "registered_on", "retail_price_vnd", "publish_status", "colour"})
        EXPECT_TRUE(fields.contains(field)) << field << test_support::Api::text(refused);

    auto const facility = [&](Json place) {
        return send(officer, "POST", "/api/records/facilities",
                    {{"producer_key", key}, {"facility_name", "Xưởng"}, {"facility_role", "processing"}, {"facility_geom", std::move(place)}});
    };
    auto const swapped = facility({{"type", "Point"}, {"coordinates", {10.24, 106.37}}});
    EXPECT_EQ(swapped.status, 400);
    EXPECT_THAT(test_support::Api::text(swapped), HasSubstr("longitude first"));
    EXPECT_THAT(test_support::Api::text(facility({{"type", "Point"}, {"coordinates", {565000, 1132000}}, {"crs", "EPSG:32648"}})), HasSubstr("meridian"));
    EXPECT_EQ(send(officer, "GET", "/api/records/producers?colour=red").status, 400);
    EXPECT_EQ(send(officer, "GET", "/api/records/producers?sort=phone").status, 400);
    EXPECT_EQ(send(officer, "GET", "/api/records/coconuts").status, 404);
    auto const etag = std::string{*send(officer, "GET", fmt::format("/api/records/producers/{}", key)).headers.find("ETag")};
    EXPECT_EQ(send(officer, "PATCH", fmt::format("/api/records/producers/{}", key), {{"tax_code", "12"}}, {{"If-Match", etag}}).status, 400);
    // A rule of the table itself, with the field it concerns.
    auto const ruled =
        send(officer, "POST", "/api/records/products", {{"producer_key", key}, {"name", "Kẹo"}, {"registered_on", "2026-01-05"}, {"local_material_pct", 130}});
    EXPECT_EQ(ruled.status, 400);
    EXPECT_EQ(read(ruled).at("errors").at(0).at("field"), "local_material_pct") << test_support::Api::text(ruled);
}

TEST_F(RecordsTest, ASealedNumberIsMaskedAndReadForAReasonOnly) {
    auto const key = producer(true);
    auto const owner = person("R02", {}, key), officer = person("R04", kHere), planner = person("R15", "86");
    auto const row = number(fmt::format("SELECT representative_private_key FROM ocop.representative_private WHERE producer_key = {}", key));
    auto const target = fmt::format("/api/records/representatives-private/{}", row);
    auto const etag = [&] { return std::string{*send(owner, "GET", target).headers.find("ETag")}; };
    EXPECT_EQ(get(owner, target).at("legal_rep_identity_no"), "•••••••••");  // the sample's does not open: dots alone

    auto const wrong = send(owner, "PATCH", target, {{"legal_rep_identity_no", "08612345678"}}, {{"If-Match", etag()}});
    EXPECT_EQ(wrong.status, 400);
    EXPECT_THAT(test_support::Api::text(wrong), HasSubstr("12 digits"));
    EXPECT_THAT(test_support::Api::text(wrong), testing::Not(HasSubstr("08612345678")));
    auto const set = send(owner, "PATCH", target, {{"legal_rep_identity_no", "086123 456789"}}, {{"If-Match", etag()}});
    ASSERT_EQ(set.status, 200) << test_support::Api::text(set);
    EXPECT_EQ(read(set).at("legal_rep_identity_no"), "•••••••••789");
    EXPECT_EQ(database.value(fmt::format("SELECT position('086123456789'::bytea IN legal_rep_identity_no) FROM ocop.representative_private WHERE "
                                         "representative_private_key = {}",
                                         row)),
              "0");
    EXPECT_THAT(gis_core::to_text(get(officer, "/api/records/representatives-private?limit=1000")),
                testing::AllOf(HasSubstr("•••••••••789"), testing::Not(HasSubstr("456789"))));
    // As it was read it can be sent back: the number stays.
    EXPECT_EQ(send(owner, "PATCH", target, {{"legal_rep_identity_no", "•••••••••789"}, {"legal_rep_ethnicity", "Kinh"}}, {{"If-Match", etag()}}).status, 200);

    auto const reveal = [&](Person const& who, Json body) { return send(who, "POST", target + "/reveal", std::move(body)); };
    EXPECT_EQ(reveal(officer, {{"field", "legal_rep_identity_no"}, {"reason", "vì"}}).status, 400);
    EXPECT_EQ(reveal(officer, {{"field", "legal_rep_ethnicity"}, {"reason", "đối chiếu hồ sơ giấy"}}).status, 400);
    EXPECT_EQ(reveal(planner, {{"field", "legal_rep_identity_no"}, {"reason", "đối chiếu hồ sơ giấy"}}).status, 403);
    EXPECT_EQ(database.value("SELECT count(*) FROM audit.entry WHERE action = 'reveal'"), "0");
    auto const revealed = reveal(officer, {{"field", "legal_rep_identity_no"}, {"reason", "đối chiếu hồ sơ giấy"}});
    ASSERT_EQ(revealed.status, 200) << test_support::Api::text(revealed);
    EXPECT_EQ(read(revealed).at("value"), "086123456789");
    // A sign-in of a while ago does not do.
    database.value("WITH old AS (UPDATE auth.session SET created_at = created_at - interval '15 minutes' RETURNING 1) SELECT count(*) FROM old");
    auto const asked = reveal(officer, {{"field", "legal_rep_identity_no"}, {"reason", "đối chiếu hồ sơ giấy"}});
    EXPECT_EQ(asked.status, 403);
    EXPECT_EQ(read(asked).at("errors").at(0).at("field"), "own_password");
    EXPECT_EQ(database.value("SELECT a.login LIKE 'nguoi.04.%' AND e.role = 'ocopmap_r04' AND e.row_key = '" + std::to_string(row) +
                             "' AND e.reason = 'legal_rep_identity_no: đối chiếu hồ sơ giấy' FROM audit.entry e JOIN auth.account a USING (account_key) "
                             "WHERE e.action = 'reveal'"),
              "t");
    EXPECT_EQ(send(officer, "GET", "/api/records/representatives-private?legal_rep_identity_no=086123456789").status, 400);
    // Nothing of it stands in the older versions.
    EXPECT_EQ(database.value("SELECT count(*) FROM audit.revision WHERE image::text LIKE '%123456789%'"), "0");
}

TEST_F(RecordsTest, WhoSeesPeopleMaskedReachesNoFullValueByAnyRoute) {
    auto const key = producer(true);
    auto const owner = person("R02", {}, key);
    auto const row = number(fmt::format("SELECT representative_key FROM ocop.representative WHERE producer_key = {} AND retired_at IS NULL", key));
    auto const private_row = number(fmt::format("SELECT representative_private_key FROM ocop.representative_private WHERE representative_key = {}", row));
    auto const people = std::string{"/api/records/representatives"}, secrets = std::string{"/api/records/representatives-private"};
    auto const set = [&](std::string const& target, Json const& fields) {
        auto const etag = std::string{*send(owner, "GET", target).headers.find("ETag")};
        ASSERT_EQ(send(owner, "PATCH", target, fields, {{"If-Match", etag}}).status, 200) << target;
    };
    set(fmt::format("{}/{}", people, row), {{"legal_rep_name", "Trần Thị Kín"}, {"contact_person_name", "Lê Văn Kín"}, {"contact_person_phone", "0903 456 789"}, {"legal_rep_gender", "female"}});
    set(fmt::format("{}/{}", secrets, private_row), {{"legal_rep_identity_no", "086123456321"}, {"legal_rep_ethnicity", "Khmer Kín"}, {"legal_rep_permanent_address", "Ấp Kín 7"}, {"legal_rep_disability", true}});

    for (auto const* role : {"R13", "R14"}) {
        SCOPED_TRACE(role);
        auto const who = person(role, "86");
        auto const seen = get(who, fmt::format("{}/{}", people, row));
        EXPECT_EQ(seen.at("legal_rep_name"), "Trần Thị Kín");
        EXPECT_EQ(seen.at("contact_person_name"), "Lê Văn Kín");
        EXPECT_EQ(seen.at("contact_person_phone"), "•••• ••• 789");
        EXPECT_FALSE(seen.contains("legal_rep_gender"));
        auto const sealed = get(who, fmt::format("{}/{}", secrets, private_row));
        EXPECT_EQ(sealed.at("legal_rep_identity_no"), "•••••••••321");
        for (auto const* hidden : {"legal_rep_ethnicity", "legal_rep_disability", "legal_rep_permanent_address"}) EXPECT_FALSE(sealed.contains(hidden)) << hidden;

        for (auto const& target : {people + "?limit=1000", people + "?q=k%C3%ADn", people + "?sort=legal_rep_name", secrets + "?limit=1000", fmt::format("{}?representative_key={}", secrets, row),
                                   std::string{"/api/my-data"}, std::string{"/api/notifications"}, std::string{"/api/schemas/representatives/template"}}) {
            auto const answer = send(who, "GET", target);
            EXPECT_EQ(answer.status, 200) << target;
            auto const text = test_support::Api::text(answer);
            for (auto const* full : {"456 789", "456789", "123456321", "456321", "Khmer Kín", "Ấp Kín"}) EXPECT_THAT(text, testing::Not(HasSubstr(full))) << target;
        }
        // No question that a hidden value answers: filters, order, history, opening, and a file made of it.
        for (auto const& target : {people + "?contact_person_phone=0903%20456%20789", people + "?legal_rep_gender=female", people + "?sort=contact_person_phone",
                                   secrets + "?legal_rep_ethnicity=Khmer", secrets + "?legal_rep_disability=true", secrets + "?legal_rep_identity_no=086123456321",
                                   secrets + "?sort=legal_rep_ethnicity"})
            EXPECT_EQ(send(who, "GET", target).status, 400) << target;
        for (auto const& target : {fmt::format("{}/{}/history", people, row), fmt::format("{}/{}/history", secrets, private_row)})
            EXPECT_EQ(send(who, "GET", target).status, 403) << target;
        EXPECT_EQ(send(who, "POST", fmt::format("{}/{}/reveal", secrets, private_row), {{"field", "legal_rep_identity_no"}, {"reason", "đối chiếu hồ sơ giấy"}}).status, 403);
        EXPECT_EQ(send(who, "PATCH", fmt::format("{}/{}", people, row), {{"legal_rep_name", "Khác"}}, {{"If-Match", "\"1\""}}).status, 403);
        auto headers = who.fields;
        headers.emplace_back("Content-Type", "text/csv");
        EXPECT_EQ(api.call("POST", "/api/imports?entity=representatives&file=x.csv", "external_id\n1\n", headers).status, 403);
        // And the database keeps to it, whatever the service asks.
        auto const as_role = std::string{"SET ROLE ocopmap_r"} + (role + 1) + "; ";
        for (auto const* column : {"contact_person_phone", "legal_rep_gender"})
            EXPECT_THROW(database.execute(as_role + "SELECT " + column + " FROM ocop.representative"), std::exception) << column;
        for (auto const* column : {"legal_rep_ethnicity", "legal_rep_disability", "legal_rep_permanent_address"})
            EXPECT_THROW(database.execute(as_role + "SELECT " + column + " FROM ocop.representative_private"), std::exception) << column;
    }
    EXPECT_EQ(get(person("R09", "86"), people).at("total"), 0);  // nothing was given to a council on which this account has a seat
}

// What a person may ask for: a copy of everything, and its erasure once nothing needs it any more.
TEST_F(RecordsTest, APersonGetsACopyAndIsErasedWhereTheLawAllows) {
    auto const key = producer(true);
    auto const owner = person("R02", {}, key);
    auto const copy = get(owner, "/api/my-data");
    EXPECT_EQ(copy.at("account").at("name"), "Người thử");
    EXPECT_EQ(copy.at("account").at("sessions").size(), 1U);
    auto const& rows = copy.at("producers").at(std::to_string(key));
    EXPECT_EQ(rows.at("producers").size(), 1U);
    auto const name = database.value(fmt::format("SELECT legal_rep_name FROM ocop.representative WHERE producer_key = {} AND retired_at IS NULL", key));
    EXPECT_EQ(rows.at("representatives").at(0).at("legal_rep_name"), name);
    EXPECT_EQ(std::to_string(rows.at("products").size()),
              database.value(fmt::format("SELECT count(*) FROM ocop.product WHERE producer_key = {} AND retired_at IS NULL", key)));
    EXPECT_EQ(test_support::Api::text(send(owner, "GET", "/api/my-data")).find("argon2"), std::string::npos);

    auto const row = database.value(fmt::format("SELECT representative_key FROM ocop.representative WHERE producer_key = {} AND retired_at IS NULL", key));
    auto const erase = [&](std::string const& entity, std::string const& of) {
        return test_support::run(
            {test_support::cli(), "--database", database.conninfo(), "person", "erase", entity, of, "--reason", "theo đơn ngày 20/11/2026"});
    };
    database.execute(fmt::format("UPDATE ocop.representative SET contact_person_phone = '0000 111 222' WHERE representative_key = {}", row));
    database.execute(
        fmt::format("DELETE FROM ocop.certificate WHERE product_key IN (SELECT product_key FROM ocop.product WHERE producer_key = {0});"
                    "INSERT INTO ocop.certificate (product_key, star, issued_on, valid_to) SELECT min(product_key), 3, '2025-01-01', '2028-01-01' "
                    "FROM ocop.product WHERE producer_key = {0}",
                    key));
    auto const refused = erase("representatives", row);
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_THAT(refused.output, HasSubstr("a certificate is in force until 01/01/2028"));
    database.execute(
        fmt::format("UPDATE ocop.certificate SET revoked_on = '2026-01-01' WHERE product_key IN (SELECT product_key FROM ocop.product WHERE "
                    "producer_key = {0}); UPDATE ocop.dossier SET dossier_state = 'expired', withdrawn_at = NULL WHERE producer_key = {0}",
                    key));
    auto const erased = erase("representatives", row);
    EXPECT_EQ(erased.exit_code, 0) << erased.output;
    EXPECT_EQ(database.value("SELECT legal_rep_name || coalesce(contact_person_name, '') || coalesce(contact_person_phone, '') FROM ocop.representative WHERE "
                             "representative_key = " +
                             row),
              "(đã xóa)");
    EXPECT_EQ(
        database.value("SELECT count(*) FROM audit.revision r JOIN audit.entry e USING (entry_key) WHERE e.object = 'ocop.representative' AND e.row_key = '" +
                       row + "' AND (r.image::text LIKE '%" + name + "%' OR r.image::text LIKE '%0000 111 222%')"),
        "0");
    EXPECT_NE(erase("products", "1").exit_code, 0);  // nothing personal in it
}

TEST_F(RecordsTest, NothingIsWrittenOutsideOnesTerritory) {
    auto const officer = person("R04", kHere);
    auto const refused =
        send(officer, "POST", "/api/records/products", {{"producer_key", producer(false)}, {"name", "Kẹo dừa lạ"}, {"registered_on", "2026-01-05"}});
    EXPECT_EQ(refused.status, 403) << test_support::Api::text(refused);
    EXPECT_EQ(database.value("SELECT count(*) FROM ocop.product WHERE name = 'Kẹo dừa lạ'"), "0");
}

TEST_F(RecordsTest, ARowIsMadeRetiredAndBroughtBack) {
    auto const officer = person("R04", kHere);
    auto const made = send(officer, "POST", "/api/records/products",
                           {{"producer_key", producer(true)}, {"name", "Kẹo dừa mới"}, {"registered_on", "2026-01-05"}, {"external_id", "x-1"}});
    ASSERT_EQ(made.status, 201) << test_support::Api::text(made);
    auto const target = std::string{*made.headers.find("Location")};
    EXPECT_EQ(get(officer, "/api/records/products?q=keo%20dua%20moi").at("total"), 1);
    // Sent again with the same external id it is the same row.
    auto const again = send(officer, "POST", "/api/records/products",
                            {{"producer_key", producer(true)}, {"name", "Kẹo dừa mới nữa"}, {"registered_on", "2026-01-05"}, {"external_id", "x-1"}});
    EXPECT_EQ(again.headers.find("Location"), target);
    auto const etag = std::string{*again.headers.find("ETag")};
    EXPECT_EQ(send(officer, "DELETE", target, nullptr, {{"If-Match", etag}}).status, 204);
    EXPECT_EQ(get(officer, "/api/records/products?q=keo%20dua%20moi").at("total"), 0);
    EXPECT_EQ(get(officer, "/api/records/products?retired=true&q=keo%20dua%20moi").at("total"), 1);
    auto const retired = std::string{*send(officer, "GET", target).headers.find("ETag")};
    EXPECT_EQ(send(officer, "POST", target + "/restore", nullptr, {{"If-Match", retired}}).status, 200);
    EXPECT_EQ(get(officer, "/api/records/products?q=keo%20dua%20moi").at("total"), 1);
    database.execute("UPDATE ocop.product SET retired_at = now() - interval '31 days' WHERE external_id = 'x-1'");
    auto const old = std::string{*send(officer, "GET", target).headers.find("ETag")};
    EXPECT_EQ(send(officer, "POST", target + "/restore", nullptr, {{"If-Match", old}}).status, 409);
}

TEST_F(RecordsTest, FieldsThatShareGroundAreToldWhileSaving) {
    auto const officer = person("R08", "86");
    auto const corner =
        database
            .query(fmt::format(
                "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM geo.admin_unit WHERE code = '{}' AND valid_to IS NULL) s", kHere))
            .at(0);
    double const lon = std::stod(corner[0]), lat = std::stod(corner[1]);
    database.execute("UPDATE geo.plot SET retired_at = now()");
    auto const plot = [&](std::string const& code, Json shape) {
        auto const response = send(officer, "POST", "/api/records/plots", {{"plot_code", code}, {"plot_geom", std::move(shape)}});
        EXPECT_EQ(response.status, 201) << test_support::Api::text(response);
        return read(response);
    };
    EXPECT_FALSE(plot("T-1", square(lon, lat, 100)).contains("overlaps"));
    EXPECT_EQ(plot("T-2", square(lon, lat, 100)).at("overlaps").at(0).at("kind"), "same");
    auto const third = plot("T-3", square(lon + 50.0 / 111'000, lat, 100));
    EXPECT_EQ(third.at("overlaps").size(), 2U);
    EXPECT_EQ(third.at("overlaps").at(0).at("kind"), "dispute");
    EXPECT_NEAR(third.at("overlaps").at(0).at("share").get<double>(), 0.5, 0.01);
    EXPECT_EQ(plot("T-4", square(lon + 148.0 / 111'000, lat, 100)).at("overlaps").at(0).at("kind"), "sliver");
    // VN-2000 with its meridian named: PostGIS puts the same corner there by its own definition.
    auto const survey =
        database.query(fmt::format("SELECT ST_X(g), ST_Y(g) FROM (SELECT ST_Transform(ST_SetSRID(ST_MakePoint({}, {}), 4326), 990210) AS g) s", lon, lat))
            .at(0);
    double const east = std::stod(survey[0]), north = std::stod(survey[1]);
    Json ring = Json::array({{east, north}, {east + 10, north}, {east + 10, north + 10}, {east, north + 10}, {east, north}});
    auto const surveyed = plot("T-5", {{"type", "Polygon"}, {"coordinates", Json::array({ring})}, {"crs", "EPSG:9210"}});
    auto const first = surveyed.at("plot_geom").at("coordinates").at(0).at(0).at(0);
    EXPECT_NEAR(first.at(0).get<double>(), lon, 1e-7);
    EXPECT_NEAR(first.at(1).get<double>(), lat, 1e-7);
}

TEST_F(RecordsTest, WhereItIsADutyAnOfficialDoesNothingWithoutASecondFactor) {
    test_support::Api strict{database.conninfo(), true};
    auto const officer = person("R04", kHere), owner = person("R02", {}, producer(true));
    auto const ask = [&](Person const& who, char const* target) { return strict.call("GET", target, {}, who.fields); };
    auto const refused = ask(officer, "/api/records/producers");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(read(refused).at("errors").at(0).at("field"), "second_factor");
    EXPECT_EQ(ask(officer, "/api/session").status, 200);  // what setting one up begins with
    EXPECT_EQ(ask(owner, "/api/records/producers").status, 200);
    EXPECT_EQ(send(officer, "GET", "/api/records/producers").status, 200) << "where it is none";
    database.execute("UPDATE auth.account SET totp_secret = '\\x00', totp_confirmed_at = now() WHERE login LIKE 'nguoi.04.%'");
    EXPECT_EQ(ask(officer, "/api/records/producers").status, 200);
}

// What was read can be sent back, places included.
TEST_F(RecordsTest, ARowComesBackAsItWasRead) {
    auto const officer = person("R08", "86");
    for (auto const* entity : {"facilities", "plots", "zones", "producers", "products"}) {
        auto const rows = get(officer, fmt::format("/api/records/{}?limit=1", entity)).at("items");
        ASSERT_FALSE(rows.empty()) << entity;
        auto const target = fmt::format("/api/records/{}/{}", entity, rows.at(0).begin()->get<long long>());
        auto const read_once = send(officer, "GET", target);
        auto const written = send(officer, "PUT", target, read(read_once), {{"If-Match", std::string{*read_once.headers.find("ETag")}}});
        ASSERT_EQ(written.status, 200) << entity << test_support::Api::text(written);
        auto before = read(read_once), after = read(written);
        for (auto const* changes : {"version", "updated_at", "overlaps"}) before.erase(changes), after.erase(changes);
        EXPECT_EQ(after, before) << entity;
    }
}

// D1: a policy must not cost the index.
TEST_F(RecordsTest, PoliciesKeepTheIndexes) {
    database.execute(
        "INSERT INTO geo.plot (plot_code, plot_geom) SELECT 'B-' || i, ST_Multi(ST_MakeEnvelope(106.2 + i % 300 * 0.001, 9.9 + i / 300 * 0.001, 106.2005 + i % "
        "300 * 0.001, 9.9005 + i / "
        "300 * 0.001, 4326)) FROM generate_series(1, 20000) i; ANALYZE geo.plot");
    for (auto const& [role, unit] : {std::pair<std::string, std::string>{"R04", kHere}, {"R08", "86"}, {"R15", "86"}}) {
        person(role, unit);
        auto const grant = database.query("SELECT account_key, grant_key FROM auth.role_grant ORDER BY grant_key DESC LIMIT 1").at(0);
        auto const plan =
            database.value(fmt::format("SELECT set_config('ocopmap.account', '{}', false), set_config('ocopmap.grant', '{}', false); SET ROLE ocopmap_r{}; "
                                       "EXPLAIN (FORMAT JSON) SELECT plot_key FROM geo.plot WHERE plot_geom && ST_MakeEnvelope(106.37, 10.2, 106.372, 10.202, "
                                       "4326) AND retired_at IS NULL",
                                       grant[0], grant[1], role.substr(1)));
        EXPECT_THAT(plan, testing::Not(HasSubstr("\"Seq Scan\""))) << role;
    }
}

}  // namespace
