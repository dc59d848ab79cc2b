#pragma once

#include "gis_core/error.hpp"
#include "http/router.hpp"
#include "tile_server/tile_cache.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace tile_server {

/// What a render shows, so that a change finds it while it is still being made.
struct Footprint {
    std::vector<std::string> layers;
    gis_core::TileId tile;   // or the north-west tile of a metatile
    std::uint32_t side = 1;  // tiles along it
    double margin = 0;
};

/// Thrown by a render that found that nobody waits for it any more.
struct Unwanted {};

/// One render, shared by everybody who asked for it.
class Flight {
public:
    /// True when a change touched it since its data may have been read: it must not be published or sent.
    bool is_stale() const { return stale_; }
    /// Ends a render that somebody asked for when nobody waits any more: renders call it between their stages.
    /// \throws Unwanted
    void check_wanted() const {
        if (is_unwanted()) throw Unwanted{};
    }
    /// Since it was asked for: at the beginning of a render, how long that waited for a thread.
    std::chrono::steady_clock::duration age() const { return std::chrono::steady_clock::now() - asked_at_; }

private:
    friend class Flights;
    bool is_unwanted() const;
    struct Waiter {
        http::Request request;
        std::shared_ptr<http::Responder> responder;
    };
    std::string key_;
    Footprint footprint_;
    mutable std::mutex mutex_;
    std::vector<Waiter> waiters_;
    std::atomic<bool> stale_{false};
    std::function<std::shared_ptr<TileContent const>(Flight&)> render_;
    std::chrono::steady_clock::time_point const asked_at_ = std::chrono::steady_clock::now();
    std::string remember_as_;  // key in the memory cache; empty: not remembered
};

/// Single-flight renders on threads of their own behind a bounded queue, and a small memory of the answers that are not
/// stored on disk. Waiters are parked responders, not threads (T7). A tile known to be stale is never sent.
class Flights {
public:
    using Render = std::function<std::shared_ptr<TileContent const>(Flight&)>;
    using Answer = std::function<http::Response(http::Request const&, std::shared_ptr<TileContent const> const&)>;

    Flights(int threads, std::size_t queue_capacity, std::size_t memory_bytes, Answer answer);
    ~Flights();
    Flights(Flights const&) = delete;
    Flights& operator=(Flights const&) = delete;

    /// Answers the request when the render of that key is done: the running one, if there is one and no change touched
    /// it, else a new one. Overload answers 503 at once. remember: keep the result in memory until a change touches it.
    void join(std::string const& key, Footprint const& footprint, bool remember, Render render, http::Request const& request,
              std::shared_ptr<http::Responder> responder);
    /// The second class: renders on the calling thread for nobody in particular (seeding), once no asked-for render waits. Changes mark it
    /// like any other; what they touched is made again, and given up after the third time.
    /// \throws what the render throws, or Error(overloaded) when the daemon stops
    void fly_unasked(Footprint const& footprint, Render const& render);
    /// True while something is rendered or waits for it.
    bool is_busy() const;
    /// Marks running renders and forgets remembered answers that show the layer there. Call before removing files.
    void touch(std::string const& layer, Cover const& cover);
    void touch_everything();
    void stop();

    std::uint64_t renders() const { return renders_; }
    std::uint64_t joined() const { return joined_; }
    std::string metrics() const;

private:
    /// Flights that wait, the oldest first, and right behind it a few that came later for the same tile (other days of it, other filters): what
    /// they look at is still at hand then, and the more wait the cheaper each is made.
    class Line {
    public:
        void push(std::shared_ptr<Flight> flight);
        std::shared_ptr<Flight> pop();
        std::size_t size() const { return flights_.size(); }
        bool empty() const { return flights_.empty(); }

    private:
        struct Group {
            std::list<std::shared_ptr<Flight>>::iterator last;
            int size = 0;
        };
        std::list<std::shared_ptr<Flight>> flights_;
        std::map<gis_core::TileId, Group> groups_;  // the youngest of each tile that waits
    };
    struct Remembered {
        std::shared_ptr<TileContent const> content;
        Footprint footprint;
        std::list<std::string>::iterator age;
    };
    void work();
    void fly(std::shared_ptr<Flight> const& flight);
    void land(std::shared_ptr<Flight> const& flight, std::shared_ptr<TileContent const> const& content);
    void fail(std::shared_ptr<Flight> const& flight, gis_core::Error const& error);
    std::vector<Flight::Waiter> take_off_list(std::shared_ptr<Flight> const& flight);

    Answer answer_;
    std::size_t queue_capacity_, memory_bytes_;
    mutable std::mutex mutex_;
    std::condition_variable wake_, calm_;
    bool stopping_ = false;
    std::unordered_map<std::string, std::shared_ptr<Flight>> by_key_;  // joinable: not stale
    std::vector<std::shared_ptr<Flight>> flying_;                      // queued or rendering, stale ones too
    Line queue_;
    std::unordered_map<std::string, Remembered> memory_;
    std::list<std::string> ages_;  // oldest first
    std::size_t memory_used_ = 0;
    std::vector<std::thread> threads_;
    std::atomic<std::uint64_t> renders_{0}, joined_{0}, cancelled_{0}, repeated_{0}, refused_{0}, failed_{0}, memory_hits_{0}, unasked_{0};
};

}  // namespace tile_server
