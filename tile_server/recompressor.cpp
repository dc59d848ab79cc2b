#include "tile_server/recompressor.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"
#include "tile_server/low_priority.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

namespace tile_server {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostWaiting = 20'000;  // beyond, the oldest are found again by a sweep
constexpr auto kCalm = 1s;                    // without a tile made
constexpr auto kMostPatience = 30s;           // after that one is compressed all the same: some servers never rest

}  // namespace

void Recompressor::start() {
    {
        std::lock_guard lock{mutex_};
        is_running_ = true;
    }
    thread_ = std::thread{[this] { work(); }};
}

void Recompressor::stop() {
    {
        std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Recompressor::add(TileAddress const& address) {
    {
        std::lock_guard lock{mutex_};
        if (!is_running_) return;
        waiting_.push_back(address);
        last_added_ = std::chrono::steady_clock::now();
        if (waiting_.size() > kMostWaiting) {
            waiting_.pop_front();
            wants_sweep_ = true;
        }
    }
    wake_.notify_one();
}

bool Recompressor::wait_for_calm() {
    std::unique_lock lock{mutex_};
    auto const begun = std::chrono::steady_clock::now();
    auto const is_calm = [&] {
        auto const now = std::chrono::steady_clock::now();
        return now - begun > kMostPatience || (now - last_added_ > kCalm && !is_busy_());
    };
    while (!stopping_ && !is_calm()) wake_.wait_for(lock, 20ms, [this] { return stopping_; });
    return !stopping_;
}

void Recompressor::work() {
    run_at_low_priority(19);
    auto const next = [this]() -> std::optional<TileAddress> {
        std::lock_guard lock{mutex_};
        if (waiting_.empty()) return std::nullopt;
        auto address = std::move(waiting_.back());
        waiting_.pop_back();
        return address;
    };
    auto const work_off = [&] {
        while (wait_for_calm()) {
            auto const address = next();
            if (!address) return true;
            compress_again(*address);
        }
        return false;
    };
    while (work_off()) {
        bool sweeps = false;
        {
            std::unique_lock lock{mutex_};
            if (!wants_sweep_) wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            sweeps = std::exchange(wants_sweep_, false);
        }
        if (!sweeps) continue;
        cache_.for_each_coded([&](TileAddress const& address) {
            if (!work_off()) return false;
            compress_again(address);
            return true;
        });
    }
}

void Recompressor::compress_again(TileAddress const& address) {
    try {
        auto content = cache_.find(address);
        if (!content || content->gzip.empty() || is_thorough(content->gzip)) return;
        compress(*content, Effort::thorough);
        saved_ += cache_.recompress(address, *content);
        ++tiles_;
    } catch (std::exception const& error) {
        gis_core::log::warn("compressing {}/{} again: {}", address.folder, address.tile.path(), error.what());
    }
}

std::string Recompressor::metrics() const {
    std::size_t waiting = 0;
    {
        std::lock_guard lock{mutex_};
        waiting = waiting_.size();
    }
    return fmt::format(
        "# TYPE ocopmap_tile_recompressed_total counter\nocopmap_tile_recompressed_total {}\n"
        "# TYPE ocopmap_tile_recompressed_saved_bytes_total counter\nocopmap_tile_recompressed_saved_bytes_total {}\n"
        "# TYPE ocopmap_tile_recompression_queue gauge\nocopmap_tile_recompression_queue {}\n",
        tiles_.load(), saved_.load(), waiting);
}

}  // namespace tile_server
