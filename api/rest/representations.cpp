#include "api/rest/representations.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/csv.hpp"
#include "http/problem.hpp"

#include <fmt/format.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

namespace api::rest {
namespace {

/// Commune, old district and public position of a product or producer.
void write_where(JsonWriter& json, auto const& row) {
    write_place(json, "commune", row.commune);
    write_place(json, "district_old", row.district_old);
    json.key("position");
    if (row.position) {
        json.begin_object().member("lon", row.position->lon).member("lat", row.position->lat).member("approximate", row.position_approximate).end_object();
    } else {
        json.null();
    }
}

/// The unit of the act and of today, in a detail.
void write_history(JsonWriter& json, auto const& detail) {
    json.text_or_null("unit_match", detail.unit_match);
    write_place(json, "commune_at_act", detail.commune_at_act);
    write_place(json, "district_at_act", detail.district_at_act);
    write_place(json, "commune_today", detail.commune_today);
}

void write_product_members(JsonWriter& json, programme::Product const& p) {
    json.member("id", p.id).member("name", std::string_view{p.name});
    json.key("class");
    if (p.class_code.empty()) {
        json.null();
    } else {
        json.begin_object().member("code", std::string_view{p.class_code}).member("name_vi", std::string_view{p.class_vi});
        json.member("name_en", std::string_view{p.class_en}).end_object();
    }
    json.key("star");
    if (p.star) json.value(*p.star);
    else json.null();
    json.member("certificate_state", std::string_view{p.certificate_state}).text_or_null("certificate_valid_to", p.certificate_valid_to);
    json.key("producer").begin_object().member("id", p.producer_id).member("name", std::string_view{p.producer_name}).end_object();
    write_where(json, p);
    if (p.distance_m) json.member("distance_m", *p.distance_m);
    json.member("is_demo", p.is_demo);
}

void write_producer_members(JsonWriter& json, programme::Producer const& p) {
    json.member("id", p.id).member("name", std::string_view{p.name}).member("kind", std::string_view{p.kind});
    json.member("registered_on", std::string_view{p.registered_on});
    write_where(json, p);
    json.member("products", p.products).member("products_in_force", p.products_in_force).member("is_demo", p.is_demo);
}

void write_facet(JsonWriter& json, std::string_view name, std::vector<programme::FacetValue> const& values) {
    json.key(name).begin_array();
    for (auto const& v : values) {
        json.begin_object().member("value", std::string_view{v.value}).member("label_vi", std::string_view{v.label_vi});
        json.member("label_en", std::string_view{v.label_en}).member("count", v.count).end_object();
    }
    json.end_array();
}

bool has_stars(programme::Measure measure) { return measure == programme::Measure::products || measure == programme::Measure::stars; }

void write_statistics_head(JsonWriter& json, programme::UnitStatistics const& s, programme::Measure measure, gis_core::Date at, bool all) {
    json.member("measure", programme::to_text(measure)).member("state", all ? "all" : "in_force").member("at", std::string_view{at.iso()});
    json.key("frame").begin_object().member("level", std::string_view{s.frame.level}).member("date", std::string_view{s.frame.day.iso()});
    json.member("geometry_state", std::string_view{s.geometry_state}).member("source", std::string_view{s.source}).end_object();
    json.member("total", s.total);
}

void write_figure(JsonWriter& json, programme::UnitFigure const& u, programme::Measure measure) {
    json.text_or_null("code", u.code).text_or_null("name", u.name).member("value", u.value);
    if (has_stars(measure)) {
        json.member("star_3", u.by_star[0]).member("star_4", u.by_star[1]).member("star_5", u.by_star[2]);
    }
}

/// A name in the temporary folder that is gone with the object.
struct TemporaryFile {
    TemporaryFile() {
        auto form = (std::filesystem::temp_directory_path() / "ocopmap-XXXXXX").string();
        int const descriptor = mkstemp(form.data());
        if (descriptor < 0) throw gis_core::Error{gis_core::ErrorKind::overloaded, "no room for a temporary file; try again in a moment"};
        close(descriptor);
        path = form;
    }
    ~TemporaryFile() { unlink(path.c_str()); }
    TemporaryFile(TemporaryFile const&) = delete;
    TemporaryFile& operator=(TemporaryFile const&) = delete;
    std::string path;
};

std::string_view title_of(programme::Measure measure) {
    switch (measure) {
    case programme::Measure::products: return "Số sản phẩm OCOP";
    case programme::Measure::producers: return "Số chủ thể OCOP";
    case programme::Measure::stars: return "Tổng số sao";
    case programme::Measure::zone_area_ha: return "Diện tích vùng nguyên liệu (ha)";
    }
    return {};
}

}  // namespace

void write_place(JsonWriter& json, std::string_view name, programme::PlaceName const& place) {
    json.key(name);
    if (place.code.empty()) json.null();
    else json.begin_object().member("code", std::string_view{place.code}).member("name", std::string_view{place.name}).end_object();
}

void write_product(JsonWriter& json, programme::Product const& product) {
    json.begin_object();
    write_product_members(json, product);
    json.end_object();
}

void write_product(JsonWriter& json, programme::ProductDetail const& d) {
    json.begin_object();
    write_product_members(json, d.product);
    json.text_or_null("description", d.description).member("registered_on", std::string_view{d.registered_on});
    json.member("producer_kind", std::string_view{d.producer_kind});
    write_history(json, d);
    json.key("certificates").begin_array();
    for (auto const& c : d.certificates) {
        json.begin_object().key("star");
        if (c.star > 0) json.value(c.star);
        else json.null();
        json.member("state", std::string_view{c.state}).text_or_null("decision_no", c.decision_no);
        json.text_or_null("decided_by", c.decided_by).member("issued_on", std::string_view{c.issued_on}).member("valid_to", std::string_view{c.valid_to});
        json.text_or_null("revoked_on", c.revoked_on).end_object();
    }
    json.end_array().key("zones").begin_array();
    for (auto const& z : d.zones) {
        json.begin_object().member("id", z.id).member("code", std::string_view{z.code}).member("name", std::string_view{z.name});
        json.member("crop", std::string_view{z.crop}).member("area_ha", z.area_ha).end_object();
    }
    json.end_array().key("sales_points").begin_array();
    for (auto const& s : d.sales_points) {
        json.begin_object().member("id", s.id).member("name", std::string_view{s.name}).member("kind", std::string_view{s.kind});
        if (s.position) json.key("position").begin_object().member("lon", s.position->lon).member("lat", s.position->lat).end_object();
        json.end_object();
    }
    json.end_array().end_object();
}

void write_producer(JsonWriter& json, programme::Producer const& producer) {
    json.begin_object();
    write_producer_members(json, producer);
    json.end_object();
}

void write_producer(JsonWriter& json, programme::ProducerDetail const& d) {
    json.begin_object();
    write_producer_members(json, d.producer);
    write_history(json, d);
    json.key("items").begin_array();
    for (auto const& p : d.items) write_product(json, p);
    json.end_array().end_object();
}

void write_facets(JsonWriter& json, programme::Facets const& facets, std::vector<std::string> const& wanted) {
    json.key("facets").begin_object();
    for (auto const& name : wanted) {
        if (name == "class") write_facet(json, name, facets.classes);
        else if (name == "star") write_facet(json, name, facets.stars);
        else if (name == "state") write_facet(json, name, facets.states);
        else if (name == "district") write_facet(json, name, facets.districts_old);
        else if (name == "commune") write_facet(json, name, facets.communes);
    }
    json.end_object();
}

void write_total(JsonWriter& json, programme::Total const& total) { json.member(total.is_estimated ? "total_estimated" : "total", total.count); }

void append_csv_field(std::string& line, std::string_view field) {
    auto const text = gis_core::io::without_formula(std::string{field});
    if (text.find_first_of("\",\r\n") == std::string::npos) {
        line += text;
        return;
    }
    line += '"';
    for (char const c : text) {
        if (c == '"') line += '"';
        line += c;
    }
    line += '"';
}

std::string csv_head_of_products() {
    return "id,name,class_code,class,star,certificate_state,certificate_valid_to,producer_id,producer,commune_code,commune,"
           "district_old_code,district_old,lon,lat,position_approximate,is_demo\r\n";
}

void append_csv(std::string& out, programme::Product const& p) {
    out += fmt::format("{},", p.id);
    for (std::string_view const field : {std::string_view{p.name}, std::string_view{p.class_code}, std::string_view{p.class_vi}}) {
        append_csv_field(out, field);
        out += ',';
    }
    if (p.star) out += static_cast<char>('0' + *p.star);
    out += fmt::format(",{},{},{},", p.certificate_state, p.certificate_valid_to, p.producer_id);
    for (std::string_view const field : {std::string_view{p.producer_name}, std::string_view{p.commune.code}, std::string_view{p.commune.name},
                                         std::string_view{p.district_old.code}, std::string_view{p.district_old.name}}) {
        append_csv_field(out, field);
        out += ',';
    }
    if (p.position) out += fmt::format("{},{}", p.position->lon, p.position->lat);
    else out += ',';
    out += fmt::format(",{},{}\r\n", p.position_approximate, p.is_demo);
}

void append_feature(std::string& out, programme::Product const& p) {
    JsonWriter json;
    json.begin_object().member("type", "Feature").member("id", p.id).key("geometry");
    if (p.position) json.raw(fmt::format(R"({{"type":"Point","coordinates":[{},{}]}})", p.position->lon, p.position->lat));
    else json.null();
    json.key("properties").begin_object();
    write_product_members(json, p);
    json.end_object().end_object();
    out += json.text();
}

void write_figure(JsonWriter& json, programme::PublishedFigure const& f) {
    json.begin_object().member("subject", std::string_view{f.subject}).member("item", std::string_view{f.item}).text_or_null("crop", f.crop);
    json.key("unit").begin_object().member("level", std::string_view{f.level}).member("code", std::string_view{f.code});
    json.member("name", std::string_view{f.name}).member("valid_from", std::string_view{f.valid_from}).text_or_null("valid_to", f.valid_to).end_object();
    json.text_or_null("period", f.period).member("value", f.value).member("measure", std::string_view{f.measure});
    json.text_or_null("source_url", f.source_url).text_or_null("note", f.note).member("is_demo", f.is_demo).end_object();
}

std::string to_csv(std::vector<programme::PublishedFigure> const& figures) {
    std::string out{kByteOrderMark};
    out += "subject,item,crop,level,code,name,period,value,measure,official,source_url,note,is_demo\r\n";
    for (auto const& f : figures) {
        for (std::string_view const field : {std::string_view{f.subject}, std::string_view{f.item}, std::string_view{f.crop}, std::string_view{f.level},
                                             std::string_view{f.code}, std::string_view{f.name}, std::string_view{f.period}}) {
            append_csv_field(out, field);
            out += ',';
        }
        out += fmt::format("{},{},false,", f.value, f.measure);
        append_csv_field(out, f.source_url);
        out += ',';
        append_csv_field(out, f.note);
        out += fmt::format(",{}\r\n", f.is_demo);
    }
    return out;
}

std::string to_json(programme::UnitStatistics const& s, programme::Measure measure, gis_core::Date at, bool all) {
    JsonWriter json;
    json.begin_object();
    write_statistics_head(json, s, measure, at, all);
    json.key("units").begin_array();
    for (auto const& u : s.units) {
        json.begin_object();
        write_figure(json, u, measure);
        json.end_object();
    }
    json.end_array().end_object();
    return json.take() + '\n';
}

std::string to_geojson(programme::UnitStatistics const& s, programme::Measure measure, gis_core::Date at, bool all) {
    JsonWriter json;
    json.begin_object().member("type", "FeatureCollection");
    write_statistics_head(json, s, measure, at, all);
    json.key("features").begin_array();
    for (auto const& u : s.units) {
        json.begin_object().member("type", "Feature").key("geometry");
        if (u.geometry.empty()) json.null();
        else json.raw(u.geometry);
        json.key("properties").begin_object();
        write_figure(json, u, measure);
        json.end_object().end_object();
    }
    json.end_array().end_object();
    return json.take() + '\n';
}

std::string to_csv(programme::UnitStatistics const& s, programme::Measure measure) {
    std::string out{kByteOrderMark};
    out += has_stars(measure) ? "code,name,value,star_3,star_4,star_5\r\n" : "code,name,value\r\n";
    for (auto const& u : s.units) {
        append_csv_field(out, u.code);
        out += ',';
        append_csv_field(out, u.name);
        out += fmt::format(",{}", u.value);
        if (has_stars(measure)) out += fmt::format(",{},{},{}", u.by_star[0], u.by_star[1], u.by_star[2]);
        out += "\r\n";
    }
    return out;
}

std::string to_xlsx(programme::UnitStatistics const& s, programme::Measure measure, gis_core::Date at, bool all) {
    TemporaryFile const file;
    lxw_workbook* book = workbook_new(file.path.c_str());
    if (!book) throw gis_core::Error{gis_core::ErrorKind::internal, "the spreadsheet could not be made"};
    auto* sheet = workbook_add_worksheet(book, "OCOP");
    auto* bold = workbook_add_format(book);
    format_set_bold(bold);
    auto const text = [&](lxw_row_t row, lxw_col_t column, std::string_view value, lxw_format* format = nullptr) {
        worksheet_write_string(sheet, row, column, std::string{value}.c_str(), format);
    };
    text(0, 0,
         fmt::format("{}, ngày {}{}; ranh giới ngày {} ({})", title_of(measure), at.vietnamese(), all ? ", mọi trạng thái" : "", s.frame.day.vietnamese(),
                     s.source),
         bold);
    text(2, 0, "Mã", bold);
    text(2, 1, "Đơn vị", bold);
    text(2, 2, title_of(measure), bold);
    if (has_stars(measure)) {
        text(2, 3, "3 sao", bold);
        text(2, 4, "4 sao", bold);
        text(2, 5, "5 sao", bold);
    }
    lxw_row_t row = 3;
    for (auto const& u : s.units) {
        text(row, 0, u.code);
        text(row, 1, u.is_nowhere ? "Không rõ nơi" : u.name);
        worksheet_write_number(sheet, row, 2, u.value, nullptr);
        for (std::size_t i = 0; has_stars(measure) && i < u.by_star.size(); ++i) {
            worksheet_write_number(sheet, row, static_cast<lxw_col_t>(3 + i), static_cast<double>(u.by_star[i]), nullptr);
        }
        ++row;
    }
    text(row, 1, "Tổng", bold);
    worksheet_write_number(sheet, row, 2, s.total, bold);
    worksheet_set_column(sheet, 1, 1, 28, nullptr);
    worksheet_set_column(sheet, 2, 2, 18, nullptr);
    worksheet_freeze_panes(sheet, 3, 0);
    if (workbook_close(book) != LXW_NO_ERROR) throw gis_core::Error{gis_core::ErrorKind::internal, "the spreadsheet could not be made"};
    std::ifstream bytes{file.path, std::ios::binary};
    return {std::istreambuf_iterator<char>{bytes}, {}};
}

http::Response cacheable(http::Request const& request, std::string content_type, std::string body) {
    auto const etag = http::fingerprint(body);
    auto response = http::Response::text(200, std::move(content_type), std::move(body));
    response.headers.add("Cache-Control", "no-cache");
    return http::conditional(request, std::move(response), etag);
}

}  // namespace api::rest
