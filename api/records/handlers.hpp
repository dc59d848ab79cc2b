#pragma once

#include "http/message.hpp"
#include "programme/access/access.hpp"
#include "programme/accounts/secrets.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace gis_core::db {
class Pool;
}

namespace api {

class Gate;

/// Every entity of the record under /api/records/{entity}, as whoever asks may see and change it. One handler a method; which
/// entity is the first path value.
class Records {
public:
    Records(gis_core::db::Pool& pool, Gate& gate, std::shared_ptr<programme::dictionary::Dictionary const> dictionary, programme::access::Access access,
            std::string_view secret_key)
        : pool_{pool}, gate_{gate}, dictionary_{std::move(dictionary)}, access_{std::move(access)}, vault_{secret_key} {}

    http::Response entities(http::Request const& request);  // what the acting role may read and write
    http::Response list(http::Request const& request);
    /// Rows on the map, for whoever reaches them (docs/adr/0011).
    http::Response tile(http::Request const& request);
    http::Response create(http::Request const& request);
    http::Response read(http::Request const& request);
    http::Response replace(http::Request const& request) { return change(request, true); }
    http::Response patch(http::Request const& request) { return change(request, false); }
    http::Response retire(http::Request const& request);
    http::Response restore(http::Request const& request);
    http::Response history(http::Request const& request);
    http::Response my_data(http::Request const& request);  // what is kept about who asks, and of their producers
    http::Response reveal(http::Request const& request);  // a sealed number in clear, noted with its reason

private:
    http::Response change(http::Request const& request, bool whole);

    gis_core::db::Pool& pool_;
    Gate& gate_;
    std::shared_ptr<programme::dictionary::Dictionary const> dictionary_;
    programme::access::Access access_;
    programme::accounts::Vault vault_;
};

}  // namespace api
