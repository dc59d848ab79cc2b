#include "gis_core/layers/catalogue.hpp"

#include "gis_core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gis_core::layers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Catalogue shipped() { return Catalogue::load(OCOPMAP_DATA_DIR "/layers.toml"); }

std::string message_of(auto&& work) {
    try {
        work();
    } catch (Error const& error) {
        return error.what();
    }
    return "nothing was thrown";
}

std::string const kLayer = R"(
[[layer]]
id = "a"
title = { vi = "a", en = "a" }
view = "pub.a"
key = "k"
geometry = { column = "geom", column_3857 = "geom_3857", type = "Point" }
kind = "points"
zoom = [0, 14]
style = "x"
attributes = [ { name = "n", type = "text", vi = "n", en = "n" } ]
[[layer.depends]]
table = "s.t"
affected = "SELECT g FROM changed"
)";

}  // namespace

TEST(CatalogueTest, ShippedFileNamesTheNineLayers) {
    EXPECT_THAT(shipped().ids(), ElementsAre("provinces", "districts", "communes", "shoreline", "rivers", "zones", "producers", "products", "sales_points"));
    auto const catalogue = shipped();
    auto const* communes = catalogue.find("communes");
    ASSERT_NE(communes, nullptr);
    EXPECT_EQ(communes->view, "pub.commune");
    EXPECT_TRUE(communes->has_at);
    EXPECT_TRUE(communes->find_attribute("products")->is_derived);
    EXPECT_EQ(catalogue.find("nothing"), nullptr);
}

TEST(CatalogueTest, SaysLineAndColumnOfAMistake) {
    auto const wrong = [](std::string text) { return message_of([&] { Catalogue::parse(text, "layers.toml"); }); };
    EXPECT_EQ(wrong(kLayer), "nothing was thrown");
    auto bad = kLayer;
    EXPECT_THAT(wrong(bad.replace(bad.find("[0, 14]"), 7, "[9, 4]")), HasSubstr("layers.toml:9:8: zoom is 9 to 4"));
    bad = kLayer;
    EXPECT_THAT(wrong(bad.replace(bad.find("pub.a"), 5, "geo.a")), HasSubstr("layers.toml:5:8: view is geo.a, must be in schema pub"));
    bad = kLayer;
    EXPECT_THAT(wrong(bad.replace(bad.find("\"text\""), 6, "\"blob\"")), HasSubstr("type is blob, must be one of text"));
    bad = kLayer;
    EXPECT_THAT(wrong(bad.replace(bad.find("\"text\""), 6, "\"array\"")), HasSubstr("n is an array: tiles hold none"));
    EXPECT_EQ(wrong(bad.replace(bad.find("\"array\""), 7, "\"array\", tile = false, sortable = false")), "nothing was thrown");
    EXPECT_THAT(wrong(kLayer + kLayer), HasSubstr("layer a stands twice"));
    EXPECT_THAT(wrong(kLayer + "surprise = 1\n"), HasSubstr("unknown key surprise"));
    EXPECT_THAT(wrong("[[layer]\n"), HasSubstr("layers.toml:1:"));
    bad = kLayer;
    EXPECT_THAT(wrong(bad.replace(bad.find("\"k\""), 3, "\"k; DROP\"")), HasSubstr("a name in lower case"));
}

TEST(CatalogueTest, ListsAreFoundOrExplained) {
    auto const catalogue = shipped();
    EXPECT_EQ(catalogue.find_list("communes,zones").size(), 2U);
    EXPECT_EQ(catalogue.find_list("boundaries").size(), 3U);
    EXPECT_THAT(message_of([&] { catalogue.find_list("roads"); }), HasSubstr("roads"));
    EXPECT_THAT(message_of([&] { catalogue.find_list("roads"); }), HasSubstr("communes"));
    EXPECT_THAT(message_of([&] { catalogue.find_list("zones,zones"); }), HasSubstr("named once"));
    EXPECT_THAT(message_of([&] { catalogue.find_list("zones,"); }), HasSubstr("layers is "));
}

TEST(CatalogueTest, OnlyCanonicalListsAreStored) {
    auto const catalogue = shipped();
    EXPECT_EQ(catalogue.stored_name(catalogue.find_list("zones")), "zones");
    EXPECT_EQ(catalogue.stored_name(catalogue.find_list("shoreline,rivers")), "shoreline,rivers");
    EXPECT_EQ(catalogue.stored_name(catalogue.find_list("rivers,shoreline")), "");
    EXPECT_EQ(catalogue.stored_name(catalogue.find_list("communes,zones")), "");
}

TEST(CatalogueTest, TilesOutsideZoomOrBoundsAreNotCovered) {
    auto const catalogue = shipped();
    auto const& communes = *catalogue.find("communes");
    EXPECT_TRUE(communes.covers(TileId::containing({106.37, 10.24}, 10)));  // Bến Tre
    EXPECT_FALSE(communes.covers(TileId::containing({10.24, 84.0}, 10)));
    EXPECT_FALSE(communes.covers(TileId::containing({106.37, 10.24}, 15)));
    EXPECT_FALSE(communes.covers({0, 0, 0}));
}

}  // namespace gis_core::layers
