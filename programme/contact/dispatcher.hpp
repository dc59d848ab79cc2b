#pragma once

#include "programme/contact/mailer.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace programme::contact {

/// What a mail says about an event, in words.
struct Letter {
    std::string subject, body;
};
using Compose = std::function<Letter(std::string_view kind, std::string_view facts)>;

/// Hands events to inboxes, sends mail, does the day's work: one thread with a connection of its own. Several processes may run
/// one each; what one has in hand the others leave alone, and what one did not finish the next does again.
class Dispatcher {
public:
    Dispatcher(std::string conninfo, MailConfig mail, Compose compose) : conninfo_{std::move(conninfo)}, mail_{std::move(mail)}, compose_{std::move(compose)} {}
    ~Dispatcher() { stop(); }
    Dispatcher(Dispatcher const&) = delete;
    Dispatcher& operator=(Dispatcher const&) = delete;

    void start();
    void stop();

private:
    void follow();
    void follow_connected();

    std::string conninfo_;
    MailConfig mail_;
    Compose compose_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace programme::contact
