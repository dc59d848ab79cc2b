#include "gis_core/io/csv.hpp"
#include "programme/access/access.hpp"
#include "tests/integration/api/people.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace {

using programme::access::Access;
using programme::access::Reach;
using programme::access::Right;
using programme::dictionary::Dictionary;
using programme::dictionary::Entity;

/// Every role against every route: of the record in its own and in another territory, before and after the reform.
class RolesTest : public test_support::WithPeople, public testing::WithParamInterface<std::string> {
protected:
    static constexpr char kDistrict[] = "829";  // Thành phố Bến Tre, until 30/06/2025

    Dictionary dictionary = Dictionary::load(test_support::source_dir() + "/data");
    Access access = Access::load(test_support::source_dir() + "/data", dictionary);
    std::string const role = GetParam();
    long long const own = producer(true);

    Person somebody() {
        auto const number = std::stoi(role.substr(1));
        if (number <= 3) return person(role, {}, own);
        if (number <= 5) return person(role, kHere);
        if (number <= 7) return person(role, std::string{kDistrict} + "@2025-06-30");
        return number <= 15 ? person(role, "86") : person(role);
    }
    /// The rows a right reaches, said without the functions the policies use.
    static std::string reached(Entity const& entity, Right const& right, long long own_producer) {
        std::string where;
        auto const in_unit = [](char const* level, std::string const& code, bool is_over) {
            return fmt::format(
                "EXISTS (SELECT FROM geo.lineage_unit l JOIN geo.admin_unit c USING (unit_key) LEFT JOIN geo.admin_unit d ON d.unit_key = c.parent_key "
                "WHERE l.lineage_key = t.lineage_key AND {}.code = '{}' AND c.valid_to IS {}NULL)",
                level, code, is_over ? "NOT " : "");
        };
        switch (right.reach) {
        case Reach::none: return "false";
        case Reach::all: where = "true"; break;
        case Reach::own: where = fmt::format("t.producer_key = {}", own_producer); break;
        case Reach::area: where = in_unit("c", kHere, false); break;
        case Reach::assigned: return "false";  // this account has no seat on a council; tests/e2e/grading has those that do
        case Reach::past:
            where = fmt::format("{} AND t.{} < '2025-07-01'", in_unit("d", kDistrict, true), entity.dated.empty() ? "created_at" : entity.dated);
            break;
        }
        if (right.only_submitted)
            where += entity.id == "dossiers" ? " AND t.dossier_state <> 'draft'"
                                             : " AND (SELECT d.dossier_state FROM ocop.dossier d WHERE d.dossier_key = t.dossier_key) <> 'draft'";
        return where;
    }
    /// 0 when there is none.
    long long a_row(Entity const& entity, std::string const& where) {
        return number(fmt::format("SELECT coalesce(min(t.{}), 0) FROM {} t WHERE t.retired_at IS NULL AND ({})", entity.key, entity.table, where));
    }
    bool is_filed(Entity const& entity, long long key) {
        bool const is_owners = role == "R02" && (entity.id == "dossiers" || entity.id == "self-assessments" || entity.id == "evidences");
        bool const is_review = role == "R04" && entity.id == "commune-reviews";
        if (!is_owners && !is_review) return false;
        return number(fmt::format("SELECT count(*) FROM ocop.dossier d JOIN {} t USING (dossier_key) WHERE t.{} = {} AND d.dossier_state <> '{}'", entity.table,
                                  entity.key, key, is_review ? "received" : "draft")) == 1;
    }
    // All routes but those of a record, as tests/integration/api/routes.csv says.
    void asks_every_other_route(Person const& who) {
        auto const table = gis_core::io::parse_csv(gis_core::io::read_bytes(test_support::source_dir() + "/tests/integration/api/routes.csv"), "routes.csv");
        std::set<std::string> known;
        for (auto const& row : table.rows) {
            auto const route = table.at(row, "route"), example = table.at(row, "example"), body = table.at(row, "body");
            known.insert(route);
            SCOPED_TRACE(role + " " + route);
            auto const method = route.substr(0, route.find(' '));
            Fields headers;
            if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
            EXPECT_EQ(std::to_string(api.call(method, example, body, headers).status), table.at(row, "anonymous"));
            auto const allowed = table.at(row, "allowed"), roles = table.at(row, "roles");
            if (allowed.empty()) continue;  // would end the session, or count as a failed sign-in of somebody
            headers.insert(headers.end(), who.fields.begin(), who.fields.end());
            auto const answer = api.call(method, example, body, headers);
            EXPECT_EQ(std::to_string(answer.status), roles == "all" || roles.find(role) != std::string::npos ? allowed : table.at(row, "refused"))
                << test_support::Api::text(answer).substr(0, 300);
        }
        // Asked of every entity below; the last in RecordsTest.ASealedNumberIsMaskedAndReadForAReasonOnly.
        for (auto const* route : {"GET /api/records/{entity}", "POST /api/records/{entity}", "GET /api/records/{entity}/{id}", "PUT /api/records/{entity}/{id}",
                                  "PATCH /api/records/{entity}/{id}", "DELETE /api/records/{entity}/{id}", "POST /api/records/{entity}/{id}/restore",
                                  "GET /api/records/{entity}/{id}/history", "POST /api/records/{entity}/{id}/reveal"})
            known.insert(route);
        for (auto const& route : api.routes()) {
            EXPECT_TRUE(known.contains(route)) << route << " is not in tests/integration/api/routes.csv";
        }
    }
};

TEST_P(RolesTest, ReachesWhatTheTablesSay) {
    auto const who = somebody();
    asks_every_other_route(who);
    int inside = 0, outside = 0;
    for (auto const& entity : dictionary.entities()) {
        auto const right = access.right(entity.id, role);
        auto const list = "/api/records/" + entity.id;
        SCOPED_TRACE(role + " " + entity.id);
        auto const some_row = a_row(entity, "true");
        ASSERT_NE(some_row, 0);
        if (!right.may_read()) {
            EXPECT_EQ(send(who, "GET", list).status, 403);
            EXPECT_EQ(send(who, "GET", fmt::format("{}/{}", list, some_row)).status, 403);
            EXPECT_EQ(send(who, "GET", fmt::format("{}/{}/history", list, some_row)).status, 403);
            EXPECT_EQ(send(who, "PATCH", fmt::format("{}/{}", list, some_row), {{"external_id", "x"}}, {{"If-Match", "\"1\""}}).status, 403);
            EXPECT_EQ(send(who, "POST", list, Json::object()).status, 403);
            continue;
        }
        auto const where = reached(entity, right, own);
        EXPECT_EQ(get(who, list + "?limit=1").at("total"),
                  number(fmt::format("SELECT count(*) FROM {} t WHERE t.retired_at IS NULL AND ({})", entity.table, where)));
        if (auto const key = a_row(entity, where); key != 0) {
            ++inside;
            auto const target = fmt::format("{}/{}", list, key);
            auto const row = send(who, "GET", target);
            EXPECT_EQ(row.status, 200);
            EXPECT_EQ(send(who, "GET", target + "/history").status, right.is_masked ? 403 : 200);
            Fields const match{{"If-Match", std::string{row.headers.find("ETag").value_or("\"1\"")}}};
            auto const written = send(who, "PATCH", target, {{"external_id", fmt::format("roles-{}-{}", role, entity.id)}}, match);
            // what is added to only, and what the workflow holds: a filed dossier, a review that was signed
            bool const is_only_added_to = entity.id == "events" || is_filed(entity, key);
            EXPECT_EQ(written.status, !right.may_write ? 403 : is_only_added_to ? 409 : 200) << test_support::Api::text(written);
            EXPECT_EQ(send(who, "POST", target + "/restore", nullptr, match).status, right.may_write ? 409 : 403);
            if (!right.may_write) {
                EXPECT_EQ(send(who, "DELETE", target, nullptr, match).status, 403);
                EXPECT_EQ(send(who, "PUT", target, {{"external_id", "x"}}, match).status, 403);
                EXPECT_EQ(send(who, "POST", list, Json::object()).status, 403);
            }
        }
        if (auto const key = a_row(entity, "NOT coalesce(" + where + ", false)"); key != 0) {
            ++outside;
            auto const target = fmt::format("{}/{}", list, key);
            EXPECT_EQ(send(who, "GET", target).status, 404);
            EXPECT_EQ(send(who, "GET", target + "/history").status == 200 && !get(who, target + "/history").at("items").empty(), false);
            auto const status = right.may_write ? 404 : 403;
            EXPECT_EQ(send(who, "PATCH", target, {{"external_id", "roles-outside"}}, {{"If-Match", "\"1\""}}).status, status);
            EXPECT_EQ(send(who, "DELETE", target, nullptr, {{"If-Match", "\"1\""}}).status, status);
            EXPECT_EQ(send(who, "POST", target + "/restore", nullptr, {{"If-Match", "\"1\""}}).status, status);
        }
    }
    EXPECT_EQ(database.value("SELECT count(*) FROM audit.entry WHERE role = 'ocopmap_" + ("r" + role.substr(1)) + "' AND action IN ('delete', 'retire')"), "0");
    EXPECT_GT(inside, 1);
    if (role < "R08") {
        EXPECT_GT(outside, 3);
    }
}

INSTANTIATE_TEST_SUITE_P(All, RolesTest,
                         testing::Values("R02", "R03", "R04", "R05", "R06", "R07", "R08", "R09", "R10", "R11", "R12", "R13", "R14", "R15", "R16", "R17"),
                         [](auto const& role) { return role.param; });

class ReformTest : public test_support::WithPeople {};

// A commune's officers end with the commune; what was its predecessors' is theirs who came after.
TEST_F(ReformTest, EndsTheOfficersOfWhatEndedAndHandsTheirRowsOn) {
    auto const old_commune =
        database
            .query(fmt::format("SELECT o.code, o.name FROM geo.admin_unit o WHERE o.level = 'commune' AND o.valid_to = '2025-07-01' AND EXISTS ("
                               "SELECT FROM geo.lineage_unit a JOIN geo.lineage_unit b USING (lineage_key) JOIN geo.admin_unit n ON n.unit_key = b.unit_key "
                               "WHERE a.unit_key = o.unit_key AND n.code = '{}' AND n.valid_to IS NULL) ORDER BY 1 LIMIT 1",
                               kHere))
            .at(0);
    auto const former = person("R04", old_commune[0] + "@2025-06-30");
    EXPECT_EQ(send(former, "GET", "/api/records/producers").status, 403) << old_commune[1];
    EXPECT_EQ(send(former, "POST", "/api/records/producers", Json::object()).status, 403);
    auto const officer = person("R04", kHere);
    auto const before =
        number(fmt::format("SELECT count(*) FROM ocop.producer p WHERE p.registered_on < '2025-07-01' AND EXISTS (SELECT FROM geo.lineage_unit l JOIN "
                           "geo.admin_unit u USING (unit_key) WHERE l.lineage_key = p.lineage_key AND u.code = '{}' AND u.valid_to IS NULL)",
                           kHere));
    ASSERT_GT(before, 0);
    EXPECT_EQ(get(officer, "/api/records/producers?registered_on.max=2025-06-30&limit=1").at("total"), before);
}

// The permissions of the programme (actors and access, §2), object by object, as far as they are built: R reads, W writes, - does neither.
TEST(MatrixTest, IsTheProgrammes) {
    auto const dictionary = Dictionary::load(test_support::source_dir() + "/data");
    auto const access = Access::load(test_support::source_dir() + "/data", dictionary);
    static constexpr std::array kRoles{"R02", "R04", "R05", "R08", "R09", "R10", "R11", "R12", "R13", "R14", "R15", "R16"};
    std::map<std::string, std::array<char const*, 12>> const matrix{
        {"producers", {"W own", "W area", "R area", "W all", "R all", "R all", "R all", "R all", "R all", "R all", "-", "-"}},
        {"representatives", {"W own", "R area", "R area", "R all", "M assigned", "-", "-", "-", "M all", "M all", "-", "-"}},  // M: masked
        {"representatives-private", {"W own", "R area", "R area", "R all", "M assigned", "-", "-", "-", "M all", "M all", "-", "-"}},
        {"dossiers", {"W own", "W area", "R area", "W all", "R assigned", "R assigned", "R assigned", "R assigned", "R all", "R all", "-", "-"}},
        {"score-sheets", {"-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"}},  // by the functions of schema workflow only
        {"zones", {"W own", "W area", "R area", "W all", "R all", "-", "-", "-", "-", "R all", "W all", "-"}},
        {"plots", {"W own", "W area", "R area", "W all", "R all", "-", "-", "-", "-", "R all", "W all", "-"}},
        {"events", {"W own", "R area", "R area", "R all", "-", "-", "-", "-", "-", "R all", "-", "-"}},
        {"insured-workers", {"W own", "R area", "R area", "R all", "-", "-", "-", "-", "-", "-", "-", "-"}},
    };
    for (auto const& [entity, expected] : matrix) {
        for (std::size_t i = 0; i < kRoles.size(); ++i) {
            auto const right = access.right(entity, kRoles[i]);
            static std::map<Reach, char const*> const names{
                {Reach::own, "own"}, {Reach::area, "area"}, {Reach::past, "past"}, {Reach::assigned, "assigned"}, {Reach::all, "all"}};
            auto const said = right.may_read() ? fmt::format("{} {}", right.may_write ? "W" : right.is_masked ? "M" : "R", names.at(right.reach)) : "-";
            EXPECT_EQ(said, expected[i]) << entity << ' ' << kRoles[i];
        }
    }
}

}  // namespace
