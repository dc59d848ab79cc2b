#include "programme/imports/worker.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/log.hpp"
#include "programme/imports/runner.hpp"

#include <algorithm>
#include <chrono>

namespace programme::imports {
namespace {

constexpr int kPause = 500;  // ms between two looks

}  // namespace

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

bool Worker::wait_stopped(int milliseconds) {
    std::unique_lock lock{mutex_};
    return wake_.wait_for(lock, std::chrono::milliseconds{milliseconds}, [this] { return stopping_; });
}

bool Worker::is_stopping() {
    std::lock_guard const lock{mutex_};
    return stopping_;
}

void Worker::follow() {
    gis_core::db::Pool pool{{.conninfo = conninfo_,
                             .application_name = "ocopmap-api imports",
                             .size = 3,
                             .wait_deadline = std::chrono::milliseconds{2000},
                             .statement_timeout = std::chrono::minutes{10}}};
    Runner runner{pool, dictionary_, vault_, [this] { return is_stopping(); }};
    int pause = kPause;
    do {
        try {
            while (!is_stopping() && runner.run_next()) pause = kPause;
            pause = kPause;
        } catch (std::exception const& error) {
            gis_core::log::warn("imports: {}; trying again", error.what());
            pause = std::min(pause * 2, 10'000);
        }
    } while (!wait_stopped(pause));
}

}  // namespace programme::imports
