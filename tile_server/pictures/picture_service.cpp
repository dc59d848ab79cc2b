#include "tile_server/pictures/picture_service.hpp"

#include "gis_core/date.hpp"
#include "gis_core/error.hpp"
#include "gis_core/log.hpp"
#include "http/problem.hpp"
#include "tile_server/pictures/query_values.hpp"
#include "tile_server/pictures/style_routes.hpp"
#include "tile_server/render/scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <exception>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace tile_server {
namespace {

using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::TileId;

struct Waiter {
    TileId tile;
    http::Request request;
    std::shared_ptr<http::Responder> responder;
};

std::string key_of(PictureStyle const& what, TileId corner) {
    return fmt::format("{}/{}{}.{}?{}", what.style, corner.path(), what.scale == 2 ? "@2x" : "", what.format == PictureFormat::png ? "png" : "webp", what.at);
}

void answer(Waiter const& waiter, http::Response response, std::shared_ptr<std::string const> bytes) {
    response.headers.add("Cache-Control", "no-cache");
    response.headers.add("Access-Control-Allow-Origin", "*");
    auto const etag = http::fingerprint(*bytes);
    response.body = std::move(bytes);
    waiter.responder->send(http::conditional(waiter.request, std::move(response), etag));
}

http::Response picture_response(PictureFormat format) {
    http::Response response;
    response.headers.add("Content-Type", media_type(format));
    return response;
}

/// What went wrong, to everybody who waited for it. Called in a catch block.
void answer_current_exception(std::vector<Waiter> const& waiters) {
    auto tell = [&](Error const& error) {
        for (auto const& waiter : waiters) waiter.responder->send(http::to_problem(error, waiter.request));
    };
    try {
        throw;
    } catch (Error const& error) {
        tell(error);
    } catch (std::exception const& error) {
        gis_core::log::error("picture: {}", error.what());
        tell(Error{ErrorKind::internal, "the picture could not be drawn"});
    }
}

}  // namespace

class PictureService::Impl {
public:
    Impl(Renderer& renderer, PictureStore store, PictureConfig config) : renderer_{renderer}, store_{std::move(store)}, config_{config} {
        for (int i = 0; i < config_.threads; ++i) threads_.emplace_back([this] { work(); });
    }
    ~Impl() {
        {
            std::lock_guard const lock{mutex_};
            stopping_ = true;
        }
        wake_.notify_all();
        for (auto& thread : threads_) thread.join();
    }

    void get(PictureStyle what, Waiter waiter) {
        renderer_.check(what, waiter.tile);
        auto const corner = Renderer::metatile_of(waiter.tile, what.scale);
        auto const key = key_of(what, corner);
        auto kept = store_.find && what.at.empty() ? store_.find(what, waiter.tile) : nullptr;
        if (!kept) {
            std::lock_guard const lock{mutex_};
            kept = find_kept(key, waiter.tile);
            if (!kept) {
                auto const running = joinable_.find(key);
                if (running != joinable_.end()) {
                    running->second->waiters.push_back(std::move(waiter));
                    ++joined_;
                    return;
                }
                if (jobs_.size() < config_.queue_capacity) {
                    auto const flight = take_off(std::move(what), corner, key);
                    joinable_.emplace(key, flight);
                    flight->waiters.push_back(std::move(waiter));
                    jobs_.push_back([this, flight] { fly(flight); });
                    wake_.notify_one();
                    return;
                }
            }
        }
        if (kept) {
            answer(waiter, picture_response(what.format), std::move(kept));
            return;
        }
        refuse(waiter);
    }

    void draw(http::Response head, Make make, Waiter waiter) {
        {
            std::lock_guard const lock{mutex_};
            if (jobs_.size() < config_.queue_capacity) {
                jobs_.push_back([this, head = std::move(head), make = std::move(make), waiter] {
                    auto const go_on = [&waiter] {
                        if (waiter.responder->is_aborted()) throw Unwanted{};
                    };
                    try {
                        go_on();
                        auto bytes = std::make_shared<std::string const>(make(renderer_, go_on));
                        ++drawn_;
                        answer(waiter, head, std::move(bytes));
                    } catch (Unwanted const&) {
                        ++cancelled_;
                    } catch (...) {
                        answer_current_exception({waiter});
                    }
                });
                wake_.notify_one();
                return;
            }
        }
        refuse(waiter);
    }

    void touch(PictureTouched const& touched) {
        touch_where([&](Flight const& flight) { return touches(touched, flight.corner, flight.what.scale); });
    }
    void touch_style(std::string const& style) {
        touch_where([&](Flight const& flight) { return flight.what.style == style; });
    }

    void seed(PictureStyle const& what, TileId tile) {
        auto const corner = Renderer::metatile_of(tile, what.scale);
        std::shared_ptr<Flight> flight;
        {
            std::lock_guard const lock{mutex_};
            flight = take_off(what, corner, key_of(what, corner));
        }
        auto const end_seeding = [&] {
            flight->tiles.clear();  // what is dated is not kept for it
            land(flight);
        };
        try {
            for (int attempt = 1; attempt <= kTries; ++attempt) {
                flight->is_stale = false;
                flight->tiles.clear();
                for (auto& [one, bytes] : renderer_.render_metatile(what, corner)) {
                    flight->tiles.emplace_back(one, std::make_shared<std::string const>(std::move(bytes)));
                }
                ++drawn_;
                publish(*flight);
                if (!flight->is_stale) break;
                ++repeated_;
            }
        } catch (...) {
            end_seeding();
            throw;
        }
        end_seeding();
    }

    std::string metrics() const {
        std::lock_guard const lock{mutex_};
        return fmt::format(
            "# TYPE ocopmap_pictures_drawn_total counter\nocopmap_pictures_drawn_total {}\n"
            "# TYPE ocopmap_pictures_joined_total counter\nocopmap_pictures_joined_total {}\n"
            "# TYPE ocopmap_pictures_repeated_total counter\nocopmap_pictures_repeated_total {}\n"
            "# TYPE ocopmap_pictures_refused_total counter\nocopmap_pictures_refused_total {}\n"
            "# TYPE ocopmap_pictures_cancelled_total counter\nocopmap_pictures_cancelled_total {}\n"
            "# TYPE ocopmap_pictures_queue gauge\nocopmap_pictures_queue {}\n"
            "# TYPE ocopmap_pictures_kept_bytes gauge\nocopmap_pictures_kept_bytes {}\n",
            drawn_.load(), joined_.load(), repeated_.load(), refused_.load(), cancelled_.load(), jobs_.size(), kept_bytes_);
    }

private:
    static constexpr int kTries = 3;  // as Flights::fly: the last one is younger than every request that waits, and is not kept

    /// Thrown where a drawing finds that nobody waits for it any more.
    struct Unwanted {};
    /// One render of a metatile, and who waits for it.
    struct Flight {
        PictureStyle what;
        TileId corner;
        std::string key;
        std::vector<Waiter> waiters;
        std::atomic<bool> is_stale{false};
        int attempt = 0;
        std::optional<Metatile> metatile;  // painted, being encoded
        std::vector<PictureTile> tiles;
        std::atomic<std::uint32_t> rows_left{0};
        std::exception_ptr failure;
    };
    struct Kept {
        std::shared_ptr<Flight> flight;
        std::size_t bytes;
        std::list<std::string>::iterator place;
    };

    template <typename Condition>
    void touch_where(Condition const& is_touched) {
        std::lock_guard const lock{mutex_};
        for (auto const& flight : flying_) {
            if (flight->is_stale || !is_touched(*flight)) continue;
            flight->is_stale = true;
            // Who asks from now on needs a newer snapshot than this flight's.
            if (auto const found = joinable_.find(flight->key); found != joinable_.end() && found->second == flight) joinable_.erase(found);
        }
        for (auto kept = kept_.begin(); kept != kept_.end();) {
            auto const next = std::next(kept);
            if (is_touched(*kept->second.flight)) forget(kept);
            kept = next;
        }
    }
    static bool touches(PictureTouched const& touched, TileId corner, int scale) {
        auto const side = Renderer::metatile_side(scale, corner.z);
        for (std::uint32_t row = 0; row < side; ++row) {
            for (std::uint32_t column = 0; column < side; ++column) {
                if (touched({corner.z, corner.x + column, corner.y + row}, kPictureMargin_tiles)) return true;
            }
        }
        return false;
    }

    void work() {
        for (;;) {
            std::function<void()> job;
            {
                std::unique_lock lock{mutex_};
                wake_.wait(lock, [&] { return stopping_ || !jobs_.empty() || !encodings_.empty(); });
                auto& from = encodings_.empty() ? jobs_ : encodings_;  // what is painted is sent before more is begun
                if (from.empty()) return;                              // stopping, and everybody is answered
                job = std::move(from.front());
                from.pop_front();
            }
            job();
        }
    }

    std::shared_ptr<Flight> take_off(PictureStyle what, TileId corner, std::string key) {
        auto flight = std::make_shared<Flight>();
        flight->what = std::move(what);
        flight->corner = corner;
        flight->key = std::move(key);
        flying_.push_back(flight);
        return flight;
    }

    bool is_wanted(Flight const& flight) const {
        std::lock_guard const lock{mutex_};
        return std::any_of(flight.waiters.begin(), flight.waiters.end(), [](Waiter const& w) { return !w.responder->is_aborted(); });
    }

    void fly(std::shared_ptr<Flight> const& flight) {
        try {
            ++flight->attempt;
            flight->is_stale = false;  // before the record is read
            auto const go_on = [&] {
                if (!is_wanted(*flight)) throw Unwanted{};
            };
            go_on();
            flight->metatile.emplace(renderer_.draw_metatile(flight->what, flight->corner, go_on));
            ++drawn_;
        } catch (...) {
            flight->failure = std::current_exception();
            finish(flight);
            return;
        }
        // Its rows are encoded by whoever is free, while others paint.
        auto const side = flight->metatile->side();
        flight->tiles.assign(std::size_t{side} * side, {});
        flight->rows_left = side;
        {
            std::lock_guard const lock{mutex_};
            for (std::uint32_t row = 0; row < side; ++row) encodings_.push_back([this, flight, row] { encode(flight, row); });
        }
        wake_.notify_all();
    }

    void encode(std::shared_ptr<Flight> const& flight, std::uint32_t row) {
        try {
            if (!is_wanted(*flight)) throw Unwanted{};
            auto at = flight->tiles.begin() + static_cast<std::ptrdiff_t>(row * flight->metatile->side());
            for (auto& [tile, bytes] : flight->metatile->encode_row(row)) *at++ = {tile, std::make_shared<std::string const>(std::move(bytes))};
        } catch (...) {
            std::lock_guard const lock{mutex_};
            flight->failure = std::current_exception();
        }
        if (--flight->rows_left == 0) finish(flight);
    }

    /// All rows are encoded, or something went wrong.
    void finish(std::shared_ptr<Flight> const& flight) {
        flight->metatile.reset();
        auto const again = [&] {
            std::lock_guard const lock{mutex_};
            encodings_.push_back([this, flight] { fly(flight); });
            wake_.notify_one();
        };
        try {
            if (flight->failure) std::rethrow_exception(std::exchange(flight->failure, nullptr));
            publish(*flight);
            if (flight->is_stale && flight->attempt < kTries) {
                ++repeated_;
                again();
                return;
            }
            for (auto const& waiter : land(flight)) {
                auto const found = std::find_if(flight->tiles.begin(), flight->tiles.end(), [&](PictureTile const& t) { return t.first == waiter.tile; });
                answer(waiter, picture_response(flight->what.format), found->second);
            }
        } catch (Unwanted const&) {
            flight->tiles.clear();
            if (!land_unwanted(flight)) --flight->attempt, again();  // somebody joined since
        } catch (...) {
            flight->tiles.clear();
            answer_current_exception(land(flight));
        }
    }

    void publish(Flight const& flight) const {
        if (!store_.publish || !flight.what.at.empty()) return;
        for (auto const& [tile, bytes] : flight.tiles) store_.publish(flight.what, tile, *bytes, [&] { return !flight.is_stale; });
    }

    /// Ends a flight that everybody has left; false when it is not so.
    bool land_unwanted(std::shared_ptr<Flight> const& flight) {
        std::lock_guard const lock{mutex_};
        if (std::any_of(flight->waiters.begin(), flight->waiters.end(), [](Waiter const& w) { return !w.responder->is_aborted(); })) return false;
        ++cancelled_;
        take_off_lists(flight);
        return true;
    }
    void take_off_lists(std::shared_ptr<Flight> const& flight) {
        if (auto const found = joinable_.find(flight->key); found != joinable_.end() && found->second == flight) joinable_.erase(found);
        std::erase(flying_, flight);
    }

    /// Ends a flight: who waited for it. Dated pictures are kept until a change touches them.
    std::vector<Waiter> land(std::shared_ptr<Flight> const& flight) {
        std::lock_guard const lock{mutex_};
        take_off_lists(flight);
        auto waiters = std::move(flight->waiters);
        auto const& tiles = flight->tiles;
        if (!flight->what.at.empty() && !tiles.empty() && !flight->is_stale) {
            if (auto const old = kept_.find(flight->key); old != kept_.end()) forget(old);
            Kept kept{flight, 0, {}};
            for (auto const& [tile, bytes] : tiles) kept.bytes += bytes->size() + 64;
            kept_bytes_ += kept.bytes;
            order_.push_front(flight->key);
            kept.place = order_.begin();
            kept_.emplace(flight->key, std::move(kept));
            while (kept_bytes_ > config_.memory_bytes && order_.size() > 1) forget(kept_.find(order_.back()));
        }
        return waiters;
    }

    std::shared_ptr<std::string const> find_kept(std::string const& key, TileId tile) {
        auto const found = kept_.find(key);
        if (found == kept_.end()) return nullptr;
        order_.splice(order_.begin(), order_, found->second.place);
        for (auto const& [id, bytes] : found->second.flight->tiles) {
            if (id == tile) return bytes;
        }
        return nullptr;
    }
    void forget(std::map<std::string, Kept>::iterator kept) {
        kept_bytes_ -= kept->second.bytes;
        order_.erase(kept->second.place);
        kept_.erase(kept);
    }

    void refuse(Waiter const& waiter) {
        ++refused_;
        waiter.responder->send(
            http::to_problem(Error{ErrorKind::overloaded, "too many pictures are waiting to be drawn; try again in a moment"}, waiter.request));
    }

    Renderer& renderer_;
    PictureStore store_;
    PictureConfig config_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::deque<std::function<void()>> jobs_, encodings_;
    std::map<std::string, std::shared_ptr<Flight>> joinable_;  // not stale
    std::vector<std::shared_ptr<Flight>> flying_;              // queued or being drawn, stale ones too
    std::map<std::string, Kept> kept_;
    std::list<std::string> order_;  // keys of kept_, most recently used first
    std::size_t kept_bytes_ = 0;
    std::atomic<std::uint64_t> drawn_{0}, joined_{0}, repeated_{0}, refused_{0}, cancelled_{0};
    std::vector<std::thread> threads_;
};

PictureService::PictureService(Renderer& renderer, PictureStore store, PictureConfig config)
    : impl_{std::make_unique<Impl>(renderer, std::move(store), config)} {}
PictureService::~PictureService() = default;

void PictureService::get(PictureStyle what, TileId tile, http::Request const& request, std::shared_ptr<http::Responder> responder) {
    impl_->get(std::move(what), {tile, request, std::move(responder)});
}
void PictureService::get_view(PictureStyle what, ViewChoice choice, gis_core::LonLatBox box, int width_px, int height_px, http::Request const& request,
                              std::shared_ptr<http::Responder> responder) {
    auto head = picture_response(what.format);
    draw(
        std::move(head),
        [what = std::move(what), choice = std::move(choice), box, width_px, height_px](Renderer& renderer, Renderer::Between const& between) {
            return renderer.render_view(what, box, width_px, height_px, choice, between);
        },
        request, std::move(responder));
}
void PictureService::draw(http::Response head, Make make, http::Request const& request, std::shared_ptr<http::Responder> responder) {
    impl_->draw(std::move(head), std::move(make), {TileId{}, request, std::move(responder)});
}
void PictureService::touch(PictureTouched const& touched) { impl_->touch(touched); }
void PictureService::touch_style(std::string const& style) { impl_->touch_style(style); }
void PictureService::seed(PictureStyle const& what, TileId tile) { impl_->seed(what, tile); }
std::string PictureService::metrics() const { return impl_->metrics(); }

namespace {

gis_core::LonLatBox box_of(std::string_view text) {
    constexpr std::string_view kForm = "west,south,east,north in degrees, like 106.2,9.9,106.7,10.3";
    double values[4];
    std::string_view rest = text;
    for (int i = 0; i < 4; ++i) {
        auto const comma = rest.find(',');
        if ((comma == std::string_view::npos) != (i == 3)) throw gis_core::invalid_field("bbox", text, kForm);
        values[i] = number_of("bbox", rest.substr(0, comma), kForm);
        rest.remove_prefix(std::min(rest.size(), comma == std::string_view::npos ? rest.size() : comma + 1));
    }
    gis_core::LonLatBox const box{values[0], values[1], values[2], values[3]};
    if (std::abs(box.south) > 90 || std::abs(box.north) > 90) {
        bool const is_swapped = std::abs(box.west) <= 90 && std::abs(box.east) <= 90;
        throw gis_core::invalid_field("bbox", text, fmt::format("{}{}", kForm, is_swapped ? "; longitude comes first, these look swapped" : ""));
    }
    if (std::abs(box.west) > 180 || std::abs(box.east) > 180 || box.west >= box.east || box.south >= box.north) {
        throw gis_core::invalid_field("bbox", text, kForm);
    }
    return box;
}

std::string date_of(http::Query const& query) {
    auto const at = query.find("at");
    return at ? gis_core::Date::from_field("at", *at).iso() : std::string{};
}

std::string measure_of(http::Query const& query) {
    auto const measure = query.find("measure");
    if (!measure) return "products";
    if (*measure != "none" && std::find(kMeasures.begin(), kMeasures.end(), *measure) == kMeasures.end()) {
        throw gis_core::invalid_field("measure", *measure, fmt::format("{} or none", fmt::join(kMeasures, ", ")));
    }
    return std::string{*measure};
}

/// The palette's classes are of products; every other measure comes with its own.
std::vector<double> breaks_of(http::Query const& query, std::string_view measure) {
    constexpr std::string_view kForm = "four rising numbers above 0, like 1,5,10,20";
    constexpr std::size_t kCount = 4;
    std::vector<double> breaks;
    auto const text = query.find("breaks");
    if (!text) {
        if (measure != "products" && measure != "none") throw gis_core::invalid_field("breaks", "", fmt::format("{} (measure is {})", kForm, measure));
        return breaks;
    }
    for (std::string_view rest = *text;;) {
        auto const comma = rest.find(',');
        breaks.push_back(number_of("breaks", rest.substr(0, comma), kForm));
        if (breaks.back() <= (breaks.size() == 1 ? 0 : breaks[breaks.size() - 2]) || breaks.size() > kCount)
            throw gis_core::invalid_field("breaks", *text, kForm);
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    if (breaks.size() != kCount) throw gis_core::invalid_field("breaks", *text, kForm);
    return breaks;
}

ViewChoice choice_of(http::Query const& query) {
    ViewChoice choice;
    choice.measure = measure_of(query);
    choice.breaks = breaks_of(query, choice.measure);
    if (auto const unit = query.find("unit")) {
        auto const sign = unit->find('@');
        auto const day = sign == std::string_view::npos ? std::nullopt : gis_core::Date::parse(unit->substr(sign + 1));
        if (sign == 0 || !day) throw gis_core::invalid_field("unit", *unit, "the code of a unit with a day, like 829@2025-06-30");
        choice.unit_code = unit->substr(0, sign);
        choice.unit_day = day->iso();
    }
    return choice;
}

}  // namespace

void add_picture_routes(http::Router& router, std::shared_ptr<PictureService> service) {
    router.add_parking("GET", "/tiles/{style}/view.png", [service](http::Request const& request, std::shared_ptr<http::Responder> responder) {
        request.query.allow_only({"bbox", "width", "height", "scale", "at", "measure", "breaks", "unit"});
        auto const bbox = request.query.find("bbox");
        auto const box = box_of(bbox.value_or("105.95,9.75,106.85,10.4"));  // Bến Tre
        int const width = whole_of(request.query, "width", 720, 16, 2048), height = whole_of(request.query, "height", 520, 16, 2048);
        service->get_view({request.value(0), whole_of(request.query, "scale", 1, 1, 2), PictureFormat::png, date_of(request.query)}, choice_of(request.query),
                          box, width, height, request, std::move(responder));
    });
    for (auto const& [suffix, scale, format] : {std::tuple{"@2x.png", 2, PictureFormat::png},
                                                {"@2x.webp", 2, PictureFormat::webp},
                                                {".png", 1, PictureFormat::png},
                                                {".webp", 1, PictureFormat::webp}}) {
        router.add_parking("GET", fmt::format("/tiles/{{style}}/{{z}}/{{x}}/{{y}}{}", suffix),
                           [service, scale = scale, format = format](http::Request const& request, std::shared_ptr<http::Responder> responder) {
                               request.query.allow_only({"at"});
                               auto const tile = gis_core::TileId::parse(request.value(1), request.value(2), request.value(3));
                               if (!tile) {
                                   throw gis_core::invalid_field("tile", fmt::format("{}/{}/{}", request.value(1), request.value(2), request.value(3)),
                                                                 "zoom/column/row of the WebMercatorQuad set");
                               }
                               service->get({request.value(0), scale, format, date_of(request.query)}, *tile, request, std::move(responder));
                           });
    }
}

}  // namespace tile_server
