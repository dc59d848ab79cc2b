#include "api/ogc/collections.hpp"

#include "api/ogc/sql/statements.hpp"
#include "gis_core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/prepared_statement>

#include <algorithm>

namespace api::ogc {
namespace {

using gis_core::layers::Layer;

constexpr auto kRemember = std::chrono::seconds{60};
constexpr int kBatch = 1'000;

pqxx::result execute(pqxx::transaction_base& tx, std::string const& text, Sql const& sql) {
    return tx.exec_params(text, pqxx::prepare::make_dynamic_params(sql.values));
}

/// A filter's arithmetic can leave the range of a number: the client's doing, as everything that is checked before.
template <typename Work>
auto with_filter(ItemQuery const& query, Work&& work) {
    try {
        return work();
    } catch (pqxx::sql_error const& error) {
        if (!query.filter || !gis_core::db::state_of(error).starts_with("22")) throw;
        throw gis_core::invalid_field("filter", "its arithmetic", "within the range of a number (1e308)");
    }
}

std::optional<std::string_view> cell(pqxx::field const& field) {
    if (field.is_null()) return std::nullopt;
    return std::string_view{field.c_str(), field.size()};
}

void hand_over(pqxx::row const& row, FeatureRow& feature, std::function<void(FeatureRow const&)> const& take) {
    feature.key = cell(row[0]).value_or(std::string_view{});
    feature.geometry = cell(row[1]);
    feature.cells.clear();
    for (pqxx::row::size_type i = 2; i < row.size(); ++i) feature.cells.push_back(cell(row[i]));
    take(feature);
}

/// Layers whose base tables all move gis_core::db::figure_stamp. The others are small.
bool is_stamped(Layer const& layer) {
    return std::all_of(layer.depends.begin(), layer.depends.end(),
                       [](auto const& dependency) { return dependency.table != "ocop.sales_point" && dependency.table != "geo.context_line"; });
}

}  // namespace

std::string DataNote::text(std::string_view lang) const {
    bool const english = lang == "en";
    std::string note;
    if (has_demo) note += english ? "Contains sample records, not real ones. " : "Có dữ liệu mẫu, không phải dữ liệu thật. ";
    if (has_schematic) note += english ? "Boundaries are schematic drawings, not surveyed lines. " : "Ranh giới là hình sơ đồ, không phải đường đo đạc. ";
    auto const& sources = english ? sources_en : sources_vi;
    if (!sources.empty()) note += (english ? "Sources: " : "Nguồn: ") + sources;
    while (note.ends_with(' ')) note.pop_back();
    return note;
}

DataNote read_note(pqxx::transaction_base& tx, gis_core::db::Session& session) {
    session.prepare(sql::ogc_data_note);
    auto const row = tx.exec_prepared1(sql::ogc_data_note.name);
    return {row["has_demo"].as<bool>(), row["has_schematic"].as<bool>(), row["sources_vi"].c_str(), row["sources_en"].c_str()};
}

Layer const& Collections::get(std::string_view id) const {
    if (auto const* layer = catalogue_.find(id)) return *layer;
    throw gis_core::Error{gis_core::ErrorKind::not_found, fmt::format("no such collection; there are {}", fmt::join(catalogue_.ids(), ", "))};
}

Extent Collections::extent(Layer const& layer) {
    auto const now = std::chrono::steady_clock::now();
    {
        std::lock_guard lock{mutex_};
        if (auto const found = extents_.find(layer.id); found != extents_.end() && now - found->second.at < kRemember) return found->second.value;
    }
    auto const sql = select_extent(layer);
    auto const extent = pool_.read({}, [&](pqxx::transaction_base& tx, gis_core::db::Session&) {
        auto const row = execute(tx, sql.text, sql).front();
        Extent found;
        auto const& bounds = layer.bounds;
        std::array<double, 4> const declared{bounds.west, bounds.south, bounds.east, bounds.north};
        for (std::size_t i = 0; i < 4; ++i) {
            auto const field = row[static_cast<pqxx::row::size_type>(i)];
            found.box[i] = field.is_null() ? fmt::format("{}", declared[i]) : std::string{field.c_str()};
        }
        found.since = row[4].is_null() ? "" : row[4].c_str();
        found.until = row[5].is_null() ? "" : row[5].c_str();
        return found;
    });
    std::lock_guard lock{mutex_};
    extents_[layer.id] = {now, extent};
    return extent;
}

DataNote Collections::note() {
    auto const now = std::chrono::steady_clock::now();
    {
        std::lock_guard lock{mutex_};
        if (note_ && now - note_->at < kRemember) return note_->value;
    }
    auto const note = pool_.read({}, read_note);
    std::lock_guard lock{mutex_};
    note_ = {now, note};
    return note;
}

std::string Collections::default_day(Layer const& layer) {
    if (!layer.shows_former) return {};
    auto const sql = select_former_day(layer);
    return pool_.read({}, [&](pqxx::transaction_base& tx, gis_core::db::Session&) {
        auto const field = execute(tx, sql.text, sql).front()[0];
        return field.is_null() ? std::string{} : std::string{field.c_str()};
    });
}

Sql Collections::with_day(Sql sql, ItemQuery const& query) {
    if (sql.at.empty() && !query.period) sql.at = default_day(*query.layer);
    return sql;
}

std::int64_t Collections::count(ItemQuery const& query) {
    auto const sql = with_day(count_items(query), query);
    return pool_.read(sql.at, [&](pqxx::transaction_base& tx, gis_core::db::Session& session) {
        auto const count_now = [&] { return with_filter(query, [&] { return execute(tx, sql.text, sql).front()[0].as<std::int64_t>(); }); };
        if (!is_stamped(*query.layer)) return count_now();
        auto const key = fmt::format("{}\n{}\n{}", sql.at.empty() ? gis_core::business_date().iso() : sql.at, sql.text, fmt::join(sql.values, "\n"));
        return *counts_.get<std::int64_t>(key, gis_core::db::figure_stamp(tx, session), count_now);
    });
}

void Collections::read(ItemQuery const& query, GeometryColumn form, std::optional<int> limit, bool also_crs84,
                       std::function<void(FeatureRow const&)> const& take) {
    auto const sql = with_day(select_items(query, form, limit, also_crs84), query);
    pool_.read(sql.at, [&](pqxx::transaction_base& tx, gis_core::db::Session&) {
        FeatureRow feature;
        // A page in the order of the key is a walk along its index. Near the list's end the planner would rather read and sort all that is left.
        bool const is_walk = limit && query.sort.empty() && query.equals.empty() && !query.filter && !query.bbox && !query.bbox_in;
        if (is_walk) tx.exec("SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)");
        if (limit && *limit <= kBatch + 1) {
            for (auto const& row : with_filter(query, [&] { return execute(tx, sql.text, sql); })) hand_over(row, feature, take);
            return true;
        }
        execute(tx, "DECLARE ogc_items NO SCROLL CURSOR FOR " + sql.text, sql);
        auto const fetch = fmt::format("FETCH {} FROM ogc_items", kBatch);
        auto const next = [&] { return with_filter(query, [&] { return tx.exec(fetch); }); };
        for (auto rows = next(); !rows.empty(); rows = next()) {
            for (auto const& row : rows) hand_over(row, feature, take);
        }
        return true;
    });
}

bool Collections::read_one(ItemQuery const& query, std::int64_t key, bool also_crs84, std::function<void(FeatureRow const&)> const& take) {
    auto const sql = select_feature(query, key, also_crs84);
    return pool_.read({}, [&](pqxx::transaction_base& tx, gis_core::db::Session&) {
        auto const rows = execute(tx, sql.text, sql);
        FeatureRow feature;
        if (!rows.empty()) hand_over(rows.front(), feature, take);
        return !rows.empty();
    });
}

}  // namespace api::ogc
