#include "api/dossiers/desk.hpp"

#include "api/accounts/gate.hpp"
#include "api/context.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace api::dossiers {

std::shared_ptr<Desk> desk_of(Context& context) {
    if (!context.desk) {
        auto dictionary = std::make_shared<programme::dictionary::Dictionary const>(programme::dictionary::Dictionary::load(context.config.data_dir));
        context.desk = std::make_shared<Desk>(context.pool, gate_of(context), std::move(dictionary), context.config.public_url);
    }
    return context.desk;
}

void require_role(programme::accounts::Identity const& who, std::initializer_list<std::string_view> roles) {
    if (std::find(roles.begin(), roles.end(), who.role) == roles.end())
        throw gis_core::Error{gis_core::ErrorKind::forbidden,
                              fmt::format("that is for {}, not for {}", fmt::join(roles, ", "), who.role.empty() ? "an account without a role" : who.role)};
}

gis_core::Json json_of(http::Request const& request) {
    auto const type = request.header_or("Content-Type", "");
    if (!type.starts_with("application/json"))
        throw gis_core::Error{gis_core::ErrorKind::unsupported_media,
                              fmt::format("the body is {}, must be application/json", type.empty() ? "of no type" : type.substr(0, 80))};
    return gis_core::parse_json(request.body, "body");
}

}  // namespace api::dossiers
