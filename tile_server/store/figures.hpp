#pragma once

#include "gis_core/date.hpp"
#include "tile_server/store/segment.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace tile_server {

/// Of a unit: products with a certificate in force, and their producers (S1).
struct Figure {
    int products = 0, producers = 0;
};
using Figures = std::map<std::int64_t, Figure>;  // by unit

/// What figures of any day are counted from, in memory: how many there are of a lineage from which day on, and where it lies. Read again after
/// changes, a second of them at a time; nothing is counted from it meanwhile. Figures once counted are kept until the next change.
class FigureStore {
public:
    explicit FigureStore(std::string conninfo) : conninfo_{std::move(conninfo)} {}
    ~FigureStore() { stop(); }
    FigureStore(FigureStore const&) = delete;
    FigureStore& operator=(FigureStore const&) = delete;

    void start();
    void stop();
    void touch();
    bool is_settled() const;
    /// Figures of the units of a level as they are on the reference day, as of `at`; nothing while changes wait to be read and nobody
    /// counted them elsewhere.
    std::shared_ptr<Figures const> count(std::string const& level, gis_core::Date at, gis_core::Date reference) const;
    /// How many changes there have been.
    std::uint64_t changes() const;
    /// Keeps what the record counted, if there has been no change since.
    void keep(std::string const& level, gis_core::Date at, gis_core::Date reference, std::uint64_t changes, std::shared_ptr<Figures const> figures) const;
    std::uint64_t bytes() const;

private:
    struct Step {
        DayNumber day;
        Figure figure;  // from that day until that of the next step
    };
    struct Place {
        std::int64_t unit, parent;
        DayNumber since, until;
    };
    struct Lineage {
        std::vector<Step> steps;
        std::vector<Place> places;
    };
    struct Lineages {
        std::map<std::int64_t, Lineage> of;
        std::uint64_t bytes = 0;
    };
    using Name = std::tuple<std::string, gis_core::Date, gis_core::Date>;
    static Figures count(Lineages const& lineages, std::string const& level, DayNumber day, DayNumber as_of);
    void follow();
    std::shared_ptr<Lineages const> read() const;

    std::string conninfo_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::shared_ptr<Lineages const> lineages_;
    mutable std::map<Name, std::shared_ptr<Figures const>> kept_;
    std::uint64_t changes_ = 1, read_ = 0;  // lineages_ is as of that many
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace tile_server
