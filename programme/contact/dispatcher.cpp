#include "programme/contact/dispatcher.hpp"

#include "gis_core/log.hpp"
#include "programme/contact/sql/statements.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <chrono>
#include <optional>

namespace programme::contact {
namespace {

constexpr int kBatch = 500;                       // events a transaction
constexpr std::chrono::seconds kLookAnyway{30};   // without a bell: for mail that falls due, the next day, a bell not heard
constexpr std::chrono::milliseconds kSlice{500};  // how long stop() waits at most

struct Bell final : pqxx::notification_receiver {
    explicit Bell(pqxx::connection& connection) : pqxx::notification_receiver{connection, "ocopmap_notify"} {}
    void operator()(std::string const&, int) override {}
};

/// False when there was nothing to send, or the server is not to be spoken to now.
bool send_next(pqxx::connection& connection, MailConfig const& config, Compose const& compose, std::function<bool()> const& stop) {
    pqxx::result rows;
    {
        pqxx::work tx{connection};
        rows = tx.exec(sql::mail_take.text);
        tx.commit();
    }
    if (rows.empty()) return false;
    auto const row = rows[0];
    auto letter = compose(row["kind"].as<std::string>(), row["facts"].as<std::string>());
    auto const key = row["mail_key"].as<long long>();
    auto const posted =
        post(config, {row["address"].as<std::string>(), std::move(letter.subject), std::move(letter.body), fmt::format("ocopmap-{}", key)}, stop);
    pqxx::work tx{connection};
    tx.exec_params(sql::mail_done.text, key, posted.error.empty() ? std::optional<std::string>{} : posted.error, posted.for_good);
    tx.commit();
    if (!posted.error.empty()) gis_core::log::warn("mail {} was not sent: {}", key, posted.error);
    return !posted.is_down;
}

}  // namespace

void Dispatcher::start() {
    thread_ = std::thread{[this] { follow(); }};
}

void Dispatcher::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

void Dispatcher::follow() {
    auto pause = kSlice;
    while (!stopping_) {
        try {
            follow_connected();
        } catch (std::exception const& error) {
            gis_core::log::warn("notifications: {}; trying again", error.what());
        }
        auto const until = std::chrono::steady_clock::now() + pause;
        while (!stopping_ && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds{50});
        pause = std::min(pause * 2, std::chrono::milliseconds{10'000});
    }
}

void Dispatcher::follow_connected() {
    pqxx::connection connection{conninfo_};
    pqxx::nontransaction{connection}.exec(
        "SET ROLE ocopmap_notifier; SET application_name = 'ocopmap-api notifications'; SET statement_timeout = '60s'; SET jit = off");
    Bell const bell{connection};
    auto const stop = [this] { return stopping_.load(); };
    while (!stopping_) {
        {
            pqxx::work tx{connection};
            tx.exec(sql::notify_day.text);
            tx.commit();
        }
        {
            pqxx::work tx{connection};
            tx.exec(sql::workflow_tick.text);
            tx.commit();
        }
        for (int told = kBatch; told == kBatch && !stopping_;) {
            pqxx::work tx{connection};
            told = tx.exec_params1(sql::notify_dispatch.text, kBatch, mail_.is_on())[0].as<int>();
            tx.commit();
        }
        while (mail_.is_on() && !stopping_ && send_next(connection, mail_, compose_, stop)) {}
        auto const until = std::chrono::steady_clock::now() + kLookAnyway;
        while (!stopping_ && std::chrono::steady_clock::now() < until && connection.await_notification(0, std::chrono::microseconds{kSlice}.count()) == 0) {}
    }
}

}  // namespace programme::contact
