#include "api/routes.hpp"

#include "api/pages/pages.hpp"
#include "http/router.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace api {

std::shared_ptr<pages::Pages> add_page_routes(http::Router& router, Context& context) {
    // The download menu offers what the routes before these answer.
    std::vector<std::string> downloads;
    auto const patterns = router.patterns();
    for (auto const* format : {"csv", "xlsx", "geojson", "gpkg", "fgb", "kml"}) {
        auto const there = [&](std::string const& pattern) { return pattern == std::string{"GET /api/products."} + format; };
        if (std::any_of(patterns.begin(), patterns.end(), there)) downloads.emplace_back(format);
    }
    auto const pages = std::make_shared<pages::Pages>(context.config.web_dir, context.config.styles_dir / "palette.toml", context.pool, std::move(downloads));
    using enum pages::Pages::Language;
    for (auto const& [prefix, language] : {std::pair{std::string{}, vi}, std::pair{std::string{"/en"}, en}}) {
        router.get(prefix.empty() ? "/" : prefix, [pages, language = language](http::Request const& request) { return pages->home(request, language); });
        router.get(prefix + "/products/{id}", [pages, language = language](http::Request const& request) { return pages->product(request, language); });
        router.get(prefix + "/producers/{id}", [pages, language = language](http::Request const& request) { return pages->producer(request, language); });
    }
    return pages;
}

}  // namespace api
