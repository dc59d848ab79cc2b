#include "tile_server/store/draw.hpp"
#include "tile_server/store/segment.hpp"
#include "tile_server/store/snapshot.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>

namespace tile_server {

namespace {

GridBox random_box(std::mt19937& random) {
    std::uniform_int_distribution<std::int32_t> place{-1'000'000, 1'000'000}, side{0, 20'000};
    auto const west = place(random), south = place(random);
    return {west, south, west + side(random), south + side(random)};
}

gis_core::layers::Layer points_layer() {
    gis_core::layers::Layer layer;
    layer.id = "points";
    layer.kind = gis_core::layers::LayerKind::points;
    layer.attributes = {{"name", gis_core::layers::AttributeType::text, {}},    {"star", gis_core::layers::AttributeType::integer, {}},
                        {"share", gis_core::layers::AttributeType::number, {}}, {"is_open", gis_core::layers::AttributeType::boolean, {}},
                        {"since", gis_core::layers::AttributeType::date, {}},   {"crops", gis_core::layers::AttributeType::array, {}, false}};
    return layer;
}

}  // namespace

TEST(PackedTreeTest, FindsWhatASearchOfEveryBoxFinds) {
    std::mt19937 random{7};
    for (std::size_t const size : {0U, 1U, 15U, 16U, 17U, 256U, 257U, 5000U}) {
        std::vector<GridBox> boxes;
        for (std::size_t i = 0; i < size; ++i) boxes.push_back(random_box(random));
        boxes = arranged(boxes, hilbert_order(boxes));
        PackedTree const tree{boxes};
        for (int i = 0; i < 50; ++i) {
            auto const area = i == 0 ? GridBox{INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX} : random_box(random);
            std::set<std::uint32_t> expected, found;
            for (std::uint32_t k = 0; k < size; ++k) {
                if (boxes[k].touches(area)) expected.insert(k);
            }
            tree.search(area, [&](std::uint32_t k) { EXPECT_TRUE(found.insert(k).second) << "twice"; });
            EXPECT_EQ(found, expected);
        }
    }
}

TEST(GridShapeTest, KeepsPartsAndHolesWithinHalfAStep) {
    EXPECT_EQ(to_grid(gis_core::kMercatorHalfWidth_m), 2147483647);
    EXPECT_EQ(to_grid(-gis_core::kMercatorHalfWidth_m), -2147483647 - 1);
    for (double const metres : {11838123.456, -0.004, 1.0}) EXPECT_NEAR(to_grid(metres) * kGridStep_m, metres, kGridStep_m / 2);
    GridShape const shape{4, 0, 0, 9, 0, 9, 9, 0, 0, -4, 1, 1, 2, 1, 2, 2, 1, 1};
    auto const box = box_of(shape);
    EXPECT_EQ((std::vector{box.west, box.south, box.east, box.north}), (std::vector{0, 0, 9, 9}));
}

TEST(LayerVersionTest, AnOutlineThatOnlyStraysIntoTheGroundStays) {
    auto layer = points_layer();
    layer.kind = gis_core::layers::LayerKind::polygons;
    layer.coarse_column = "coarse";
    layer.attributes.clear();
    auto const square = [](std::int32_t west, std::int32_t east) { return GridShape{5, west, 0, east, 0, east, 10, west, 10, west, 0}; };
    auto const base = std::make_shared<Segment>(layer);
    StoredRow row;
    row.key = 1;
    row.shapes = {square(0, 10), square(0, 14)};  // the coarse one reaches further
    base->add(row);
    base->close();
    Segment nothing{layer};
    nothing.close();
    auto const version = LayerVersion::whole(1, base);
    EXPECT_EQ(version.with({{12, 0, 20, 10}}, nothing).rows(), 1U) << "the record was asked for what touches the box, and this does not";
    EXPECT_EQ(version.with({{9, 0, 20, 10}}, nothing).rows(), 0U);
}

TEST(LayerVersionTest, ATileDrawnDayAfterDayShowsEachDaysOutlines) {
    auto layer = points_layer();
    layer.kind = gis_core::layers::LayerKind::polygons;
    layer.has_at = true;
    layer.attributes = {{"name", gis_core::layers::AttributeType::text, {}}};
    gis_core::TileId const tile{14, 13030, 7720};
    auto const box = tile.bounds();
    std::mt19937 random{11};
    constexpr int kDays = 60;
    std::uniform_real_distribution<double> share{-0.2, 1.2};
    std::uniform_int_distribution<int> day{0, kDays};
    auto const base = std::make_shared<Segment>(layer);
    for (int key = 1; key <= 12; ++key) {
        auto const x = to_grid(box.west + share(random) * (box.east - box.west)), y = to_grid(box.south + share(random) * (box.north - box.south));
        auto const side = to_grid(box.west + (box.east - box.west) / 9) - to_grid(box.west);
        StoredRow row;
        row.key = key;
        row.since = key == 1 ? kAlways : day(random);
        row.until = key == 2 ? kForEver : row.since == kAlways ? day(random) : row.since + 1 + day(random);
        row.shapes = {{5, x, y, x + side, y, x + side, y + side, x, y + side, x, y}};
        row.values = {MvtValue{fmt::format("number {}", key)}};
        base->add(row);
    }
    base->close();
    auto const drawn = [&](LayerVersion const& version, DayNumber number) {
        std::string out;
        draw(version, tile, day_of(number), nullptr, {}, out);
        return out;
    };
    std::vector<std::string> expected;
    for (DayNumber number = 0; number < 2 * kDays; ++number) expected.push_back(drawn(LayerVersion::whole(1, base), number));
    EXPECT_GT((std::set<std::string>{expected.begin(), expected.end()}.size()), 10U);
    auto const version = LayerVersion::whole(1, base);
    for (DayNumber number = 0; number < 2 * kDays; ++number) EXPECT_EQ(drawn(version, number), expected[static_cast<std::size_t>(number)]) << number;
    for (DayNumber number = 2 * kDays - 1; number >= 0; --number) EXPECT_EQ(drawn(version, number), expected[static_cast<std::size_t>(number)]) << number;
}

TEST(LayerVersionTest, AThousandEditsLeaveWhatAMapWouldHold) {
    auto const layer = points_layer();
    std::mt19937 random{11};
    std::uniform_real_distribution<double> metres{0, 10'000};
    std::map<std::int64_t, StoredRow> model;
    std::int64_t next_key = 1;
    auto const make = [&](std::int64_t key) {
        StoredRow row;
        row.key = key;
        row.x_m = row.lon = metres(random);
        row.y_m = row.lat = metres(random);
        auto const n = static_cast<std::int64_t>(random());
        row.values = {MvtValue{"tên " + std::to_string(n % 50)}, std::nullopt,
                      MvtValue{static_cast<double>(n) / 7},      MvtValue{n % 2 == 0},
                      MvtValue{std::string{"2025-06-30"}},       MvtValue{"{dừa,bưởi " + std::to_string(n % 5) + "}"}};
        if (n % 3 == 0) row.values = {std::nullopt, MvtValue{n}, std::nullopt, std::nullopt, std::nullopt, std::nullopt};
        return row;
    };
    auto base = std::make_shared<Segment>(layer);
    for (int i = 0; i < 3000; ++i, ++next_key) base->add(model[next_key] = make(next_key));
    base->close();
    auto version = LayerVersion::whole(1, base);
    auto const agree = [&] {
        std::set<std::int64_t> seen;
        version.search({0, 0, INT32_MAX, INT32_MAX}, 0, [&](Segment const& segment, std::uint32_t row) {
            auto const found = segment.row(row);
            ASSERT_TRUE(seen.insert(found.key).second);
            auto const& expected = model.at(found.key);
            EXPECT_EQ(found.x_m, expected.x_m);
            EXPECT_EQ(found.lat, expected.lat);
            EXPECT_EQ(found.values, expected.values);
            auto const crops = segment.column(5).in_filter(row);
            if (!expected.values[5]) {
                EXPECT_TRUE(std::holds_alternative<std::monostate>(crops));
            } else {
                auto const& items = *std::get<std::vector<std::string_view> const*>(crops);
                EXPECT_EQ("{" + std::string{items.at(0)} + "," + std::string{items.at(1)} + "}", std::get<std::string>(*expected.values[5]));
            }
        });
        EXPECT_EQ(seen.size(), model.size());
        EXPECT_EQ(version.rows(), model.size());
    };
    agree();
    std::set<Segment const*> bases{base.get()};
    for (int edit = 0; edit < 1000; ++edit) {
        // As a change is read: a box of ground, and all rows that stand there now.
        auto const x = metres(random), y = metres(random);
        auto const is_inside = [&](StoredRow const& row) { return std::abs(row.x_m - x) <= 150 && std::abs(row.y_m - y) <= 150; };
        for (auto it = model.begin(); it != model.end();) {
            if (is_inside(it->second) && random() % 2 == 0) it = model.erase(it);
            else ++it;
        }
        for (auto n = random() % 5; n > 0; --n, ++next_key) {
            auto row = make(next_key);
            row.x_m = x;
            row.y_m = y;
            model[next_key] = row;
        }
        if (!model.empty() && random() % 2 == 0) {  // one comes from far away
            auto& row = std::next(model.begin(), static_cast<long>(random() % model.size()))->second;
            row.x_m = x;
            row.y_m = y;
        }
        Segment fresh{layer};
        for (auto const& [key, row] : model) {
            if (is_inside(row)) fresh.add(row);
        }
        fresh.close();
        version = version.with({{to_grid(x - 150), to_grid(y - 150), to_grid(x + 150), to_grid(y + 150)}}, fresh);
        bases.insert(version.base.get());
        if (edit % 100 == 99) agree();
    }
    EXPECT_EQ(version.number, 1001U);
    EXPECT_GT(bases.size(), 1U) << "many changes become one segment";
}

class SnapshotTest : public ::testing::Test {
protected:
    SnapshotTest() {
        layer.id = "zones";
        layer.kind = gis_core::layers::LayerKind::polygons;
        layer.coarse_column = "geom_coarse";
        layer.has_at = true;
        layer.attributes = {{"name", gis_core::layers::AttributeType::text, {}},
                            {"area_ha", gis_core::layers::AttributeType::number, {}},
                            {"from", gis_core::layers::AttributeType::date, {}},
                            {"codes", gis_core::layers::AttributeType::array, {}}};
        char pattern[] = "/tmp/ocopmap-snapshot-test-XXXXXX";
        folder = ::mkdtemp(pattern);
    }
    ~SnapshotTest() override { std::filesystem::remove_all(folder); }
    StoredRow row(std::int64_t key) {
        auto const at = static_cast<std::int32_t>(key * 1000);
        StoredRow out;
        out.key = key;
        out.since = static_cast<DayNumber>(18'000 + key);
        out.until = key % 2 == 0 ? kForEver : 20'000;
        out.shapes = {{4, at, 0, at + 900, 0, at + 900, 900, at, 0, -4, at + 300, 100, at + 400, 100, at + 400, 200, at + 300, 100}, {}};
        if (key % 3 == 0) out.shapes[1] = {4, at, 0, at + 900, 0, at + 900, 900, at, 0};
        out.wkb = "wkb " + std::to_string(key);
        out.values = {MvtValue{"vùng " + std::to_string(key % 10)}, std::nullopt, MvtValue{std::string{"2020-02-29"}}, MvtValue{std::string{"{I.1.a,II.1}"}}};
        if (key % 5 == 0) out.values = {std::nullopt, MvtValue{1.5}, std::nullopt, std::nullopt};
        return out;
    }
    LayerVersion version() {
        auto base = std::make_shared<Segment>(layer);
        for (int key = 1; key <= 500; ++key) base->add(row(key));
        base->close();
        Segment fresh{layer};
        for (int key : {7, 501}) fresh.add(row(key));
        fresh.close();
        return LayerVersion::whole(1, base).with({{90'000, 0, 95'000, 10}}, fresh);
    }
    std::map<std::int64_t, std::pair<std::vector<GridShape>, std::string>> rows(LayerVersion const& of, DayNumber day) {
        std::map<std::int64_t, std::pair<std::vector<GridShape>, std::string>> out;
        of.search({INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX}, day, [&](Segment const& segment, std::uint32_t number) {
            auto const found = segment.row(number);
            auto text = found.wkb;
            for (auto const& value : found.values) {
                text += '|';
                if (value) text += std::visit([](auto const& v) { return fmt::format("{}", v); }, *value);
            }
            EXPECT_TRUE(out.emplace(found.key, std::pair{found.shapes, text}).second);
        });
        return out;
    }
    gis_core::layers::Layer layer;
    std::filesystem::path folder;
};

TEST_F(SnapshotTest, AFileGivesTheRowsOfEveryDay) {
    auto const wanted = version();
    auto const file = folder / "zones.snapshot";
    write_snapshot(file, "SELECT 1", wanted);
    auto const read = read_snapshot(file, "SELECT 1", layer);
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->rows(), wanted.rows());
    for (DayNumber const day : {17'000, 18'100, 18'499, 19'999, 20'000}) EXPECT_EQ(rows(*read, day), rows(wanted, day)) << day;
    EXPECT_EQ(rows(*read, 19'999).size(), 501U - 6U);
    EXPECT_EQ(read_snapshot(file, "SELECT 2", layer), nullptr) << "another catalogue";
    EXPECT_EQ(read_snapshot(folder / "none.snapshot", "SELECT 1", layer), nullptr);
}

TEST_F(SnapshotTest, ADamagedFileIsNotRead) {
    auto const file = folder / "zones.snapshot";
    write_snapshot(file, "SELECT 1", version());
    std::string bytes;
    {
        std::ifstream in{file, std::ios::binary};
        bytes.assign(std::istreambuf_iterator<char>{in}, {});
    }
    auto const write = [&](std::string const& other) { std::ofstream{file, std::ios::binary} << other; };
    std::mt19937 random{5};
    for (int run = 0; run < 200; ++run) {
        auto other = bytes;
        auto const place = std::uniform_int_distribution<std::size_t>{0, other.size() - 1}(random);
        if (run % 2 == 0) other.resize(place);
        else other[place] = static_cast<char>(other[place] ^ (1 << (run % 8)));
        write(other);
        EXPECT_EQ(read_snapshot(file, "SELECT 1", layer), nullptr) << run << ", " << place;
    }
    // Without the checksum: never a row that reaches out of its segment.
    auto const segment = to_bytes(*version().base);
    int taken = 0;
    for (int run = 0; run < 3000; ++run) {
        auto other = segment;
        for (int i = 0; i <= run % 3; ++i) {
            other[std::uniform_int_distribution<std::size_t>{0, other.size() - 1}(random)] = static_cast<char>(random());
        }
        auto const read = from_bytes(other, layer);
        if (!read) continue;
        ++taken;
        for (std::uint32_t number = 0; number < read->size(); ++number) read->row(number);
        read->tree().search({INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX}, [&](std::uint32_t number) { EXPECT_LT(number, read->size()); });
    }
    EXPECT_GT(taken, 0);
    EXPECT_NE(from_bytes(segment, layer), nullptr);
}

}  // namespace tile_server
