#include "tile_server/freshness.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"
#include "tile_server/sql/statements.hpp"
#include "tile_server/tile_cache.hpp"

#include <fmt/format.h>
#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/notification>
#include <pqxx/result>
#include <pqxx/transaction>

#include <algorithm>
#include <random>

namespace tile_server {

using namespace std::chrono_literals;

namespace {

constexpr auto kHeartbeat = 2s;  // reads without a bell: a lost notification costs this much
constexpr auto kAcknowledge = 10s;

class Bell : public pqxx::notification_receiver {
public:
    explicit Bell(pqxx::connection& connection) : notification_receiver{connection, "ocopmap_tile"} {}
    void operator()(std::string const&, int) override { rung = true; }
    bool rung = false;
};

std::string new_node_name() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
}

}  // namespace

Freshness::Freshness(std::string conninfo, TileCache& cache, Hooks hooks) : conninfo_{std::move(conninfo)}, cache_{cache}, hooks_{std::move(hooks)} {
    node_ = cache_.note("node");
    state_ = cache_.note("state");
    if (node_.empty()) {
        node_ = new_node_name();
        cache_.set_note("node", node_);
        state_.clear();
    }
}

Freshness::~Freshness() { stop(); }

void Freshness::start() {
    thread_ = std::thread{[this] { follow(); }};
    builder_ = std::thread{[this] { build_levels(); }};
}

void Freshness::stop() {
    stopping_ = true;
    builder_wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    if (builder_.joinable()) builder_.join();
}

void Freshness::follow() {
    auto pause = 250ms;
    while (!stopping_) {
        try {
            follow_connected();
            pause = 250ms;
        } catch (std::exception const& error) {
            if (current_.exchange(false)) pause = 250ms;
            gis_core::log::warn("freshness: {}; trying again", error.what());
        }
        for (auto waited = 0ms; waited < pause && !stopping_; waited += 50ms) std::this_thread::sleep_for(50ms);
        pause = std::min<std::chrono::milliseconds>(pause * 2, 2000ms);
    }
}

void Freshness::follow_connected() {
    pqxx::connection connection{conninfo_};
    connection.set_variable("application_name", "'ocopmap-tiles freshness'");
    connection.prepare(sql::tile_changes.name, sql::tile_changes.text);
    Bell bell{connection};
    begin(connection);
    auto next_acknowledge = std::chrono::steady_clock::now() + kAcknowledge;
    auto next_heartbeat = std::chrono::steady_clock::now();
    while (!stopping_) {
        auto const now = std::chrono::steady_clock::now();
        if (bell.rung || now >= next_heartbeat) {
            bell.rung = false;
            next_heartbeat = now + kHeartbeat;
            if (auto const today = hooks_.today(); today != day_) {
                auto const touched = pqxx::nontransaction{connection}.exec_params("SELECT tile.advance_day($1::date)", today.iso())[0][0].as<int>();
                if (touched > 0) gis_core::log::info("{}: {} validities begin or end", today.iso(), touched);
                day_ = today;
            }
            catch_up(connection);
            current_ = true;
        }
        if (now >= next_acknowledge) {
            acknowledge(connection);
            next_acknowledge = now + kAcknowledge;
        }
        connection.await_notification(0, 200'000);
    }
    acknowledge(connection);
}

void Freshness::begin(pqxx::connection& connection) {
    pqxx::nontransaction tx{connection};
    auto const state = tx.exec1("SELECT tile.state()")[0].as<std::string>();
    auto const known = tx.exec_params1("SELECT tile.node_position($1)", node_)[0];
    if (state == state_ && !known.is_null()) {
        if (position_.empty()) position_ = known.as<std::string>();
        return;
    }
    // Another epoch or another history: first the position, then the emptying, so that nothing falls between.
    position_ = tx.exec_params1("SELECT tile.register_node($1)", node_)[0].as<std::string>();
    seen_.clear();
    hooks_.everything_changed();
    cache_.set_note("state", state);
    if (!state_.empty()) gis_core::log::info("the record's history differs from the cache's: cache emptied");
    state_ = state;
}

void Freshness::catch_up(pqxx::connection& connection) {
    begin(connection);  // the epoch may have been bumped
    bool boundaries = false;
    std::string horizon;
    std::map<std::pair<std::string, std::string>, Cover> changes;  // of a layer and a source together: an import of many transactions costs its ground once
    std::vector<std::pair<std::int64_t, std::uint64_t>> read;
    double oldest_s = 0;
    {
        pqxx::nontransaction tx{connection};
        for (auto const& row : tx.exec_prepared(sql::tile_changes.name, position_)) {
            horizon = row[0].as<std::string>();
            if (row[1].is_null()) break;
            auto const id = row[1].as<std::int64_t>();
            if (seen_.contains(id)) continue;
            read.emplace_back(id, row[2].as<std::uint64_t>());
            oldest_s = std::max(oldest_s, row[6].as<double>());
            auto const layer = row[3].as<std::string>();
            auto const source = row[4].as<std::string>();
            changes[{layer, source}].add(Cover::parse(row[5].is_null() ? std::nullopt : std::optional{row[5].as<std::string>()}));
            boundaries = boundaries || source == "geo.admin_unit";
        }
    }
    for (auto const& [from, cover] : changes) hooks_.changed(from.first, from.second, cover);
    seen_.insert(read.begin(), read.end());  // applied, and not before
    applied_ += read.size();
    if (!read.empty()) {
        lag_s_ = oldest_s;
        last_applied_ = std::chrono::steady_clock::now();
    }
    if (!horizon.empty()) {
        hooks_.followed(position_, horizon);
        position_ = horizon;
        auto const oldest = std::stoull(horizon);
        std::erase_if(seen_, [&](auto const& entry) { return entry.second < oldest; });
    }
    if (boundaries) {
        std::lock_guard lock{builder_mutex_};
        build_wanted_ = true;
        builder_wake_.notify_one();
    }
}

std::string Freshness::metrics() const {
    auto const last = last_applied_.load();
    auto out = fmt::format(
        "# TYPE ocopmap_tile_changes_applied_total counter\nocopmap_tile_changes_applied_total {}\n"
        "# TYPE ocopmap_tile_changes_followed gauge\nocopmap_tile_changes_followed {}\n",
        applied_.load(), current_ ? 1 : 0);
    if (last != std::chrono::steady_clock::time_point{}) {
        out += fmt::format(
            "# TYPE ocopmap_tile_last_change_age_seconds gauge\nocopmap_tile_last_change_age_seconds {:.1f}\n"
            "# TYPE ocopmap_tile_last_change_lag_seconds gauge\nocopmap_tile_last_change_lag_seconds {:.3f}\n",
            std::chrono::duration<double>(std::chrono::steady_clock::now() - last).count(), lag_s_.load());
    }
    return out;
}

void Freshness::acknowledge(pqxx::connection& connection) {
    bool known = true;
    try {
        known =
            pqxx::nontransaction{connection}.exec_params1("SELECT tile.acknowledge($1, $2::text::xid8)", node_, hooks_.oldest_needed(position_))[0].as<bool>();
    } catch (pqxx::sql_error const& error) {
        // A disk that is full, or a record read-only because it nearly is: what was read stays in the log of changes a while longer.
        if (error.sqlstate() != "25006" && !error.sqlstate().starts_with("53")) throw;
        gis_core::log::warn("freshness: cannot acknowledge: {}", error.what());
    }
    if (!known) {  // forgotten while away: what we missed is gone
        state_.clear();
        begin(connection);
    }
}

void Freshness::build_levels() {
    while (!stopping_) {
        {
            std::unique_lock lock{builder_mutex_};
            builder_wake_.wait_for(lock, 1s, [this] { return stopping_ || build_wanted_; });
            if (stopping_) return;
            if (!build_wanted_) continue;
            build_wanted_ = false;
        }
        try {
            pqxx::connection connection{conninfo_};
            connection.set_variable("application_name", "'ocopmap-tiles levels'");
            auto const begun = std::chrono::steady_clock::now();
            auto const frames = pqxx::nontransaction{connection}.exec1("SELECT tile.refresh_levels()")[0].as<int>();
            if (frames > 0) {
                gis_core::log::info("generalised outlines of {} frames rebuilt in {} ms", frames,
                                    std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun).count());
            }
        } catch (std::exception const& error) {
            gis_core::log::warn("generalised outlines: {}; trying again", error.what());
            for (int i = 0; i < 20 && !stopping_; ++i) std::this_thread::sleep_for(100ms);
            std::lock_guard lock{builder_mutex_};
            build_wanted_ = true;
        }
    }
}

}  // namespace tile_server
