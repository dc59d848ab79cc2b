#include "programme/retention/worker.hpp"

#include "gis_core/log.hpp"
#include "programme/files/files.hpp"

#include <chrono>

namespace programme::retention {
namespace {

constexpr auto kPause = std::chrono::minutes{10};  // between two looks whether a day has begun, or something was not done

}  // namespace

Worker::Worker(std::string conninfo, std::filesystem::path const& data, files::Files const& files)
    : conninfo_{std::move(conninfo)}, list_{List::load(data)}, files_{files.config().place.empty() ? nullptr : &files} {}

void Worker::start() {
    thread_ = std::thread{[this] { follow(); }};
}

void Worker::stop() {
    {
        std::lock_guard const lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Worker::follow() {
    gis_core::db::Pool pool{{.conninfo = conninfo_, .application_name = "ocopmap-api retention", .size = 1, .statement_timeout = std::chrono::minutes{10}}};
    gis_core::db::Actor const keeper{.role = "ocopmap_keeper", .account = 0, .grant = 0, .request = {}, .reason = "retention"};
    auto const is_stopping = [this] {
        std::lock_guard const lock{mutex_};
        return stopping_;
    };
    for (;;) {
        try {
            for (auto const& done : run_day(pool, files_, &keeper, list_, {}, How::once, is_stopping)) {
                if (done.rows > 0) gis_core::log::info("retention: {} {} rows, the oldest of {}", done.kind, done.rows, done.oldest);
            }
        } catch (std::exception const& error) {
            gis_core::log::warn("retention: {}; trying again", error.what());
        }
        std::unique_lock lock{mutex_};
        if (wake_.wait_for(lock, kPause, [this] { return stopping_; })) return;
    }
}

}  // namespace programme::retention
