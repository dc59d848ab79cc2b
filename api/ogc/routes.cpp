#include "api/routes.hpp"

#include "api/exports.hpp"
#include "api/ogc/documents.hpp"
#include "api/ogc/geojson.hpp"
#include "api/ogc/html.hpp"
#include "api/ogc/tiles.hpp"
#include "api/pages/pages.hpp"
#include "gis_core/error.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <chrono>
#include <memory>

namespace api {
namespace ogc {
namespace {

using gis_core::layers::Layer;
namespace io = gis_core::io;

/// Pages up to this many features are made whole, with their length; longer ones are streamed.
constexpr int kBufferedLimit = 1'000;

std::string now_utc() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())); }

std::string language(http::Request const& request) {
    if (auto const lang = request.query.find("lang")) {
        if (*lang != "vi" && *lang != "en") throw gis_core::invalid_field("lang", *lang, "vi or en");
        return std::string{*lang};
    }
    // RFC 9110 §12.5.4, for two languages: the earlier one named wins.
    auto const accepted = request.header_or("Accept-Language", "");
    auto const vi = accepted.find("vi"), en = accepted.find("en");
    return en < vi ? "en" : "vi";
}

/// f, or what Accept prefers: "json", "html", "jsonfg" where `types` has it, or the extension of a file.
std::string representation(http::Request const& request, std::vector<std::string> const& types, bool has_files = false) {
    bool const has_jsonfg = std::ranges::find(types, kJsonFg) != types.end();
    if (auto const f = request.query.find("f")) {
        if (*f == "json" || *f == "html" || (has_jsonfg && *f == "jsonfg") || (has_files && io::parse_format(*f))) return std::string{*f};
        throw gis_core::invalid_field(
            "f", *f, fmt::format("json, html{}{}", has_jsonfg ? ", jsonfg" : "", has_files ? fmt::format(", {}", io::format_names()) : std::string{}));
    }
    auto const best = http::negotiate(request.header_or("Accept", ""), types);
    if (best.empty()) throw gis_core::Error{gis_core::ErrorKind::not_acceptable, fmt::format("this address has {}", fmt::join(types, ", "))};
    if (best == kHtml) return "html";
    if (best == kJsonFg) return "jsonfg";
    if (has_files) {
        for (auto const format : {io::FileFormat::csv, io::FileFormat::xlsx, io::FileFormat::gpkg, io::FileFormat::fgb, io::FileFormat::kml}) {
            if (best == io::media_type(format)) return io::file_extension(format);
        }
    }
    return "json";
}

http::Response finish(http::Response response, std::string_view lang) {
    response.headers.add("Cache-Control", "no-cache");
    response.headers.add("Vary", "Accept, Accept-Language");
    response.headers.add("Content-Language", std::string{lang});
    return response;
}

http::Response json_response(std::string_view lang, gis_core::Json const& document, char const* type = kJson) {
    return finish(http::Response::text(200, type, gis_core::to_text(document) + "\n"), lang);
}

http::Response html_response(std::string_view lang, std::string html) {
    auto response = http::Response::text(200, "text/html; charset=utf-8", std::move(html));
    response.headers.add("Content-Security-Policy", pages::kContentSecurityPolicy);
    return finish(std::move(response), lang);
}

std::string other_language(std::string_view lang) { return lang == "en" ? "vi" : "en"; }

struct Service {
    Collections collections;
    HtmlFrame frame;
    styles::Palette palette;

    Trail trail(std::string_view lang, Layer const* layer = nullptr, bool with_items = false) const {
        auto const tail = "?f=html&lang=" + std::string{lang};
        Trail steps{{"OGC API", "/ogc" + tail}};
        if (!layer) return steps;
        steps.emplace_back(lang == "en" ? "Collections" : "Các tập dữ liệu", "/ogc/collections" + tail);
        steps.emplace_back(in(lang, layer->title), "/ogc/collections/" + layer->id + tail);
        if (with_items) steps.emplace_back(lang == "en" ? "Features" : "Đối tượng", "/ogc/collections/" + layer->id + "/items" + tail);
        return steps;
    }
    http::Response html(http::Request const& request, std::string_view lang, std::string const& title, Trail const& steps, std::string const& body) const {
        return html_response(lang, frame.page(lang, title, steps, with_parameters(request, {{"f", "json"}}),
                                              with_parameters(request, {{"f", "html"}, {"lang", other_language(lang)}}), body));
    }
    std::string note_html(std::string_view lang) {
        auto const note = collections.note();
        auto const text = note.text(lang);
        if (text.empty()) return {};
        return std::string{"<p class=\"note"} + (note.has_demo || note.has_schematic ? " demo-banner" : "") + "\" role=\"note\">" + escape_html(text) +
               "</p>\n";
    }

    http::Response landing(http::Request const& request) {
        request.query.allow_only({"f", "lang"});
        auto const lang = language(request);
        auto const form = representation(request, {kJson, kHtml});
        auto const document = landing_page(request.base_url(), lang, collections.note());
        if (form == "json") return json_response(lang, document);
        return html(request, lang, document["title"], trail(lang),
                    "<p>" + escape_html(document["description"].get<std::string>()) + "</p>\n" + links_html(document["links"]));
    }
    http::Response classes(http::Request const& request) {
        request.query.allow_only({"f", "lang"});
        auto const lang = language(request);
        if (representation(request, {kJson, kHtml}) == "json") return json_response(lang, conformance());
        std::string body = "<ul>";
        for (auto const& uri : conformance_classes()) body += "<li><a href=\"" + uri + "\">" + uri + "</a></li>";
        return html(request, lang, lang == "en" ? "Conformance classes" : "Các lớp tuân thủ", trail(lang), body + "</ul>");
    }
    http::Response definition(http::Request const& request) {
        request.query.allow_only({"f", "lang"});
        auto const lang = language(request);
        auto const form = representation(request, {kOpenApi, kJson, kHtml});
        auto const document = openapi(request.base_url(), lang, collections.catalogue());
        if (form == "json") return json_response(lang, document, kOpenApi);
        std::string body = "<div class=\"table-scroll\" tabindex=\"0\"><table><tbody>\n";
        for (auto const& [path, item] : document["paths"].items()) {
            auto const shown = escape_html(path);
            auto const summary = escape_html(item["get"]["summary"].get<std::string>());
            body += "<tr><th scope=\"row\">" + (path.find('{') == std::string::npos ? "<a href=\"" + shown + "\">" + shown + "</a>" : shown) + "</th><td>" +
                    summary + "</td></tr>\n";
        }
        return html(request, lang, document["info"]["title"], trail(lang), body + "</tbody></table></div>");
    }
    /// Of tiles, maps and styles.
    http::Response document(http::Request const& request, DocumentMaker const& make) {
        request.query.allow_only({"f", "lang"});
        auto const lang = language(request);
        auto const form = representation(request, {kJson, kHtml});
        auto const made = make(request.base_url(), lang, request);
        if (form == "json") return json_response(lang, made);
        return html(request, lang, made["title"], trail(lang), note_html(lang) + tile_document_html(made));
    }
    http::Response list(http::Request const& request) {
        request.query.allow_only({"f", "lang"});
        auto const lang = language(request);
        auto const form = representation(request, {kJson, kHtml});
        auto const base = request.base_url();
        gis_core::Json all = gis_core::Json::array();
        auto const note = collections.note();
        for (auto const& layer : collections.catalogue().layers()) all.push_back(collection(base, lang, layer, collections.extent(layer), note));
        if (form == "json") {
            auto const self = base + "/ogc/collections";
            return json_response(
                lang, {{"links", to_json({{"self", kJson, "", self + "?f=json"}, {"alternate", kHtml, "", self + "?f=html"}})}, {"collections", all}});
        }
        auto body = note_html(lang) + "<ul class=\"collections\">\n";
        for (auto const& one : all) {
            body += fmt::format(
                "<li><a href=\"/ogc/collections/{0}?f=html&amp;lang={2}\">{1}</a> (<a href=\"/ogc/collections/{0}/items?f=html&amp;lang={2}\">{3}</a>)</li>\n",
                one["id"].get<std::string>(), escape_html(one["title"].get<std::string>()), lang, lang == "en" ? "features" : "đối tượng");
        }
        return html(request, lang, lang == "en" ? "Collections" : "Các tập dữ liệu", trail(lang), body + "</ul>");
    }
    http::Response describe(http::Request const& request) {
        request.query.allow_only({"f", "lang"});
        auto const& layer = collections.get(request.value(0));
        auto const lang = language(request);
        auto const form = representation(request, {kJson, kHtml});
        auto const document = collection(request.base_url(), lang, layer, collections.extent(layer), collections.note());
        if (form == "json") return json_response(lang, document);
        auto const extent = collections.extent(layer);
        auto body = note_html(lang) + fmt::format("<dl><dt>id</dt><dd>{}</dd><dt>bbox</dt><dd>{}</dd>", layer.id, fmt::join(extent.box, ", "));
        if (!extent.since.empty())
            body += fmt::format("<dt>{}</dt><dd>{} – {}</dd>", lang == "en" ? "Validity" : "Hiệu lực", extent.since, extent.until.empty() ? "…" : extent.until);
        return html(request, lang, in(lang, layer.title), trail(lang, &layer), body + "</dl>\n" + links_html(document["links"]));
    }
    /// One of the schemas of a collection (ogcapi-features-5), as JSON Schema or as a table.
    http::Response schema(http::Request const& request, SchemaKind kind) {
        request.query.allow_only({"f", "lang"});
        auto const& layer = collections.get(request.value(0));
        auto const lang = language(request);
        auto const document = schema_of_collection(request.base_url(), lang, layer, kind);
        if (representation(request, {kSchema, kJson, kHtml}) == "json") return json_response(lang, document, kSchema);
        auto body = fmt::format(
            "<div class=\"table-scroll\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th "
            "scope=\"col\">{}</th></tr></thead><tbody>\n",
            lang == "en" ? "Name" : "Tên", lang == "en" ? "Title" : "Nghĩa", lang == "en" ? "Type" : "Kiểu");
        for (auto const& [name, field] : document["properties"].items()) {
            body += fmt::format("<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td></tr>\n", name, escape_html(field.value("title", "")),
                                field.value("format", field.value("type", "")));
        }
        return html(request, lang, in(lang, layer.title) + ": " + name_of(lang, kind), trail(lang, &layer), body + "</tbody></table></div>");
    }
    http::Response filters(http::Request const& request) { return schema(request, SchemaKind::queryables); }
    http::Response order(http::Request const& request) { return schema(request, SchemaKind::sortables); }
    http::Response returned(http::Request const& request) { return schema(request, SchemaKind::returnables); }

    http::Response functions(http::Request const& request) {
        request.query.allow_only({"f", "lang"});
        auto const lang = language(request);
        auto const document = functions_document(lang);
        if (representation(request, {kJson, kHtml}) == "json") return json_response(lang, document);
        std::string body = "<dl>";
        for (auto const& one : document["functions"]) {
            body += fmt::format("<dt><code>{}</code></dt><dd>{}</dd>", one["name"].get<std::string>(), escape_html(one["description"].get<std::string>()));
        }
        return html(request, lang, lang == "en" ? "Functions of CQL2" : "Hàm của CQL2", trail(lang), body + "</dl>");
    }

    /// A browser sends the empty fields of the filter form too; they ask for nothing.
    static http::Request without_empty_fields(http::Request request) {
        if (request.query.find("f").value_or("") != "html") return request;
        std::string kept;
        for (auto const& [name, value] : request.query) {
            if (!value.empty()) kept += (kept.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
        }
        request.query = http::Query::parse(kept);
        return request;
    }

    http::Response items(http::Request const& sent) {
        auto const request = without_empty_fields(sent);
        auto const& layer = collections.get(request.value(0));
        auto const query = parse_item_query(layer, request.query, {"f", "lang", "profile"});
        auto const lang = language(request);
        std::vector<std::string> types{kGeoJson, kJson, kHtml, kJsonFg};
        for (auto const format : {io::FileFormat::csv, io::FileFormat::xlsx, io::FileFormat::gpkg, io::FileFormat::fgb, io::FileFormat::kml})
            types.push_back(io::media_type(format));
        auto const form = representation(request, types, true);
        auto const profile = parse_profile(request, form);
        if (form == "json" || form == "jsonfg") return items_json(request, query, profile);
        if (form != "html") return file(query, *io::parse_format(form), lang);
        if (query.crs && query.crs->epsg != 0) throw gis_core::invalid_field("crs", query.crs->uri, "OGC:CRS84 on a page; f=json has the others");
        return items_html(request, query, lang);
    }

    /// How features are written as JSON.
    enum class Profile { geojson, jsonfg, jsonfg_plus };
    /// The first of the profiles asked that the representation has; its own otherwise (ogcapi-features-5, profile-negotiation).
    static Profile parse_profile(http::Request const& request, std::string const& form) {
        auto found = form == "jsonfg" ? Profile::jsonfg : Profile::geojson;
        auto const asked = request.query.find("profile");
        if (!asked) return found;
        bool is_found = false;
        for (auto rest = *asked;;) {
            auto const comma = std::min(rest.find(','), rest.size());
            auto name = rest.substr(0, comma);
            if (name.starts_with(kProfiles)) name.remove_prefix(std::string_view{kProfiles}.size());
            if (name != "rfc7946" && name != "jsonfg" && name != "jsonfg-plus") {
                throw gis_core::invalid_field("profile", rest.substr(0, comma),
                                              fmt::format("rfc7946 (of f=json), jsonfg or jsonfg-plus (of f=jsonfg), alone or behind {}", kProfiles));
            }
            if (!is_found && (form == "jsonfg") == (name != "rfc7946")) {
                is_found = true;
                if (name == "jsonfg-plus") found = Profile::jsonfg_plus;
            }
            if (comma == rest.size()) return found;
            rest.remove_prefix(comma + 1);
        }
    }
    /// A link to the profile that an answer has: GeoJSON of another CRS has none.
    static void add_profile(std::vector<Link>& links, ItemQuery const& query, Profile profile) {
        if (profile == Profile::geojson && query.crs && query.crs->epsg != 0) return;
        auto const* const name = profile == Profile::geojson ? "rfc7946" : profile == Profile::jsonfg ? "jsonfg" : "jsonfg-plus";
        links.push_back({"profile", kHtml, "", std::string{kProfiles} + name});
    }
    /// With profile jsonfg-plus in another CRS each feature has its geometry twice.
    static bool wants_crs84(ItemQuery const& query, Profile profile) {
        return profile == Profile::jsonfg_plus && query.crs && query.crs->epsg != 0 && !query.skips_geometry;
    }
    static void append(std::string& out, ItemQuery const& query, FeatureRow const& row, Profile profile) {
        if (profile == Profile::geojson) append_feature(out, row, query.selected);
        else append_jsonfg_feature(out, query, row, wants_crs84(query, profile));
    }
    static std::string crs_header(ItemQuery const& query) { return fmt::format("<{}>", query.crs ? query.crs->uri : std::string{kCrs84}); }
    /// What a JSON-FG document says of itself before its features.
    static std::string jsonfg_head(ItemQuery const& query) {
        auto const dimension = query.layer->geometry_type == "Point" ? 0 : query.layer->geometry_type == "MultiLineString" ? 1 : 2;
        return fmt::format(
            R"("conformsTo":["http://www.opengis.net/spec/json-fg-1/0.3/conf/core"],"featureType":"{}","geometryDimension":{},"coordRefSys":"{}",)",
            query.layer->id, dimension, query.crs ? query.crs->uri : std::string{kCrs84});
    }

    /// Rows of a page, one more than asked to know whether another follows; `before` pages are turned round.
    struct PageEnds {
        int returned = 0;
        Cursor first, last;
        bool has_more = false;  // in the direction of reading
    };

    static Cursor cursor_at(ItemQuery const& query, FeatureRow const& row) {
        Cursor cursor;
        std::from_chars(row.key.data(), row.key.data() + row.key.size(), cursor.key);
        for (std::size_t i = 0; i < query.sort.size(); ++i) {
            auto const& cell = row.cells.at(query.selected.size() + i);
            cursor.values.push_back(cell ? std::optional{std::string{*cell}} : std::nullopt);
        }
        return cursor;
    }

    std::vector<Link> page_links(http::Request const& request, ItemQuery const& query, PageEnds const& ends) const {
        auto const base = request.base_url();
        std::vector<Link> links{{"self", kGeoJson, "", with_parameters(request, {{"f", "json"}})},
                                {"alternate", kHtml, "", with_parameters(request, {{"f", "html"}})},
                                {"alternate", kJsonFg, "", with_parameters(request, {{"f", "jsonfg"}})},
                                {"collection", kJson, "", base + "/ogc/collections/" + query.layer->id}};
        bool const has_next = query.before ? ends.returned > 0 : ends.has_more;
        bool const has_prev = query.before ? ends.has_more : query.after.has_value() && ends.returned > 0;
        if (has_next) links.push_back({"next", kGeoJson, "", with_parameters(request, {{"f", "json"}, {"before", ""}, {"after", to_text(ends.last)}})});
        if (has_prev) links.push_back({"prev", kGeoJson, "", with_parameters(request, {{"f", "json"}, {"after", ""}, {"before", to_text(ends.first)}})});
        return links;
    }

    /// Writes a whole FeatureCollection through `flush`, which empties the buffer when it likes to.
    void write_collection(http::Request const& request, ItemQuery const& query, Profile profile, std::int64_t matched, std::string& out,
                          std::function<void()> const& flush) {
        int const limit = query.limit.value_or(kDefaultLimit);
        PageEnds ends;
        std::vector<std::string> turned;  // features of a `before` page, which come backwards
        out += R"({"type":"FeatureCollection",)";
        if (profile != Profile::geojson) out += jsonfg_head(query);
        out += R"("features":[)";
        collections.read(query, GeometryColumn::geojson, limit + 1, wants_crs84(query, profile), [&](FeatureRow const& row) {
            if (ends.returned == limit) {
                ends.has_more = true;
                return;
            }
            auto& nearer = query.before ? ends.last : ends.first;
            if (ends.returned == 0) nearer = cursor_at(query, row);
            (query.before ? ends.first : ends.last) = cursor_at(query, row);
            if (!query.before) out += ends.returned > 0 ? ",\n" : "\n";
            auto& target = query.before ? turned.emplace_back() : out;
            append(target, query, row, profile);
            target += '}';
            ++ends.returned;
            flush();
        });
        for (std::size_t i = turned.size(); i-- > 0;) {
            out += i + 1 < turned.size() ? ",\n" : "\n";
            out += turned[i];
            flush();
        }
        out += fmt::format("\n],\"numberMatched\":{},\"numberReturned\":{},\"timeStamp\":\"{}\",\"links\":", matched, ends.returned, now_utc());
        auto links = page_links(request, query, ends);
        add_profile(links, query, profile);
        out += links_json(links);
        out += "}\n";
    }

    http::Response items_json(http::Request const& request, ItemQuery const& query, Profile profile) {
        auto const matched = collections.count(query);
        int const limit = query.limit.value_or(kDefaultLimit);
        auto const* const type = profile == Profile::geojson ? kGeoJson : kJsonFg;
        auto const done = [&](http::Response response) {
            response.headers.add("Content-Crs", crs_header(query));
            return finish(std::move(response), "vi");
        };
        if (limit <= kBufferedLimit) {
            std::string body;
            write_collection(request, query, profile, matched, body, [] {});
            return done(http::Response::text(200, type, std::move(body)));
        }
        return done(http::Response::stream(type, [this, request, query, profile, matched](http::BodySink& sink) {
            std::string body;
            write_collection(request, query, profile, matched, body, [&] {
                if (body.size() < 65'536) return;
                sink.write(body);
                body.clear();
            });
            sink.write(body);
        }));
    }

    http::Response items_html(http::Request const& request, ItemQuery const& query, std::string const& lang) {
        int const limit = std::min(query.limit.value_or(kDefaultLimit), kBufferedLimit);
        auto const matched = collections.count(query);
        auto const items_path = "/ogc/collections/" + query.layer->id + "/items";
        PageEnds ends;
        std::vector<std::string> rows;
        collections.read(query, GeometryColumn::geojson, limit + 1, false, [&](FeatureRow const& row) {
            if (ends.returned == limit) {
                ends.has_more = true;
                return;
            }
            if (ends.returned == 0) ends.first = cursor_at(query, row);
            ends.last = cursor_at(query, row);
            append_table_row(rows.emplace_back(), lang, items_path, row, query.selected);
            ++ends.returned;
        });
        if (query.before) {
            std::swap(ends.first, ends.last);
            std::reverse(rows.begin(), rows.end());
        }
        bool const english = lang == "en";
        auto body = note_html(lang) + filter_form(lang, request, *query.layer);
        body +=
            english ? fmt::format("<p>{} of {} features</p>\n", ends.returned, matched) : fmt::format("<p>{} trong {} đối tượng</p>\n", ends.returned, matched);
        body += table_head(lang, query.selected);
        for (auto const& row : rows) body += row;
        body += "</tbody></table></div>\n<nav class=\"pages\">";
        for (auto const& link : page_links(request, query, ends)) {
            if (link.rel != "next" && link.rel != "prev") continue;
            // The same address as in JSON, as a page.
            auto href = link.href;
            if (auto const at = href.find("f=json"); at != std::string::npos) href.replace(at, 6, "f=html");
            auto const name = link.rel == "next" ? (english ? "Next page" : "Trang sau") : (english ? "Previous page" : "Trang trước");
            body += fmt::format("<a rel=\"{}\" href=\"{}\">{}</a> ", link.rel, escape_html(href), name);
        }
        body += "</nav>\n<p>" + std::string{english ? "Download the whole list:" : "Tải cả danh sách:"};
        for (auto const* format : {"csv", "xlsx", "gpkg", "fgb", "kml", "geojson"}) {
            body += fmt::format(" <a href=\"{}\" download>{}</a>",
                                escape_html(with_parameters(request, {{"f", format}, {"limit", ""}, {"after", ""}, {"before", ""}})), format);
        }
        return html(request, lang, in(lang, query.layer->title), trail(lang, query.layer, true), body + "</p>");
    }

    http::Response file(ItemQuery const& query, io::FileFormat format, std::string const& lang) {
        auto const& layer = *query.layer;
        bool const is_fixed = format == io::FileFormat::geojson || format == io::FileFormat::kml;  // RFC 7946 §4, OGC 12-007r2
        if (is_fixed && query.crs && query.crs->srid != 4326) {
            throw gis_core::invalid_field("crs", query.crs->uri, "OGC:CRS84 in a file of GeoJSON or KML; f=json pages have the others");
        }
        int const epsg = query.crs && query.crs->epsg != 0 ? query.crs->epsg : 4326;
        io::TableInfo info{.name = layer.id,
                           .title = in(lang, layer.title),
                           .note = collections.note().text(lang),
                           .columns = {{"id", "id", io::CellType::integer}},
                           .geometry_type = layer.geometry_type,
                           .epsg = epsg};
        for (auto const* attribute : query.selected) {
            auto const type = [&] {
                using gis_core::layers::AttributeType;
                switch (attribute->type) {
                case AttributeType::text: break;
                case AttributeType::integer: return io::CellType::integer;
                case AttributeType::number: return io::CellType::number;
                case AttributeType::boolean: return io::CellType::boolean;
                case AttributeType::date: return io::CellType::date;
                case AttributeType::array: return io::CellType::array;
                }
                return io::CellType::text;
            }();
            info.columns.push_back({attribute->name, in(lang, attribute->title), type});
        }
        // Before anything is sent: is the database there, does it take the statement, is the list short enough for a file.
        io::FileQuota const quota;
        auto const matched = collections.count(query);
        if (!io::is_streamed(format) &&
            std::min<std::int64_t>(matched, query.limit.value_or(kMaximumLimit + 1) > kMaximumLimit ? matched : *query.limit) > quota.rows) {
            throw gis_core::invalid_field("f", io::file_extension(format), fmt::format("csv or geojson for more than {} rows; or filter further", quota.rows));
        }
        auto const form = [&] {
            switch (io::geometry_form(format)) {
            case io::GeometryForm::geojson: return GeometryColumn::geojson;
            case io::GeometryForm::wkb_hex: return GeometryColumn::wkb;
            case io::GeometryForm::xy: break;
            }
            return GeometryColumn::xy;
        }();
        return export_list(
            format, info,
            [this, query, form](std::function<void(io::Record const&)> const& take) {
                io::Record record;
                auto const columns = static_cast<std::ptrdiff_t>(query.selected.size());
                collections.read(query, form, query.limit, false, [&](FeatureRow const& row) {
                    record.cells.assign(1, row.key);
                    record.cells.insert(record.cells.end(), row.cells.begin(), row.cells.begin() + columns);
                    record.geometry = row.geometry;
                    take(record);
                });
            },
            quota);
    }

    http::Response item(http::Request const& request) {
        request.query.allow_only({"f", "lang", "crs", "properties", "skipGeometry", "profile"});
        auto const& layer = collections.get(request.value(0));
        auto const& id = request.value(1);
        auto const lang = language(request);
        auto const form = representation(request, {kGeoJson, kJson, kHtml, kJsonFg});
        auto const query = parse_feature_query(layer, request.query);
        auto const profile = parse_profile(request, form);
        std::int64_t key = 0;
        auto const [end, error] = std::from_chars(id.data(), id.data() + id.size(), key);
        std::string body;
        bool const found = error == std::errc{} && end == id.data() + id.size() && std::to_string(key) == id &&
                           collections.read_one(query, key, wants_crs84(query, profile), [&](FeatureRow const& row) {
                               if (form == "html") body = feature_html(lang, row, query.selected);
                               else append(body, query, row, profile);
                           });
        if (!found) throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("no such feature in {}", layer.id)};
        if (form == "html") return html(request, lang, fmt::format("{} {}", in(lang, layer.title), key), trail(lang, &layer, true), note_html(lang) + body);
        if (profile != Profile::geojson) body.insert(1, jsonfg_head(query));
        std::vector<Link> links{{"self", kGeoJson, "", with_parameters(request, {{"f", "json"}})},
                                {"alternate", kHtml, "", with_parameters(request, {{"f", "html"}})},
                                {"alternate", kJsonFg, "", with_parameters(request, {{"f", "jsonfg"}})},
                                {"collection", kJson, "", request.base_url() + "/ogc/collections/" + layer.id}};
        add_profile(links, query, profile);
        body += ",\"links\":" + links_json(links) + "}\n";
        auto response = http::Response::text(200, profile == Profile::geojson ? kGeoJson : kJsonFg, std::move(body));
        response.headers.add("Content-Crs", crs_header(query));
        return finish(std::move(response), lang);
    }
};

}  // namespace
}  // namespace ogc

void add_ogc_routes(http::Router& router, Context& context) {
    gis_core::io::TemporaryFile::sweep();
    auto const service =
        std::shared_ptr<ogc::Service>{new ogc::Service{{gis_core::layers::Catalogue::load(context.config.data_dir / "layers.toml"), context.pool},
                                                       ogc::HtmlFrame{context.config.web_dir},
                                                       styles::Palette::load(context.config.styles_dir / "palette.toml")}};
    auto const bind = [&service](http::Response (ogc::Service::*method)(http::Request const&)) {
        return [service, method](http::Request const& request) { return (service.get()->*method)(request); };
    };
    router.get("/ogc", bind(&ogc::Service::landing));
    router.get("/ogc/", bind(&ogc::Service::landing));
    router.get("/ogc/conformance", bind(&ogc::Service::classes));
    router.get("/ogc/api", bind(&ogc::Service::definition));
    router.get("/ogc/collections", bind(&ogc::Service::list));
    router.get("/ogc/collections/{collectionId}", bind(&ogc::Service::describe));
    router.get("/ogc/functions", bind(&ogc::Service::functions));
    router.get("/ogc/collections/{collectionId}/queryables", bind(&ogc::Service::filters));
    router.get("/ogc/collections/{collectionId}/sortables", bind(&ogc::Service::order));
    router.get("/ogc/collections/{collectionId}/schema", bind(&ogc::Service::returned));
    router.get("/ogc/collections/{collectionId}/items", bind(&ogc::Service::items));
    router.get("/ogc/collections/{collectionId}/items/{featureId}", bind(&ogc::Service::item));
    for (auto const& [path, make] : ogc::tile_documents(service->collections.catalogue(), service->palette))
        router.get(path, [service, make = make](http::Request const& request) { return service->document(request, make); });
}

}  // namespace api
