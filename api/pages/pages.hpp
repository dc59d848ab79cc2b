#pragma once

#include "api/pages/source.hpp"
#include "api/pages/templates.hpp"
#include "api/pages/texts.hpp"
#include "gis_core/error.hpp"
#include "http/message.hpp"
#include "styles/palette.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace api::pages {

/// The server-rendered pages: HTML that is whole without a script. Shared by all workers; thread-safe.
class Pages {
public:
    /// downloads: endings of /api/products.… that are routes. web: folder of templates/, texts/ and dist/manifest.json; palette: palette.toml of the map
    /// styles. \throws gis_core::Error(internal) naming what cannot be read.
    Pages(std::filesystem::path const& web, std::filesystem::path const& palette, gis_core::db::Pool& pool, std::vector<std::string> downloads);

    enum class Language { vi, en };
    /// GET / and /en. ?part=view answers only the parts that change from view to view.
    http::Response home(http::Request const& request, Language language);
    http::Response product(http::Request const& request, Language language);
    http::Response producer(http::Request const& request, Language language);

    /// A page that concerns one person, in the frame of the others; nobody on the way keeps it.
    http::Response personal(http::Request const& request, Language language, std::string const& name, gis_core::Json model, int status = 200) const;
    /// What make() answers; what it throws becomes the page that says so.
    http::Response guarded(http::Request const& request, Language language, std::function<http::Response()> const& make) const;
    /// What every page asks of whoever visits it: how many notices wait for them, or -1 for visitors, of whom nothing is asked.
    void count_notices(std::function<long long(http::Request const&)> count) { notices_ = std::move(count); }
    gis_core::Json const& assets() const { return assets_; }  // name → file under /assets/
    Texts const& texts(Language language) const { return language == Language::vi ? vietnamese_ : english_; }

private:
    template <typename Make>
    http::Response answer(http::Request const& request, Language language, Make make);
    http::Response problem(http::Request const& request, Language language, gis_core::Error const& error) const;
    /// True when the page is one person's by now.
    bool put_notices(http::Request const& request, Language language, gis_core::Json& model) const;

    Templates templates_;
    Texts vietnamese_, english_;
    mutable styles::LivePalette palette_;
    gis_core::Json assets_;
    mutable Source source_;  // thread-safe; it keeps what it has read
    std::vector<std::string> downloads_;
    std::function<long long(http::Request const&)> notices_ = [](http::Request const&) { return -1LL; };
};

/// Nothing from elsewhere, no inline script or style; the worker and the pictures that MapLibre makes.
extern char const* const kContentSecurityPolicy;

}  // namespace api::pages
