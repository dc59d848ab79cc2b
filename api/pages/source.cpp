#include "api/pages/source.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>

#include <charconv>

namespace api::pages {
namespace {

std::string at_setting(View const& view) { return view.at_given ? view.at.iso() : std::string{}; }

std::optional<long long> parse_id(std::string const& text) {
    long long id = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size() || id < 1) return std::nullopt;
    return id;
}

programme::Frame const* find_frame(std::vector<programme::Frame> const& frames, std::string_view level, gis_core::Date day) {
    for (auto const& frame : frames) {
        if (frame.level == level && frame.valid_from <= day && (!frame.valid_to || day < *frame.valid_to)) return &frame;
    }
    return nullptr;
}

/// Districts on their last day, communes on the day of the view.
UnitFigures read_figures(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::db::FigureCache& cache, View const& view,
                         std::vector<programme::Frame> const& frames) {
    UnitFigures out;
    out.level = view.by;
    out.lines_on = view.at;
    auto name = "commune@" + view.at.iso();
    if (view.by == "district") {
        out.lines_on = programme::last_district_day(frames).value_or(view.at);
        name = "district-old";
    }
    auto const* frame = find_frame(frames, out.level, out.lines_on);
    if (!frame) return out;
    out.frame = *frame;
    auto const statistics = programme::unit_statistics(tx, session, cache, name, programme::parse_measure(view.measure), view.at, false, false);
    out.total = statistics.total;
    for (auto const& unit : statistics.units) {
        if (unit.is_nowhere) out.elsewhere += unit.value;
        else out.values[unit.code] = unit.value;
    }
    return out;
}

}  // namespace

HomeData Source::home(View const& view, int limit) {
    return pool_.read(at_setting(view), [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        HomeData out;
        out.frames = programme::list_frames(tx, session);
        auto filter = filter_of(view);
        if (!view.unit.empty()) {
            out.unit = programme::find_unit(tx, session, view.unit, view.at);
            filter.lineages = out.unit->lineages;
        }
        auto const sort = sort_of(view);
        auto const after = view.after.empty() ? programme::PageCursor{} : programme::parse_cursor(view.after, sort);
        out.page = programme::list_products(tx, session, filter, sort, after, limit);
        out.facets = programme::count_facets(tx, session, cache_, filter);
        out.classes = programme::list_classes(tx, session);
        out.data_sets = programme::list_data_sets(tx, session);
        if (view.by != "none") out.figures = read_figures(tx, session, cache_, view, out.frames);
        if (auto const id = parse_id(view.product)) out.card = programme::find_product(tx, session, *id, view.at);
        return out;
    });
}

RecordData<programme::ProductDetail> Source::product(View const& view, std::string const& id) {
    return pool_.read(at_setting(view), [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        auto const key = parse_id(id);
        auto record = key ? programme::find_product(tx, session, *key, view.at) : std::nullopt;
        if (!record) throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("no product {}", id)};
        return RecordData<programme::ProductDetail>{std::move(*record), programme::list_frames(tx, session), programme::list_data_sets(tx, session),
                                                    programme::contact::shown_reviews(tx, session, *key)};
    });
}

RecordData<programme::ProducerDetail> Source::producer(View const& view, std::string const& id) {
    return pool_.read(at_setting(view), [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        auto const key = parse_id(id);
        auto record = key ? programme::find_producer(tx, session, *key, view.at) : std::nullopt;
        if (!record) throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("no producer {}", id)};
        return RecordData<programme::ProducerDetail>{std::move(*record), programme::list_frames(tx, session), programme::list_data_sets(tx, session), {}};
    });
}

std::shared_ptr<Standing const> Source::standing() {
    {
        std::lock_guard const lock{standing_mutex_};
        if (std::chrono::steady_clock::now() < standing_until_) return standing_;
    }
    try {
        auto const found = pool_.read("", [](pqxx::transaction_base& tx, gis_core::db::Session& session) {
            return std::make_shared<Standing const>(Standing{programme::list_frames(tx, session), programme::list_data_sets(tx, session)});
        });
        std::lock_guard const lock{standing_mutex_};
        standing_ = found;
        standing_until_ = std::chrono::steady_clock::now() + std::chrono::minutes{1};
        return found;
    } catch (gis_core::Error const&) {
        std::lock_guard const lock{standing_mutex_};
        return standing_;
    }
}

}  // namespace api::pages
