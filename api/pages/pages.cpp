#include "api/pages/pages.hpp"

#include "api/pages/model.hpp"
#include "gis_core/log.hpp"
#include "http/problem.hpp"

#include <fmt/format.h>

#include <fstream>
#include <functional>
#include <sstream>

namespace api::pages {

using gis_core::Json;

char const* const kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

namespace {

constexpr int kPageSize = 40;

Json load_assets(std::filesystem::path const& manifest) {
    std::ifstream in{manifest};
    std::stringstream content;
    if (!(content << in.rdbuf())) {
        throw gis_core::Error{gis_core::ErrorKind::internal, "cannot read " + manifest.string() + "; web/build makes it"};
    }
    auto const names = gis_core::parse_json(content.str(), manifest.filename().string());
    Json assets;
    for (auto const& [key, file] :
         {std::pair{"app_css", "app.css"}, std::pair{"app_js", "app.js"}, std::pair{"map_js", "map.js"}, std::pair{"map_css", "map.css"},
          std::pair{"work_js", "work.js"}, std::pair{"shape_js", "shape.js"}, std::pair{"work_map_js", "work_map.js"}, std::pair{"upload_js", "upload.js"},
          std::pair{"dossier_js", "dossier.js"}, std::pair{"score_js", "score.js"}, std::pair{"worker", "maplibre-gl-worker.mjs"},
          std::pair{"icons", "icons.svg"}, std::pair{"logo", "logo.svg"}}) {
        assets[key] = names.at(file);
    }
    assets["fonts"] = {names.at("be-vietnam-pro-latin-400-normal.woff2"), names.at("be-vietnam-pro-vietnamese-400-normal.woff2")};
    return assets;
}

http::Response html(int status, std::string body) {
    auto response = http::Response::text(status, "text/html; charset=utf-8", std::move(body));
    response.headers.add("Content-Security-Policy", kContentSecurityPolicy);
    response.headers.add("Permissions-Policy", "geolocation=(self)");
    return response;
}

}  // namespace

Pages::Pages(std::filesystem::path const& web, std::filesystem::path const& palette, gis_core::db::Pool& pool, std::vector<std::string> downloads)
    : templates_{web / "templates"},
      vietnamese_{Texts::load(web / "texts" / "vi.json")},
      english_{Texts::load(web / "texts" / "en.json")},
      palette_{palette},
      assets_(load_assets(web / "dist" / "manifest.json")),
      source_{pool},
      downloads_{std::move(downloads)} {}

template <typename Make>
http::Response Pages::answer(http::Request const& request, Language language, Make make) {
    try {
        auto const palette = palette_.now();
        PageContext const page{texts(language), *palette, assets_, downloads_};
        auto const view = View::parse(request.query);
        auto [name, model] = make(page, view);
        bool const is_personal = put_notices(request, language, model);
        auto body = templates_.render(name, model);
        auto const etag = fmt::format("\"{:016x}\"", std::hash<std::string>{}(body));
        auto response = html(200, std::move(body));
        response.headers.add("Cache-Control", is_personal ? "private, no-cache" : "no-cache");
        response.headers.add("Content-Language", page.texts("lang"));
        return http::conditional(request, std::move(response), etag);
    } catch (gis_core::Error const& error) {
        return problem(request, language, error);
    } catch (std::exception const& error) {
        gis_core::log::error("page failed request={} error={}", request.id, error.what());
        return problem(request, language, gis_core::Error{gis_core::ErrorKind::internal, "internal"});
    }
}

http::Response Pages::problem(http::Request const& request, Language language, gis_core::Error const& error) const {
    using gis_core::ErrorKind;
    auto const& t = texts(language);
    auto const palette = palette_.now();
    PageContext const page{t, *palette, assets_, downloads_};
    auto model = frame_model(page, View{}, "/", "", {}, {});  // without data: this page also says that the database is away
    auto const status = http::status_of(error.kind());
    Json fields = Json::array();
    switch (error.kind()) {
    case ErrorKind::not_found:
        model["title"] = t("error_not_found_title");
        model["what"] = t("error_not_found");
        break;
    case ErrorKind::overloaded:
    case ErrorKind::upstream:
        model["title"] = t("error_busy_title");
        model["what"] = t("error_busy");
        model["retry_href"] = request.target;
        break;
    case ErrorKind::internal:
        model["title"] = t("error_title");
        model["what"] = t("error_internal");
        model["retry_href"] = request.target;
        break;
    default:
        model["title"] = t("error_bad_title");
        for (auto const& field : error.fields()) {
            fields.push_back(t(
                "error_field",
                {{"field", field.field}, {"value", field.value}, {"allowed", t.has("allowed_" + field.field) ? t("allowed_" + field.field) : field.allowed}}));
        }
        if (fields.empty()) model["what"] = error.what();
    }
    model["has_fields"] = !fields.empty();
    model["fields"] = std::move(fields);
    model["number"] = t("error_number", {{"id", request.id}});
    model["page_title"] = model["title"].get<std::string>() + " – " + t("title");
    auto response = html(status, templates_.render("error", model));
    response.headers.add("Cache-Control", "no-store");
    if (status == 503) response.headers.add("Retry-After", "5");
    return response;
}

bool Pages::put_notices(http::Request const& request, Language language, Json& model) const {
    auto const waiting = notices_(request);
    if (waiting < 0) return false;
    auto const& t = texts(language);
    model["notices_href"] = language == Language::vi ? "/thong-bao" : "/en/notifications";
    auto const shown = waiting > 99 ? std::string{"99+"} : std::to_string(waiting);
    model["notices_label"] = waiting == 0 ? t("notices") : t("notices_waiting", {{"n", shown}});  // what is read aloud is what is seen
    if (waiting > 0) model["notices_count"] = shown;
    return true;
}

http::Response Pages::personal(http::Request const& request, Language language, std::string const& name, Json model, int status) const {
    auto const palette = palette_.now();
    PageContext const page{texts(language), *palette, assets_, downloads_};
    auto const standing = source_.standing();
    auto whole = frame_model(page, View{}, "/", "", standing->frames, standing->data_sets);
    whole.update(model);
    put_notices(request, language, whole);
    whole["page_title"] = whole.at("title").get<std::string>() + " – " + page.texts("brand");
    auto response = html(status, templates_.render(name, whole));
    response.headers.add("Cache-Control", "no-store");
    response.headers.add("Content-Language", page.texts("lang"));
    return response;
}

http::Response Pages::guarded(http::Request const& request, Language language, std::function<http::Response()> const& make) const {
    try {
        return make();
    } catch (gis_core::Error const& error) {
        return problem(request, language, error);
    } catch (std::exception const& error) {
        gis_core::log::error("page failed request={} error={}", request.id, error.what());
        return problem(request, language, gis_core::Error{gis_core::ErrorKind::internal, "internal"});
    }
}

http::Response Pages::home(http::Request const& request, Language language) {
    return answer(request, language, [&](PageContext const& page, View const& view) {
        auto const part = request.query.find("part");
        return std::pair{std::string{part == "view" ? "view_parts" : "home"}, home_model(page, view, source_.home(view, kPageSize))};
    });
}

http::Response Pages::product(http::Request const& request, Language language) {
    return answer(request, language, [&](PageContext const& page, View const& view) {
        return std::pair{std::string{"product_page"}, product_model(page, view, source_.product(view, request.value(0)))};
    });
}

http::Response Pages::producer(http::Request const& request, Language language) {
    return answer(request, language, [&](PageContext const& page, View const& view) {
        return std::pair{std::string{"producer_page"}, producer_model(page, view, source_.producer(view, request.value(0)))};
    });
}

}  // namespace api::pages
