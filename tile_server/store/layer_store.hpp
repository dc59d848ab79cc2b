#pragma once

#include "tile_server/cover.hpp"
#include "tile_server/store/figures.hpp"
#include "tile_server/store/segment.hpp"

#include <pqxx/connection>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tile_server {

/// The layers of the catalogue in memory, every day of them (docs/adr/0018). Each has a thread that reads it from the record, and
/// then again what changes touched. Ground that waits for that is not drawn from here: find() says so.
class LayerStore {
public:
    struct Config {
        std::string conninfo;
        std::uint64_t bytes = std::uint64_t{1} << 30U;  // all layers together; one that does not fit is not held
        std::filesystem::path folder;                     // of the files a start reads instead of the record; empty: none
    };
    /// \pre the catalogue lives longer
    LayerStore(Config config, gis_core::layers::Catalogue const& catalogue);
    ~LayerStore();
    LayerStore(LayerStore const&) = delete;
    LayerStore& operator=(LayerStore const&) = delete;

    void start();
    void stop();

    /// What the tile may be drawn from: nothing when the layer is not held, or the tile's ground has changed since.
    std::shared_ptr<LayerVersion const> find(gis_core::layers::Layer const& layer, gis_core::TileId tile) const;
    /// The same for the whole layer.
    std::shared_ptr<LayerVersion const> find(gis_core::layers::Layer const& layer) const;
    /// The table was written to: the ground, or the figures, are read again. Call before marking flights and removing files: whoever
    /// asks find() afterwards sees no older state.
    void touch(std::string const& layer, std::string const& table, Cover const& cover);
    void touch_everything();
    FigureStore const& figures() const noexcept { return figures_; }
    /// All changes from one position of the record's history to another have been touched. What files held is drawn from the first call on.
    void follow(std::string const& from, std::string const& to);
    /// The position up to which a new start will not ask again what changed: that of the oldest file, or the one given.
    std::string oldest_needed(std::string const& position) const;
    /// Writes the files of layers that changed. The store does it every half minute by itself.
    void save();
    /// True when every layer that fits is held and no change waits to be read.
    bool is_settled() const;
    std::uint64_t bytes() const { return used_ + bytes_beside_rows(); }
    std::string metrics() const;

private:
    struct Held {
        explicit Held(gis_core::layers::Layer const& of) : layer{of} {}
        gis_core::layers::Layer const& layer;
        std::string statement;
        std::string made_of;  // what has to be the same for a file to be read
        std::uint64_t charged = 0;  // of the budget; its own thread's

        mutable std::mutex mutex;  // for as long as it takes to look and to copy a pointer
        std::condition_variable wake;
        std::shared_ptr<LayerVersion const> version;
        std::chrono::steady_clock::time_point read_at{};
        Cover waiting, reading;  // ground that version does not show as it is
        bool is_unread = true;
        bool is_from_file = false;
        double load_s = 0;
        std::filesystem::path file;
        std::uint64_t saved = 0;  // number of the version in the file
        std::string saved_at;     // a position up to which the file holds every change; empty: there is no file
        std::thread thread;
    };
    void keep_files();
    void keep(Held& held);
    void refresh(Held& held, pqxx::connection& connection, Cover const& cover);
    std::shared_ptr<Segment> read(Held& held, pqxx::connection& connection, std::vector<gis_core::MercatorBox> const& boxes);
    Held const* held(gis_core::layers::Layer const& layer) const;
    void charge(Held& held, std::uint64_t bytes);
    std::uint64_t bytes_beside_rows() const;

    Config config_;
    FigureStore figures_;
    std::vector<std::unique_ptr<Held>> held_;
    std::atomic<std::uint64_t> used_{0};
    std::atomic<bool> stopping_{false};
    std::atomic<bool> is_followed_{false};
    mutable std::mutex files_mutex_;  // positions
    std::condition_variable files_wake_;
    std::string position_;
    std::thread files_thread_;
};

}  // namespace tile_server
