#pragma once

#include "http/message.hpp"
#include "programme/access/access.hpp"
#include "programme/imports/jobs.hpp"

#include <memory>

namespace gis_core::db {
class Pool;
}

namespace api {

class Gate;

/// Imports of many rows: a file comes in and a job goes out, which programme::imports::Worker does.
class Imports {
public:
    Imports(gis_core::db::Pool& pool, Gate& gate, std::shared_ptr<programme::dictionary::Dictionary const> dictionary, programme::access::Access access)
        : pool_{pool}, gate_{gate}, dictionary_{std::move(dictionary)}, access_{std::move(access)} {}

    http::Response create(http::Request const& request);
    http::Response list(http::Request const& request);
    http::Response read(http::Request const& request);
    http::Response cancel(http::Request const& request);
    http::Response report(http::Request const& request);

private:
    gis_core::db::Pool& pool_;
    Gate& gate_;
    std::shared_ptr<programme::dictionary::Dictionary const> dictionary_;
    programme::access::Access access_;
};

}  // namespace api
