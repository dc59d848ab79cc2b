#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace pqxx {
class transaction_base;
}

namespace gis_core::db {

class Session;

/// pub.figure_stamp(): changes as soon as this transaction's reader sees a change of products, producers, certificates,
/// zones or units.
std::string figure_stamp(pqxx::transaction_base& tx, Session& session);

/// Figures that are dear to compute and asked often. An entry counts only under the stamp it was computed with, so a
/// change that is committed is never hidden. Thread-safe; two threads may compute the same figure at once.
class FigureCache {
public:
    explicit FigureCache(std::size_t max_entries = 512) : max_entries_{max_entries} {}

    template <typename Figure>
    std::shared_ptr<Figure const> get(std::string const& key, std::string const& stamp, std::function<Figure()> const& compute) {
        if (auto found = find(key, stamp)) return std::static_pointer_cast<Figure const>(found);
        auto made = std::make_shared<Figure const>(compute());
        keep(key, stamp, made);
        return made;
    }

private:
    struct Entry {
        std::string key, stamp;
        std::chrono::steady_clock::time_point made_at;
        std::shared_ptr<void const> figure;
    };
    std::shared_ptr<void const> find(std::string const& key, std::string const& stamp);
    void keep(std::string const& key, std::string const& stamp, std::shared_ptr<void const> figure);

    std::size_t max_entries_;
    std::mutex mutex_;
    std::list<Entry> entries_;  // the latest used first
    std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
};

}  // namespace gis_core::db
