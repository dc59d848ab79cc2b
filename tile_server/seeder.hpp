#pragma once

#include "gis_core/geo/tile_range.hpp"
#include "gis_core/layers/catalogue.hpp"
#include "tile_server/flights.hpp"
#include "tile_server/store/layer_store.hpp"
#include "tile_server/tile_cache.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tile_server {

/// What a seeding has done so far, in tiles.
struct SeedProgress {
    std::uint64_t total = 0;  // in the box and the zooms
    std::uint64_t made = 0;   // now on the disk
    std::uint64_t fresh = 0;  // were there already
    std::uint64_t empty = 0;  // known to be so without looking: not made
    std::uint64_t failed = 0;
    std::uint64_t bytes = 0;  // of what was made, without a coding
    double seconds = 0;
    std::string failure;  // the last one
    std::uint64_t done() const { return made + fresh + empty + failed; }
};

/// Fills the cache, zoom by zoom, through the renderer, the tile locks and the checks that answer visitors. The cache is the memory of
/// what is done: whatever interrupts it, the next run makes what is missing.
class Seeder {
public:
    static constexpr std::size_t kMostTilesets = 64;
    struct Order {
        std::vector<std::vector<gis_core::layers::Layer const*>> tilesets;  // each stored on disk; kMostTilesets at most
        gis_core::LonLatBox box{};
        int min_zoom = 0, max_zoom = 14;
    };
    using Tilesets = std::vector<std::vector<gis_core::layers::Layer const*> const*>;
    /// Makes the tile of each tileset and publishes it; \returns their sizes.
    using Make = std::function<std::vector<std::size_t>(Tilesets const& tilesets, gis_core::TileId tile)>;
    Seeder(gis_core::layers::Catalogue const& catalogue, LayerStore const& store, TileCache const& cache, int threads, Make make)
        : catalogue_{catalogue}, store_{store}, cache_{cache}, threads_{threads}, make_{std::move(make)} {}

    /// One at a time: as long as it is held nobody else gets one.
    class Job {
    public:
        explicit Job(Seeder& seeder) : seeder_{seeder} {}
        ~Job() { seeder_.is_taken_ = false; }
        Job(Job const&) = delete;
        Job& operator=(Job const&) = delete;
        /// Runs to the end, on threads of low priority. tell is called some five times a second; it ends early when that says false or throws.
        SeedProgress run(Order const& order, std::function<bool(SeedProgress const&)> const& tell);

    private:
        Seeder& seeder_;
    };
    /// \throws gis_core::Error(conflict) when there is a job already
    std::shared_ptr<Job> begin();
    void stop() { stopping_ = true; }

private:
    struct Walk;

    gis_core::layers::Catalogue const& catalogue_;
    LayerStore const& store_;
    TileCache const& cache_;
    int threads_;
    Make make_;
    std::atomic<bool> is_taken_{false}, stopping_{false};
};

}  // namespace tile_server
