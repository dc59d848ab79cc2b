#include "gis_core/db/figure_cache.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/db/sql/statements.hpp"

namespace gis_core::db {

std::string figure_stamp(pqxx::transaction_base& tx, Session& session) {
    session.prepare(sql::figure_stamp);
    return tx.exec_prepared1(sql::figure_stamp.name)[0].as<std::string>();
}

std::shared_ptr<void const> FigureCache::find(std::string const& key, std::string const& stamp) {
    constexpr auto kLongest = std::chrono::minutes{5};  // rows of the stamp live for ten
    std::lock_guard lock{mutex_};
    auto const found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    auto const entry = found->second;
    if (entry->stamp != stamp || std::chrono::steady_clock::now() - entry->made_at > kLongest) return nullptr;
    entries_.splice(entries_.begin(), entries_, entry);
    return entry->figure;
}

void FigureCache::keep(std::string const& key, std::string const& stamp, std::shared_ptr<void const> figure) {
    std::lock_guard lock{mutex_};
    if (auto const found = by_key_.find(key); found != by_key_.end()) {
        entries_.erase(found->second);
        by_key_.erase(found);
    }
    entries_.push_front({key, stamp, std::chrono::steady_clock::now(), std::move(figure)});
    by_key_[key] = entries_.begin();
    if (entries_.size() > max_entries_) {
        by_key_.erase(entries_.back().key);
        entries_.pop_back();
    }
}

}  // namespace gis_core::db
