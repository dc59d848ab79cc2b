#pragma once

#include "http/message.hpp"

#include <string>

namespace gis_core::db {
class Pool;
}

namespace api::rest {

/// By the number on the paper, as it stands now.
struct GetCertificate {
    gis_core::db::Pool& pool;
    http::Response operator()(http::Request const& request) const;
};
/// The address of the page that says how the certificate stands, as a QR code to print.
struct GetCertificateQr {
    gis_core::db::Pool& pool;
    std::string public_url;  // empty: as the visitor sees this server
    http::Response operator()(http::Request const& request) const;
};

}  // namespace api::rest
