// The record as tiles: what a role reaches in the list, it reaches on the map, and no more.
#include "gis_core/geo/tile_id.hpp"
#include "tests/integration/api/people.hpp"
#include "tests/support/mvt_decoder.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace {

using gis_core::TileId;

class RecordTilesTest : public test_support::WithPeople {
protected:
    static std::string path(std::string const& entity, TileId tile, std::string const& query = {}) {
        return "/api/records/" + entity + "/tiles/" + tile.path() + ".mvt" + query;
    }
    std::vector<test_support::MvtFeature> features(Person const& who, std::string const& entity, TileId tile, std::string const& query = {}) {
        auto const answer = send(who, "GET", path(entity, tile, query));
        if (answer.status == 204) return {};
        EXPECT_EQ(answer.status, 200) << test_support::Api::text(answer);
        EXPECT_EQ(answer.headers.find("Cache-Control").value_or(""), "private, no-store");
        auto layers = test_support::decode_mvt(test_support::Api::text(answer));
        EXPECT_EQ(layers.size(), 1U);
        EXPECT_EQ(layers.at(0).name, entity);
        return layers.at(0).features;
    }
    /// Rows of a tile, whether in groups or alone.
    long long rows(Person const& who, std::string const& entity, TileId tile, std::string const& query = {}) {
        long long sum = 0;
        for (auto const& feature : features(who, entity, tile, query)) sum += feature.number("point_count", 1);
        return sum;
    }
    /// Holds all of the province.
    TileId const whole = TileId::containing({106.4, 10.1}, 6);
};

TEST_F(RecordTilesTest, GroupsAddUpToWhatTheListCounts) {
    auto const officer = person("R04", kHere), owner = person("R02", {}, producer(true)), province = person("R08", "86"), planner = person("R15", "86");
    auto const all = number("SELECT count(*) FROM geo.plot WHERE retired_at IS NULL");
    ASSERT_GT(all, 100);
    std::map<std::string, long long> counts;
    for (auto const& [name, who] : {std::pair{"officer", officer}, {"owner", owner}, {"province", province}, {"planner", planner}}) {
        auto const total = get(who, "/api/records/plots?limit=1").at("total").get<long long>();
        EXPECT_EQ(rows(who, "plots", whole), total) << name;
        counts[name] = total;
    }
    long long below = 0;  // the same in the tiles below: each row is in exactly one
    for (std::uint32_t dx = 0; dx < 16; ++dx) {
        for (std::uint32_t dy = 0; dy < 16; ++dy) below += rows(officer, "plots", {10, whole.x * 16 + dx, whole.y * 16 + dy});
    }
    EXPECT_EQ(below, counts["officer"]);
    EXPECT_EQ(counts["province"], all);
    EXPECT_EQ(counts["planner"], all);
    EXPECT_GT(counts["officer"], 0);
    EXPECT_LT(counts["officer"], all);
    EXPECT_LT(counts["owner"], counts["officer"]);
}

TEST_F(RecordTilesTest, ShapesAreThoseOfThePolicyAndTheBox) {
    auto const officer = person("R04", kHere), province = person("R08", "86"), planner = person("R15", "86");
    auto const here = database.query(fmt::format("SELECT ST_X(ST_Centroid(plot_geom)), ST_Y(ST_Centroid(plot_geom)) FROM geo.plot p JOIN geo.lineage_unit l USING (lineage_key)"
                                                 " JOIN geo.admin_unit u ON u.unit_key = l.unit_key WHERE p.retired_at IS NULL AND u.level = 'commune' AND u.code = '{}' AND u.valid_to IS NULL"
                                                 " ORDER BY plot_key LIMIT 1",
                                                 kHere))[0];
    auto const tile = TileId::containing({std::stod(here[0]), std::stod(here[1])}, 12);
    auto const ids = [&](Person const& who) {
        std::set<std::uint64_t> out;
        for (auto const& feature : features(who, "plots", tile)) out.insert(feature.id.value());
        return out;
    };
    std::set<std::uint64_t> wanted;
    for (auto const& row : database.query(fmt::format("SELECT plot_key FROM geo.plot WHERE retired_at IS NULL AND ST_Intersects(ST_Transform(plot_geom, 3857), ST_TileEnvelope({}, {}, {}))",
                                                      tile.z, tile.x, tile.y)))
        wanted.insert(std::stoull(row[0]));
    auto const seen = ids(province);
    EXPECT_TRUE(std::includes(seen.begin(), seen.end(), wanted.begin(), wanted.end())) << "the rest lies in the margin";
    EXPECT_EQ(ids(planner), seen);
    auto const mine = ids(officer);
    EXPECT_FALSE(mine.empty());
    EXPECT_TRUE(std::includes(seen.begin(), seen.end(), mine.begin(), mine.end()));
    for (auto const id : seen) {
        bool const is_mine = send(officer, "GET", fmt::format("/api/records/plots/{}", id)).status == 200;
        EXPECT_EQ(mine.contains(id), is_mine) << id;
    }
    // Names of farmers go along with nobody's tile.
    auto const name = database.value("SELECT farmer_name FROM geo.plot WHERE farmer_name IS NOT NULL LIMIT 1");
    ASSERT_FALSE(name.empty());
    for (auto const& feature : features(planner, "plots", tile)) {
        for (auto const& [key, value] : feature.tags) EXPECT_TRUE(key == "label") << key;
    }
}

TEST_F(RecordTilesTest, TheListsConditionsHoldOnTheMap) {
    auto const province = person("R08", "86");
    for (std::string const query : {"?crop=coconut", "?crop=coconut&valid_from.min=2025-03-01"}) {
        auto const total = get(province, "/api/records/zones" + query + "&limit=1").at("total").get<long long>();
        ASSERT_GT(total, 0);
        EXPECT_LT(total, get(province, "/api/records/zones?limit=1").at("total").get<long long>());
        EXPECT_EQ(rows(province, "zones", whole, query), total) << query;
    }
}

TEST_F(RecordTilesTest, RefusesInWords) {
    auto const officer = person("R04", kHere), admin = person("R16");
    EXPECT_EQ(api.call("GET", path("plots", whole)).status, 401);
    EXPECT_EQ(send(admin, "GET", path("plots", whole)).status, 403);
    EXPECT_EQ(send(officer, "GET", "/api/records/plots/tiles/17/1/1.mvt").status, 404);
    EXPECT_EQ(send(officer, "GET", "/api/records/plots/tiles/3/9/1.mvt").status, 404);
    EXPECT_EQ(send(officer, "GET", "/api/records/seasons/tiles/3/1/1.mvt").status, 404);
    EXPECT_EQ(send(officer, "GET", path("plots", whole, "?colour=red")).status, 400);
    EXPECT_EQ(send(officer, "GET", path("plots", {10, 1, 1})).status, 204);
}

}  // namespace
