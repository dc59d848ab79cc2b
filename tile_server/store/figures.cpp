#include "tile_server/store/figures.hpp"

#include "gis_core/log.hpp"
#include "tile_server/sql/statements.hpp"

#include <pqxx/connection>
#include <pqxx/result>
#include <pqxx/transaction>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>

namespace tile_server {

using namespace std::chrono_literals;
using gis_core::Date;

void FigureStore::start() {
    thread_ = std::thread{[this] { follow(); }};
}

void FigureStore::stop() {
    {
        std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void FigureStore::touch() {
    std::lock_guard lock{mutex_};
    ++changes_;
    kept_.clear();
    wake_.notify_all();
}

bool FigureStore::is_settled() const {
    std::lock_guard lock{mutex_};
    return changes_ == read_;
}

void FigureStore::follow() {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        wake_.wait(lock, [this] { return stopping_ || changes_ != read_; });
        if (stopping_) return;
        auto const wanted = changes_;
        lock.unlock();
        std::shared_ptr<Lineages const> lineages;
        try {
            lineages = read();
        } catch (std::exception const& error) {
            gis_core::log::warn("figures: {}; trying again", error.what());
        }
        lock.lock();
        if (lineages) {
            lineages_ = std::move(lineages);
            read_ = wanted;
        }
        wake_.wait_for(lock, 1s, [this] { return stopping_; });  // more changes may come: one reading for all
    }
}

std::shared_ptr<FigureStore::Lineages const> FigureStore::read() const {
    pqxx::connection connection{conninfo_};
    connection.set_variable("application_name", "'ocopmap-tiles figures'");
    pqxx::transaction<pqxx::repeatable_read, pqxx::read_only> tx{connection};
    auto out = std::make_shared<Lineages>();
    std::map<std::int64_t, std::map<DayNumber, Figure>> begins;  // of lineages: by how much a day differs from the one before
    std::int64_t lineage = 0, producer = 0;
    DayNumber until = kAlways;  // of the producer's certificates so far
    for (auto const& row : tx.exec(sql::store_figures.text)) {
        auto const first = row[2].as<DayNumber>();
        auto const after = row[3].as<DayNumber>(kForEver);
        if (row[0].as<std::int64_t>() != lineage || row[1].as<std::int64_t>() != producer) until = kAlways;
        lineage = row[0].as<std::int64_t>();
        producer = row[1].as<std::int64_t>();
        auto& days = begins[lineage];
        ++days[first].products;
        --days[after].products;
        if (after <= until) continue;
        ++days[std::max(first, until)].producers;  // goes on where the one before ends, or begins anew
        --days[after].producers;
        until = after;
    }
    for (auto const& [key, days] : begins) {
        auto& steps = out->of[key].steps;
        steps.reserve(days.size());
        Figure figure;
        for (auto const& [day, difference] : days) {
            figure.products += difference.products;
            figure.producers += difference.producers;
            steps.push_back({day, figure});
        }
    }
    for (auto const& row : tx.exec(sql::store_lineages.text)) {
        auto const found = out->of.find(row[0].as<std::int64_t>());
        if (found == out->of.end()) continue;
        found->second.places.push_back({row[1].as<std::int64_t>(), row[2].as<std::int64_t>(0), row[3].as<DayNumber>(kAlways), row[4].as<DayNumber>(kForEver)});
    }
    for (auto const& [key, one] : out->of) {
        out->bytes += sizeof(key) + sizeof(one) + 4 * sizeof(void*) + one.steps.capacity() * sizeof(Step) + one.places.capacity() * sizeof(Place);
    }
    return out;
}

Figures FigureStore::count(Lineages const& lineages, std::string const& level, DayNumber day, DayNumber as_of) {
    Figures out;
    for (auto const& [lineage, one] : lineages.of) {
        auto const next = std::upper_bound(one.steps.begin(), one.steps.end(), day, [](DayNumber at, Step const& step) { return at < step.day; });
        if (next == one.steps.begin() || std::prev(next)->figure.products == 0) continue;
        auto const& figure = std::prev(next)->figure;
        for (auto const& place : one.places) {
            if (as_of < place.since || as_of >= place.until) continue;
            auto const unit = level == "district" ? place.parent : place.unit;
            if (unit == 0) continue;
            auto& sum = out[unit];
            sum.products += figure.products;
            sum.producers += figure.producers;
        }
    }
    return out;
}

std::shared_ptr<Figures const> FigureStore::count(std::string const& level, Date at, Date reference) const {
    std::shared_ptr<Lineages const> lineages;
    std::uint64_t changes = 0;
    {
        std::lock_guard lock{mutex_};
        if (auto const found = kept_.find({level, at, reference}); found != kept_.end()) return found->second;
        if (changes_ != read_) return nullptr;
        lineages = lineages_;
        changes = changes_;
    }
    auto out = std::make_shared<Figures const>(count(*lineages, level, number_of(at), number_of(reference)));
    keep(level, at, reference, changes, out);
    return out;
}

std::uint64_t FigureStore::changes() const {
    std::lock_guard lock{mutex_};
    return changes_;
}

void FigureStore::keep(std::string const& level, Date at, Date reference, std::uint64_t changes, std::shared_ptr<Figures const> figures) const {
    constexpr std::size_t kMost = 200;
    std::lock_guard lock{mutex_};
    if (changes != changes_) return;
    if (kept_.size() >= kMost) kept_.clear();
    kept_[{level, at, reference}] = std::move(figures);
}

std::uint64_t FigureStore::bytes() const {
    constexpr auto kNode = sizeof(Figures::value_type) + 4 * sizeof(void*);
    std::lock_guard lock{mutex_};
    auto out = lineages_ ? lineages_->bytes : 0;
    for (auto const& [name, figures] : kept_) out += figures->size() * kNode;
    return out;
}

}  // namespace tile_server
