#include "api/rest/handlers.hpp"
#include "api/rest/parameters.hpp"
#include "api/rest/representations.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/area.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace api::rest {
namespace {

using gis_core::db::Session;

/// A page of products, its total, and the facets that were asked for.
http::Response answer_list(http::Request const& request, gis_core::db::Pool& pool, gis_core::db::FigureCache& figures, ProductRequest asked) {
    auto json = pool.read(asked.filter.at.iso(), [&](pqxx::transaction_base& tx, Session& session) {
        if (!asked.filter.area_geojson.empty()) programme::require_valid_area(tx, session, asked.filter.area_geojson);
        resolve(tx, session, asked);
        auto const page = programme::list_products(tx, session, asked.filter, asked.sort, asked.after, asked.limit);
        JsonWriter out;
        out.begin_object().member("at", std::string_view{asked.filter.at.iso()});
        if (asked.facets.empty()) {
            bool const whole = asked.after.id == 0 && asked.after.tier == 0 && !page.next;  // one page holds all: no need to count
            write_total(out, whole ? programme::Total{static_cast<long long>(page.items.size()), false} : programme::count_products(tx, session, asked.filter));
        } else {
            auto const facets = programme::count_facets(tx, session, figures, asked.filter);
            write_total(out, {facets.total, false});
            write_facets(out, facets, asked.facets);
        }
        out.key("items").begin_array();
        for (auto const& product : page.items) write_product(out, product);
        out.end_array().key("next");
        if (page.next) out.value(std::string_view{next_address(request, programme::to_text(*page.next, asked.sort))});
        else out.null();
        out.end_object();
        return out;
    });
    return json_answer(request, json);
}

void require_json_body(http::Request const& request) {
    auto const type = request.header_or("Content-Type", "application/json");
    auto const plain = type.substr(0, type.find(';'));
    for (auto const* known : {"application/json", "application/geo+json", "application/x-www-form-urlencoded"}) {  // the last is what curl -d says
        if (plain.starts_with(known)) return;
    }
    throw gis_core::Error{gis_core::ErrorKind::unsupported_media,
                          fmt::format("the body is {}, must be application/geo+json or application/json", plain.substr(0, 80))};
}

http::Response attachment(std::string content_type, std::string const& file_name, http::BodyStream body) {
    auto response = http::Response::stream(std::move(content_type), std::move(body));
    response.headers.add("Content-Disposition", fmt::format("attachment; filename=\"{}\"", file_name));
    response.headers.add("Cache-Control", "no-cache");
    return response;
}

/// Collects text and writes it in pieces of some 64 KB.
class Chunks {
public:
    explicit Chunks(http::BodySink& sink) : sink_{sink} {}
    std::string& text() { return text_; }
    void write_when_large() {
        constexpr std::size_t kLarge = 64 * 1024;
        if (text_.size() >= kLarge) flush();
    }
    void flush() {
        if (!text_.empty()) sink_.write(text_);
        text_.clear();
    }

private:
    http::BodySink& sink_;
    std::string text_;
};

}  // namespace

http::Response ListProducts::operator()(http::Request const& request) const {
    return answer_list(request, pool, *figures, parse_product_request(request.query));
}

http::Response SearchProducts::operator()(http::Request const& request) const {
    auto asked = parse_product_request(request.query);
    require_json_body(request);
    asked.filter.area_geojson = programme::parse_area(request.body);
    auto answer = answer_list(request, pool, *figures, std::move(asked));
    return answer;
}

http::Response StreamProducts::operator()(http::Request const& request) const {
    request.query.allow_only(product_filter_names());
    auto asked = parse_product_filter(request.query);
    pool.read(asked.filter.at.iso(), [&](pqxx::transaction_base& tx, Session& session) {
        resolve(tx, session, asked);
        return true;
    });
    auto const stem = fmt::format("ocop-products-{}", asked.filter.at.iso());
    auto& source = pool;
    auto const read = [&source, filter = asked.filter](std::function<void(programme::Product const&)> const& take) {
        source.read(filter.at.iso(), [&](pqxx::transaction_base& tx, Session& session) {
            programme::stream_products(tx, session, filter, take);
            return true;
        });
    };
    if (form == Form::csv) {
        return attachment("text/csv; charset=utf-8", stem + ".csv", [read](http::BodySink& sink) {
            Chunks chunks{sink};
            chunks.text() = std::string{kByteOrderMark} + csv_head_of_products();
            read([&](programme::Product const& product) {
                append_csv(chunks.text(), product);
                chunks.write_when_large();
            });
            chunks.flush();
        });
    }
    return attachment("application/geo+json", stem + ".geojson", [read](http::BodySink& sink) {
        Chunks chunks{sink};
        chunks.text() = R"({"type":"FeatureCollection","features":[)";
        bool first = true;
        read([&](programme::Product const& product) {
            chunks.text() += first ? "\n" : ",\n";
            first = false;
            append_feature(chunks.text(), product);
            chunks.write_when_large();
        });
        chunks.text() += "\n]}\n";
        chunks.flush();
    });
}

http::Response GetProduct::operator()(http::Request const& request) const {
    request.query.allow_only({"at"});
    auto const id = parse_id("id", request.value(0));
    auto const at = at_or_today(request.query);
    auto const detail = pool.read(at.iso(), [&](pqxx::transaction_base& tx, Session& session) { return programme::find_product(tx, session, id, at); });
    if (!detail) throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("there is no product {} on {}", id, at.iso())};
    JsonWriter json;
    write_product(json, *detail);
    return json_answer(request, json);
}

http::Response ListProducers::operator()(http::Request const& request) const {
    auto asked = parse_producer_request(request.query);
    auto json = pool.read(asked.filter.at.iso(), [&](pqxx::transaction_base& tx, Session& session) {
        resolve(tx, session, asked);
        auto const page = programme::list_producers(tx, session, asked.filter, asked.after, asked.limit);
        JsonWriter out;
        out.begin_object().member("at", std::string_view{asked.filter.at.iso()});
        write_total(out, page.total);
        out.key("items").begin_array();
        for (auto const& producer : page.items) write_producer(out, producer);
        out.end_array().key("next");
        if (page.next) out.value(std::string_view{next_address(request, programme::to_text(*page.next, programme::ProductSort::name))});
        else out.null();
        out.end_object();
        return out;
    });
    return json_answer(request, json);
}

http::Response GetProducer::operator()(http::Request const& request) const {
    request.query.allow_only({"at"});
    auto const id = parse_id("id", request.value(0));
    auto const at = at_or_today(request.query);
    auto const detail = pool.read(at.iso(), [&](pqxx::transaction_base& tx, Session& session) { return programme::find_producer(tx, session, id, at); });
    if (!detail) throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("there is no producer {} on {}", id, at.iso())};
    JsonWriter json;
    write_producer(json, *detail);
    return json_answer(request, json);
}

}  // namespace api::rest
