#include "tile_server/flights.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"
#include "http/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace tile_server {

using gis_core::Error;
using gis_core::ErrorKind;

namespace {

bool touches(Footprint const& footprint, std::string const& layer, Cover const& cover) {
    if (std::find(footprint.layers.begin(), footprint.layers.end(), layer) == footprint.layers.end()) return false;
    if (cover.whole) return true;
    for (std::uint32_t x = 0; x < footprint.side; ++x) {
        for (std::uint32_t y = 0; y < footprint.side; ++y) {
            if (cover.touches({footprint.tile.z, footprint.tile.x + x, footprint.tile.y + y}, footprint.margin)) return true;
        }
    }
    return false;
}

Error overloaded() { return Error{ErrorKind::overloaded, "more tiles are being made than this server can; try again in a moment"}; }

std::size_t weight(std::string const& key, TileContent const& content) {
    return 2 * key.size() + content.plain.size() + content.gzip.size() + content.brotli.size() + 500;  // a key may hold a long filter
}

}  // namespace

bool Flight::is_unwanted() const {
    std::lock_guard lock{mutex_};
    return std::all_of(waiters_.begin(), waiters_.end(), [](Waiter const& waiter) { return waiter.responder->is_aborted(); });
}

void Flights::Line::push(std::shared_ptr<Flight> flight) {
    constexpr int kTogether = 8;  // so that nobody waits long for others who came later
    auto& [last, size] = groups_[flight->footprint_.tile];
    auto const joins = size > 0 && size < kTogether;
    last = flights_.insert(joins ? std::next(last) : flights_.end(), std::move(flight));
    size = joins ? size + 1 : 1;
}

std::shared_ptr<Flight> Flights::Line::pop() {
    auto const first = flights_.begin();
    auto flight = std::move(*first);
    if (auto const group = groups_.find(flight->footprint_.tile); group->second.last == first) groups_.erase(group);
    flights_.erase(first);
    return flight;
}

Flights::Flights(int threads, std::size_t queue_capacity, std::size_t memory_bytes, Answer answer)
    : answer_{std::move(answer)}, queue_capacity_{queue_capacity}, memory_bytes_{memory_bytes} {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Flights::~Flights() { stop(); }

void Flights::stop() {
    {
        std::lock_guard lock{mutex_};
        if (stopping_) return;
        stopping_ = true;
    }
    wake_.notify_all();
    calm_.notify_all();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

void Flights::join(std::string const& key, Footprint const& footprint, bool remember, Render render, http::Request const& request,
                   std::shared_ptr<http::Responder> responder) {
    std::shared_ptr<TileContent const> remembered;
    {
        std::unique_lock lock{mutex_};
        if (auto const found = memory_.find(key); found != memory_.end()) {
            remembered = found->second.content;
            ages_.splice(ages_.end(), ages_, found->second.age);
        } else if (auto const flight = by_key_.find(key); flight != by_key_.end()) {
            std::lock_guard flight_lock{flight->second->mutex_};
            flight->second->waiters_.push_back({request, std::move(responder)});
            ++joined_;
            return;
        } else if (!stopping_ && queue_.size() < queue_capacity_) {
            auto flight_new = std::make_shared<Flight>();
            flight_new->key_ = key;
            flight_new->footprint_ = footprint;
            flight_new->render_ = std::move(render);
            if (remember) flight_new->remember_as_ = key;
            flight_new->waiters_.push_back({request, std::move(responder)});
            by_key_[key] = flight_new;
            flying_.push_back(flight_new);
            queue_.push(std::move(flight_new));
            lock.unlock();  // or the thread would wake up to wait for it
            wake_.notify_one();
            return;
        }
    }
    if (remembered) {
        ++memory_hits_;
        responder->send(answer_(request, remembered));
    } else {
        ++refused_;
        responder->send(http::to_problem(overloaded(), request));
    }
}

void Flights::touch(std::string const& layer, Cover const& cover) {
    std::lock_guard lock{mutex_};
    for (auto const& flight : flying_) {
        if (flight->stale_ || !touches(flight->footprint_, layer, cover)) continue;
        flight->stale_ = true;
        if (auto const found = by_key_.find(flight->key_); found != by_key_.end() && found->second == flight) by_key_.erase(found);
    }
    for (auto it = memory_.begin(); it != memory_.end();) {
        if (!touches(it->second.footprint, layer, cover)) {
            ++it;
            continue;
        }
        memory_used_ -= weight(it->first, *it->second.content);
        ages_.erase(it->second.age);
        it = memory_.erase(it);
    }
}

void Flights::touch_everything() {
    std::lock_guard lock{mutex_};
    for (auto const& flight : flying_) flight->stale_ = true;
    by_key_.clear();
    memory_.clear();
    ages_.clear();
    memory_used_ = 0;
}

void Flights::work() {
    while (true) {
        std::shared_ptr<Flight> flight;
        {
            std::unique_lock lock{mutex_};
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            flight = queue_.pop();
            if (queue_.empty()) calm_.notify_all();
        }
        fly(flight);
    }
}

void Flights::fly_unasked(Footprint const& footprint, Render const& render) {
    auto const flight = std::make_shared<Flight>();
    flight->footprint_ = footprint;
    constexpr int kTries = 3;
    for (int attempt = 1; attempt <= kTries; ++attempt) {
        {
            std::unique_lock lock{mutex_};
            calm_.wait(lock, [this] { return stopping_ || queue_.empty(); });
            if (stopping_) throw overloaded();
            flight->stale_ = false;
            flying_.push_back(flight);
        }
        auto const land = [&] {
            std::lock_guard lock{mutex_};
            flying_.erase(std::remove(flying_.begin(), flying_.end(), flight), flying_.end());
        };
        try {
            ++unasked_;
            render(*flight);
        } catch (...) {
            land();
            throw;
        }
        land();
        if (!flight->stale_) return;
        ++repeated_;
    }
}

bool Flights::is_busy() const {
    std::lock_guard lock{mutex_};
    return !flying_.empty();
}

std::vector<Flight::Waiter> Flights::take_off_list(std::shared_ptr<Flight> const& flight) {
    // by_key_ first: whoever comes later starts a new flight. Then the waiters cannot grow any more.
    if (auto const found = by_key_.find(flight->key_); found != by_key_.end() && found->second == flight) by_key_.erase(found);
    flying_.erase(std::remove(flying_.begin(), flying_.end(), flight), flying_.end());
    std::lock_guard lock{flight->mutex_};
    return std::move(flight->waiters_);
}

void Flights::fly(std::shared_ptr<Flight> const& flight) {
    // Nobody joins a flight any more once it has been touched, so whatever a second try sees is younger than every request
    // that waits for it: the last try is answered as it is, and only not kept.
    constexpr int kTries = 3;
    for (int attempt = 1; attempt <= kTries; ++attempt) {
        {
            std::lock_guard lock{mutex_};
            if (flight->is_unwanted()) {
                ++cancelled_;
                take_off_list(flight);
                return;
            }
            flight->stale_ = false;
        }
        try {
            ++renders_;
            auto const content = flight->render_(*flight);
            if (!flight->stale_ || attempt == kTries) {
                land(flight, content);
                return;
            }
            ++repeated_;
        } catch (Unwanted const&) {
            --attempt;  // whoever joined since then gets it; else it ends above
        } catch (Error const& error) {
            fail(flight, error);
            return;
        } catch (std::exception const& error) {
            gis_core::log::error("render {}: {}", flight->key_, error.what());
            fail(flight, Error{ErrorKind::internal, "the tile could not be made"});
            return;
        }
    }
}

void Flights::land(std::shared_ptr<Flight> const& flight, std::shared_ptr<TileContent const> const& content) {
    std::vector<Flight::Waiter> waiters;
    {
        std::lock_guard lock{mutex_};
        if (!flight->remember_as_.empty() && !flight->stale_ && memory_.find(flight->remember_as_) == memory_.end()) {
            auto const age = ages_.insert(ages_.end(), flight->remember_as_);
            memory_[flight->remember_as_] = {content, flight->footprint_, age};
            memory_used_ += weight(flight->remember_as_, *content);
            while (memory_used_ > memory_bytes_ && !ages_.empty()) {
                auto const oldest = memory_.find(ages_.front());
                memory_used_ -= weight(oldest->first, *oldest->second.content);
                memory_.erase(oldest);
                ages_.pop_front();
            }
        }
        waiters = take_off_list(flight);
    }
    for (auto& waiter : waiters) waiter.responder->send(answer_(waiter.request, content));
}

void Flights::fail(std::shared_ptr<Flight> const& flight, Error const& error) {
    ++failed_;
    std::vector<Flight::Waiter> waiters;
    {
        std::lock_guard lock{mutex_};
        waiters = take_off_list(flight);
    }
    for (auto& waiter : waiters) waiter.responder->send(http::to_problem(error, waiter.request));
}

std::string Flights::metrics() const {
    std::size_t queued = 0, flying = 0, remembered = 0;
    {
        std::lock_guard lock{mutex_};
        queued = queue_.size();
        flying = flying_.size();
        remembered = memory_used_;
    }
    return fmt::format(
        "# TYPE ocopmap_tile_renders_total counter\nocopmap_tile_renders_total {}\n"
        "# TYPE ocopmap_tile_joined_total counter\nocopmap_tile_joined_total {}\n"
        "# TYPE ocopmap_tile_cancelled_total counter\nocopmap_tile_cancelled_total {}\n"
        "# TYPE ocopmap_tile_repeated_total counter\nocopmap_tile_repeated_total {}\n"
        "# TYPE ocopmap_tile_refused_total counter\nocopmap_tile_refused_total {}\n"
        "# TYPE ocopmap_tile_failed_total counter\nocopmap_tile_failed_total {}\n"
        "# TYPE ocopmap_tile_memory_hits_total counter\nocopmap_tile_memory_hits_total {}\n"
        "# TYPE ocopmap_tile_seeded_total counter\nocopmap_tile_seeded_total {}\n"
        "# TYPE ocopmap_tile_queue gauge\nocopmap_tile_queue {}\n"
        "# TYPE ocopmap_tile_in_flight gauge\nocopmap_tile_in_flight {}\n"
        "# TYPE ocopmap_tile_memory_bytes gauge\nocopmap_tile_memory_bytes {}\n",
        renders_.load(), joined_.load(), cancelled_.load(), repeated_.load(), refused_.load(), failed_.load(), memory_hits_.load(), unasked_.load(), queued,
        flying, remembered);
}

}  // namespace tile_server
