#pragma once

#include "api/context.hpp"
#include "api/routes.hpp"
#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "gis_core/json.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "http/problem.hpp"
#include "http/route.hpp"
#include "http/router.hpp"
#include "tests/support/database.hpp"
#include "tests/support/environment.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace test_support {

/// The API's route table over a database, called without sockets, as the service role.
class Api {
public:
    explicit Api(std::string const& owner_conninfo, bool second_factor_duty = false, programme::files::Config const& files = {})
        : owner{owner_conninfo},
          config_{config(second_factor_duty, files)},
          pool_{pool_config(owner_conninfo)},
          catalogue_{gis_core::layers::Catalogue::load(source_dir() + "/data/layers.toml")} {
        api::add_health_routes(router_, context_);
        api::add_rest_routes(router_, context_);
    }

    http::Response call(std::string const& method, std::string const& target, std::string body = {},
                        std::vector<std::pair<std::string, std::string>> const& headers = {}) {
        http::Request request;
        request.id = "test";
        request.method = method;
        request.target = target;
        auto const mark = target.find('?');
        request.path = target.substr(0, mark);
        request.raw_query = mark == std::string::npos ? "" : target.substr(mark + 1);
        request.body = std::move(body);
        for (auto const& [name, value] : headers) request.headers.add(name, value);
        try {
            request.query = http::Query::parse(request.raw_query);
            return std::get<http::Handler>(router_.match(request).action)(request);
        } catch (gis_core::Error const& error) {
            return http::to_problem(error, request);
        }
    }
    /// The whole body of an answer, streamed or not.
    static std::string text(http::Response const& response) {
        struct Sink final : http::BodySink {
            void write(std::string_view bytes) override { all += bytes; }
            bool is_aborted() const override { return false; }
            std::string all;
        };
        if (auto const* plain = std::get_if<std::string>(&response.body)) return *plain;
        if (auto const* shared = std::get_if<std::shared_ptr<std::string const>>(&response.body)) return **shared;
        Sink sink;
        std::get<http::BodyStream>(response.body)(sink);
        return sink.all;
    }
    /// "GET /api/products/{id}", …
    std::vector<std::string> routes() const { return router_.patterns(); }
    gis_core::Json json(std::string const& target) { return expect(200, call("GET", target), target); }
    gis_core::Json post(std::string const& target, std::string body) { return expect(200, call("POST", target, std::move(body)), target); }
    gis_core::Json problem(int status, std::string const& target) { return expect(status, call("GET", target), target); }

    std::string owner;

private:
    static gis_core::db::PoolConfig pool_config(std::string const& conninfo) {
        gis_core::db::PoolConfig config;
        config.conninfo = with_keyword(conninfo, "user", "ocopmap_api");
        config.size = 2;
        return config;
    }
    static gis_core::Json expect(int status, http::Response const& response, std::string const& target) {
        auto const body = text(response);
        EXPECT_EQ(response.status, status) << target << "\n" << body.substr(0, 500);
        return gis_core::parse_json(body, target);
    }

    static api::Config config(bool second_factor_duty, programme::files::Config const& files) {
        api::Config config;
        config.data_dir = source_dir() + "/data";
        config.secret_key = std::string(64, 'e');
        config.second_factor_duty = second_factor_duty;
        config.files = files;
        return config;
    }

    api::Config const config_;
    gis_core::db::Pool pool_;
    gis_core::layers::Catalogue catalogue_;
    api::Context context_{.pool = pool_, .catalogue = catalogue_, .config = config_, .accepting = {}, .server_metrics = {}};
    http::Router router_;
};

}  // namespace test_support
