#include "tests/support/environment.hpp"
#include "tests/support/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using test_support::get;
using ::testing::HasSubstr;

std::string url(std::string const& path) { return test_support::url() + path; }

// Through nginx, as a visitor: the second answer comes from disk, with an ETag that answers 304.
TEST(PicturesE2eTest, APictureIsDrawnOnceThenServedFromDisk) {
    for (auto const* path : {"/tiles/ocop/10/814/482.png", "/tiles/districts-dark/10/814/482@2x.webp"}) {
        auto const first = get(url(path));
        ASSERT_EQ(first.status, 200) << path << first.body;
        auto const second = get(url(path));
        EXPECT_EQ(second.status, 200);
        EXPECT_EQ(first.body, second.body) << path;
        auto const etag = second.header("ETag");
        ASSERT_FALSE(etag.empty());
        EXPECT_EQ(get(url(path), {{"If-None-Match", etag}}).status, 304) << path;
    }
    EXPECT_EQ(get(url("/tiles/ocop/10/814/482.png")).header("Content-Type"), "image/png");
    EXPECT_EQ(get(url("/tiles/ocop/10/814/482.webp")).header("Content-Type"), "image/webp");
}

TEST(PicturesE2eTest, ADateIsNotAnsweredFromTodaysFile) {
    auto const today = get(url("/tiles/ocop/10/814/482.png")), then = get(url("/tiles/ocop/10/814/482.png?at=2025-06-30"));
    EXPECT_EQ(today.status, 200);
    EXPECT_EQ(then.status, 200);
    EXPECT_NE(today.body, then.body);
    auto const none = get(url("/tiles/ocop/10/814/482.png?at=1950-01-01"));
    EXPECT_EQ(none.status, 404);
    EXPECT_THAT(none.body, HasSubstr("nearest"));
    auto const malformed = get(url("/tiles/ocop/10/814/482.png?at=31-31-2025"));
    EXPECT_EQ(malformed.status, 400);
    EXPECT_THAT(malformed.body, HasSubstr("31-31-2025"));
}

TEST(PicturesE2eTest, AStyleLeadsToEverythingItNeeds) {
    auto const style = get(url("/styles/ocop.json"));
    ASSERT_EQ(style.status, 200);
    EXPECT_THAT(style.body, HasSubstr(test_support::url() + "/tiles/communes/{z}/{x}/{y}.mvt"));
    EXPECT_THAT(style.body, HasSubstr(test_support::url() + "/fonts/{fontstack}/{range}.pbf"));
    for (auto const* path : {"/sprites/light.json", "/sprites/light@2x.png", "/sprites/dark.png", "/fonts/Noto%20Sans%20Regular/7680-7935.pbf",
                             "/fonts/Noto%20Sans%20Bold/0-255.pbf", "/styles/ocop/legend.json", "/tiles/ocop/view.png?width=300&height=200"}) {
        EXPECT_EQ(get(url(path)).status, 200) << path;
    }
}

}  // namespace
