#include "http/router.hpp"

#include "gis_core/error.hpp"
#include "http/route.hpp"

#include <gtest/gtest.h>

namespace http {
namespace {

Response nothing(Request const&) { return {}; }

class RouterTest : public ::testing::Test {
protected:
    RouterTest() {
        router_.get("/", nothing);
        router_.get("/api/products/{id}", nothing);
        router_.get("/api/products/near", nothing);
        router_.post("/api/products/{id}", nothing);
        router_.get("/tiles/{layers}/{z}/{x}/{y}.mvt", nothing);
        router_.get("/tiles/{style}/{z}/{x}/{y}@2x.{format}", nothing);
        router_.get("/tiles/{style}/{z}/{x}/{y}.{format}", nothing);
    }
    /// "pattern: value, value", or the kind of error.
    std::string match(std::string method, std::string path) {
        Request request;
        request.method = std::move(method);
        request.path = std::move(path);
        try {
            auto text = router_.match(request).pattern + ":";
            for (auto const& value : request.path_values) text += " " + value;
            return text;
        } catch (gis_core::Error const& error) {
            if (error.kind() == gis_core::ErrorKind::not_found) return "404";
            if (error.kind() == gis_core::ErrorKind::invalid_argument) return "400";
            return error.fields().empty() ? "?" : "405 " + error.fields().front().allowed;
        }
    }
    Router router_;
};

TEST_F(RouterTest, TakesLiteralPathsBeforePatternsAndPatternsInOrder) {
    EXPECT_EQ(match("GET", "/"), "/:");
    EXPECT_EQ(match("GET", "/api/products/near"), "/api/products/near:");
    EXPECT_EQ(match("GET", "/api/products/42"), "/api/products/{id}: 42");
    EXPECT_EQ(match("GET", "/tiles/a,b/3/4/5.mvt"), "/tiles/{layers}/{z}/{x}/{y}.mvt: a,b 3 4 5");
    EXPECT_EQ(match("GET", "/tiles/a/3/4/5.png"), "/tiles/{style}/{z}/{x}/{y}.{format}: a 3 4 5 png");
    EXPECT_EQ(match("GET", "/tiles/a/3/4/5@2x.webp"), "/tiles/{style}/{z}/{x}/{y}@2x.{format}: a 3 4 5 webp");
}

TEST_F(RouterTest, DecodesAfterSplitting) {
    EXPECT_EQ(match("GET", "/api/products/a%2Fb%20k%E1%BA%B9o"), "/api/products/{id}: a/b kẹo");
    EXPECT_EQ(match("GET", "/api/products/%zz"), "400");
    EXPECT_EQ(match("GET", "/api/products/%00"), "400");
    EXPECT_EQ(match("GET", "/api/products/%ff"), "400");
}

TEST_F(RouterTest, SaysWhatIsNotThereAndWhatIsNotPossible) {
    for (auto const* path : {"/api", "/api/products/", "/api/products/1/2", "//", "/tiles/a/3/4/.mvt", "/tiles/a/3/4/5"}) {
        EXPECT_EQ(match("GET", path), "404") << path;
    }
    EXPECT_EQ(match("GET", "/" + std::string(8'000, '/')), "404");
    EXPECT_EQ(match("DELETE", "/api/products/1"), "405 GET, HEAD, POST");
    EXPECT_EQ(match("HEAD", "/api/products/1"), "/api/products/{id}: 1");
}

TEST_F(RouterTest, ListsItsPatterns) { EXPECT_EQ(router_.patterns().at(3), "POST /api/products/{id}"); }

TEST(RoutePatternTest, RefusesABrokenPattern) {
    for (auto const* pattern : {"", "a", "/{", "/{}", "/{a}{b}"}) EXPECT_THROW(Router{}.get(pattern, nothing), std::logic_error) << pattern;
}

}  // namespace
}  // namespace http
