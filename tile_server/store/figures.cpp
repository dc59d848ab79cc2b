#include "tile_server/store/figures.hpp"

#include "gis_core/log.hpp"
#include "tile_server/sql/statements.hpp"

#include <pqxx/connection>
#include <pqxx/result>
#include <pqxx/transaction>

#include <chrono>
#include <exception>

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
        std::shared_ptr<Spans const> spans;
        try {
            spans = read();
        } catch (std::exception const& error) {
            gis_core::log::warn("figures: {}; trying again", error.what());
        }
        lock.lock();
        if (spans) {
            spans_ = std::move(spans);
            read_ = wanted;
        }
        wake_.wait_for(lock, 1s, [this] { return stopping_; });  // more changes may come: one reading for all
    }
}

std::shared_ptr<FigureStore::Spans const> FigureStore::read() const {
    pqxx::connection connection{conninfo_};
    connection.set_variable("application_name", "'ocopmap-tiles figures'");
    pqxx::transaction<pqxx::repeatable_read, pqxx::read_only> tx{connection};
    auto out = std::make_shared<Spans>();
    for (auto const& row : tx.exec(sql::store_figures.text)) {
        out->certificates.push_back({row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), row[2].as<DayNumber>(), row[3].as<DayNumber>(kForEver)});
    }
    for (auto const& row : tx.exec(sql::store_lineages.text)) {
        out->places[row[0].as<std::int64_t>()].push_back(
            {row[1].as<std::int64_t>(), row[2].as<std::int64_t>(0), row[3].as<DayNumber>(kAlways), row[4].as<DayNumber>(kForEver)});
    }
    out->bytes = out->certificates.capacity() * sizeof(Span);
    for (auto const& [lineage, places] : out->places) out->bytes += sizeof(lineage) + sizeof(places) + 4 * sizeof(void*) + places.capacity() * sizeof(Place);
    return out;
}

Figures FigureStore::count(Spans const& spans, std::string const& level, DayNumber day, DayNumber as_of) {
    Figures out;
    auto const& all = spans.certificates;
    for (std::size_t i = 0; i < all.size();) {
        auto const lineage = all[i].lineage;
        Figure figure;
        std::int64_t last = 0;
        for (; i < all.size() && all[i].lineage == lineage; ++i) {
            if (day < all[i].since || day >= all[i].until) continue;
            ++figure.products;
            if (figure.products == 1 || all[i].producer != last) ++figure.producers;
            last = all[i].producer;
        }
        auto const places = spans.places.find(lineage);
        if (figure.products == 0 || places == spans.places.end()) continue;
        for (auto const& place : places->second) {
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
    std::shared_ptr<Spans const> spans;
    std::uint64_t changes = 0;
    {
        std::lock_guard lock{mutex_};
        if (auto const found = kept_.find({level, at, reference}); found != kept_.end()) return found->second;
        if (changes_ != read_) return nullptr;
        spans = spans_;
        changes = changes_;
    }
    auto out = std::make_shared<Figures const>(count(*spans, level, number_of(at), number_of(reference)));
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
    auto out = spans_ ? spans_->bytes : 0;
    for (auto const& [name, figures] : kept_) out += figures->size() * kNode;
    return out;
}

}  // namespace tile_server
