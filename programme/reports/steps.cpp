#include "programme/reports/steps.hpp"

#include "gis_core/db/pool.hpp"
#include "gis_core/error.hpp"
#include "programme/parameters.hpp"
#include "programme/reports/sql/statements.hpp"
#include "programme/sql/statements.hpp"

#include <algorithm>

namespace programme::reports {
namespace {

std::optional<long long> figure(pqxx::row const& row, char const* column) {
    return row[column].is_null() ? std::nullopt : std::optional{row[column].as<long long>()};
}

std::size_t place_of(std::vector<Heading> const& list, std::string const& code) {
    return static_cast<std::size_t>(std::find_if(list.begin(), list.end(), [&](auto const& one) { return one.code == code; }) - list.begin());
}

}  // namespace

StepsReport steps(pqxx::transaction_base& tx, gis_core::db::Session& session, dictionary::Dictionary const& dictionary, StepsQuery const& query) {
    if (query.by != "state" && query.by != "unit" && query.by != "both") throw gis_core::invalid_field("by", query.by, "state, unit or both");
    if (query.to < query.from) throw gis_core::invalid_field("to", query.to.iso(), "a day not before from");
    StepsReport out;
    out.frame = resolve_frame(list_frames(tx, session), query.frame, query.to);
    std::vector<Heading> states, units;
    for (auto const& code : dictionary.find_list("dossier_state")->codes) states.push_back({code.code, code.label.vi, code.label.en});
    for (auto const& row : execute(tx, session, programme::sql::frame_units, Parameters{}.text(out.frame.level).text(out.frame.day.iso()))) {
        auto const name = row["name"].as<std::string>();
        units.push_back({row["code"].as<std::string>(), name, name});
    }
    units.push_back({"", "Chưa rõ địa bàn", "Place unknown"});
    auto const rows = execute(tx, session, sql::report_steps,
                              Parameters{}.text(out.frame.level).text(out.frame.day.iso()).text(query.by).text(query.from.iso()).text(query.to.iso()));
    for (auto const& row : rows) {
        StepTimes times;
        times.stays = row["stays"].as<long long>();
        times.open = row["open"].as<long long>();
        times.overdue = row["overdue"].as<long long>();
        times.median = figure(row, "median");
        times.p90 = figure(row, "p90");
        if (row["is_total"].as<bool>()) {
            out.total = times;
            continue;
        }
        if (query.by != "unit") times.state = states.at(place_of(states, row["state"].as<std::string>()));
        if (query.by != "state") times.unit = units.at(place_of(units, text_or_empty(row, "unit")));
        out.items.push_back(std::move(times));
    }
    std::sort(out.items.begin(), out.items.end(), [&](StepTimes const& a, StepTimes const& b) {
        return std::pair{place_of(states, a.state.code), place_of(units, a.unit.code)} <
               std::pair{place_of(states, b.state.code), place_of(units, b.unit.code)};
    });
    return out;
}

DeadlineList deadlines(pqxx::transaction_base& tx, gis_core::db::Session& session, gis_core::Date at, std::string const& kind, int limit) {
    if (!kind.empty() && kind != "step" && kind != "renewal" && kind != "withdrawal")
        throw gis_core::invalid_field("kind", kind, "step, renewal or withdrawal");
    Parameters parameters;
    parameters.text(at.iso());
    kind.empty() ? parameters.null() : parameters.text(kind);
    limit > 0 ? parameters.number(static_cast<long long>(limit)) : parameters.null();
    DeadlineList out;
    for (auto const& row : execute(tx, session, sql::report_deadlines, parameters)) {
        out.total = row["total"].as<long long>();
        out.overdue = row["overdue"].as<long long>();
        out.items.push_back({row["kind"].as<std::string>(), row["dossier_key"].as<long long>(), text_or_empty(row, "dossier_no"),
                             row["dossier_state"].as<std::string>(), row["product"].as<std::string>(), row["producer"].as<std::string>(),
                             text_or_empty(row, "commune"), row["since"].as<std::string>(), row["due_on"].as<std::string>(), row["days"].as<int>()});
    }
    return out;
}

}  // namespace programme::reports
