#pragma once

#include <functional>
#include <string>

namespace programme::contact {

/// Where mail goes out. From the environment: OCOPMAP_SMTP_URL, _USER, _PASSWORD, _FROM.
struct MailConfig {
    std::string url;  // smtp://host:587 (STARTTLS, except on this machine) or smtps://host:465; empty: no mail
    std::string user, password;
    std::string from;  // an address
    bool is_on() const { return !url.empty(); }

    /// \throws gis_core::Error(invalid_argument) when it is set by half, or is no address.
    static MailConfig from_environment();
};

struct Mail {
    std::string to, subject, body, id;  // id: the same again for the same mail, so that readers show it once
};

/// How it went. error: empty when the server took it; for_good: it never will; is_down: the server could not be spoken to.
struct Posted {
    std::string error;
    bool for_good = false, is_down = false;
};

/// Hands one mail, plain text, to the server by libcurl. Gives up when stop() says so.
Posted post(MailConfig const& config, Mail const& mail, std::function<bool()> const& stop);

}  // namespace programme::contact
