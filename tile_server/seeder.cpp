#include "tile_server/seeder.hpp"

#include "gis_core/error.hpp"
#include "gis_core/log.hpp"
#include "tile_server/low_priority.hpp"
#include "tile_server/store/draw.hpp"
#include "tile_server/trace.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace tile_server {

using gis_core::LonLatBox;
using gis_core::TileId;
using gis_core::TileRange;
using gis_core::layers::Layer;
using Clock = std::chrono::steady_clock;
using Layers = std::vector<Layer const*>;

namespace {

constexpr int kNiceness = 5;                  // beside a busy visitor a third of a processor; alone, all of it
constexpr std::uint64_t kMostFailures = 100;  // then the database is away, or worse
constexpr auto kTell = std::chrono::milliseconds{200};

/// The part of the box where a tileset has tiles, and its zooms within those asked for; nothing when there is none.
struct Extent {
    LonLatBox box{180, 90, -180, -90};
    int min_zoom = TileId::kMaxZoom, max_zoom = 0;

    static std::optional<Extent> of(Layers const& layers, Seeder::Order const& order) {
        Extent out;
        for (auto const* layer : layers) {
            auto const& bounds = layer->bounds;
            out.box = {std::min(out.box.west, bounds.west), std::min(out.box.south, bounds.south), std::max(out.box.east, bounds.east),
                       std::max(out.box.north, bounds.north)};
            out.min_zoom = std::min(out.min_zoom, layer->min_zoom);
            out.max_zoom = std::max(out.max_zoom, layer->max_zoom);
        }
        out.box = {std::max(out.box.west, order.box.west), std::max(out.box.south, order.box.south), std::min(out.box.east, order.box.east),
                   std::min(out.box.north, order.box.north)};
        out.min_zoom = std::max(out.min_zoom, order.min_zoom);
        out.max_zoom = std::min(out.max_zoom, order.max_zoom);
        if (out.box.west > out.box.east || out.box.south > out.box.north || out.min_zoom > out.max_zoom) return std::nullopt;
        return out;
    }
    TileRange range(int zoom) const { return TileRange::of(box, static_cast<std::uint8_t>(zoom)); }
};

}  // namespace

/// One run: its threads share it.
struct Seeder::Walk {
    Walk(Seeder& of, Order const& what) : seeder{of}, order{what} {
        for (auto const& layers : order.tilesets) {
            if (auto const extent = Extent::of(layers, order)) tilesets.push_back({&layers, seeder.catalogue_.stored_name(layers), *extent, lowest_of(layers)});
        }
    }

    struct Tileset {
        Layers const* layers;
        std::string folder;
        Extent extent;
        int lowest;  // from this zoom on all its layers have tiles
    };
    /// A tile, and for which tilesets (by bit) it is to be looked at: a layer is made once for all of them.
    struct Node {
        TileId tile;
        std::uint64_t tilesets;
    };
    /// What the layers in memory say of a tile and all below it.
    enum class Ground { empty, unknown, has_rows };

    Seeder& seeder;
    Order const& order;
    std::vector<Tileset> tilesets;
    Clock::time_point begun = Clock::now();
    std::atomic<bool> stopping{false};
    std::atomic<std::uint64_t> total{0}, made{0}, fresh{0}, empty{0}, failed{0}, bytes{0};
    std::mutex mutex;
    std::condition_variable wake;
    std::string failure;
    bool is_done = false;

    static int lowest_of(Layers const& layers) {
        return (*std::max_element(layers.begin(), layers.end(), [](Layer const* a, Layer const* b) { return a->min_zoom < b->min_zoom; }))->min_zoom;
    }
    SeedProgress progress() {
        std::lock_guard lock{mutex};
        return {total, made, fresh, empty, failed, bytes, trace::seconds_since(begun), failure};
    }
    bool ends() const { return stopping || seeder.stopping_; }

    /// Zoom by zoom: below what is known to be empty nothing is looked at.
    void run() {
        for (auto const& tileset : tilesets) {
            for (int zoom = tileset.extent.min_zoom; zoom <= tileset.extent.max_zoom; ++zoom) total += tileset.extent.range(zoom).size();
        }
        std::vector<Node> nodes;
        for (int zoom = 0; zoom <= TileId::kMaxZoom && !ends(); ++zoom) {
            add_roots(zoom, nodes);
            nodes = look_at(nodes);
        }
        std::lock_guard lock{mutex};
        is_done = true;
        wake.notify_all();
    }

    /// The tiles of tilesets that begin at the zoom.
    void add_roots(int zoom, std::vector<Node>& nodes) const {
        std::map<TileId, std::uint64_t> merged;
        for (std::size_t i = 0; i < tilesets.size(); ++i) {
            if (tilesets[i].extent.min_zoom != zoom) continue;
            auto const range = tilesets[i].extent.range(zoom);
            for (auto x = range.first.x; x <= range.last.x; ++x) {
                for (auto y = range.first.y; y <= range.last.y; ++y) merged[{range.first.z, x, y}] |= std::uint64_t{1} << i;
            }
        }
        if (merged.empty()) return;
        for (auto const& node : nodes) merged[node.tile] |= node.tilesets;
        nodes.clear();
        for (auto const& [tile, which] : merged) nodes.push_back({tile, which});
    }

    /// Makes what is missing; returns what is to be looked at on the next zoom.
    std::vector<Node> look_at(std::vector<Node> const& nodes) {
        std::vector<Node> next;
        std::mutex next_mutex;
        std::atomic<std::size_t> at{0};
        auto const work = [&] {
            run_at_low_priority(kNiceness);
            std::vector<Node> own;
            for (std::size_t i = 0; !ends() && (i = at++) < nodes.size();) {
                auto const& tile = nodes[i].tile;
                auto const below = visit(nodes[i]);
                for (std::uint32_t child = 0; below != 0 && child < 4; ++child) {
                    TileId const id{static_cast<std::uint8_t>(tile.z + 1), 2 * tile.x + child % 2, 2 * tile.y + child / 2};
                    std::uint64_t which = 0;
                    for_each(below, [&](std::size_t number, std::uint64_t bit) {
                        if (tilesets[number].extent.range(id.z).contains(id)) which |= bit;
                    });
                    if (which != 0) own.push_back({id, which});
                }
            }
            std::lock_guard lock{next_mutex};
            next.insert(next.end(), own.begin(), own.end());
        };
        std::vector<std::thread> threads;
        for (int i = 0; i < seeder.threads_ && !nodes.empty(); ++i) threads.emplace_back(work);
        for (auto& thread : threads) thread.join();
        return next;
    }

    template <typename Do>
    static void for_each(std::uint64_t bits, Do&& act) {
        for (std::size_t i = 0; bits != 0; ++i, bits >>= 1U) {
            if ((bits & 1U) != 0) act(i, std::uint64_t{1} << i);
        }
    }

    void count_below(Tileset const& tileset, TileId tile, int from_zoom) {
        for (int zoom = from_zoom; zoom <= tileset.extent.max_zoom; ++zoom) empty += tileset.extent.range(zoom).size_below(tile);
    }

    /// The tilesets to be looked at below the tile. Not those that have no rows there; and of those that are not in memory not those whose tile
    /// is empty (a shape smaller than a pixel could be missed: its tiles are made for whoever asks).
    std::uint64_t visit(Node const& node) {
        auto const tile = node.tile;
        std::map<Layer const*, Ground> known;
        std::vector<std::size_t> missing;
        std::uint64_t below = 0;
        auto const go_on = [&](std::size_t number, std::uint64_t bit, Ground ground, bool is_empty) {
            auto const& tileset = tilesets[number];
            if (is_empty && ground == Ground::unknown && tile.z >= tileset.lowest) count_below(tileset, tile, tile.z + 1);
            else if (tile.z < tileset.extent.max_zoom) below |= bit;
        };
        for_each(node.tilesets, [&](std::size_t number, std::uint64_t bit) {
            auto const& tileset = tilesets[number];
            auto const ground = ground_of(*tileset.layers, tile, known);
            if (ground == Ground::empty) {
                count_below(tileset, tile, tile.z);
            } else if (std::none_of(tileset.layers->begin(), tileset.layers->end(), [&](Layer const* layer) { return layer->covers(tile); })) {
                ++empty;
                go_on(number, bit, ground, false);
            } else if (auto const stored = seeder.cache_.look({tileset.folder, tile, ".mvt"}); stored == TileCache::Stored::no) {
                missing.push_back(number);
            } else {
                ++fresh;
                go_on(number, bit, ground, stored == TileCache::Stored::empty);
            }
        });
        if (missing.empty()) return below;
        Tilesets wanted;
        for (auto const number : missing) wanted.push_back(tilesets[number].layers);
        try {
            auto const sizes = seeder.make_(wanted, tile);
            for (std::size_t i = 0; i < missing.size(); ++i) {
                ++made;
                bytes += sizes[i];
                go_on(missing[i], std::uint64_t{1} << missing[i], ground_of(*wanted[i], tile, known), sizes[i] == 0);
            }
        } catch (std::exception const& error) {
            gis_core::log::warn("seeding {}: {}", tile.path(), error.what());
            std::lock_guard lock{mutex};
            failure = error.what();
            failed += missing.size();
            if (failed >= kMostFailures) stopping = true;
        }
        return below;
    }

    Ground ground_of(Layers const& layers, TileId tile, std::map<Layer const*, Ground>& known) const {
        auto out = Ground::empty;
        for (auto const* layer : layers) {
            auto const [entry, is_new] = known.try_emplace(layer, Ground::empty);
            if (is_new && tile.z <= layer->max_zoom && TileRange::of(layer->bounds, tile.z).contains(tile)) {
                auto const version = seeder.store_.find(*layer, tile);
                entry->second = !version ? Ground::unknown : stands_in(*version, tile) ? Ground::has_rows : Ground::empty;
            }
            out = std::max(out, entry->second);
        }
        return out;
    }
};

std::shared_ptr<Seeder::Job> Seeder::begin() {
    if (is_taken_.exchange(true)) throw gis_core::Error{gis_core::ErrorKind::conflict, "tiles are being seeded already; wait for that, or stop it"};
    return std::make_shared<Job>(*this);
}

SeedProgress Seeder::Job::run(Order const& order, std::function<bool(SeedProgress const&)> const& tell) {
    Walk walk{seeder_, order};
    std::thread thread{[&] { walk.run(); }};
    try {
        while (true) {
            std::unique_lock lock{walk.mutex};
            if (walk.wake.wait_for(lock, kTell, [&] { return walk.is_done; })) break;
            lock.unlock();
            if (!tell(walk.progress())) walk.stopping = true;
        }
    } catch (...) {
        walk.stopping = true;
        thread.join();
        throw;
    }
    thread.join();
    auto const progress = walk.progress();
    gis_core::log::info("seeded {} of {} tiles ({} there before, {} empty, {} failed) in {:.1f} s", progress.made, progress.total, progress.fresh,
                        progress.empty, progress.failed, progress.seconds);
    return progress;
}

}  // namespace tile_server
